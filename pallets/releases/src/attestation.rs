//! When the signatures of a release are enough.

use crate::{Attestations, Error, Roster};
use primitives::{BuildHash, PublicKey};
use std::collections::BTreeSet;

/// Every signature must be valid, by a roster key, and each key may sign once. Returns how many there are.
pub(crate) fn count(build_hash: BuildHash, signatures: &Attestations, signers: &[PublicKey]) -> Result<u32, Error> {
    if let Some(stranger) = signatures.iter().find(|attestation| !signers.contains(&attestation.signer)) {
        return Err(Error::UnknownSigner(stranger.signer));
    }
    verify(build_hash, signatures)?;
    Ok(number(signatures))
}

/// Every signature must be valid, and each key may sign once (T13: keys are compared as bytes).
pub(crate) fn verify(build_hash: BuildHash, signatures: &Attestations) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    if let Some(again) = signatures.iter().find(|attestation| !seen.insert(attestation.signer)) {
        return Err(Error::DuplicateSigner(again.signer));
    }
    let message = build_hash.attestation_message();
    match signatures.iter().find(|attestation| !attestation.signer.verify(&message, &attestation.signature)) {
        Some(bad) => Err(Error::BadSignature { signer: bad.signer, build_hash }),
        None => Ok(()),
    }
}

/// How many signatures there are.
pub(crate) fn number(signatures: &Attestations) -> u32 {
    u32::try_from(signatures.len()).unwrap_or(u32::MAX)
}

/// Refuses fewer signatures than the threshold.
pub(crate) fn require(have: u32, need: u32) -> Result<(), Error> {
    if have < need { Err(Error::QuorumMissing { have, need }) } else { Ok(()) }
}

/// The signatures of keys that are still in the roster: a removed key's no longer count (T24).
pub(crate) fn remaining(signatures: &Attestations, roster: &Roster) -> Attestations {
    let mut remaining = signatures.clone();
    remaining.retain(|attestation| roster.signers.contains(&attestation.signer));
    remaining
}
