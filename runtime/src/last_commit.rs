//! The precommits for the parent that a block brings while presence is paid for (ROLLOUTS 3.2). They differ from node to node, and those
//! of the block count.

use crate::{BlockError, Certificate, Context};
use flags::{Gate, Gates};
use primitives::{BlockHash, Height};
use rayon::prelude::*;
use staking::CertificateError;
use state::State;

/// Why the precommits that a block brings for its parent, or that it brings none, are wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LastCommitError {
    /// There are none, and presence is paid for.
    #[error("it has none of the precommits for the block before, and presence is paid for")]
    Missing,
    /// There are some, and nobody is paid for them, or nobody decided the block before.
    #[error(
        "it has precommits for the block before, and none belong into it: presence is not paid for, or it is the first block"
    )]
    Unasked,
    /// They are for another block.
    #[error("its precommits are for block {block} of height {height}, which is not the one before")]
    Elsewhere {
        /// Which block.
        block: BlockHash,
        /// The height for which they say so.
        height: Height,
    },
    /// They are not in the order of the accounts.
    #[error("its precommits for the block before are not in the order of the accounts, each once")]
    Unsorted,
    /// They decide nothing.
    #[error("its precommits for the block before do not decide that: {0}")]
    Undecided(#[from] CertificateError),
}

/// Whether the block of a height brings the precommits for its parent, in the state that it stands on: exactly while presence is paid
/// for, to anybody. Nobody decided genesis, so the first block never does.
pub fn is_last_commit_due(state: &State, height: Height) -> bool {
    height > Height(1) && Gates::of(state).is_on(Gate::TimetokeRewards)
}

/// Refuses what stands on this state and does not bring what it has to, all but the signatures.
pub(crate) fn require(state: &State, context: &Context, epoch_length: u64) -> Result<(), LastCommitError> {
    let brought = match (&context.last_commit, is_last_commit_due(state, context.height)) {
        (None, false) => return Ok(()),
        (None, true) => return Err(LastCommitError::Missing),
        (Some(_), false) => return Err(LastCommitError::Unasked),
        (Some(brought), true) => brought,
    };
    let Certificate { height, block, signatures, .. } = brought;
    if (height.next(), *block) != (context.height, context.parent) {
        return Err(LastCommitError::Elsewhere { block: *block, height: *height });
    }
    if !signatures.is_sorted_by(|(before, _), (after, _)| before < after) {
        return Err(LastCommitError::Unsorted);
    }
    let validators = staking::queries::validator_set(state, height.epoch(epoch_length));
    brought.require_quorum(&validators, |_, _| true)?;
    Ok(())
}

/// Verifies the signatures, on all cores.
pub(crate) fn check_signatures(context: &Context) -> Result<(), BlockError> {
    let Some(brought) = &context.last_commit else { return Ok(()) };
    let bytes = brought.signed_bytes(&context.chain_id);
    let wrong = brought
        .signatures
        .as_slice()
        .par_iter()
        .find_first(|(account, signature)| !account.key().verify(&bytes, signature));
    match wrong {
        None => Ok(()),
        Some((account, _)) => Err(LastCommitError::from(CertificateError::BadSignature(*account)).into()),
    }
}
