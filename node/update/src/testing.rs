//! An approval as chain state proves it, for tests.

use super::authorize::Approval;
use super::release_file::host_platform;
use primitives::{BuildHash, Epoch, SecretKey, Timestamp};
use releases::{ApprovedRelease, Manifest, MinimumSequence, ReleaseAttestation, Standing, Target};
use std::time::Duration;

/// The approved build.
pub const HASH: BuildHash = BuildHash([0xcd; 32]);

/// The signer of a seed; 1 and 2 have signed.
pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

/// Release number `sequence`, signed by two of the three signers it needs two of, proven under a block of `time`.
pub fn approval(sequence: u64, time: Timestamp) -> Approval {
    approval_of(HASH, sequence, time)
}

/// As [`approval`], of any build.
pub fn approval_of(build_hash: BuildHash, sequence: u64, time: Timestamp) -> Approval {
    let signed = |seed: u8| ReleaseAttestation {
        signer: key(seed).public(),
        signature: key(seed).sign(&build_hash.attestation_message()),
    };
    let release = ApprovedRelease {
        build_hash,
        proposal_id: None,
        proposer: None,
        activated_epoch: Epoch(3),
        activated: None,
        sequence,
        standing: Standing::Active,
        target: Target { build_hash, platform: host_platform(), sha256: None, size: None },
        manifest: Manifest::default(),
        signatures: vec![signed(1), signed(2)].try_into().expect("two are not too many"),
        signature_threshold: 2,
        signer_set: vec![key(1).public(), key(2).public(), key(3).public()].try_into().expect("three are not too many"),
    };
    Approval {
        release: Some(release),
        minimum_sequence: MinimumSequence::default(),
        epoch: Epoch(9),
        time,
        unchanged_for: Duration::ZERO,
    }
}
