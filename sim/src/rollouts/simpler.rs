//! Plans that are simpler by one thing each.

use super::plan::{DAY, Day, Happening, Plan};
use std::collections::BTreeSet;

/// Fewer days show nothing.
const FEWEST_DAYS: usize = 4;

/// The much simpler ones first.
pub(super) fn simpler(plan: &Plan) -> Vec<Plan> {
    let mut plans = shorter(plan);
    plans.extend(without_a_kind(plan));
    plans.extend(without_a_part(plan));
    plans.extend(with_everybody_there(plan));
    plans
}

fn shorter(plan: &Plan) -> Vec<Plan> {
    let cut = |days: usize| {
        let hours = days as u64 * DAY;
        let happenings = plan.happenings.iter().filter(|happening| happening.hour <= hours).cloned().collect();
        Plan { days: plan.days.iter().take(days).cloned().collect(), happenings }
    };
    let all = plan.days.len();
    let candidates = [all / 2, all * 3 / 4, all.saturating_sub(1)];
    candidates.into_iter().filter(|days| (FEWEST_DAYS..all).contains(days)).map(cut).collect()
}

fn without_a_kind(plan: &Plan) -> Vec<Plan> {
    let kinds: BTreeSet<&'static str> = plan.happenings.iter().map(|happening| happening.what.kind()).collect();
    kinds.into_iter().map(|kind| keeping(plan, |_, happening| happening.what.kind() != kind)).collect()
}

/// Halves, quarters and so on, down to single ones.
fn without_a_part(plan: &Plan) -> Vec<Plan> {
    let lengths = std::iter::successors(Some(plan.happenings.len().div_ceil(2)), |length| Some(length / 2));
    let lengths = lengths.take_while(|length| *length > 0);
    let parts = lengths.flat_map(|length| {
        let firsts = (0..plan.happenings.len()).step_by(length);
        firsts.map(move |first| keeping(plan, |index, _| !(first..first + length).contains(&index)))
    });
    parts.collect()
}

fn with_everybody_there(plan: &Plan) -> Option<Plan> {
    let there = |day: &Day| Day { looks: day.looks.iter().map(|hour| hour.or(Some(9))).collect() };
    let simpler = Plan { days: plan.days.iter().map(there).collect(), happenings: plan.happenings.clone() };
    (simpler != *plan).then_some(simpler)
}

fn keeping(plan: &Plan, keeps: impl Fn(usize, &Happening) -> bool) -> Plan {
    let kept = plan.happenings.iter().enumerate().filter(|(index, happening)| keeps(*index, happening));
    let happenings = kept.map(|(_, happening)| happening.clone()).collect();
    Plan { days: plan.days.clone(), happenings }
}
