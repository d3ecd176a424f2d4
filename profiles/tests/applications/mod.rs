//! What the plans of `config/profiles/pos.toml` and `config/profiles/trunk.toml` ask, exactly as they are: what the requirements of an
//! application's plan say, which nobody blesses.

mod locales;
mod pos;
mod trunk;

use primitives::Name;
use rollouts::check::{Ask, Check};
use rollouts::plan::{ChangeKind, Plan, Procedure, Stage};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn names(keys: &[Name]) -> Vec<&str> {
    keys.iter().map(Name::as_str).collect()
}

fn stage<'p>(plan: &'p Plan, key: &str) -> &'p Stage {
    plan.stage(&name(key)).unwrap()
}

fn check<'p>(plan: &'p Plan, key: &str) -> &'p Check {
    plan.check(&name(key)).unwrap_or_else(|| panic!("there is no {key}"))
}

fn procedure(plan: &Plan, kind: ChangeKind) -> &Procedure {
    plan.procedure(kind, None).unwrap_or_else(|| panic!("there is no {kind}"))
}

/// What a check asks, by the name of the question.
fn question(plan: &Plan, key: &str) -> &'static str {
    (&check(plan, key).ask).into()
}

/// The type of what a word rests on.
fn predicate<'p>(plan: &'p Plan, key: &str) -> Option<&'p str> {
    match &check(plan, key).ask {
        Ask::Word { predicate, .. } => predicate.as_ref().map(|predicate| predicate.as_str()),
        other => panic!("{key} asks for no word: {other:?}"),
    }
}

/// Who may do something somewhere, by the grants of the plan.
fn granted(plan: &Plan, action: &str) -> Vec<String> {
    let allows = |role: &roles::Role| role.grants.iter().any(|grant| grant.action.as_str() == action);
    plan.roles.iter().filter(|(_, role)| allows(role)).map(|(role, _)| role.to_string()).collect()
}

/// What every stage of a plan that holds its bundle says: the sections that it names, each in a document that is there.
fn sections(plan: &Plan) -> Vec<String> {
    let of_stage =
        |stage: &Stage| stage.release_checks.iter().chain([&stage.recovery_playbook]).cloned().collect::<Vec<_>>();
    plan.stages.iter().flat_map(of_stage).map(|reference| reference.to_string()).collect()
}

#[test]
fn every_document_that_a_profile_refers_to_is_there_and_says_something() {
    use crate::files::Given;
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for given in [Given::chain(), Given::pos(), Given::trunk()] {
        let plan = given.loaded().plan;
        assert!(!plan.document.references.is_empty(), "{}", plan.name);
        for document in &plan.document.references {
            let text = std::fs::read_to_string(root.join(document.as_str()));
            let text = text.unwrap_or_else(|error| panic!("{}: {}: {error}", plan.name, document.as_str()));
            assert!(text.starts_with("# ") && text.lines().count() > 10, "{} is a stub", document.as_str());
        }
    }
}
