//! The laws themselves, each counted from raw storage and not by the questions the rules ask.

use crate::cells::{
    ACCOUNTS, AGENDA, BONDS, BURNED, CANDIDATES, DELEGATORS, INDEX, JAILED, KEYS, PENALTIES, POWER, SPENT, UNBONDING,
    WAITING,
};
use crate::network::{Done, Network};
use governance::{Status, Tally};
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{AccountId, Amount, Epoch, ProposalId};
use runtime::{Cause, Error, Event, Lane, Motion, Transaction, execute};
use serde::{Serialize, de::DeserializeOwned};
use staking::{Bond, StakingParams, Validator, ValidatorSet};
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
    /// Who was jailed after the last block.
    jailed: BTreeSet<AccountId>,
    /// Who was jailed when a set was elected, by the epoch of the election.
    not_elected: BTreeMap<Epoch, BTreeSet<AccountId>>,
    /// Who was taken out of the set of an epoch after that was elected.
    taken_out: BTreeSet<(Epoch, AccountId)>,
    /// The last epoch in which an offence of a validator was borne after one of the blocks.
    held: BTreeMap<AccountId, Epoch>,
}

impl Memo {
    pub fn check(&mut self, network: &Network) {
        let (state, now) = (network.state(), network.epoch());
        let supply = rewards::queries::supply(&state);
        assert_eq!(*self.supply.get_or_insert(supply), supply, "supply is conserved");
        self.bonds.entry(now).or_insert_with(|| bonds_at(&state, now));
        let oldest = now.minus(network.genesis.staking.params.remembered_epochs);
        self.bonds.retain(|epoch, _| *epoch >= oldest);
        for (epoch, bonds) in &self.bonds {
            assert_eq!(bonds_at(&state, *epoch), *bonds, "what is in force in an epoch that began never changes");
        }
        powers_are_sums_of_bonds(&state, oldest, now.next());
        self.follow_jail(network);
        self.the_next_set_is_the_strongest_by_the_stake_in_force(&state, now, &network.genesis.staking.params);
        holds_are_bonds_unbonding_and_deposits(&state, now);
        self.held.extend(PENALTIES.iter(&state).map(|((validator, _), _)| (validator, now)));
        self.nobody_waits_past_the_epoch_that_was_promised(network);
        what_is_looked_up_is_what_the_rows_say(&state, now, &network.genesis.staking.params);
        for id in 1..=governance::queries::latest(&state).0 {
            self.check_proposal(&state, ProposalId(id));
        }
        live_proposals_and_nothing_else_are_on_the_agenda_and_found(&state, now);
        h06_what_ended_is_listed_by_how_it_did(&state);
    }

    /// Remembers who was out when this epoch's election was held, and whom the newest block took out of what it elected.
    fn follow_jail(&mut self, network: &Network) {
        let (state, now) = (network.state(), network.epoch());
        self.not_elected.entry(now).or_insert_with(|| self.jailed.clone());
        self.jailed = JAILED.iter(&state).map(|(who, _)| who).collect();
        let newest = network.ledger.storage().blocks.last().expect("a block was made");
        for fact in &newest.record.facts {
            let Ok(Event::Staking(staking::Event::Punished { validator, leaves_set_of, .. })) = &fact.outcome else {
                continue;
            };
            let next = staking::queries::validator_set(&state, now.next());
            let is_all = next.validators.len() == 1;
            assert!(is_all || next.power_of(validator).is_none(), "{validator} stays in the next set");
            self.taken_out.extend(leaves_set_of.map(|epoch| (epoch, *validator)));
        }
    }

    /// H4: an election reads an index, and counts what it counted when it read everybody.
    fn the_next_set_is_the_strongest_by_the_stake_in_force(&self, state: &State, now: Epoch, params: &StakingParams) {
        let bonds = bonds_at(state, now);
        let own = |who: &AccountId| bonds.get(&(*who, *who)).copied().unwrap_or_default();
        let stands = |who: &AccountId| own(who) >= params.minimum_bond && !self.not_elected[&now].contains(who);
        let mut power: BTreeMap<AccountId, Amount> = BTreeMap::new();
        for ((_, validator), amount) in bonds.iter().filter(|((_, validator), _)| stands(validator)) {
            let sum = power.entry(*validator).or_default();
            *sum = sum.saturating_add(*amount);
        }
        let candidates = power.into_iter().map(|(account, power)| Validator { account, power }).collect();
        let strongest = ValidatorSet::strongest(candidates, params.max_validators);
        let mut expected =
            if strongest.validators.is_empty() { staking::queries::validator_set(state, now) } else { strongest };
        expected.validators.retain(|member| !self.taken_out.contains(&(now.next(), member.account)));
        assert_eq!(staking::queries::validator_set(state, now.next()), expected, "elected in epoch {now}");
        assert_eq!(
            staking::queries::candidates(state, now.next()),
            expected,
            "a quorum decides, and of the candidates"
        );
    }

    /// H4, H15: the clock has a part of each block for those who wait, and an epoch's blocks together have room for all who wait for
    /// it, whatever offences are borne meanwhile. Only what is bonded to the offenders stands still.
    fn nobody_waits_past_the_epoch_that_was_promised(&self, network: &Network) {
        let (state, at) = (network.state(), network.ledger.head().at);
        let ends = at.height.ends_epoch(network.genesis.chain.epoch_length);
        let soonest = if ends { at.epoch.next() } else { at.epoch };
        let late = UNBONDING.iter(&state).take_while(|((free_epoch, ..), _)| *free_epoch < soonest);
        let stood_still =
            |free_epoch: Epoch, validator: AccountId| self.held.get(&validator).is_some_and(|held| *held >= free_epoch);
        let late: Vec<_> = late.filter(|((epoch, validator, _), _)| !stood_still(*epoch, *validator)).collect();
        assert!(late.is_empty(), "not free at height {}: {late:?}", at.height);
    }

    fn check_proposal(&mut self, state: &State, id: ProposalId) {
        let poll = governance::queries::poll(state, id);
        let proposal = governance::queries::proposal::<Motion>(state, id);
        assert_eq!(poll.rules, proposal.rules, "proposal {id} is counted by its own rules");
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
            // No plan of these chains asks members anything.
            let epoch = poll.electorate.stake_epoch().expect("stake votes");
            let bonds = self.bonds.get(&epoch).expect("a snapshot is remembered while it votes");
            let all: Amount = bonds.values().copied().sum();
            assert_eq!((poll.total, poll.electorate.total(state)), (all, all));
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
    // H6: a ballot is found by its number, and they are counted without being read.
    let numbered = (1..=governance::queries::ballot_count(state, id)).map(|number| {
        let ballot = governance::queries::numbered_ballot(state, id, number).expect("numbers have no gaps");
        assert_eq!(ballot.number, number);
        (ballot.voter, ballot)
    });
    assert_eq!(numbered.collect::<BTreeMap<_, _>>(), ballots);
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
    UNBONDING.iter(state).for_each(|((_, _, who), amount)| add(who, amount));
    for proposal in governance::queries::proposals::<Motion>(state) {
        if governance::queries::poll(state, proposal.id).status == Status::Open {
            add(proposal.proposer, proposal.rules.deposit);
        }
    }
    let plans = (1..=rollouts::plans::installed(state)).map(|number| rollouts::plans::numbered(state, number).unwrap());
    for (_, head) in plans {
        head.owner.into_iter().for_each(|owner| add(owner, head.deposit));
    }
    for (who, account) in ACCOUNTS.iter(state) {
        assert_eq!(account.held, held.get(&who).copied().unwrap_or_default(), "what is held of {who}");
    }
}

/// H4, H15: those who stand for election, who delegates to whom, bonds that are to be forgotten, and who waits for what, from all
/// rows there are.
fn what_is_looked_up_is_what_the_rows_say(state: &State, now: Epoch, params: &StakingParams) {
    let bonds: Vec<(AccountId, Bond)> =
        BONDS.iter(state).flat_map(|(who, bonds)| bonds.into_iter().map(move |bond| (who, bond))).collect();
    let (mut standing, mut spent) = (BTreeSet::new(), BTreeSet::new());
    let (mut delegators, mut at_stake) = (BTreeSet::new(), BTreeSet::new());
    let judged_from = now.minus(params.unbonding_epochs);
    for (who, Bond { validator, history, .. }) in &bonds {
        if who != validator {
            delegators.insert((*validator, *who));
            if !history.is_spent(judged_from) {
                at_stake.insert((*validator, *who));
            }
        }
        if who == validator && history.latest() >= params.minimum_bond && !JAILED.contains(state, who) {
            let power: Amount =
                bonds.iter().filter(|(_, bond)| bond.validator == *who).map(|(_, bond)| bond.history.latest()).sum();
            standing.insert((u64::MAX - power.0, *who));
        }
        if history.latest() == Amount::ZERO {
            let since = history.spent_since().expect("it was more once");
            spent.insert((since.plus(params.remembered_epochs), *who, *validator));
        }
    }
    assert_eq!(CANDIDATES.iter(state).collect::<BTreeSet<_>>(), standing);
    assert_eq!(SPENT.iter(state).collect::<BTreeSet<_>>(), spent);
    let listed: BTreeSet<_> = DELEGATORS.iter(state).collect();
    assert!(listed.is_subset(&delegators) && listed.is_superset(&at_stake), "{listed:?} of {delegators:?}");
    let waiting = UNBONDING.iter(state).map(|((free_epoch, validator, who), _)| (who, validator, free_epoch));
    assert_eq!(WAITING.iter(state).collect::<BTreeSet<_>>(), waiting.collect::<BTreeSet<_>>());
    for (validator, _) in POWER.iter(state) {
        let is_bonded_to = bonds.iter().any(|(_, bond)| bond.validator == validator);
        assert!(is_bonded_to, "nobody is or was bonded to {validator}, as far as is remembered");
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

fn h06_what_ended_is_listed_by_how_it_did(state: &State) {
    let mut listed = BTreeSet::new();
    for how in [Status::Activated, Status::Rejected, Status::Withdrawn, Status::Cancelled] {
        for number in 1..=governance::queries::ended_count(state, how) {
            let id = governance::queries::ended(state, how, number).expect("numbers have no gaps");
            assert_eq!(governance::queries::poll(state, id).status, how, "proposal {id}");
            assert!(listed.insert(id), "proposal {id} ended twice");
        }
    }
    let live: BTreeSet<ProposalId> = governance::queries::live(state).collect();
    let all: BTreeSet<ProposalId> = (1..=governance::queries::latest(state).0).map(ProposalId).collect();
    assert_eq!(listed.union(&live).copied().collect::<BTreeSet<_>>(), all);
    assert!(listed.is_disjoint(&live));
}

/// The state after the first `count` transactions of a block.
fn after(before: &Memory, done: &Done, count: usize) -> Memory {
    let mut memory = before.clone();
    memory.commit(execute(before, &done.context, &done.transactions[..count]).unwrap().writes);
    memory
}

/// Executes the block up to and with each transaction: what waits in a pool behind a transaction relies on that nothing but its
/// account's own transactions takes free tokens from it, and that they take no more than they say.
pub fn h02_free_tokens_fall_only_by_own_transactions_and_by_no_more_than_they_say(before: &Memory, done: &Done) {
    let mut earlier = before.clone();
    for count in 0..=done.transactions.len() {
        let later = after(before, done, count);
        let transaction = count.checked_sub(1).map(|index| &done.transactions[index]);
        falls_by_no_more_than_said(&State::over(&earlier), &State::over(&later), transaction);
        earlier = later;
    }
}

fn falls_by_no_more_than_said(was: &State, is: &State, transaction: Option<&Transaction>) {
    for (who, account) in ACCOUNTS.iter(was) {
        let own = transaction.filter(|transaction| transaction.payload.account == who);
        let most = own.map_or(Amount::ZERO, |transaction| transaction.most_spent(was));
        let left = accounts::queries::account(is, &who).free;
        assert!(account.free <= left.saturating_add(most), "{who} has {left} of {}: {transaction:?}", account.free);
        let promised = own.map(|transaction| transaction.after(account, was).free);
        assert!(promised.is_none_or(|promised| promised <= left), "what waits behind it was promised more than {left}");
    }
}

/// Executes the block up to and with each transaction: a refused one loses its fee, raises the nonce of its lane, and that is all.
pub fn refusals_cost_only_fee_and_nonce(before: &Memory, done: &Done) {
    let facts = done.executed.facts.iter().filter(|fact| matches!(fact.cause, Cause::Transaction { .. }));
    for (index, fact) in facts.enumerate().filter(|(_, fact)| fact.outcome.is_err()) {
        let Cause::Transaction { account, lane, fee, burned, .. } = &fact.cause else { unreachable!() };
        let mut expected = after(before, done, index);
        let writes = {
            let mut state = State::over(&expected);
            let mut payer = accounts::queries::account(&state, account);
            payer.free = Amount(payer.free.0 - fee.0);
            match lane {
                Lane::Wallet => payer.nonce += 1,
                Lane::Node => payer.node_nonce += 1,
            }
            ACCOUNTS.set(&mut state, account, &payer);
            let mut proposer = accounts::queries::account(&state, &done.context.proposer);
            proposer.free = Amount(proposer.free.0 + fee.0 - burned.0);
            ACCOUNTS.set(&mut state, &done.context.proposer, &proposer);
            let all_burned = Amount(BURNED.get_or_default(&state).0 + burned.0);
            BURNED.set(&mut state, &all_burned);
            state.into_writes()
        };
        expected.commit(writes);
        assert_eq!(after(before, done, index + 1), expected, "a refusal left a trace: {:?}", fact.outcome);
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
