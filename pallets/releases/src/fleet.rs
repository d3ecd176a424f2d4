//! What each node says that it runs and knows, so that nothing changes before those who decide blocks are ready for it (ROLLOUTS 12.1).
//!
//! A node says all of it at once, as EIP-7910 has nodes answer: no word is about what it said before. It says so on chain and signed, in
//! its own name, beside the receipts of its installs. What comes of it, others judge.

use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, BuildHash, Digest, Epoch, Fraction, Name};
use serde::{Deserialize, Serialize};
use staking::{Validator, ValidatorSet};

/// What a node runs and knows, in its own words. Of gates, bit `n` stands for the gate of number `n`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Advertisement {
    /// The channel that its operator believes releases come from.
    pub channel: Name,
    /// The gates that are on, as it sees them.
    pub gates: u64,
    /// The gates that its build knows.
    pub known: u64,
    /// The gates whose part on this node its operator declines, whether they are on or not.
    pub held: u64,
    /// The BLAKE3 of the bundle that it has.
    pub bundle: Digest,
    /// The build that it runs.
    pub build: BuildHash,
}

/// What an account said last, and in which epoch.
pub type Advertised = (Epoch, Advertisement);

/// How much of the power of some validators advertised what is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FleetShare {
    /// The power of those who did.
    pub power: Amount,
    /// The power of all.
    pub total: Amount,
    /// Those who did not, the strongest first, whether they said something else or nothing.
    pub drifting: Vec<AccountId>,
}

impl FleetShare {
    /// Of a set, the share of those of whom `fits` is true.
    pub(crate) fn of(set: &ValidatorSet, mut fits: impl FnMut(&AccountId) -> bool) -> Self {
        let (fitting, drifting): (Vec<&Validator>, Vec<&Validator>) =
            set.validators.iter().partition(|member| fits(&member.account));
        Self {
            power: fitting.iter().map(|member| member.power).sum(),
            total: set.total_power(),
            drifting: drifting.iter().map(|member| member.account).collect(),
        }
    }

    /// Whether it is as much as a share of the whole. A share of nobody is never met, also where nothing is needed.
    pub fn is_met(&self, share: Fraction) -> bool {
        self.total > Amount::ZERO && share.is_met(self.power, self.total)
    }

    /// Whether it is more than a share of the whole.
    pub fn is_exceeded(&self, share: Fraction) -> bool {
        share.is_exceeded(self.power, self.total)
    }
}
