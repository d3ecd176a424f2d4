//! Is every flag whole, does it end, and is every gate of the network there?

use super::{Found, place};
use crate::plan::Plan;
use flags::Gate;

pub(super) fn find(plan: &Plan, found: &mut Found) {
    for flag in &plan.flags {
        for (field, problem) in flag.flaws(plan.is_of_node()) {
            found.require(false, format!("{}.{field}", place::flag(&flag.key)), || problem);
        }
    }
    if plan.is_of_node() {
        has_every_gate(plan, found);
    }
}

/// A gate that a node's plan has not is what it was without a plan, and no change could move it.
fn has_every_gate(plan: &Plan, found: &mut Found) {
    for gate in Gate::ALL {
        let has = plan.flags.iter().any(|flag| Gate::named(&flag.key) == Some(*gate));
        found.require(has, format!("flags.{gate}"), || {
            format!("the plan governs this network and leaves out its gate {gate}; add a flag of kind gate that is called so")
        });
    }
}
