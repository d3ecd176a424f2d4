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
    /// The most bytes that one has when it is encoded: height, round, block, and how many signatures follow, each with its account.
    pub const MOST_ENCODED: u32 = 8 + 4 + 32 + 2 + MAX_VALIDATORS * (32 + 64);

    /// Proves that `validators`, the set of its height, decided its block.
    ///
    /// # Errors
    /// The first signature that is wrong, or too little power.
    pub fn verify(&self, chain_id: &ChainId, validators: &ValidatorSet) -> Result<(), CertificateError> {
        let payload = self.signed_bytes(chain_id);
        self.require_quorum(validators, |account, signature| account.key().verify(&payload, signature)).map(drop)
    }

    /// What each of its signers signed.
    pub fn signed_bytes(&self, chain_id: &ChainId) -> Vec<u8> {
        vote_payload(chain_id, VoteKind::Precommit, self.height, self.round, Some(self.block))
    }

    /// The precommits of members of `validators`, in the order of the accounts and each once.
    pub fn of_members(mut self, validators: &ValidatorSet) -> Self {
        let is_member = |(account, _): &(AccountId, Signature)| validators.power_of(account).is_some();
        let mut signatures: Vec<_> = self.signatures.into_iter().filter(is_member).collect();
        signatures.sort_unstable();
        signatures.dedup_by_key(|(account, _)| *account);
        self.signatures = List::truncate_from(signatures);
        self
    }

    /// The power of its signers, which are members of `validators`, each once, and have more than two thirds of it; whether they signed
    /// is asked.
    ///
    /// # Errors
    /// The first signature that is wrong, or too little power.
    pub fn require_quorum(
        &self,
        validators: &ValidatorSet,
        is_signed: impl Fn(&AccountId, &Signature) -> bool,
    ) -> Result<Amount, CertificateError> {
        let mut seen = BTreeSet::new();
        let mut have = Amount::ZERO;
        for (account, signature) in &self.signatures {
            let power = validators.power_of(account).ok_or(CertificateError::NotInSet(*account))?;
            if !seen.insert(account) {
                return Err(CertificateError::Twice(*account));
            }
            if !is_signed(account, signature) {
                return Err(CertificateError::BadSignature(*account));
            }
            have = have.saturating_add(power);
        }
        let total = validators.total_power();
        if Fraction::TWO_THIRDS.is_exceeded(have, total) {
            Ok(have)
        } else {
            Err(CertificateError::TooLittlePower { have, total })
        }
    }
}
