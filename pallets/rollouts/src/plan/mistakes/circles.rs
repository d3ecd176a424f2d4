//! Does anything wait for itself?

use super::{Found, place};
use crate::plan::Plan;
use primitives::Name;
use std::collections::BTreeSet;

pub(super) fn find(plan: &Plan, found: &mut Found) {
    for flag in &plan.flags {
        let circle = needs_itself(&flag.key, |key| required_by_flag(plan, key));
        found.require(!circle, format!("{}.requires", place::flag(&flag.key)), || {
            format!(
                "{:?} requires itself, if by way of others, and could never be turned on; break the circle",
                flag.key
            )
        });
    }
    for phase in &plan.phases {
        let circle = needs_itself(&phase.key, |key| required_by_phase(plan, key));
        found.require(!circle, format!("{}.requires", place::phase(&phase.key)), || {
            format!("{:?} requires itself, if by way of others, and could never be opened; break the circle", phase.key)
        });
    }
}

fn required_by_flag<'p>(plan: &'p Plan, key: &Name) -> Vec<&'p Name> {
    plan.flag(key).map(|flag| flag.requires.iter().collect()).unwrap_or_default()
}

fn required_by_phase<'p>(plan: &'p Plan, key: &Name) -> Vec<&'p Name> {
    plan.phase(key).map(|phase| phase.requires.iter().map(|(required, _)| required).collect()).unwrap_or_default()
}

/// Whether one of those that `start` requires, or that these require, is `start`.
fn needs_itself<'p>(start: &Name, required_by: impl Fn(&Name) -> Vec<&'p Name>) -> bool {
    let mut ahead = required_by(start);
    let mut seen = BTreeSet::new();
    while let Some(next) = ahead.pop() {
        if next == start {
            return true;
        }
        if seen.insert(next) {
            ahead.extend(required_by(next));
        }
    }
    false
}
