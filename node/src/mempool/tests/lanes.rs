//! Stories of the two lanes of an account, which have nonces of their own and one balance.

use super::{admit, candidates, in_lane, payload, pool, ready, transfer, unsigned, vote};
use crate::mempool::{Mempool, MempoolBounds};
use accounts::Endowment;
use primitives::{AccountId, Amount, BuildHash, TransactionHash};
use releases::InstallStage;
use rpc::SubmitError;
use rpc::views::Dropped;
use runtime::{Lane, Transaction, TxError, testing};
use state::{Memory, State};

/// An account that has 1,000 tokens.
const POOR: AccountId = AccountId([7; 32]);

fn with_poor() -> Memory {
    let mut genesis = testing::genesis();
    genesis.accounts.balances.push(Endowment { account: POOR, balance: Amount(1_000) });
    genesis.build()
}

/// What a holder's wallet sends, and its node.
fn sent(lane: Lane, holder: u8, nonce: u64, fee: u64) -> Transaction {
    in_lane(lane, unsigned(testing::holder(holder).account(), nonce, fee, transfer(1)))
}

fn all_admitted<const N: usize>(
    pool: &mut Mempool,
    state: &State,
    transactions: [Transaction; N],
) -> [TransactionHash; N] {
    transactions.map(|transaction| admit(pool, transaction, state).unwrap().hash)
}

#[test]
fn what_a_wallet_has_prepared_still_comes_into_a_block_after_its_node_sent_three_words() {
    let genesis = testing::genesis();
    let mut memory = genesis.build();
    let mut pool = pool(100);
    let key = testing::validator(0);
    let prepared = payload(key.account(), 0, 20, transfer(1)).sign(&key);
    for (nonce, stage) in (0..).zip([InstallStage::Staged, InstallStage::Booted, InstallStage::Healthy]) {
        let mut word = payload(key.account(), nonce, 30, testing::report(BuildHash([0xaa; 32]), stage));
        word.lane = Lane::Node;
        assert!(admit(&mut pool, word.sign(&key), &State::over(&memory)).unwrap().ready);
        assert_eq!(pool.next_nonce(&key.account(), Lane::Node, 0), Some(nonce + 1));
    }
    assert_eq!(pool.next_nonce(&key.account(), Lane::Wallet, 0), None);
    assert!(admit(&mut pool, prepared.clone(), &State::over(&memory)).unwrap().ready);
    let (block, executed) = runtime::assemble(&memory, &testing::context(&genesis, 1), 0, pool.candidates(100));
    assert_eq!(block.len(), 4);
    assert!(block.contains(&prepared));
    memory.commit(executed.writes);
    let after = accounts::queries::account(&State::over(&memory), &key.account());
    assert_eq!((after.nonce, after.node_nonce), (1, 3));
}

#[test]
fn only_what_is_of_the_same_lane_is_a_rival_for_a_nonce() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(100);
    let both = all_admitted(&mut pool, &state, [sent(Lane::Wallet, 0, 0, 100), sent(Lane::Node, 0, 0, 50)]);
    let refused = admit(&mut pool, sent(Lane::Node, 0, 0, 54), &state);
    assert_eq!(refused, Err(SubmitError::ReplacementFee { lane: Lane::Node, nonce: 0, need: Amount(55) }));
    admit(&mut pool, sent(Lane::Node, 0, 0, 55), &state).unwrap();
    assert_eq!((ready(&pool, &both), candidates(&pool)), (vec![true, false], vec![(100, 0), (55, 0)]));
}

#[test]
fn no_lane_waits_for_what_pays_less_in_the_other() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(100);
    all_admitted(&mut pool, &state, [sent(Lane::Wallet, 0, 0, 20), sent(Lane::Wallet, 0, 1, 30)]);
    admit(&mut pool, sent(Lane::Node, 0, 0, 90), &state).unwrap();
    assert_eq!(candidates(&pool), [(90, 0), (20, 0), (30, 1)]);
    all_admitted(&mut pool, &state, [sent(Lane::Node, 0, 1, 15), sent(Lane::Wallet, 0, 2, 40)]);
    assert_eq!(candidates(&pool), [(90, 0), (20, 0), (30, 1), (40, 2), (15, 1)]);
    // Each lane in its order all the same.
    admit(&mut pool, sent(Lane::Node, 0, 2, 900), &state).unwrap();
    assert_eq!(candidates(&pool)[4..], [(15, 1), (900, 2)]);
}

#[test]
fn in_a_full_pool_the_cheap_one_of_a_wallet_gives_way_to_the_dear_word_of_its_node() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(3);
    let places = [sent(Lane::Wallet, 0, 0, 20), sent(Lane::Wallet, 1, 0, 50), sent(Lane::Wallet, 2, 0, 30)];
    let [cheap, ..] = all_admitted(&mut pool, &state, places);
    let worse = admit(&mut pool, sent(Lane::Node, 0, 0, 19), &state);
    assert_eq!(worse, Err(SubmitError::PoolFull { least: Amount(30) }), "behind it nobody bids less");
    admit(&mut pool, sent(Lane::Node, 0, 0, 90), &state).unwrap();
    assert_eq!(pool.dropped(&cheap), Some(&Dropped::Outbid));
    assert_eq!(candidates(&pool), [(90, 0), (50, 0), (30, 0)]);
}

#[test]
fn h02_one_balance_pays_for_both_lanes_and_a_newcomer_takes_no_turn_of_what_is_ready() {
    let memory = with_poor();
    let state = State::over(&memory);
    let mut pool = pool(100);
    let first = unsigned(POOR, 0, 600, transfer(1));
    let dearer = in_lane(Lane::Node, unsigned(POOR, 0, 700, transfer(1)));
    let both = all_admitted(&mut pool, &state, [first, dearer]);
    assert_eq!(ready(&pool, &both), [true, false], "whichever comes to be ready first");
    let word = admit(&mut pool, in_lane(Lane::Node, unsigned(POOR, 0, 800, transfer(1))), &state).unwrap();
    assert!(!word.ready, "whatever it offers");
    assert!(matches!(pool.dropped(&both[1]), Some(Dropped::Replaced { .. })));
    assert_eq!((pool.ready().count, pool.apart().count), (1, 1));
}

#[test]
fn h02_what_waited_for_the_tokens_of_the_other_lane_has_its_turn_once_that_gave_way() {
    let memory = with_poor();
    let state = State::over(&memory);
    let mut pool = Mempool::new(MempoolBounds { max_bytes: 1 << 20, max_count: 20, max_per_account: 64 });
    // Little a byte, and more than half of the balance.
    let long = unsigned(POOR, 0, 500, vote(&"x".repeat(1_000)));
    let word = in_lane(Lane::Node, unsigned(POOR, 0, 600, transfer(1)));
    let [long, word] = all_admitted(&mut pool, &state, [long, word]);
    for nonce in 0..19 {
        admit(&mut pool, sent(Lane::Wallet, 1, nonce, 200), &state).unwrap();
    }
    assert_eq!((ready(&pool, &[long, word]), pool.ready().count), (vec![true, false], 20));
    let newcomer = admit(&mut pool, sent(Lane::Wallet, 2, 0, 210), &state).unwrap();
    assert_eq!(pool.dropped(&long), Some(&Dropped::Outbid));
    assert_eq!((ready(&pool, &[newcomer.hash, word]), pool.ready().count), (vec![true, true], 20));
    assert_eq!(pool.next_nonce(&testing::holder(1).account(), Lane::Wallet, 0), Some(18), "its last one gave way");
}

#[test]
fn h02_four_of_an_account_wait_apart_in_both_lanes_together() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = Mempool::new(MempoolBounds { max_bytes: 1 << 20, max_count: 1_000, max_per_account: 64 });
    let far = all_admitted(&mut pool, &state, [5, 6, 7, 8].map(|nonce| sent(Lane::Wallet, 0, nonce, 20)));
    let refused = admit(&mut pool, sent(Lane::Node, 0, 9, 20), &state);
    assert!(matches!(refused, Err(SubmitError::AccountFull { most: 4, .. })), "{refused:?}");
    admit(&mut pool, sent(Lane::Node, 0, 3, 20), &state).unwrap();
    let too_high = TxError::NonceTooHigh { lane: Lane::Wallet, expected: 0, found: 8 };
    assert_eq!(pool.dropped(&far[3]), Some(&Dropped::Invalid(too_high)));
    assert_eq!((pool.ready().count, pool.apart().count), (0, 4));
}
