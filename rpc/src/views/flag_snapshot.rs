//! Everything that it takes to evaluate the flags of a plan at a path and below, in one answer: for whoever evaluates them itself.

use super::flag::is_seen;
use crate::views::{FlagDisabling, FlagSetting};
use flags::queries::{disablings, flags, segment, settings};
use flags::{Audience, Flag, MOST_FLAGS, MOST_MEMBERS_OF_SEGMENT, MOST_SEGMENTS};
use primitives::{Height, Name, Path, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;
use std::collections::BTreeSet;

/// The flags of a plan as a local evaluator needs them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlagsSnapshot {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The plan.
    pub plan: Name,
    /// The path; the empty one is everywhere.
    pub scope: Path,
    /// Its flags, in the order of their keys.
    #[schemars(length(max = MOST_FLAGS))]
    pub flags: Vec<SnapshotFlag>,
    /// The segments that are asked about, in the order of their names.
    #[schemars(length(max = MOST_SEGMENTS))]
    pub segments: Vec<SnapshotSegment>,
}

/// A flag with all that decides what it serves at the path and below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotFlag {
    /// The flag.
    pub flag: Flag,
    /// The height of the block that defined it.
    pub since: Height,
    /// What is set at the path, above it and below it.
    pub settings: Vec<FlagSetting>,
    /// Where it is disabled, at the path, above it and below it.
    pub disablings: Vec<FlagDisabling>,
}

/// A segment with its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotSegment {
    /// What it is called.
    pub name: Name,
    /// Who is in it, in order.
    #[schemars(length(max = MOST_MEMBERS_OF_SEGMENT))]
    pub members: Vec<Text<64>>,
}

/// The flags of a plan at a path and below, for as long as somebody waits for them.
pub(crate) fn flags_snapshot<E>(
    state: &State,
    height: Height,
    plan: &Name,
    scope: &Path,
    audience: Option<Audience>,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<FlagsSnapshot, E> {
    let counts = |path: &Path| path.is_under(scope) || scope.is_under(path);
    let (mut shown, mut named) = (Vec::new(), BTreeSet::<Name>::new());
    for defined in flags(state, plan).filter(|defined| is_seen(&defined.flag, audience)) {
        let (key, mut set, mut off) = (&defined.flag.key, Vec::new(), Vec::new());
        for (path, setting) in settings(state, plan, key) {
            go_on()?;
            if counts(&path) {
                named.extend(setting.targeting.segments().into_iter().cloned());
                set.push(FlagSetting { path, setting });
            }
        }
        for (path, disabled) in disablings(state, plan, key) {
            go_on()?;
            if counts(&path) {
                off.push(FlagDisabling { path, disabled });
            }
        }
        shown.push(SnapshotFlag { since: defined.since, flag: defined.flag, settings: set, disablings: off });
    }
    let mut segments = Vec::new();
    for name in named {
        go_on()?;
        let members = segment(state, plan, &name).unwrap_or_default().into_inner();
        segments.push(SnapshotSegment { name, members });
    }
    Ok(FlagsSnapshot { height, plan: plan.clone(), scope: scope.clone(), flags: shown, segments })
}
