//! `contract release`.

use super::keys::Passphrase;
use clap::Subcommand;
use primitives::BuildHash;
use std::path::PathBuf;

/// The commands on builds; none needs a node.
#[derive(Debug, Subcommand)]
pub enum Release {
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
        passphrase: Passphrase,
    },
}
