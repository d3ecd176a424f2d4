//! Names that mean nothing, or two things.

use super::super::sample::*;
use super::{fine, only, only_of_application};
use crate::check::{AboutKind, Ask, Refs, RowKeys, SoakSince};
use crate::plan::{ArtifactRules, Missed, Nature, Phase, PhaseState, Plan, Speakers};
use primitives::{Decimal, List};

fn add<T: std::fmt::Debug, const N: u32>(items: &mut List<T, N>, item: T) {
    items.try_push(item).unwrap();
}

fn phase(key: &str, requires: &[&str]) -> Phase {
    Phase {
        key: name(key),
        requires: list(requires.iter().map(|phase| (name(phase), PhaseState::Locked))),
        start: list([]),
        exit: names(&["ci"]),
        allows: list([Nature::Fix]),
    }
}

#[test]
fn req_001_a_list_names_checks_of_the_plan() {
    only("stage.testnet.readiness[2]", "no check of the plan is called \"lint\"", |plan| {
        add(&mut plan.stages[TESTNET].readiness, name("lint"));
    });
    only("stage.testnet.steps[0].needs[1]", "no check", |plan| {
        plan.stages[TESTNET].steps = list([step("deploy", &["deployed", "lint"])]);
    });
    only("stage.testnet.leave[2]", "no check", |plan| add(&mut plan.stages[TESTNET].leave, name("lint")));
    only("procedures[1].approve[1]", "no check", |plan| add(&mut plan.procedures[DEMOTE].approve, name("lint")));
    only("procedures[1].close[1].check", "no check", |plan| {
        add(&mut plan.procedures[DEMOTE].close, duty("lint", None, Missed::Block));
    });
    only("stage.mainnet.close[1].check", "no check", |plan| {
        add(&mut plan.stages[MAINNET].close, duty("lint", None, Missed::Block));
    });
}

#[test]
fn req_013_a_stage_names_a_window_of_the_plan() {
    only("stages[1].change_window", "no window of the plan is called \"nightly\"", |plan| {
        plan.stages[TESTNET].window = name("nightly");
    });
}

#[test]
fn a_stage_names_flags_variants_roles_and_playbooks_of_the_plan() {
    only("stages[1].feature_gates.pruning", "has no variant \"half\"; it has on, off", |plan| {
        plan.policy.monotonic = false;
        plan.stages[TESTNET].values[PRUNING].1 = name("half");
    });
    only("stage.testnet.steps[0].sets[0]", "no flag of the plan is called \"speed\"", |plan| {
        let mut deploy = step("deploy", &["deployed"]);
        deploy.sets = list([(name("speed"), name("on"), None)]);
        plan.stages[TESTNET].steps = list([deploy]);
    });
    only("stage.testnet.release_owners[0]", "no role of the plan is called \"nobody\"", |plan| {
        plan.stages[TESTNET].release_checks[0].owner = Some(name("nobody"));
    });
    only("stage.testnet.playbook", "no playbook of the plan is called \"none\"", |plan| {
        plan.stages[TESTNET].playbook = name("none");
    });
}

#[test]
fn a_procedure_names_a_stage_and_the_triggers_of_a_rollback_are_signals() {
    only("procedures[1].stage", "no stage of the plan is called \"staging\"", |plan| {
        plan.procedures[DEMOTE].stage = Some(name("staging"));
    });
    only("procedures[4].causes[0]", "no signal of the plan is called \"fire\"", |plan| {
        plan.procedures[ROLLBACK].causes = names(&["fire"]);
    });
    fine(|plan| plan.procedures[DISABLE].causes = names(&["SAFETY", "fire"]));
}

/// A check of that question, named with a dot.
fn asks(ask: Ask) -> impl FnOnce(&mut Plan) {
    move |plan| add(&mut plan.checks, check("testnet.more", ask))
}

#[test]
fn what_a_check_asks_about_is_of_the_plan() {
    let within = Some((name("base"), Decimal::new(15, 1).unwrap()));
    let word = Ask::Word { about: AboutKind::Stage, predicate: None, refs: Refs::Any, within };
    only("checks.\"testnet.more\".word.within.of", "no check", asks(word));
    only("checks.\"testnet.more\".soak.stage", "no stage", asks(soak("staging")));
    let since = |since, unless: &[&str]| Ask::Soak {
        stage: name("testnet"),
        span: primitives::Span::Epochs(3),
        since,
        unless: names(unless),
    };
    only("checks.\"testnet.more\".soak.since", "no flag", asks(since(SoakSince::On(name("speed")), &[])));
    only(
        "checks.\"testnet.more\".soak.unless[1]",
        "no signal",
        asks(since(SoakSince::Entered, &["emergency", "fire"])),
    );
    only("checks.\"testnet.more\".forbid[0]", "no signal or check", asks(Ask::Forbid { keys: names(&["fire", "ci"]) }));
    let build = Ask::Build { sbom: true, provenance: false, commit_of: names(&["smoke"]) };
    only("checks.\"testnet.more\".build.commit_of[0]", "no check", asks(build));
    only("checks.\"testnet.more\".drill", "no playbook", asks(Ask::Drill { playbook: name("none") }));
    only("checks.\"testnet.more\".vote.role", "no role", asks(Ask::Vote { ballot: vote("nobody") }));
    only("checks.ci.by", "no role", |plan| plan.checks[0].by = Some(name("nobody")));
}

#[test]
fn flags_playbooks_signals_and_phases_name_what_the_plan_has() {
    only("flags.pruning.owner", "no role", |plan| plan.flags[PRUNING].owner = name("nobody"));
    only("flags.pruning.requires[0]", "no flag", |plan| plan.flags[PRUNING].requires = names(&["speed"]));
    only("playbooks.chain.owner", "no role", |plan| plan.playbooks[0].owner = name("nobody"));
    only("playbooks.chain.disables[0]", "no flag", |plan| plan.playbooks[0].disables = names(&["speed"]));
    only("playbooks.chain.profile", "no stage", |plan| plan.playbooks[0].profile = Some(name("staging")));
    only("signals.paging_alert.by[1]", "no role", |plan| {
        plan.signals[0].by = Speakers::Roles(names(&["sre", "nobody"]));
    });
    only("phases.\"5.x\".requires.4", "no phase", |plan| plan.phases = list([phase("5.x", &["4"])]));
    only_of_application("artifacts.keep.PROD", "no stage", |plan| {
        let format = "shop-{n}".parse().unwrap();
        plan.artifacts = Some(ArtifactRules { format, meta: list([]), keep: list([(name("PROD"), 30)]) });
    });
}

#[test]
fn a_grant_allows_something_that_there_is() {
    only("roles.commander.grants[0]", "\"promote.sumbit\" is nothing that a grant can allow", |plan| {
        plan.roles[0].1.grants[0].action = name("promote.sumbit");
    });
    only("roles.commander.grants[3]", "no role of the plan is called \"nobody\"", |plan| {
        plan.roles[0].1.grants[3].action = name("appoint.nobody");
    });
}

#[test]
fn a_name_means_one_thing_and_two_do_not_differ_in_case_alone() {
    only("checks.ci", "there are two of the check \"ci\"", |plan| {
        let again = plan.checks[0].clone();
        add(&mut plan.checks, again);
    });
    only("checks.CI", "differs from the check \"ci\" in case alone", |plan| {
        add(&mut plan.checks, check("CI", word(Refs::Any)));
    });
    only_of_application("flags.Pruning", "in case alone", |plan| {
        add(&mut plan.flags, gate("Pruning", true));
    });
    only("stage.testnet.steps[1].key", "two of the step", |plan| {
        add(&mut plan.stages[TESTNET].steps, step("deploy", &["ci"]));
    });
    only("signals.council", "a check is called \"council\" too", |plan| plan.signals[1].key = name("council"));
}

#[test]
fn a_list_asks_once_and_a_change_owes_once() {
    only("stage.testnet.readiness[2]", "stands in this list twice", |plan| {
        add(&mut plan.stages[TESTNET].readiness, name("ci"));
    });
    only("stage.mainnet.close[1].check", "owed after every promotion", |plan| {
        add(&mut plan.stages[MAINNET].close, duty("audit", None, Missed::Block));
    });
}

#[test]
fn a_kind_of_change_has_one_procedure_for_a_stage_and_one_for_all() {
    only("procedures[6].of", "procedures[2] is for set already", |plan| {
        let again = plan.procedures[SET].clone();
        add(&mut plan.procedures, again);
    });
    fine(|plan| {
        let mut own = plan.procedures[SET].clone();
        own.stage = Some(name("testnet"));
        add(&mut plan.procedures, own);
    });
}

#[test]
fn nothing_waits_for_itself() {
    only("phases.6.requires", "could never be opened", |plan| plan.phases = list([phase("6", &["6"])]));
    fine(|plan| plan.phases = list([phase("7", &["6"]), phase("6", &[])]));
    let mut plan = node();
    plan.flags[PRUNING].requires = names(&["reconstruction"]);
    plan.flags[2].requires = names(&["pruning"]);
    let fields: Vec<String> = plan.mistakes().into_iter().map(|mistake| mistake.field).collect();
    assert_eq!(fields, ["flags.pruning.requires", "flags.reconstruction.requires"]);
}

#[test]
fn a_range_is_of_no_other_mistake() {
    let keys = RowKeys::Range { prefix: name("FR-P7-"), from: 1_001, to: 1_020, suffix: None };
    fine(asks(Ask::Rows { about: AboutKind::Phase, keys, refs: None }));
}
