//! The laws themselves, each counted from raw storage and not by the questions the rules ask.

use crate::cells::{ACCOUNTS, AGENDA, BONDS, INDEX, KEYS, POWER, UNBONDING};
use crate::network::{Done, Network};
use governance::{Status, Tally};
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{AccountId, Amount, Epoch, ProposalId};
use runtime::{Cause, Error, Event, Motion, execute};
use serde::{Serialize, de::DeserializeOwned};
use state::{Memory, State};
use std::collections::{BTreeMap, BTreeSet};

/// Bonds by account and validator.
type Bonds = BTreeMap<(AccountId, AccountId), Amount>;

fn bonds_at(state: &State, epoch: Epoch) -> Bonds {
    let all = BONDS.iter(state).flat_map(|(who, bonds)| bonds.into_iter().map(move |bond| (who, bond)));
    all.map(|(who, bond)| ((who, bond.validator), bond.history.at(epoch))).filter(|(_, amount)| amount.0 > 0).collect()
}

/// What was seen in earlier blocks.
#[derive(Default)]
pub struct Memo {
    supply: Option<Amount>,
    bonds: BTreeMap<Epoch, Bonds>,
    closed: BTreeMap<ProposalId, (Status, Tally)>,
}

impl Memo {
    pub fn check(&mut self, network: &Network) {
        let (state, now) = (network.state(), network.epoch());
        let supply = accounts::queries::supply(&state);
        assert_eq!(*self.supply.get_or_insert(supply), supply, "supply is conserved");
        self.bonds.entry(now).or_insert_with(|| bonds_at(&state, now));
        let oldest = now.minus(network.genesis.staking.params.remembered_epochs);
        self.bonds.retain(|epoch, _| *epoch >= oldest);
        for (epoch, bonds) in &self.bonds {
            assert_eq!(bonds_at(&state, *epoch), *bonds, "what is in force in an epoch that began never changes");
        }
        powers_are_sums_of_bonds(&state, oldest, now.next());
        holds_are_bonds_unbonding_and_deposits(&state, now);
        for id in 1..=governance::queries::latest(&state).0 {
            self.check_proposal(&state, ProposalId(id));
        }
        live_proposals_and_nothing_else_are_on_the_agenda_and_found(&state, now);
    }

    fn check_proposal(&mut self, state: &State, id: ProposalId) {
        let poll = governance::queries::poll(state, id);
        let seen = (poll.status, poll.tally);
        if let Some((status, tally)) = self.closed.insert(id, seen) {
            let forward = match status {
                Status::Open => true, // Also to cancelled: another proposal may stop it.
                Status::Passed => matches!(poll.status, Status::Passed | Status::Activated | Status::Cancelled),
                ended => ended == poll.status,
            };
            assert!(forward, "proposal {id} went from {status} to {}", poll.status);
            assert!(status == Status::Open || tally == poll.tally, "a closed tally changed");
        }
        if poll.status == Status::Open {
            let bonds = self.bonds.get(&poll.electorate.epoch()).expect("a snapshot is remembered while it votes");
            assert_eq!(poll.electorate.total(), bonds.values().copied().sum());
            tally_is_that_of_all_ballots(state, id, &poll.tally, bonds);
        }
    }
}

/// From scratch: each bond counts once, with its owner's ballot, else with its validator's.
fn tally_is_that_of_all_ballots(state: &State, id: ProposalId, kept: &Tally, bonds: &Bonds) {
    let ballots: BTreeMap<AccountId, governance::Ballot> =
        governance::queries::ballots(state, id).map(|ballot| (ballot.voter, ballot)).collect();
    let (mut tally, mut weights) = (Tally::default(), BTreeMap::<AccountId, Amount>::new());
    for ((owner, validator), amount) in bonds {
        if let Some(ballot) = ballots.get(owner).or(ballots.get(validator)) {
            tally.add(ballot.choice, *amount);
            let weight = weights.entry(ballot.voter).or_default();
            *weight = weight.saturating_add(*amount);
        }
    }
    assert_eq!(*kept, tally, "the tally by increments is the tally from scratch");
    for (voter, ballot) in ballots {
        assert_eq!(ballot.weight, weights.get(&voter).copied().unwrap_or_default(), "the weight of {voter}");
    }
}

fn powers_are_sums_of_bonds(state: &State, oldest: Epoch, last: Epoch) {
    for epoch in (oldest.0..=last.0).map(Epoch) {
        let mut sums: BTreeMap<AccountId, Amount> = BTreeMap::new();
        for ((_, validator), amount) in bonds_at(state, epoch) {
            let sum = sums.entry(validator).or_default();
            *sum = sum.saturating_add(amount);
        }
        let powers = POWER.iter(state).map(|(who, power)| (who, power.at(epoch)));
        let powers: BTreeMap<_, _> = powers.filter(|(_, amount)| amount.0 > 0).collect();
        assert_eq!(powers, sums, "power in epoch {epoch}");
        assert_eq!(staking::queries::total_at(state, epoch), sums.values().copied().sum(), "all stake in {epoch}");
    }
}

fn holds_are_bonds_unbonding_and_deposits(state: &State, now: Epoch) {
    let mut held: BTreeMap<AccountId, Amount> = BTreeMap::new();
    let mut add = |who: AccountId, amount: Amount| {
        let sum = held.entry(who).or_default();
        *sum = sum.saturating_add(amount);
    };
    bonds_at(state, now.next()).into_iter().for_each(|((who, _), amount)| add(who, amount));
    for ((free_epoch, who), amount) in UNBONDING.iter(state) {
        assert!(free_epoch > now, "tokens of {who} were not freed in epoch {free_epoch}");
        add(who, amount);
    }
    for proposal in governance::queries::proposals::<Motion>(state) {
        if governance::queries::poll(state, proposal.id).status == Status::Open {
            add(proposal.proposer, proposal.rules.deposit);
        }
    }
    for (who, account) in ACCOUNTS.iter(state) {
        assert_eq!(account.held, held.get(&who).copied().unwrap_or_default(), "what is held of {who}");
    }
}

fn live_proposals_and_nothing_else_are_on_the_agenda_and_found(state: &State, now: Epoch) {
    let (mut agenda, mut found) = (BTreeSet::new(), BTreeSet::new());
    for proposal in governance::queries::proposals::<Motion>(state) {
        let id = proposal.id;
        let epoch = match governance::queries::poll(state, id).status {
            Status::Open => proposal.vote_deadline_epoch,
            Status::Passed => proposal.activation_epoch,
            _ => continue,
        };
        assert!(epoch > now, "proposal {id} is overdue");
        agenda.insert((epoch, id));
        if let Motion::Releases(releases::Motion::Approve(vote)) = &proposal.motion {
            found.extend(vote.targets().map(|target| (target.build_hash, id)));
        }
    }
    assert_eq!(AGENDA.iter(state).collect::<BTreeSet<_>>(), agenda);
    for (hash, id) in &found {
        assert!(releases::queries::proposals_of(state, hash).any(|other| other == *id), "proposal {id} is not found");
    }
    let live: BTreeSet<ProposalId> = agenda.iter().map(|(_, id)| *id).collect();
    let index: BTreeSet<_> = INDEX.iter(state).collect();
    assert!(index.iter().all(|(_, id)| live.contains(id)), "what has ended is still found");
    assert_eq!(KEYS.iter(state).map(|(id, key)| (key, id)).collect::<BTreeSet<_>>(), index);
}

/// Executes the block up to and with each transaction: a refused one moves its fee, raises its nonce, and that is all.
pub fn refusals_cost_only_fee_and_nonce(before: &Memory, done: &Done) {
    let dump = |count: usize| {
        let mut memory = before.clone();
        memory.commit(execute(before, &done.context, &done.transactions[..count]).unwrap().writes);
        memory
    };
    let facts = done.executed.facts.iter().filter(|fact| matches!(fact.cause, Cause::Transaction { .. }));
    for (index, fact) in facts.enumerate().filter(|(_, fact)| fact.outcome.is_err()) {
        let Cause::Transaction { account, fee, .. } = &fact.cause else { unreachable!() };
        let mut expected = dump(index);
        let writes = {
            let mut state = State::over(&expected);
            let mut payer = accounts::queries::account(&state, account);
            (payer.free, payer.nonce) = (Amount(payer.free.0 - fee.0), payer.nonce + 1);
            ACCOUNTS.set(&mut state, account, &payer);
            let mut proposer = accounts::queries::account(&state, &done.context.proposer);
            proposer.free = Amount(proposer.free.0 + fee.0);
            ACCOUNTS.set(&mut state, &done.context.proposer, &proposer);
            state.into_writes()
        };
        expected.commit(writes);
        assert_eq!(dump(index + 1), expected, "a refusal left a trace: {:?}", fact.outcome);
        let outcome: &Result<Event, Error> = &fact.outcome;
        assert!(!outcome.as_ref().unwrap_err().to_string().is_empty());
    }
}

/// JSON -> value -> SCALE -> value -> JSON is the identity.
pub fn stays_the_same_through_json_and_scale<T>(value: &T) -> Result<(), String>
where
    T: Encode + DecodeAll + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let json = serde_json::to_string(value).map_err(|error| error.to_string())?;
    let read: T = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    let decoded = T::decode_all(&mut &read.encode()[..]).map_err(|error| error.to_string())?;
    let again = serde_json::to_string(&decoded).map_err(|error| error.to_string())?;
    // Through a tree of values too, as an RPC server reads parameters.
    let tree: T = serde_json::from_value(serde_json::to_value(value).map_err(|error| error.to_string())?)
        .map_err(|error| error.to_string())?;
    if again == json && decoded == *value && tree == *value { Ok(()) } else { Err(format!("{json} became {again}")) }
}
