//! What the state machine costs, each number beside its floor from the same run.
//!
//! `cargo bench -p runtime --profile dev --bench execute`, and `-- votes` for the votes alone.
#![allow(clippy::restriction, reason = "a bench may stop where it fails")]
#![expect(clippy::disallowed_types, reason = "a bench reads the clock")]

use accounts::Endowment;
use primitives::{AccountId, Amount, BuildHash, Epoch, Height, Moment, SecretKey, Timestamp};
use rayon::prelude::*;
use runtime::{Call, Event, Genesis, Transaction, testing};
use staking::GenesisBond;
use state::{Apply as _, Decide as _};
use state::{Memory, State};
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    println!("{:<44} {:>12} {:>12} {:>8}", "what", "median", "best", "target");
    if std::env::args().all(|argument| argument != "votes") {
        block_of_votes(1_000);
    }
    for (voters, target) in [(7, 1_000), (100, 1_300)] {
        row(&format!("decide + apply a vote, {voters} voters"), one_vote(voters), &format!("{target} ns"));
    }
}

/// A block of signed votes against the signature checks alone, in alternating pairs.
fn block_of_votes(count: u16) {
    let voters: Vec<SecretKey> = (0..count).map(voter).collect();
    let (genesis, memory) = network_with_proposal(&voters);
    let context = testing::context(&genesis, 2);
    let votes: Vec<Transaction> = voters.iter().map(|key| testing::signed(&genesis, key, 0, vote())).collect();
    let pairs: Vec<(Duration, Duration)> = (0..31)
        .map(|_| {
            let checks = timed(|| votes.par_iter().map(Transaction::check_signature).collect::<Vec<_>>());
            let block = timed(|| runtime::execute(&memory, &context, &votes).unwrap());
            (checks, block)
        })
        .collect();
    let mut ratios: Vec<f64> = pairs.iter().map(|(checks, block)| block.as_secs_f64() / checks.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let (checks, blocks) = pairs.into_iter().unzip();
    row(&format!("check {count} signatures, all cores"), checks, "");
    row(&format!("execute a block of {count} signed votes"), blocks, "");
    println!("{:<44} {:>11.2}x {:>11.2}x {:>8}", "  ratio of each pair", ratios[ratios.len() / 2], ratios[0], "1.25x");
}

/// The mean of one first vote when every voter votes once, several times.
fn one_vote(count: u16) -> Vec<Duration> {
    let voters: Vec<SecretKey> = (0..count).map(voter).collect();
    let (_, memory) = network_with_proposal(&voters);
    let accounts: Vec<AccountId> = voters.iter().map(SecretKey::account).collect();
    let at = Moment { height: Height(2), epoch: Epoch(0), time: Timestamp(2), running: 2 };
    let call = vote();
    let rounds = 100_000 / u32::from(count);
    let mean = |_| {
        timed(|| {
            for _ in 0..rounds {
                let mut state = State::over(&memory);
                for who in &accounts {
                    let Event::Governance(event) = call.decide(&state, at, *who).unwrap() else { unreachable!() };
                    event.apply(&mut state, at);
                }
                black_box(&state);
            }
        }) / (rounds * u32::from(count))
    };
    (0..25).map(mean).collect()
}

fn voter(index: u16) -> SecretKey {
    let mut seed = [7; 32];
    seed[..2].copy_from_slice(&index.to_be_bytes());
    SecretKey::from_seed(&seed)
}

/// Every voter has its own bond to the first of at most 100 validators, which are the first voters; proposal 1 is open.
fn network_with_proposal(voters: &[SecretKey]) -> (Genesis, Memory) {
    let mut genesis = testing::genesis();
    genesis.staking.params.max_validators = 100;
    let validators: Vec<AccountId> = voters.iter().take(100).map(SecretKey::account).collect();
    for (index, key) in voters.iter().enumerate() {
        let account = key.account();
        let validator = if index < 100 { account } else { validators[index % 100] };
        genesis.accounts.balances.push(Endowment { account, balance: Amount(10_000) });
        genesis.staking.bonds.push(GenesisBond { account, validator, amount: Amount(1_000) });
    }
    genesis.check().unwrap();
    let mut memory = genesis.build();
    let proposal = testing::propose(testing::release_vote(&genesis, BuildHash([1; 32]), 2));
    let proposal = testing::signed(&genesis, &testing::validator(0), 0, proposal);
    let proposed = runtime::execute(&memory, &testing::context(&genesis, 1), &[proposal]);
    memory.commit(proposed.unwrap().writes);
    (genesis, memory)
}

fn vote() -> Call {
    testing::vote(1, governance::Choice::Yes, None)
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn row(what: &str, mut times: Vec<Duration>, target: &str) {
    times.sort();
    println!("{what:<44} {:>12.3?} {:>12.3?} {target:>8}", times[times.len() / 2], times[0]);
}
