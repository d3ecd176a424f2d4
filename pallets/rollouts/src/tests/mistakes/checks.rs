//! Checks that nobody could meet, or that ask nothing.

use super::super::sample::*;
use super::{fine, only};
use crate::check::{AboutKind, Ask, Least, Refs, RowKeys};
use crate::plan::{MOST_BYTES, Missed, Nature, Phase, Plan};
use parity_scale_codec::Encode;
use primitives::{Decimal, Fraction, Name, ReleaseClass, Span, Text};

fn asks(ask: Ask) -> impl FnOnce(&mut Plan) {
    move |plan| plan.checks.try_push(check("more", ask)).unwrap()
}

#[test]
fn a_check_has_an_owner() {
    only("checks.ci.by", "nobody owns it", |plan| plan.checks[0].by = None);
}

#[test]
fn req_037_no_class_goes_without_a_blocker() {
    only("checks.ci.skip", "it is a blocker", |plan| {
        (plan.checks[0].blocker, plan.checks[0].skip) = (true, list([ReleaseClass::Hotfix]));
    });
    fine(|plan| plan.checks[0].skip = list([ReleaseClass::Hotfix]));
    fine(|plan| plan.checks[0].blocker = true);
}

#[test]
fn req_021_who_waits_for_waivers_waits_for_what_somebody_may_give() {
    only("checks.signoff.word.refs", "no role may waive", |plan| plan.roles[2].1.grants[0].action = name("hold"));
    let about_stage = Ask::Word { about: AboutKind::Stage, predicate: None, refs: Refs::Waivers, within: None };
    only("checks.more.word.about", "about a stage", asks(about_stage));
}

#[test]
fn req_022_release_checks_are_signed_off_by_somebody_where_a_check_asks_for_that() {
    only("stage.testnet.release_owners[0]", "nobody signs docs/rollout.md#anchor off", |plan| {
        plan.stages[TESTNET].release_checks[0].owner = None;
    });
    fine(|plan| {
        plan.checks[5].ask = word(Refs::Any);
        plan.stages[TESTNET].release_checks[0].owner = None;
    });
}

#[test]
fn a_question_asks_something_of_somebody() {
    let chorus = |least| Ask::Chorus { segment: name("validators"), least, after_announced: false };
    only("checks.more.chorus.least", "nobody has to say anything", asks(chorus(Least::Count(0))));
    only("checks.more.chorus.least", "nobody has to", asks(chorus(Least::Share(Fraction::new(0, 1).unwrap()))));
    fine(asks(chorus(Least::Count(1))));
    only("checks.more.forbid", "it forbids nothing", asks(Ask::Forbid { keys: list([]) }));
    let build = |sbom| Ask::Build { sbom, provenance: false, commit_of: list([]) };
    only("checks.more.build", "asks nothing of the build", asks(build(false)));
    fine(asks(build(true)));
}

#[test]
fn a_value_is_bound_by_a_factor_above_nothing() {
    let within = |units| {
        let within = Some((name("ci"), Decimal::new(units, 1).unwrap()));
        Ask::Word { about: AboutKind::Stage, predicate: None, refs: Refs::Any, within }
    };
    only("checks.more.word.within.most", "say a factor above 0", asks(within(0)));
    only("checks.more.word.within.most", "say a factor above 0", asks(within(-15)));
    fine(asks(within(1)));
}

#[test]
fn a_playbook_that_is_to_be_tried_says_how_often() {
    only("checks.more.drill", "nothing says how often \"chain\" is tried", |plan| {
        plan.playbooks[0].drill = None;
        asks(Ask::Drill { playbook: name("chain") })(plan);
    });
    fine(asks(Ask::Drill { playbook: name("chain") }));
}

fn rows(from: u32, to: u32) -> Ask {
    let keys = RowKeys::Range { prefix: name("FR-"), from, to, suffix: None };
    Ask::Rows { about: AboutKind::Phase, keys, refs: None }
}

#[test]
fn req_143_a_range_has_one_to_sixty_four_rows() {
    fine(asks(rows(7, 7)));
    fine(asks(rows(1, 64)));
    only("checks.more.rows.keys.to", "has 65 rows and at most 64 fit", asks(rows(1, 65)));
    only("checks.more.rows.keys.to", "ends at 6 before it begins at 7", asks(rows(7, 6)));
}

/// Checks `more0`, `more1`, .. with those questions; their keys.
fn more(plan: &mut Plan, questions: Vec<Ask>) -> Vec<Name> {
    let numbered = questions.into_iter().enumerate();
    let added: Vec<_> = numbered.map(|(at, ask)| check(&format!("more{at}"), ask)).collect();
    let keys = added.iter().map(|check| check.key.clone()).collect();
    added.into_iter().for_each(|check| plan.checks.try_push(check).unwrap());
    keys
}

#[test]
fn a_list_asks_of_at_most_one_hundred_and_twenty_eight_keys_ranges_included() {
    // Beside the readiness of development, a promotion to it asks two keys.
    fine(|plan| plan.stages[DEVELOPMENT].readiness = list(more(plan, vec![rows(1, 64), rows(1, 62)])));
    only("stage.development.readiness", "asks of 129 keys", |plan| {
        plan.stages[DEVELOPMENT].readiness = list(more(plan, vec![rows(1, 64), rows(1, 63)]));
    });
    only("procedures[3].close", "asks of 129 keys", |plan| {
        let owed = more(plan, vec![rows(1, 64), rows(1, 64)]);
        let duties = owed.iter().map(|key| duty(key.as_str(), None, Missed::Block));
        plan.procedures[DISABLE].close = list(duties.chain([duty("ratify", Some(Span::hours(24)), Missed::Hold)]));
    });
}

#[test]
fn rows_of_the_phases_under_way_count_as_those_of_all_phases() {
    let phases = |plan: &mut Plan, last: u32| {
        let keys = more(plan, vec![rows(1, 64), rows(1, last)]);
        let phase = |at: usize| Phase {
            key: name(&format!("{at}")),
            requires: list([]),
            start: list([]),
            exit: list([keys[at].clone()]),
            allows: list([Nature::Fix]),
        };
        plan.phases = list([phase(0), phase(1)]);
        let active = Ask::Rows { about: AboutKind::Phase, keys: RowKeys::Active, refs: None };
        plan.checks.try_push(check("active", active)).unwrap();
        plan.stages[DEVELOPMENT].readiness = names(&["active"]);
    };
    fine(|plan| phases(plan, 62));
    only("stage.development.readiness", "asks of 129 keys", |plan| phases(plan, 63));
}

#[test]
fn a_plan_is_at_most_so_long_when_it_is_encoded() {
    let long = |plan: &mut Plan| {
        let left = 256 - plan.checks.len();
        more(plan, vec![word(Refs::Any); left]);
        for check in plan.checks.iter_mut() {
            check.text = Text::new("t".repeat(160)).unwrap();
        }
    };
    only("plan", "bytes when it is encoded and at most 49152", long);
    let mut plan = node();
    long(&mut plan);
    assert!(plan.encoded_size() > MOST_BYTES);
    for check in plan.checks.iter_mut() {
        check.text = Text::default();
    }
    assert!(plan.encoded_size() <= MOST_BYTES && plan.mistakes().is_empty());
}
