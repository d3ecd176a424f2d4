//! Stories of the pool.

mod floods;
mod lanes;
mod model;

use super::{Admitted, Load, Mempool, MempoolBounds, Waiting, line::Line};
use accounts::Account;
use primitives::{AccountId, Amount, Epoch, Height, Moment, Signature, Timestamp, TransactionHash};
use rpc::SubmitError;
use rpc::views::Dropped;
use runtime::{Call, Lane, Limits, NextBlock, Payload, Transaction, TxError, testing};
use state::State;
use std::sync::LazyLock;

const NEXT: Moment =
    Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(0), running: 0, level: runtime::LEVEL };

fn pool(max_count: usize) -> Mempool {
    Mempool::new(MempoolBounds { max_bytes: 1 << 20, max_count, max_per_account: 4 })
}

fn transfer(amount: u64) -> Call {
    testing::transfer(testing::validator(0).account(), amount)
}

fn vote(reason: &str) -> Call {
    testing::vote(1, governance::Choice::Yes, Some(reason))
}

fn payload(account: AccountId, nonce: u64, fee: u64, call: Call) -> Payload {
    let chain_id = testing::genesis().chain.chain_id;
    Payload { chain_id, account, lane: Lane::Wallet, nonce, expires_at: Height(50), fee: Amount(fee), call }
}

/// The pool asks for no signature: whoever calls it has checked that.
fn unsigned(account: AccountId, nonce: u64, fee: u64, call: Call) -> Transaction {
    Transaction { payload: payload(account, nonce, fee, call), signature: Signature([0; 64]) }
}

/// The same in a lane that is given.
fn in_lane(lane: Lane, unsigned: Transaction) -> Transaction {
    let Transaction { payload, signature } = unsigned;
    Transaction { payload: Payload { lane, ..payload }, signature }
}

fn transaction(holder: u8, nonce: u64, fee: u64) -> Transaction {
    let key = testing::holder(holder);
    payload(key.account(), nonce, fee, transfer(1)).sign(&key)
}

fn waiting(transaction: Transaction) -> Waiting {
    static LIMITS: LazyLock<Limits> = LazyLock::new(|| testing::genesis().chain.limits);
    Waiting::of(transaction, &LIMITS)
}

fn admit(pool: &mut Mempool, transaction: Transaction, state: &State) -> Result<Admitted, SubmitError> {
    pool.admit(waiting(transaction), state, &NextBlock::over(state, NEXT))
}

fn recheck(pool: &mut Mempool, state: &State, at: Moment) -> usize {
    pool.recheck(state, &NextBlock::over(state, at))
}

fn candidates(pool: &Mempool) -> Vec<(u64, u64)> {
    pool.candidates(100).iter().map(|tx| (tx.payload.fee.0, tx.payload.nonce)).collect()
}

#[test]
fn an_account_queues_by_nonce_and_the_better_fee_goes_first() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(100);
    for (holder, nonce, fee) in [(0, 1, 90), (0, 0, 20), (1, 0, 30), (1, 2, 99)] {
        admit(&mut pool, transaction(holder, nonce, fee), &state).unwrap();
    }
    assert_eq!(candidates(&pool), [(30, 0), (20, 0), (90, 1)], "nonce 2 waits for nonce 1");
    assert_eq!(pool.next_nonce(&testing::holder(0).account(), Lane::Wallet, 0), Some(2));
}

#[test]
fn a_replacement_must_pay_a_tenth_more() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(100);
    admit(&mut pool, transaction(0, 0, 100), &state).unwrap();
    let refused = admit(&mut pool, transaction(0, 0, 109), &state);
    assert_eq!(refused, Err(SubmitError::ReplacementFee { lane: Lane::Wallet, nonce: 0, need: Amount(110) }));
    admit(&mut pool, transaction(0, 0, 110), &state).unwrap();
    assert_eq!((pool.count(), candidates(&pool)), (1, vec![(110, 0)]));
}

#[test]
fn a_full_pool_drops_the_cheapest_for_a_better_one_and_refuses_a_worse_one() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(2);
    admit(&mut pool, transaction(0, 0, 20), &state).unwrap();
    admit(&mut pool, transaction(1, 0, 40), &state).unwrap();
    assert_eq!(admit(&mut pool, transaction(2, 0, 15), &state), Err(SubmitError::PoolFull { least: Amount(20) }));
    admit(&mut pool, transaction(2, 0, 30), &state).unwrap();
    assert_eq!(candidates(&pool), [(40, 0), (30, 0)]);
}

#[test]
fn what_no_block_could_take_is_refused_with_its_own_error() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(100);
    admit(&mut pool, transaction(0, 0, 100), &state).unwrap();
    let refused = |pool: &mut Mempool, transaction| admit(pool, transaction, &state).unwrap_err();
    assert_eq!(refused(&mut pool, transaction(0, 0, 100)), SubmitError::Known);
    assert!(matches!(refused(&mut pool, transaction(0, 4, 100)), SubmitError::AccountFull { most: 4, .. }));
    assert!(matches!(refused(&mut pool, transaction(0, 1, 1)), SubmitError::Invalid(TxError::FeeTooLow { .. })));
    let mut foreign = transaction(0, 1, 100);
    foreign.payload.chain_id = "elsewhere".parse().unwrap();
    assert!(matches!(refused(&mut pool, foreign), SubmitError::Invalid(TxError::WrongChain { .. })));
    assert_eq!(pool.count(), 1);
}

#[test]
fn a_block_takes_out_what_it_included_and_what_has_expired() {
    let genesis = testing::genesis();
    let mut memory = genesis.build();
    let mut pool = pool(100);
    for nonce in 0..3 {
        admit(&mut pool, transaction(0, nonce, 100), &State::over(&memory)).unwrap();
    }
    let taken = pool.candidates(2);
    let executed = runtime::execute(&memory, &testing::context(&genesis, 1), &taken).unwrap();
    memory.commit(executed.writes);
    let later = |height| Moment { height: Height(height), ..NEXT };
    assert_eq!(recheck(&mut pool, &State::over(&memory), later(2)), 2);
    assert_eq!(candidates(&pool), [(100, 2)]);
    assert_eq!(recheck(&mut pool, &State::over(&memory), later(51)), 1, "its last block was 50");
    assert_eq!((pool.count(), pool.ready()), (0, Load::default()));
}

#[test]
fn a_line_stands_until_a_block_or_time_takes_a_turn_of_it_or_may_bring_one() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let account = accounts::queries::account(&state, &testing::holder(0).account());
    let mut line = Line::default();
    for nonce in 0..2 {
        let next = waiting(transaction(0, nonce, 100));
        let spot = line.spot(&next, &account, &state).unwrap();
        line.insert(next, Some(spot));
    }
    let stands = |line: &Line, account: Account, height| {
        let next = Moment { height: Height(height), ..NEXT };
        line.stands(account, &state, next)
    };
    // The first spends its fee and the token that it moves, the second has to find its fee.
    let with = |free| Account { free: Amount(free), ..account.clone() };
    assert!(stands(&line, account.clone(), 50) && stands(&line, with(201), 1));
    assert!(!stands(&line, account.clone(), 51), "its last block was 50");
    assert!(!stands(&line, with(200), 1), "not enough is left");
    assert!(!stands(&line, account.clone().counted(Lane::Wallet), 1), "the first is in a block");
    let mut far = waiting(transaction(0, 3, 100));
    far.wait_apart(TxError::NonceTooHigh { lane: Lane::Wallet, expected: 2, found: 3 }, &mut 0);
    line.insert(far, None);
    assert!(!stands(&line, account, 1), "a block may bring the turn of what waits apart");
}

#[test]
fn the_pool_is_empty_of_an_account_that_cannot_pay() {
    let mut genesis = testing::genesis();
    genesis.accounts.balances.retain(|endowment| endowment.account != testing::holder(0).account());
    let memory = genesis.build();
    let refused = admit(&mut pool(9), transaction(0, 0, 100), &State::over(&memory));
    assert!(matches!(refused, Err(SubmitError::Invalid(TxError::CannotPayFee { .. }))));
}

/// Whether each of some transactions is ready, in their order.
fn ready(pool: &Mempool, of: &[TransactionHash]) -> Vec<bool> {
    of.iter().map(|hash| pool.encoded(hash).is_some()).collect()
}

#[test]
fn h02_what_is_not_ready_waits_apart_and_is_told_once_its_turn_has_come() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(100);
    let late = admit(&mut pool, transaction(0, 1, 90), &state).unwrap();
    assert!(!late.ready && pool.take_ready().is_empty());
    assert_eq!((pool.ready().count, pool.apart().count, candidates(&pool)), (0, 1, vec![]));
    assert_eq!(pool.encoded(&late.hash), None, "nobody is given what waits apart");
    assert!(pool.find(&late.hash).is_some() && pool.find(&TransactionHash([0; 32])).is_none());
    let first = admit(&mut pool, transaction(0, 0, 20), &state).unwrap();
    assert!(first.ready);
    assert_eq!(pool.take_ready(), [first.hash, late.hash]);
    assert_eq!((pool.ready().count, pool.apart().count, pool.take_ready()), (2, 0, vec![]));
}

#[test]
fn h02_the_balance_covers_what_is_ready_one_after_the_other_and_a_block_brings_the_turn_of_the_rest() {
    let genesis = testing::genesis();
    let mut memory = genesis.build();
    let mut pool = pool(100);
    let (key, to) = (testing::holder(0), testing::holder(1).account());
    let send = |nonce, amount| payload(key.account(), nonce, 100, testing::transfer(to, amount)).sign(&key);
    // Of two million, the second would leave nothing for the third.
    let all = [send(0, 1_000_000), send(1, 999_800), send(2, 1)]
        .map(|transaction| admit(&mut pool, transaction, &State::over(&memory)).unwrap().hash);
    assert_eq!(ready(&pool, &all), [true, true, false]);
    // With more, it has its turn.
    let other = testing::validator(3);
    let gift = payload(other.account(), 0, 10, testing::transfer(key.account(), 500)).sign(&other);
    let executed = runtime::execute(&memory, &testing::context(&genesis, 1), &[gift]).unwrap();
    memory.commit(executed.writes);
    pool.take_ready();
    assert_eq!(recheck(&mut pool, &State::over(&memory), Moment { height: Height(2), ..NEXT }), 0);
    assert_eq!((ready(&pool, &all), pool.take_ready()), (vec![true; 3], vec![all[2]]));
    // A replacement that may spend all takes the turn of those behind it.
    let replaced = payload(key.account(), 0, 200, transfer(1_999_000)).sign(&key);
    admit(&mut pool, replaced, &State::over(&memory)).unwrap();
    assert_eq!(pool.dropped(&all[0]).map(ToString::to_string).map(|why| why.contains("replaced it")), Some(true));
    assert_eq!((ready(&pool, &all[1..]), pool.ready().count, pool.apart().count), (vec![true, false], 2, 1));
}

#[test]
fn h02_four_of_an_account_wait_apart_those_nearest_to_their_turn() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = Mempool::new(MempoolBounds { max_bytes: 1 << 20, max_count: 1_000, max_per_account: 64 });
    let far: Vec<_> = (10..14).map(|nonce| admit(&mut pool, transaction(0, nonce, 20), &state).unwrap().hash).collect();
    let refused = admit(&mut pool, transaction(0, 14, 1_000), &state);
    assert!(matches!(refused, Err(SubmitError::AccountFull { most: 4, .. })), "{refused:?}");
    admit(&mut pool, transaction(0, 9, 20), &state).unwrap();
    let why = pool.dropped(&far[3]);
    let too_high = TxError::NonceTooHigh { lane: Lane::Wallet, expected: 0, found: 13 };
    assert_eq!(why, Some(&Dropped::Invalid(too_high)));
    assert_eq!((pool.ready().count, pool.apart().count), (0, 4));
}

#[test]
fn h02_a_twentieth_waits_apart_and_the_longest_there_gives_way() {
    let mut genesis = testing::genesis();
    let account = |index: u8| AccountId([index; 32]);
    let endow = |index| accounts::Endowment { account: account(index), balance: Amount(1_000) };
    genesis.accounts.balances.extend((0..4).map(endow));
    let memory = genesis.build();
    let state = State::over(&memory);
    let mut pool = pool(60);
    let holder = admit(&mut pool, transaction(0, 0, 20), &state).unwrap();
    let apart = [0, 1, 2, 3].map(|index| {
        let transaction = unsigned(account(index), 1, 999, transfer(1));
        admit(&mut pool, transaction, &state).unwrap().hash
    });
    assert_eq!((pool.ready().count, pool.apart().count), (1, 3));
    assert!(!pool.contains(&apart[0]) && apart[1..].iter().all(|hash| pool.contains(hash)));
    assert!(pool.contains(&holder.hash), "whatever they offer");
    // The pool keeps nothing apart that a twentieth of its bytes could not hold.
    let mut small = Mempool::new(MempoolBounds { max_bytes: 2_000, max_count: 60, max_per_account: 4 });
    let refused = admit(&mut small, transaction(0, 1, 90), &state);
    assert_eq!(refused, Err(TxError::NonceTooHigh { lane: Lane::Wallet, expected: 0, found: 1 }.into()));
}

#[test]
fn h02_who_stands_behind_a_cheap_transaction_bids_no_more_than_it() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(3);
    let dear_behind_cheap = [(0, 0, 20), (0, 1, 90_000)];
    let hashes = dear_behind_cheap
        .map(|(holder, nonce, fee)| admit(&mut pool, transaction(holder, nonce, fee), &state).unwrap().hash);
    admit(&mut pool, transaction(1, 0, 50), &state).unwrap();
    admit(&mut pool, transaction(2, 0, 30), &state).unwrap();
    assert_eq!(pool.dropped(&hashes[1]), Some(&Dropped::Outbid), "blocks would come to it after 20");
    let refused = admit(&mut pool, transaction(0, 1, 90_000), &state);
    assert_eq!(refused, Err(SubmitError::PoolFull { least: Amount(30) }));
    admit(&mut pool, transaction(1, 1, 40), &state).unwrap();
    assert_eq!(candidates(&pool), [(50, 0), (40, 1), (30, 0)]);
}

#[test]
fn h02_a_full_pool_makes_room_by_bytes_for_what_pays_more_a_byte_or_for_nothing() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let long = |fee| unsigned(testing::holder(1).account(), 0, fee, vote(&"x".repeat(900)));
    let bytes = |transaction: Transaction| waiting(transaction).bytes;
    let max_bytes = bytes(long(0)) + 100;
    let mut pool = Mempool::new(MempoolBounds { max_bytes, max_count: 100, max_per_account: 4 });
    let small = [transaction(0, 0, 50), transaction(0, 1, 40)];
    let kept = small.map(|small| admit(&mut pool, small, &state).unwrap().hash);
    // More a byte than the second, which alone does not make room.
    let between = 45 * bytes(long(0)) / bytes(transaction(0, 0, 50));
    let refused = admit(&mut pool, long(between as u64), &state);
    let Err(SubmitError::PoolFull { least }) = refused else { panic!("{refused:?}") };
    assert_eq!(ready(&pool, &kept), [true, true], "nobody went in vain");
    assert_eq!(least.0 as usize, (50 * bytes(long(0))).div_ceil(bytes(transaction(0, 0, 50))));
    admit(&mut pool, long(least.0 + 1), &state).unwrap();
    assert_eq!(kept.map(|hash| pool.dropped(&hash).cloned()), [Some(Dropped::Outbid), Some(Dropped::Outbid)]);
}

#[test]
fn h02_a_replacement_pays_no_less_a_byte() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(100);
    let who = testing::holder(0).account();
    let first = unsigned(who, 0, 100, vote("yes"));
    admit(&mut pool, first.clone(), &state).unwrap();
    let longer = |fee| unsigned(who, 0, fee, vote(&"y".repeat(600)));
    let have = waiting(first).weight;
    let need = (100 * waiting(longer(0)).weight).div_ceil(have);
    assert!(need > 110);
    let refused = admit(&mut pool, longer(need - 1), &state);
    assert_eq!(refused, Err(SubmitError::ReplacementFee { lane: Lane::Wallet, nonce: 0, need: Amount(need) }));
    admit(&mut pool, longer(need), &state).unwrap();
}
