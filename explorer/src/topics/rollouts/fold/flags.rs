//! What happened to flags, to what is set of them, and to segments.

use super::super::answer::FlagFlip;
use super::super::{FLAGS, LATEST_MOVE, MOVES, SEGMENTS, SETTINGS};
use super::kept::{FlagKept, SettingKept};
use super::spans;
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::{json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::{Row, SqlValue, Table};
use flags::{Event, Flag, SegmentMembers};
use primitives::{ChangeId, List, Moment, Name, Path, Text};
use rollouts::change::{Effected, FlagSide};
use std::collections::BTreeSet;

/// By what flags are moved.
pub(super) struct MovedBy<'p> {
    /// The plan.
    pub plan: &'p Name,
    /// The change; 0 of a first version.
    pub change: ChangeId,
    /// Its ticket.
    pub ticket: Option<&'p Name>,
}

/// What one event about a flag writes.
///
/// # Errors
/// The database refuses, or has no such flag.
pub async fn write(block: &mut BlockWriter<'_>, at: Moment, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::Defined { plan, flag, .. } => {
            define(block, at, plan, flag, false).await?;
            spans::follow(block, at, plan, &flag.key).await
        }
        Event::Edited { plan, flag, .. } => {
            let of_plan = found(block, plan, &flag.key).await?.is_some_and(|(_, of_plan)| of_plan);
            define(block, at, plan, flag, of_plan).await?;
            spans::follow(block, at, plan, &flag.key).await
        }
        Event::Retired { plan, key, .. } => {
            let (kept, _) = found(block, plan, key).await?.ok_or_else(|| missing(plan, key))?;
            put(block, plan, &kept, false, true);
            spans::follow(block, at, plan, key).await
        }
        Event::Expired { plan, key, at: day, .. } => {
            let (kept, of_plan) = found(block, plan, key).await?.ok_or_else(|| missing(plan, key))?;
            put(block, plan, &FlagKept { expired: Some(*day), ..kept }, of_plan, false);
            Ok(())
        }
        // It moves no flag: whoever asks finds it in the log, about both accounts.
        Event::TokensRevoked { .. } => Ok(()),
    }
}

/// The flags that a version of a plan comes with, in place of those that the version before came with, which stay beside them.
pub(super) async fn come_with_plan(
    block: &mut BlockWriter<'_>,
    at: Moment,
    plan: &Name,
    flags: &[Flag],
) -> Result<(), FoldError> {
    let filter = RowFilter::Equal("plan", plan.as_str().into());
    let columns = &["flag", "of_plan", "retired"];
    for row in block.select(Selection { table: &FLAGS, columns, filter, order: RowOrder::Any }).await? {
        if row[1].number() == Some(1) {
            let kept: FlagKept = parsed("a flag", row[0].text().unwrap_or_default())?;
            put(block, plan, &kept, false, row[2].number() == Some(1));
        }
    }
    for flag in flags {
        define(block, at, plan, flag, true).await?;
        spans::follow(block, at, plan, &flag.key).await?;
    }
    Ok(())
}

/// When it was defined stays; that its day had come is over when it has another one.
async fn define(
    block: &mut BlockWriter<'_>,
    at: Moment,
    plan: &Name,
    flag: &Flag,
    of_plan: bool,
) -> Result<(), FoldError> {
    let before = found(block, plan, &flag.key).await?.map(|(kept, _)| kept);
    let expired = before.as_ref().filter(|kept| kept.flag.expires == flag.expires).and_then(|kept| kept.expired);
    let since = before.map_or(at.height, |kept| kept.since);
    put(block, plan, &FlagKept { flag: flag.clone(), since, expired }, of_plan, false);
    Ok(())
}

/// What a change moved.
pub(super) async fn moved(
    block: &mut BlockWriter<'_>,
    at: Moment,
    by: &MovedBy<'_>,
    effects: &[Effected],
) -> Result<(), FoldError> {
    let mut flipped = BTreeSet::new();
    for effect in effects {
        match effect {
            Effected::Flag { flag, path, before, after } => {
                move_flag(block, at, by, (flag, path), before, after).await?;
                flipped.insert(flag);
            }
            Effected::Segment { name, added, removed } => {
                let members = members(block, by.plan, name).await?.unwrap_or_default();
                let kept = members.iter().filter(|member| !removed.contains(member));
                let after: BTreeSet<Text<64>> = kept.chain(added).cloned().collect();
                put_segment(block, by.plan, name, &List::truncate_from(after.into_iter().collect()));
            }
        }
    }
    for flag in flipped {
        spans::follow(block, at, by.plan, flag).await?;
    }
    Ok(())
}

/// A segment that is there stays as it is.
pub(super) async fn make_segment(
    block: &mut BlockWriter<'_>,
    plan: &Name,
    segment: &Name,
    filled: &SegmentMembers,
) -> Result<(), FoldError> {
    if members(block, plan, segment).await?.is_none() {
        put_segment(block, plan, segment, filled);
    }
    Ok(())
}

/// What stands so already keeps its origin.
async fn move_flag(
    block: &mut BlockWriter<'_>,
    at: Moment,
    by: &MovedBy<'_>,
    (flag, path): (&Name, &Path),
    before: &FlagSide,
    after: &FlagSide,
) -> Result<(), FoldError> {
    let key: Row = vec![by.plan.as_str().into(), flag.as_str().into(), path.as_str().into()];
    let text = one(block, &SETTINGS, &["setting"], &["plan", "key", "path"], key.clone()).await?;
    let kept: Option<SettingKept> = text.map(|text| parsed("a setting", &text)).transpose()?;
    let now = (at, by.change);
    let stood = kept.unwrap_or(SettingKept { side: FlagSide::default(), set: now, disabled: now });
    let set = if stood.side.targeting == after.targeting { stood.set } else { now };
    let disabled = if stood.side.disabled == after.disabled { stood.disabled } else { now };
    let setting = SettingKept { side: after.clone(), set, disabled };
    block.put(&SETTINGS, key.into_iter().chain([json(&setting).into()]).collect());
    let number = block.meta::<u64>(LATEST_MOVE).await?.unwrap_or_default().saturating_add(1);
    block.set_meta(LATEST_MOVE, &number);
    let flip = FlagFlip {
        path: path.clone(),
        before: before.clone(),
        after: after.clone(),
        at,
        change: by.change,
        ticket: by.ticket.cloned(),
    };
    let (plan, flag, time) = (by.plan.as_str(), flag.as_str(), at.time.0);
    block.put(&MOVES, vec![plan.into(), flag.into(), number.into(), time.into(), json(&flip).into()]);
    Ok(())
}

async fn members(
    block: &mut BlockWriter<'_>,
    plan: &Name,
    segment: &Name,
) -> Result<Option<SegmentMembers>, FoldError> {
    let key = vec![plan.as_str().into(), segment.as_str().into()];
    let text = one(block, &SEGMENTS, &["members"], &["plan", "name"], key).await?;
    Ok(text.map(|text| parsed("a segment", &text)).transpose()?)
}

fn put_segment(block: &mut BlockWriter<'_>, plan: &Name, segment: &Name, members: &SegmentMembers) {
    block.put(&SEGMENTS, vec![plan.as_str().into(), segment.as_str().into(), json(members).into()]);
}

/// A flag, and whether it came with the version in force.
async fn found(block: &mut BlockWriter<'_>, plan: &Name, key: &Name) -> Result<Option<(FlagKept, bool)>, FoldError> {
    let filter = RowFilter::Among(&["plan", "key"], vec![vec![plan.as_str().into(), key.as_str().into()]]);
    let selection = Selection { table: &FLAGS, columns: &["flag", "of_plan"], filter, order: RowOrder::Any };
    let Some(row) = block.select(selection).await?.pop() else { return Ok(None) };
    Ok(Some((parsed("a flag", row[0].text().unwrap_or_default())?, row[1].number() == Some(1))))
}

fn put(block: &mut BlockWriter<'_>, plan: &Name, kept: &FlagKept, of_plan: bool, retired: bool) {
    let row =
        vec![plan.as_str().into(), kept.flag.key.as_str().into(), of_plan.into(), retired.into(), json(kept).into()];
    block.put(&FLAGS, row);
}

/// The text in a column of the one row with this key.
async fn one(
    block: &mut BlockWriter<'_>,
    table: &'static Table,
    column: &'static [&'static str],
    by: &'static [&'static str],
    key: Vec<SqlValue>,
) -> Result<Option<String>, FoldError> {
    let filter = RowFilter::Among(by, vec![key]);
    let row = block.select(Selection { table, columns: column, filter, order: RowOrder::Any }).await?.pop();
    Ok(row.and_then(|row| row[0].text().map(str::to_owned)))
}

fn missing(plan: &Name, key: &Name) -> FoldError {
    FoldError::Damaged(format!("flag {key} of plan {plan} is not in it"))
}
