//! Stories of stake.

use crate::{Call, Error, Event, GenesisBond, StakingGenesis, StakingParams, due, queries::*};
use primitives::{AccountId, Amount, Epoch, Height, Moment, Timestamp};
use state::{Apply, Decide, Memory, State};

const ANN: AccountId = AccountId([1; 32]);
const BOB: AccountId = AccountId([2; 32]);
const CAT: AccountId = AccountId([3; 32]);

fn at(epoch: u64) -> Moment {
    Moment { height: Height(epoch * 10), epoch: Epoch(epoch), time: Timestamp(epoch) }
}

/// Ann is a validator with 100; Bob and Cat have 100 free tokens each.
fn world(memory: &Memory) -> State<'_> {
    let mut state = State::over(memory);
    for account in [ANN, BOB, CAT] {
        let amount = Amount(if account == ANN { 200 } else { 100 });
        accounts::Event::Endowed { account, amount }.apply(&mut state, at(0));
    }
    let params =
        StakingParams { max_validators: 2, minimum_bond: Amount(10), unbonding_epochs: 3, remembered_epochs: 5 };
    let genesis =
        StakingGenesis { params, bonds: vec![GenesisBond { account: ANN, validator: ANN, amount: Amount(100) }] };
    genesis.events().for_each(|event| event.apply(&mut state, at(0)));
    state
}

fn make(state: &mut State, epoch: u64, who: AccountId, call: Call) {
    call.decide(state, at(epoch), who).unwrap().apply(state, at(epoch));
}

fn begin(state: &mut State, epoch: u64) -> Vec<Event> {
    let events = due(state, at(epoch));
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
    assert!(begin(&mut state, 4).contains(&Event::Unbonded { who: CAT, amount: Amount(30), free_epoch: Epoch(4) }));
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
