//! Votes that could not be held, and those that have to be there.

use super::super::sample::*;
use super::{fine, only, only_of_application};
use crate::check::Ask;
use crate::plan::{Duty, Missed, Plan};
use primitives::{Fraction, ReleaseClass, Span};

const COUNCIL: usize = 6;

fn ballot(plan: &mut Plan) -> &mut crate::plan::VoteRules {
    match &mut plan.checks[COUNCIL].ask {
        Ask::Vote { ballot } => ballot,
        _ => panic!("the council votes"),
    }
}

#[test]
fn who_votes_has_members() {
    let mut plan = node();
    plan.roles[1].1.least_members = 0;
    let fields: Vec<String> = plan.mistakes().into_iter().map(|mistake| mistake.field).collect();
    assert_eq!(fields, ["checks.council.vote.role", "checks.ratify.vote.role"]);
    plan.roles[1].1.least_members = 1;
    assert!(plan.mistakes().is_empty());
}

#[test]
fn req_036_somebody_has_to_agree_for_every_class() {
    only("checks.council.vote.share", "reached before anybody votes", |plan| {
        ballot(plan).share = Fraction::new(0, 3).unwrap();
    });
    only("checks.council.vote.share", "reached before anybody votes", |plan| {
        ballot(plan).by_class = list([(ReleaseClass::Hotfix, Fraction::new(0, 3).unwrap())]);
    });
    only("checks.council.vote.by_class", "stands twice", |plan| {
        ballot(plan).by_class = list([Fraction::THIRD, Fraction::TWO_THIRDS].map(|share| (ReleaseClass::Major, share)));
    });
    let mut plan = node();
    ballot(&mut plan).by_class = list([(ReleaseClass::Hotfix, Fraction::THIRD)]);
    assert!(plan.mistakes().is_empty());
    let shares = [ReleaseClass::Hotfix, ReleaseClass::Major].map(|class| ballot(&mut plan).share_of(class));
    assert_eq!(shares, [Fraction::THIRD, Fraction::TWO_THIRDS]);
}

#[test]
fn one_list_has_one_vote() {
    only("procedures[1].approve", "\"council\" and \"ratify\" are both votes", |plan| {
        plan.procedures[DEMOTE].approve = names(&["council", "ratify"]);
    });
    only("procedures[3].close", "\"ratify\" and \"council\" are both votes", |plan| {
        plan.procedures[DISABLE].close.try_push(duty("council", Some(Span::hours(24)), Missed::Hold)).unwrap();
    });
}

#[test]
fn all_that_a_promotion_asks_has_one_vote() {
    only("procedures[0].approve", "\"ratify\" and \"council\" are both votes", |plan| {
        plan.stages[TESTNET].readiness.try_push(name("ratify")).unwrap();
    });
    only("stage.development.leave", "\"council\" and \"ratify\" are both votes", |plan| {
        plan.stages[DEVELOPMENT].leave = names(&["ratify"]);
    });
}

#[test]
fn no_vote_stands_where_no_poll_is_opened() {
    only("procedures[3].approve[0]", "waits for none", |plan| {
        plan.procedures[DISABLE].approve = names(&["council"]);
    });
    only("stage.mainnet.steps[0].needs[0]", "none is opened for a step", |plan| {
        plan.stages[MAINNET].steps = list([step("deploy", &["council"])]);
    });
}

#[test]
fn req_006_what_moves_the_gates_of_a_network_is_voted_on() {
    for (place, kind) in [(PROMOTE, "promote"), (DEMOTE, "demote"), (SET, "set")] {
        only(&format!("procedures[{place}].approve"), &format!("a {kind} moves the gates"), |plan| {
            plan.procedures[place].approve = names(&["signoff"]);
        });
    }
    let mut plan = application();
    plan.procedures[PROMOTE].approve = list([]);
    assert!(plan.mistakes().is_empty());
}

#[test]
fn req_019_what_an_emergency_did_to_the_gates_of_a_network_is_voted_on_and_something_comes_of_no_vote() {
    let day = Some(Span::hours(24));
    for (place, kind) in [(DISABLE, "disable"), (ROLLBACK, "rollback")] {
        let owes = |check: &'static str, missed| {
            move |plan: &mut Plan| plan.procedures[place].close = list([duty(check, day, missed)])
        };
        let nobody = format!("a {kind} moves the gates of the network, and nobody votes");
        only(&format!("procedures[{place}].close"), &nobody, owes("audit", Missed::Block));
        only(
            &format!("procedures[{place}].close[0].missed"),
            "\"ratify\" could stay out for ever",
            owes("ratify", Missed::Block),
        );
        fine(owes("ratify", Missed::Hold));
        fine(owes("ratify", Missed::Restore));
        fine(|plan| {
            let procedure = &mut plan.procedures[place];
            (procedure.at_once, procedure.execute_within) = (false, Span::days(1));
            (procedure.approve, procedure.close) = (names(&["council"]), list([]));
        });
        let mut plan = application();
        owes("audit", Missed::Block)(&mut plan);
        assert!(plan.mistakes().is_empty(), "{:#?}", plan.mistakes());
    }
}

#[test]
fn no_incident_stands_for_a_vote() {
    let instead = |plan: &mut Plan| plan.procedures[DISABLE].close[0].or_incident = true;
    only("procedures[3].close[0].or_incident", "\"ratify\" is a vote, and no incident", instead);
    only_of_application("procedures[3].close[0].or_incident", "\"ratify\" is a vote, and no incident", instead);
    let owed = |check: &str| Duty { or_incident: true, ..duty(check, Some(Span::hours(24)), Missed::Block) };
    only("stage.mainnet.close[1].or_incident", "\"council\" is a vote", |plan| {
        plan.stages[MAINNET].close.try_push(owed("council")).unwrap();
    });
    fine(|plan| plan.procedures[PROMOTE].close = list([owed("audit")]));
}

#[test]
fn req_036_no_class_drops_a_vote_of_a_network() {
    let drops = |plan: &mut Plan| plan.checks[COUNCIL].skip = list([ReleaseClass::Hotfix]);
    only("checks.council.skip", "move for no class without it", drops);
    // A duty drops out for nobody, so a class of one would say what is not so.
    only("checks.ratify.skip", "move for no class without it", |plan| {
        plan.checks[7].skip = list([ReleaseClass::Patch]);
    });
    let mut plan = application();
    drops(&mut plan);
    assert!(plan.mistakes().is_empty(), "{:#?}", plan.mistakes());
}

#[test]
fn an_application_is_amended_by_the_vote_of_its_owner() {
    only_of_application("policy.amend", "say share and within", |plan| plan.policy.amend = None);
    only_of_application("policy.amend.role", "would amend what \"council\" owns", |plan| {
        plan.policy.amend = Some(vote("sre"));
    });
    only("policy.amend", "the stake amends", |plan| plan.policy.amend = Some(vote("council")));
    fine(|plan| plan.policy.amend = None);
}
