//! What happened to changes. Each event does here what the chain has it do to where a change stands.

use super::super::answer::TurnMark;
use super::super::{CHANGES, MILESTONES, TURNS, change_list};
use super::flags::{self, MovedBy};
use super::kept::ChangeStop;
use super::{plans, spans, stand};
use crate::answers::Milestone;
use crate::fold::{BlockDraft, BlockWriter, FoldError};
use crate::store::column::{json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::natural;
use governance::Proposal;
use primitives::{Amount, ChangeId, Digest, List, Moment, Name, ProposalId};
use rollouts::Event;
use rollouts::change::{
    ChangeProgress, ChangeRequest, ChangeState, DutyState, Effected, Execution, FlagServing, MOST_EFFECTS, OwedDuty,
    SubmittedChange, merged,
};
use rollouts::deadline::ChangeDeadline;
use rollouts::plan::{ChangeKind, Missed};
use rollouts::standing::{ChangePause, StageFreeze};
use rpc::views::ChangeStateName;
use runtime::Motion;
use state::Told as _;

/// A change as its row has it.
pub(super) struct ChangeRow {
    pub change: SubmittedChange,
    pub progress: ChangeProgress,
    stop: Option<ChangeStop>,
    map: List<FlagServing, MOST_EFFECTS>,
    turns: u64,
    /// In which state it is counted; none of one that is new.
    counted: Option<String>,
}

/// What one event writes that is about a change.
///
/// # Errors
/// The database refuses, or has no such change.
pub(super) async fn write(block: &mut BlockWriter<'_>, at: Moment, event: &Event) -> Result<(), FoldError> {
    let Some(mut row) = row_of(block, at, event).await? else { return Ok(()) };
    match event {
        Event::Submitted { execution: Some(execution), .. } => carry_out(block, at, &mut row, execution).await?,
        Event::Approved { verdict, not_before, expires, .. } => {
            let progress = &mut row.progress;
            (progress.state, progress.since) = (ChangeState::Approved, at);
            (progress.verdict, progress.not_before, progress.expires) = (*verdict, *not_before, *expires);
        }
        Event::Announced { number, from, until, freezes, .. } => {
            let progress = &mut row.progress;
            (progress.window, progress.announced, progress.announced_at) = (Some((*from, *until)), *number, Some(at));
            let stage = row.change.asked.request.stage().filter(|_| *freezes && row.progress.thawed.is_none());
            if let Some(stage) = stage.cloned() {
                let window = Some((*from, *until));
                row.stop = Some(ChangeStop::Freeze(StageFreeze { stage, window, executed: None, ends: None }));
            }
        }
        Event::Executed { execution, .. } => carry_out(block, at, &mut row, execution).await?,
        Event::Stepped { step, effects, duties, .. } => step_taken(block, at, &mut row, step, effects, duties).await?,
        Event::Closed { .. } => {
            close(block, at, &mut row).await?;
            stand::verified(block, &row).await?;
        }
        Event::Met { check, late, poll, .. } => met(&mut row.progress, check, *late, *poll),
        Event::Missed { check, then, effects, opened, .. } => {
            let opened = opened.as_ref().map(|opened| opened.id);
            row.progress.incident = row.progress.incident.or(opened);
            set_duty(&mut row.progress, check, DutyState::Overdue);
            if *then == Missed::Restore {
                undo(block, at, &mut row, effects).await?;
            }
        }
        Event::Reverted { effects, .. } => undo(block, at, &mut row, effects).await?,
        Event::Ended { why, deposit, .. } => {
            end(at, &mut row, ChangeState::Ended { why: *why });
            if deposit.is_some() {
                row.progress.deposit = Amount::ZERO;
            }
        }
        Event::Thawed { .. } => thaw(at, &mut row),
        Event::Voided { poll, .. } => {
            let polled = row.progress.duties.iter_mut().filter(|duty| duty.poll == Some(*poll));
            polled.for_each(|duty| duty.poll = None);
        }
        Event::Submitted { .. }
        | Event::Installed { .. }
        | Event::Retired { .. }
        | Event::Stated { .. }
        | Event::Dropped { .. }
        | Event::AmendmentAsked { .. }
        | Event::AmendmentEnded { .. } => {}
    }
    turn(block, &mut row, event.kind(), event.sentence());
    put(block, row);
    Ok(())
}

/// The chain opened a poll: of a change, it is that on its approval, or on something that it owes.
///
/// # Errors
/// The database refuses, or has no such change.
pub(crate) async fn opened(block: &mut BlockWriter<'_>, proposal: &Proposal<Motion>) -> Result<(), FoldError> {
    let Motion::Rollouts(rollouts::Motion::Decide { change, check, .. }) = &proposal.motion else { return Ok(()) };
    let mut row = find(block, *change).await?;
    let poll = Some(proposal.id);
    if row.progress.state.waits() {
        row.progress.poll = poll;
    } else {
        let asks = row.progress.duties.iter_mut().filter(|duty| duty.check == *check);
        asks.for_each(|duty| duty.poll = poll);
    }
    let sentence = format!("proposal {} asks for a vote on {check:?} of change {change}", proposal.id);
    turn(block, &mut row, "governance.opened", sentence);
    put(block, row);
    Ok(())
}

/// The change that an event is about; none of an event that is about none.
async fn row_of(block: &mut BlockWriter<'_>, at: Moment, event: &Event) -> Result<Option<ChangeRow>, FoldError> {
    match event {
        Event::Submitted { change, expires, deposit, incident, .. } => {
            if let Some(milestone) = &change.asked.milestone {
                let row = vec![change.plan.as_str().into(), milestone.as_str().into(), change.id.0.into()];
                block.put(&MILESTONES, row);
            }
            let mut row = submitted(at, change, *expires, *deposit);
            row.progress.incident = *incident;
            Ok(Some(row))
        }
        Event::Approved { change, .. }
        | Event::Announced { change, .. }
        | Event::Executed { change, .. }
        | Event::Stepped { change, .. }
        | Event::Closed { change, .. }
        | Event::Met { change, .. }
        | Event::Missed { change, .. }
        | Event::Reverted { change, .. }
        | Event::Ended { change, .. }
        | Event::Thawed { change, .. }
        | Event::Voided { change, .. }
        | Event::Dropped { change, .. } => find(block, *change).await.map(Some),
        Event::Installed { .. }
        | Event::Retired { .. }
        | Event::Stated { .. }
        | Event::AmendmentAsked { .. }
        | Event::AmendmentEnded { .. } => Ok(None),
    }
}

fn submitted(at: Moment, change: &SubmittedChange, expires: Option<ChangeDeadline>, deposit: Amount) -> ChangeRow {
    // An emergency that waits is one that waits to be decided.
    let is_emergency = matches!(change.kind(), ChangeKind::Disable | ChangeKind::Rollback | ChangeKind::Freeze);
    let progress = ChangeProgress { emergencies: is_emergency.into(), ..ChangeProgress::waiting(at, expires, deposit) };
    ChangeRow { change: change.clone(), progress, stop: None, map: List::new(), turns: 0, counted: None }
}

async fn carry_out(
    block: &mut BlockWriter<'_>,
    at: Moment,
    row: &mut ChangeRow,
    execution: &Execution,
) -> Result<(), FoldError> {
    move_flags(block, at, &row.change, &execution.effects).await?;
    row.map = execution.map.clone();
    let progress = &mut row.progress;
    progress.state = if execution.closed { ChangeState::Closed } else { ChangeState::Active };
    (progress.since, progress.executed, progress.expires) = (at, Some(at), None);
    progress.verdict = execution.verdict;
    progress.effects = execution.effects.clone();
    progress.left = execution.left.clone();
    progress.incident = execution.incident.or(progress.incident);
    progress.duties = execution.duties.clone();
    progress.emergencies = execution.emergencies;
    if execution.closed {
        progress.deposit = Amount::ZERO;
    }
    stand::stand(block, at, row, execution).await?;
    spans::carried_on(block, at, &row.change).await?;
    if execution.closed {
        stand::verified(block, row).await?;
    }
    plans::restart_soaks(block, at, &row.change.plan, &execution.effects).await?;
    row.stop = execution.freeze.clone().map(ChangeStop::Freeze);
    if let (ChangeRequest::Freeze { .. }, Some(by)) = (&row.change.asked.request, &row.change.by) {
        let pause = ChangePause { since: at, role: by.role.clone(), ends: execution.pause_ends };
        row.stop = Some(ChangeStop::Pause(pause));
    }
    Ok(())
}

async fn move_flags(
    block: &mut BlockWriter<'_>,
    at: Moment,
    change: &SubmittedChange,
    effects: &[Effected],
) -> Result<(), FoldError> {
    let by = MovedBy { plan: &change.plan, change: change.id, ticket: change.asked.ticket.as_ref() };
    flags::moved(block, at, &by, effects).await
}

async fn step_taken(
    block: &mut BlockWriter<'_>,
    at: Moment,
    row: &mut ChangeRow,
    step: &Name,
    effects: &[Effected],
    again: &[OwedDuty],
) -> Result<(), FoldError> {
    move_flags(block, at, &row.change, effects).await?;
    let progress = &mut row.progress;
    progress.steps = List::truncate_from(progress.steps.iter().cloned().chain([step.clone()]).collect());
    progress.effects = merged(&progress.effects, effects);
    let kept = progress.duties.iter().filter(|duty| !again.iter().any(|new| new.check == duty.check));
    progress.duties = List::truncate_from(again.iter().chain(kept).cloned().collect());
    if !again.is_empty() && progress.state == ChangeState::Closed {
        (progress.state, progress.since) = (ChangeState::Active, at);
    }
    Ok(())
}

/// What the chain measured is met by then, or the change would not be closed; and nobody has to agree to a pause any more that is over
/// before they were late with it.
async fn close(block: &mut BlockWriter<'_>, at: Moment, row: &mut ChangeRow) -> Result<(), FoldError> {
    if row.change.kind() == ChangeKind::Freeze
        && let Some(plan) = plans::version(block, &row.change.plan, row.change.asked.version).await?
    {
        let is_vote = |check: &Name| plan.check(check).is_some_and(|check| check.ask.is_vote());
        let is_kept = |duty: &&OwedDuty| duty.state != DutyState::Owed || !is_vote(&duty.check);
        row.progress.duties = List::truncate_from(row.progress.duties.iter().filter(is_kept).cloned().collect());
    }
    for duty in row.progress.duties.iter_mut() {
        duty.state = match duty.state {
            DutyState::Owed | DutyState::Met => DutyState::Met,
            DutyState::Overdue | DutyState::MetLate => DutyState::MetLate,
        };
    }
    end(at, row, ChangeState::Closed);
    row.progress.deposit = Amount::ZERO;
    Ok(())
}

fn met(progress: &mut ChangeProgress, check: &Name, late: bool, poll: Option<ProposalId>) {
    set_duty(progress, check, if late { DutyState::MetLate } else { DutyState::Met });
    if poll.is_some() || progress.owed().next().is_none() {
        progress.emergencies = 0;
    }
}

fn set_duty(progress: &mut ChangeProgress, check: &Name, state: DutyState) {
    progress.duties.iter_mut().filter(|duty| duty.check == *check).for_each(|duty| duty.state = state);
}

/// What a change did is undone, by itself; the stage that it entered stands no longer.
async fn undo(
    block: &mut BlockWriter<'_>,
    at: Moment,
    row: &mut ChangeRow,
    effects: &[Effected],
) -> Result<(), FoldError> {
    let (plan, id) = (row.change.plan.clone(), row.change.id);
    move_flags(block, at, &row.change, effects).await?;
    plans::restart_soaks(block, at, &plan, effects).await?;
    end(at, row, ChangeState::Reverted { by: id });
    row.progress.deposit = Amount::ZERO;
    stand::stand_again(block, at, row).await?;
    spans::carried_on(block, at, &row.change).await
}

/// A change is over, and stops nobody any more.
pub(super) fn end(at: Moment, row: &mut ChangeRow, how: ChangeState) {
    thaw(at, row);
    let progress = &mut row.progress;
    (progress.state, progress.since, progress.expires) = (how, at, None);
    progress.emergencies = 0;
}

fn thaw(at: Moment, row: &mut ChangeRow) {
    if row.stop.take().is_some() {
        row.progress.thawed = Some(at);
        // A pause on which nobody votes is decided once it is over.
        if row.progress.owed().next().is_none() {
            row.progress.emergencies = 0;
        }
    }
}

pub(super) fn turn(block: &mut BlockWriter<'_>, row: &mut ChangeRow, kind: &str, sentence: String) {
    row.turns = row.turns.saturating_add(1);
    let turn = Milestone { kind: kind.to_owned(), at: block.at(), sentence };
    let (plan, mark) = (row.change.plan.as_str(), mark_of(row, kind).map(|mark| json(&mark)));
    block.put(
        &TURNS,
        vec![
            row.change.id.0.into(),
            row.turns.into(),
            plan.into(),
            turn.at.time.0.into(),
            mark.into(),
            json(&turn).into(),
        ],
    );
}

/// What a turn is to whoever looks back on a quarter.
fn mark_of(row: &ChangeRow, kind: &str) -> Option<TurnMark> {
    match kind {
        "rollouts.executed" => Some(TurnMark::CarriedOut),
        // What nobody votes on first is carried out with that.
        "rollouts.submitted" => row.progress.executed.map(|_| TurnMark::CarriedOut),
        "rollouts.missed" => Some(TurnMark::Missed),
        "rollouts.reverted" => Some(TurnMark::Undone),
        "rollouts.thawed" => Some(TurnMark::Thawed),
        _ => None,
    }
}

pub(super) async fn find(block: &mut BlockWriter<'_>, id: ChangeId) -> Result<ChangeRow, FoldError> {
    let columns = &["change", "progress", "stop", "turns", "state", "map"];
    let filter = RowFilter::Equal("id", id.0.into());
    let row = block.select(Selection { table: &CHANGES, columns, filter, order: RowOrder::Any }).await?.pop();
    let row = row.ok_or_else(|| FoldError::Damaged(format!("change {id} is not in it")))?;
    let text = |place: usize| row[place].text();
    Ok(ChangeRow {
        change: parsed("a change", text(0).unwrap_or_default())?,
        progress: parsed("a change", text(1).unwrap_or_default())?,
        stop: text(2).map(|stop| parsed("a freeze", stop)).transpose()?,
        turns: row[3].number().map_or(0, natural),
        counted: text(4).map(str::to_owned),
        map: parsed("a map", text(5).unwrap_or_default())?,
    })
}

pub(super) fn put(block: &mut BlockWriter<'_>, row: ChangeRow) {
    let ChangeRow { change, progress, stop, map, turns, counted } = row;
    let state = ChangeStateName::from(progress.state).to_string();
    if counted.as_deref() != Some(state.as_str()) {
        list(block, &change, counted.as_deref(), &state);
    }
    let values = vec![
        change.id.0.into(),
        change.plan.as_str().into(),
        state.into(),
        progress.state.is_live().into(),
        change.kind().to_string().into(),
        change.submitter().map(|who| who.to_string()).into(),
        promoted(&change).map(|artifact| artifact.to_string()).into(),
        turns.into(),
        json(&change).into(),
        json(&progress).into(),
        stop.as_ref().map(json).into(),
        json(&map).into(),
        change.asked.milestone.as_ref().map(|milestone| milestone.as_str().to_owned()).into(),
    ];
    block.put(&CHANGES, values);
}

/// What a change promotes: an artifact, or the build that a stage of this network was tested with.
fn promoted(change: &SubmittedChange) -> Option<&Digest> {
    match &change.asked.request {
        ChangeRequest::Promote { artifact, .. } => artifact.as_ref(),
        _ => None,
    }
}

fn list(block: &mut BlockDraft, change: &SubmittedChange, was: Option<&str>, is: &str) {
    for plan in [None, Some(change.plan.as_str())] {
        match was {
            Some(was) => block.leave(&change_list(plan, Some(was)), change.id.0),
            None => block.enter(&change_list(plan, None), change.id.0),
        }
        block.enter(&change_list(plan, Some(is)), change.id.0);
    }
}
