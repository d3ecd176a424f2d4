//! What can be proposed besides a release and a roster.

use clap::Args;
use primitives::{BuildHash, Epoch, ProposalId, PublicKey, Signature, typed_number};
use releases::Reason;
use std::path::PathBuf;

/// Builds to take out of use.
#[derive(Debug, Clone, Args)]
pub struct Revoke {
    /// The BLAKE3 of the build; repeat it for the other targets of the release
    #[arg(long = "hash", value_name = "BLAKE3", required = true)]
    pub hashes: Vec<BuildHash>,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}

/// The least release that may run.
#[derive(Debug, Clone, Args)]
pub struct Minimum {
    /// The least sequence number that may run
    #[arg(long, value_name = "N", value_parser = typed_number)]
    pub sequence: u64,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}

/// The end of support of a release.
#[derive(Debug, Clone, Args)]
pub struct EndOfSupport {
    /// The BLAKE3 of a build of the release
    #[arg(long, value_name = "BLAKE3")]
    pub hash: BuildHash,
    /// The epoch from which it no longer boots if a later release has taken its place, and is no longer installed if none has;
    /// to put an end off, --track routine is enough
    #[arg(long, value_name = "EPOCH")]
    pub epoch: Epoch,
}

/// What is right about an approved release.
#[derive(Debug, Clone, Args)]
pub struct Amend {
    /// All that is said from then on, as `contract release manifest` prints it
    #[arg(long, value_name = "FILE")]
    pub manifest: PathBuf,
    /// The BLAKE3 of the build; the manifest has to name the same
    #[arg(long, value_name = "BLAKE3")]
    pub hash: Option<BuildHash>,
    /// A release signer's signature over the manifest; repeat it, one for each --signer in order
    #[arg(long = "manifest-signature", value_name = "HEX")]
    pub manifest_signatures: Vec<Signature>,
    /// The key of the signer of the --manifest-signature in the same place
    #[arg(long = "signer", value_name = "HEX")]
    pub signers: Vec<PublicKey>,
}

/// A decision to stop before it is carried out.
#[derive(Debug, Clone, Args)]
pub struct Cancel {
    /// The number of the proposal to stop
    #[arg(long)]
    pub id: ProposalId,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}
