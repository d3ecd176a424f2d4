//! The three floods of what no block can take, each of which offers far more than an honest vote pays.

use super::{admit, transfer, unsigned, vote};
use crate::mempool::{Mempool, MempoolBounds};
use accounts::Endowment;
use primitives::{AccountId, Amount};
use runtime::{Transaction, testing};
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

/// Floods a pool with what `sent` gives for each account; then a validator votes for the least fee.
fn flood(sent: impl Fn(AccountId) -> Vec<Transaction>) -> Mempool {
    let mut genesis = testing::genesis();
    let balance = Amount(TOKEN);
    genesis.accounts.balances.extend((0..FLOODERS).map(|index| Endowment { account: flooder(index), balance }));
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
    let pool = flood(|who| (0..64).map(|nonce| unsigned(who, nonce, TOKEN, transfer(1))).collect());
    assert_eq!(pool.ready().count, FLOODERS as usize + 1, "what the balances pay for, and the vote");
}

#[test]
fn h02_a_flood_behind_calls_that_move_the_balance_away_keeps_no_vote_out() {
    let moving = |who| unsigned(who, 0, 10, transfer(TOKEN - 10));
    let behind = move |who| (1..64).map(move |nonce| unsigned(who, nonce, TOKEN, transfer(1)));
    let pool = flood(|who| std::iter::once(moving(who)).chain(behind(who)).collect());
    assert_eq!(pool.ready().count, FLOODERS as usize + 1, "the calls that move it, and the vote");
}
