//! What can still be done from a state that was reached, tried on a copy of the network.

use super::acts::{Act, Pushed, Wanted, disabled};
use crate::governed::plan::{MINUTE, PLAN, list, name};
use crate::governed::said::*;
use crate::governed::{COMMANDER, COUNCIL, Governed, PEOPLE, SECOND_SRE, SRE, VALIDATORS, person};
use ::rollouts::change::{ChangeRequest, ChangeState, Effect, EffectTo};
use ::rollouts::plan::ChangeKind;
use flags::Targeting;
use governance::Choice;
use primitives::{AccountId, ChangeId, Name, SecretKey};
use runtime::testing::{cancel, validator};
use runtime::{Call, Fact};
use state::State;

/// Blocks that follow at once, in milliseconds.
const SOON: u64 = 1_000;
/// Blocks between which nothing takes long, in milliseconds.
const A_WHILE: u64 = 20 * MINUTE;

/// Law 17: "From every reachable state of the gates, whichever single keys act, stake can end what a council decided before it is carried
/// out."
///
/// The stake acts in the block in which the approval is on record: the ballot that decided it is known a block before.
pub fn l17_the_stake_ends_in_time_what_a_council_decided(
    before: &Governed,
    gap_ms: u64,
    asked: &[(SecretKey, Call)],
    id: ChangeId,
) {
    let Some(by) = (0..VALIDATORS).find(|index| has_its_place(&before.state(), &validator(*index).account())) else {
        return;
    };
    let mut fork = before.clone();
    let poll = fork.next_proposal(gap_ms);
    let ends = stake_proposes(poll, by, abort(id), 0..3);
    fork.block(gap_ms, &[ends, asked.to_vec()].concat());
    let mut against = vec![(validator(3), ballot(poll, Choice::No))];
    let rescue = fork.next_proposal(SOON);
    against.extend(stake_proposes(rescue, 3, cancel(poll.0), [3]));
    for _ in 0..10 {
        let proof = presence(&fork, fork.next_moment(SOON).epoch);
        let proof =
            ::rollouts::queries::change(&fork.state(), id).and_then(|change| change.asked.sealer).map(|_| proof);
        against.extend((0..PEOPLE).map(|index| (person(index), execute(id, proof.clone()))));
        let made = fork.block(SOON, &against);
        against.clear();
        let is_executed =
            |event: &::rollouts::Event| matches!(event, ::rollouts::Event::Executed { change, .. } if *change == id);
        assert!(!made.of_changes().any(is_executed), "{id} is carried out before the stake could end it");
        let progress = ::rollouts::queries::progress(&fork.state(), id).expect("it was submitted");
        if matches!(progress.state, ChangeState::Ended { .. }) {
            return;
        }
    }
    panic!("the stake did not end {id}");
}

/// Whether a validator can propose something urgent, whatever others do.
fn has_its_place(state: &State, who: &AccountId) -> bool {
    governance::queries::live_of(state, who).next().is_none()
}

/// Law 18: "Every gate that was disabled can be enabled again": by the council, which the stake makes whole where keys were lost.
pub fn l18_what_is_disabled_can_be_enabled_again(network: &Governed) {
    let mut fork = network.clone();
    let wanted = disabled(&fork.state());
    let since = ::rollouts::queries::latest(&fork.state());
    let mut tried: Vec<Fact> = Vec::new();
    for block in 0..60u64 {
        if wanted.iter().all(|key| !side(&fork.state(), key).disabled) {
            return;
        }
        let mut asked = if block.is_multiple_of(9) { roles_given(&fork) } else { Vec::new() };
        asked.extend(pauses_closed(&fork.state()));
        if is_own_waiting(&fork.state(), since) {
            let act = Act::Push { what: Pushed::Latest(0), choice: Choice::Yes };
            asked.extend(act.calls(&fork, A_WHILE));
        } else {
            asked.extend(enabling(&fork.state(), block.is_multiple_of(2)));
        }
        tried = fork.block(A_WHILE, &asked).facts;
    }
    panic!("{wanted:?} cannot be enabled again, at last by {tried:?}");
}

/// Whether something was asked for here that waits.
fn is_own_waiting(state: &State, since: ChangeId) -> bool {
    let id = ::rollouts::queries::latest(state);
    id > since && ::rollouts::queries::progress(state, id).is_some_and(|progress| progress.state.waits())
}

/// The stake gives every role to those who act here, where others have it.
fn roles_given(fork: &Governed) -> Vec<(SecretKey, Call)> {
    let wanted = [("commander", &[COMMANDER][..]), ("council", &COUNCIL[..]), ("sre", &[SRE, SECOND_SRE][..])];
    let (mut calls, mut id) = (Vec::new(), fork.next_proposal(A_WHILE));
    for (by, (role, people)) in (0..).zip(wanted) {
        let mut have: Vec<AccountId> = fork.members(&name(role)).iter().map(SecretKey::account).collect();
        let mut need: Vec<AccountId> = people.iter().map(|index| person(*index).account()).collect();
        have.sort_unstable();
        need.sort_unstable();
        if have != need {
            calls.extend(stake_proposes(id, by, give(role, people), 0..3));
            id = id.next();
        }
    }
    calls
}

/// Whoever may closes every pause that it may.
fn pauses_closed(state: &State) -> Vec<(SecretKey, Call)> {
    let live = ::rollouts::queries::live(state, &name(PLAN));
    let is_pause = |id: &ChangeId| {
        let change = ::rollouts::queries::change(state, *id).expect("it was submitted");
        change.kind() == ChangeKind::Freeze
    };
    live.filter(is_pause).map(|id| (person(COMMANDER), close(id))).collect()
}

/// What is disabled is to be enabled; plainly, or so that it is off from then on, where what it requires is off by now.
fn enabling(state: &State, plainly: bool) -> Vec<(SecretKey, Call)> {
    let request = if plainly {
        Wanted::Enable.draft(state, true).map(|draft| draft.request)
    } else {
        let off = || EffectTo::Setting(Targeting::constant(1));
        let both = |key: &Name| [moves(state, key, EffectTo::Enabled), moves(state, key, off())];
        let effects: Vec<Effect> = disabled(state).iter().flat_map(both).collect();
        Some(ChangeRequest::Set { effects: list(effects) })
    };
    request.map(|request| (person(COMMANDER), submit(draft(state, request, true)))).into_iter().collect()
}
