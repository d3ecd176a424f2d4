//! The operator's own rule about releases, whatever the chain thinks of them: it is kept before one is proposed.

use crate::failure::{Failure, failed, usage};
use crate::session::Session;
use host::provenance::TrustedSigners;
use primitives::BuildHash;
use releases::{Attestations, Platform};
use runtime::{Call, Motion};

/// Refuses to propose a release that the provenance signers of this operator did not all sign. Other calls are not judged.
///
/// # Errors
/// A signature that is missing or not valid, and signers that are configured and cannot be read.
pub fn require(session: &Session, call: &Call) -> Result<(), Failure> {
    let Call::Governance(governance::Call::Propose { motion: Motion::Releases(motion), .. }) = call else {
        return Ok(());
    };
    let releases::Motion::Approve(vote) = motion else { return Ok(()) };
    vote.attested()
        .try_for_each(|(target, signatures)| require_signed(session, target.build_hash, &target.platform, signatures))
}

/// Refuses a build that the provenance signers of this operator did not all sign.
///
/// # Errors
/// As [`require`].
pub fn require_signed(
    session: &Session,
    build_hash: BuildHash,
    platform: &Platform,
    signatures: &Attestations,
) -> Result<(), Failure> {
    let trusted = TrustedSigners::from_env(&session.home()).map_err(usage)?;
    let signatures: Vec<_> = signatures.iter().map(|pair| (pair.signer, pair.signature)).collect();
    trusted.check(build_hash, platform.as_str(), &signatures).map_err(failed)
}
