//! What the clock brings to changes (ROLLOUTS 7.4).
//!
//! What was decided or said counts before what was missed: polls that came to nothing come first, then duties that are met, and only
//! then is it looked at what is late; what comes to the node's plan comes before anything of an application's. A runtime asks for this behind the motions of a block, and again until nothing more comes, because
//! what comes may depend on what came before; then it opens the [polls](crate::polls::next_poll).

use crate::change::{
    ChangeDraft, ChangeProgress, ChangeRequest, ChangeState, DutyState, Effected, EndedWhy, MOST_EFFECTS, OwedDuty,
    SubmittedChange,
};
use crate::deadline::Clock;
use crate::decide::withdraw;
use crate::effects::QuorumMove;
use crate::judge::asked::path_of;
use crate::judge::verdict::duty_is_met;
use crate::plan::{ChangeKind, Missed, Nature};
use crate::plans::{self, KeptRef, version_of};
use crate::standing::AskedRollback;
use crate::storage::*;
use crate::{Event, effects, freeze, polls, retention};
use cases::{DutyOfChange, IncidentCause, OpenedCase};
use governance::{DepositEnd, PollFailure, Shortfall};
use primitives::{AlertSeverity, Amount, ChangeId, List, Moment, Name, ProposalId, Reason, ReleaseClass, Text};
use state::State;
use std::collections::BTreeSet;

/// In how many blocks after a statement what it is about is judged: in the next one, and a few more where that has no room left for what
/// the clock brings. What nobody says and only time brings about is judged at its deadline, or by whoever closes the change.
pub(crate) const BLOCKS_TO_JUDGE: u64 = 4;

/// How many events a block has for the plans of applications, all of them together (ROLLOUTS 7.4).
pub const MOST_OF_GUESTS: usize = 32;

/// What comes next to the changes of the node's plan, for each change one event: `most` of them.
pub fn due_of_node(state: &State, at: Moment, most: usize) -> Vec<Event> {
    let node = flags::queries::node_plan(state);
    let events = of_failed_polls(state, at, |plan| node.as_ref() == Some(plan)).take(most).collect::<Vec<_>>();
    if !events.is_empty() {
        return events;
    }
    let events = one_opening(node.iter().flat_map(|plan| of_plan(state, at, plan)).take(most));
    if !events.is_empty() || most == 0 {
        return events;
    }
    let asked = node.iter().find_map(|plan| asked_rollback(state, at, plan));
    asked.or_else(|| retention::of_node(state, at)).into_iter().collect()
}

/// What comes next to the changes of applications, in the order of their names, for each change one event: `most` of them. A runtime
/// gives them no more than [`MOST_OF_GUESTS`] in a block, however often it asks; the rest comes in the next ones.
pub fn due_of_guests(state: &State, at: Moment, most: usize) -> Vec<Event> {
    let node = flags::queries::node_plan(state);
    let of_amendments = polls::failed_amendments(state).map(|failed| amendment_ended(state, failed));
    let of_changes = of_failed_polls(state, at, |plan| node.as_ref() != Some(plan));
    let events = of_amendments.chain(of_changes).take(most).collect::<Vec<_>>();
    if !events.is_empty() {
        return events;
    }
    let of_guests = plans_due(state, at).into_iter().filter(|plan| node.as_ref() != Some(plan));
    let of_guests = of_guests.flat_map(|plan| of_plan(state, at, &plan).collect::<Vec<_>>());
    let events = one_opening(of_guests.take(most));
    if !events.is_empty() || most == 0 {
        return events;
    }
    let asked = ASKING_GUESTS.iter(state).find_map(|plan| asked_rollback(state, at, &plan));
    asked.or_else(|| retention::of_guests(state, at)).into_iter().collect()
}

/// A later version that its owner did not want, or that came too late.
fn amendment_ended(state: &State, (poll, plan, number): (ProposalId, Name, u64)) -> Event {
    let asked = AMENDMENTS.get(state, &(plan.clone(), number)).map(|asked| asked.installation.plan.version);
    let in_force = plans::head(state, &plan).map(|head| head.version);
    let why = if asked <= in_force { EndedWhy::Superseded } else { EndedWhy::Rejected };
    Event::AmendmentEnded { plan, number, poll, why }
}

/// Events as far as the first that opens a case, because each case has the number after the one before.
fn one_opening(events: impl Iterator<Item = Event>) -> Vec<Event> {
    let mut all = Vec::new();
    for event in events {
        let opens = matches!(event, Event::Missed { opened: Some(_), .. });
        all.push(event);
        if opens {
            break;
        }
    }
    all
}

/// The first rollback of a plan that a signal asked for; it waits for its authority for as long as that takes (REQ-087). One at a time,
/// because each change has the number after the one before.
fn asked_rollback(state: &State, at: Moment, name: &Name) -> Option<Event> {
    let plan = plans::current(state, name).ok()?;
    let mut asked = ASKED_ROLLBACKS.iter_under(state, name).filter_map(|((_, stage), asked)| {
        let procedure = plan.procedure(state, ChangeKind::Rollback, Some(&stage))?;
        let source = procedure.sources.first().cloned().unwrap_or_else(|| asked.signal.clone());
        Some((ChangeRequest::Rollback { stage, trigger: asked.signal.clone(), source }, asked))
    });
    let (request, AskedRollback { signal, incident }) = asked.next()?;
    let draft = ChangeDraft {
        version: plan.version,
        bundle: plan.kept.bundle,
        request,
        class: ReleaseClass::Hotfix,
        nature: Nature::Fix,
        phase: None,
        sealer: None,
        ticket: None,
        reason: Reason::new(format!("signal {signal} failed"))?,
        milestone: None,
        impact: Text::default(),
        features: List::new(),
    };
    let id = LATEST.get_or_default(state).next();
    let change = SubmittedChange::new(id, name.clone(), None, at, draft);
    let vote = polls::vote_on(state, &plan, &change, QuorumMove::default());
    let (change, deposit) = (Box::new(change), Amount::ZERO);
    Some(Event::Submitted { change, expires: None, vote, deposit, incident, execution: None })
}

/// What comes of the polls that came to nothing, of some plans.
fn of_failed_polls(state: &State, at: Moment, is_asked: impl Fn(&Name) -> bool) -> impl Iterator<Item = Event> {
    let failed = polls::failed(state).filter_map(move |failed| Some((CHANGES.get(state, &failed.2)?, failed)));
    let asked = failed.filter(move |(change, _)| is_asked(&change.plan));
    asked.filter_map(move |(change, failed)| nothing_came(state, at, change, failed))
}

/// The plans under which something is due, is over, or was said a moment ago. Under no other does anything come, so none is looked at.
pub(crate) fn plans_due(state: &State, at: Moment) -> BTreeSet<Name> {
    let over = Clock::ALL.into_iter().flat_map(|clock| {
        let ends = EARLIEST.iter_under(state, &clock);
        ends.take_while(move |(_, end, _)| *end <= clock.shows(at)).map(|(_, _, plan)| plan)
    });
    let heard = (0..=BLOCKS_TO_JUDGE).flat_map(|ago| HEARD_AT.iter_under(state, &at.height.minus(ago)));
    over.chain(heard.map(|(_, plan)| plan)).collect()
}

/// What comes of the changes of a plan, each once.
pub(crate) fn of_plan(state: &State, at: Moment, plan: &Name) -> impl Iterator<Item = Event> {
    let was_heard = HEARD.get(state, plan).is_some_and(|said| at.height <= said.plus(BLOCKS_TO_JUDGE));
    let judged = TO_JUDGE.iter_under(state, plan).map(|(_, id)| id).filter(move |_| was_heard);
    let late = Clock::ALL.into_iter().flat_map(move |clock| {
        let ends = DUE.iter_under(state, &(plan.clone(), clock));
        ends.take_while(move |(_, end, _)| *end <= clock.shows(at)).map(|(_, _, id)| id)
    });
    let due = judged.chain(late);
    // Whoever stops others is looked at too, and then for that alone: lists are judged when something was said, or is late.
    let stopping = FREEZES.iter_under(state, plan).map(|((_, id), _)| id);
    let pausing = PAUSES.iter_under(state, plan).map(|((_, _, id), _)| id);
    let mut seen = BTreeSet::new();
    let all = due.map(|id| (id, true)).chain(stopping.chain(pausing).map(|id| (id, false)));
    let once = all.filter(move |(id, _)| seen.insert(*id));
    once.filter_map(move |(id, is_due)| of_change(state, at, id, is_due))
}

/// What comes next of a change; none when nothing is due.
fn of_change(state: &State, at: Moment, id: ChangeId, is_due: bool) -> Option<Event> {
    let (change, progress) = (CHANGES.get(state, &id)?, PROGRESS.get(state, &id)?);
    let by_clock = || if is_due { by_clock(state, at, &change, &progress) } else { None };
    by_clock().or_else(|| thawed(state, at, &change, &progress))
}

fn by_clock(state: &State, at: Moment, change: &SubmittedChange, progress: &ChangeProgress) -> Option<Event> {
    match progress.state {
        ChangeState::Open | ChangeState::Approved => ended(state, at, change, progress),
        ChangeState::Active => {
            let plan = version_of(state, change).ok()?;
            met(state, at, &plan, change, progress).or_else(|| missed(state, at, change, progress))
        }
        ChangeState::Closed | ChangeState::Reverted { .. } | ChangeState::Ended { .. } => None,
    }
}

/// A change that waited is over: its plan has another version, or its time has come.
fn ended(state: &State, at: Moment, change: &SubmittedChange, progress: &ChangeProgress) -> Option<Event> {
    let in_force = plans::head(state, &change.plan).filter(|head| !head.retired).map(|head| head.version);
    if in_force != Some(change.asked.version) {
        return Some(withdraw::ended(change, progress, EndedWhy::Superseded, None));
    }
    let is_over = progress.expires.is_some_and(|end| end.is_over(at));
    is_over.then(|| withdraw::ended(change, progress, EndedWhy::Expired, None))
}

/// The first duty that is met now. It is in time until the clock has said that it was missed.
fn met(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> Option<Event> {
    let mut owed = progress.owed();
    let duty = owed.find(|duty| duty_is_met(state, at, plan, change, progress, duty))?;
    let late = duty.state == DutyState::Overdue;
    Some(Event::Met { plan: change.plan.clone(), change: change.id, check: duty.check.clone(), late, poll: None })
}

/// The first duty whose time is over; what is undone with it, where it restores.
fn missed(state: &State, at: Moment, change: &SubmittedChange, progress: &ChangeProgress) -> Option<Event> {
    let is_over = |duty: &&OwedDuty| duty.ends.is_some_and(|end| end.is_over(at));
    let duty = progress.owed_in_time().find(is_over)?;
    let restores = duty.missed == Missed::Restore;
    let opened = opened(state, change, &duty.check);
    Some(Event::Missed {
        plan: change.plan.clone(),
        change: change.id,
        check: duty.check.clone(),
        then: duty.missed,
        effects: if restores { undone(state, at, change, progress) } else { List::new() },
        deposit: if restores { withdraw::returned(change, progress) } else { None },
        opened: opened.map(Box::new),
    })
}

/// That a vote was not taken in time is an incident (ROLLOUTS 7.4).
fn opened(state: &State, change: &SubmittedChange, check: &Name) -> Option<OpenedCase> {
    let plan = version_of(state, change).ok()?;
    polls::vote_rules(state, &plan, check)?;
    let cause = IncidentCause::Missed(DutyOfChange { change: change.id, check: check.clone() });
    cases::queries::opened(state, &change.plan, &path_of(&plan, change), AlertSeverity::Critical, cause)
}

fn undone(
    state: &State,
    at: Moment,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> List<Effected, MOST_EFFECTS> {
    List::truncate_from(effects::inverse(state, at, &change.plan, &progress.effects))
}

/// A freeze or pause that is over.
fn thawed(state: &State, at: Moment, change: &SubmittedChange, progress: &ChangeProgress) -> Option<Event> {
    let why = freeze::thawed(state, at, change, progress)?;
    Some(Event::Thawed { plan: change.plan.clone(), change: change.id, why, reason: None })
}

/// What comes of a poll that failed: of an approval, the end of its change; of a duty that was voted down, the end of what the change
/// did. Where nobody said no, the vote is still owed.
fn nothing_came(
    state: &State,
    at: Moment,
    change: SubmittedChange,
    (poll, why, id, check): (ProposalId, PollFailure, ChangeId, Name),
) -> Option<Event> {
    let progress = PROGRESS.get(state, &id)?;
    if progress.state.waits() && progress.poll == Some(poll) {
        return Some(withdraw::ended(&change, &progress, EndedWhy::Rejected, None));
    }
    let owed = progress.owed().find(|duty| duty.poll == Some(poll));
    let is_owed = progress.state == ChangeState::Active && owed.is_some();
    let was_refused = matches!(why, PollFailure::Rejected(shortfall) if shortfall != Shortfall::Voters);
    if is_owed && was_refused {
        let deposit: Option<DepositEnd> = withdraw::returned(&change, &progress);
        let effects = undone(state, at, &change, &progress);
        return Some(Event::Reverted { plan: change.plan, change: id, check, poll, effects, deposit });
    }
    Some(Event::Voided { plan: change.plan, change: id, check, poll, reopens: is_owed })
}
