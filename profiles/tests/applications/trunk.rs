//! Trunk-based delivery: four stages, and a checklist and a share of votes for each class of release.

use super::{check, granted, name, names, procedure, question, sections, stage};
use crate::files::Given;
use primitives::{Fraction, ReleaseClass, Span};
use rollouts::check::{AboutKind, Ask};
use rollouts::plan::{ChangeKind, Governs, Plan, WindowRule};

const STAGES: [&str; 4] = ["local", "staging", "canary", "ga"];

fn trunk() -> Plan {
    Given::trunk().loaded().plan
}

/// What is asked before a stage is entered, by a release of a class: what `skip` leaves.
fn asked(plan: &Plan, to: &str, class: ReleaseClass) -> Vec<String> {
    let keys = plan.approval_list(&name(to)).into_iter().filter(|asked| asked.stage.as_ref() == Some(&name(to)));
    let keys = keys.map(|asked| asked.key).filter(|key| !check(plan, key.as_str()).skip.contains(&class));
    keys.map(|key| key.to_string()).collect()
}

#[test]
fn req_003_trunk_goes_from_local_over_staging_and_canary_to_everybody() {
    let plan = trunk();
    let stages: Vec<&str> = plan.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(stages, STAGES);
    assert_eq!(plan.governs, Governs::Application { owner: name("release_manager") });
    assert!(plan.mistakes().is_empty(), "{:?}", plan.mistakes());
    assert_eq!(plan.document.status.as_str(), "Draft");
    assert!(!plan.policy.one_way && stage(&plan, "ga").production);
    let workdays = WindowRule::Weekly { days: 0b1_1111, from_minute: 480, minutes: 600 };
    assert_eq!(plan.window(&name("workdays")).unwrap().rule, workdays);
}

#[test]
fn every_section_that_trunk_names_is_in_its_document() {
    let expected = STAGES.map(|stage| {
        [
            format!("docs/operations/release_checklist.md#{stage}"),
            format!("docs/operations/rollbacks/server.md#{stage}"),
        ]
    });
    assert_eq!(sections(&trunk()), expected.concat());
}

#[test]
fn req_016_the_scope_of_a_canary_is_a_region_or_a_guild_because_the_profile_says_so() {
    assert_eq!(names(&trunk().levels), ["region", "guild"]);
    let tenants = Given::trunk().with("levels = [\"region\", \"guild\"]", "levels = [\"tenant\"]").loaded().plan;
    assert_eq!(names(&tenants.levels), ["tenant"]);
}

#[test]
fn req_146_three_checks_stand_before_every_stage_and_none_of_them_is_left_out_for_a_class() {
    let plan = trunk();
    for to in STAGES {
        assert_eq!(names(&stage(&plan, to).readiness)[..3], ["test_suite", "slo_health", "business_flow"], "{to}");
    }
    for key in ["test_suite", "slo_health", "business_flow"] {
        let check = check(&plan, key);
        assert!(check.blocker && check.skip.is_empty(), "{key}");
    }
    let Ask::Word { about, .. } = &check(&plan, "slo_health").ask else { panic!("it asks for a word") };
    assert_eq!((*about, check(&plan, "slo_health").fresh), (AboutKind::Stage, Some(Span::hours(24))));
}

#[test]
fn req_036_each_class_has_its_checklist_and_its_share_of_votes() {
    let plan = trunk();
    let every = ["test_suite", "slo_health", "business_flow"];
    let with = |drills: &[&str]| -> Vec<String> {
        every.iter().chain(drills).chain(&["approved"]).map(|key| (*key).to_owned()).collect()
    };
    let cases = [
        (ReleaseClass::Major, with(&["drill.server", "drill.web_client", "drill.tauri"])),
        (ReleaseClass::Minor, with(&["drill.server", "drill.web_client"])),
        (ReleaseClass::Patch, with(&["drill.server"])),
        (ReleaseClass::Hotfix, with(&[])),
    ];
    for (class, expected) in cases {
        assert_eq!(asked(&plan, "ga", class), expected, "{class:?}");
    }
    let Ask::Vote { ballot } = &check(&plan, "approved").ask else { panic!("it asks for a vote") };
    assert_eq!(ballot.share_of(ReleaseClass::Major), Fraction::TWO_THIRDS);
    for class in [ReleaseClass::Minor, ReleaseClass::Patch, ReleaseClass::Hotfix] {
        assert_eq!(ballot.share_of(class), Fraction::new(1, 2).unwrap(), "{class:?}");
    }
}

#[test]
fn req_094_server_web_client_and_tauri_have_a_playbook_with_an_owner_that_is_tried_each_month() {
    let plan = trunk();
    let playbooks: Vec<(&str, &str, String)> =
        plan.playbooks.iter().map(|book| (book.domain.as_str(), book.owner.as_str(), book.doc.to_string())).collect();
    let doc = |page: &str| format!("docs/operations/rollbacks/{page}.md#rollback");
    assert_eq!(
        playbooks,
        [
            ("server", "sre", doc("server")),
            ("web_client", "sre", doc("web_client")),
            ("tauri", "sre", doc("tauri_client")),
        ]
    );
    let windows: Vec<Option<(Span, Span)>> =
        plan.playbooks.iter().map(|book| book.drill.map(|drill| (drill.every, drill.window))).collect();
    assert_eq!(windows, [30, 30, 60].map(|minutes| Some((Span::days(30), Span::minutes(minutes)))));
    for key in ["drill.server", "drill.web_client", "drill.tauri"] {
        assert_eq!(question(&plan, key), "drill");
    }
}

#[test]
fn req_101_a_release_is_a_flag_and_no_stage_turns_one_on() {
    let plan = trunk();
    assert!(plan.stages.iter().all(|stage| stage.values.is_empty() && stage.limits.is_empty()));
    let steps = &stage(&plan, "ga").steps;
    let steps: Vec<(&str, Vec<&str>, bool)> =
        steps.iter().map(|step| (step.key.as_str(), names(&step.needs), step.sets.is_empty())).collect();
    assert_eq!(steps, [("deploy", vec!["deployed"], true), ("release", vec!["business_flow"], true)]);
}

#[test]
fn req_024_in_production_flags_are_moved_by_two_roles_and_with_a_ticket() {
    let plan = trunk();
    assert_eq!(granted(&plan, "set.submit"), ["release_manager", "product_owner"]);
    assert_eq!(granted(&plan, "disable.submit"), ["release_manager", "sre", "product_owner"]);
    let ticket = stage(&plan, "ga").ticket.clone().unwrap();
    assert!(ticket.matches("REL-7") && !ticket.matches("CHG-7"));
    let disable = procedure(&plan, ChangeKind::Disable);
    assert_eq!((disable.close[0].check.as_str(), disable.close[0].within), ("ticket", Some(Span::hours(72))));
}
