//! A header with everything that shows it was decided.

use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, ChainId, Digest, Fraction, Height, List};
use runtime::{Certificate, CertificateError, Header};
use serde::{Deserialize, Serialize};
use staking::ValidatorSet;

/// A header, the precommits that decided it, and the validators whose they are.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedHeader {
    /// What was decided.
    pub header: Header,
    /// Who decided it.
    pub certificate: Certificate,
    /// The set whose hash the header names.
    pub validators: ValidatorSet,
}

/// Why a header is not shown to be decided by the validators it names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Another network's.
    #[error("the header of height {height} is of network {:?}, not of {:?}", .found.as_str(), .expected.as_str())]
    ForeignChain {
        /// The header's height.
        height: Height,
        /// Its network.
        found: ChainId,
        /// The verifier's.
        expected: ChainId,
    },
    /// The validators brought along are not those the header commits to.
    #[error("the validator set brought with height {height} is {found}, and its header names {expected}")]
    OtherValidators {
        /// The header's height.
        height: Height,
        /// The hash of the set brought along.
        found: Digest,
        /// The hash in the header.
        expected: Digest,
    },
    /// The certificate decides another block.
    #[error("the certificate brought with height {0} is for another block")]
    OtherBlock(Height),
    /// The certificate does not verify.
    #[error("the certificate of height {height} does not verify: {error}")]
    Certificate {
        /// The header's height.
        height: Height,
        /// Why.
        error: CertificateError,
    },
}

impl SignedHeader {
    /// The number of the block.
    pub fn height(&self) -> Height {
        self.header.height
    }

    /// Shows that the validators the header names decided it on this network. Says nothing yet about whether to trust
    /// those validators.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self, chain_id: &ChainId) -> Result<(), HeaderError> {
        let height = self.height();
        if self.header.chain_id != *chain_id {
            let (found, expected) = (self.header.chain_id.clone(), chain_id.clone());
            return Err(HeaderError::ForeignChain { height, found, expected });
        }
        let (found, expected) = (self.validators.hash(), self.header.validators_hash);
        if found != expected {
            return Err(HeaderError::OtherValidators { height, found, expected });
        }
        if (self.certificate.height, self.certificate.block) != (height, self.header.hash()) {
            return Err(HeaderError::OtherBlock(height));
        }
        let verified = self.certificate.verify(chain_id, &self.validators);
        verified.map_err(|error| HeaderError::Certificate { height, error })
    }

    /// The same with no more precommits than needed, the strongest validators' first: a certificate of a large set becomes a
    /// third shorter.
    pub fn trimmed(mut self) -> Self {
        let total = self.validators.total_power();
        let mut needed = Vec::new();
        let mut have = Amount::ZERO;
        for validator in &self.validators.validators {
            if Fraction::TWO_THIRDS.is_exceeded(have, total) {
                break;
            }
            let signature = self.certificate.signatures.iter().find(|(account, _)| *account == validator.account);
            if let Some(signature) = signature {
                have = have.saturating_add(validator.power);
                needed.push(*signature);
            }
        }
        self.certificate.signatures = List::truncate_from(needed);
        self
    }

    /// The power, in another set, of the validators that signed this header.
    pub(crate) fn signed_power_in(&self, trusted: &ValidatorSet) -> Amount {
        self.certificate.signatures.iter().filter_map(|(account, _)| trusted.power_of(account)).sum()
    }
}
