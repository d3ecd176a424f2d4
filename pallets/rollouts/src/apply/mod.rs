//! What events do to plans, changes and statements. Nothing is judged here: events carry what they come to.

mod amendments;
mod change;
mod ends;
mod follow;
pub(crate) mod install;
mod outcome;
mod stand;
mod state;
mod waiting;

use crate::change::{ChangeProgress, ChangeState};
use crate::{Event, Motion, polls};
use ::state::{Apply, State};
use primitives::{ChangeId, Moment, Name, ProposalId};
use roles::RoleKey;

impl Apply for Event {
    fn apply(&self, state: &mut State, at: Moment) {
        match self {
            Event::Installed { installation, by, deposit, effects } => {
                install::installed(state, at, installation, *by, *deposit, effects);
                amendments::installed(state, &installation.plan.name);
            }
            Event::Retired { plan, deposit, .. } => install::retired(state, at, plan, deposit),
            Event::Submitted { change, expires, vote, deposit, incident, execution } => {
                let begins = ChangeProgress { incident: *incident, ..ChangeProgress::waiting(at, *expires, *deposit) };
                change::submitted(state, at, change, begins, vote.as_ref(), execution.as_deref());
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
                stand::verified(state, *change);
            }
            Event::Stated { plan, stated, marks, opened, rolls_back } => {
                follow::hear(state, at, plan);
                self::state::stated(state, at, plan, stated, marks.as_ref());
                if let Some(opened) = opened {
                    cases::apply::open(state, at, plan, opened);
                }
                if let Some(stage) = rolls_back {
                    let incident = opened.as_ref().filter(|opened| !opened.as_report).map(|opened| opened.id);
                    stand::ask_back(state, plan, stage, &stated.statement.key, incident);
                }
            }
            Event::Met { change, check, late, poll, .. } => outcome::met(state, *change, check, *late, *poll),
            Event::Missed { plan, change, check, then, effects, deposit, opened } => {
                outcome::missed(state, at, *change, (check, *then), effects, deposit.as_ref());
                if let Some(opened) = opened {
                    follow::open_incident(state, at, plan, *change, opened);
                }
            }
            Event::Reverted { change, poll, effects, deposit, .. } => {
                outcome::undone(state, at, *change, effects, deposit.as_ref());
                polls::settle(state, *poll);
            }
            Event::Ended { change, why, deposit, .. } => {
                outcome::over(state, at, *change, ChangeState::Ended { why: *why }, deposit.as_ref());
            }
            Event::Thawed { change, .. } => outcome::thawed(state, at, *change),
            Event::Voided { change, check, poll, reopens, .. } => {
                outcome::voided(state, *change, check, *poll, *reopens);
            }
            Event::Dropped { plan, change, due, statements, is_all } => {
                self::state::dropped(state, at, plan, *change, *due, (*statements, *is_all));
            }
            Event::AmendmentAsked { plan, number, installation, by } => {
                amendments::asked(state, plan, *number, installation, by);
            }
            Event::AmendmentEnded { plan, number, poll, .. } => amendments::ended(state, plan, *number, *poll),
        }
    }
}

/// The poll of a motion is open under a number. Whatever applies that a poll was opened calls it.
pub fn opened(state: &mut State, motion: &Motion, poll: ProposalId) {
    match motion {
        Motion::Decide { change, check, .. } => change::polled(state, *change, check, poll),
        Motion::Install(installation) => amendments::polled(state, installation, poll),
        Motion::Abort { .. } => {}
    }
}

/// What a poll decided is carried out. Whatever applies that calls it, behind what that did.
pub fn carried_out(state: &mut State, poll: ProposalId) {
    amendments::carried_out(state, poll);
}

/// The members of a role changed: what waits for its vote is found as long as somebody has one. Whatever changes members calls it.
pub fn members_changed(state: &mut State, key: &RoleKey) {
    waiting::follow_members(state, key);
}

/// An incident stands for a duty of a change from now on: the next block looks whether that is met by it. Whatever applies that an incident
/// was opened for a duty calls it.
pub fn incident_stands(state: &mut State, at: Moment, plan: &Name, change: ChangeId) {
    self::state::have_looked_at(state, at, plan, change);
}
