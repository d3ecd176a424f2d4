//! Changes: the list, and one of them with all that facts say of it.

use super::super::answer::{ChangeAnswer, ChangesAnswer, CheckLine, DutyLine};
use super::super::change_list;
use super::super::fold::ChangeStop;
use super::super::query::ChangesQuery;
use super::flags::SetFlags;
use super::plan::steps;
use super::summary::{COLUMNS, ChangeNow, ChangeReader, stage_of};
use crate::answers::{Match, Milestone};
use crate::store::column::parsed;
use crate::store::question::on_pages_before;
use crate::store::table::SqlValue;
use crate::store::{Index, QueryError};
use crate::topics::{accounts, governance};
use flags::Flag;
use primitives::{AccountId, ChangeId, Digest, Name};
use rollouts::change::{ChangeRequest, Effect, Effected, SubmittedChange};
use rollouts::check::Ask;
use rollouts::deadline::ChangeDeadline;
use rollouts::plan::{ListOf, PhaseState, Plan};
use rollouts::statement::{Stated, StatementSubject};
use rpc::views::{ChangeStateName, ChangeSummary, PageOf, ProposalDetail};
use sqlx::Row as _;
use std::collections::BTreeSet;

/// How many polls on a change are shown with it.
const MOST_POLLS: usize = 4;
/// How many turns in the life of a change are shown.
const MOST_TURNS: u64 = 200;
/// How many statements about a change, and about what it is about, are looked at for each of these.
const MOST_STATED: u64 = 500;
/// How many of them are shown with a check.
const MOST_SAID: usize = 20;

/// A page of changes, the latest first.
///
/// # Errors
/// The database cannot be read.
pub async fn changes(index: &Index, query: &ChangesQuery, page_size: u32) -> Result<ChangesAnswer, QueryError> {
    if let Some(artifact) = &query.artifact {
        return promoting(index, query, artifact, page_size).await;
    }
    let page = query.page.unwrap_or(0);
    let (plan, state) = (query.plan.as_ref().map(Name::as_str), query.state.map(|state| state.to_string()));
    let (mut values, mut which): (Vec<SqlValue>, String) = (Vec::new(), String::new());
    for (column, value) in [("plan", plan), ("state", state.as_deref())] {
        if let Some(value) = value {
            values.push(value.into());
            which.push_str(&format!(" AND {column}=${}", values.len() + 2));
        }
    }
    let (total, parts) = index.parts_of_page(&[change_list(plan, state.as_deref())], page, page_size).await?;
    let (mut reader, mut entries) = (ChangeReader::new(index).await?, Vec::new());
    for part in parts {
        let sql = format!("SELECT {COLUMNS} FROM changes WHERE id<=$1{which} ORDER BY id DESC LIMIT $2");
        for row in part.rows(index, sql, values.clone()).await? {
            entries.push(reader.summary(&ChangeNow::of(&row)?).await?);
        }
    }
    let described = accounts::read::described(index, entries.iter().filter_map(submitter).collect()).await?;
    Ok(ChangesAnswer { page: PageOf { total, page, page_size, entries }, described })
}

/// A page of those that promote an artifact, which are few.
async fn promoting(
    index: &Index,
    query: &ChangesQuery,
    artifact: &Digest,
    page_size: u32,
) -> Result<ChangesAnswer, QueryError> {
    let mut all = promotions_of(index, artifact).await?;
    all.retain(|change| {
        let is_of_plan = query.plan.as_ref().is_none_or(|plan| *plan == change.plan);
        is_of_plan && query.state.is_none_or(|state| state == ChangeStateName::from(change.state))
    });
    let (total, page) = (all.len() as u64, query.page.unwrap_or(0));
    let before = usize::try_from(on_pages_before(page, page_size)).unwrap_or(usize::MAX);
    let entries: Vec<ChangeSummary> = all.into_iter().skip(before).take(page_size as usize).collect();
    let described = accounts::read::described(index, entries.iter().filter_map(submitter).collect()).await?;
    Ok(ChangesAnswer { page: PageOf { total, page, page_size, entries }, described })
}

/// Who submitted a change.
pub(super) fn submitter(change: &ChangeSummary) -> Option<AccountId> {
    change.by.as_ref().map(|by| by.account)
}

/// The changes that promote an artifact, or that a build went through, the latest first; at most 64.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn promotions_of(index: &Index, artifact: &Digest) -> Result<Vec<ChangeSummary>, QueryError> {
    let sql = "SELECT id, change, progress, stop, map FROM changes WHERE artifact=$1 ORDER BY id DESC LIMIT 64";
    let rows = index.all(sql, vec![artifact.to_string().into()]).await?;
    let mut promotions = Vec::new();
    if !rows.is_empty() {
        let mut reader = ChangeReader::new(index).await?;
        for row in &rows {
            promotions.push(reader.summary(&ChangeNow::of(row)?).await?);
        }
    }
    Ok(promotions)
}

/// The change with a number, for a search.
pub(crate) async fn found_by_number(index: &Index, number: u64) -> Result<Option<Match>, QueryError> {
    let row = index.one("SELECT 1 FROM changes WHERE id=$1", vec![number.into()]).await?;
    Ok(row.map(|_| Match::new("change", number.to_string(), format!("/changes/{number}"))))
}

/// All that facts say of a change; none when there is none of this number.
///
/// # Errors
/// The database cannot be read.
pub async fn change(index: &Index, id: ChangeId) -> Result<Option<ChangeAnswer>, QueryError> {
    let sql = "SELECT id, change, progress, stop, map FROM changes WHERE id=$1";
    let Some(row) = index.one(sql, vec![id.0.into()]).await? else { return Ok(None) };
    let (now, mut reader) = (ChangeNow::of(&row)?, ChangeReader::new(index).await?);
    let (summary, plan) = (reader.summary(&now).await?, reader.version_of(&now.change).await?);
    let clock = reader.clock;
    let checks = match &plan {
        Some(plan) => checks(index, &reader, plan, &now.change).await?,
        None => Vec::new(),
    };
    let ask_of = |key: &Name| plan.as_ref().and_then(|plan| plan.check(key)).map(|check| &check.ask);
    let duties = now.progress.duties.iter().map(|duty| DutyLine {
        due: duty.ends.map(|ends| clock.due(ends)),
        is_vote: ask_of(&duty.check).is_some_and(Ask::is_vote),
        duty: duty.clone(),
    });
    let duties: Vec<DutyLine> = duties.collect();
    let steps = match (&now.change.asked.request, &plan) {
        (ChangeRequest::Promote { to, .. }, Some(plan)) => {
            plan.stage(to).map(|stage| steps(stage, None, Some(&now.progress)))
        }
        _ => None,
    };
    let (polls, moved) = (polls(index, &now).await?, moved_flags(index, &now).await?);
    let milestones = milestones(index, id).await?;
    let said = checks.iter().flat_map(|check| check.said.iter().map(|stated| stated.actor.account));
    let voted = polls.iter().flat_map(ProposalDetail::accounts);
    let named = said.chain(voted).chain(submitter(&summary)).chain(now.change.asked.sealer).collect();
    Ok(Some(ChangeAnswer {
        at: clock.at,
        asked: now.change.asked.clone(),
        digest: now.change.digest,
        milestones,
        checks,
        duties,
        effects: now.progress.effects.to_vec(),
        flags: moved,
        steps: steps.unwrap_or_default(),
        incident: now.progress.incident,
        stops_until: now.stop.as_ref().filter(|stop| stop.holds(clock.at)).and_then(ends).map(|ends| clock.due(ends)),
        polls,
        described: accounts::read::described(index, named).await?,
        map: now.map,
        summary,
    }))
}

/// The flags that a change moves, or asks to move.
async fn moved_flags(index: &Index, now: &ChangeNow) -> Result<Vec<Flag>, QueryError> {
    let moved = now.progress.effects.iter().filter_map(|effect| match effect {
        Effected::Flag { flag, .. } => Some(flag),
        Effected::Segment { .. } => None,
    });
    let asked = match &now.change.asked.request {
        ChangeRequest::Set { effects } => effects.to_vec(),
        _ => Vec::new(),
    };
    let asked = asked.iter().filter_map(|effect| match effect {
        Effect::Flag { flag, .. } => Some(flag),
        Effect::Segment { .. } => None,
    });
    let keys: BTreeSet<&Name> = moved.chain(asked).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let set = SetFlags::of(index, &now.change.plan).await?;
    Ok(keys.into_iter().filter_map(|key| Some(set.flags.get(key)?.0.flag.clone())).collect())
}

/// When a freeze or a pause ends at the latest.
pub(super) fn ends(stop: &ChangeStop) -> Option<ChangeDeadline> {
    match stop {
        ChangeStop::Freeze(freeze) => freeze.ends.or(freeze.window.map(|(_, until)| ChangeDeadline::Time(until))),
        ChangeStop::Pause(pause) => pause.ends,
    }
}

async fn milestones(index: &Index, id: ChangeId) -> Result<Vec<Milestone>, QueryError> {
    let sql = "SELECT turn FROM change_turns WHERE change_id=$1 ORDER BY number LIMIT $2";
    let rows = index.all(sql, vec![id.0.into(), MOST_TURNS.into()]).await?;
    let turns: Result<Vec<Milestone>, _> = rows.iter().map(|row| parsed("a turn", row.get(0))).collect();
    Ok(turns?)
}

async fn polls(index: &Index, now: &ChangeNow) -> Result<Vec<ProposalDetail>, QueryError> {
    let all = now.progress.poll.into_iter().chain(now.progress.duties.iter().filter_map(|duty| duty.poll));
    let mut polls = Vec::new();
    for poll in all.take(MOST_POLLS) {
        polls.extend(governance::read::detail(index, poll).await?);
    }
    Ok(polls)
}

/// What is asked before a change is carried out, with what was said about it.
async fn checks(
    index: &Index,
    reader: &ChangeReader<'_>,
    plan: &Plan,
    change: &SubmittedChange,
) -> Result<Vec<CheckLine>, QueryError> {
    let stated = stated(index, &subjects(reader, plan, change), &change.plan).await?;
    let asked = match &change.asked.request {
        ChangeRequest::Promote { to, .. } => {
            plan.approval_list(to).into_iter().map(|asked| (asked.key, asked.from)).collect()
        }
        request => {
            let procedure = plan.procedure(change.kind(), request.stage());
            let keys = procedure.map(|procedure| procedure.approve.to_vec()).unwrap_or_default();
            let approve = keys.into_iter().map(|key| (key, ListOf::Approve));
            approve.chain(asked_of_phase(plan, request)).collect::<Vec<_>>()
        }
    };
    Ok(asked.into_iter().filter_map(|(key, from)| check_line(plan, &key, from, &stated)).collect())
}

/// What a phase asks before it moves on.
fn asked_of_phase(plan: &Plan, request: &ChangeRequest) -> Vec<(Name, ListOf)> {
    let ChangeRequest::Phase { phase, to } = request else { return Vec::new() };
    let Some(rules) = plan.phase(phase) else { return Vec::new() };
    match to {
        PhaseState::Open => rules.start.iter().map(|key| (key.clone(), ListOf::Start)).collect(),
        PhaseState::Locked => rules.exit.iter().map(|key| (key.clone(), ListOf::Exit)).collect(),
        PhaseState::Planned | PhaseState::Frozen => Vec::new(),
    }
}

/// A check of a list, with what was said under its key; none of one that the plan has not.
pub(super) fn check_line(plan: &Plan, key: &Name, from: ListOf, stated: &[Stated]) -> Option<CheckLine> {
    let check = plan.check(key)?;
    Some(CheckLine {
        key: check.key.clone(),
        text: check.text.as_str().to_owned(),
        code: check.code.clone(),
        by: check.by.clone(),
        blocker: check.blocker,
        from,
        ask: (&check.ask).into(),
        measured: is_measured(&check.ask),
        said: stated.iter().filter(|stated| stated.statement.key == check.key).take(MOST_SAID).cloned().collect(),
    })
}

/// Whether the chain answers a question by itself, from what it has.
fn is_measured(ask: &Ask) -> bool {
    match ask {
        Ask::Soak { .. }
        | Ask::Fleet { .. }
        | Ask::Installed { .. }
        | Ask::Build { .. }
        | Ask::Clear { .. }
        | Ask::Drill { .. }
        | Ask::Recoverable => true,
        Ask::Word { .. }
        | Ask::Chorus { .. }
        | Ask::Rows { .. }
        | Ask::Watch { .. }
        | Ask::Forbid { .. }
        | Ask::Vote { .. } => false,
    }
}

/// What is said about a change may be about itself, its plan, the stages that it leaves and enters, what it moves, and where.
fn subjects(reader: &ChangeReader<'_>, plan: &Plan, change: &SubmittedChange) -> Vec<StatementSubject> {
    let mut all = vec![StatementSubject::Change(change.id), StatementSubject::Plan];
    if let Some(stage) = stage_of(change) {
        all.extend(plan.predecessor(&stage).map(|before| StatementSubject::Stage(before.name.clone())));
        all.push(StatementSubject::Stage(stage));
    }
    if let ChangeRequest::Promote { artifact: Some(artifact), .. } = &change.asked.request {
        all.push(StatementSubject::Artifact(*artifact));
    }
    all.extend(change.asked.phase.clone().map(StatementSubject::Phase));
    if let ChangeRequest::Phase { phase, to } = &change.asked.request {
        let phase = if *to == PhaseState::Open { begins_after(plan, phase) } else { phase };
        all.push(StatementSubject::Phase(phase.clone()));
    }
    all.extend(reader.paths(change).into_iter().take(8).map(StatementSubject::Scope));
    all
}

/// The phase about which is asked what opens one: the first that comes before it, because nothing is said yet about what is planned; of one
/// that needs no other, itself.
pub(super) fn begins_after<'p>(plan: &'p Plan, phase: &'p Name) -> &'p Name {
    plan.phase(phase).and_then(|rules| rules.requires.first()).map_or(phase, |(before, _)| before)
}

/// The latest word of each speaker about some subjects of a plan, the latest first.
pub(super) async fn stated(index: &Index, about: &[StatementSubject], plan: &Name) -> Result<Vec<Stated>, QueryError> {
    let sql = "SELECT stated FROM statements WHERE plan=$1 AND about=$2 ORDER BY height DESC LIMIT $3";
    let mut all: Vec<Stated> = Vec::new();
    for subject in about {
        let key = vec![plan.as_str().into(), subject.digest().to_string().into(), MOST_STATED.into()];
        for row in index.all(sql, key).await? {
            all.push(parsed("a statement", row.get(0))?);
        }
    }
    all.sort_by_key(|stated| std::cmp::Reverse(stated.at.height));
    Ok(all)
}
