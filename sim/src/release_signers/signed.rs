//! What keys sign: builds and rosters.

use super::setting::Setting;
use primitives::{BuildHash, List, PublicKey, SecretKey};
use releases::{Attestations, Manifest, ReleaseAttestation, ReleaseVote, Roster, RosterApproval, RosterChange};
use runtime::Motion;

/// The vote on a build, under a roster, with the signatures of these keys.
pub(super) fn release(setting: &Setting, roster: &Roster, build_hash: BuildHash, by: &[SecretKey]) -> ReleaseVote {
    let platform = setting.platform.clone();
    ReleaseVote {
        build_hash,
        signatures: attested(setting, build_hash, by),
        platform,
        signature_threshold: roster.threshold,
        signer_set: roster.signers.clone(),
        manifest: Manifest::default(),
        sealed: None,
    }
}

/// The signatures of these keys over a build.
pub(super) fn attested(setting: &Setting, build_hash: BuildHash, by: &[SecretKey]) -> Attestations {
    let message = setting.domain.attestation_message(&build_hash, &setting.platform);
    let attest = |key: &SecretKey| ReleaseAttestation { signer: key.public(), signature: key.sign(&message) };
    List::truncate_from(by.iter().map(attest).collect())
}

/// The motion to have another roster, approved by these keys.
pub(super) fn rotation(setting: &Setting, roster: Roster, by: &[SecretKey]) -> Motion {
    let message = roster.approval_message(&setting.domain.chain_id);
    let approve = |key: &SecretKey| RosterApproval { signer: key.public(), signature: key.sign(&message) };
    let approvals = List::truncate_from(by.iter().map(approve).collect());
    Motion::Releases(releases::Motion::SetRoster(Box::new(RosterChange { roster, approvals })))
}

/// The public halves, in order.
pub(super) fn public(keys: &[SecretKey]) -> Vec<PublicKey> {
    keys.iter().map(SecretKey::public).collect()
}
