//! A set of validators: who they are, with how much, in which order, and what a header commits to.

use crate::MAX_VALIDATORS;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Digest, List};
use serde::{Deserialize, Serialize};

/// One member of a validator set.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Validator {
    /// The account, which is its consensus key.
    pub account: AccountId,
    /// Its share in decisions: the stake bonded to it.
    pub power: Amount,
}

/// Who decides blocks in an epoch: by power, the strongest first; accounts in order where power is equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ValidatorSet {
    /// The members.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Validator>", length(max = MAX_VALIDATORS)))]
    pub validators: List<Validator, MAX_VALIDATORS>,
}

impl ValidatorSet {
    /// The strongest `most` of some validators, in the order of a set.
    pub fn strongest(mut validators: Vec<Validator>, most: u32) -> Self {
        validators.sort_by(|a, b| b.power.cmp(&a.power).then(a.account.cmp(&b.account)));
        validators.truncate(most.min(MAX_VALIDATORS) as usize);
        Self { validators: List::truncate_from(validators) }
    }

    /// One validator alone.
    pub fn of_one(validator: Validator) -> Self {
        Self { validators: List::truncate_from(vec![validator]) }
    }

    /// The power of all members together.
    pub fn total_power(&self) -> Amount {
        self.validators.iter().map(|validator| validator.power).sum()
    }

    /// The power of one member.
    pub fn power_of(&self, who: &AccountId) -> Option<Amount> {
        self.validators.iter().find(|validator| validator.account == *who).map(|validator| validator.power)
    }

    /// Whether an account is the only member.
    pub fn is_alone(&self, who: &AccountId) -> bool {
        matches!(self.validators.as_slice(), [only] if only.account == *who)
    }

    /// Whether an account is a member beside others, who stay when it leaves.
    pub(crate) fn can_lose(&self, who: &AccountId) -> bool {
        self.power_of(who).is_some() && !self.is_alone(who)
    }

    /// What a header commits to: the BLAKE3 of the SCALE encoding.
    pub fn hash(&self) -> Digest {
        Digest::blake3(&self.encode())
    }
}
