//! What a plan went through in a quarter: ranges of times, each up to a bound.

use super::super::answer::{
    DrillLine, FlagFlip, FlagQuarter, MOST_ENTRIES, MOST_QUARTERS, QuarterDrill, QuarterIncident, QuarterLine,
    QuarterTurn, RetrospectiveAnswer, RetrospectivesAnswer, SpentTime, TurnMark,
};
use super::super::fold::InstalledVersion;
use super::summary::stage_of;
use crate::answers::Milestone;
use crate::store::column::{parsed, typed};
use crate::store::table::{SqlValue, natural};
use crate::store::{Index, QueryError};
use crate::topics::cases::answer::CaseEntry;
use crate::topics::{accounts, blocks};
use cases::CaseStep;
use primitives::{Moment, Name, Path, Quarter, Timestamp};
use rollouts::change::SubmittedChange;
use rollouts::plan::ChangeKind;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// What there is to look back on.
pub enum FoundRetrospective {
    /// All of it.
    Whole(Box<RetrospectiveAnswer>),
    /// The plan was not there in that quarter, or it has not begun.
    NoQuarter,
    /// More than is read for one answer.
    TooMuch,
}

/// The quarters of a plan; none of a plan that there never was.
///
/// # Errors
/// The database cannot be read.
pub async fn retrospectives(index: &Index, plan: &Name) -> Result<Option<RetrospectivesAnswer>, QueryError> {
    let Some(since) = since(index, plan).await? else { return Ok(None) };
    let at = blocks::read::moment(index).await?;
    let mut quarters: Vec<QuarterLine> =
        Quarter::between(since, at.time.max(since)).map(|quarter| line(quarter, at)).collect();
    quarters.reverse();
    quarters.truncate(MOST_QUARTERS);
    Ok(Some(RetrospectivesAnswer { at, plan: plan.clone(), quarters }))
}

/// What a plan went through in a quarter; none of a plan that there never was.
///
/// # Errors
/// The database cannot be read.
pub async fn retrospective(
    index: &Index,
    plan: &Name,
    quarter: Quarter,
) -> Result<Option<FoundRetrospective>, QueryError> {
    let Some(since) = since(index, plan).await? else { return Ok(None) };
    let at = blocks::read::moment(index).await?;
    let quarter = line(quarter, at);
    if quarter.until <= since || quarter.from > at.time.max(since) {
        return Ok(Some(FoundRetrospective::NoQuarter));
    }
    let asked = Asked { index, plan, from: quarter.from, until: quarter.until };
    let within = (quarter.from.max(since), quarter.until.min(at.time));
    let (flags, turns) = (flags(&asked, within).await?, turns(&asked).await?);
    let (incidents, drills) = (incidents(&asked).await?, drills(&asked).await?);
    let (Some(flags), Some(turns), Some(incidents), Some(drills)) = (flags, turns, incidents, drills) else {
        return Ok(Some(FoundRetrospective::TooMuch));
    };
    let named = drills.iter().flat_map(|line| std::iter::once(&line.drill.began).chain(&line.drill.ended));
    let described = accounts::read::described(index, named.map(|word| word.by.account).collect()).await?;
    let of = |wanted: fn(&QuarterTurn) -> bool| turns.iter().filter(|turn| wanted(turn)).cloned().collect();
    Ok(Some(FoundRetrospective::Whole(Box::new(RetrospectiveAnswer {
        at,
        plan: plan.clone(),
        quarter,
        flags,
        stages: of(moves_stages),
        freezes: of(freezes),
        lapses: of(lapses),
        incidents,
        drills,
        described,
    }))))
}

fn moves_stages(turn: &QuarterTurn) -> bool {
    let moves = matches!(turn.kind, ChangeKind::Promote | ChangeKind::Demote | ChangeKind::Rollback);
    (moves && turn.what == TurnMark::CarriedOut) || turn.what == TurnMark::Undone
}

fn freezes(turn: &QuarterTurn) -> bool {
    (turn.kind == ChangeKind::Freeze && turn.what == TurnMark::CarriedOut) || turn.what == TurnMark::Thawed
}

fn lapses(turn: &QuarterTurn) -> bool {
    turn.what == TurnMark::Missed
}

fn line(quarter: Quarter, at: Moment) -> QuarterLine {
    let (from, until) = (quarter.begins(), quarter.ends());
    QuarterLine { quarter: quarter.to_string(), from, until, is_over: until <= at.time }
}

/// Since when a plan is there, by the times of blocks: since genesis is since the first of them.
async fn since(index: &Index, plan: &Name) -> Result<Option<Timestamp>, QueryError> {
    let sql = "SELECT installed FROM plan_versions WHERE plan=$1 ORDER BY version LIMIT 1";
    let Some(row) = index.one(sql, vec![plan.as_str().into()]).await? else { return Ok(None) };
    let installed: InstalledVersion = parsed("a plan", row.get(0))?;
    if installed.at.height.0 > 0 {
        return Ok(Some(installed.at.time));
    }
    let first = index.one("SELECT time FROM blocks WHERE height=$1", vec![1_u64.into()]).await?;
    Ok(Some(first.map_or(installed.at.time, |row| Timestamp(natural(row.get(0))))))
}

/// What of a plan is asked for, and from when until when.
struct Asked<'i> {
    index: &'i Index,
    plan: &'i Name,
    from: Timestamp,
    until: Timestamp,
}

impl Asked<'_> {
    /// The rows that a question gives which has the plan, both times and how many it may give; none where it gives more.
    async fn rows(&self, sql: &'static str) -> Result<Option<Vec<AnyRow>>, QueryError> {
        let one_more = MOST_ENTRIES as u64 + 1;
        let key: Vec<SqlValue> =
            vec![self.plan.as_str().into(), self.from.0.into(), self.until.0.into(), one_more.into()];
        let rows = self.index.all(sql, key).await?;
        Ok((rows.len() <= MOST_ENTRIES).then_some(rows))
    }
}

/// Every flag that was there, with the time that it spent and how it was moved.
async fn flags(
    asked: &Asked<'_>,
    (begin, end): (Timestamp, Timestamp),
) -> Result<Option<Vec<FlagQuarter>>, QueryError> {
    // What is over is in a piece of the quarter, and what is not may have begun before.
    let spans = "SELECT key, path, stage, variants, from_time, to_time FROM flag_spans WHERE plan=$1 AND quarter=$2 UNION ALL \
                 SELECT key, path, stage, variants, from_time, to_time FROM flag_spans \
                 WHERE plan=$1 AND open_of IS NOT NULL AND from_time<$3 ORDER BY key, path, from_time LIMIT $4";
    let moves =
        "SELECT key, moved FROM flag_moves WHERE plan=$1 AND time>=$2 AND time<$3 ORDER BY time, number LIMIT $4";
    let (Some(spans), Some(moves)) = (asked.rows(spans).await?, asked.rows(moves).await?) else { return Ok(None) };
    let mut flags: BTreeMap<Name, FlagQuarter> = BTreeMap::new();
    for row in spans {
        let key: Name = typed("a name", row.get("key"))?;
        let (from, to) = (row.get::<i64, _>("from_time"), row.get::<Option<i64>, _>("to_time"));
        let until = to.map_or(end.0, natural).min(end.0);
        let ms = until.saturating_sub(natural(from).max(begin.0));
        let spent = spent(&row, ms)?;
        add(&mut flag_of(&mut flags, key).spent, spent);
    }
    for row in moves {
        let (key, flip): (Name, FlagFlip) = (typed("a name", row.get("key"))?, parsed("a move", row.get("moved"))?);
        flag_of(&mut flags, key).flips.push(flip);
    }
    Ok(Some(flags.into_values().collect()))
}

fn flag_of(flags: &mut BTreeMap<Name, FlagQuarter>, key: Name) -> &mut FlagQuarter {
    flags.entry(key.clone()).or_insert_with(|| FlagQuarter { key, spent: Vec::new(), flips: Vec::new() })
}

fn spent(row: &AnyRow, ms: u64) -> Result<SpentTime, QueryError> {
    let path: Path = typed("a path", row.get("path"))?;
    let stage = row.get::<Option<&str>, _>("stage").and_then(Name::new);
    let variants = row.get::<&str, _>("variants").split(',').filter_map(Name::new).collect();
    Ok(SpentTime { path, stage, variants, ms })
}

/// The same again, later, is one with the first.
fn add(all: &mut Vec<SpentTime>, spent: SpentTime) {
    let is_same = |other: &&mut SpentTime| {
        (&other.path, &other.stage, &other.variants) == (&spent.path, &spent.stage, &spent.variants)
    };
    match all.iter_mut().find(is_same) {
        Some(same) => same.ms = same.ms.saturating_add(spent.ms),
        None => all.push(spent),
    }
}

/// What happened to changes and is looked back on, in its order.
async fn turns(asked: &Asked<'_>) -> Result<Option<Vec<QuarterTurn>>, QueryError> {
    let sql = "SELECT t.mark AS mark, t.turn AS turn, c.change AS change FROM change_turns t \
               JOIN changes c ON c.id=t.change_id WHERE t.mark IS NOT NULL AND t.plan=$1 AND t.time>=$2 AND t.time<$3 \
               ORDER BY t.time, t.change_id, t.number LIMIT $4";
    let Some(rows) = asked.rows(sql).await? else { return Ok(None) };
    let turn = |row: &AnyRow| -> Result<QuarterTurn, QueryError> {
        let turn: Milestone = parsed("a turn", row.get("turn"))?;
        let change: SubmittedChange = parsed("a change", row.get("change"))?;
        Ok(QuarterTurn {
            change: change.id,
            kind: change.kind(),
            class: change.asked.class,
            stage: stage_of(&change),
            ticket: change.asked.ticket,
            what: parsed("a mark", row.get("mark"))?,
            at: turn.at,
            sentence: turn.sentence,
        })
    };
    Ok(Some(rows.iter().map(turn).collect::<Result<_, _>>()?))
}

/// The incidents that were open at some time, in their order.
async fn incidents(asked: &Asked<'_>) -> Result<Option<Vec<QuarterIncident>>, QueryError> {
    let sql = "SELECT q.case_id AS id, c.entry AS entry FROM incident_quarters q JOIN cases c ON c.id=q.case_id \
               WHERE q.plan=$1 AND q.quarter=$2 UNION ALL SELECT id, entry FROM cases \
               WHERE plan=$1 AND kind='incident' AND is_open=1 AND opened<$3 ORDER BY id LIMIT $4";
    let Some(rows) = asked.rows(sql).await? else { return Ok(None) };
    let incident = |row: &AnyRow| -> Result<QuarterIncident, QueryError> {
        let entry: CaseEntry = parsed("a case", row.get("entry"))?;
        let resolved = (entry.step == CaseStep::Resolved).then_some(entry.since);
        Ok(QuarterIncident {
            id: entry.id,
            path: entry.path,
            severity: entry.severity,
            step: entry.step,
            opened: entry.opened,
            resolved,
            resolved_in_ms: resolved.map(|at| at.time.0.saturating_sub(entry.opened.time.0)),
        })
    };
    Ok(Some(rows.iter().map(incident).collect::<Result<_, _>>()?))
}

/// The drills that began, in their order.
async fn drills(asked: &Asked<'_>) -> Result<Option<Vec<QuarterDrill>>, QueryError> {
    let sql =
        "SELECT playbook, drill FROM drills WHERE plan=$1 AND time>=$2 AND time<$3 ORDER BY time, playbook LIMIT $4";
    let Some(rows) = asked.rows(sql).await? else { return Ok(None) };
    let mut drills = Vec::new();
    for row in rows {
        // The plan and the domain, with a slash between.
        let domain = row.get::<&str, _>("playbook").rsplit_once('/').and_then(|(_, domain)| Name::new(domain));
        let drill: DrillLine = parsed("a drill", row.get("drill"))?;
        drills.extend(domain.map(|domain| QuarterDrill { domain, drill }));
    }
    Ok(Some(drills))
}
