//! When somebody takes a change of its own back, or a rollback that a signal asked for and nobody wants.

use super::{acting, known, require_state};
use crate::change::{ChangeProgress, EndedWhy, SubmittedChange};
use crate::plans::version_of;
use crate::{Error, Event};
use governance::{Deposit, DepositEnd};
use primitives::{AccountId, ChangeId, Name, Reason};
use state::State;

/// What the chain itself opened is for those who may close such a change.
pub(super) fn decide(
    state: &State,
    who: AccountId,
    (plan, acting): (&Name, &Name),
    id: ChangeId,
) -> Result<Event, Error> {
    let (change, progress) = known(state, plan, id)?;
    require_state(id, progress.state, progress.state.waits())?;
    match change.submitter() {
        Some(submitter) if submitter == who => {}
        Some(_) => return Err(Error::NotSubmitter { change: id }),
        None => {
            let version = version_of(state, &change)?;
            acting::require(state, &version, acting, who, "close", &change.asked.request)?;
        }
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
