//! What a vote does to changes and plans (ROLLOUTS 5).

use crate::change::{ChangeProgress, ChangeState, DutyState, EndedWhy, SubmittedChange};
use crate::deadline::ChangeDeadline;
use crate::decide::{guards, install, reads, require_state, withdraw};
use crate::judge::lists::ApproveList;
use crate::judge::verdict::bare_verdict;
use crate::plan::{ChangeKind, QUORUM_GATE};
use crate::plans::{KeptRef, version_of};
use crate::standing::ThawedWhy;
use crate::storage::{CHANGES, PROGRESS};
use crate::{Error, Event, Motion, freeze, polls};
use primitives::{AccountId, ChangeId, Digest, Epoch, Mandate, Moment, Name, ProposalId, Reason, TrackName};
use state::{Enact, State};

impl Enact for Motion {
    type Event = Event;
    type Error = Error;

    fn admit(&self, state: &State, at: Moment, _activation: Epoch) -> Result<(), Error> {
        match self {
            Motion::Decide { change, check, .. } => Err(Error::ChainOpens { change: *change, check: check.clone() }),
            Motion::Install(installation) => install::by_stake(state, at, installation).map(|_| ()),
            Motion::Abort { change, reason } => abort(state, *change, reason).map(|_| ()),
        }
    }

    fn votable(&self, state: &State, at: Moment, voter: AccountId) -> Result<(), Error> {
        match self {
            Motion::Decide { change, check, digest } => votable(state, at, voter, (*change, check, digest)),
            Motion::Install(_) | Motion::Abort { .. } => Ok(()),
        }
    }

    fn reads(&self, state: &State) -> u32 {
        match self {
            Motion::Decide { change, .. } => reads::of_yes(state, *change),
            Motion::Install(_) | Motion::Abort { .. } => 0,
        }
    }

    fn enact(&self, state: &State, at: Moment, mandate: &Mandate) -> Result<Event, Error> {
        match self {
            Motion::Decide { change, check, digest } => {
                decided(state, at, mandate.proposal_id, (*change, check, digest))
            }
            Motion::Install(installation) if polls::is_on_amendment(state, mandate.proposal_id) => {
                install::by_owner(state, at, installation)
            }
            Motion::Install(installation) => install::by_stake(state, at, installation),
            Motion::Abort { change, reason } => abort(state, *change, reason),
        }
    }

    /// The chain opens what decides a change, for members, or for the stake on the expedited track; and what amends an application's plan,
    /// for its owner.
    fn tracks(&self, _state: &State) -> &'static [TrackName] {
        match self {
            Motion::Decide { .. } => &[TrackName::Council, TrackName::Expedited],
            Motion::Install(_) => &[TrackName::Routine, TrackName::Expedited, TrackName::Council],
            Motion::Abort { .. } => &[TrackName::Expedited],
        }
    }

    /// What stops something comes before what goes on, and a plan after the changes that were decided under the one before.
    fn order(&self) -> u8 {
        match self {
            Motion::Abort { .. } => 0,
            Motion::Decide { .. } => 1,
            Motion::Install(_) => 2,
        }
    }
}

/// The change that a vote is about, whose text is what was read.
fn bound(state: &State, id: ChangeId, digest: &Digest) -> Result<(SubmittedChange, ChangeProgress), Error> {
    let (change, progress) = found(state, id)?;
    if change.digest != *digest {
        return Err(Error::OtherText { change: id, asked: *digest, current: change.digest });
    }
    Ok((change, progress))
}

fn found(state: &State, id: ChangeId) -> Result<(SubmittedChange, ChangeProgress), Error> {
    CHANGES.get(state, &id).zip(PROGRESS.get(state, &id)).ok_or(Error::NoSuchChange(id))
}

/// A yes on an approval is on a list that is GO but for the vote itself, and where the plan says so, of somebody else than who asks for
/// the change (REQ-030). On what is owed afterwards anybody says what it thinks.
fn votable(
    state: &State,
    at: Moment,
    voter: AccountId,
    (id, check, digest): (ChangeId, &Name, &Digest),
) -> Result<(), Error> {
    let (change, progress) = bound(state, id, digest)?;
    if progress.state == ChangeState::Active && progress.owed().any(|duty| duty.check == *check) {
        return Ok(());
    }
    let plan = version_of(state, &change)?;
    require_state(id, progress.state, progress.state == ChangeState::Open)?;
    let list = ApproveList::of(state, &plan, &change);
    let is_approval = list.vote.as_ref() == Some(check) || check.as_str() == QUORUM_GATE;
    require_state(id, progress.state, is_approval)?;
    let verdict = bare_verdict(state, at, &plan, &change, Some(&progress), &list.checks);
    if !verdict.is_go() {
        let missing = verdict.unmet().map(|finding| finding.key.clone()).collect();
        return Err(Error::NotReady { change: id, missing: guards::first(missing) });
    }
    let is_own = change.submitter() == Some(voter) && !plan.kept.policy.self_approval;
    if is_own { Err(Error::SelfApproval { change: id }) } else { Ok(()) }
}

/// The poll passed. It is not judged again: each yes was given on a list that was GO, and whoever carries the change out judges it.
fn decided(
    state: &State,
    at: Moment,
    poll: ProposalId,
    (id, check, digest): (ChangeId, &Name, &Digest),
) -> Result<Event, Error> {
    let (change, progress) = bound(state, id, digest)?;
    let plan = version_of(state, &change)?;
    match progress.state {
        ChangeState::Open if progress.poll == Some(poll) => Ok(approved(state, at, poll, &plan, &change, &progress)),
        ChangeState::Active => {
            let duty = progress.owed().find(|duty| duty.check == *check && duty.poll == Some(poll));
            let unasked = Error::NotInState { change: id, state: progress.state };
            let late = duty.ok_or(unasked)?.state == DutyState::Overdue;
            Ok(Event::Met { plan: change.plan.clone(), change: id, check: check.clone(), late, poll: Some(poll) })
        }
        other => Err(Error::NotInState { change: id, state: other }),
    }
}

fn approved(
    state: &State,
    at: Moment,
    poll: ProposalId,
    plan: &KeptRef,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> Event {
    let procedure = plan.procedure(state, change.kind(), change.asked.request.stage());
    let within = procedure.map(|procedure| procedure.execute_within).filter(|within| !within.is_nothing());
    let waits = plan.kept.is_of_node()
        && !polls::is_of_stake(state, poll)
        && matches!(change.kind(), ChangeKind::Promote | ChangeKind::Demote | ChangeKind::Set);
    let list = ApproveList::of(state, plan, change);
    Event::Approved {
        plan: change.plan.clone(),
        change: change.id,
        poll,
        verdict: bare_verdict(state, at, plan, change, Some(progress), &list.checks).answer,
        not_before: waits.then(|| polls::not_before(state, at)),
        expires: within.map(|within| ChangeDeadline::after(at, within)),
    }
}

/// The stake ends a change that waits; of one that is active and stops others, that it does.
fn abort(state: &State, id: ChangeId, reason: &Reason) -> Result<Event, Error> {
    let (change, progress) = found(state, id)?;
    let reason = Some(reason.clone());
    if progress.state.waits() {
        return Ok(withdraw::ended(&change, &progress, EndedWhy::Aborted, reason));
    }
    let stops_others = progress.state == ChangeState::Active && freeze::brings_one(state, &change);
    require_state(id, progress.state, stops_others)?;
    Ok(Event::Thawed { plan: change.plan, change: id, why: ThawedWhy::Aborted, reason })
}
