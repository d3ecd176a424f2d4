//! Calls and motions in short, as tests ask for them.
#![expect(missing_docs, reason = "each is named after the call or the motion that it gives")]

use super::{examples, platform, signer, validator};
use crate::{Call, Genesis, Motion};
use governance::{Choice, Intervention, TrackName};
use primitives::{
    AccountId, Amount, BuildHash, ChainId, Digest, Epoch, List, Name, ProposalId, Reason, SecretKey, Signature, Text,
};
use releases::{Advertisement, ApprovedRelease, Attestations, InstallStage, Manifest, Platform, ReleaseAttestation};
use releases::{ReleaseVote, Roster, RosterApproval, RosterChange, SignedRoot, manifest_message};
use roles::{RoleKey, Seat};
use staking::Offence;

pub fn transfer(to: AccountId, amount: u64) -> Call {
    Call::Accounts(accounts::Call::Transfer { to, amount: Amount(amount) })
}

/// An account says what it is called, and where more stands. What does not fit is left out.
pub fn describe(name: &str, link: &str) -> Call {
    let (name, link) = (Text::new(name).unwrap_or_default(), Text::new(link).unwrap_or_default());
    Call::Accounts(accounts::Call::Describe(accounts::Description { name, link }))
}

pub fn bond(amount: u64) -> Call {
    Call::Staking(staking::Call::Bond { amount: Amount(amount) })
}

pub fn delegate(validator: AccountId, amount: u64) -> Call {
    Call::Staking(staking::Call::Delegate { validator, amount: Amount(amount) })
}

pub fn unbond(validator: AccountId, amount: u64) -> Call {
    Call::Staking(staking::Call::Unbond { validator, amount: Amount(amount) })
}

/// Anybody proves what a validator did.
pub fn evidence(offence: Offence) -> Call {
    Call::Staking(staking::Call::Evidence(Box::new(offence)))
}

pub fn set_commission(millionths: u32) -> Call {
    Call::Staking(staking::Call::SetCommission { millionths })
}

pub fn fund(amount: u64) -> Call {
    Call::Rewards(rewards::Call::Fund { amount: Amount(amount) })
}

pub fn collect(validator: AccountId) -> Call {
    Call::Rewards(rewards::Call::Collect { validator })
}

/// An account becomes a witness with a key that it shows to have, on a network of this name.
pub fn register_witness(chain_id: &ChainId, who: AccountId, name: Name, key: &SecretKey) -> Call {
    let proof = key.sign(&witnesses::witness_key_proof(chain_id, &who));
    Call::Witnesses(witnesses::Call::Register { name, key: key.public(), proof })
}

pub fn retire_witness() -> Call {
    Call::Witnesses(witnesses::Call::Retire)
}

/// A witness vouches for the checkpoint of an epoch.
pub fn cosign(epoch: Epoch, timestamp: u64, signature: Signature) -> Call {
    Call::Witnesses(witnesses::Call::Cosign { epoch, timestamp, signature })
}

pub fn unjail() -> Call {
    Call::Staking(staking::Call::Unjail)
}

/// A proposal of a release on the routine track, with its shortest window and delay.
pub fn propose(vote: ReleaseVote) -> Call {
    propose_on(TrackName::Routine, approve(vote))
}

/// A proposal on a track with its shortest window and delay.
pub fn propose_on(track: TrackName, motion: Motion) -> Call {
    propose_for(track, motion, None, None)
}

/// A proposal with its voting deadline and its delay; those that are none are the shortest of the track.
pub fn propose_for(
    track: TrackName,
    motion: Motion,
    vote_deadline_epoch: Option<Epoch>,
    activation_delay: Option<u64>,
) -> Call {
    Call::Governance(governance::Call::Propose { motion, track, vote_deadline_epoch, activation_delay })
}

pub fn vote(id: u64, choice: Choice, reason: Option<&str>) -> Call {
    let reason = reason.and_then(Reason::new);
    Call::Governance(governance::Call::Vote { proposal_id: ProposalId(id), choice, reason })
}

pub fn withdraw(id: u64) -> Call {
    Call::Governance(governance::Call::Withdraw { proposal_id: ProposalId(id) })
}

/// A node says that it has booted a build.
pub fn install(build_hash: BuildHash) -> Call {
    report(build_hash, InstallStage::Booted)
}

/// A node says how far a build has come on it.
pub fn report(build_hash: BuildHash, stage: InstallStage) -> Call {
    Call::Releases(releases::Call::RecordInstall { build_hash, stage })
}

/// A validator says that it holds a build.
pub fn hold(build_hash: BuildHash) -> Call {
    report(build_hash, InstallStage::Held)
}

/// What the first `validators` say of builds that are voted on: that they hold them. Two of the four of
/// [`genesis`](super::genesis) are enough for a release to pass, three for it to become the minimum.
pub fn held_by(validators: u8, builds: &[BuildHash]) -> Vec<(SecretKey, Call)> {
    builds.iter().flat_map(|build| (0..validators).map(move |index| (validator(index), hold(*build)))).collect()
}

pub fn attest_rebuild(build_hash: BuildHash, source_hash: Option<Digest>, source_commit: Option<Text<64>>) -> Call {
    Call::Releases(releases::Call::AttestRebuild { build_hash, source_hash, source_commit })
}

/// Anybody says what the sealed proposal of an account is about.
pub fn reveal(build_hash: BuildHash, proposer: AccountId, manifest: Manifest, salt: Digest) -> Call {
    Call::Releases(releases::Call::Reveal { build_hash, proposer, manifest: Box::new(manifest), salt })
}

/// A signer takes its own key out of a roster.
pub fn leave_roster(genesis: &Genesis, index: u8, version: u64) -> Call {
    leave_roster_with(&genesis.chain.chain_id, &signer(index), version)
}

/// The same by any key, on a network of this name.
pub fn leave_roster_with(chain_id: &ChainId, key: &SecretKey, version: u64) -> Call {
    let signature = key.sign(&releases::leave_message(chain_id, key.public(), version));
    Call::Releases(releases::Call::LeaveRoster { signer: key.public(), version, signature })
}

/// A node says what it runs and knows.
pub fn advertise(advertisement: Advertisement) -> Call {
    Call::Releases(releases::Call::Advertise(advertisement))
}

pub fn approve(vote: ReleaseVote) -> Motion {
    Motion::Releases(releases::Motion::Approve(Box::new(vote)))
}

/// What approves a hash, signed by the first `signers` of the roster.
pub fn release_vote(genesis: &Genesis, build_hash: BuildHash, signers: u8) -> ReleaseVote {
    release_vote_for(genesis, build_hash, platform(), signers)
}

/// The same for a platform.
pub fn release_vote_for(genesis: &Genesis, build_hash: BuildHash, platform: Platform, signers: u8) -> ReleaseVote {
    let by: Vec<u8> = (0..signers).collect();
    ReleaseVote {
        build_hash,
        signatures: attested(genesis, build_hash, &platform, &by),
        platform,
        signature_threshold: genesis.releases.roster.threshold,
        signer_set: genesis.releases.roster.signers.clone(),
        manifest: Manifest::default(),
        sealed: None,
    }
}

/// Signatures of some signers over a build.
pub fn attested(genesis: &Genesis, build_hash: BuildHash, platform: &Platform, by: &[u8]) -> Attestations {
    let message = match genesis.signing_domain() {
        Some(domain) => domain.attestation_message(&build_hash, platform),
        None => build_hash.attestation_message(),
    };
    signatures(by, &message)
}

fn signatures(by: &[u8], message: &[u8]) -> Attestations {
    let sign =
        |index: &u8| ReleaseAttestation { signer: signer(*index).public(), signature: signer(*index).sign(message) };
    List::truncate_from(by.iter().map(sign).collect())
}

/// The same vote with something said about the release, which some signers have signed.
pub fn described(genesis: &Genesis, vote: ReleaseVote, said: Manifest, by: &[u8]) -> ReleaseVote {
    let manifest = signed_manifest(genesis, (vote.build_hash, &vote.platform), said, by);
    ReleaseVote { manifest, ..vote }
}

/// What some signers have signed about a release that is named after a build for a platform.
pub fn signed_manifest(
    genesis: &Genesis,
    (build_hash, platform): (BuildHash, &Platform),
    said: Manifest,
    by: &[u8],
) -> Manifest {
    let root = said.root(build_hash, platform);
    let signatures = signatures(by, &manifest_message(&genesis.chain.chain_id, &root));
    Manifest { signed_root: Some(SignedRoot { root, signatures }), ..said }
}

/// To say something else about a release, by the record of the build it is named after; signed by some signers.
pub fn amend(genesis: &Genesis, release: &ApprovedRelease, said: Manifest, by: &[u8]) -> Motion {
    let (build_hash, platform) = (release.build_hash, &release.target.platform);
    let manifest = Box::new(signed_manifest(genesis, (build_hash, platform), said, by));
    Motion::Releases(releases::Motion::Amend { build_hash, manifest })
}

/// Why the motions below are proposed, where nobody asks.
pub const WHY: &str = "for a test";

/// To revoke builds.
pub fn revoke(hashes: &[BuildHash]) -> Motion {
    let (build_hashes, reason) = (List::truncate_from(hashes.to_vec()), examples::reason(WHY));
    Motion::Releases(releases::Motion::Revoke { build_hashes, reason })
}

/// To let no release below a number run.
pub fn raise_minimum(minimum: u64) -> Motion {
    Motion::Releases(releases::Motion::RaiseMinimumSequence { minimum, reason: examples::reason(WHY) })
}

pub fn end_support(build_hash: BuildHash, epoch: Epoch) -> Motion {
    Motion::Releases(releases::Motion::EndSupport { build_hash, epoch })
}

pub fn appoint(key: RoleKey, acting: Name, Seat { account, scopes }: Seat) -> Call {
    Call::Roles(roles::Call::Appoint { key, acting, account, scopes })
}

pub fn dismiss(key: RoleKey, acting: Name, account: AccountId) -> Call {
    Call::Roles(roles::Call::Dismiss { key, acting, account })
}

pub fn resign(key: RoleKey) -> Call {
    Call::Roles(roles::Call::Resign { key })
}

/// To let these alone have a role.
pub fn set_members(key: RoleKey, seats: Vec<Seat>) -> Motion {
    let (members, reason) = (List::truncate_from(seats), examples::reason(WHY));
    Motion::Roles(roles::Motion::SetMembers { key, members, reason })
}

/// To stop a proposal.
pub fn cancel(id: u64) -> Motion {
    Motion::Governance(Intervention::Cancel { proposal_id: ProposalId(id), reason: examples::reason(WHY) })
}

/// To replace the roster, approved by some signers.
pub fn set_roster(genesis: &Genesis, roster: Roster, approving: &[u8]) -> Motion {
    let message = roster.approval_message(&genesis.chain.chain_id);
    let approve =
        |index: &u8| RosterApproval { signer: signer(*index).public(), signature: signer(*index).sign(&message) };
    let approvals = List::truncate_from(approving.iter().map(approve).collect());
    Motion::Releases(releases::Motion::SetRoster(Box::new(RosterChange { roster, approvals })))
}

/// A roster of some signers.
pub fn roster(version: u64, signers: &[u8], threshold: u32) -> Roster {
    let keys = signers.iter().map(|index| signer(*index).public()).collect();
    Roster { version, signers: List::truncate_from(keys), threshold }
}
