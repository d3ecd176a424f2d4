//! The proof that a block was decided: precommits of more than two thirds of the power.

use crate::{MAX_VALIDATORS, ValidatorSet};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, BlockHash, ChainId, Fraction, Height, List, Signature, VoteKind, vote_payload};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The precommits that decided a block; verifiable with nothing but the validator set.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Certificate {
    /// The block's height.
    pub height: Height,
    /// The round it was decided in.
    pub round: u32,
    /// The block.
    pub block: BlockHash,
    /// Who precommitted, each once.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(AccountId, Signature)>", length(max = MAX_VALIDATORS)))]
    pub signatures: List<(AccountId, Signature), MAX_VALIDATORS>,
}

/// Why a certificate proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// A signature by an account outside the set.
    #[error("{0} is not in the validator set")]
    NotInSet(AccountId),
    /// Two signatures by one account.
    #[error("{0} appears twice")]
    Twice(AccountId),
    /// A signature that is not valid.
    #[error("the signature of {0} is not valid")]
    BadSignature(AccountId),
    /// Not more than two thirds.
    #[error("it carries {have} of {total} power, and more than two thirds is needed")]
    TooLittlePower {
        /// The power of its signers.
        have: Amount,
        /// The power of the set.
        total: Amount,
    },
}

impl Certificate {
    /// Proves that `validators`, the set of its height, decided its block.
    ///
    /// # Errors
    /// The first signature that is wrong, or too little power.
    pub fn verify(&self, chain_id: &ChainId, validators: &ValidatorSet) -> Result<(), CertificateError> {
        let payload = vote_payload(chain_id, VoteKind::Precommit, self.height, self.round, Some(self.block));
        let mut seen = BTreeSet::new();
        let mut have = Amount::ZERO;
        for (account, signature) in &self.signatures {
            let power = validators.power_of(account).ok_or(CertificateError::NotInSet(*account))?;
            if !seen.insert(account) {
                return Err(CertificateError::Twice(*account));
            }
            if !account.key().verify(&payload, signature) {
                return Err(CertificateError::BadSignature(*account));
            }
            have = have.saturating_add(power);
        }
        let total = validators.total_power();
        if Fraction::TWO_THIRDS.is_exceeded(have, total) {
            Ok(())
        } else {
            Err(CertificateError::TooLittlePower { have, total })
        }
    }
}
