//! Changes in short.

use super::super::clock::IndexClock;
use super::super::fold::ChangeStop;
use super::plan::version;
use crate::store::column::{parsed, typed};
use crate::store::{Index, QueryError};
use primitives::{ChangeId, Name, Path};
use rollouts::change::{ChangeProgress, ChangeRequest, ChangeState, Effect, FlagServing, SubmittedChange};
use rollouts::plan::Plan;
use rollouts::queries::{LabelledBy, label_of};
use rollouts::standing::StageFreeze;
use rpc::views::{AnnouncedWindow, ChangeSummary, NextDuty};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The columns of a change.
pub(super) const COLUMNS: &str = "id, change, progress, stop, map";

/// A change as the index has it.
pub(super) struct ChangeNow {
    pub change: SubmittedChange,
    pub progress: ChangeProgress,
    pub stop: Option<ChangeStop>,
    pub map: Vec<FlagServing>,
}

impl ChangeNow {
    /// That of a row with [`COLUMNS`].
    pub fn of(row: &AnyRow) -> Result<Self, QueryError> {
        let stop: Option<&str> = row.get("stop");
        Ok(Self {
            change: parsed("a change", row.get("change"))?,
            progress: parsed("a change", row.get("progress"))?,
            stop: stop.map(|stop| parsed("a freeze", stop)).transpose()?,
            map: parsed("a map", row.get("map"))?,
        })
    }
}

/// Reads changes: what several have in common is read once.
pub(super) struct ChangeReader<'i> {
    index: &'i Index,
    pub clock: IndexClock,
    node: Option<Name>,
    versions: BTreeMap<(Name, u32), Option<Arc<Plan>>>,
    freezes: BTreeMap<Name, Option<(ChangeId, StageFreeze)>>,
}

impl<'i> ChangeReader<'i> {
    /// One of the newest block.
    pub async fn new(index: &'i Index) -> Result<Self, QueryError> {
        let clock = super::clock(index).await?;
        let row = index.one("SELECT plan FROM plans WHERE of_node=1", Vec::new()).await?;
        let node = row.map(|row| typed("a plan", row.get(0))).transpose()?;
        Ok(Self { index, clock, node, versions: BTreeMap::new(), freezes: BTreeMap::new() })
    }

    /// The version of its plan that a change was submitted under.
    pub async fn version_of(&mut self, change: &SubmittedChange) -> Result<Option<Arc<Plan>>, QueryError> {
        let place = (change.plan.clone(), change.asked.version);
        if !self.versions.contains_key(&place) {
            let plan = version(self.index, &place.0, place.1).await?.map(Arc::new);
            self.versions.insert(place.clone(), plan);
        }
        Ok(self.versions.get(&place).cloned().flatten())
    }

    /// The freeze that holds in a plan: of the first change that brings one.
    pub async fn freeze_of(&mut self, plan: &Name) -> Result<Option<(ChangeId, StageFreeze)>, QueryError> {
        if let Some(known) = self.freezes.get(plan) {
            return Ok(known.clone());
        }
        let sql = "SELECT progress, stop, id FROM changes WHERE live=1 AND plan=$1 AND stop IS NOT NULL ORDER BY id";
        let mut found = None;
        for row in self.index.all(sql, vec![plan.as_str().into()]).await? {
            let progress: ChangeProgress = parsed("a change", row.get("progress"))?;
            let stop: ChangeStop = parsed("a freeze", row.get("stop"))?;
            // What is announced and not approved stops nobody.
            let has_begun = progress.state != ChangeState::Open && stop.holds(self.clock.at);
            if let ChangeStop::Freeze(freeze) = stop
                && has_begun
            {
                found = Some((ChangeId(crate::store::table::natural(row.get("id"))), freeze));
                break;
            }
        }
        self.freezes.insert(plan.clone(), found.clone());
        Ok(found)
    }

    /// A change in short.
    pub async fn summary(&mut self, now: &ChangeNow) -> Result<ChangeSummary, QueryError> {
        let ChangeNow { change, progress, stop, .. } = now;
        let mut by = LabelledBy::default();
        let mut plan = None;
        if progress.state == ChangeState::Active {
            by.pauses = matches!(stop, Some(ChangeStop::Pause(pause)) if pause.holds(self.clock.at));
            by.freezes = self.freeze_of(&change.plan).await?.is_some_and(|(id, _)| id == change.id);
            plan = self.version_of(change).await?;
        }
        let is_vote =
            |key: &Name| plan.as_ref().and_then(|plan| plan.check(key)).is_some_and(|check| check.ask.is_vote());
        let clock = self.clock;
        Ok(ChangeSummary {
            id: change.id,
            plan: change.plan.clone(),
            version: change.asked.version,
            kind: change.kind(),
            class: change.asked.class,
            stage: stage_of(change),
            paths: self.paths(change),
            flags: flags_of(change),
            by: change.by.clone(),
            created: change.created,
            reason: change.asked.reason.clone(),
            ticket: change.asked.ticket.clone(),
            milestone: change.asked.milestone.clone(),
            state: progress.state,
            label: label_of(clock.at, progress, by, is_vote),
            since: progress.since,
            verdict: progress.verdict,
            poll: progress.poll,
            expires: progress.expires.filter(|_| progress.state.waits()).map(|expires| clock.due(expires)),
            not_before: progress.not_before.map(|epoch| clock.start_of(epoch)),
            window: window(clock, progress),
            executed: progress.executed,
            next_duty: next_duty(clock, progress),
            overdue: progress.overdue().map(|duty| duty.check.clone()).collect(),
        })
    }

    /// Where a change moves something.
    pub fn paths(&self, change: &SubmittedChange) -> Vec<Path> {
        let is_of_node = self.node.as_ref() == Some(&change.plan);
        let mut paths: Vec<Path> = match &change.asked.request {
            ChangeRequest::Promote { to: stage, .. }
            | ChangeRequest::Demote { to: stage }
            | ChangeRequest::Rollback { stage, .. } => {
                let path = if is_of_node { None } else { Path::new([stage.clone()]) };
                vec![path.unwrap_or(Path::ROOT)]
            }
            ChangeRequest::Set { effects } => effects.iter().map(path_of).collect(),
            ChangeRequest::Disable { scope, .. } | ChangeRequest::Freeze { scope, .. } => vec![scope.clone()],
            ChangeRequest::Phase { .. } => vec![Path::ROOT],
        };
        paths.sort();
        paths.dedup();
        paths
    }
}

/// A segment is of the whole plan.
fn path_of(effect: &Effect) -> Path {
    match effect {
        Effect::Flag { path, .. } => path.clone(),
        Effect::Segment { .. } => Path::ROOT,
    }
}

/// The stage that a change names; or of one that has a scope, the first name of that, which of a node's plan is the root.
pub(super) fn stage_of(change: &SubmittedChange) -> Option<Name> {
    let scope = match &change.asked.request {
        ChangeRequest::Disable { scope, .. } | ChangeRequest::Freeze { scope, .. } => Some(scope),
        _ => None,
    };
    let named = change.asked.request.stage().cloned();
    named.or_else(|| scope?.names().next().and_then(Name::new))
}

fn flags_of(change: &SubmittedChange) -> Vec<Name> {
    match &change.asked.request {
        ChangeRequest::Disable { flags, .. } => flags.to_vec(),
        ChangeRequest::Set { effects } => {
            let named = effects.iter().filter_map(|effect| match effect {
                Effect::Flag { flag, .. } => Some(flag.clone()),
                Effect::Segment { .. } => None,
            });
            let mut flags: Vec<Name> = named.collect();
            flags.dedup();
            flags
        }
        _ => Vec::new(),
    }
}

fn window(clock: IndexClock, progress: &ChangeProgress) -> Option<AnnouncedWindow> {
    let (from, until) = progress.window?;
    Some(AnnouncedWindow { from, until, is_open: from <= clock.at.time && clock.at.time < until })
}

/// Of what is owed by a time, what is so soonest.
fn next_duty(clock: IndexClock, progress: &ChangeProgress) -> Option<NextDuty> {
    let owed = progress.owed_in_time().filter_map(|duty| {
        let due = clock.due(duty.ends?);
        Some(NextDuty { check: duty.check.clone(), due })
    });
    owed.min_by_key(|duty| duty.due.left_ms)
}
