//! What is answered about rewards.

use primitives::{Amount, Epoch, Height};
use rewards::Payment;
use rpc::views::{Descriptions, PageOf};
use schemars::JsonSchema;
use serde::Serialize;

/// What an epoch paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RewardsAnswer {
    /// The epoch; null where none has paid anything.
    pub epoch: Option<EpochPaid>,
    /// The last epoch before it that paid something; null where there is none.
    pub earlier: Option<Epoch>,
    /// What each validator was paid, the strongest first.
    #[serde(flatten)]
    pub page: PageOf<Payment>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// What an epoch paid to all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EpochPaid {
    /// The epoch.
    pub epoch: Epoch,
    /// The block that paid it.
    pub paid_at: Height,
    /// How much of it was for proposers.
    pub leader: Amount,
    /// How much of it was for witnesses.
    pub witness: Amount,
    /// What the pool had afterwards.
    pub pool: Amount,
}
