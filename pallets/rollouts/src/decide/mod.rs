//! When a call about plans, changes and statements is granted: each in a file of its own (ROLLOUTS 7.4).

mod acting;
mod announce;
pub(crate) mod close;
pub(crate) mod execute;
pub(crate) mod execution;
pub(crate) mod guards;
pub(crate) mod install;
mod quorum;
pub(crate) mod reads;
mod state;
mod step;
pub(crate) mod submission;
mod submit;
pub(crate) mod withdraw;

use crate::change::{ChangeProgress, ChangeState, SubmittedChange};
use crate::plans;
use crate::storage::{CHANGES, PROGRESS};
use crate::{Call, Error, Event};
use ::state::{Decide, State};
use primitives::{AccountId, Amount, ChangeId, Moment, Name};

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::Install { installation } => install::decide(state, at, who, installation),
            Call::Retire { plan, acting } => install::retire(state, who, plan, acting),
            Call::Submit { plan, acting, change } => submit::decide(state, at, who, (plan, acting), change),
            Call::Withdraw { plan, acting, change } => withdraw::decide(state, who, (plan, acting), *change),
            Call::Announce { plan, acting, change, from, until, text } => {
                announce::decide(state, at, who, (plan, acting), *change, (*from, *until), text)
            }
            Call::Execute { plan, acting, change, sealer_proof } => {
                execute::decide(state, at, who, (plan, acting), *change, sealer_proof.as_deref())
            }
            Call::Step { plan, acting, change, step } => step::decide(state, at, who, (plan, acting), *change, step),
            Call::Close { plan, acting, change } => close::decide(state, at, who, (plan, acting), *change),
            Call::State { plan, acting, statement } => self::state::decide(state, at, who, plan, acting, statement),
        }
    }

    fn signatures(&self) -> u32 {
        match self {
            Call::Execute { sealer_proof: Some(proof), .. } => {
                u32::try_from(proof.signatures.len()).unwrap_or(u32::MAX)
            }
            Call::Execute { sealer_proof: None, .. }
            | Call::Install { .. }
            | Call::Retire { .. }
            | Call::Submit { .. }
            | Call::Withdraw { .. }
            | Call::Announce { .. }
            | Call::Step { .. }
            | Call::Close { .. }
            | Call::State { .. } => 0,
        }
    }

    fn reads(&self, state: &State) -> u32 {
        reads::of_call(state, self)
    }

    fn most_spent(&self, state: &State) -> Amount {
        match self {
            Call::Install { installation } => install::deposit_of(&installation.plan),
            Call::Submit { plan, change, .. } => {
                let plan = plans::current(state, plan);
                plan.map(|plan| submission::deposit_of(state, &plan, &change.request)).unwrap_or_default()
            }
            Call::Retire { .. }
            | Call::Withdraw { .. }
            | Call::Announce { .. }
            | Call::Execute { .. }
            | Call::Step { .. }
            | Call::Close { .. }
            | Call::State { .. } => Amount::ZERO,
        }
    }
}

/// A change of a plan, and where it stands.
pub(crate) fn known(state: &State, plan: &Name, id: ChangeId) -> Result<(SubmittedChange, ChangeProgress), Error> {
    let unknown = || Error::ChangeUnknown { plan: plan.clone(), change: id };
    let change = CHANGES.get(state, &id).filter(|change| change.plan == *plan).ok_or_else(unknown)?;
    let progress = PROGRESS.get(state, &id).ok_or_else(unknown)?;
    Ok((change, progress))
}

/// Refuses what cannot be done to a change that stands so.
pub(crate) fn require_state(id: ChangeId, state: ChangeState, may: bool) -> Result<(), Error> {
    if may { Ok(()) } else { Err(Error::NotInState { change: id, state }) }
}
