//! What the validators say about a build, for whoever believes nobody.

use crate::chain_view::{ChainView, epoch_length, kept, state_of};
use crate::error::ReadError;
use primitives::{BuildHash, Height};
use releases::queries::stage_key;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use staking::MAX_VALIDATORS;
use state::StateProof;

/// What each validator of a block last said about a build, or that it said nothing, with a proof of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StageProofs {
    /// The block whose state it is; the header of this height has its root.
    pub height: Height,
    /// A proof for each of the validators that decided the block, in the order of their set.
    #[schemars(length(max = MAX_VALIDATORS))]
    pub proofs: Vec<StateProof>,
}

/// The words of the validators of the block at `height`, or of the newest.
///
/// # Errors
/// A height that is not there, or whose validators or state are forgotten, and a store that cannot be read.
pub(crate) fn stage_proofs(
    view: &dyn ChainView,
    hash: &BuildHash,
    height: Option<Height>,
) -> Result<StageProofs, ReadError> {
    let head = view.head()?.at.height;
    let height = height.unwrap_or(head);
    if height > head {
        return kept(view, height, None);
    }
    let state = state_of(view);
    let set = staking::queries::validator_set(&state, height.epoch(epoch_length(&state)));
    let validators = kept(view, height, Some(set.validators).filter(|validators| !validators.is_empty()))?;
    let prove = |account| kept(view, height, view.proof(&stage_key(hash, account), height)?);
    let proofs = validators.iter().map(|validator| prove(&validator.account)).collect::<Result<_, _>>()?;
    Ok(StageProofs { height, proofs })
}
