//! By what right something is done that no single account can do.

use crate::{AccountId, Epoch, Moment, ProposalId};
use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The name of the rules that a vote runs under.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::VariantArray,
    crate::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TrackName {
    /// For planned releases: a full review window, also when the outcome is certain before.
    #[default]
    Routine,
    /// For hotfixes and revocations: a short window and a high bar.
    Expedited,
    /// For what the chain puts to the members of a role: the rules are those of the plan that asks, and stand with the proposal.
    /// Nobody proposes on it.
    #[level(1)]
    Council,
}

/// The decision that a motion is carried out by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mandate {
    /// The proposal that passed.
    pub proposal_id: ProposalId,
    /// Who made it.
    pub proposer: AccountId,
    /// When it was made.
    pub proposed: Moment,
    /// The epoch at whose start voting ended, and it passed; of what members decided, the one in which it is carried out.
    pub passed: Epoch,
}
