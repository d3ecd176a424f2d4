//! Stories of the pool.

use super::{Mempool, MempoolBounds};
use primitives::{Amount, Epoch, Height, Moment, Timestamp};
use rpc::SubmitError;
use runtime::{Payload, Transaction, TxError, testing};
use state::State;

const NEXT: Moment = Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(0) };

fn pool(max_count: usize) -> Mempool {
    Mempool::new(MempoolBounds { max_bytes: 1 << 20, max_count, max_per_account: 4 })
}

fn transaction(holder: u8, nonce: u64, fee: u64) -> Transaction {
    let key = testing::holder(holder);
    let call = testing::transfer(testing::validator(0).account(), 1);
    let usual = testing::signed(&testing::genesis(), &key, nonce, call).payload;
    Payload { fee: Amount(fee), ..usual }.sign(&key)
}

fn nonces(pool: &Mempool, state: &State) -> Vec<(u64, u64)> {
    pool.candidates(state, 100).iter().map(|tx| (tx.payload.fee.0, tx.payload.nonce)).collect()
}

#[test]
fn an_account_queues_by_nonce_and_the_better_fee_goes_first() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(100);
    for (holder, nonce, fee) in [(0, 1, 90), (0, 0, 20), (1, 0, 30), (1, 2, 99)] {
        pool.admit(transaction(holder, nonce, fee), &state, NEXT).unwrap();
    }
    assert_eq!(nonces(&pool, &state), [(30, 0), (20, 0), (90, 1)], "nonce 2 waits for nonce 1");
    assert_eq!(pool.next_nonce(&testing::holder(0).account(), 0), Some(2));
}

#[test]
fn a_replacement_must_pay_a_tenth_more() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(100);
    pool.admit(transaction(0, 0, 100), &state, NEXT).unwrap();
    let refused = pool.admit(transaction(0, 0, 109), &state, NEXT);
    assert_eq!(refused, Err(SubmitError::ReplacementFee { nonce: 0, need: Amount(110) }));
    pool.admit(transaction(0, 0, 110), &state, NEXT).unwrap();
    assert_eq!((pool.count(), nonces(&pool, &state)), (1, vec![(110, 0)]));
}

#[test]
fn a_full_pool_drops_the_cheapest_for_a_better_one_and_refuses_a_worse_one() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(2);
    pool.admit(transaction(0, 0, 20), &state, NEXT).unwrap();
    pool.admit(transaction(1, 0, 40), &state, NEXT).unwrap();
    assert_eq!(pool.admit(transaction(2, 0, 15), &state, NEXT), Err(SubmitError::PoolFull { least: Amount(20) }));
    pool.admit(transaction(2, 0, 30), &state, NEXT).unwrap();
    assert_eq!(nonces(&pool, &state), [(40, 0), (30, 0)]);
}

#[test]
fn what_no_block_could_take_is_refused_with_its_own_error() {
    let memory = testing::genesis().build();
    let state = State::over(&memory);
    let mut pool = pool(100);
    pool.admit(transaction(0, 0, 100), &state, NEXT).unwrap();
    let refused = |pool: &mut Mempool, transaction| pool.admit(transaction, &state, NEXT).unwrap_err();
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
        pool.admit(transaction(0, nonce, 100), &State::over(&memory), NEXT).unwrap();
    }
    let taken = pool.candidates(&State::over(&memory), 2);
    let executed = runtime::execute(&memory, &testing::context(&genesis, 1), &taken).unwrap();
    memory.commit(executed.writes);
    let later = |height| Moment { height: Height(height), ..NEXT };
    assert_eq!(pool.recheck(&State::over(&memory), later(2)), 2);
    assert_eq!(nonces(&pool, &State::over(&memory)), [(100, 2)]);
    assert_eq!(pool.recheck(&State::over(&memory), later(51)), 1, "its last block was 50");
    assert_eq!((pool.count(), pool.bytes()), (0, 0));
}

#[test]
fn the_pool_is_empty_of_an_account_that_cannot_pay() {
    let mut genesis = testing::genesis();
    genesis.accounts.balances.retain(|endowment| endowment.account != testing::holder(0).account());
    let memory = genesis.build();
    let refused = pool(9).admit(transaction(0, 0, 100), &State::over(&memory), NEXT);
    assert!(matches!(refused, Err(SubmitError::Invalid(TxError::CannotPayFee { .. }))));
}
