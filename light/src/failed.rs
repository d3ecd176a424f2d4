//! How much of the stake says that a build failed, as state under a verified header has it.

use parity_scale_codec::DecodeAll;
use primitives::{Amount, BuildHash, StateRoot};
use releases::StageReport;
use releases::queries::stage_key;
use staking::ValidatorSet;
use state::{ProofError, StateProof, tree::printable};

/// What the validators of a block come to about a build: all their power, and how much of it says that the build failed (T20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedStake {
    /// The power of those on whose nodes it failed, by their latest word.
    pub failed: Amount,
    /// The power of all, also of those who said nothing.
    pub total: Amount,
}

/// Why proofs do not show it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    /// Not one proof for each validator.
    #[error("there are {have} proofs, and the block was decided by {need} validators")]
    Incomplete {
        /// The proofs.
        have: u64,
        /// The validators.
        need: u64,
    },
    /// A proof of another key than the validator's, in the order of the set.
    #[error("a proof is about {found}, and {expected} is asked for")]
    OtherKey {
        /// The key it proves.
        found: String,
        /// The key that is needed.
        expected: String,
    },
    /// What is claimed is not in state.
    #[error("what is claimed is not in state: {0}")]
    Proof(#[from] ProofError),
    /// The value is proven and unknown here.
    #[error("a word of a validator cannot be read by this version: {0}; use a newer build")]
    Value(String),
}

impl FailedStake {
    /// Counts the words of the validators of a block on a build, each shown by its own proof, in the order of the set, under the
    /// state root of the block. That one said nothing is proven too, so that nobody can leave out a word.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn shown(
        root: StateRoot,
        validators: &ValidatorSet,
        build: &BuildHash,
        proofs: &[StateProof],
    ) -> Result<Self, NotShown> {
        let (have, need) = (proofs.len() as u64, validators.validators.len() as u64);
        if have != need {
            return Err(NotShown::Incomplete { have, need });
        }
        let mut shown = Self { failed: Amount::ZERO, total: validators.total_power() };
        for (validator, proof) in validators.validators.iter().zip(proofs) {
            let key = stage_key(build, &validator.account);
            if proof.key.as_slice() != key.as_slice() {
                return Err(NotShown::OtherKey { found: printable(&proof.key), expected: printable(&key) });
            }
            proof.verify(root)?;
            let Some(mut said) = proof.value.as_deref() else { continue };
            let report = StageReport::decode_all(&mut said).map_err(|error| NotShown::Value(error.to_string()))?;
            if report.stage.name().is_failure() {
                shown.failed = shown.failed.saturating_add(validator.power);
            }
        }
        Ok(shown)
    }
}
