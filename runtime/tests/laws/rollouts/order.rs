//! The order of stages, counted from what was entered and gone back to.

use super::chronicle::Chronicle;
use crate::governed::plan::{PLAN, name};
use ::rollouts::change::{ChangeRequest, Execution};
use ::rollouts::plan::{Plan, Stage};
use primitives::Name;
use runtime::{Event, Fact};
use state::State;

/// Law 3: "`one_way` and `monotonic` hold in every reachable state."
pub fn l03_stages_are_entered_in_their_order_and_no_gate_falls_on_the_way(told: &Chronicle, fact: &Fact) {
    match &fact.outcome {
        Ok(Event::Rollouts(::rollouts::Event::Executed { change, execution, .. })) => {
            moved_on(told, told.changes[change].request(), execution);
        }
        Ok(Event::Rollouts(::rollouts::Event::Submitted { change, execution: Some(execution), .. })) => {
            moved_on(told, &change.asked.request, execution);
        }
        Ok(Event::Rollouts(::rollouts::Event::Installed { installation, .. })) if !told.plans.is_empty() => {
            let kept = standing(told.plan(), told);
            let places: Vec<&Name> =
                installation.plan.stages.iter().map(|stage| &stage.name).take(kept.len()).collect();
            assert_eq!(places, kept, "what stands keeps its place");
            no_gate_falls(&installation.plan);
        }
        _ => {}
    }
}

fn moved_on(told: &Chronicle, request: &ChangeRequest, execution: &Execution) {
    let plan = told.plan();
    let stands = standing(plan, told).len();
    let place = |to: &Name| plan.stages.iter().position(|stage| stage.name == *to).expect("it is of the plan");
    match request {
        ChangeRequest::Promote { to, .. } => {
            assert_eq!(place(to), stands, "{to} is entered after the {stands} that stand");
            map_is_that_of(plan, &plan.stages[place(to)], execution);
            no_gate_falls(plan);
        }
        ChangeRequest::Demote { to } => {
            assert!(!plan.policy.one_way, "it goes back to {to}");
            assert!(place(to) + 1 < stands, "{to} is not below the {stands} that stand");
        }
        _ => {}
    }
}

/// The stages that stand, which are the first ones.
fn standing<'p>(plan: &'p Plan, told: &Chronicle) -> Vec<&'p Name> {
    let is_standing = |stage: &&Stage| told.standing.contains_key(&stage.name);
    plan.stages.iter().filter(is_standing).map(|stage| &stage.name).collect()
}

/// What a promotion says every gate serves there is what the profile of the stage says.
fn map_is_that_of(plan: &Plan, stage: &Stage, execution: &Execution) {
    assert_eq!(execution.map.len(), plan.flags.len(), "every gate is in the map");
    for serving in &execution.map {
        let value = stage.values.iter().find(|(key, _)| *key == serving.flag).map(|(_, variant)| variant);
        let only = stage.limits.iter().find(|limit| limit.flag == serving.flag).map(|limit| &limit.segment);
        assert_eq!((value, only), (Some(&serving.variant), serving.only.as_ref()), "{}", serving.flag);
    }
}

/// No gate that is on at a stage is off at a later one, or on for fewer; and at the last one all are on for everybody.
fn no_gate_falls(plan: &Plan) {
    for flag in &plan.flags {
        let reach = plan.stages.iter().map(|stage| {
            let is_on = stage.values.iter().any(|(key, variant)| *key == flag.key && variant.as_str() == "on");
            let is_limited = stage.limits.iter().any(|limit| limit.flag == flag.key);
            u8::from(is_on) * if is_limited { 1 } else { 2 }
        });
        let reach: Vec<u8> = reach.collect();
        assert!(reach.is_sorted() && reach.last() == Some(&2), "{} is {reach:?}", flag.key);
    }
}

/// What stands in the state is what facts told, without a gap.
pub fn stages_stand_as_told(told: &Chronicle, state: &State) {
    let kept = ::rollouts::plans::current(state, &name(PLAN)).unwrap();
    for stage in &told.plan().stages {
        let stands = kept.standing(state, &stage.name).map(|standing| standing.change);
        assert_eq!(stands.as_ref(), told.standing.get(&stage.name), "{}", stage.name);
    }
    let stands: Vec<bool> = told.plan().stages.iter().map(|stage| told.standing.contains_key(&stage.name)).collect();
    assert!(stands.is_sorted_by(|one, next| one >= next), "stages stand without a gap: {stands:?}");
}
