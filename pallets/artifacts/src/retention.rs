//! What is let go of the artifacts that stood: what is beyond the last so many, and is not needed (REQ-119 to REQ-121).

use crate::pins::{self, NeededOfStage};
use crate::{ArtifactStanding, RegisteredArtifact, storage::*};
use primitives::{Digest, Height, Name};
use state::State;
use std::collections::BTreeSet;

/// How many rows are read beside artifacts: the rules, what stands in each stage, and the first case of each.
const BESIDE: u32 = 64;

/// What there is to let go of a plan, the first registered first. Where a plan keeps so many of several stages, an artifact is
/// kept as long as it is among the last of one of them.
///
/// Reads what stood in the stages that keep so many; and no more than that, as long as none of them has more.
pub(crate) fn releasable(state: &State, plan: &Name) -> BTreeSet<(Height, Digest)> {
    let Some(installed) = RULES.get(state, plan) else { return BTreeSet::new() };
    let listed = installed.rules.keep.iter();
    let beyond: BTreeSet<(Name, Digest)> = listed
        .flat_map(|(stage, keep)| {
            let rest = pins::latest(state, plan, stage).skip(usize::from(*keep));
            rest.map(|digest| (stage.clone(), digest)).collect::<Vec<_>>()
        })
        .collect();
    if beyond.is_empty() {
        return BTreeSet::new();
    }
    // A hold of the whole plan keeps all of it, however much there is.
    if pins::first_of_plan(state, plan).is_some() {
        return BTreeSet::new();
    }
    let digests: BTreeSet<Digest> = beyond.iter().map(|(_, digest)| *digest).collect();
    let rows = digests.iter().filter_map(|digest| ARTIFACTS.get(state, &(plan.clone(), *digest)));
    // What was let go is not let go again, wherever it is still listed.
    let rows: Vec<RegisteredArtifact> = rows.filter(|row| row.standing != ArtifactStanding::Released).collect();
    let stages: BTreeSet<Name> = rows.iter().flat_map(pins::stages_of).collect();
    let pinned: BTreeSet<Name> =
        stages.into_iter().filter(|stage| pins::first_of_stage(state, plan, stage).is_some()).collect();
    let of_stages: BTreeSet<Name> =
        pinned.iter().filter(|stage| pins::is_kept_by_stage(state, plan, stage)).cloned().collect();
    let needed: BTreeSet<Digest> =
        installed.stages.iter().flat_map(|stage| NeededOfStage::of(state, plan, stage).all()).collect();
    let is_kept = |row: &RegisteredArtifact| {
        let digest = row.artifact.digest;
        let is_among_last = row
            .stood
            .iter()
            .any(|stood| installed.kept_of(&stood.stage).is_some() && !beyond.contains(&(stood.stage.clone(), digest)));
        is_among_last || needed.contains(&digest) || !pins::stages_of(row).is_disjoint(&of_stages)
    };
    let place = |row: &RegisteredArtifact| (row.registered.height, row.artifact.digest);
    let gone = rows.iter().filter(|row| !is_kept(row));
    let (of_tenants, others): (Vec<_>, Vec<_>) = gone.partition(|row| !pins::stages_of(row).is_disjoint(&pinned));
    // What goes anyway makes room as well.
    let too_many = beyond_tenants(state, plan).saturating_sub(others.len());
    let of_tenants: BTreeSet<_> = of_tenants.into_iter().map(place).collect();
    others.into_iter().map(place).chain(of_tenants.into_iter().take(too_many)).collect()
}

/// How many more artifacts there are than may be by what tenants have kept.
fn beyond_tenants(state: &State, plan: &Name) -> usize {
    let live = COUNTS.get(state, plan).unwrap_or_default();
    usize::try_from(live.saturating_sub(pins::MOST_FOR_TENANTS)).unwrap_or(usize::MAX)
}

/// How many artifacts a plan is reckoned to have: a power of two, so that what a call costs seldom changes while it waits.
pub(crate) fn counted(state: &State, plan: &Name) -> u32 {
    let live = COUNTS.get(state, plan).unwrap_or_default();
    live.checked_next_power_of_two().unwrap_or(u32::MAX)
}

/// How many rows [that](releasable) reads at most; whoever moves what stands or is needed pays for them.
pub(crate) fn most_read(state: &State, plan: &Name) -> u32 {
    let Some(installed) = RULES.get(state, plan) else { return 0 };
    let counted = counted(state, plan);
    let number = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
    let (stages, listed) = (number(installed.stages.len()), number(installed.rules.keep.len()));
    let fewest = installed.rules.keep.iter().map(|(_, keep)| u32::from(*keep)).min();
    // Each stage that keeps so many is gone through; and where there is more, what is needed of every stage is looked for, and each
    // artifact is read with those that are to go already.
    let times = match fewest {
        Some(fewest) if counted > fewest => listed.saturating_add(stages.saturating_mul(2)).saturating_add(2),
        _ => listed,
    };
    counted.saturating_mul(times).saturating_add(BESIDE)
}
