//! What votes on stake cost, one by one and as a block.

use crate::measure::{beside, means, row};
use accounts::Endowment;
use primitives::{AccountId, Amount, BuildHash, Epoch, Height, Moment, SecretKey, Timestamp};
use rayon::prelude::*;
use runtime::{Call, Event, Genesis, Transaction, testing};
use staking::GenesisBond;
use state::{Apply as _, Decide as _, Memory, State};
use std::hint::black_box;
use std::time::Duration;

/// A block of signed votes against the signature checks alone.
pub fn block(count: u16) {
    let voters: Vec<SecretKey> = (0..count).map(voter).collect();
    let (genesis, memory) = network_with_proposal(&voters);
    let context = testing::context(&genesis, 2);
    let votes: Vec<Transaction> = voters.iter().map(|key| testing::signed(&genesis, key, 0, vote())).collect();
    let floor = format!("check {count} signatures, all cores");
    let work = format!("execute a block of {count} signed votes");
    let execute = || runtime::execute(&memory, &context, &votes).unwrap();
    beside((floor.as_str(), || check(&votes)), (work.as_str(), execute), "1.25x");
}

/// A vote when every voter votes once.
pub fn one_by_one() {
    for (voters, target) in [(7, 1_000), (100, 1_300)] {
        row(&format!("decide + apply a vote, {voters} voters"), one_vote(voters), &format!("{target} ns"));
    }
}

/// Checks the signatures of transactions, on all cores.
pub fn check(transactions: &[Transaction]) -> bool {
    transactions.par_iter().map(Transaction::check_signature).collect::<Vec<_>>().iter().all(Result::is_ok)
}

/// Decides a ballot and applies it.
pub fn cast(call: &Call, state: &mut State, at: Moment, who: AccountId) {
    let Event::Governance(event) = call.decide(state, at, who).unwrap() else { unreachable!() };
    event.apply(state, at);
}

pub fn voter(index: u16) -> SecretKey {
    let mut seed = [7; 32];
    seed[..2].copy_from_slice(&index.to_be_bytes());
    SecretKey::from_seed(&seed)
}

fn one_vote(count: u16) -> Vec<Duration> {
    let voters: Vec<SecretKey> = (0..count).map(voter).collect();
    let (_, memory) = network_with_proposal(&voters);
    let accounts: Vec<AccountId> = voters.iter().map(SecretKey::account).collect();
    let at = Moment { height: Height(2), epoch: Epoch(0), time: Timestamp(2), running: 2, level: 0 };
    let call = vote();
    let rounds = 100_000 / u32::from(count);
    means(rounds * u32::from(count), || {
        for _ in 0..rounds {
            let mut state = State::over(&memory);
            accounts.iter().for_each(|who| cast(&call, &mut state, at, *who));
            black_box(&state);
        }
    })
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
