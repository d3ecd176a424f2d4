//! What can be asked about flags.

use crate::targeting::{Disabled, SegmentMembers, Setting};
use crate::{DefinedFlag, EvaluationContext, FlagCounts, Resolution, ScopedFlag, resolve, storage::*};
use primitives::{AccountId, Name, Path, Timestamp};
use state::{KeyBytes, State};
use std::collections::BTreeMap;

/// A flag of a plan; none when it was never defined, and when it is retired.
pub fn flag(state: &State, plan: &Name, key: &Name) -> Option<DefinedFlag> {
    FLAGS.get(state, &(plan.clone(), key.clone()))
}

/// The storage key of a flag's definition, by which it is read or proven.
pub fn flag_key(plan: &Name, key: &Name) -> KeyBytes {
    FLAGS.key(&(plan.clone(), key.clone()))
}

/// The flags of a plan, in the order of their keys.
pub fn flags(state: &State, plan: &Name) -> impl Iterator<Item = DefinedFlag> {
    FLAGS.values_under(state, plan)
}

/// Whether a flag of that key was retired.
pub fn is_retired(state: &State, plan: &Name, key: &Name) -> bool {
    RETIRED.contains(state, &(plan.clone(), key.clone()))
}

/// Whether a flag came with the version of the plan that is in force.
pub fn is_of_plan(state: &State, plan: &Name, key: &Name) -> bool {
    OF_PLAN.contains(state, &(plan.clone(), key.clone()))
}

/// What is set at exactly that path.
pub fn setting(state: &State, plan: &Name, key: &Name, path: &Path) -> Option<Setting> {
    SETTINGS.get(state, &(plan.clone(), key.clone(), path.clone()))
}

/// The storage key of that, by which it is read or proven.
pub fn setting_key(plan: &Name, key: &Name, path: &Path) -> KeyBytes {
    SETTINGS.key(&(plan.clone(), key.clone(), path.clone()))
}

/// Everything that is set of a flag, in the order of the paths.
pub fn settings(state: &State, plan: &Name, key: &Name) -> impl Iterator<Item = (Path, Setting)> {
    SETTINGS.rest_under(state, &(plan.clone(), key.clone()))
}

/// That a flag is disabled at exactly that path.
pub fn disabled(state: &State, plan: &Name, key: &Name, path: &Path) -> Option<Disabled> {
    DISABLED.get(state, &(plan.clone(), key.clone(), path.clone()))
}

/// The storage key of that, by which it is read or proven.
pub fn disabled_key(plan: &Name, key: &Name, path: &Path) -> KeyBytes {
    DISABLED.key(&(plan.clone(), key.clone(), path.clone()))
}

/// Everywhere that a flag is disabled, in the order of the paths.
pub fn disablings(state: &State, plan: &Name, key: &Name) -> impl Iterator<Item = (Path, Disabled)> {
    DISABLED.rest_under(state, &(plan.clone(), key.clone()))
}

/// Where a flag is disabled that is so at a path: there, or the nearest above.
pub fn disabled_above(state: &State, plan: &Name, key: &Name, path: &Path) -> Option<Path> {
    path.ancestors().find(|above| disabled(state, plan, key, above).is_some())
}

/// The members of a segment, in order; none when the plan has no such segment.
pub fn segment(state: &State, plan: &Name, segment: &Name) -> Option<SegmentMembers> {
    SEGMENTS.get(state, &(plan.clone(), segment.clone()))
}

/// The storage key of those, by which they are read or proven.
pub fn segment_key(plan: &Name, segment: &Name) -> KeyBytes {
    SEGMENTS.key(&(plan.clone(), segment.clone()))
}

/// The segments of a plan with their members, in the order of their names.
pub fn segments(state: &State, plan: &Name) -> impl Iterator<Item = (Name, SegmentMembers)> {
    SEGMENTS.rest_under(state, plan)
}

/// The flags that require another, in the order of their keys: what goes off with it.
pub fn required_by(state: &State, plan: &Name, key: &Name) -> impl Iterator<Item = Name> {
    REQUIRED_BY.iter_under(state, &(plan.clone(), key.clone())).map(|(.., by)| by)
}

/// How much a plan has.
pub fn counts(state: &State, plan: &Name) -> FlagCounts {
    COUNTS.get(state, plan).unwrap_or_default()
}

/// The plan that governs this network; none where none does.
pub fn node_plan(state: &State) -> Option<Name> {
    NODE_PLAN.get(state)
}

/// Whether a plan is the one that governs this network.
pub fn is_node_plan(state: &State, plan: &Name) -> bool {
    node_plan(state).as_ref() == Some(plan)
}

/// Before which time the tokens are revoked that an account issued for a plan; none when none are. Whether the account may issue any
/// is for `roles` to say, by the grant `token`.
pub fn token_revoked_before(state: &State, plan: &Name, account: &AccountId) -> Option<Timestamp> {
    TOKENS.get(state, &(plan.clone(), *account))
}

/// A flag with everything that decides what it serves at a path; none when the plan has no such flag.
pub fn scoped(state: &State, plan: &Name, key: &Name, path: &Path) -> Option<ScopedFlag> {
    let flag = flag(state, plan, key)?;
    let above = || path.ancestors();
    let found = above().filter_map(|path| Some((path.clone(), setting(state, plan, key, &path)?)));
    let settings: BTreeMap<Path, Setting> = found.collect();
    let found = above().filter_map(|path| Some((path.clone(), disabled(state, plan, key, &path)?)));
    let disabled: BTreeMap<Path, Disabled> = found.collect();
    let named = settings.values().flat_map(|setting| setting.targeting.segments());
    let segments = named.filter_map(|name| Some((name.clone(), segment(state, plan, name)?))).collect();
    Some(ScopedFlag { flag, disabled, settings, segments })
}

/// What a flag serves somebody at a path; none when the plan has no such flag.
pub fn resolution(
    state: &State,
    plan: &Name,
    key: &Name,
    path: &Path,
    context: &EvaluationContext,
) -> Option<Resolution> {
    scoped(state, plan, key, path).map(|scoped| resolve(&scoped, context))
}
