//! All of a change, read from a state.

use super::change::{
    ChangeDetail, ChangeDuty, ChangeMoment, ChangeMomentKind, ChangeSummary, MOST_POLLS_SHOWN, StageStep,
};
use super::clock::RolloutClock;
use super::explain::ExplainedList;
use crate::views::{Descriptions, ProposalDetail, proposal_detail};
use primitives::{AccountId, ChangeId, Moment, Name};
use rollouts::change::{ChangeProgress, ChangeRequest, Effected, SubmittedChange};
use rollouts::plan::Stage;
use rollouts::plans::FIRST_CHANGE;
use rollouts::queries;
use runtime::Motion;
use state::State;

/// All of a change as it stands; none when there is none of this number.
pub(crate) fn change_detail(state: &State, clock: &RolloutClock, id: ChangeId) -> Option<ChangeDetail> {
    let (change, progress) = queries::change(state, id).zip(queries::progress(state, id))?;
    let summary = ChangeSummary::of(state, clock, id)?;
    let (effects, inverse, is_foreseen) = moved(state, clock.at, &change, &progress);
    let polls = polls(state, clock, &progress);
    let timeline = timeline(state, &change, &progress);
    let described = Descriptions::of(state, timeline.iter().filter_map(|moment| moment.by));
    let list = queries::list_of(state, clock.at, id).unwrap_or_default();
    Some(ChangeDetail {
        height: clock.at.height,
        summary,
        timeline,
        list: ExplainedList::of(clock, list),
        duties: duties(state, clock, id, &progress),
        effects,
        is_foreseen,
        inverse,
        steps: steps_of(state, &change, &progress),
        polls,
        next: queries::next_acts(state, clock.at, id),
        digest: change.digest,
        asked: change.asked,
        described,
    })
}

/// What a change moved, or would move while it waits; what undoes that; and whether it is only foreseen.
fn moved(
    state: &State,
    at: Moment,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> (Vec<Effected>, Vec<Effected>, bool) {
    if !progress.state.waits() {
        let effects = progress.effects.to_vec();
        let inverse = queries::inverse(state, at, &change.plan, &effects);
        return (effects, inverse, false);
    }
    let effects = queries::simulated(state, at, &change.plan, &change.asked.request).unwrap_or_default();
    let inverse = queries::once_written(state, at, &change.plan, &effects, |written| {
        queries::inverse(written, at, &change.plan, &effects)
    });
    (effects, inverse, true)
}

fn polls(state: &State, clock: &RolloutClock, progress: &ChangeProgress) -> Vec<ProposalDetail> {
    let all = progress.poll.into_iter().chain(progress.duties.iter().filter_map(|duty| duty.poll));
    let shown = all.take(MOST_POLLS_SHOWN);
    shown.filter_map(|poll| proposal_detail(state, clock.at.epoch, clock.pace(), poll)).collect()
}

fn duties(state: &State, clock: &RolloutClock, id: ChangeId, progress: &ChangeProgress) -> Vec<ChangeDuty> {
    let judged = ExplainedList::of(clock, queries::duties_of(state, clock.at, id).unwrap_or_default());
    let shown = progress.duties.iter().map(|duty| ChangeDuty {
        due: duty.ends.map(|ends| clock.due(ends)),
        finding: judged.finding(&duty.check).cloned(),
        duty: duty.clone(),
    });
    shown.collect()
}

/// The steps of the stage that a promotion enters.
fn steps_of(state: &State, change: &SubmittedChange, progress: &ChangeProgress) -> Vec<StageStep> {
    let ChangeRequest::Promote { to, .. } = &change.asked.request else { return Vec::new() };
    let stage = queries::version_of(state, change).and_then(|plan| plan.stage(state, to));
    stage.map(|stage| steps(&stage, change.id, Some(progress))).unwrap_or_default()
}

/// The steps of a stage that stands by a change, or would.
pub(super) fn steps(stage: &Stage, by: ChangeId, progress: Option<&ChangeProgress>) -> Vec<StageStep> {
    let is_taken = |key: &Name| by == FIRST_CHANGE || progress.is_some_and(|progress| progress.steps.contains(key));
    let shown = stage.steps.iter().map(|step| StageStep {
        key: step.key.clone(),
        text: step.text.to_string(),
        needs: step.needs.to_vec(),
        is_taken: is_taken(&step.key),
    });
    shown.collect()
}

/// What happened to a change, as far as the state remembers.
fn timeline(state: &State, change: &SubmittedChange, progress: &ChangeProgress) -> Vec<ChangeMoment> {
    use ChangeMomentKind::*;
    let submitted = moment(Submitted, change.created, change.submitter());
    let opened = progress.poll.and_then(|poll| governance::queries::find::<Motion>(state, poll));
    let mut all = vec![submitted];
    all.extend(opened.map(|poll| moment(VoteOpened, poll.created, None)));
    all.extend(progress.announced_at.map(|at| moment(Announced, at, None)));
    all.extend(progress.executed.map(|at| moment(Executed, at, None)));
    // What is owed since the execution says nothing more than that it was carried out.
    let anew = progress.duties.iter().filter(|duty| progress.executed.is_some_and(|at| at.height < duty.from.height));
    all.extend(anew.map(|duty| ChangeMoment { check: Some(duty.check.clone()), ..moment(DutyBegan, duty.from, None) }));
    all.extend(progress.thawed.map(|at| moment(Thawed, at, None)));
    if progress.since != change.created && progress.executed != Some(progress.since) {
        all.push(moment(CameToStand, progress.since, None));
    }
    all.sort_by_key(|moment| moment.at.height);
    all
}

fn moment(what: ChangeMomentKind, at: Moment, by: Option<AccountId>) -> ChangeMoment {
    ChangeMoment { what, at, by, check: None }
}
