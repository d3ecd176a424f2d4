//! `contract release`.

use super::Send;
use super::keys::PassphraseArgs;
use clap::{Args, Subcommand};
use primitives::{BuildHash, Digest, Text};
use std::path::PathBuf;

/// The commands on builds; only `attest` needs a node.
#[derive(Debug, Subcommand)]
pub enum ReleaseArgs {
    /// Print the BLAKE3 (equals b3sum), SHA-256, size and platform of a build
    Hash {
        /// The executable
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Sign a build as a release signer: prints the signer and the signature over `release:<hash>`
    Sign {
        /// The BLAKE3 of the build
        #[arg(long, value_name = "BLAKE3")]
        hash: BuildHash,
        /// The release signer's key file
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Where its passphrase comes from.
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Write a build into a folder as mirrors serve it: HASH.bin, and beside it the hash tree that lets every part be verified
    Publish {
        /// The executable
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The folder; that of a node's releases/artifacts lets the node give it to others
        #[arg(long, value_name = "DIR")]
        dest: PathBuf,
    },
    /// Put on record that one built the same bytes from source; any account can, also while the release is voted on
    Attest(Box<Send<Attest>>),
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
