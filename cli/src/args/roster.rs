//! What `contract gov` does with rosters.

use super::keys::PassphraseArgs;
use super::{Propose, Send};
use clap::{Args, Subcommand};
use primitives::{PublicKey, Signature, typed_number32};
use std::path::PathBuf;

/// The commands on the roster of release signers.
#[derive(Debug, Subcommand)]
pub enum RosterArgs {
    /// Propose other release signers; as many keys of the current and of the new roster as each needs must approve
    #[command(name = "propose-roster")]
    Propose(Box<Propose<NewRoster>>),
    /// Approve a change of the roster as a release signer: prints the signer and the signature
    #[command(name = "sign-roster")]
    Sign {
        /// What changes.
        #[command(flatten)]
        edit: RosterEdit,
        /// The release signer's key file
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Where its passphrase comes from.
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Take a release signer's key out of the roster from the next epoch on, by its own word alone
    #[command(name = "leave-roster")]
    Leave(Box<Send<Leave>>),
}

/// A change of the roster, from the current one.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The new roster")]
pub struct RosterEdit {
    /// A key that joins; repeat it
    #[arg(long = "add", value_name = "HEX")]
    pub add: Vec<PublicKey>,
    /// A key that leaves; repeat it
    #[arg(long = "remove", value_name = "HEX")]
    pub remove: Vec<PublicKey>,
    /// How many keys must sign a release; without it, as many as now
    #[arg(long, value_name = "N", value_parser = typed_number32)]
    pub threshold: Option<u32>,
}

/// A roster change with the keys that approve it.
#[derive(Debug, Clone, Args)]
pub struct NewRoster {
    /// What changes.
    #[command(flatten)]
    pub edit: RosterEdit,
    /// An approval from `contract gov sign-roster`; repeat it, one for each --signer in order
    #[arg(long = "signature", value_name = "HEX")]
    pub signatures: Vec<Signature>,
    /// The key of the signer of the --signature in the same place
    #[arg(long = "signer", value_name = "HEX")]
    pub signers: Vec<PublicKey>,
}

/// A key that takes itself out of the roster.
#[derive(Debug, Clone, Args)]
pub struct Leave {
    /// The key file of the signer that leaves
    #[arg(long, value_name = "FILE")]
    pub signer_key: PathBuf,
}
