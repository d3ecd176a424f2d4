//! Which signatures count, for releases and for changes of the roster, and when they are enough.

use crate::{
    ApprovedRelease, Attestations, Error, MAX_SIGNERS, Manifest, Motion, ReleaseVote, RosterChange, RosterRecord,
    SignedRoot, SigningDomain, Target,
};
use governance::Shortfall;
use primitives::{BuildHash, Digest, Epoch, List, Moment, PublicKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The signatures that count for a proposal, against those it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignatureCount {
    /// How many count: of a release, those of the build that has the fewest, or those over all that is said of it where they are
    /// fewer; of another roster, the approvals by the old or by the new one, whichever has fewer to spare.
    pub have: u32,
    /// How many are needed.
    pub need: u32,
}

/// The roster that a proposal was made under: whose signatures count for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUnder {
    /// The roster, and who left it.
    pub record: RosterRecord,
    /// The epoch in which another took its place, if one has.
    pub replaced: Option<Epoch>,
}

impl SignedUnder {
    /// Finds it for what was made at a moment, among all rosters, the latest first; none when even the first came later.
    pub fn find(latest_first: impl IntoIterator<Item = RosterRecord>, made: Moment) -> Option<Self> {
        let mut replaced = None;
        for record in latest_first {
            match record.since {
                // In its own block, a roster is the current one before the transactions.
                Some(since) if since.height > made.height => replaced = Some(since.epoch),
                _ => return Some(Self { record, replaced }),
            }
        }
        None
    }

    /// Whether another took its place before voting ends at the start of an epoch, which voids what was made under it.
    pub(crate) fn is_void(&self, voting_ends: Epoch) -> bool {
        self.replaced.is_some_and(|epoch| epoch < voting_ends)
    }
}

/// Whose signatures count for a release, of the keys of the roster that its proposal was made under.
pub(crate) struct Counting {
    /// Those that had not left when voting ended.
    seen: List<PublicKey, MAX_SIGNERS>,
    /// Those that had not left when it was made. They count for what a seal hides: nobody sees whose signatures those are when
    /// voting ends, so that no departure since takes one away.
    hidden: List<PublicKey, MAX_SIGNERS>,
}

impl Counting {
    /// For what was proposed in an epoch, and whose voting ends at the start of another.
    pub fn of(record: &RosterRecord, made: Epoch, voting_ends: Epoch) -> Self {
        Self { seen: record.signing(voting_ends), hidden: record.signing(made) }
    }

    /// The keys that count for one of its builds.
    pub fn over(&self, vote: &ReleaseVote, build_hash: BuildHash) -> &[PublicKey] {
        if build_hash == vote.build_hash { &self.seen } else { self.over_all(vote) }
    }

    /// The keys that count for all that is said of it.
    pub fn over_all(&self, vote: &ReleaseVote) -> &[PublicKey] {
        if vote.sealed.is_some() { &self.hidden } else { &self.seen }
    }

    /// Each of its builds, and what is said of it, must be signed by as many of them as it asks for.
    pub fn require_signed(&self, vote: &ReleaseVote) -> Result<(), Error> {
        let need = vote.signature_threshold;
        require_quorums(vote.build_hash, &vote.manifest, self.over_all(vote), need)?;
        require(count(&vote.signatures, &self.seen), need)
    }
}

impl Motion {
    /// The signatures that count for it when voting ends at the start of an epoch: those of keys that have not left by then.
    /// None for motions that bring no signatures. Of an amendment, what any needs: its release may need more ([`Motion::lacks`]).
    pub fn signature_count(&self, under: &SignedUnder, voting_ends: Epoch) -> Option<SignatureCount> {
        let signing = under.record.signing(voting_ends);
        let (have, need) = match self {
            Motion::Approve(vote) => (vote.signed_by(&signing), vote.signature_threshold),
            Motion::SetRoster(change) => {
                let remaining = under.record.without_departed(&change.roster.signers, voting_ends);
                let old = (change.approved_by(&signing), under.record.roster.threshold);
                let new = (change.approved_by(&remaining), change.roster.threshold);
                let spare = |(have, need): (u32, u32)| i64::from(have).saturating_sub(need.into());
                if spare(new) < spare(old) { new } else { old }
            }
            Motion::Amend { manifest, .. } => {
                (manifest.signed_by(&signing).unwrap_or(0), under.record.roster.threshold)
            }
            Motion::Revoke { .. } | Motion::RaiseMinimumSequence { .. } | Motion::EndSupport { .. } => return None,
        };
        Some(SignatureCount { have, need })
    }

    /// What it lacks of signatures when voting ends at the start of an epoch. A rotation before that voids it, because it was
    /// made for other signers; a departure leaves it good while the others are enough (T24).
    pub fn shortfall(&self, under: &SignedUnder, voting_ends: Epoch) -> Option<Shortfall> {
        let SignatureCount { have, need } = self.signature_count(under, voting_ends)?;
        if under.is_void(voting_ends) {
            Some(Shortfall::Signers)
        } else {
            (have < need).then_some(Shortfall::Signatures)
        }
    }
}

impl ReleaseVote {
    /// How many signatures of these keys it brings, for the build that has the fewest, or over all it says where they are fewer.
    /// Of a sealed release only the build is counted that it is named after, because nobody sees the rest.
    pub fn signed_by(&self, signing: &[PublicKey]) -> u32 {
        let over_first = count(&self.signatures, signing);
        if self.sealed.is_some() {
            return over_first;
        }
        let over_builds = self.attested().map(|(_, signatures)| count(signatures, signing));
        over_builds.chain(self.manifest.signed_by(signing)).min().unwrap_or(over_first)
    }
}

impl ApprovedRelease {
    /// Whose signatures over its manifest count, and how many of them it needs.
    pub fn manifest_quorum(&self) -> (&[PublicKey], u32) {
        match &self.amended {
            Some(amended) => (&amended.signer_set, amended.signature_threshold),
            None => (&self.signer_set, self.signature_threshold),
        }
    }
}

impl RosterChange {
    /// How many of these keys approve it.
    pub fn approved_by(&self, signing: &[PublicKey]) -> u32 {
        number(signing.iter().filter(|key| self.approvals.iter().any(|approval| approval.signer == **key)).count())
    }
}

/// Every signature must be by a key of `signers`.
pub(crate) fn require_known(signatures: &Attestations, signers: &[PublicKey]) -> Result<(), Error> {
    match signatures.iter().find(|attestation| !signers.contains(&attestation.signer)) {
        Some(unknown) => Err(Error::UnknownSigner(unknown.signer)),
        None => Ok(()),
    }
}

/// Every signature over a build must be valid, and each key may sign once.
pub(crate) fn require_valid(domain: &SigningDomain, target: &Target, signatures: &Attestations) -> Result<(), Error> {
    let (build_hash, platform) = (target.build_hash, &target.platform);
    let Some(signer) = invalid(signatures, &domain.attestation_message(&build_hash, platform))? else { return Ok(()) };
    Err(if *platform == domain.first_platform {
        Error::BadSignature { signer, build_hash }
    } else {
        Error::BadSignatureFor { signer, build_hash, platform: platform.clone() }
    })
}

/// Every signature over the root of what is said about a build must be valid, and each key may sign once.
pub(crate) fn require_valid_root(
    domain: &SigningDomain,
    build_hash: BuildHash,
    signed: &SignedRoot,
) -> Result<(), Error> {
    match invalid(&signed.signatures, &domain.manifest_message(&signed.root))? {
        Some(signer) => Err(Error::BadManifestSignature { signer, build_hash }),
        None => Ok(()),
    }
}

/// Whose signature is the first that is not valid, if one is. That a key stands there twice is found before the first signature
/// is verified (T13: keys are compared as bytes).
fn invalid(signatures: &Attestations, message: &[u8]) -> Result<Option<PublicKey>, Error> {
    let mut seen = BTreeSet::new();
    if let Some(again) = signatures.iter().find(|attestation| !seen.insert(attestation.signer)) {
        return Err(Error::DuplicateSigner(again.signer));
    }
    let bad = signatures.iter().find(|attestation| !attestation.signer.verify(message, &attestation.signature));
    Ok(bad.map(|attestation| attestation.signer))
}

/// What is said about a build must be what was signed, and not a part of another release (T4).
pub(crate) fn require_root(build_hash: BuildHash, manifest: &Manifest, found: Digest) -> Result<(), Error> {
    match manifest.signed_root.as_ref().map(|signed| signed.root) {
        Some(signed) if signed != found => Err(Error::ManifestMixed { build_hash, signed, found }),
        _ => Ok(()),
    }
}

/// What is said about a build must be signed by as many of these keys as are needed.
pub(crate) fn require_said(
    build_hash: BuildHash,
    manifest: &Manifest,
    signing: &[PublicKey],
    need: u32,
) -> Result<(), Error> {
    match manifest.signed_by(signing) {
        Some(have) if have < need => Err(Error::ManifestQuorumMissing { build_hash, have, need }),
        _ => Ok(()),
    }
}

/// What is said about a build, and each further build that it names, must be signed by as many of these keys as are needed.
pub(crate) fn require_quorums(
    build_hash: BuildHash,
    manifest: &Manifest,
    signing: &[PublicKey],
    need: u32,
) -> Result<(), Error> {
    require_said(build_hash, manifest, signing, need)?;
    manifest.other_targets.iter().try_for_each(|other| require(count(&other.signatures, signing), need))
}

/// Refuses fewer signatures than the threshold.
pub(crate) fn require(have: u32, need: u32) -> Result<(), Error> {
    if have < need { Err(Error::QuorumMissing { have, need }) } else { Ok(()) }
}

/// The signatures of these keys.
pub(crate) fn counted(signatures: &Attestations, signing: &[PublicKey]) -> Attestations {
    let mut counted = signatures.clone();
    counted.retain(|attestation| signing.contains(&attestation.signer));
    counted
}

/// How many signatures are of these keys.
pub(crate) fn count(signatures: &Attestations, signing: &[PublicKey]) -> u32 {
    number(signatures.iter().filter(|attestation| signing.contains(&attestation.signer)).count())
}

/// How many that are, as signatures are counted.
pub(crate) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
