//! Changes in short, read from a state; and pages of them.

use super::change::{AnnouncedWindow, ChangeStateName, ChangeSummary, MOST_PATHS_SHOWN, NextDuty};
use super::clock::RolloutClock;
use crate::views::found::LookedThrough;
use crate::views::page::missing;
use crate::views::{FoundPage, PageRange};
use primitives::{ChangeId, Name, Path};
use rollouts::change::{ChangeProgress, ChangeRequest, DutyState, Effect, OwedDuty, SubmittedChange};
use rollouts::plan::ChangeKind;
use rollouts::queries;
use state::State;
use std::ops::Range;

/// Which changes are asked for; of what is left out, all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    /// Only of this plan.
    pub plan: Option<Name>,
    /// Only those that stand so.
    pub state: Option<ChangeStateName>,
    /// Only of this kind.
    pub kind: Option<ChangeKind>,
    /// Only those that move something at this path, or below.
    pub scope: Option<Path>,
}

impl ChangeFilter {
    /// The changes to look through below a number: no others can be meant.
    fn possible(&self, state: &State, before: u64) -> LookedThrough {
        let live = || match &self.plan {
            Some(plan) => LookedThrough::all(queries::live(state, plan).map(|id| id.0), before),
            None => LookedThrough::all(queries::live_of_all(state).map(|id| id.0), before),
        };
        let within = |numbers: Range<u64>| -> Box<dyn Iterator<Item = u64> + '_> {
            let Some(plan) = &self.plan else { return Box::new(numbers) };
            let from = queries::changes_of(state, plan, ChangeId(numbers.start)).map(|id| id.0);
            Box::new(from.take_while(move |number| *number < numbers.end))
        };
        let is_live =
            matches!(self.state, Some(ChangeStateName::Open | ChangeStateName::Approved | ChangeStateName::Active));
        is_live.then(live).flatten().unwrap_or_else(|| LookedThrough::latest(before, within))
    }

    fn takes(&self, state: &State, id: ChangeId) -> bool {
        let stands = |wanted| {
            let progress = queries::progress(state, id);
            progress.is_some_and(|progress| ChangeStateName::from(progress.state) == wanted)
        };
        self.state.is_none_or(stands) && ((self.kind.is_none() && self.scope.is_none()) || self.takes_what(state, id))
    }

    fn takes_what(&self, state: &State, id: ChangeId) -> bool {
        let Some(change) = queries::change(state, id) else { return false };
        let is_within = |scope: &Path| queries::paths_of(state, &change).iter().any(|path| path.is_under(scope));
        self.kind.is_none_or(|kind| change.kind() == kind) && self.scope.as_ref().is_none_or(is_within)
    }
}

/// A page of the changes that are asked for, the latest first, below a number where one is named, for as long as somebody waits for it.
pub(crate) fn change_page<E>(
    state: &State,
    clock: &RolloutClock,
    filter: &ChangeFilter,
    before: Option<ChangeId>,
    range: PageRange,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<FoundPage<ChangeSummary>, E> {
    let show = |number| -> Result<ChangeSummary, E> {
        go_on()?;
        Ok(ChangeSummary::of(state, clock, ChangeId(number)).unwrap_or_else(|| missing("change", number)))
    };
    let after_latest = queries::latest(state).next().0;
    let before = before.map_or(after_latest, |before| before.0.min(after_latest));
    if *filter == ChangeFilter::default() {
        return Ok(FoundPage { found: range.descending(before.saturating_sub(1), show)?, next: None });
    }
    let takes = |number| go_on().map(|()| filter.takes(state, ChangeId(number)));
    filter.possible(state, before).page(range, takes, show)
}

impl ChangeSummary {
    /// A change in short; none when there is none of this number.
    pub(crate) fn of(state: &State, clock: &RolloutClock, id: ChangeId) -> Option<Self> {
        let (change, progress) = queries::change(state, id).zip(queries::progress(state, id))?;
        let label = queries::label(state, clock.at, id)?;
        let mut paths = queries::paths_of(state, &change);
        paths.truncate(MOST_PATHS_SHOWN);
        Some(Self {
            id,
            version: change.asked.version,
            kind: change.kind(),
            class: change.asked.class,
            stage: queries::stage_of_change(state, &change),
            paths,
            flags: flags_of(&change),
            created: change.created,
            state: progress.state,
            label,
            since: progress.since,
            verdict: progress.verdict,
            poll: progress.poll,
            expires: progress.expires.filter(|_| progress.state.waits()).map(|expires| clock.due(expires)),
            not_before: progress.not_before.map(|epoch| clock.start_of(epoch)),
            window: window(clock, &progress),
            executed: progress.executed,
            next_duty: next_duty(clock, &progress),
            overdue: overdue(&progress),
            plan: change.plan,
            by: change.by,
            reason: change.asked.reason,
            ticket: change.asked.ticket,
            milestone: change.asked.milestone,
        })
    }
}

/// The flags that a change names.
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

fn window(clock: &RolloutClock, progress: &ChangeProgress) -> Option<AnnouncedWindow> {
    let (from, until) = progress.window?;
    Some(AnnouncedWindow { from, until, is_open: from <= clock.at.time && clock.at.time < until })
}

/// Of what is owed by a time, what is so soonest.
fn next_duty(clock: &RolloutClock, progress: &ChangeProgress) -> Option<NextDuty> {
    let owed = progress.owed_in_time().filter_map(|duty| {
        let due = clock.due(duty.ends?);
        Some(NextDuty { check: duty.check.clone(), due })
    });
    owed.min_by_key(|duty| duty.due.left_ms)
}

fn overdue(progress: &ChangeProgress) -> Vec<Name> {
    let late = |duty: &&OwedDuty| duty.state == DutyState::Overdue;
    progress.duties.iter().filter(late).map(|duty| duty.check.clone()).collect()
}
