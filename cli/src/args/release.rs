//! `contract release`.

use super::Send;
use super::description::DescribedBuild;
use super::keys::PassphraseArgs;
use clap::{Args, Subcommand};
use primitives::{BuildHash, Digest, PublicKey, Signature, Text};
use releases::Platform;
use std::path::PathBuf;
use update::release_file::typed_platform;

/// The commands on builds; only `attest` needs a node, and `manifest` where no --home is named.
#[derive(Debug, Subcommand)]
pub enum ReleaseArgs {
    /// Print the BLAKE3 (equals b3sum), SHA-256, size and platform of a build
    Hash {
        /// The executable
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print what release signers sign about a build, as JSON to keep in a file: its hash, its platform and all that is said of it
    Manifest(Box<ManifestArgs>),
    /// Sign a build as a release signer: prints the signer and the signature over `release:<hash>`, and with a manifest the one
    /// over its root
    Sign {
        /// The BLAKE3 of the build; may be left out when --manifest names it
        #[arg(long, value_name = "BLAKE3", required_unless_present = "manifest")]
        hash: Option<BuildHash>,
        /// What the build runs on, when that is another platform than the network's first: then `release:<hash>:<platform>` is
        /// signed
        #[arg(long, value_name = "PLATFORM", conflicts_with = "manifest", value_parser = typed_platform)]
        platform: Option<Platform>,
        /// What is said about the build, as `contract release manifest` prints it
        #[arg(long, value_name = "FILE")]
        manifest: Option<PathBuf>,
        /// The release signer's key file
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Where its passphrase comes from.
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Check signatures of release signers over a manifest, and the build against it, before they are proposed
    Verify(Box<VerifyArgs>),
    /// Write a build into a folder as mirrors serve it: HASH.bin, and beside it the hash tree that lets every part be verified
    Publish {
        /// The executable
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The folder; `artifacts` in a node's home lets the node give it to others
        #[arg(long, value_name = "DIR")]
        dest: PathBuf,
    },
    /// Put on record that one built the same bytes from source; any account can, also while the release is voted on
    Attest(Box<Send<Attest>>),
}

/// What release signers are asked to sign.
#[derive(Debug, Clone, Args)]
pub struct ManifestArgs {
    /// The release.json of a release folder: all that it says is said
    #[arg(long, value_name = "FILE")]
    pub release: Option<PathBuf>,
    /// A manifest as JSON, such as `contract gov proposal ID --json` has it, instead of the options that describe the release: for
    /// what has none, such as further builds
    #[arg(long, value_name = "FILE", conflicts_with = "release")]
    pub said: Option<PathBuf>,
    /// The build, and what is said of it.
    #[command(flatten)]
    pub build: DescribedBuild,
}

/// Signatures to check.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// What was signed, as `contract release manifest` prints it
    #[arg(long, value_name = "FILE")]
    pub manifest: PathBuf,
    /// The build itself, which has to be what the manifest says
    #[arg(long, value_name = "FILE")]
    pub artifact: Option<PathBuf>,
    /// A release signer; repeat it, each with its --signature and its --manifest-signature in the same order
    #[arg(long = "signer", value_name = "HEX")]
    pub signers: Vec<PublicKey>,
    /// That signer's signature over the build
    #[arg(long = "signature", value_name = "HEX")]
    pub signatures: Vec<Signature>,
    /// That signer's signature over the manifest
    #[arg(long = "manifest-signature", value_name = "HEX")]
    pub manifest_signatures: Vec<Signature>,
}

/// A build that was made again from source.
#[derive(Debug, Clone, Args)]
pub struct Attest {
    /// The executable that was rebuilt; its hash is what is attested
    #[arg(long, value_name = "FILE")]
    pub rebuilt: PathBuf,
    /// The BLAKE3 of the release; when the rebuilt file has another, nothing is sent
    #[arg(long, value_name = "BLAKE3")]
    pub hash: Option<BuildHash>,
    /// The commit it was built from
    #[arg(long, value_name = "COMMIT")]
    pub source_commit: Option<Text<64>>,
    /// The BUILD_SOURCE_HASH that is compiled in
    #[arg(long, value_name = "HEX")]
    pub source_hash: Option<Digest>,
}
