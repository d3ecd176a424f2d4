//! `contract gov`.

use super::calls::*;
use super::description::DescribedBuild;
use super::fetch::FetchRelease;
use super::motions::*;
use super::roster::RosterArgs;
use super::values::{page_size, word};
use super::{Propose, Send};
use clap::{Args, Subcommand};
use governance::Status;
use primitives::{AccountId, BuildHash, Epoch, Height, ProposalId, PublicKey, Signature, typed_number, typed_number32};
use std::path::PathBuf;

/// The commands on proposals and releases.
#[derive(Debug, Subcommand)]
pub enum GovArgs {
    /// Propose a signed build for approval
    ProposeRelease(Box<Propose<SignedBuild>>),
    /// Say what a sealed proposal is about, with the file that `propose-release --sealed` wrote
    Reveal(Send<Reveal>),
    /// The release signers
    #[command(flatten)]
    Roster(RosterArgs),
    /// Propose to take builds out of use
    ProposeRevoke(Box<Propose<Revoke>>),
    /// Propose that no release below a sequence number may run
    ProposeMinimum(Box<Propose<Minimum>>),
    /// Propose the epoch at which the support of a release ends
    ProposeEndOfSupport(Box<Propose<EndOfSupport>>),
    /// Propose to correct what is said about an approved release, as its signers have signed it
    ProposeAmend(Box<Propose<Amend>>),
    /// Propose to stop another proposal before it is carried out
    ProposeCancel(Box<Propose<Cancel>>),
    /// Vote yes
    ApproveRelease(Send<Approve>),
    /// Vote, or replace one's earlier vote
    Vote(Send<VoteArgs>),
    /// Take one's own open proposal back: for nothing until others vote, then for its deposit, and an expedited one no longer
    Withdraw(Send<Withdraw>),
    /// List the proposals, the latest first
    Proposals {
        /// Only those whose vote stands so; what was carried out is activated, whatever became of it since
        #[arg(long, value_parser = word::<Status>())]
        status: Option<Status>,
        /// Which part of the list.
        #[command(flatten)]
        page: Page,
    },
    /// Show one proposal: thresholds, who voted and why, who has not
    Proposal {
        /// Its number
        id: ProposalId,
        /// Follow it until it is activated, rejected, withdrawn or cancelled; on a terminal the count is redrawn in place,
        /// else every change is a line, with --json an object a line; ctrl-c exits with 130
        #[arg(long)]
        watch: bool,
    },
    /// Show the release signers and the thresholds
    Signers {
        /// Show every roster there ever was instead, the latest first
        #[arg(long)]
        history: bool,
        /// Which part of the history.
        #[command(flatten)]
        page: Page,
    },
    /// Fetch a release from mirrors and peers, verify every part of it, and install it when that is asked for
    FetchRelease(Box<FetchRelease>),
    /// Fetch the proof that a build is approved, for a node that boots without having caught up
    Ticket {
        /// The BLAKE3 of the build
        #[arg(long, value_name = "BLAKE3")]
        hash: BuildHash,
        /// The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Prove it to a node that trusts the block at this height, instead of genesis
        #[arg(long, value_name = "HEIGHT")]
        from: Option<Height>,
    },
    /// List the approved releases, the latest first
    Releases(ReleasesArgs),
    /// Show one release: its standing, its attestations, where it is installed
    Release {
        /// The BLAKE3 of the build
        #[arg(value_name = "BLAKE3")]
        hash: BuildHash,
    },
    /// Show the rules: tracks, staking, fees, bounds
    Params,
}

/// Which approved releases are listed.
#[derive(Debug, Clone, Args)]
pub struct ReleasesArgs {
    /// Only those proposed by this account
    #[arg(long, value_name = "ACCOUNT")]
    pub proposer: Option<AccountId>,
    /// Only those activated in this epoch or later
    #[arg(long, value_name = "EPOCH")]
    pub start_epoch: Option<Epoch>,
    /// Only those activated in this epoch or earlier
    #[arg(long, value_name = "EPOCH")]
    pub end_epoch: Option<Epoch>,
    /// Which part of the list.
    #[command(flatten)]
    pub page: Page,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, Args)]
pub struct Page {
    /// The page, from 0
    #[arg(long, value_name = "N", default_value = "0", value_parser = typed_number)]
    pub page: u64,
    /// Entries on a page
    #[arg(long, value_name = "N", default_value = "20", value_parser = page_size)]
    pub page_size: u32,
}

/// A signed build and everything that is said about it.
#[derive(Debug, Clone, Args)]
pub struct SignedBuild {
    /// All that is said about the build, as `contract release manifest` prints it, instead of the options that describe it
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// A release signer's signature over `release:<hash>`, as `contract release sign` prints it; repeat it, one for each
    /// --signer in order
    #[arg(long = "signature", value_name = "HEX")]
    pub signatures: Vec<Signature>,
    /// The key of the signer of the --signature in the same place
    #[arg(long = "signer", value_name = "HEX")]
    pub signers: Vec<PublicKey>,
    /// The same signer's signature over the manifest, which is needed to say more than hash and platform; repeat it, one for each
    /// --signer in order
    #[arg(long = "manifest-signature", value_name = "HEX")]
    pub manifest_signatures: Vec<Signature>,
    /// How many signatures the release needs; without it, as many as there are signers in the roster
    #[arg(long, value_name = "N", value_parser = typed_number32)]
    pub threshold: Option<u32>,
    /// Propose the hash, the platform and a seal alone; the description and its salt are written to this file, and
    /// `contract gov reveal` has to publish them before the activation
    #[arg(long, value_name = "FILE")]
    pub sealed: Option<PathBuf>,
    /// The build, and what is said of it.
    #[command(flatten)]
    pub build: DescribedBuild,
}
