//! An approval as chain state proves it, for tests.

use super::authorize::Approval;
use super::release_file::host_platform;
use primitives::{BuildHash, Epoch, ProposalId, SecretKey, Timestamp};
use releases::{
    ApprovedRelease, Attestations, AttestedTarget, LongParts, Manifest, MinimumSequence, ReleaseAttestation,
    SignedRoot, SigningDomain, Standing, Target,
};
use runtime::testing::examples;
use std::time::Duration;

/// The approved build.
pub const HASH: BuildHash = BuildHash([0xcd; 32]);

/// The signer of a seed; 1 and 2 have signed.
pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

/// The network of all approvals here.
pub fn domain() -> SigningDomain {
    let chain_id = "the-block-test".parse().expect("it is short");
    SigningDomain { chain_id, first_platform: host_platform() }
}

/// Signatures of some signers, by their seeds.
pub fn signatures(by: &[u8], message: &[u8]) -> Attestations {
    let sign = |seed: &u8| ReleaseAttestation { signer: key(*seed).public(), signature: key(*seed).sign(message) };
    by.iter().map(sign).collect::<Vec<_>>().try_into().expect("they are not too many")
}

/// Release number `sequence`, signed by two of the three signers it needs two of, proven under a block of `time`.
pub fn approval(sequence: u64, time: Timestamp) -> Approval {
    approval_of(HASH, sequence, time)
}

/// As [`approval`], of any build.
pub fn approval_of(build_hash: BuildHash, sequence: u64, time: Timestamp) -> Approval {
    let release = ApprovedRelease {
        build_hash,
        proposal_id: None,
        proposer: None,
        activated_epoch: Epoch(3),
        activated: None,
        sequence,
        level: 1,
        standing: Standing::Active,
        target: Target { build_hash, platform: host_platform(), sha256: None, size: None },
        manifest: Manifest::default(),
        signatures: signatures(&[1, 2], &build_hash.attestation_message()),
        signature_threshold: 2,
        signer_set: vec![key(1).public(), key(2).public(), key(3).public()].try_into().expect("three are not too many"),
        long_parts: LongParts::default(),
        support_end: None,
        amended: None,
    };
    Approval {
        release: Some(release),
        minimum_sequence: MinimumSequence::default(),
        epoch: Epoch(9),
        time,
        unchanged_for: Duration::ZERO,
    }
}

/// Release 5 as [`approval`] has it, of which everything is said, and signed by the same two.
pub fn described() -> ApprovedRelease {
    let platform = host_platform();
    let other = Target { build_hash: BuildHash([0xce; 32]), platform: platform.clone(), sha256: None, size: Some(9) };
    let other_targets = vec![AttestedTarget { target: other, signatures: Attestations::default() }];
    let other_targets = other_targets.try_into().expect("one is not too many");
    let manifest = Manifest { other_targets, signed_root: None, ..examples::manifest() };
    let root = manifest.root(HASH, &platform);
    let signed_root = Some(SignedRoot { root, signatures: signatures(&[1, 2], &domain().manifest_message(&root)) });
    let release = approval(5, Timestamp(0)).release.expect("it is approved");
    ApprovedRelease {
        proposal_id: Some(ProposalId(4)),
        target: manifest.first_target(HASH, &platform),
        long_parts: manifest.long_parts(HASH, &platform),
        manifest: Manifest { signed_root, ..manifest }.brief(),
        ..release
    }
}
