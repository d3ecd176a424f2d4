//! `contract witness`.

use super::Send;
use super::keys::PassphraseArgs;
use clap::{Args, Subcommand};
use primitives::{AccountId, ChainId, Digest, Epoch, Name, PublicKey, Signature};
use std::path::PathBuf;

/// The commands on those who vouch for the tree of blocks.
#[derive(Debug, Subcommand)]
pub enum WitnessArgs {
    /// Become a witness: say which key cosigns. The account has the least bond of a validator
    Register(Box<Send<RegisterWitness>>),
    /// Show, with a key that is elsewhere, that it may be registered for an account: print what `contract witness register` takes there
    Prove(ProveWitness),
    /// Cosign the checkpoint of an epoch by hand; the node of a witness does it by itself, and refuses what does not go on from the last
    /// one that it signed
    Cosign(Box<Send<CosignCheckpoint>>),
    /// Be a witness no longer
    Retire(Send<RetireWitness>),
    /// List the witnesses, and who cosigned the newest checkpoint
    List,
}

/// A key that cosigns.
#[derive(Debug, Clone, Args)]
pub struct RegisterWitness {
    /// What the key is called in the texts it signs; no other witness is called so
    #[arg(long, value_name = "NAME")]
    pub name: Name,
    /// The key file of the witness, whose key is that of no account; it signs that this account registers it
    #[arg(long, value_name = "FILE", required_unless_present = "public_key", conflicts_with_all = ["public_key", "proof"])]
    pub witness_key: Option<PathBuf>,
    /// The key, where its file is elsewhere; `contract witness prove` prints it there
    #[arg(long, value_name = "HEX", requires = "proof")]
    pub public_key: Option<PublicKey>,
    /// What `contract witness prove` printed with it
    #[arg(long, value_name = "HEX", requires = "public_key")]
    pub proof: Option<Signature>,
}

/// A key, and who is to register it.
#[derive(Debug, Clone, Args)]
pub struct ProveWitness {
    /// The key file of the witness
    #[arg(long, value_name = "FILE")]
    pub witness_key: PathBuf,
    /// Where its passphrase comes from.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
    /// The account that is to register it
    #[arg(long, value_name = "HEX")]
    pub account: AccountId,
    /// The network on which it is to be registered; else the node is asked
    #[arg(long, value_name = "ID")]
    pub chain_id: Option<ChainId>,
}

/// A checkpoint that is cosigned.
#[derive(Debug, Clone, Args)]
pub struct CosignCheckpoint {
    /// The epoch
    #[arg(long, value_name = "EPOCH")]
    pub epoch: Epoch,
    /// The root of the tree that is vouched for, as the witness itself knows it; nothing is signed where the node says another
    #[arg(long, value_name = "SHA256")]
    pub root: Digest,
    /// The key file of the witness
    #[arg(long, value_name = "FILE")]
    pub witness_key: PathBuf,
}

/// Nothing but the account that signs.
#[derive(Debug, Clone, Args)]
pub struct RetireWitness {}
