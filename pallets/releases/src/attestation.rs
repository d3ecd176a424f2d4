//! When the signatures of a release are enough.

use crate::{Attestations, Error, Roster};
use primitives::{BuildHash, PublicKey};
use std::collections::BTreeSet;

/// Every signature must be valid, by a roster key, and each key may sign once (T13: keys are compared as bytes). Returns how
/// many there are.
pub(crate) fn count(build_hash: BuildHash, signatures: &Attestations, signers: &[PublicKey]) -> Result<u32, Error> {
    let message = build_hash.attestation_message();
    let mut seen = BTreeSet::new();
    for attestation in signatures {
        let signer = attestation.signer;
        if !signers.contains(&signer) {
            return Err(Error::UnknownSigner(signer));
        }
        if !seen.insert(signer) {
            return Err(Error::DuplicateSigner(signer));
        }
        if !signer.verify(&message, &attestation.signature) {
            return Err(Error::BadSignature { signer, build_hash });
        }
    }
    Ok(u32::try_from(seen.len()).unwrap_or(u32::MAX))
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
