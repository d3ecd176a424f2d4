//! Is what a flag requires on wherever the flag is (REQ-011), and does it say for whom each flag is on?

use super::{Found, place};
use crate::plan::{Plan, Stage};
use flags::Flag;
use primitives::Name;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn find(plan: &Plan, found: &mut Found) {
    let mut now = before_any_stage(plan);
    for flag in &plan.flags {
        holds(flag, &now, &format!("{}.fallback", place::flag(&flag.key)), "before any stage stands", found);
    }
    for (at, stage) in plan.stages.iter().enumerate() {
        enter(plan, stage, &mut now, found);
        for flag in &plan.flags {
            holds(flag, &now, &place::value(at, &flag.key), &format!("at {:?}", stage.name), found);
        }
        take_steps(plan, stage, &mut now, found);
    }
}

/// For whom a flag is on.
#[derive(Clone, Default)]
struct Reach<'p> {
    everybody: bool,
    /// The members of these; without meaning where it is on for everybody.
    segments: BTreeSet<&'p Name>,
}

impl<'p> Reach<'p> {
    fn of(everybody: bool) -> Self {
        Self { everybody, segments: BTreeSet::new() }
    }

    /// Turned on or off, for a segment alone where there is one. What is on for everybody is not turned off so: who is in the
    /// segment may change, and "everybody but them" is nothing that another flag could be held against.
    fn turn(&mut self, on: bool, only: Option<&'p Name>) {
        match only {
            None => *self = Self::of(on),
            Some(segment) if on => {
                self.segments.insert(segment);
            }
            Some(segment) => {
                self.segments.remove(segment);
            }
        }
    }

    /// Whether it can be turned so.
    fn can_turn(&self, on: bool, only: Option<&Name>) -> bool {
        on || only.is_none() || !self.everybody
    }

    fn is_within(&self, other: &Self) -> bool {
        other.everybody || (!self.everybody && self.segments.is_subset(&other.segments))
    }
}

type Reaches<'p> = BTreeMap<&'p Name, Reach<'p>>;

/// A flag, the variant that it then serves, and the segment that alone gets it, where there is one.
type Set<'p> = (&'p Name, &'p Name, Option<&'p Name>);

fn before_any_stage(plan: &Plan) -> Reaches<'_> {
    plan.flags.iter().map(|flag| (&flag.key, Reach::of(flag.is_on(flag.fallback)))).collect()
}

/// A limited value reaches its segment, and all others keep what they had at the stage before, its steps included.
fn enter<'p>(plan: &'p Plan, stage: &'p Stage, now: &mut Reaches<'p>, found: &mut Found) {
    for (key, variant) in &stage.values {
        let only = stage.limits.iter().find(|limit| limit.flag == *key).map(|limit| &limit.segment);
        let place = format!("{}.limits.{}", place::stage(&stage.name), place::key(key));
        turn(plan, (key, variant, only), now, &place, found);
    }
}

fn take_steps<'p>(plan: &'p Plan, stage: &'p Stage, now: &mut Reaches<'p>, found: &mut Found) {
    for (at, step) in stage.steps.iter().enumerate() {
        for (set, (key, variant, only)) in step.sets.iter().enumerate() {
            let place = format!("{}.steps[{at}].sets[{set}]", place::stage(&stage.name));
            turn(plan, (key, variant, only.as_ref()), now, &place, found);
            let touched = |flag: &&Flag| flag.key == *key || flag.requires.contains(key);
            for flag in plan.flags.iter().filter(touched) {
                holds(flag, now, &place, &format!("after the step {:?}", step.key), found);
            }
        }
    }
}

/// What is unknown moves nothing; that is another mistake.
fn turn<'p>(plan: &Plan, set: Set<'p>, now: &mut Reaches<'p>, place: &str, found: &mut Found) {
    let (key, variant, only) = set;
    let (Some(flag), Some(reach)) = (plan.flag(key), now.get_mut(key)) else { return };
    let Some(variant) = flag.place_of(variant) else { return };
    let on = flag.is_on(variant);
    found.require(reach.can_turn(on, only), place, || {
        format!("{key:?} is on for everybody and would go off for a segment alone; turn it off for all, or leave it on")
    });
    reach.turn(on, only);
}

fn holds(flag: &Flag, now: &Reaches<'_>, place: &str, when: &str, found: &mut Found) {
    let Some(reach) = now.get(&flag.key) else { return };
    for required in &flag.requires {
        let met = now.get(required).is_none_or(|of_required| reach.is_within(of_required));
        found.require(met, place, || {
            let key = &flag.key;
            format!(
                "{key:?} is on {when} for somebody for whom {required:?}, which it requires, is off; turn that on first"
            )
        });
    }
}
