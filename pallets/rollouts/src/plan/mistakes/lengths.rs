//! Is every list short enough to be judged in one call, and the plan to be carried in one?

use super::{Found, duty_lists, lists, place};
use crate::check::{Ask, RowKeys};
use crate::plan::{ChangeKind, MOST_BYTES, MOST_KEYS, Plan};
use parity_scale_codec::Encode;
use primitives::Name;

pub(super) fn find(plan: &Plan, found: &mut Found) {
    for stage in &plan.stages {
        let place = place::stage(&stage.name);
        let asked = plan.approval_list(&stage.name);
        fits(plan, &format!("{place}.readiness"), asked.iter().map(|asked| &asked.key), found);
        let owed = plan.duties(ChangeKind::Promote, Some(&stage.name));
        fits(plan, &format!("{place}.close"), owed.iter().map(|duty| &duty.check), found);
    }
    for (place, keys) in lists(plan).into_iter().filter(|(place, _)| !is_of_a_promotion(place)) {
        fits(plan, &place, keys.iter(), found);
    }
    for list in duty_lists(plan).into_iter().filter(|list| list.kind != ChangeKind::Promote) {
        fits(plan, &list.place, list.duties.iter().map(|duty| &duty.check), found);
    }
    let bytes = plan.encoded_size();
    found.require(bytes <= MOST_BYTES, "plan", || {
        format!(
            "it has {bytes} bytes when it is encoded and at most {MOST_BYTES} are taken; shorten its texts or lists"
        )
    });
}

/// Whether a list is part of one that is judged as a whole.
fn is_of_a_promotion(place: &str) -> bool {
    place.ends_with(".readiness")
}

/// A list with all that is asked beside it: a promotion's is put together from several.
fn fits<'p>(plan: &Plan, place: &str, keys: impl Iterator<Item = &'p Name>, found: &mut Found) {
    let asked = keys.fold(0u64, |sum, key| sum.saturating_add(rows(plan, key)));
    found.require(asked <= MOST_KEYS, place, || {
        format!(
            "with what is asked beside it, it asks of {asked} keys, ranges included, and at most {MOST_KEYS} are judged"
        )
    });
}

/// How many keys one check asks of; those of the phases at most as many as all phases have.
fn rows(plan: &Plan, key: &Name) -> u64 {
    let Some(Ask::Rows { keys, .. }) = plan.check(key).map(|check| &check.ask) else { return 1 };
    match keys {
        RowKeys::Range { from, to, .. } => length(*from, *to),
        RowKeys::Active => plan.phases.iter().fold(0u64, |sum, phase| {
            let of_exit = phase.exit.iter().filter_map(|key| match &plan.check(key)?.ask {
                Ask::Rows { keys: RowKeys::Range { from, to, .. }, .. } => Some(length(*from, *to)),
                _ => None,
            });
            sum.saturating_add(of_exit.fold(0u64, u64::saturating_add).max(1))
        }),
    }
}

fn length(from: u32, to: u32) -> u64 {
    u64::from(to.saturating_sub(from)).saturating_add(1)
}
