//! What a release is made of and what it is for. Governance approves these words together with the hash.

use crate::{Attestations, Platform, ReleaseVote, SignedRoot, attestation};
use parity_scale_codec::{Decode, Encode};
use primitives::{BuildHash, Digest, Epoch, List, PublicKey, ReleaseClass, Text};
use serde::{Deserialize, Serialize};

/// The description of a release; everything is optional, because a hash, its platform and its signatures alone can be proposed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Manifest {
    /// A version such as `1.4.0`.
    pub version: Option<Text<64>>,
    /// How much changes.
    pub class: ReleaseClass,
    /// How urgent it is to upgrade.
    pub severity: Severity,
    /// The SHA-256 of the first target.
    pub sha256: Option<Digest>,
    /// The size of the first target, in bytes.
    pub size: Option<u64>,
    /// The same release built for other platforms.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AttestedTarget>", length(max = 8)))]
    pub other_targets: List<AttestedTarget, 8>,
    /// The commit the release was built from.
    pub source_commit: Option<Text<64>>,
    /// `BUILD_SOURCE_HASH`: the digest that `build.rs` compiles in; a node checks its own against it.
    pub source_hash: Option<Digest>,
    /// The digest of the vendored dependencies.
    pub vendor_tree_hash: Option<Digest>,
    /// The digest of the dependency snapshot.
    pub dependency_snapshot_hash: Option<Digest>,
    /// The digest of the bill of materials.
    pub sbom_hash: Option<Digest>,
    /// The digest of the provenance statement.
    pub provenance_hash: Option<Digest>,
    /// What the release is built on, so that a change of it is seen before it is voted on.
    pub components: Components,
    /// The level of the network's software that the release knows: what it says at its self-check. A node that knows another does not
    /// boot. Where it is left out, the release counts as of the level that is in force when it is approved.
    pub level: Option<u32>,
    /// The build of the supervisor that this release expects; a node warns when another one started it (T29).
    pub updater_hash: Option<BuildHash>,
    /// The epoch from which the release is no longer installed. What runs goes on: to stop that is a decision of its own.
    pub end_of_support_epoch: Option<Epoch>,
    /// Notes for operators, at most 16 KiB.
    pub notes: Option<Text<16384>>,
    /// What signers signed about all of this. It is needed as soon as anything is said here.
    pub signed_root: Option<SignedRoot>,
}

/// Which runtime, transport and storage backend a release runs, by name, such as `tokio`, `libp2p` and `rocksdb`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Components {
    /// What runs its tasks.
    pub runtime: Option<Text<64>>,
    /// What carries its messages.
    pub transport: Option<Text<64>>,
    /// What keeps its state.
    pub storage: Option<Text<64>>,
}

/// How urgent it is to upgrade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// When convenient.
    #[default]
    Low,
    /// Soon.
    Medium,
    /// At once when possible.
    High,
    /// At once.
    Critical,
}

/// One build of a release.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The BLAKE3 of the executable.
    pub build_hash: BuildHash,
    /// What it runs on.
    pub platform: Platform,
    /// Its SHA-256.
    #[serde(default)]
    pub sha256: Option<Digest>,
    /// Its size in bytes.
    #[serde(default)]
    pub size: Option<u64>,
}

/// A further build of a release, with its own signatures: a signer vouches for bytes, not for a name.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AttestedTarget {
    /// The build.
    pub target: Target,
    /// Signatures over it. Where an approved release is amended there are none: those that approved it are on record.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::ReleaseAttestation>", length(max = crate::MAX_SIGNERS)))]
    pub signatures: Attestations,
}

/// A value in one line of [`Manifest::provenance`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestValue {
    /// A commit, a digest or a number, which says something only as a whole.
    Exact(String),
    /// Names, each with what it is the name of; at least one.
    Named(Vec<(&'static str, String)>),
}

impl Manifest {
    /// Where the release comes from and what it is built on, line by line as readers are told; what it does not say has no
    /// value.
    pub fn provenance(&self) -> Vec<(&'static str, Option<ManifestValue>)> {
        let exact = |digest: Option<Digest>| digest.map(|digest| ManifestValue::Exact(digest.to_string()));
        vec![
            ("Source commit", self.source_commit.as_ref().map(|commit| ManifestValue::Exact(commit.to_string()))),
            ("Source hash", exact(self.source_hash)),
            ("Vendor tree", exact(self.vendor_tree_hash)),
            ("Dependencies", exact(self.dependency_snapshot_hash)),
            ("SBOM", exact(self.sbom_hash)),
            ("Provenance", exact(self.provenance_hash)),
            ("Built on", self.components.named()),
            ("Level", self.level.map(|level| ManifestValue::Exact(level.to_string()))),
            ("Supervisor", self.updater_hash.map(|hash| ManifestValue::Exact(hash.to_string()))),
        ]
    }

    /// The leaves of its [root](Self::root) that are made of what is short, in their order: of each field its name and its value.
    pub(crate) fn leaves(&self) -> [Vec<u8>; 15] {
        // Nothing is left out that is not named here: a new field has to be a leaf, and what is long is one in another form.
        let Self {
            version,
            class,
            severity,
            sha256,
            size,
            other_targets: _,
            source_commit,
            source_hash,
            vendor_tree_hash,
            dependency_snapshot_hash,
            sbom_hash,
            provenance_hash,
            components,
            level,
            updater_hash,
            end_of_support_epoch,
            notes: _,
            signed_root: _,
        } = self;
        [
            ("version", version).encode(),
            ("class", class).encode(),
            ("severity", severity).encode(),
            ("sha256", sha256).encode(),
            ("size", size).encode(),
            ("source_commit", source_commit).encode(),
            ("source_hash", source_hash).encode(),
            ("vendor_tree_hash", vendor_tree_hash).encode(),
            ("dependency_snapshot_hash", dependency_snapshot_hash).encode(),
            ("sbom_hash", sbom_hash).encode(),
            ("provenance_hash", provenance_hash).encode(),
            ("components", components).encode(),
            ("level", level).encode(),
            ("updater_hash", updater_hash).encode(),
            ("end_of_support_epoch", end_of_support_epoch).encode(),
        ]
    }

    /// The part that stays with each approved build: everything short. Notes and further targets are read from the proposal.
    pub fn brief(&self) -> Self {
        Self { notes: None, other_targets: List::default(), ..self.clone() }
    }

    /// The build that a release with this manifest is named after.
    pub fn first_target(&self, build_hash: BuildHash, platform: &Platform) -> Target {
        Target { build_hash, platform: platform.clone(), sha256: self.sha256, size: self.size }
    }

    /// Every build of a release with this manifest, the one it is named after first.
    pub fn targets(&self, build_hash: BuildHash, platform: &Platform) -> impl Iterator<Item = Target> {
        let others = self.other_targets.iter().map(|other| other.target.clone());
        std::iter::once(self.first_target(build_hash, platform)).chain(others)
    }

    /// How many signatures it brings: over further builds, and over all it says.
    pub(crate) fn signatures(&self) -> u32 {
        let over_builds = self.other_targets.iter().map(|other| &other.signatures);
        let over_all = self.signed_root.iter().map(|signed| &signed.signatures);
        over_builds.chain(over_all).map(|signatures| attestation::number(signatures.len())).sum()
    }

    /// The same with those signatures over all it says that are by these keys.
    pub(crate) fn counted(&self, signing: &[PublicKey]) -> Self {
        let mut counted = self.clone();
        if let Some(signed) = &mut counted.signed_root {
            signed.signatures = attestation::counted(&signed.signatures, signing);
        }
        counted
    }
}

impl Components {
    /// Those that are named.
    fn named(&self) -> Option<ManifestValue> {
        let Self { runtime, transport, storage } = self;
        let all = [("runtime", runtime), ("transport", transport), ("storage", storage)];
        let named = all.into_iter().filter_map(|(what, name)| Some((what, name.as_ref()?.to_string())));
        Some(named.collect::<Vec<_>>()).filter(|named| !named.is_empty()).map(ManifestValue::Named)
    }
}

impl ReleaseVote {
    /// The build the proposal is named after.
    pub fn first_target(&self) -> Target {
        self.manifest.first_target(self.build_hash, &self.platform)
    }

    /// Every build with its signatures, the first one first.
    pub fn attested(&self) -> impl Iterator<Item = (Target, &Attestations)> {
        let others = self.manifest.other_targets.iter().map(|other| (other.target.clone(), &other.signatures));
        std::iter::once((self.first_target(), &self.signatures)).chain(others)
    }

    /// Every build.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        self.manifest.targets(self.build_hash, &self.platform)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Everything that can be said about a release of one build, and signed by nobody.
    pub(crate) fn example() -> Manifest {
        Manifest {
            version: Text::new("1.4.0"),
            sha256: Some(Digest([1; 32])),
            size: Some(60_000_000),
            source_commit: Text::new("c0ffee"),
            source_hash: Some(Digest([2; 32])),
            vendor_tree_hash: Some(Digest([3; 32])),
            dependency_snapshot_hash: Some(Digest([4; 32])),
            sbom_hash: Some(Digest([5; 32])),
            provenance_hash: Some(Digest([6; 32])),
            components: Components { storage: Text::new("rocksdb"), ..Components::default() },
            level: Some(1),
            updater_hash: Some(BuildHash([7; 32])),
            end_of_support_epoch: Some(Epoch(90)),
            notes: Text::new("Repairs the stall of epoch 12."),
            ..Manifest::default()
        }
    }

    /// Its leaves that are short, as anybody encodes them who has the documentation.
    pub(crate) fn documented() -> [Vec<u8>; 15] {
        [
            ("version", Some("1.4.0")).encode(),
            ("class", 1u8).encode(),
            ("severity", 0u8).encode(),
            ("sha256", Some([1u8; 32])).encode(),
            ("size", Some(60_000_000u64)).encode(),
            ("source_commit", Some("c0ffee")).encode(),
            ("source_hash", Some([2u8; 32])).encode(),
            ("vendor_tree_hash", Some([3u8; 32])).encode(),
            ("dependency_snapshot_hash", Some([4u8; 32])).encode(),
            ("sbom_hash", Some([5u8; 32])).encode(),
            ("provenance_hash", Some([6u8; 32])).encode(),
            ("components", (None::<&str>, None::<&str>, Some("rocksdb"))).encode(),
            ("level", Some(1u32)).encode(),
            ("updater_hash", Some([7u8; 32])).encode(),
            ("end_of_support_epoch", Some(90u64)).encode(),
        ]
    }

    #[test]
    fn short_fields_are_leaves_as_documented() {
        assert_eq!(example().leaves(), documented());
    }
}
