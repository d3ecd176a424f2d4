//! What happened in a block that must not, by the facts of it and by what stood before.

use super::acts::{freezes, is_ill};
use super::scene::{Scene, Stands};
use ::rollouts::change::ChangeRequest;
use ::rollouts::plan::ChangeKind;
use primitives::{ChangeId, Moment};
use runtime::{Event, Fact};
use std::collections::BTreeSet;

/// How long a freeze lasts at most here, in milliseconds.
pub const FREEZE_MS: u64 = 3 * crate::governed::plan::HOUR;

/// The first thing that must not have happened.
pub fn wrong(before: &Scene, at: Moment, facts: &[Fact]) -> Option<&'static str> {
    let changes = before.changes();
    let in_time = |it: &&Stands| it.progress.executed.is_some_and(|since| at.running < since.running + FREEZE_MS);
    let mut frozen: BTreeSet<ChangeId> =
        changes.iter().filter(|it| freezes(it)).filter(in_time).map(Stands::id).collect();
    facts.iter().find_map(|fact| match &fact.outcome {
        Ok(Event::Rollouts(event)) => of_event(before, changes, &mut frozen, event),
        _ => None,
    })
}

fn of_event(
    before: &Scene,
    changes: &[Stands],
    frozen: &mut BTreeSet<ChangeId>,
    event: &::rollouts::Event,
) -> Option<&'static str> {
    use ::rollouts::Event::*;
    match event {
        Executed { change, .. } => {
            let others = frozen.iter().any(|other| other != change);
            let asked = &changes.iter().find(|it| it.id() == *change)?.change.asked.request;
            if matches!(asked, ChangeRequest::Promote { .. }) {
                frozen.insert(*change);
            }
            if is_ill(before, *change) {
                return Some("it became active after a NO-GO");
            }
            others.then_some("something was carried out in a freeze")
        }
        Submitted { change, .. } => {
            let is_urgent = matches!(change.kind(), ChangeKind::Disable | ChangeKind::Rollback | ChangeKind::Freeze);
            (!is_urgent && !frozen.is_empty()).then_some("something was asked for in a freeze")
        }
        Thawed { change, .. } | Closed { change, .. } | Reverted { change, .. } => {
            frozen.remove(change);
            None
        }
        _ => None,
    }
}
