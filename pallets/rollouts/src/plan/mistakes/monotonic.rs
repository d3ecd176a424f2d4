//! Does every gate that is on stay on, to the last stage, where all are (REQ-007)?

use super::{Found, place};
use crate::plan::value::is_on;
use crate::plan::{Plan, Stage};
use flags::Flag;
use primitives::Name;

pub(super) fn find(plan: &Plan, found: &mut Found) {
    if !plan.policy.monotonic {
        return;
    }
    for flag in &plan.flags {
        stays_on(plan, flag, found);
        ends_on(plan, flag, found);
    }
}

/// What a stage says of a flag: whether it is on there, and nothing when the stage says nothing.
fn said(stage: &Stage, flag: &Flag) -> Option<bool> {
    stage.values.iter().find(|(key, _)| *key == flag.key).map(|(_, variant)| is_on(flag, variant))
}

fn stays_on(plan: &Plan, flag: &Flag, found: &mut Found) {
    let mut on_at: Option<&Name> = None;
    for (at, stage) in plan.stages.iter().enumerate() {
        let on = said(stage, flag);
        if let (Some(before), Some(false)) = (on_at, on) {
            found.require(false, place::value(at, &flag.key), || {
                format!(
                    "{:?} is on at {before:?} and off at {:?}; leave it on, or say monotonic = false",
                    flag.key, stage.name
                )
            });
        }
        on_at = on.unwrap_or(on_at.is_some()).then_some(&stage.name);
        no_step_turns_it_off(stage, flag, on_at.is_some(), found);
    }
}

fn no_step_turns_it_off(stage: &Stage, flag: &Flag, mut on: bool, found: &mut Found) {
    for (at, step) in stage.steps.iter().enumerate() {
        for (set, (_, variant, _)) in step.sets.iter().enumerate().filter(|(_, (key, ..))| *key == flag.key) {
            let turns_on = is_on(flag, variant);
            let place = format!("{}.steps[{at}].sets[{set}]", place::stage(&stage.name));
            found.require(turns_on || !on, place, || {
                format!(
                    "the step {:?} turns {:?} off, which is on; leave that out, or say monotonic = false",
                    step.key, flag.key
                )
            });
            on = turns_on;
        }
    }
}

fn ends_on(plan: &Plan, flag: &Flag, found: &mut Found) {
    let Some((at, last)) = plan.stages.iter().enumerate().next_back() else { return };
    found.require(said(last, flag) != Some(false), place::value(at, &flag.key), || {
        format!("{:?} is off at {:?}, the last stage; turn it on there, or say monotonic = false", flag.key, last.name)
    });
    let limited = last.limits.iter().any(|limit| limit.flag == flag.key);
    let place = format!("{}.limits.{}", place::stage(&last.name), place::key(&flag.key));
    found.require(!limited, place, || {
        format!("{:?} is on for a segment alone at {:?}, the last stage; leave the limit out", flag.key, last.name)
    });
}
