//! The root of a manifest: one digest that stands for everything that is said about a release (T4).
//!
//! It is the RFC 6962 root of these leaves, in this order: each field that is short ([`Manifest::leaves`]), as the SCALE encoding of
//! its name and its value; the notes, as that of `notes` and their SHA-256; each target, as that of `target` and the SHA-256 of its
//! SCALE encoding. So an approved build, whose record has the digests of what is long and not the rest, gives the root as well.

use crate::{ApprovedRelease, Attestations, MAX_REVOKED, Manifest, Platform, ReleaseVote, Target};
use parity_scale_codec::{Decode, Encode};
use primitives::{BuildHash, Digest, List, PublicKey, merkle_root};
use serde::{Deserialize, Serialize};

/// What release signers signed about a manifest as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedRoot {
    /// The root that they signed: see [`Manifest::root`].
    pub root: Digest,
    /// Their signatures over [`manifest_message`](crate::manifest_message).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::ReleaseAttestation>", length(max = crate::MAX_SIGNERS)))]
    pub signatures: Attestations,
}

/// The SHA-256 of each part of a manifest that stays with the proposal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LongParts {
    /// Of the SCALE encoding of each target of the release, the first one first; none for a build of genesis.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Digest>", length(max = MAX_REVOKED)))]
    pub targets: List<Digest, MAX_REVOKED>,
    /// Of the notes, where there are any.
    pub notes: Option<Digest>,
}

impl Manifest {
    /// Whether it says no more than the hash and the platform of a build, for which signatures over the build are enough.
    pub fn is_bare(&self) -> bool {
        *self == Self { signed_root: self.signed_root.clone(), ..Self::default() }
    }

    /// The root of what it says about a release that is named after a build for a platform. Whose signatures it brings is no part
    /// of it.
    pub fn root(&self, build_hash: BuildHash, platform: &Platform) -> Digest {
        self.root_beside(&self.long_parts(build_hash, platform))
    }

    /// The digests of what an approved build leaves to the proposal.
    pub fn long_parts(&self, build_hash: BuildHash, platform: &Platform) -> LongParts {
        let targets = self.targets(build_hash, platform).map(|target| target.digest());
        let notes = self.notes.as_ref().map(|notes| Digest::sha256(notes.as_str().as_bytes()));
        LongParts { targets: List::truncate_from(targets.collect()), notes }
    }

    /// How many of these keys signed what it says; none when it says nothing and nobody signed it.
    pub fn signed_by(&self, signing: &[PublicKey]) -> Option<u32> {
        match &self.signed_root {
            Some(signed) => Some(crate::attestation::count(&signed.signatures, signing)),
            None if self.is_bare() => None,
            None => Some(0),
        }
    }

    /// The root, with the digests of what is long in the place of that.
    fn root_beside(&self, long: &LongParts) -> Digest {
        let notes = ("notes", &long.notes).encode();
        let targets = long.targets.iter().map(|target| ("target", target).encode());
        merkle_root(self.leaves().into_iter().chain([notes]).chain(targets))
    }
}

impl Target {
    /// What stands for it in a root.
    fn digest(&self) -> Digest {
        Digest::sha256(&self.encode())
    }
}

impl ReleaseVote {
    /// The root of its manifest.
    pub fn manifest_root(&self) -> Digest {
        self.manifest.root(self.build_hash, &self.platform)
    }
}

impl ApprovedRelease {
    /// The root of its manifest as this record has it; none when that is not brief, so that something stands there which no root
    /// has, when the record is about another build than its target, or when its target is none of the release.
    pub fn manifest_root(&self) -> Option<Digest> {
        let is_brief = self.manifest.notes.is_none() && self.manifest.other_targets.is_empty();
        let is_its_own = self.target.build_hash == self.build_hash;
        let is_of_the_release = self.long_parts.targets.contains(&self.target.digest());
        (is_brief && is_its_own && is_of_the_release).then(|| self.manifest.root_beside(&self.long_parts))
    }
}
