//! When somebody takes a change of its own back.

use super::{known, require_state};
use crate::change::{ChangeProgress, EndedWhy, SubmittedChange};
use crate::{Error, Event};
use governance::{Deposit, DepositEnd};
use primitives::{AccountId, ChangeId, Name, Reason};
use state::State;

pub(super) fn decide(state: &State, who: AccountId, plan: &Name, id: ChangeId) -> Result<Event, Error> {
    let (change, progress) = known(state, plan, id)?;
    require_state(id, progress.state, progress.state.waits())?;
    if change.submitter() != Some(who) {
        return Err(Error::NotSubmitter { change: id });
    }
    Ok(ended(&change, &progress, EndedWhy::Withdrawn, None))
}

/// A change that waits is not carried out. What was held for it is free again, but of one that was left to expire: whoever submits what
/// it does not see through pays for the work (ROLLOUTS 7.4).
pub(crate) fn ended(
    change: &SubmittedChange,
    progress: &ChangeProgress,
    why: EndedWhy,
    reason: Option<Reason>,
) -> Event {
    let deposit = match why {
        EndedWhy::Expired => deposit(change, progress).map(DepositEnd::Burned),
        _ => returned(change, progress),
    };
    Event::Ended { plan: change.plan.clone(), change: change.id, was: progress.state, why, reason, deposit }
}

/// What is held for a change goes back to who submitted it; nothing where nothing is held.
pub(crate) fn returned(change: &SubmittedChange, progress: &ChangeProgress) -> Option<DepositEnd> {
    deposit(change, progress).map(DepositEnd::Returned)
}

fn deposit(change: &SubmittedChange, progress: &ChangeProgress) -> Option<Deposit> {
    let (account, amount) = (change.submitter()?, progress.deposit);
    (amount.0 > 0).then_some(Deposit { account, amount })
}
