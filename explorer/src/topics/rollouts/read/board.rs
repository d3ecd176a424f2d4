//! Plans at a glance.

use super::super::answer::{BoardAnswer, PlansAnswer, SoakLine};
use super::super::fold::ChangeStop;
use super::change::{ends, submitter};
use super::flags::SetFlags;
use super::plan::{PlanNow, plan_now, steps};
use super::playbooks;
use super::summary::{ChangeNow, ChangeReader};
use crate::store::column::{parsed, typed};
use crate::store::{Index, QueryError};
use crate::topics::{accounts, validators};
use primitives::{ChangeId, Moment, Name, Path, Span};
use rollouts::change::{ChangeRequest, ChangeState};
use rollouts::check::{Ask, SoakSince};
use rollouts::deadline::ChangeDeadline;
use rollouts::plan::{ChangeKind, Stage};
use rollouts::standing::StageStanding;
use rpc::views::{BoardCell, BoardFlag, BoardFreeze, BoardPause, BoardStage, ChangeSummary};
use sqlx::Row as _;
use std::collections::BTreeSet;

/// How many changes are on a board.
const MOST: u64 = 64;

/// Every plan, and what is live of all of them.
///
/// # Errors
/// The database cannot be read.
pub async fn plans(index: &Index) -> Result<PlansAnswer, QueryError> {
    let sql = "SELECT plan FROM plans ORDER BY of_node DESC, retired, plan LIMIT 100";
    let mut plans = Vec::new();
    for row in index.all(sql, Vec::new()).await? {
        plans.extend(plan_now(index, &typed("a plan", row.get(0))?).await?.map(|plan| plan.line()));
    }
    let sql = "SELECT id, change, progress, stop, map FROM changes WHERE live=1 ORDER BY id DESC LIMIT $1";
    let rows = index.all(sql, vec![MOST.into()]).await?;
    let mut live = Vec::new();
    if !rows.is_empty() {
        let mut reader = ChangeReader::new(index).await?;
        for row in &rows {
            live.push(reader.summary(&ChangeNow::of(row)?).await?);
        }
    }
    let named = live.iter().filter_map(submitter).chain(plans.iter().filter_map(|plan| plan.owner)).collect();
    Ok(PlansAnswer { described: accounts::read::described(index, named).await?, plans, live })
}

/// A plan at a glance; none of a name that no plan has.
///
/// # Errors
/// The database cannot be read.
pub async fn board(index: &Index, name: &Name) -> Result<Option<BoardAnswer>, QueryError> {
    let Some(plan) = plan_now(index, name).await? else { return Ok(None) };
    let (mut reader, set) = (ChangeReader::new(index).await?, SetFlags::of(index, name).await?);
    let clock = reader.clock;
    let sql = "SELECT id, change, progress, stop, map FROM changes WHERE live=1 AND plan=$1 ORDER BY id DESC LIMIT $2";
    let mut changes = Vec::new();
    for row in index.all(sql, vec![name.as_str().into(), MOST.into()]).await? {
        let now = ChangeNow::of(&row)?;
        changes.push((reader.summary(&now).await?, now));
    }
    let live: Vec<ChangeSummary> = changes.iter().map(|(summary, _)| summary.clone()).collect();
    let freeze = reader.freeze_of(name).await?.map(|(change, freeze)| BoardFreeze {
        change,
        due: ends(&ChangeStop::Freeze(freeze.clone())).map(|ends| clock.due(ends)),
        freeze,
    });
    let pauses = changes.iter().filter_map(|(_, now)| pause(&reader, now)).collect();
    let sealer = if plan.is_of_node { validators::read::sealer_of(index, clock.at.epoch).await? } else { None };
    let named: BTreeSet<_> = live.iter().filter_map(submitter).chain(sealer).chain(plan.head.owner).collect();
    Ok(Some(BoardAnswer {
        at: clock.at,
        stages: stages(index, &reader, &plan).await?,
        flags: flags(&reader, &plan, &set),
        soaks: soaks(index, &reader, &plan, &set).await?,
        freeze,
        pauses,
        emergencies: live.iter().filter(|change| is_emergency(change)).cloned().collect(),
        overdue: live.iter().filter(|change| !change.overdue.is_empty()).cloned().collect(),
        live,
        stale_drills: playbooks::stale(index, clock, &plan.plan).await?,
        sealer,
        plan: plan.line(),
        described: accounts::read::described(index, named).await?,
    }))
}

/// What is done at once, and decided afterwards.
fn is_emergency(change: &ChangeSummary) -> bool {
    let is_one = matches!(change.kind, ChangeKind::Disable | ChangeKind::Rollback | ChangeKind::Freeze);
    is_one && !change.state.waits()
}

fn pause(reader: &ChangeReader<'_>, now: &ChangeNow) -> Option<BoardPause> {
    let (Some(ChangeStop::Pause(pause)), ChangeRequest::Freeze { scope, .. }) = (&now.stop, &now.change.asked.request)
    else {
        return None;
    };
    pause.holds(reader.clock.at).then(|| BoardPause {
        change: now.change.id,
        path: scope.clone(),
        since: pause.since,
        role: pause.role.clone(),
        due: pause.ends.map(|ends| reader.clock.due(ends)),
    })
}

async fn progress(index: &Index, id: ChangeId) -> Result<Option<rollouts::change::ChangeProgress>, QueryError> {
    let row = index.one("SELECT progress FROM changes WHERE id=$1", vec![id.0.into()]).await?;
    Ok(row.map(|row| parsed("a change", row.get(0))).transpose()?)
}

async fn stages(index: &Index, reader: &ChangeReader<'_>, plan: &PlanNow) -> Result<Vec<BoardStage>, QueryError> {
    let current = plan.last().map(|(stage, _)| &stage.name);
    let mut all = Vec::new();
    for stage in &plan.plan.stages {
        let standing = plan.standings.get(&stage.name).cloned();
        let by = standing.as_ref().map(|standing| standing.change);
        let progress = match by {
            Some(id) => progress(index, id).await?,
            None => None,
        };
        let rule = plan.plan.window(&stage.window).map(|window| window.rule.clone());
        let next = rule.as_ref().and_then(|rule| rule.next_start(reader.clock.at.time));
        all.push(BoardStage {
            name: stage.name.clone(),
            channel: stage.channel.clone(),
            production: stage.production,
            freezes: stage.freezes,
            is_current: current == Some(&stage.name),
            window: stage.window.clone(),
            window_rule: rule,
            next_window: next.map(|start| reader.clock.due(ChangeDeadline::Time(start))),
            steps: steps(stage, by, progress.as_ref()),
            standing,
        });
    }
    Ok(all)
}

fn flags(reader: &ChangeReader<'_>, plan: &PlanNow, set: &SetFlags) -> Vec<BoardFlag> {
    let shown = plan.plan.flags.iter().filter_map(|flag| {
        // What is said about a flag may have changed since it came with the plan.
        let flag = set.flags.get(&flag.key).map_or(flag, |(kept, ..)| &kept.flag);
        Some(BoardFlag {
            key: flag.key.clone(),
            kind: flag.kind,
            owner: flag.owner.clone(),
            expires: flag.expires,
            is_expired: flag.expires.is_over(reader.clock.at.time),
            cells: plan.plan.stages.iter().filter_map(|stage| cell(plan, stage, flag)).collect(),
            now: set.served(&flag.key, &Path::ROOT)?,
            takes_effect: BoardFlag::takes_effect(&plan.plan, &flag.key),
        })
    });
    shown.collect()
}

fn cell(plan: &PlanNow, stage: &Stage, flag: &::flags::Flag) -> Option<BoardCell> {
    let (_, served) = plan.plan.values_at(&stage.name).into_iter().find(|(key, _)| **key == flag.key)?;
    Some(BoardCell {
        stage: stage.name.clone(),
        variant: served.variant.clone(),
        is_on: flag.place_of(served.variant).is_some_and(|place| flag.is_on(place)),
        only: served.only.cloned(),
    })
}

/// The clocks of the soaks that the next promotion asks for.
async fn soaks(
    index: &Index,
    reader: &ChangeReader<'_>,
    plan: &PlanNow,
    set: &SetFlags,
) -> Result<Vec<SoakLine>, QueryError> {
    let Some(next) = plan.next() else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for asked in plan.plan.approval_list(&next.name) {
        let Some(Ask::Soak { stage, span, since, unless }) = plan.plan.check(&asked.key).map(|check| &check.ask) else {
            continue;
        };
        let began = match plan.standings.get(stage) {
            Some(standing) => began(index, plan, set, (stage, standing), since).await?,
            None => None,
        };
        let start = match began {
            Some(began) => Some(restarted(index, &plan.plan.name, stage, unless, began).await?),
            None => None,
        };
        let at = reader.clock.at;
        let elapsed = start.as_ref().map(|(start, _)| span.since(*start, at));
        let ends = start.as_ref().filter(|_| elapsed.is_some_and(|elapsed| !elapsed.is_enough()));
        all.push(SoakLine {
            check: asked.key.clone(),
            stage: stage.clone(),
            need: *span,
            have: elapsed.map_or(nothing(*span), |elapsed| elapsed.have),
            due: ends.map(|(start, _)| reader.clock.due(ChangeDeadline::after(*start, *span))),
            since: start.as_ref().map(|(start, _)| *start),
            restarted_by: start.and_then(|(_, signal)| signal),
        });
    }
    Ok(all)
}

fn nothing(span: Span) -> Span {
    match span {
        Span::Millis(_) => Span::Millis(0),
        Span::Epochs(_) => Span::Epochs(0),
    }
}

/// When the clock of a soak started in a stage that stands; none while it does not run.
async fn began(
    index: &Index,
    plan: &PlanNow,
    set: &SetFlags,
    (stage, standing): (&Name, &StageStanding),
    since: &SoakSince,
) -> Result<Option<Moment>, QueryError> {
    Ok(match since {
        SoakSince::Entered => Some(standing.since),
        SoakSince::Verified if standing.change == ChangeId(0) => Some(standing.since),
        SoakSince::Verified => {
            let progress = progress(index, standing.change).await?;
            progress.filter(|progress| progress.state == ChangeState::Closed).map(|progress| progress.since)
        }
        SoakSince::On(flag) => {
            let scoped = set.scoped(flag, &plan.path_of(stage)).filter(|scoped| scoped.is_on_for_some());
            scoped.map(|scoped| {
                // Paths are in order, each below the one before: the last is the closest.
                let set = scoped.settings.into_values().next_back().map_or(standing.since, |setting| setting.since);
                if set.height > standing.since.height { set } else { standing.since }
            })
        }
    })
}

/// The same with what restarted it last. A signal of the same block may have come before or after, and restarts nothing.
async fn restarted(
    index: &Index,
    plan: &Name,
    stage: &Name,
    unless: &[Name],
    began: Moment,
) -> Result<(Moment, Option<Name>), QueryError> {
    let mut start = (began, None);
    for signal in unless {
        let sql = "SELECT at FROM soak_marks WHERE plan=$1 AND stage=$2 AND signal=$3";
        let key = vec![plan.as_str().into(), stage.as_str().into(), signal.as_str().into()];
        let row = index.one(sql, key).await?;
        let mark: Option<Moment> = row.map(|row| parsed("a mark", row.get(0))).transpose()?;
        if let Some(mark) = mark.filter(|mark| mark.height > start.0.height) {
            start = (mark, Some(signal.clone()));
        }
    }
    Ok(start)
}
