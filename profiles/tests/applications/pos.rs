//! The shop: one owner, tenants below it, one way from DEV to PROD.

use super::{check, granted, name, names, predicate, procedure, question, sections, stage};
use crate::files::Given;
use flags::{Expiry, FlagKind, Risk, Value};
use primitives::{Digest, Name, Span};
use profiles::MistakeKind;
use rollouts::check::{Ask, IfMissing, Refs, RowKeys};
use rollouts::plan::{ChangeKind, Governs, Missed, Nature, PhaseState, Plan, Speakers};

const RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";
const OWNER: &str = "APPLICATION_OWNER";

fn pos() -> Plan {
    Given::pos().loaded().plan
}

/// The checks that are said by a word about something, of which all references are asked.
fn all_refs(plan: &Plan, key: &str) -> Vec<String> {
    match &check(plan, key).ask {
        Ask::Word { refs: Refs::All(refs), .. } => refs.iter().map(Name::to_string).collect(),
        other => panic!("{key}: {other:?}"),
    }
}

fn forbidden(plan: &Plan, key: &str) -> Vec<String> {
    match &check(plan, key).ask {
        Ask::Forbid { keys } => keys.iter().map(Name::to_string).collect(),
        other => panic!("{key}: {other:?}"),
    }
}

#[test]
fn req_004_the_shop_goes_from_dev_over_staging_to_prod_and_never_back() {
    let given = Given::pos();
    let loaded = given.loaded();
    let plan = &loaded.plan;
    let stages: Vec<&str> = plan.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(stages, ["DEV", "STAGING", "PROD"]);
    assert!(plan.policy.one_way && plan.procedure(ChangeKind::Demote, None).is_none());
    assert_eq!(plan.governs, Governs::Application { owner: name(OWNER) });
    assert_eq!(names(&plan.levels), ["tenant", "branch"]);
    assert_eq!(plan.document.status.as_str(), "Draft for Review");
    let own = Digest::blake3(given.profile.as_bytes());
    assert_eq!((plan.bundle, plan.profile), (own, own), "it holds its bundle");
    assert_eq!(loaded.bundle_bytes, given.profile.as_bytes());
    assert!(plan.mistakes().is_empty(), "{:?}", plan.mistakes());
}

#[test]
fn every_section_that_the_shop_names_is_in_its_document() {
    let expected = ["dev", "staging", "prod"].map(|stage| {
        [format!("docs/Release-Gatekeeper.md#{stage}"), format!("docs/operations/rollbacks/server.md#{stage}")]
    });
    assert_eq!(sections(&pos()), expected.concat());
    let lacking = Given::pos().with("Release-Gatekeeper.md#prod", "Release-Gatekeeper.md#production");
    assert_eq!(lacking.fields(MistakeKind::Anchor), ["stages[2].release_checks"]);
}

#[test]
fn req_109_the_flags_of_tenants_have_these_values_at_each_stage() {
    let plan = pos();
    let values = |key: &str| -> Vec<(String, String)> {
        stage(&plan, key).values.iter().map(|(flag, variant)| (flag.to_string(), variant.to_string())).collect()
    };
    let gates = ["advanced_discounts", "loyalty_rules", "risk_enforcement"];
    let said = |variants: [&str; 3]| -> Vec<(String, String)> {
        gates.into_iter().zip(variants).map(|(flag, variant)| (flag.to_owned(), variant.to_owned())).collect()
    };
    assert_eq!(values("DEV"), said(["on", "on", "on"]));
    assert_eq!(values("STAGING"), said(["on", "on", "on"]));
    assert_eq!(values("PROD"), said(["off", "off", "on"]));
    for key in ["advanced_discounts", "loyalty_rules"] {
        let flag = plan.flag(&name(key)).unwrap();
        assert_eq!((flag.kind, flag.risk, flag.emergency), (FlagKind::Release, Risk::High, true), "{key}");
        assert!(matches!(flag.expires, Expiry::At(_)), "{key} has a day to go");
    }
}

#[test]
fn req_112_enforcement_is_bypassed_by_a_governed_change_alone() {
    let plan = pos();
    let flag = plan.flag(&name("risk_enforcement")).unwrap();
    let named = |place: u8| flag.variants[usize::from(place)].name.to_string();
    assert_eq!((named(flag.fallback), named(flag.off)), ("on".into(), "on".into()), "disabled, it still holds");
    assert_eq!(flag.bypass.iter().map(|place| named(*place)).collect::<Vec<_>>(), ["off"]);
    assert!(!flag.emergency, "no emergency touches it");
    let bypassed = plan.signal(&name("risk_bypass")).unwrap();
    assert!(bypassed.opens_incident && bypassed.opens_rollback, "seen outside of that, it is a trigger");
}

#[test]
fn req_113_the_risk_modes_are_three_texts_of_which_the_strictest_is_served_where_nothing_is_set() {
    let plan = pos();
    let flag = plan.flag(&name("risk_mode")).unwrap();
    let variants: Vec<(&str, &Value)> =
        flag.variants.iter().map(|variant| (variant.name.as_str(), &variant.value)).collect();
    let expected = ["WARN", "READ_ONLY", "BLOCK"].map(|mode| (mode, Value::Text(mode.parse().unwrap())));
    assert_eq!(variants, expected.iter().map(|(mode, value)| (*mode, value)).collect::<Vec<_>>());
    assert_eq!((flag.fallback, flag.off), (2, 2));
    assert_eq!(names(&flag.requires), ["risk_enforcement"]);
}

#[test]
fn req_129_every_promotion_asks_for_tests_and_a_build_and_the_later_ones_for_traces_and_the_change_log() {
    let plan = pos();
    assert_eq!(names(&stage(&plan, "DEV").readiness), ["npm_test", "npm_build"]);
    let staging = ["npm_test", "npm_build", "npm_e2e", "traceability", "changelog"];
    assert_eq!(names(&stage(&plan, "STAGING").readiness), staging);
    assert_eq!(names(&stage(&plan, "PROD").readiness)[..5], staging);
    for key in ["npm_test", "npm_e2e"] {
        assert_eq!(predicate(&plan, key), Some(RESULT), "{key} rests on a report of tests");
    }
    for key in ["npm_test", "npm_build", "npm_e2e"] {
        let check = check(&plan, key);
        assert!(check.blocker && check.skip.is_empty(), "{key} is for a hotfix too");
    }
    let Ask::Rows { keys, .. } = &check(&plan, "traceability").ask else { panic!("it asks for rows") };
    assert_eq!(*keys, RowKeys::Active);
}

#[test]
fn req_130_five_smoke_tests_of_the_last_three_days_stand_before_prod() {
    let plan = pos();
    let keys = ["auth_context", "product_scope", "offline_queue", "risk_modes", "audit_read"];
    let keys = keys.map(|key| format!("smoke.{key}"));
    let asked = names(&stage(&plan, "PROD").readiness);
    for key in &keys {
        let check = check(&plan, key);
        assert!(asked.contains(&key.as_str()) && check.blocker, "{key}");
        assert_eq!(check.fresh, Some(Span::hours(72)), "{key}");
    }
    assert_eq!(all_refs(&plan, "smoke.risk_modes"), ["risk.WARN", "risk.READ_ONLY", "risk.BLOCK"]);
    let again = &stage(&plan, "PROD").steps[1];
    assert_eq!((again.key.as_str(), names(&again.needs)), ("smoke", vec!["smoke.auth_context", "smoke.product_scope"]));
}

#[test]
fn req_131_prod_asks_the_gatekeeper_the_register_and_what_would_be_gone_back_to() {
    let plan = pos();
    let asked = names(&stage(&plan, "PROD").readiness);
    let gatekeeper = ["mes", "isolation", "offline", "acceptance", "tenant_logs", "conflicts", "branding"];
    for key in gatekeeper.map(|key| format!("gatekeeper.{key}")) {
        assert!(asked.contains(&key.as_str()) && check(&plan, &key).blocker, "{key}");
    }
    for (key, by_chain) in
        [("risk.critical", "clear"), ("rollback.known_good", "recoverable"), ("drill.server", "drill")]
    {
        assert!(asked.contains(&key), "{key}");
        assert_eq!(question(&plan, key), by_chain);
    }
    assert!(asked.contains(&"rollback.owner"));
    assert_eq!(asked.len(), 24);
}

#[test]
fn req_132_missing_evidence_of_isolation_and_replay_and_an_open_risk_mean_no() {
    let plan = pos();
    let no: Vec<&str> =
        plan.checks.iter().filter(|check| check.missing == IfMissing::NoGo).map(|check| check.key.as_str()).collect();
    assert_eq!(no, ["risk.critical", "nogo.isolation", "nogo.offline"]);
    assert_eq!(forbidden(&plan, "nogo.audit"), ["audit_integrity", "severity_downgrade"]);
}

#[test]
fn req_097_a_rollback_has_four_triggers_each_a_signal_that_opens_one() {
    let plan = pos();
    let rollback = procedure(&plan, ChangeKind::Rollback);
    let triggers = ["tenant_isolation", "risk_bypass", "audit_integrity", "p0_checkout_offline"];
    assert_eq!(names(&rollback.causes), triggers);
    for key in triggers {
        let signal = plan.signal(&name(key)).unwrap();
        assert!(signal.opens_incident && signal.opens_rollback, "{key}");
    }
    assert_eq!(plan.signal(&name("audit_integrity")).unwrap().by, Speakers::Validators);
}

#[test]
fn req_099_a_rollback_owes_four_smoke_tests_within_four_hours() {
    let plan = pos();
    let rollback = procedure(&plan, ChangeKind::Rollback);
    let owed: Vec<_> = rollback.close.iter().map(|duty| (duty.check.as_str(), duty.within, duty.missed)).collect();
    let all = ["post.auth", "post.reads", "post.checkout", "post.risk"];
    assert_eq!(owed, all.map(|key| (key, Some(Span::hours(4)), Missed::Block)));
    assert!(rollback.at_once && !rollback.window);
}

#[test]
fn a_containment_is_at_once_and_its_ticket_follows_within_three_days() {
    let plan = pos();
    let disable = procedure(&plan, ChangeKind::Disable);
    assert!(disable.at_once && disable.ticket.is_none());
    assert_eq!(names(&disable.causes), ["CONTAINMENT"]);
    let owed: Vec<_> = disable.close.iter().map(|duty| (duty.check.as_str(), duty.within, duty.missed)).collect();
    assert_eq!(owed, [("ticket", Some(Span::hours(72)), Missed::Block)]);
    let Ask::Word { refs: Refs::Matching(form), .. } = &check(&plan, "ticket").ask else {
        panic!("it asks for a form")
    };
    assert!(form.matches("CHG-41") && !form.matches("CHG-") && !form.matches("REL-41"));
    assert_eq!(stage(&plan, "PROD").ticket.as_ref(), Some(form), "the form of every effect in production");
    assert!(stage(&plan, "DEV").ticket.is_none() && stage(&plan, "STAGING").ticket.is_none());
}

#[test]
fn req_117_artifacts_are_called_by_their_date_and_build() {
    let rules = pos().artifacts.unwrap();
    for good in ["cfgp-pos-2026.02.20.1", "cfgp-pos-2024.02.29.117"] {
        assert!(rules.format.matches(good), "{good}");
    }
    for bad in [
        "cfgp-pos-2026.02.30.1",
        "cfgp-pos-2026.2.20.1",
        "cfgp-pos-2026.02.20",
        "cfgp-pos-2026.02.20.01",
        "pos-2026.02.20.1",
    ] {
        assert!(!rules.format.matches(bad), "{bad}");
    }
}

#[test]
fn req_118_of_an_artifact_five_things_are_said_in_their_forms() {
    let rules = pos().artifacts.unwrap();
    let hash = "0123456789abcdef0123456789abcdef01234567";
    let said = [
        ("commit", hash, "0123"),
        ("rv", "RV-2026.02.20.3", "RV-2026.02.3"),
        ("dv", "DV-2026-0007", "DV-2026-7"),
        ("target", "PROD", "PROD/t1"),
        ("built_at", "2026-02-20T09:30:00Z", "2026-02-20 09:30"),
    ];
    assert_eq!(rules.meta.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), said.map(|(key, ..)| key));
    for ((key, form), (_, good, bad)) in rules.meta.iter().zip(said) {
        assert!(form.matches(good) && !form.matches(bad), "{key}");
    }
}

#[test]
fn req_119_the_last_thirty_of_prod_are_kept() {
    let rules = pos().artifacts.unwrap();
    assert_eq!(rules.keep.iter().map(|(stage, count)| (stage.as_str(), *count)).collect::<Vec<_>>(), [("PROD", 30)]);
}

#[test]
fn req_023_flags_are_moved_by_the_owners_and_by_nobody_else() {
    let plan = pos();
    for action in ["set.submit", "set.execute", "disable.submit", "token"] {
        assert_eq!(granted(&plan, action), [OWNER, "TENANT_OWNER"], "{action}");
    }
    for action in ["promote.submit", "promote.execute", "rollback.submit", "freeze.submit", "flag"] {
        assert_eq!(granted(&plan, action), [OWNER], "{action}");
    }
    assert_eq!(granted(&plan, "artifact"), [OWNER, "CI"]);
    assert_eq!(granted(&plan, "phase.submit"), [OWNER, "RELEASE_OWNER"]);
}

#[test]
fn req_135_phase_five_ends_when_its_seven_checks_are_met() {
    let plan = pos();
    let phase = plan.phase(&name("5.x")).unwrap();
    let exit = ["policy_payload", "preview", "reason_codes", "audit_green", "budget", "nogo", "changelog"];
    assert_eq!(names(&phase.exit), exit.map(|key| format!("exit5.{key}")));
    let payload = ["policyVersion", "effectiveFrom", "effectiveTo"].map(|key| format!("payload.{key}"));
    assert_eq!(all_refs(&plan, "exit5.policy_payload"), payload);
    assert_eq!(forbidden(&plan, "exit5.nogo"), ["policy_corruption", "severity_downgrade", "budget_unblocked"]);
}

#[test]
fn phase_six_takes_hardening_alone_and_phases_follow_each_other() {
    let plan = pos();
    let allowed = |key: &str| plan.phase(&name(key)).unwrap().allows.to_vec();
    assert_eq!(allowed("5.x"), [Nature::Hardening, Nature::Fix]);
    assert_eq!(allowed("6"), [Nature::Hardening]);
    assert_eq!(allowed("8"), Vec::<Nature>::new());
    let requires = |key: &str| plan.phase(&name(key)).unwrap().requires.to_vec();
    assert_eq!(requires("6"), [(name("5.x"), PhaseState::Locked)]);
    assert_eq!(requires("7"), [(name("6"), PhaseState::Frozen)]);
    assert_eq!(requires("8"), [(name("7"), PhaseState::Locked)]);
    let start = names(&plan.phase(&name("7")).unwrap().start);
    assert_eq!(start, ["phase6.traces", "phase6.freeze_record", "risk.critical"]);
    assert_eq!(check(&plan, "phase6.freeze_record").by, Some(name("RELEASE_OWNER")));
}

#[test]
fn req_143_every_requirement_of_phase_seven_has_a_test_of_its_number() {
    let plan = pos();
    let Ask::Rows { keys, refs, .. } = &check(&plan, "phase7.traces").ask else { panic!("it asks for rows") };
    let range = RowKeys::Range { prefix: name("FR-P7-"), from: 1_001, to: 1_020, suffix: None };
    assert_eq!(*keys, range);
    let form = refs.as_ref().unwrap();
    assert!(form.matches_for("TC-FR-1007-offline", "1007") && !form.matches_for("TC-FR-1008-offline", "1007"));
}

#[test]
fn req_141_phase_seven_is_locked_after_its_packs_its_four_statements_and_without_what_forbids_it() {
    let plan = pos();
    let exit = names(&plan.phase(&name("7")).unwrap().exit);
    let expected = [
        "build",
        "unit",
        "e2e",
        "modules",
        "performance",
        "chaos",
        "traces",
        "dashboard",
        "read_only",
        "kill_switch",
        "compliance",
        "nogo",
    ];
    assert_eq!(exit, expected.map(|key| format!("phase7.{key}")));
    assert_eq!(forbidden(&plan, "phase7.nogo"), ["regression", "cross_tenant_leak", "security_tests"]);
    assert_eq!(check(&plan, "phase7.dashboard").by, Some(name(OWNER)), "the owner says that it is understood");
}

#[test]
fn a_number_that_the_shop_leaves_out_is_refused_by_its_name() {
    let cases = [
        (", within = \"7 d\" }", " }", "policy.amend.within"),
        ("open_emergencies = 8\n", "", "policy.open_emergencies"),
        ("execute_within = \"7 d\"\n", "", "procedures[0].execute_within"),
        ("every = \"30 d\", window = \"30 min\"", "window = \"30 min\"", "playbooks.server.drill.every"),
        ("TENANT_OWNER      = { least = 0, ", "TENANT_OWNER      = { ", "roles.TENANT_OWNER.least"),
    ];
    for (from, to, field) in cases {
        let mistakes = Given::pos().with(from, to).mistakes();
        let fields: Vec<&str> = mistakes.iter().map(|mistake| mistake.field.as_str()).collect();
        assert_eq!(fields, [field], "{mistakes:#?}");
        assert!(mistakes[0].kind == MistakeKind::LeftOut && mistakes[0].file == "pos.toml", "{mistakes:#?}");
    }
}

#[test]
fn what_contradicts_itself_in_a_profile_with_its_own_stages_is_told_at_its_line() {
    let cases = [
        ("ticket = \"CHG-{n}\"   ", "", "stage.PROD.ticket"),
        ("keep = { PROD = 30 }", "keep = { PRODUCTION = 30 }", "artifacts.keep.PRODUCTION"),
        ("keep = { PROD = 30 }", "keep = { PROD = 0 }", "artifacts.keep.PROD"),
        ("change_window = \"trading-pause\"", "change_window = \"trading\"", "stages[2].change_window"),
        ("requires = { \"6\" = \"FROZEN\" }", "requires = { \"8\" = \"OPEN\" }", "phases.7.requires"),
        ("off = \"BLOCK\", risk", "off = \"STOP\", risk", "flags.risk_mode.off"),
    ];
    for (from, to, field) in cases {
        let mistakes = Given::pos().with(from, to).mistakes();
        let found = mistakes.iter().find(|mistake| mistake.field == field);
        assert!(found.is_some_and(|mistake| mistake.line.is_some()), "{field}: {mistakes:#?}");
    }
}
