//! What a plan may not be: each rule with a plan that breaks it alone.

mod checks;
mod gates;
mod names;
mod quorum;
mod rules;
mod spans;
mod stages;
mod votes;

use super::sample::{application, node};
use crate::plan::Plan;

#[test]
fn plans_with_nothing_wrong_have_no_mistakes() {
    for plan in [node(), application()] {
        assert!(plan.mistakes().is_empty(), "{:#?}", plan.mistakes());
    }
}

#[test]
fn everything_that_is_wrong_is_found_at_once() {
    let mut plan = node();
    plan.version = 0;
    plan.policy.open_emergencies = 0;
    plan.checks[0].by = None;
    let fields: Vec<String> = plan.mistakes().into_iter().map(|mistake| mistake.field).collect();
    assert_eq!(fields, ["checks.ci.by", "version", "policy.open_emergencies"]);
}

/// A node's plan with that change has one mistake, of that field, and its sentence has that part.
fn only(field: &str, part: &str, change: impl FnOnce(&mut Plan)) {
    one(node(), field, part, change);
}

/// The same of an application's.
fn only_of_application(field: &str, part: &str, change: impl FnOnce(&mut Plan)) {
    one(application(), field, part, change);
}

fn one(mut plan: Plan, field: &str, part: &str, change: impl FnOnce(&mut Plan)) {
    change(&mut plan);
    let mistakes = plan.mistakes();
    let fields: Vec<&str> = mistakes.iter().map(|mistake| mistake.field.as_str()).collect();
    assert_eq!(fields, [field], "{mistakes:#?}");
    assert!(mistakes[0].problem.contains(part), "{} does not say {part:?}", mistakes[0]);
}

/// A node's plan with that change has no mistake.
fn fine(change: impl FnOnce(&mut Plan)) {
    let mut plan = node();
    change(&mut plan);
    assert!(plan.mistakes().is_empty(), "{:#?}", plan.mistakes());
}
