//! What events do to plans, changes and statements. Nothing is judged here: events carry what they come to.

mod change;
mod follow;
pub(crate) mod install;
mod outcome;
mod state;

use crate::change::ChangeState;
use crate::{Event, Motion, polls};
use ::state::{Apply, State};
use primitives::{Moment, ProposalId};

impl Apply for Event {
    fn apply(&self, state: &mut State, at: Moment) {
        match self {
            Event::Installed { installation, by, deposit, effects } => {
                install::installed(state, at, installation, *by, *deposit, effects);
            }
            Event::Retired { plan, deposit, .. } => install::retired(state, at, plan, deposit),
            Event::Submitted { change, expires, vote, deposit, execution } => {
                change::submitted(state, at, change, (*expires, vote.as_ref(), *deposit), execution.as_deref());
            }
            Event::Approved { change, poll, verdict, not_before, expires, .. } => {
                change::approved(state, at, *change, (*verdict, *not_before, *expires));
                polls::settle(state, *poll);
            }
            Event::Announced { change, number, from, until, freezes, .. } => {
                change::announced(state, at, *change, *number, (*from, *until), *freezes);
            }
            Event::Executed { change, execution, .. } => change::carried_out(state, at, *change, execution),
            Event::Stepped { change, step, effects, duties, .. } => {
                change::stepped(state, at, *change, step, effects, duties);
            }
            Event::Closed { change, deposit, .. } => {
                outcome::over(state, at, *change, ChangeState::Closed, deposit.as_ref());
            }
            Event::Stated { plan, stated, marks } => {
                follow::hear(state, at, plan);
                self::state::stated(state, at, plan, stated, marks.as_ref());
            }
            Event::Met { change, check, late, poll, .. } => outcome::met(state, *change, check, *late, *poll),
            Event::Missed { change, check, then, effects, deposit, .. } => {
                outcome::missed(state, at, *change, (check, *then), effects, deposit.as_ref());
            }
            Event::Reverted { change, poll, effects, deposit, .. } => {
                outcome::undone(state, at, *change, effects, deposit.as_ref());
                polls::settle(state, *poll);
            }
            Event::Ended { change, why, deposit, .. } => {
                outcome::over(state, at, *change, ChangeState::Ended { why: *why }, deposit.as_ref());
            }
            Event::Thawed { change, .. } => outcome::thawed(state, at, *change),
            Event::Voided { plan, change, check, poll, reopens } => {
                outcome::voided(state, plan, *change, check, *poll, *reopens);
            }
        }
    }
}

/// The poll of a motion is open under a number. Whatever applies that a poll was opened calls it.
pub fn opened(state: &mut State, motion: &Motion, poll: ProposalId) {
    if let Motion::Decide { change, check, .. } = motion {
        change::polled(state, *change, check, poll);
    }
}
