//! Does a name stand twice where it can only mean one thing?

use super::{Found, duty_lists, lists, place};
use crate::check::Ask;
use crate::plan::{ChangeKind, Plan, Stage};
use primitives::Name;
use std::collections::BTreeSet;
use std::fmt::Display;

pub(super) fn find(plan: &Plan, found: &mut Found) {
    in_tables(plan, found);
    plan.stages.iter().enumerate().for_each(|(at, stage)| in_stage(at, stage, found));
    in_lists(plan, found);
    between_checks_and_signals(plan, found);
    procedures(plan, found);
    in_policy(plan, found);
}

fn in_tables(plan: &Plan, found: &mut Found) {
    let stages = plan.stages.iter().enumerate().map(|(at, stage)| (format!("stages[{at}].name"), &stage.name));
    once(found, "stage", stages);
    once(found, "check", plan.checks.iter().map(|check| (place::check(&check.key), &check.key)));
    once(found, "window", plan.windows.iter().map(|window| (place::window(&window.name), &window.name)));
    once(found, "phase", plan.phases.iter().map(|phase| (place::phase(&phase.key), &phase.key)));
    once(found, "playbook", plan.playbooks.iter().map(|book| (place::playbook(&book.domain), &book.domain)));
    once(found, "signal", plan.signals.iter().map(|signal| (place::signal(&signal.key), &signal.key)));
    once(found, "role", plan.roles.iter().map(|(role, _)| (place::role(role), role)));
    once(found, "flag", plan.flags.iter().map(|flag| (place::flag(&flag.key), &flag.key)));
    once(found, "level", plan.levels.iter().enumerate().map(|(at, level)| (format!("levels[{at}]"), level)));
    for flag in &plan.flags {
        // Each name once: that two variants have one and the same is among the flaws of a flag.
        let variants: BTreeSet<&Name> = flag.variants.iter().map(|variant| &variant.name).collect();
        let placed = variants.into_iter().map(|variant| (format!("{}.variants", place::flag(&flag.key)), variant));
        once(found, "variant", placed);
    }
}

fn in_stage(at: usize, stage: &Stage, found: &mut Found) {
    let place = place::stage(&stage.name);
    once(found, "value", stage.values.iter().map(|(flag, _)| (place::value(at, flag), flag)));
    let limits = stage.limits.iter().map(|limit| (format!("{place}.limits.{}", place::key(&limit.flag)), &limit.flag));
    once(found, "limit", limits);
    let steps = stage.steps.iter().enumerate().map(|(step, said)| (format!("{place}.steps[{step}].key"), &said.key));
    once(found, "step", steps);
}

/// A list asks each check once, and a change owes each duty once.
fn in_lists(plan: &Plan, found: &mut Found) {
    for (place, keys) in lists(plan) {
        repeated(found, keys.iter().enumerate().map(|(at, key)| (format!("{place}[{at}]"), key)));
    }
    for list in duty_lists(plan) {
        let owed = list.duties.iter().enumerate();
        repeated(found, owed.map(|(at, duty)| (format!("{}[{at}].check", list.place), &duty.check)));
    }
    for stage in &plan.stages {
        let every = plan.procedure(ChangeKind::Promote, Some(&stage.name)).map(|procedure| &procedure.close);
        for (at, duty) in stage.close.iter().enumerate() {
            let owed = every.is_some_and(|every| every.iter().any(|other| other.check == duty.check));
            found.require(!owed, format!("{}.close[{at}].check", place::stage(&stage.name)), || {
                format!("{:?} is owed after every promotion to it already; name it in one of the two lists", duty.check)
            });
        }
    }
}

/// What is said is said of a key, and a key is that of a check or that of a signal.
fn between_checks_and_signals(plan: &Plan, found: &mut Found) {
    for signal in &plan.signals {
        found.require(plan.check(&signal.key).is_none(), place::signal(&signal.key), || {
            format!(
                "a check is called {:?} too, and words about the two could not be told apart; rename one",
                signal.key
            )
        });
    }
}

fn procedures(plan: &Plan, found: &mut Found) {
    for (at, procedure) in plan.procedures.iter().enumerate() {
        let mut before = plan.procedures.iter().take(at);
        let first = before.position(|other| (other.of, &other.stage) == (procedure.of, &procedure.stage));
        found.require(first.is_none(), format!("procedures[{at}].of"), || {
            let for_stage = procedure.stage.as_ref().map(|stage| format!(" for {stage:?}")).unwrap_or_default();
            let first = first.unwrap_or_default();
            format!("procedures[{first}] is for {}{for_stage} already; make one of the two", procedure.of)
        });
    }
}

fn in_policy(plan: &Plan, found: &mut Found) {
    let retain = &plan.policy.retain;
    for (at, (class, _)) in retain.iter().enumerate() {
        let again = retain.iter().take(at).any(|(other, _)| other == class);
        found.require(!again, format!("policy.retain.{class}"), || "it stands twice; say it once".into());
    }
    for check in &plan.checks {
        let Ask::Vote { ballot } = &check.ask else { continue };
        for (at, (class, _)) in ballot.by_class.iter().enumerate() {
            let again = ballot.by_class.iter().take(at).any(|(other, _)| other == class);
            found.require(!again, format!("{}.vote.by_class", place::check(&check.key)), || {
                format!("the share of {class:?} stands twice; say it once")
            });
        }
    }
    if let Some(rules) = &plan.artifacts {
        once(found, "meta", rules.meta.iter().map(|(key, _)| (format!("artifacts.meta.{}", place::key(key)), key)));
        once(found, "stage", rules.keep.iter().map(|(key, _)| (format!("artifacts.keep.{}", place::key(key)), key)));
    }
}

/// No two of a table have one name, or names that differ in case alone: people would take one for the other.
fn once<'p>(found: &mut Found, noun: &str, names: impl Iterator<Item = (impl Display, &'p Name)>) {
    let mut seen: Vec<&Name> = Vec::new();
    for (place, name) in names {
        let like = seen.iter().find(|other| other.as_str().eq_ignore_ascii_case(name.as_str()));
        found.require(like.is_none(), place, || match like {
            Some(other) if *other != name => {
                format!("{name:?} differs from the {noun} {other:?} in case alone; give one of them another name")
            }
            _ => format!("there are two of the {noun} {name:?}; rename one, or leave it out"),
        });
        seen.push(name);
    }
}

/// No name stands twice in one list.
fn repeated<'p>(found: &mut Found, names: impl Iterator<Item = (String, &'p Name)>) {
    let mut seen: Vec<&Name> = Vec::new();
    for (place, name) in names {
        found.require(!seen.contains(&name), place, || format!("{name:?} stands in this list twice; leave one out"));
        seen.push(name);
    }
}
