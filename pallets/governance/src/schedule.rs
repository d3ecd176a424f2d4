//! When something is to happen to a live proposal: what events write about that. Nothing is decided here.

use crate::{Closing, Electorate, Poll, queries, storage::*};
use primitives::{Epoch, Moment, ProposalId};
use roles::RoleKey;
use state::State;

/// A proposal is open: on stake until its epoch, among members until they decide, or its time is over.
pub(crate) fn begin(state: &mut State, id: ProposalId, poll: &Poll) {
    match &poll.electorate {
        Electorate::Stake { .. } => AGENDA.insert(state, &(poll.vote_deadline_epoch, id)),
        Electorate::Members { key, .. } => {
            OF_ROLES.insert(state, &(poll.place.line(), key.clone(), id));
            match poll.closes_at {
                None => {}
                Some(Closing::Running(running)) => CLOSING.insert(state, &(poll.place.line(), running, id)),
                Some(Closing::Epoch(epoch)) => CLOSING_EPOCHS.insert(state, &(poll.place.line(), epoch, id)),
            }
        }
    }
}

/// Gives a poll of members its turn to be counted, or to be carried out; one that waits already keeps the earlier one.
pub(crate) fn queue(state: &mut State, at: Moment, id: ProposalId) {
    let poll = queries::poll(state, id);
    if poll.queued.is_none() {
        DECIDED.insert(state, &(poll.place.line(), at.height, id));
        POLLS.set(state, &id, &Poll { queued: Some(at.height), ..poll });
    }
}

/// A poll of members waits no longer.
pub(crate) fn unqueue(state: &mut State, id: ProposalId) {
    let poll = queries::poll(state, id);
    if let Some(height) = poll.queued {
        DECIDED.remove(state, &(poll.place.line(), height, id));
        POLLS.set(state, &id, &Poll { queued: None, ..poll });
    }
}

/// An open proposal is to be carried out: on stake at its epoch, of members in its turn.
pub(crate) fn pass(state: &mut State, at: Moment, id: ProposalId) {
    let poll = queries::poll(state, id);
    match poll.electorate {
        Electorate::Stake { .. } => reschedule(state, id, &poll, Some(poll.activation_epoch)),
        Electorate::Members { .. } => {
            close(state, id, &poll);
            queue(state, at, id);
        }
    }
}

/// Nothing is to happen to a proposal any more.
pub(crate) fn end(state: &mut State, id: ProposalId) {
    let poll = queries::poll(state, id);
    match &poll.electorate {
        Electorate::Stake { .. } => reschedule(state, id, &poll, None),
        Electorate::Members { key, .. } => leave(state, id, &poll, key),
    }
}

fn leave(state: &mut State, id: ProposalId, poll: &Poll, key: &RoleKey) {
    OF_ROLES.remove(state, &(poll.place.line(), key.clone(), id));
    close(state, id, poll);
    unqueue(state, id);
}

fn close(state: &mut State, id: ProposalId, poll: &Poll) {
    match poll.closes_at {
        None => {}
        Some(Closing::Running(running)) => CLOSING.remove(state, &(poll.place.line(), running, id)),
        Some(Closing::Epoch(epoch)) => CLOSING_EPOCHS.remove(state, &(poll.place.line(), epoch, id)),
    }
}

fn reschedule(state: &mut State, id: ProposalId, poll: &Poll, to: Option<Epoch>) {
    AGENDA.remove(state, &(poll.next_epoch(), id));
    if let Some(epoch) = to {
        AGENDA.insert(state, &(epoch, id));
    }
}
