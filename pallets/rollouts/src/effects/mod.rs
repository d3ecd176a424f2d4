//! What a change does to flags and segments: worked out from what stands, and written once it happened (ROLLOUTS 6.2, 7.5).

mod asked;
mod bypass;
mod going_back;
mod moves;
pub(crate) mod profile;
mod requirements;
mod scratch;

pub(crate) use asked::{map_at, of_request, of_step};
pub(crate) use bypass::bypasses;
pub(crate) use going_back::{GoneBack, replaced};
pub(crate) use scratch::after;

use crate::change::{Effected, FlagSide, MOST_EFFECTED_BYTES};
use crate::plan::QUORUM_GATE;
use flags::{Disabled, Gates, Setting};
use moves::Moves;
use parity_scale_codec::Encode;
use primitives::{ChangeId, List, Moment, Name, Path, Text};
use requirements::{Along, take_along};
use state::State;

/// How a flag stands at exactly a path.
pub(crate) fn side(state: &State, plan: &Name, flag: &Name, path: &Path) -> FlagSide {
    FlagSide {
        targeting: flags::queries::setting(state, plan, flag, path).map(|setting| setting.targeting),
        disabled: flags::queries::disabled(state, plan, flag, path).is_some(),
    }
}

/// Writes what a change moved.
pub(crate) fn write(state: &mut State, at: Moment, plan: &Name, by: ChangeId, effects: &[Effected]) {
    for effect in effects {
        match effect {
            Effected::Flag { flag, path, after, .. } => write_side(state, at, plan, by, (flag, path), after),
            Effected::Segment { name, added, removed } => {
                flags::apply::change_segment(state, plan, name, added, removed);
            }
        }
    }
}

/// What stands so already keeps its origin.
fn write_side(state: &mut State, at: Moment, plan: &Name, by: ChangeId, place: (&Name, &Path), after: &FlagSide) {
    let ((flag, path), before) = (place, side(state, plan, place.0, place.1));
    if before.targeting != after.targeting {
        match after.targeting.clone() {
            Some(targeting) => {
                flags::apply::set(state, plan, flag, path, &Setting { targeting, since: at, by });
            }
            None => flags::apply::unset(state, plan, flag, path),
        }
    }
    if before.disabled != after.disabled {
        if after.disabled {
            flags::apply::disable(state, plan, flag, path, &Disabled { since: at, by });
        } else {
            flags::apply::enable(state, plan, flag, path);
        }
    }
}

/// What undoes effects: each flag stands again as it stood before the first of them, and whoever came or went did not. What moved
/// since is among it, because what was before is what a reversal brings back. Nothing undoes that validators decide by quorum but a
/// vote of the stake (ROLLOUTS 5), so that stays; and nothing comes back without what it requires, nor stays on without it.
pub(crate) fn inverse(state: &State, at: Moment, plan: &Name, effects: &[Effected]) -> Vec<Effected> {
    let mut undone: Vec<Effected> = effects.iter().rev().filter_map(|effect| undoing(state, plan, effect)).collect();
    if undone.encoded_size() > MOST_EFFECTED_BYTES {
        // One fact has no room for all that was set over it since: what stands as it was left comes back.
        let left = effects.iter().rev().filter(|effect| is_as_left(state, plan, effect));
        undone = left.filter_map(|effect| undoing(state, plan, effect)).collect();
    }
    let ends_quorum = quorum_move(state, at, plan, &undone).lost;
    let kept = |effect: &Effected| match effect {
        Effected::Flag { flag, .. } => !ends_quorum || flag.as_str() != QUORUM_GATE,
        Effected::Segment { .. } => !ends_quorum,
    };
    with_what_follows(state, at, plan, undone.into_iter().filter(kept).collect())
}

/// Effects with what goes off along with them; as they are where more would go off than one fact has room for.
fn with_what_follows(state: &State, at: Moment, plan: &Name, undone: Vec<Effected>) -> Vec<Effected> {
    let mut moves = Moves::of(state, plan);
    for effect in &undone {
        match effect {
            Effected::Flag { flag, path, after, .. } => moves.flag(flag, path, false, |side| *side = after.clone()),
            Effected::Segment { name, added, removed } => moves.segment(name, added, removed),
        }
    }
    let followed = take_along(state, at, plan, &mut moves, Along::Set).and_then(|()| moves.bounded());
    followed.unwrap_or(undone)
}

/// Whether what moved stands as it was left.
fn is_as_left(state: &State, plan: &Name, effect: &Effected) -> bool {
    match effect {
        Effected::Flag { flag, path, after, .. } => side(state, plan, flag, path) == *after,
        Effected::Segment { .. } => true,
    }
}

fn undoing(state: &State, plan: &Name, effect: &Effected) -> Option<Effected> {
    match effect {
        Effected::Flag { flag, path, before, .. } => {
            let now = side(state, plan, flag, path);
            let (flag, path, after) = (flag.clone(), path.clone(), before.clone());
            (now != after).then_some(Effected::Flag { flag, path, before: now, after })
        }
        Effected::Segment { name, added, removed } => {
            let now = flags::queries::segment(state, plan, name)?;
            let gone = |member: &&Text<64>| !now.contains(member);
            let there = |member: &&Text<64>| now.contains(member);
            Some(Effected::Segment {
                name: name.clone(),
                added: List::truncate_from(removed.iter().filter(gone).cloned().collect()),
                removed: List::truncate_from(added.iter().filter(there).cloned().collect()),
            })
        }
    }
}

/// What effects do to the rule that validators decide by quorum; nothing in a plan that does not govern this network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct QuorumMove {
    /// It is on for somebody and was for nobody: the validators have to be there.
    pub begins: bool,
    /// It is off for somebody for whom it was on: the stake votes on that.
    pub lost: bool,
    /// It is off for everybody and was not: one validator decides alone, and is named.
    pub ends: bool,
}

/// What effects would do to that rule if they were written now.
pub(crate) fn quorum_move(state: &State, at: Moment, plan: &Name, effects: &[Effected]) -> QuorumMove {
    if !flags::queries::is_node_plan(state, plan) || effects.is_empty() {
        return QuorumMove::default();
    }
    after(state, at, plan, effects, |scratch| moved(state, scratch, plan))
}

fn moved(before: &State, after: &State, plan: &Name) -> QuorumMove {
    let gate = flags::Gate::MalachiteConsensus;
    let (was, is) = (Gates::of(before), Gates::of(after));
    let stays_for = |segment: &Name| match is.limited_to(gate) {
        Some(other) => other == segment && keeps_members(before, after, plan, segment),
        None => is.is_on_for_all(gate),
    };
    let lost = match was.limited_to(gate) {
        Some(segment) => !stays_for(segment),
        None => was.is_on_for_all(gate) && !is.is_on_for_all(gate),
    };
    let (was_on, is_on) = (was.is_on(gate), is.is_on(gate));
    QuorumMove { begins: !was_on && is_on, lost, ends: was_on && !is_on }
}

fn keeps_members(before: &State, after: &State, plan: &Name, segment: &Name) -> bool {
    let members = |state| flags::queries::segment(state, plan, segment).unwrap_or_default();
    let kept = members(after);
    members(before).iter().all(|member| kept.contains(member))
}
