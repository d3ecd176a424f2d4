//! What the plan as a whole says.

use super::super::sample::*;
use super::{fine, only, only_of_application};
use crate::plan::{ArtifactRules, Plan, WindowRule};
use primitives::Text;

#[test]
fn versions_count_from_one_and_a_nodes_names_are_kept_for_it() {
    only("version", "counted from 1", |plan| plan.version = 0);
    for reserved in ["chain", "node"] {
        only_of_application("name", "is kept for the plan of a node", |plan| plan.name = name(reserved));
    }
    fine(|plan| plan.name = name("node"));
}

#[test]
fn req_014_the_document_says_what_it_is() {
    only("document.title", "say the document's title", |plan| plan.document.title = Text::default());
    only("document.status", "say the document's status", |plan| plan.document.status = Text::new("  ").unwrap());
    fine(|plan| plan.document.roadmap = Text::default());
}

#[test]
fn req_006_what_is_one_way_is_never_demoted() {
    only("procedures[1].of", "nothing is ever demoted", |plan| plan.policy.one_way = true);
    fine(|plan| {
        plan.policy.one_way = true;
        plan.procedures.remove(DEMOTE);
    });
}

#[test]
fn an_emergency_can_be_had_and_says_why() {
    only("policy.open_emergencies", "nobody could act", |plan| plan.policy.open_emergencies = 0);
    only("procedures[3].causes", "names its cause", |plan| plan.procedures[DISABLE].causes = list([]));
    only("procedures[4].sources", "where its trigger was seen", |plan| plan.procedures[ROLLBACK].sources = list([]));
}

#[test]
fn an_emergency_that_switches_a_flag_off_may_switch_off_what_requires_it() {
    let witnesses = |plan: &mut Plan| plan.flags[6].emergency = false;
    let said = "no emergency may touch \"witness_network\", which requires \"recursive_proofs\"";
    only("flags.recursive_proofs.emergency", said, witnesses);
    only("flags.recursive_proofs.emergency", said, |plan| {
        witnesses(plan);
        plan.playbooks[0].disables = names(&["recursive_proofs"]);
    });
    fine(|plan| {
        witnesses(plan);
        plan.flags[1].emergency = false;
    });
    // By way of another that requires it.
    let mut plan = node();
    plan.flags[PRUNING].requires = names(&["recursive_proofs"]);
    plan.flags[2].requires = names(&["pruning"]);
    plan.flags[2].emergency = false;
    let fields: Vec<String> = plan.mistakes().into_iter().map(|mistake| mistake.field).collect();
    assert_eq!(fields, ["flags.pruning.emergency", "flags.recursive_proofs.emergency"]);
}

#[test]
fn no_role_has_more_members_at_least_than_a_motion_can_name() {
    fine(|plan| plan.roles[1].1.least_members = 100);
    only("roles.council.least", "say 100 or less", |plan| plan.roles[1].1.least_members = 101);
}

#[test]
fn only_what_a_freeze_stops_can_be_spared_from_it() {
    only("policy.never_frozen[1]", "what can is expedited", |plan| {
        plan.policy.never_frozen = names(&["expedited", "promote"]);
    });
    fine(|plan| plan.policy.never_frozen = list([]));
}

#[test]
fn req_013_a_weekly_window_is_within_the_week() {
    let daily = |days, from_minute, minutes| {
        move |plan: &mut Plan| plan.windows[0].rule = WindowRule::Weekly { days, from_minute, minutes }
    };
    fine(daily(1, 0, 1));
    fine(daily(0x7f, 1_439, 1_440));
    only("windows.daily.days", "on no day of the week", daily(0, 0, 60));
    only("windows.daily.days", "on no day of the week", daily(128, 0, 60));
    only("windows.daily.from", "after the end of the day", daily(1, 1_440, 60));
    only("windows.daily.for", "0 minutes long", daily(1, 0, 0));
    only("windows.daily.for", "1441 minutes long", daily(1, 0, 1_441));
}

#[test]
fn what_is_kept_is_something() {
    let rules = |count| ArtifactRules {
        format: "shop-{n}".parse().unwrap(),
        meta: list([]),
        keep: list([(name("mainnet"), count)]),
    };
    only_of_application("artifacts.keep.mainnet", "nothing to go back to", |plan| plan.artifacts = Some(rules(0)));
    fine(|plan| plan.artifacts = Some(rules(1)));
}
