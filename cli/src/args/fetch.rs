//! `contract gov fetch-release`.

use clap::Args;
use primitives::{BuildHash, PublicKey, Signature};
use std::path::PathBuf;

/// A release that is to be fetched, and where from.
#[derive(Debug, Clone, Args)]
pub struct FetchRelease {
    /// The BLAKE3 of the build
    #[arg(long, value_name = "BLAKE3")]
    pub hash: BuildHash,
    /// A release signer that must have signed it; each with its --signature, in the same order
    #[arg(long = "signer", value_name = "KEY")]
    pub signers: Vec<PublicKey>,
    /// That signer's signature over `release:<hash>`, or over `release:<hash>:<platform>`
    #[arg(long = "signature", value_name = "HEX")]
    pub signatures: Vec<Signature>,
    /// Where the file is to lie [default: downloads/HASH.bin; with --install, `artifacts` in the home]
    #[arg(long, value_name = "PATH")]
    pub dest: Option<PathBuf>,
    /// Install it in the home that --home names, so that the node's next start runs it
    #[arg(long)]
    pub install: bool,
    /// A mirror that has HASH.bin, beside those of TB_RELEASE_SOURCE_URL and of the home's configuration; repeat it for more
    #[arg(long = "source", value_name = "URL")]
    pub sources: Vec<String>,
    /// A node's overlay address that is asked too, such as 192.0.2.7:26603, beside those that the home's configuration and node know
    #[arg(long = "peer", value_name = "ADDRESS")]
    pub peers: Vec<String>,
    /// Ask mirrors only, and no peers
    #[arg(long, conflicts_with = "peers")]
    pub no_peers: bool,
    /// Install a release that is older than one that was installed here before, when chain state still lets it run
    #[arg(long, requires = "install")]
    pub allow_rollback: bool,
    /// Install a build that failed on this machine before
    #[arg(long, requires = "install")]
    pub retry_bad: bool,
}
