//! Stories of stake.

use crate::storage::{BONDS, CANDIDATES, POWER, SPENT, UNBONDING, WAITING};
use crate::{
    Call, Election, Error, Event, GenesisBond, PenaltyParams, StakingGenesis, StakingParams, ValidatorSet, due,
    queries::*, ripe,
};
use primitives::{AccountId, Amount, ChainId, Epoch, Height, Moment, Timestamp};
use state::{Apply, Backend, Decide, Memory, State, StateEntry};
use std::sync::atomic::{AtomicUsize, Ordering};

mod evidence;
mod sealing;

const ANN: AccountId = AccountId([1; 32]);
const BOB: AccountId = AccountId([2; 32]);
const CAT: AccountId = AccountId([3; 32]);

fn at(epoch: u64) -> Moment {
    Moment { height: Height(epoch * 10), epoch: Epoch(epoch), time: Timestamp(epoch), running: epoch, level: 0 }
}

fn chain() -> ChainId {
    "stake-1".parse().unwrap()
}

fn params() -> StakingParams {
    StakingParams {
        max_validators: 2,
        minimum_bond: Amount(10),
        minimum_delegation: Amount(5),
        unbonding_epochs: 3,
        remembered_epochs: 5,
        penalties: PenaltyParams { jail_epochs: 2, ..PenaltyParams::default() },
    }
}

/// Ann is a validator with 100; Bob and Cat have 100 free tokens each. An epoch can free two who wait.
fn world(memory: &Memory) -> State<'_> {
    let mut state = State::over(memory);
    for account in [ANN, BOB, CAT] {
        let amount = Amount(if account == ANN { 200 } else { 100 });
        accounts::Event::Endowed { account, amount }.apply(&mut state, at(0));
    }
    let bonds = vec![GenesisBond { account: ANN, validator: ANN, amount: Amount(100) }];
    let genesis = StakingGenesis { params: params(), bonds };
    genesis.events(&chain(), 10, 2, None).for_each(|event| event.apply(&mut state, at(0)));
    state
}

fn make(state: &mut State, epoch: u64, who: AccountId, call: Call) {
    call.decide(state, at(epoch), who).unwrap().apply(state, at(epoch));
}

fn begin(state: &mut State, epoch: u64) -> Vec<Event> {
    begin_by(state, epoch, Election::Quorum)
}

/// An epoch begins on a network that elects by this rule.
fn begin_by(state: &mut State, epoch: u64, election: Election<'_>) -> Vec<Event> {
    let mut events: Vec<Event> = due(state, at(epoch), election).into_iter().collect();
    events.iter().for_each(|event| event.apply(state, at(epoch)));
    events.extend(serve(state, epoch, usize::MAX));
    events
}

/// Frees and forgets at most so many who wait.
fn serve(state: &mut State, epoch: u64, most: usize) -> Vec<Event> {
    let events = ripe(state, at(epoch), most);
    events.iter().for_each(|event| event.apply(state, at(epoch)));
    events
}

#[test]
fn a_bond_counts_from_the_next_epoch_and_elects_for_the_one_after() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    make(&mut state, 1, BOB, Call::Bond { amount: Amount(60) });
    make(&mut state, 1, CAT, Call::Delegate { validator: BOB, amount: Amount(50) });
    assert_eq!((power_at(&state, &BOB, Epoch(1)), power_at(&state, &BOB, Epoch(2))), (Amount(0), Amount(110)));
    assert_eq!((total_at(&state, Epoch(1)), total_at(&state, Epoch(2))), (Amount(100), Amount(210)));
    begin(&mut state, 2);
    let members = |state: &State, epoch| -> Vec<AccountId> {
        validator_set(state, Epoch(epoch)).validators.iter().map(|validator| validator.account).collect()
    };
    assert_eq!((members(&state, 2), members(&state, 3)), (vec![ANN], vec![BOB, ANN]));
    assert!(begin(&mut state, 2).is_empty(), "only the first block of an epoch elects");
}

#[test]
fn unbonded_tokens_wait_and_are_freed_once() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 0, CAT, Call::Delegate { validator: ANN, amount: Amount(50) });
    make(&mut state, 0, CAT, Call::Unbond { validator: ANN, amount: Amount(20) });
    make(&mut state, 0, CAT, Call::Unbond { validator: ANN, amount: Amount(10) });
    assert_eq!(accounts::queries::account(&state, &CAT).free, Amount(50));
    for epoch in 1..4 {
        assert_eq!(begin(&mut state, epoch).len(), 1);
    }
    assert_eq!(unbonding(&state, &CAT), [(Epoch(4), ANN, Amount(30))]);
    let free = Event::Unbonded { who: CAT, validator: ANN, amount: Amount(30), free_epoch: Epoch(4) };
    assert!(begin(&mut state, 4).contains(&free));
    assert_eq!((unbonding(&state, &CAT), WAITING.iter(&state).count()), (vec![], 0));
    assert_eq!(accounts::queries::account(&state, &CAT).free, Amount(80));
    assert_eq!(begin(&mut state, 5).len(), 1);
    assert_eq!(accounts::queries::supply(&state), Amount(400));
}

#[test]
fn a_call_that_breaks_a_rule_is_refused_with_its_own_error() {
    let memory = Memory::default();
    let state = world(&memory);
    let refused = |who, call: Call| call.decide(&state, at(0), who).unwrap_err();
    assert_eq!(
        refused(BOB, Call::Bond { amount: Amount(9) }),
        Error::BelowMinimumBond { have: Amount(9), need: Amount(10) }
    );
    assert_eq!(refused(BOB, Call::Bond { amount: Amount(0) }), accounts::Error::ZeroAmount.into());
    assert_eq!(refused(BOB, Call::Delegate { validator: CAT, amount: Amount(1) }), Error::UnknownValidator(CAT));
    assert!(matches!(refused(BOB, Call::Bond { amount: Amount(101) }), Error::Accounts(_)));
    assert_eq!(
        refused(ANN, Call::Unbond { validator: ANN, amount: Amount(101) }),
        Error::BondTooSmall { validator: ANN, have: Amount(100), need: Amount(101) }
    );
    assert!(matches!(
        refused(ANN, Call::Unbond { validator: ANN, amount: Amount(95) }),
        Error::BelowMinimumBond { .. }
    ));
}

#[test]
fn an_election_without_candidates_keeps_the_set() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 0, ANN, Call::Unbond { validator: ANN, amount: Amount(100) });
    for epoch in 1..9 {
        begin(&mut state, epoch);
        assert_eq!(validator_set(&state, Epoch(epoch + 1)).validators.len(), 1, "epoch {epoch}");
    }
}

#[test]
fn h04_a_delegation_has_a_minimum_and_what_is_left_of_one_too() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let delegate = |amount| Call::Delegate { validator: ANN, amount: Amount(amount) };
    let unbond = |amount| Call::Unbond { validator: ANN, amount: Amount(amount) };
    let below = |have| Error::BelowMinimumDelegation { have: Amount(have), need: Amount(5) };
    assert_eq!(delegate(4).decide(&state, at(0), CAT), Err(below(4)));
    make(&mut state, 0, CAT, delegate(5));
    make(&mut state, 0, CAT, delegate(1));
    assert_eq!(unbond(2).decide(&state, at(0), CAT), Err(below(4)));
    make(&mut state, 0, CAT, unbond(1));
    make(&mut state, 0, CAT, unbond(5));
    assert_eq!(bonded(&state, &CAT, &ANN), Amount(0));
}

#[test]
fn h04_those_who_wait_are_freed_a_few_at_a_time_in_the_order_of_their_line() {
    let memory = Memory::default();
    let mut state = world(&memory);
    for (epoch, who) in [(0, CAT), (0, BOB), (1, ANN)] {
        let unbond = Call::Unbond { validator: ANN, amount: Amount(20) };
        if who != ANN {
            make(&mut state, epoch, who, Call::Delegate { validator: ANN, amount: Amount(20) });
        }
        make(&mut state, epoch, who, unbond);
    }
    assert!(serve(&mut state, 3, 9).is_empty(), "nobody's time has come");
    let whose = |events: Vec<Event>| -> Vec<AccountId> {
        let who = |event| if let Event::Unbonded { who, .. } = event { who } else { panic!("{event:?}") };
        events.into_iter().map(who).collect()
    };
    assert!(serve(&mut state, 5, 0).is_empty());
    assert_eq!(whose(serve(&mut state, 5, 1)), [ANN], "what was promised for this epoch comes first");
    assert_eq!(whose(serve(&mut state, 5, 1)), [BOB]);
    assert_eq!(accounts::queries::account(&state, &CAT).held, Amount(20), "who waits is held");
    assert_eq!(whose(serve(&mut state, 5, 9)), [CAT]);
    assert!(serve(&mut state, 5, 9).is_empty());
}

#[test]
fn h04_an_epoch_is_promised_to_no_more_than_it_can_free_and_the_next_ones_wait_longer() {
    let memory = Memory::default();
    let mut state = world(&memory);
    for who in [BOB, CAT] {
        make(&mut state, 0, who, Call::Delegate { validator: ANN, amount: Amount(50) });
    }
    let mut leave = |epoch: u64, who: AccountId| {
        let call = Call::Unbond { validator: ANN, amount: Amount(5) };
        let event = call.decide(&state, at(epoch), who).unwrap();
        event.apply(&mut state, at(epoch));
        let Event::Unbonding { free_epoch, .. } = event else { panic!("{event:?}") };
        free_epoch.0
    };
    assert_eq!([leave(0, ANN), leave(0, ANN), leave(0, ANN)], [4, 4, 4], "one place for all of one bond");
    assert_eq!([leave(0, BOB), leave(0, CAT), leave(0, BOB)], [4, 5, 5], "two places an epoch");
    assert_eq!([leave(1, CAT), leave(1, ANN), leave(1, BOB)], [5, 6, 6], "the line is in the order of coming");
    assert_eq!(leave(9, ANN), 13, "a line that is short keeps nobody");
    assert_eq!(UNBONDING.iter(&state).count(), 7);
    assert_eq!(unbonding(&state, &BOB), [4, 5, 6].map(|epoch| (Epoch(epoch), ANN, Amount(5))));
}

#[test]
fn h04_a_spent_bond_is_forgotten_when_no_vote_can_need_it_and_the_power_with_the_last_one() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 0, BOB, Call::Bond { amount: Amount(50) });
    make(&mut state, 0, CAT, Call::Delegate { validator: BOB, amount: Amount(50) });
    make(&mut state, 1, BOB, Call::Unbond { validator: BOB, amount: Amount(50) });
    make(&mut state, 2, CAT, Call::Unbond { validator: BOB, amount: Amount(50) });
    for epoch in 2..7 {
        assert!(begin(&mut state, epoch).iter().all(|event| !matches!(event, Event::Forgotten { .. })), "{epoch}");
        assert_eq!(power_at(&state, &BOB, Epoch(2)), Amount(50), "remembered in epoch {epoch}");
    }
    let forgotten = |who, forget_epoch, with_power| Event::Forgotten {
        who,
        validator: BOB,
        forget_epoch: Epoch(forget_epoch),
        with_power,
    };
    assert!(begin(&mut state, 7).contains(&forgotten(BOB, 7, false)), "in force until epoch 2, remembered for five");
    assert!(!BONDS.contains(&state, &BOB) && POWER.contains(&state, &BOB));
    assert!(begin(&mut state, 8).contains(&forgotten(CAT, 8, true)));
    assert!(!BONDS.contains(&state, &CAT) && !POWER.contains(&state, &BOB));
    assert_eq!(SPENT.iter(&state).count(), 0);
    assert_eq!(CANDIDATES.iter(&state).map(|(_, who)| who).collect::<Vec<_>>(), [ANN]);
}

#[test]
fn h04_a_bond_that_comes_back_is_not_forgotten() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 0, CAT, Call::Delegate { validator: ANN, amount: Amount(50) });
    make(&mut state, 0, CAT, Call::Unbond { validator: ANN, amount: Amount(50) });
    make(&mut state, 3, CAT, Call::Delegate { validator: ANN, amount: Amount(7) });
    assert_eq!(SPENT.iter(&state).count(), 0);
    make(&mut state, 4, CAT, Call::Unbond { validator: ANN, amount: Amount(7) });
    assert_eq!(SPENT.iter(&state).collect::<Vec<_>>(), [(Epoch(10), CAT, ANN)]);
    make(&mut state, 4, CAT, Call::Delegate { validator: ANN, amount: Amount(6) });
    for epoch in 5..20 {
        begin(&mut state, epoch);
        assert_eq!(bond_at(&state, &CAT, &ANN, Epoch(epoch)), Amount(6));
    }
}

/// Memory that counts what is read from it: values and rows.
struct Counting {
    memory: Memory,
    reads: AtomicUsize,
}

impl Backend for Counting {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.memory.read(key)
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        Box::new(self.memory.scan(prefix, from).inspect(move |_| {
            self.reads.fetch_add(1, Ordering::Relaxed);
        }))
    }
}

/// The set that ten places are given to among so many candidates, beside so many who were candidates once, and what reading it
/// cost.
fn election(standing: u32, spent: u32) -> (ValidatorSet, usize) {
    let empty = Memory::default();
    let mut state = State::over(&empty);
    let params = StakingParams { max_validators: 10, ..params() };
    Event::ParamsSet { params, chain_id: chain(), epoch_length: 10, most_freed: 9 }.apply(&mut state, at(0));
    for index in 0..standing + spent {
        let mut who = AccountId([0; 32]);
        who.0[..4].copy_from_slice(&index.to_be_bytes());
        let (validator, amount, remembered_from) = (who, Amount(1_000_000 - u64::from(index)), Epoch(0));
        let bonded = Event::Bonded { who, validator, amount, from_epoch: Epoch(0), remembered_from };
        bonded.apply(&mut state, at(0));
        if index >= standing {
            let (from_epoch, free_epoch) = (Epoch(1), Epoch(4));
            let left = Event::Unbonding { who, validator, amount, from_epoch, free_epoch, remembered_from };
            left.apply(&mut state, at(0));
        }
    }
    let writes = state.into_writes();
    let mut counting = Counting { memory: empty, reads: AtomicUsize::new(0) };
    counting.memory.commit(writes);
    let Some(Event::Elected { validators, .. }) = due(&State::over(&counting), at(1), Election::Quorum) else {
        panic!("no election")
    };
    (validators, counting.reads.into_inner())
}

#[test]
fn h04_an_election_reads_what_it_elects_however_many_stand_or_stood() {
    let (set, reads) = election(10, 0);
    assert_eq!(set.validators.len(), 10);
    assert!((10..20).contains(&reads), "{reads}");
    assert_eq!(election(10, 10_000), (set.clone(), reads), "spent candidates cost nothing");
    assert_eq!(election(1_000, 0), (set, reads), "nor do those who are too weak");
}

/// What it costs to read what Cat waits for, in three epochs far apart, among so many others.
fn asking(others: u32) -> usize {
    let empty = Memory::default();
    let mut state = State::over(&empty);
    let epochs = [4, 50_000, 100_000].map(Epoch);
    let mut wait = |who: AccountId, epoch| crate::line::wait(&mut state, epoch, &who, &ANN, Amount(1));
    for (index, epoch) in (0..others).zip(epochs.into_iter().cycle()) {
        let mut who = AccountId([0; 32]);
        who.0[..4].copy_from_slice(&index.to_be_bytes());
        wait(who, epoch);
    }
    epochs.into_iter().for_each(|epoch| wait(CAT, epoch));
    let writes = state.into_writes();
    let mut counting = Counting { memory: empty, reads: AtomicUsize::new(0) };
    counting.memory.commit(writes);
    assert_eq!(unbonding(&State::over(&counting), &CAT), epochs.map(|epoch| (epoch, ANN, Amount(1))));
    counting.reads.into_inner()
}

#[test]
fn h04_what_an_account_waits_for_costs_the_reads_of_its_own_rows() {
    assert_eq!([0, 1_000].map(asking), [6, 6], "a row in the index and one in the line, for each");
}
