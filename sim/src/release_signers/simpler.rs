//! Plans that are simpler by one thing: how a failure is made small enough to read.

use super::plan::{Happening, Plan, What};
use std::collections::BTreeSet;

/// The fewest epochs that are still worth a try.
const FEWEST_EPOCHS: u64 = 6;

/// The boldest first: a shorter time, without a kind of thing, without a part of all things, without one of them.
pub(super) fn simpler(plan: &Plan) -> Vec<Plan> {
    let mut plans = Vec::new();
    plans.extend(shorter(plan));
    plans.extend(without_the_end(plan));
    plans.extend(without_a_kind(plan));
    plans.extend(without_a_part(plan));
    plans.extend(with_everybody_at_hand(plan));
    plans
}

fn shorter(plan: &Plan) -> Vec<Plan> {
    let cut = |epochs: u64| {
        let happenings = plan.happenings.iter().filter(|happening| happening.epoch <= epochs).cloned().collect();
        Plan { epochs, happenings, ..plan.clone() }
    };
    let candidates = [plan.epochs / 2, plan.epochs * 3 / 4, plan.epochs.saturating_sub(1)];
    candidates.into_iter().filter(|epochs| (FEWEST_EPOCHS..plan.epochs).contains(epochs)).map(cut).collect()
}

fn without_the_end(plan: &Plan) -> Option<Plan> {
    (!plan.lost_in_the_end.is_empty()).then(|| Plan { lost_in_the_end: Vec::new(), ..plan.clone() })
}

fn without_a_kind(plan: &Plan) -> Vec<Plan> {
    let kinds: BTreeSet<&'static str> = plan.happenings.iter().map(|happening| happening.what.kind()).collect();
    kinds.into_iter().map(|kind| keeping(plan, |_, happening| happening.what.kind() != kind)).collect()
}

/// Halves, quarters and so on, down to single ones.
fn without_a_part(plan: &Plan) -> Vec<Plan> {
    let mut plans = Vec::new();
    let mut length = plan.happenings.len().div_ceil(2);
    while length > 0 {
        for first in (0..plan.happenings.len()).step_by(length) {
            plans.push(keeping(plan, |index, _| !(first..first + length).contains(&index)));
        }
        length /= 2;
    }
    plans
}

fn with_everybody_at_hand(plan: &Plan) -> Option<Plan> {
    let mut simpler = plan.clone();
    for happening in &mut simpler.happenings {
        if let What::Release { slow } = &mut happening.what {
            slow.clear();
        }
    }
    (simpler != *plan).then_some(simpler)
}

fn keeping(plan: &Plan, keeps: impl Fn(usize, &Happening) -> bool) -> Plan {
    let kept = plan.happenings.iter().enumerate().filter(|(index, happening)| keeps(*index, happening));
    Plan { happenings: kept.map(|(_, happening)| happening.clone()).collect(), ..plan.clone() }
}
