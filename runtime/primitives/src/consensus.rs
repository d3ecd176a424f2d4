//! What validators sign to decide blocks. It stands this far left because two kinds of judges read it: whoever checks that a
//! block was decided, and the chain itself, where a validator contradicts itself.

use crate::{BlockHash, ChainId, Height};
use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The two votes of a Tendermint round.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize, crate::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VoteKind {
    /// The first vote: the proposal is valid.
    Prevote,
    /// The second vote: more than two thirds found it valid.
    Precommit,
}

/// The bytes a validator signs to vote. `None` votes for no block in this round.
pub fn vote_payload(
    chain_id: &ChainId,
    kind: VoteKind,
    height: Height,
    round: u32,
    block: Option<BlockHash>,
) -> Vec<u8> {
    (b"the-block/vote/v1", chain_id, kind, height, round, block).encode()
}

/// The bytes a validator signs to propose a block in a round; `pol_round` is the earlier round in which two thirds prevoted it,
/// if there is one.
pub fn proposal_payload(
    chain_id: &ChainId,
    height: Height,
    round: u32,
    block: BlockHash,
    pol_round: Option<u32>,
) -> Vec<u8> {
    (b"the-block/proposal/v1", chain_id, height, round, block, pol_round).encode()
}
