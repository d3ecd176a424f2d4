//! Back to what is known to be good: computed, never typed; with an incident and the smoke list, and nothing moves by evidence alone
//! (ROLLOUTS 7.8 and 8).

use super::{ci, owner, shop, tenant};
use crate::application::{Application, path};
use crate::network::{HOUR, SECOND, name};
use artifacts::ArtifactStanding;
use cases::{Containment, DutyOfChange};
use primitives::{AlertSeverity, ChangeId, Digest};
use rollouts::change::{ChangeDraft, ChangeRequest, ChangeState};
use rollouts::plan::ChangeKind;
use rollouts::statement::StatementSubject;

/// How long there is for the smoke list.
const SMOKE: u64 = 4 * HOUR;
/// What is run after a rollback.
const OF_ROLLBACK: [&str; 4] = ["post.auth", "post.reads", "post.checkout", "post.risk"];

/// The shop with two builds that are known to be good, of which the later one stands in PROD.
fn with_two_builds() -> (Application, Digest, Digest) {
    let mut shop = shop();
    let first = shop.proven(1);
    let second = shop.proven(2);
    assert_eq!(shop.stands_in("PROD"), Some(second));
    (shop, first, second)
}

fn rolled_back(shop: &mut Application) -> ChangeId {
    shop.submitted(owner().submits(shop.rolls_back("PROD")))
}

#[test]
fn prod_goes_back_to_the_last_build_that_is_known_to_be_good_outside_of_its_window_and_without_a_ticket() {
    let (mut shop, first, second) = with_two_builds();
    shop.wait(10 * HOUR);
    let change = rolled_back(&mut shop);
    assert_eq!((shop.stands_in("PROD"), shop.progress(change).state), (Some(first), ChangeState::Active));
    assert_eq!((shop.taken_for(first), shop.taken_for(second)), (ArtifactStanding::Good, ArtifactStanding::Bad));
    assert_eq!(shop.owed(change), OF_ROLLBACK);
    shop.refused(owner().submits(shop.promotes("PROD", second)), "E_ARTIFACT_BAD");
}

#[test]
fn req_098_a_build_that_nobody_audited_in_prod_is_not_gone_back_to_though_it_closed_in_dev_and_staging() {
    let mut shop = shop();
    let first = shop.proven(1);
    let second = shop.registered(2);
    shop.stage(second);
    assert_eq!(shop.taken_for(second), ArtifactStanding::Good, "its promotions to DEV and STAGING owed nothing");
    // Two hours into the pause: when the next one begins, there are two hours left for its audit.
    let unaudited = shop.ready_for_prod(second);
    shop.wait(2 * HOUR);
    shop.granted(owner().executes(unaudited));
    shop.take_step(&owner(), unaudited, "deploy");
    shop.wait(10 * HOUR);
    let third = shop.registered(3);
    shop.stage(third);
    let change = shop.enter_prod(third);
    shop.take_step(&owner(), change, "deploy");
    assert_eq!(shop.progress(unaudited).overdue().count(), 0, "there is time for its audit");
    rolled_back(&mut shop);
    assert_eq!(shop.stands_in("PROD"), Some(first));
    assert_eq!((shop.taken_for(second), shop.taken_for(third)), (ArtifactStanding::Good, ArtifactStanding::Bad));
}

#[test]
fn there_is_nothing_to_go_back_to_where_one_build_alone_has_stood() {
    let mut shop = shop();
    shop.refused(owner().submits(shop.rolls_back("PROD")), "E_STAGE");
    shop.proven(1);
    shop.refused(owner().submits(shop.rolls_back("PROD")), "E_NO_GOOD_ARTIFACT");
}

#[test]
fn a_rollback_opens_an_incident_that_is_resolved_step_by_step_and_stops_promotions_until_then() {
    let (mut shop, _, _) = with_two_builds();
    let change = rolled_back(&mut shop);
    let incidents = shop.incidents();
    assert_eq!(incidents.len(), 1, "{incidents:?}");
    let incident = incidents[0];
    assert_eq!(shop.progress(change).incident, Some(incident), "each names the other");
    let third = shop.registered(3);
    shop.stage(third);
    shop.answer_duties(change);
    shop.granted(owner().closes(change));
    let prod = shop.ready_for_prod(third);
    shop.refused(owner().executes(prod), "E_INCIDENT");

    shop.refused(owner().resolves(incident), "E_CASE_STEP");
    shop.refused(tenant(1).classifies(incident, AlertSeverity::Critical), "E_ROLE");
    shop.granted(owner().classifies(incident, AlertSeverity::Critical));
    shop.granted(owner().responds(incident, Containment::Rollback(change)));
    shop.granted(owner().resolves(incident));
    assert!(shop.incidents().is_empty());
    shop.granted(owner().executes(prod));
    assert_eq!(shop.stands_in("PROD"), Some(third));
}

#[test]
fn the_smoke_list_is_owed_within_four_hours_to_the_millisecond_and_late_it_stops_promotions() {
    let (mut shop, _, _) = with_two_builds();
    let change = rolled_back(&mut shop);
    let end = shop.progress(change).executed.unwrap().running + SMOKE;
    shop.answer_only(change, "post.auth");
    shop.run_until(end - 1);
    assert_eq!(shop.progress(change).overdue().count(), 0);
    shop.run_until(end);
    let late: Vec<&str> = OF_ROLLBACK[1..].to_vec();
    let progress = shop.progress(change);
    assert_eq!(progress.overdue().map(|duty| duty.check.as_str()).collect::<Vec<_>>(), late);
    shop.refused(owner().closes(change), "E_DUTY");
    shop.answer_duties(change);
    shop.block(SECOND, &[]);
    shop.granted(owner().closes(change));
}

#[test]
fn p05_a_trigger_opens_a_rollback_that_waits_for_its_authority_and_evidence_alone_moves_nothing() {
    let (mut shop, first, second) = with_two_builds();
    let seen = shop.failed("tenant_isolation", StatementSubject::Scope(path("PROD/t1")));
    shop.refused(tenant(2).states(seen.clone()), "E_ROLE");
    shop.granted(tenant(1).states(seen));
    (0..2).for_each(|_| drop(shop.block(SECOND, &[])));
    let change = shop.live(ChangeKind::Rollback).unwrap();
    assert_eq!((shop.progress(change).state, shop.stands_in("PROD")), (ChangeState::Open, Some(second)));
    assert!(!shop.incidents().is_empty(), "it opens an incident at once");
    for other in [tenant(1), ci()] {
        shop.refused(other.executes(change), "E_ROLE");
    }
    shop.granted(owner().executes(change));
    assert_eq!((shop.stands_in("PROD"), shop.taken_for(second)), (Some(first), ArtifactStanding::Bad));
}

#[test]
fn a_rollback_names_a_trigger_and_a_source_of_the_plan_and_one_of_a_stage_lives_at_a_time() {
    let (mut shop, ..) = with_two_builds();
    let with = |shop: &Application, of_trigger: &str, of_source: &str| {
        let (stage, trigger, source) = (name("PROD"), name(of_trigger), name(of_source));
        ChangeDraft { ticket: None, ..shop.draft(ChangeRequest::Rollback { stage, trigger, source }) }
    };
    for (trigger, source) in [("policy_corruption", "telemetry"), ("slow", "telemetry"), ("manual", "a_feeling")] {
        let asked = owner().submits(with(&shop, trigger, source));
        shop.refused(asked, "E_TRIGGER");
    }
    shop.granted(owner().submits(with(&shop, "risk_bypass", "community_report")));
    shop.refused(owner().submits(shop.rolls_back("PROD")), "E_TOO_MANY");
}

#[test]
fn an_incident_stands_for_a_duty_of_a_change_of_its_own_plan_alone() {
    let (mut shop, _, _) = with_two_builds();
    let change = rolled_back(&mut shop);
    let duty = |change| Some(DutyOfChange { change, check: name("post.auth") });
    shop.refused(owner().detects_for("PROD", duty(ChangeId(change.0 + 1))), "E_CHANGE_UNKNOWN");
    shop.granted(owner().detects_for("PROD", duty(change)));
    assert_eq!(shop.incidents().len(), 2, "that of the rollback, and this one");
}

#[test]
fn req_112_enforcement_that_is_off_outside_of_any_change_opens_an_incident_and_asks_for_a_rollback() {
    let (mut shop, _, second) = with_two_builds();
    let seen = shop.failed("risk_bypass", StatementSubject::Scope(path("PROD/t2")));
    shop.granted(ci().states(seen));
    (0..2).for_each(|_| drop(shop.block(SECOND, &[])));
    assert_eq!(shop.incidents().len(), 1);
    let change = shop.live(ChangeKind::Rollback).unwrap();
    let asked = rollouts::queries::change(&shop.state(), change).unwrap().asked.request;
    let ChangeRequest::Rollback { stage, trigger, .. } = asked else { panic!("{asked:?}") };
    assert_eq!((stage, trigger), (name("PROD"), name("risk_bypass")));
    assert_eq!((shop.progress(change).state, shop.stands_in("PROD")), (ChangeState::Open, Some(second)));
}
