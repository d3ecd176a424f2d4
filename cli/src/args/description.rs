//! What can be said about a release, by `contract release manifest` and by `contract gov propose-release`.

use super::values::word;
use clap::Args;
use primitives::{BuildHash, Digest, Epoch, List, Text, typed_number, typed_number32};
use releases::{Components, Manifest, Platform, ReleaseClass, Severity};
use std::path::PathBuf;
use update::release_file::typed_platform;

/// A build, by its hash or by its file, and everything that is said about it.
#[derive(Debug, Clone, Args)]
pub struct DescribedBuild {
    /// The BLAKE3 of the build; may be left out when a file names it
    #[arg(long, value_name = "BLAKE3")]
    pub hash: Option<BuildHash>,
    /// The build itself: its hash, SHA-256, size, platform and level are read from it
    #[arg(long, value_name = "FILE")]
    pub artifact: Option<PathBuf>,
    /// What the build runs on, such as x86_64-linux; without it, what --artifact runs on, else this machine's platform
    #[arg(long, value_name = "PLATFORM", value_parser = typed_platform)]
    pub platform: Option<Platform>,
    /// What the release is made of.
    #[command(flatten)]
    pub description: ReleaseDescription,
}

/// What a release is made of; all of it optional, and approved together with the hash.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Description of the release")]
pub struct ReleaseDescription {
    /// A version such as 1.4.0
    #[arg(long)]
    pub version: Option<Text<64>>,
    /// How much changes
    #[arg(long, default_value = "minor", value_parser = word::<ReleaseClass>())]
    pub class: ReleaseClass,
    /// How urgent it is to upgrade
    #[arg(long, default_value = "low", value_parser = word::<Severity>())]
    pub severity: Severity,
    /// The SHA-256 of the build
    #[arg(long, value_name = "SHA256")]
    pub sha256: Option<Digest>,
    /// The size of the build in bytes
    #[arg(long, value_name = "BYTES", value_parser = typed_number)]
    pub size: Option<u64>,
    /// The commit it was built from
    #[arg(long, value_name = "COMMIT")]
    pub source_commit: Option<Text<64>>,
    /// The BUILD_SOURCE_HASH that is compiled in; nodes compare it with their own
    #[arg(long, value_name = "HEX")]
    pub source_hash: Option<Digest>,
    /// The digest of the vendored dependencies
    #[arg(long, value_name = "HEX")]
    pub vendor_hash: Option<Digest>,
    /// The digest of the dependency snapshot
    #[arg(long, value_name = "HEX")]
    pub dependency_snapshot: Option<Digest>,
    /// The digest of the bill of materials
    #[arg(long, value_name = "HEX")]
    pub sbom: Option<Digest>,
    /// The digest of the provenance statement
    #[arg(long, value_name = "HEX")]
    pub provenance: Option<Digest>,
    /// What runs its tasks, such as tokio
    #[arg(long, value_name = "NAME")]
    pub runtime_backend: Option<Text<64>>,
    /// What carries its messages, such as libp2p
    #[arg(long, value_name = "NAME")]
    pub transport_backend: Option<Text<64>>,
    /// What keeps its state, such as rocksdb
    #[arg(long, value_name = "NAME")]
    pub storage_backend: Option<Text<64>>,
    /// The level of the network's software that the build knows, as its --self-check says; without it, what --artifact says
    #[arg(long, value_name = "LEVEL", value_parser = typed_number32)]
    pub level: Option<u32>,
    /// The BLAKE3 of the supervisor that this release expects
    #[arg(long, value_name = "BLAKE3")]
    pub updater_hash: Option<BuildHash>,
    /// The epoch from which the release is no longer installed; to stop what runs, see propose-end-of-support
    #[arg(long, value_name = "EPOCH")]
    pub end_of_support: Option<Epoch>,
    /// A file of notes for operators, at most 16 KiB
    #[arg(long, value_name = "FILE")]
    pub notes: Option<PathBuf>,
}

impl ReleaseDescription {
    /// The manifest without what stands in files: the notes are not read.
    pub fn manifest(&self) -> Manifest {
        let said = self.clone();
        Manifest {
            version: said.version,
            class: said.class,
            severity: said.severity,
            sha256: said.sha256,
            size: said.size,
            other_targets: List::default(),
            source_commit: said.source_commit,
            source_hash: said.source_hash,
            vendor_tree_hash: said.vendor_hash,
            dependency_snapshot_hash: said.dependency_snapshot,
            sbom_hash: said.sbom,
            provenance_hash: said.provenance,
            components: Components {
                runtime: said.runtime_backend,
                transport: said.transport_backend,
                storage: said.storage_backend,
            },
            level: said.level,
            updater_hash: said.updater_hash,
            end_of_support_epoch: said.end_of_support,
            notes: None,
            signed_root: None,
        }
    }

    /// Whether anything is said.
    pub fn says_anything(&self) -> bool {
        self.notes.is_some() || !self.manifest().is_bare()
    }
}
