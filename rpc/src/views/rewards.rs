//! Who was there, what was paid for it, and what waits for delegators.

use crate::chain_view::{ChainView, epoch_length, kept, state_of};
use crate::error::ReadError;
use primitives::{AccountId, Amount, Epoch, Height};
use rewards::{Attendance, Payment, RewardsParams, queries};
use runtime::Event;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use staking::{Commission, Validator};

/// Who was there in an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EpochPresence {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The epoch.
    pub epoch: Epoch,
    /// How long it has lasted so far, in milliseconds; null unless its presence is counted now.
    pub ms: Option<u64>,
    /// Who could be there; none where nothing was counted, or it is remembered no longer.
    #[schemars(length(max = staking::MAX_VALIDATORS))]
    pub validators: Vec<ValidatorPresence>,
}

/// What one validator did in an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidatorPresence {
    /// The validator.
    pub account: AccountId,
    /// Its power, by which it is paid.
    pub power: Amount,
    /// Whether it is paid: a gate that is limited to a segment is on for its members alone.
    pub paid: bool,
    /// For how long it was there, in milliseconds.
    pub present_ms: u64,
}

/// What an epoch paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EpochRewards {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The epoch.
    pub epoch: Epoch,
    /// What was paid in the first block of the next epoch; null where nothing was, or that has not come.
    pub paid: Option<EpochPayments>,
    /// What rewards are paid from.
    pub pool: Amount,
    /// What waits for delegators, of all epochs.
    pub to_collect: Amount,
    /// The rules.
    pub params: RewardsParams,
}

/// What validators and those who delegate to them were paid for an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EpochPayments {
    /// To whom, by power.
    #[schemars(length(max = staking::MAX_VALIDATORS))]
    pub payments: Vec<Payment>,
    /// How much of it was for proposers.
    pub leader: Amount,
    /// How much of it was for witnesses.
    pub witness: Amount,
    /// What the pool had afterwards.
    pub pool: Amount,
}

/// What waits for an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RewardsDue {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The account.
    pub account: AccountId,
    /// What it can collect, by the validator that it delegated to, as much as one transaction each takes.
    #[schemars(length(max = staking::MAX_BONDS))]
    pub due: Vec<DueOfValidator>,
    /// The first epoch of which something can be collected now; what is of an earlier one is back in the pool.
    pub oldest: Epoch,
    /// What it keeps of what others earn with it, if it is a validator.
    pub commission: Commission,
}

/// What waits for a delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DueOfValidator {
    /// The validator.
    pub validator: AccountId,
    /// How much.
    pub amount: Amount,
}

/// Who was there in an epoch; without one, in the one that is counted, or the newest block's.
pub(crate) fn epoch_presence(view: &dyn ChainView, epoch: Option<Epoch>) -> Result<EpochPresence, ReadError> {
    let (state, at) = (state_of(view), view.head()?.at);
    let counted = queries::attendance(&state);
    let epoch = epoch.or(counted.as_ref().map(|counted| counted.epoch)).unwrap_or(at.epoch);
    let candidates = staking::queries::candidates(&state, epoch).validators;
    if let Some(counted) = counted.filter(|counted| counted.epoch == epoch) {
        let validators = (0..).zip(candidates.iter()).map(|(place, candidate)| so_far(place, candidate, &counted));
        return Ok(EpochPresence { height: at.height, epoch, ms: Some(counted.ms), validators: validators.collect() });
    }
    let paid = payments(view, epoch)?.map(|paid| paid.payments).unwrap_or_default();
    let of = |payment: &Payment| ValidatorPresence {
        account: payment.validator,
        power: candidates.iter().find(|one| one.account == payment.validator).map(|one| one.power).unwrap_or_default(),
        paid: true,
        present_ms: payment.present_ms,
    };
    Ok(EpochPresence { height: at.height, epoch, ms: None, validators: paid.iter().map(of).collect() })
}

fn so_far(place: usize, candidate: &Validator, counted: &Attendance) -> ValidatorPresence {
    ValidatorPresence {
        account: candidate.account,
        power: candidate.power,
        paid: counted.paid.has(place),
        present_ms: counted.places.get(place).map_or(0, |done| done.present_ms),
    }
}

/// What an epoch paid.
pub(crate) fn epoch_rewards(view: &dyn ChainView, epoch: Epoch) -> Result<EpochRewards, ReadError> {
    let state = state_of(view);
    Ok(EpochRewards {
        height: view.head()?.at.height,
        epoch,
        paid: payments(view, epoch)?,
        pool: queries::pool(&state),
        to_collect: queries::to_collect(&state),
        params: queries::params(&state),
    })
}

/// What the first block after an epoch paid for it.
fn payments(view: &dyn ChainView, epoch: Epoch) -> Result<Option<EpochPayments>, ReadError> {
    let height = epoch.next().first_height(epoch_length(&state_of(view)));
    if height > view.head()?.at.height {
        return Ok(None);
    }
    let record = kept(view, height, view.record(height)?)?;
    Ok(record.facts.into_iter().find_map(|fact| match fact.outcome {
        Ok(Event::Rewards(rewards::Event::Rewarded { paid, leader, witness, pool, .. })) => {
            Some(EpochPayments { payments: paid.into_inner(), leader, witness, pool })
        }
        _ => None,
    }))
}

/// What waits for an account.
pub(crate) fn rewards_due(view: &dyn ChainView, account: AccountId) -> Result<RewardsDue, ReadError> {
    let (state, at) = (state_of(view), view.head()?.at);
    let due = queries::due(&state, at.epoch, &account).into_iter();
    Ok(RewardsDue {
        height: at.height,
        account,
        due: due.map(|(validator, amount)| DueOfValidator { validator, amount }).collect(),
        oldest: queries::oldest_due(&state, at.epoch),
        commission: staking::queries::commission(&state, &account),
    })
}
