//! Who was there in an epoch, for how long, and what proposers brought.

use crate::Bits;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Epoch, List};
use serde::{Deserialize, Serialize};
use staking::{Certificate, MAX_VALIDATORS, ValidatorSet};

/// What an epoch has come to so far.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attendance {
    /// The epoch.
    pub epoch: Epoch,
    /// Who of its candidates is paid, by place; fixed when it began.
    pub paid: Bits,
    /// How long it has lasted, in milliseconds.
    #[codec(compact)]
    pub ms: u64,
    /// What each of its candidates did, by place.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<CandidatePresence>", length(max = MAX_VALIDATORS)))]
    pub places: List<CandidatePresence, MAX_VALIDATORS>,
}

/// What one validator did in an epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CandidatePresence {
    /// For how long it was there, in milliseconds.
    #[codec(compact)]
    pub present_ms: u64,
    /// How much time it is credited for as a proposer, in milliseconds.
    #[codec(compact)]
    pub led_ms: u64,
}

impl Attendance {
    /// That of an epoch which begins, with so many candidates.
    pub(crate) fn begin(epoch: Epoch, paid: Bits, candidates: usize) -> Self {
        let places = List::truncate_from(vec![CandidatePresence::default(); candidates]);
        Self { epoch, paid, ms: 0, places }
    }

    /// Counts one block.
    pub(crate) fn credit(&mut self, present: Bits, ms: u64, leader: Option<u8>, led_ms: u64) {
        self.ms = self.ms.saturating_add(ms);
        for (place, done) in self.places.iter_mut().enumerate() {
            if present.has(place) {
                done.present_ms = done.present_ms.saturating_add(ms);
            }
            if leader.is_some_and(|leader| usize::from(leader) == place) {
                done.led_ms = done.led_ms.saturating_add(led_ms);
            }
        }
    }
}

/// Who of some candidates is among the signers of a certificate, which stand in the order of the accounts.
pub(crate) fn present(candidates: &ValidatorSet, certificate: &Certificate) -> Bits {
    let signed = |who: &AccountId| certificate.signatures.binary_search_by(|(signer, _)| signer.cmp(who)).is_ok();
    candidates.validators.iter().map(|candidate| signed(&candidate.account)).collect()
}

/// How much of so many milliseconds a proposer is credited for what it brought: its part of the power beyond two thirds of those who decide
/// that could have been brought.
pub(crate) fn led_ms(deciding: &ValidatorSet, certificate: &Certificate, ms: u64) -> u64 {
    let power = |who: &AccountId| deciding.power_of(who).unwrap_or_default();
    let have: Amount = certificate.signatures.iter().map(|(signer, _)| power(signer)).sum();
    let total = u128::from(deciding.total_power().0);
    let beyond = u128::from(have.0).saturating_mul(3).saturating_sub(total.saturating_mul(2)).min(total);
    let credited = u128::from(ms).saturating_mul(beyond).checked_div(total).unwrap_or(0);
    u64::try_from(credited).unwrap_or(u64::MAX)
}
