//! What is open stops promotions where it is, an incident stands for an audit, and an emergency brings its ticket afterwards (ROLLOUTS 7.4,
//! 7.7, 8).

use super::chain::*;
use super::shop::*;
use crate::change::{ChangeRequest, DutyState};
use crate::plan::Missed;
use crate::queries::{ChangeLabel, require_containment};
use crate::statement::{StatementOutcome, StatementSubject};
use crate::tests::sample::{name, names};
use crate::{Error, Event};
use cases::{Containment, DutyOfChange};
use primitives::{CaseId, ChangeId, Path, Text};
use state::{Apply as _, Decide as _, Memory};

/// Ben opens an incident of the shop.
fn detects(chain: &mut Chain<'_>, at: &str, duty: Option<DutyOfChange>) -> CaseId {
    let call = cases::Call::Detect {
        plan: name("shop"),
        acting: name("sre"),
        path: at.parse().unwrap(),
        observation: Text::new("it is slow").unwrap(),
        impact: Text::new("nobody can pay").unwrap(),
        report: None,
        duty: duty.clone(),
    };
    let event = call.decide(&chain.state, chain.at, BEN).unwrap();
    event.apply(&mut chain.state, chain.at);
    if let Some(duty) = duty {
        crate::apply::incident_stands(&mut chain.state, chain.at, &name("shop"), duty.change);
    }
    cases::queries::open(&chain.state, &name("shop"), cases::CaseKind::Incident).last().unwrap()
}

fn contains() -> crate::change::ChangeDraft {
    let (scope, cause) = (path("mainnet/t1"), name("CONTAINMENT"));
    draft(ChangeRequest::Disable { flags: names(&["pruning"]), scope, cause })
}

#[test]
fn an_incident_stops_promotions_there_and_nothing_that_stops_something() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let artifact = artifact(&mut chain, 1, None);
    enter_and_close(&mut chain, "development", artifact);
    let case = detects(&mut chain, "testnet", None);
    let refused = ask(&mut chain, ANN, "commander", promotes_artifact("testnet", artifact)).unwrap_err();
    assert_eq!(refused, Error::IncidentOpen { case, path: path("testnet") });
    assert_eq!(refused.code(), "E_INCIDENT");
    ask(&mut chain, ANN, "commander", contains()).unwrap();
    let elsewhere = super::shop::artifact(&mut chain, 2, None);
    enter(&mut chain, "development", elsewhere);
}

#[test]
fn an_incident_stands_for_an_audit_where_the_plan_says_so() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let artifact = artifact(&mut chain, 1, None);
    let change = ask(&mut chain, ANN, "commander", promotes_artifact("development", artifact)).unwrap();
    detects(&mut chain, "development", Some(DutyOfChange { change, check: name("audit") }));
    let events = chain.block();
    assert!(matches!(events.as_slice(), [Event::Met { late: false, poll: None, .. }]), "{events:?}");
    close_in_shop(&mut chain, change).unwrap();
}

#[test]
fn a_containment_owes_its_ticket_and_without_one_in_time_nothing_is_promoted_there() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let artifact = artifact(&mut chain, 1, None);
    enter_and_close(&mut chain, "development", artifact);
    enter_and_close(&mut chain, "testnet", artifact);
    let change = ask(&mut chain, ANN, "commander", contains()).unwrap();
    assert_eq!(chain.label(change), ChangeLabel::BackfillDue);
    chain.later(72 * HOUR - 1);
    let events = chain.later(1);
    assert!(matches!(events.as_slice(), [Event::Missed { then: Missed::Block, opened: None, .. }]), "{events:?}");
    // It is overdue at the tenant's path, which lies below the stage: that one goes on, and so does all that stops something.
    let overdue = crate::queries::overdue(&chain.state, &name("shop")).next();
    assert_eq!(overdue, Some((path("mainnet/t1"), change)));
    let wrong = states_in_shop("ticket", StatementSubject::Change(change), StatementOutcome::Passed, &["7"]);
    chain.call(BEN, &wrong).unwrap();
    assert_eq!(chain.block(), [], "that is no ticket");
    let right = states_in_shop("ticket", StatementSubject::Change(change), StatementOutcome::Passed, &["CHG-7"]);
    chain.call(BEN, &right).unwrap();
    let events = chain.block();
    assert!(matches!(events.as_slice(), [Event::Met { late: true, .. }]), "{events:?}");
    assert_eq!(chain.progress(change).duties[0].state, DutyState::MetLate);
    assert_eq!(crate::queries::overdue(&chain.state, &name("shop")).next(), None);
}

#[test]
fn a_late_ticket_of_a_whole_stage_stops_what_is_promoted_there() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let artifact = artifact(&mut chain, 1, None);
    enter_and_close(&mut chain, "development", artifact);
    let request =
        ChangeRequest::Disable { flags: names(&["pruning"]), scope: path("testnet"), cause: name("CONTAINMENT") };
    let change = ask(&mut chain, ANN, "commander", draft(request)).unwrap();
    chain.later(72 * HOUR);
    let refused = ask(&mut chain, ANN, "commander", promotes_artifact("testnet", artifact)).unwrap_err();
    assert_eq!(refused, Error::Overdue { change, check: name("ticket"), path: path("testnet") });
}

#[test]
fn a_vote_that_is_not_taken_in_time_is_an_incident_and_only_the_first_of_a_change() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = chain.submit(disables(&["timetoke_rewards"])).unwrap();
    chain.block();
    let events = chain.later(24 * HOUR);
    let [Event::Missed { opened: Some(opened), .. }] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(chain.progress(change).incident, Some(opened.id));
    let open = cases::queries::first_open_at(&chain.state, &name("chain"), &Path::ROOT);
    assert_eq!(open, Some(opened.id));
    assert_eq!(cases::queries::of_change(&chain.state, change), Some(opened.id));
}

#[test]
fn what_contains_an_incident_is_a_change_of_that_kind_that_reaches_it() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let change = ask(&mut chain, ANN, "commander", contains()).unwrap();
    let here = detects(&mut chain, "mainnet", None);
    let elsewhere = detects(&mut chain, "testnet", None);
    let says = |chain: &Chain<'_>, case, containment| {
        require_containment(&chain.state, &name("shop"), case, &[containment]).map_err(|error| error.code())
    };
    assert_eq!(says(&chain, here, Containment::FeatureFlag(change)), Ok(()));
    assert_eq!(says(&chain, here, Containment::PolicyLock(None)), Ok(()), "the incident itself is the lock");
    assert_eq!(says(&chain, here, Containment::Rollback(change)), Err("E_CONTAINMENT"));
    assert_eq!(says(&chain, here, Containment::FeatureFlag(ChangeId(99))), Err("E_CONTAINMENT"));
    assert_eq!(says(&chain, elsewhere, Containment::FeatureFlag(change)), Err("E_CONTAINMENT"));
}

#[test]
fn no_incident_stands_for_what_another_plan_owes() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let artifact = artifact(&mut chain, 1, None);
    let change = ask(&mut chain, ANN, "commander", promotes_artifact("development", artifact)).unwrap();
    let asked = |plan: &str, change| {
        let duty = cases::DutyOfChange { change, check: name("audit") };
        crate::queries::require_duty(&chain.state, &name(plan), &duty)
    };
    assert_eq!(asked("shop", change), Ok(()));
    assert_eq!(code(asked("chain", change)), "E_CHANGE_UNKNOWN");
    assert_eq!(code(asked("shop", primitives::ChangeId(change.0 + 1))), "E_CHANGE_UNKNOWN");
}
