//! What has records and artifacts kept, whatever their time is: a legal hold (REQ-155).

use parity_scale_codec::{Decode, Encode};
use primitives::{Epoch, Height, Reason, Text, Timestamp};
use roles::Actor;
use serde::{Deserialize, Serialize};

/// How long a hold under the node's plan lasts at most on the word of one, in milliseconds: every node keeps what it holds.
pub const ALONE_MS: u64 = 30 * 86_400_000;

/// What was said about a hold.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HoldBody {
    /// Why.
    pub reason: Reason,
    /// What it refers to, such as the number of a case in court.
    pub reference: Text<160>,
    /// The first block whose records are kept.
    pub from: Height,
    /// The block time at which it ends, as it was asked for.
    pub asked: Timestamp,
    /// The block time at which it ends: as asked for, or sooner while it waits for a second member.
    pub until: Timestamp,
    /// The epoch at whose start it ends at the latest: of a plan that counts its longest hold in epochs.
    pub until_epoch: Option<Epoch>,
    /// Who asked for it.
    pub by: Actor,
    /// Who confirmed it, and why.
    pub confirmed: Option<HoldConfirmation>,
    /// Why it was released; nothing when its time was over.
    pub released: Option<Reason>,
}

/// That another member of a role with the grant wants the same.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HoldConfirmation {
    /// Who.
    pub by: Actor,
    /// Why.
    pub reason: Reason,
}

impl HoldBody {
    /// Whether it would last longer if another member of a role with that grant confirmed it.
    pub fn waits(&self) -> bool {
        self.until < self.asked && self.confirmed.is_none()
    }
}
