//! What happened to cases. Each event does here what the chain has it do to its case; what the chain forgets of one that is over for long
//! stays.

use super::answer::CaseEntry;
use super::{CASES, QUARTERS, TURNS, half_list, step_list};
use crate::answers::Milestone;
use crate::fold::{BlockDraft, BlockWriter, FoldError};
use crate::store::column::{json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::natural;
use cases::{
    CaseBody, CaseKind, CaseStep, Event, HoldBody, IncidentBody, IncidentCause, OpenedCase, ReportBody, RiskBody,
};
use primitives::{CaseId, List, Moment, Name, Path, Quarter, Text};
use state::Told as _;

/// A case as its row has it.
struct CaseRow {
    entry: CaseEntry,
    turns: u64,
    /// At which step it is counted; at none when it is new.
    counted: Option<CaseStep>,
}

/// What a fact was for a case: its kind, and the fact as a sentence.
struct CaseTurn {
    kind: &'static str,
    sentence: String,
}

impl CaseTurn {
    fn of(event: &Event) -> Self {
        Self { kind: event.kind(), sentence: event.sentence() }
    }
}

/// What one event writes, of a block at a moment.
///
/// # Errors
/// The database refuses, or has no such case.
pub async fn write(block: &mut BlockWriter<'_>, at: Moment, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::Reported { plan, case, path, by, report } => {
            let body = CaseBody::Report(report.clone());
            let entry = begun(at, (*case, plan, path), (CaseKind::Report, CaseStep::Reported), body);
            begin(block, CaseEntry { by: Some(*by), ..entry }, &CaseTurn::of(event));
            Ok(())
        }
        Event::Dismissed { case, reason, .. } => {
            change(block, *case, event, |entry| {
                close(entry, at, CaseStep::Dismissed);
                of_report(entry, |report| report.dismissed = Some(reason.clone()));
            })
            .await
        }
        Event::Detected { .. } | Event::Classified { .. } | Event::Responded { .. } | Event::Resolved { .. } => {
            of_incident(block, at, event).await
        }
        Event::RiskOpened { .. }
        | Event::RiskMitigated { .. }
        | Event::RiskAccepted { .. }
        | Event::RiskClosed { .. } => of_risk(block, at, event).await,
        Event::Held { .. } => held(block, at, event).await,
        Event::Released { case, reason, .. } => {
            change(block, *case, event, |entry| {
                close(entry, at, CaseStep::Released);
                if let CaseBody::Hold(hold) = &mut entry.body {
                    hold.released.clone_from(reason);
                }
            })
            .await
        }
        Event::Abandoned { case, .. } => {
            change(block, *case, event, |entry| close(entry, at, CaseStep::Abandoned)).await
        }
        // What was said about it stays, as the facts do.
        Event::Dropped { case, .. } | Event::Retained { case, .. } => change(block, *case, event, |_| {}).await,
    }
}

/// What the chain opens by itself, in a fact of another kind.
pub(crate) fn open(
    block: &mut BlockWriter<'_>,
    at: Moment,
    plan: &Name,
    opened: &OpenedCase,
    (kind, sentence): (&'static str, String),
) {
    let (place, turn) = ((opened.id, plan, &opened.path), CaseTurn { kind, sentence });
    let signal = match &opened.cause {
        IncidentCause::Signal(signal) => Some(signal.clone()),
        IncidentCause::ByHand { .. } | IncidentCause::Missed(_) | IncidentCause::Rollback(_) => None,
    };
    let by = signal.as_ref().map(|signal| signal.account);
    let entry = if opened.as_report {
        let report = ReportBody { observation: Text::default(), deposit: None, signal, taken: None, dismissed: None };
        begun(at, place, (CaseKind::Report, CaseStep::Reported), CaseBody::Report(Box::new(report)))
    } else {
        let incident = IncidentBody {
            cause: opened.cause.clone(),
            observation: Text::default(),
            impact: Text::default(),
            stage: opened.stage.clone(),
            gates: opened.gates.clone(),
            module: None,
            classified_by: None,
            containments: List::new(),
            recovery: None,
        };
        let body = CaseBody::Incident(Box::new(incident));
        let entry = begun(at, place, (CaseKind::Incident, CaseStep::Detected), body);
        CaseEntry { severity: Some(opened.floor), ..entry }
    };
    begin(block, CaseEntry { by, ..entry }, &turn);
}

async fn of_incident(block: &mut BlockWriter<'_>, at: Moment, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::Detected { case, report, .. } => {
            if let Some(report) = report {
                let take_up = |entry: &mut CaseEntry| {
                    close(entry, at, CaseStep::Taken);
                    of_report(entry, |report| report.taken = Some(*case));
                };
                change(block, *report, event, take_up).await?;
            }
            detected(block, at, event);
            Ok(())
        }
        Event::Classified { case, by, severity, module, wider, .. } => {
            change(block, *case, event, |entry| {
                if entry.step == CaseStep::Detected {
                    (entry.step, entry.since) = (CaseStep::Classified, at);
                }
                entry.severity = Some(*severity);
                let new: Vec<Path> = wider.iter().filter(|path| !entry.wider.contains(path)).cloned().collect();
                entry.wider.extend(new);
                if let CaseBody::Incident(incident) = &mut entry.body {
                    (incident.module, incident.classified_by) = (Some(module.clone()), Some(by.clone()));
                }
            })
            .await
        }
        Event::Responded { case, containments, .. } => {
            change(block, *case, event, |entry| {
                if entry.step == CaseStep::Classified {
                    (entry.step, entry.since) = (CaseStep::Responded, at);
                }
                if let CaseBody::Incident(incident) = &mut entry.body {
                    let all = incident.containments.iter().chain(containments.iter()).copied();
                    incident.containments = List::truncate_from(all.collect());
                }
            })
            .await
        }
        Event::Resolved { case, recovery, .. } => {
            change(block, *case, event, |entry| {
                close(entry, at, CaseStep::Resolved);
                if let CaseBody::Incident(incident) = &mut entry.body {
                    incident.recovery = Some(recovery.clone());
                }
            })
            .await
        }
        _ => Ok(()),
    }
}

fn detected(block: &mut BlockWriter<'_>, at: Moment, event: &Event) {
    let Event::Detected { plan, case, path, by, severity, observation, impact, stage, gates, report, duty, .. } = event
    else {
        return;
    };
    let incident = IncidentBody {
        cause: IncidentCause::ByHand { report: *report, duty: duty.clone() },
        observation: observation.clone(),
        impact: impact.clone(),
        stage: stage.clone(),
        gates: gates.clone(),
        module: None,
        classified_by: None,
        containments: List::new(),
        recovery: None,
    };
    let body = CaseBody::Incident(Box::new(incident));
    let entry = begun(at, (*case, plan, path), (CaseKind::Incident, CaseStep::Detected), body);
    begin(block, CaseEntry { severity: Some(*severity), by: Some(by.account), ..entry }, &CaseTurn::of(event));
}

async fn of_risk(block: &mut BlockWriter<'_>, at: Moment, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::RiskOpened { plan, case, path, by, severity, text, owner, wider } => {
            let risk = RiskBody {
                text: text.clone(),
                owner: owner.clone(),
                mitigation: Text::default(),
                acceptance: None,
                closed: None,
            };
            let body = CaseBody::Risk(Box::new(risk));
            let entry = begun(at, (*case, plan, path), (CaseKind::Risk, CaseStep::Open), body);
            let (severity, by, wider) = (Some(*severity), Some(by.account), wider.to_vec());
            begin(block, CaseEntry { severity, by, wider, ..entry }, &CaseTurn::of(event));
            Ok(())
        }
        Event::RiskMitigated { case, mitigation, .. } => {
            let mitigate = |risk: &mut RiskBody| risk.mitigation = mitigation.clone();
            step_of_risk(block, at, (*case, CaseStep::Mitigated), event, mitigate).await
        }
        Event::RiskAccepted { case, acceptance, .. } => {
            let accept = |risk: &mut RiskBody| risk.acceptance = Some(acceptance.clone());
            step_of_risk(block, at, (*case, CaseStep::Accepted), event, accept).await
        }
        Event::RiskClosed { case, reason, .. } => {
            let end = |risk: &mut RiskBody| risk.closed = Some(reason.clone());
            step_of_risk(block, at, (*case, CaseStep::Closed), event, end).await
        }
        _ => Ok(()),
    }
}

async fn step_of_risk(
    block: &mut BlockWriter<'_>,
    at: Moment,
    (case, step): (CaseId, CaseStep),
    event: &Event,
    said: impl FnOnce(&mut RiskBody),
) -> Result<(), FoldError> {
    change(block, case, event, |entry| {
        close(entry, at, step);
        if let CaseBody::Risk(risk) = &mut entry.body {
            said(risk);
        }
    })
    .await
}

/// A hold that is new, or one that somebody confirmed, which then ends later.
async fn held(block: &mut BlockWriter<'_>, at: Moment, event: &Event) -> Result<(), FoldError> {
    let Event::Held { plan, case, path, by, hold } = event else { return Ok(()) };
    if found(block, *case).await?.is_some() {
        return change(block, *case, event, |entry| entry.body = of_hold(hold)).await;
    }
    let entry = begun(at, (*case, plan, path), (CaseKind::Hold, CaseStep::Held), of_hold(hold));
    begin(block, CaseEntry { by: Some(by.account), keeps_from: hold.from, ..entry }, &CaseTurn::of(event));
    Ok(())
}

fn of_hold(hold: &HoldBody) -> CaseBody {
    CaseBody::Hold(Box::new(hold.clone()))
}

/// What a case comes to, and since when; nothing is held any more for a report that is over.
fn close(entry: &mut CaseEntry, at: Moment, step: CaseStep) {
    (entry.step, entry.since) = (step, at);
    of_report(entry, |report| report.deposit = None);
}

fn of_report(entry: &mut CaseEntry, change: impl FnOnce(&mut ReportBody)) {
    if let CaseBody::Report(report) = &mut entry.body {
        change(report);
    }
}

/// A case that is opened now.
fn begun(
    at: Moment,
    (id, plan, path): (CaseId, &Name, &Path),
    (kind, step): (CaseKind, CaseStep),
    body: CaseBody,
) -> CaseEntry {
    CaseEntry {
        id,
        plan: plan.clone(),
        kind,
        path: path.clone(),
        step,
        since: at,
        severity: None,
        opened: at,
        by: None,
        keeps_from: at.height,
        wider: Vec::new(),
        body,
    }
}

fn begin(block: &mut BlockWriter<'_>, entry: CaseEntry, told: &CaseTurn) {
    let mut row = CaseRow { entry, turns: 0, counted: None };
    turn(block, &mut row, told);
    put(block, &row);
}

async fn change(
    block: &mut BlockWriter<'_>,
    id: CaseId,
    event: &Event,
    change: impl FnOnce(&mut CaseEntry),
) -> Result<(), FoldError> {
    let row = found(block, id).await?;
    let mut row = row.ok_or_else(|| FoldError::Damaged(format!("case {id} is not in it")))?;
    change(&mut row.entry);
    turn(block, &mut row, &CaseTurn::of(event));
    put(block, &row);
    Ok(())
}

fn turn(block: &mut BlockWriter<'_>, row: &mut CaseRow, told: &CaseTurn) {
    row.turns = row.turns.saturating_add(1);
    let turn = Milestone { kind: told.kind.to_owned(), at: block.at(), sentence: told.sentence.clone() };
    block.put(&TURNS, vec![row.entry.id.0.into(), row.turns.into(), json(&turn).into()]);
}

async fn found(block: &mut BlockWriter<'_>, id: CaseId) -> Result<Option<CaseRow>, FoldError> {
    let filter = RowFilter::Equal("id", id.0.into());
    let selection = Selection { table: &CASES, columns: &["entry", "turns"], filter, order: RowOrder::Any };
    let Some(row) = block.select(selection).await?.pop() else { return Ok(None) };
    let entry: CaseEntry = parsed("a case", row[0].text().unwrap_or_default())?;
    let (turns, counted) = (row[1].number().map_or(0, natural), Some(entry.step));
    Ok(Some(CaseRow { entry, turns, counted }))
}

fn put(block: &mut BlockWriter<'_>, CaseRow { entry, turns, counted }: &CaseRow) {
    if *counted != Some(entry.step) {
        list(block, entry, *counted);
    }
    let values = vec![
        entry.id.0.into(),
        entry.plan.as_str().into(),
        entry.kind.to_string().into(),
        entry.step.to_string().into(),
        (!entry.step.is_last()).into(),
        (*turns).into(),
        entry.opened.time.0.into(),
        json(entry).into(),
    ];
    block.put(&CASES, values);
    if entry.kind == CaseKind::Incident && entry.step.is_last() {
        for quarter in Quarter::between(entry.opened.time, entry.since.time) {
            let row = vec![entry.plan.as_str().into(), quarter.begins().0.into(), entry.id.0.into()];
            block.put(&QUARTERS, row);
        }
    }
}

fn list(block: &mut BlockDraft, entry: &CaseEntry, was: Option<CaseStep>) {
    let CaseEntry { id, kind, step: is, .. } = entry;
    for plan in [None, Some(entry.plan.as_str())] {
        if let Some(was) = was {
            block.leave(&step_list(*kind, plan, was), id.0);
            block.leave(&half_list(*kind, plan, !was.is_last()), id.0);
        }
        block.enter(&step_list(*kind, plan, *is), id.0);
        block.enter(&half_list(*kind, plan, !is.is_last()), id.0);
    }
}
