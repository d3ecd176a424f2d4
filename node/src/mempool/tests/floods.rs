//! The three floods of what no block can take, each of which offers far more than an honest vote pays; and one of what takes the
//! room for signatures in few bytes.

use super::{admit, in_lane, transfer, unsigned, vote};
use crate::mempool::{Mempool, MempoolBounds};
use accounts::Endowment;
use parity_scale_codec::Encode as _;
use primitives::{AccountId, Amount, BuildHash, Text};
use runtime::{Genesis, Lane, Transaction, testing};
use state::State;

/// As a node has them that is told nothing else.
const BOUNDS: MempoolBounds = MempoolBounds { max_bytes: 64 << 20, max_count: 20_000, max_per_account: 64 };

/// As many accounts as it takes to fill the pool, each with a token.
const FLOODERS: u32 = 318;
const TOKEN: u64 = 1_000_000;

fn flooder(index: u32) -> AccountId {
    let mut account = [0xee; 32];
    account[..4].copy_from_slice(&index.to_be_bytes());
    AccountId(account)
}

/// A network in which each of them has a token.
fn with_flooders() -> Genesis {
    let mut genesis = testing::genesis();
    let balance = Amount(TOKEN);
    genesis.accounts.balances.extend((0..FLOODERS).map(|index| Endowment { account: flooder(index), balance }));
    genesis
}

/// Floods a pool with what `sent` gives for each account; then a validator votes for the least fee.
fn flood(sent: impl Fn(AccountId) -> Vec<Transaction>) -> Mempool {
    let genesis = with_flooders();
    let memory = genesis.build();
    let state = State::over(&memory);
    let mut pool = Mempool::new(BOUNDS);
    let flood: Vec<Transaction> = (0..FLOODERS).flat_map(|index| sent(flooder(index))).collect();
    assert!(flood.len() > BOUNDS.max_count);
    for transaction in flood {
        // Most of it is refused.
        let _ = admit(&mut pool, transaction, &state);
    }
    assert!(pool.apart().count <= BOUNDS.max_count / 20 && pool.apart().bytes <= BOUNDS.max_bytes / 20);

    let honest = unsigned(testing::validator(0).account(), 0, 10, vote("for"));
    assert!(admit(&mut pool, honest.clone(), &state).unwrap().ready);
    let most = genesis.chain.limits.max_block_transactions as usize;
    let candidates = pool.candidates(most);
    assert!(candidates.contains(&honest), "it is a candidate");
    let (block, _) = runtime::assemble(&memory, &testing::context(&genesis, 1), 0, candidates.clone());
    assert_eq!(block, candidates, "and the next block takes it, and whatever else is ready");
    pool
}

#[test]
fn h02_a_flood_with_a_gap_keeps_no_vote_out() {
    let pool = flood(|who| (1..=64).map(|nonce| unsigned(who, nonce, TOKEN, transfer(1))).collect());
    assert_eq!(pool.ready().count, 1, "the vote");
    assert_eq!(pool.apart().count, BOUNDS.max_count / 20);
}

#[test]
fn h02_a_flood_that_offers_one_balance_many_times_keeps_no_vote_out() {
    let lanes = |nonce| [Lane::Wallet, Lane::Node].map(|lane| (lane, nonce));
    let once = |who, (lane, nonce)| in_lane(lane, unsigned(who, nonce, TOKEN, transfer(1)));
    let pool = flood(|who| (0..32).flat_map(lanes).map(|turn| once(who, turn)).collect());
    assert_eq!(pool.ready().count, FLOODERS as usize + 1, "what the balances pay for, and the vote");
}

#[test]
fn h02_a_flood_behind_calls_that_move_the_balance_away_keeps_no_vote_out() {
    let moving = |who| unsigned(who, 0, 10, transfer(TOKEN - 10));
    let behind = move |who| (1..64).map(move |nonce| unsigned(who, nonce, TOKEN, transfer(1)));
    let pool = flood(|who| std::iter::once(moving(who)).chain(behind(who)).collect());
    assert_eq!(pool.ready().count, FLOODERS as usize + 1, "the calls that move it, and the vote");
}

#[test]
fn h04_a_flood_of_signatures_keeps_out_nobody_who_pays_more_for_the_same_share_of_a_block() {
    let genesis = with_flooders();
    let memory = genesis.build();
    let state = State::over(&memory);
    let limits = &genesis.chain.limits;
    let mut pool = Mempool::new(BOUNDS);
    // One signature in few bytes, of a roster that there is not.
    let leaves = testing::leave_roster(&genesis, 0, 99);
    let flood: Vec<Transaction> = (0..FLOODERS)
        .flat_map(|index| (0..4).map(move |nonce| (flooder(index), nonce)))
        .map(|(who, nonce)| unsigned(who, nonce, 100, leaves.clone()))
        .collect();
    for transaction in &flood {
        assert!(admit(&mut pool, transaction.clone(), &state).unwrap().ready);
    }
    let signatures_of = |taken: &[Transaction]| taken.iter().map(Transaction::signatures_inside).sum::<u64>();
    assert!(signatures_of(&flood) > u64::from(limits.max_block_signatures), "it fills the room for signatures");

    // Two signatures in many bytes, for a little more than twice as much.
    let mut release = testing::release_vote(&genesis, BuildHash([9; 32]), 2);
    release.manifest.notes = Text::new("x".repeat(1_000));
    let honest = unsigned(testing::validator(0).account(), 0, 210, testing::propose(release));
    assert_eq!(honest.signatures_inside(), 2);
    assert!(210 * flood[0].encoded_size() < 100 * honest.encoded_size(), "it pays less a byte of its own");
    assert!(admit(&mut pool, honest.clone(), &state).unwrap().ready);
    let candidates = pool.candidates(limits.max_block_transactions as usize);
    let (block, _) = runtime::assemble(&memory, &testing::context(&genesis, 1), 0, candidates);
    assert!(block.contains(&honest), "the next block takes it");
    assert_eq!(signatures_of(&block), u64::from(limits.max_block_signatures), "and fills the room with the flood");
}
