//! One promotion, walked (ROLLOUTS 7.9), from testnet to mainnet, which freezes.

use super::chain::*;
use crate::change::{ChangeState, EndedWhy};
use crate::plan::Missed;
use crate::queries::{ChangeLabel, frozen, require_thawed};
use crate::standing::ThawedWhy;
use crate::tests::sample::name;
use crate::{Error, Event};
use flags::Gate;
use governance::{Choice, TrackName};
use primitives::{Amount, ChangeId, Epoch};
use state::Memory;

/// Submitted, voted on and approved.
fn approved<'m>(memory: &'m Memory) -> (Chain<'m>, ChangeId) {
    let mut chain = Chain::begin(memory);
    let change = chain.submit(promotes("mainnet")).unwrap();
    chain.say("ci", change);
    chain.block();
    assert_eq!(kinds(&chain.council(change, Choice::Yes)), ["approved"]);
    (chain, change)
}

/// Announced and begun: it may be carried out.
fn in_window<'m>(memory: &'m Memory) -> (Chain<'m>, ChangeId) {
    let (mut chain, change) = approved(memory);
    chain.epochs(4);
    let from = chain.at.time.plus(14 * DAY);
    chain.call(ANN, &announces(change, from, from.plus(8 * HOUR))).unwrap();
    assert_eq!(chain.later(14 * DAY), []);
    (chain, change)
}

fn carried_out<'m>(memory: &'m Memory) -> (Chain<'m>, ChangeId) {
    let (mut chain, change) = in_window(memory);
    chain.execute(change).unwrap();
    (chain, change)
}

#[test]
fn a_yes_is_on_a_list_that_is_go_and_of_somebody_else() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = chain.submit(promotes("mainnet")).unwrap();
    assert_eq!((chain.label(change), chain.held(ANN)), (ChangeLabel::Review, Amount(2_000)), "one duty");
    chain.block();
    assert_eq!(chain.label(change), ChangeLabel::Voting);
    let poll = chain.open_poll(change);
    let Err(Refused::Change(Error::NotReady { missing, .. })) = chain.vote(BEN, poll, Choice::Yes) else {
        panic!("it is not ready")
    };
    assert_eq!(missing.to_vec(), [name("ci")]);
    chain.vote(BEN, poll, Choice::No).unwrap();
    chain.say("ci", change);
    assert_eq!(chain.vote(ANN, poll, Choice::Yes), Err(Refused::Change(Error::SelfApproval { change })));
    chain.vote(BEN, poll, Choice::Yes).unwrap();
    assert_eq!(chain.block(), [], "one of three does not decide");
    chain.vote(CAT, poll, Choice::Yes).unwrap();
    let events = chain.block();
    let [Event::Approved { not_before, poll: by, .. }] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((*not_before, *by), (Some(Epoch(4)), poll), "a vote of the stake would have come before");
}

#[test]
fn what_the_council_decided_waits_until_the_stake_could_have_stopped_it() {
    let memory = Memory::default();
    let (mut chain, change) = approved(&memory);
    chain.epochs(3);
    let (from, now) = (Epoch(4), Epoch(3));
    assert_eq!(chain.execute(change).unwrap_err(), Error::TooEarly { change, from, now });
    chain.epochs(1);
    assert_eq!(code(chain.execute(change)), "E_WINDOW", "and then for its window");
}

#[test]
fn a_window_is_announced_in_time_is_as_long_as_it_may_be_and_twice_at_most() {
    let memory = Memory::default();
    let (mut chain, change) = approved(&memory);
    let soonest = chain.at.time.plus(14 * DAY);
    let late = chain.call(ANN, &announces(change, soonest.minus(1), soonest.plus(HOUR)));
    assert_eq!(late.unwrap_err(), Error::NoticeTooShort { from: soonest.minus(1), soonest });
    assert_eq!(code(chain.call(ANN, &announces(change, soonest, soonest))), "E_WINDOW");
    assert_eq!(code(chain.call(ANN, &announces(change, soonest, soonest.plus(8 * HOUR + 1)))), "E_WINDOW");
    assert_eq!(code(chain.call(DAN, &announces(change, soonest, soonest.plus(HOUR)))), "E_ROLE");
    chain.call(ANN, &announces(change, soonest, soonest.plus(8 * HOUR))).unwrap();
    assert_eq!(chain.label(change), ChangeLabel::Scheduled);
    chain.call(ANN, &announces(change, soonest.plus(1), soonest.plus(HOUR))).unwrap();
    let third = chain.call(ANN, &announces(change, soonest, soonest.plus(HOUR)));
    assert_eq!(third.unwrap_err(), Error::AnnouncedTwice { change, most: 2 });
    assert_eq!(chain.progress(change).window, Some((soonest.plus(1), soonest.plus(HOUR))), "the latest counts");
}

#[test]
fn it_is_carried_out_from_the_first_to_the_last_millisecond_of_its_window() {
    for (offset, expected) in [(0, "granted"), (8 * HOUR - 1, "granted"), (8 * HOUR, "E_WINDOW")] {
        let memory = Memory::default();
        let (mut chain, change) = in_window(&memory);
        chain.later(offset);
        assert_eq!(code(chain.execute(change)), expected, "{offset} ms after it began");
    }
}

#[test]
fn carried_out_it_has_the_whole_map_moves_what_differs_and_owes_its_audit() {
    let memory = Memory::default();
    let (mut chain, change) = in_window(&memory);
    let Event::Executed { execution, .. } = chain.execute(change).unwrap() else { panic!("it is carried out") };
    assert_eq!((execution.map.len(), execution.effects.len()), (7, 2), "rewards for all, and witnesses");
    assert_eq!(execution.duties.iter().map(|duty| duty.check.clone()).collect::<Vec<_>>(), [name("audit")]);
    assert!(chain.is_on(Gate::WitnessNetwork) && flags::Gates::of(&chain.state).is_on_for_all(Gate::TimetokeRewards));
    let (stage, standing) = crate::queries::standing(&chain.state, &name("chain")).unwrap();
    assert_eq!((stage, standing.change, standing.since), (name("mainnet"), change, chain.at));
    assert_eq!(code(chain.submit(promotes("mainnet"))), "E_NOT_SUCCESSOR");
}

#[test]
fn its_stage_freezes_from_the_window_on_until_the_audit_is_said() {
    let memory = Memory::default();
    let (mut chain, change) = in_window(&memory);
    assert_eq!(frozen(&chain.state, chain.at, &name("chain")).map(|(id, _)| id), Some(change));
    let pruning = chain.setting("pruning", 1);
    assert_eq!(code(chain.submit(sets([pruning.clone()]))), "E_FROZEN");
    assert!(require_thawed(&chain.state, chain.at, TrackName::Routine).is_err());
    assert_eq!(require_thawed(&chain.state, chain.at, TrackName::Expedited), Ok(()), "a hotfix");
    chain.execute(change).unwrap();
    assert_eq!((chain.label(change), chain.block()), (ChangeLabel::Frozen, vec![]));
    chain.say("audit", change);
    let events = chain.block();
    assert_eq!(kinds(&events), ["met", "thawed"]);
    assert!(matches!(events[1], Event::Thawed { why: ThawedWhy::Met, .. }));
    assert_eq!(code(chain.submit(sets([pruning]))), "granted");
    assert_eq!(require_thawed(&chain.state, chain.at, TrackName::Routine), Ok(()));
}

#[test]
fn a_freeze_is_over_at_its_longest_and_a_window_that_nobody_used_ends_one_for_good() {
    let memory = Memory::default();
    let (mut chain, change) = carried_out(&memory);
    assert_eq!(kinds(&chain.later(24 * HOUR)), ["missed"]);
    assert_eq!(chain.later(48 * HOUR - 1), []);
    let events = chain.later(1);
    assert!(matches!(events.as_slice(), [Event::Thawed { why: ThawedWhy::TimeOver, .. }]), "{events:?}");
    assert_eq!(chain.progress(change).state, ChangeState::Active, "what is missing keeps it open");

    let memory = Memory::default();
    let (mut chain, change) = in_window(&memory);
    let events = chain.later(8 * HOUR);
    assert!(matches!(events.as_slice(), [Event::Thawed { why: ThawedWhy::WindowOver, .. }]), "{events:?}");
    let from = chain.at.time.plus(14 * DAY);
    chain.call(ANN, &announces(change, from, from.plus(HOUR))).unwrap();
    chain.later(14 * DAY);
    assert_eq!(frozen(&chain.state, chain.at, &name("chain")), None, "not again for the same change");
    let Event::Executed { execution, .. } = chain.execute(change).unwrap() else { panic!("it is carried out") };
    assert_eq!(execution.freeze, None);
}

#[test]
fn an_audit_is_overdue_to_the_millisecond_blocks_promotions_and_heals_late() {
    let memory = Memory::default();
    let (mut chain, change) = carried_out(&memory);
    assert_eq!(chain.later(24 * HOUR - 1), []);
    let events = chain.later(1);
    let [Event::Missed { then: Missed::Block, check, .. }] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((check, chain.label(change)), (&name("audit"), ChangeLabel::AuditOverdue));
    assert_eq!(crate::queries::overdue(&chain.state, &name("chain")).count(), 1);
    chain.say("audit", change);
    let events = chain.block();
    assert!(matches!(events[0], Event::Met { late: true, .. }), "{events:?}");
    assert_eq!(crate::queries::overdue(&chain.state, &name("chain")).count(), 0);
}

#[test]
fn it_is_closed_when_nothing_is_owed_and_its_deposit_comes_back() {
    let memory = Memory::default();
    let (mut chain, change) = carried_out(&memory);
    let Err(Error::DutiesOwed { owed, .. }) = chain.close(change) else { panic!("it owes") };
    assert_eq!(owed.to_vec(), [name("audit")]);
    chain.say("audit", change);
    chain.block();
    assert_eq!(
        code(chain.call(BEN, &crate::Call::Close { plan: name("chain"), acting: name("sre"), change })),
        "E_ROLE"
    );
    chain.close(change).unwrap();
    assert_eq!((chain.progress(change).state, chain.held(ANN)), (ChangeState::Closed, Amount::ZERO));
    assert_eq!(code(chain.close(change)), "E_STATE");
    assert_eq!(crate::queries::live(&chain.state, &name("chain")).count(), 0);
}

#[test]
fn a_change_whose_window_begins_when_its_time_is_over_expires() {
    let memory = Memory::default();
    let (mut chain, change) = carried_out(&memory);
    chain.say("audit", change);
    chain.block();
    let mut back = draft(crate::change::ChangeRequest::Demote { to: name("testnet") });
    back.reason = primitives::Reason::new("it is slow").unwrap();
    let demotion = chain.approved(back);
    let from = chain.at.time.plus(14 * DAY);
    chain.call(ANN, &announces(demotion, from, from.plus(HOUR))).unwrap();
    chain.later(14 * DAY);
    // By then it has waited for as long as it may.
    assert_eq!(chain.progress(demotion).state, ChangeState::Ended { why: EndedWhy::Expired });
}

#[test]
fn a_demotion_without_a_window_is_carried_out_and_its_stages_stand_no_longer() {
    let memory = Memory::default();
    let mut plan = plan();
    plan.procedures[crate::tests::sample::DEMOTE].window = false;
    let mut chain = Chain::at_stage(&memory, plan, "mainnet");
    assert_eq!(
        code(chain.submit(draft(crate::change::ChangeRequest::Demote { to: name("mainnet") }))),
        "E_NOT_SUCCESSOR"
    );
    let demotion = chain.approved(draft(crate::change::ChangeRequest::Demote { to: name("testnet") }));
    chain.execute(demotion).unwrap();
    let (stage, standing) = crate::queries::standing(&chain.state, &name("chain")).unwrap();
    assert_eq!((stage, standing.since), (name("testnet"), chain.at), "soaks begin anew");
    assert!(!chain.is_on(Gate::WitnessNetwork));
    assert!(flags::Gates::of(&chain.state).limited_to(Gate::TimetokeRewards).is_some());
}
