//! What the log of blocks is, and who vouches for it.
//!
//! While its gate is on, each block appends its parent to a tree (RFC 6962): leaf `i` says which block stands at height `i`. State has the
//! right edge of that tree alone, and with it the root over every header before, so that an old fact is proven under the newest header.
//! While the gate is off the tree stands still; when it is on again, blocks bring the hashes of those that are missing, so many at a time
//! and in order, and there is never a gap.
//!
//! In the first block of an epoch size and root of the tree are kept as the epoch's *checkpoint*. Witnesses register with a key of
//! their own and sign the text of it (C2SP `cosignature/v1`), once an epoch each, while the gate of that is on for them. The chain checks
//! the signature over the text that it makes itself: a witness that saw another tree cannot be counted. Whoever registers shows that it has
//! the key, by a signature over [`witness_key_proof`].
//!
//! Whoever registers has the least bond of a validator, and leaves with it; half of the places are for members of the segments of the
//! network's plan. Which gates are on for the tree, which hashes a block brings and when an epoch begins, others know who stand right of
//! this pallet.
//!
//! # Invariants
//! - The tree is that of all blocks up to [`BlockLog::last`], and its size is one more.
//! - What is cosigned is a checkpoint of this chain, word for word.
//! - No witness cosigns an epoch twice, none an epoch that began before it registered, and so at most [`MOST_WITNESSES`] any.
//! - No two have one key or one name, now: whoever reads notes knows a key by its name and a short number. No key was an account's when it
//!   was registered.
//! - At most [`MOST_WITNESSES`] are registered, [`MOST_CHECKPOINTS`] checkpoints kept, and [`MOST_MISSING`] hashes brought by a block.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod apply;
mod audit;
mod decide;
mod due;
mod possession;
pub mod queries;
mod storage;
#[cfg(test)]
mod tests;
mod words;

use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Digest, Epoch, Height, Name, PublicKey, Signature};
use serde::{Deserialize, Serialize};
use tlog::Frontier;

pub use due::due;
pub use possession::witness_key_proof;

/// The most witnesses that are registered at a time.
pub const MOST_WITNESSES: u32 = 64;
/// How many of these places are for anybody; the others are for members of the segments of the network's plan.
pub const MOST_OF_OTHERS: u32 = MOST_WITNESSES / 2;
/// How many checkpoints are kept, the newest; with each what was cosigned of it.
pub const MOST_CHECKPOINTS: u32 = 64;
/// The most hashes of blocks that are missing in the tree that one block brings, beside its parent's.
pub const MOST_MISSING: u32 = 64;
/// How many seconds the clock of a witness may be ahead of the block that its cosignature is in.
pub const MOST_SECONDS_AHEAD: u64 = 3_600;

/// What an account can ask for.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WitnessesCall"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "witnesses.")]
#[level(1)]
pub enum Call {
    /// Becomes a witness. The sender has the least bond of a validator.
    #[codec(index = 0)]
    Register {
        /// What its key is called in the texts it signs: as no other's is.
        name: Name,
        /// The key that it cosigns with: of no account, and of no other witness.
        key: PublicKey,
        /// Over [`witness_key_proof`] for the sender, by the key.
        proof: Signature,
    },
    /// Is a witness no longer. What it has cosigned stays.
    #[codec(index = 1)]
    Retire,
    /// Vouches for the checkpoint of an epoch that began since it registered. The sender still has the least bond of a validator.
    #[codec(index = 2)]
    Cosign {
        /// The epoch.
        epoch: Epoch,
        /// When it was signed, in seconds since 1970 by the witness's clock, which is ahead of the block by [`MOST_SECONDS_AHEAD`] at most; part
        /// of what is signed.
        timestamp: u64,
        /// Over [`tlog::cosigned_bytes`] of the checkpoint, by the key that is registered.
        signature: Signature,
    },
}

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WitnessesEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "witnesses.")]
pub enum Event {
    /// Somebody became a witness.
    #[codec(index = 0)]
    Registered {
        /// Who.
        witness: AccountId,
        /// What its key is called.
        name: Name,
        /// The key.
        key: PublicKey,
        /// Whether it is a member of a segment of the network's plan, and so has one of the places that are for these.
        is_member: bool,
    },
    /// Somebody is a witness no longer: it asked for that, or its bond fell below the least.
    #[codec(index = 1)]
    Retired {
        /// Who.
        witness: AccountId,
    },
    /// A witness vouched for the checkpoint of an epoch.
    #[codec(index = 2)]
    Cosigned {
        /// Who.
        witness: AccountId,
        /// The epoch.
        epoch: Epoch,
        /// How many leaves the tree had.
        size: u64,
        /// Its root.
        root: Digest,
        /// What it signed, by which key.
        cosignature: Cosignature,
    },
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WitnessesRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// The gate is off for whoever asked.
    #[codec(index = 0)]
    #[error("witness_network is off for {who}: nobody for whom it is off is a witness of this network")]
    GateOff {
        /// Who asked.
        who: AccountId,
    },
    /// There is no place.
    #[codec(index = 1)]
    #[error(
        "there are {have} witnesses, and no place for another: a member of a segment of the network's plan finds one up to \
             {MOST_WITNESSES}, anybody else up to {MOST_OF_OTHERS}"
    )]
    Full {
        /// How many there are of those that count for it.
        have: u32,
    },
    /// The key is somebody's.
    #[codec(index = 2)]
    #[error("{key} is the key of an account or of another witness; make one that nothing else is signed with")]
    KeyTaken {
        /// The key.
        key: PublicKey,
    },
    /// The bond is below the least.
    #[codec(index = 3)]
    #[error("a witness has a bond to itself of at least {need} tokens, and this one has {have}")]
    NoBond {
        /// What it has bonded to itself.
        have: Amount,
        /// The least bond of a validator.
        need: Amount,
    },
    /// Whoever asked is no witness.
    #[codec(index = 4)]
    #[error("{who} is not registered as a witness")]
    UnknownWitness {
        /// Who asked.
        who: AccountId,
    },
    /// There is no checkpoint.
    #[codec(index = 5)]
    #[error(
        "there is no checkpoint of epoch {epoch}: one is kept of each epoch that begins while recursive_proofs is on, and the newest \
         {MOST_CHECKPOINTS} are"
    )]
    UnknownCheckpoint {
        /// The epoch.
        epoch: Epoch,
    },
    /// The signature is over something else, or by another key.
    #[codec(index = 6)]
    #[error(
        "that is not a signature of the witness's key over the checkpoint of epoch {epoch}, which has size {size} and root {root}"
    )]
    BadCosignature {
        /// The epoch.
        epoch: Epoch,
        /// How many leaves the tree had by this chain.
        size: u64,
        /// Its root by this chain.
        root: Digest,
    },
    /// It has cosigned that already.
    #[codec(index = 7)]
    #[error("{who} has cosigned the checkpoint of epoch {epoch}; once is enough")]
    Again {
        /// Who asked.
        who: AccountId,
        /// The epoch.
        epoch: Epoch,
    },
    /// Whoever asked is a witness.
    #[codec(index = 8)]
    #[error("{who} is registered as a witness with the key {key}; retire first to have another")]
    AlreadyWitness {
        /// Who asked.
        who: AccountId,
        /// Its key.
        key: PublicKey,
    },
    /// No signature can be checked against the key.
    #[codec(index = 9)]
    #[error("{key} is not a key that signatures can be checked against")]
    UnusableKey {
        /// The key.
        key: PublicKey,
    },
    /// It was not in the register when the epoch began.
    #[codec(index = 10)]
    #[error(
        "{who} has been a witness since epoch {registered}, and vouches for the checkpoints of later epochs; that of epoch {epoch} is for those \
         who were witnesses when it began"
    )]
    TooNew {
        /// Who asked.
        who: AccountId,
        /// The epoch.
        epoch: Epoch,
        /// In which epoch it registered.
        registered: Epoch,
    },
    /// The name is another's.
    #[codec(index = 11)]
    #[error("another witness is called {name}; choose another name")]
    NameTaken {
        /// The name.
        name: Name,
    },
    /// Whoever asked does not show that it has the key.
    #[codec(index = 12)]
    #[error(
        "that does not show that {who} has the key {key}; sign with that key that this account registers it on this network, and nothing else"
    )]
    BadProof {
        /// Who asked.
        who: AccountId,
        /// The key.
        key: PublicKey,
    },
    /// It was signed later than now.
    #[codec(index = 13)]
    #[error(
        "that was signed at {timestamp} seconds since 1970 by the clock of the witness, and the block is of {time}; set that clock right: it may \
         be ahead by {MOST_SECONDS_AHEAD} seconds at most"
    )]
    FromTheFuture {
        /// When it was signed, in seconds since 1970.
        timestamp: u64,
        /// When the block is, in seconds since 1970.
        time: u64,
    },
}

impl Error {
    /// The name by which tools know it; it never changes (ROLLOUTS 16).
    pub fn code(&self) -> &'static str {
        self.named().0
    }

    /// The number of that; no other refusal ever gets it.
    pub fn number(&self) -> u16 {
        self.named().1
    }

    fn named(&self) -> (&'static str, u16) {
        match self {
            Error::GateOff { .. } => ("E_GATE_OFF", 520),
            Error::Full { .. } => ("E_FULL", 521),
            Error::KeyTaken { .. } => ("E_WITNESS_KEY", 522),
            Error::NoBond { .. } => ("E_WITNESS_BOND", 523),
            Error::UnknownWitness { .. } => ("E_WITNESS", 524),
            Error::UnknownCheckpoint { .. } => ("E_CHECKPOINT", 525),
            Error::BadCosignature { .. } => ("E_COSIGNATURE", 526),
            Error::Again { .. } => ("E_COSIGNED", 527),
            Error::AlreadyWitness { .. } => ("E_WITNESS_TAKEN", 528),
            Error::UnusableKey { .. } => ("E_WITNESS_KEY", 529),
            Error::TooNew { .. } => ("E_WITNESS", 530),
            Error::NameTaken { .. } => ("E_WITNESS_KEY", 531),
            Error::BadProof { .. } => ("E_WITNESS_KEY", 532),
            Error::FromTheFuture { .. } => ("E_COSIGNATURE", 533),
        }
    }
}

/// The tree of blocks, as state has it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlockLog {
    /// Its right edge, from which its root follows.
    pub frontier: Frontier,
    /// The height of its last leaf.
    pub last: Height,
}

/// What the tree was at the start of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EpochCheckpoint {
    /// How many leaves it had.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

/// A witness.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogWitness {
    /// What its key is called.
    pub name: Name,
    /// The key that it cosigns with.
    pub key: PublicKey,
    /// Since which epoch.
    pub registered: Epoch,
    /// Whether it has one of the places for members of segments.
    pub is_member: bool,
}

impl LogWitness {
    /// Whether it vouches for the checkpoint of an epoch: it was in the register when that began. Places may be left and taken within an epoch,
    /// and those who were in the register at one moment are never more than the register has places.
    pub fn vouches_for(&self, epoch: Epoch) -> bool {
        self.registered < epoch
    }
}

/// What a witness said of a checkpoint: enough to verify it when the witness has gone.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cosignature {
    /// What the key is called.
    pub name: Name,
    /// The key.
    pub key: PublicKey,
    /// When it was signed, in seconds since 1970 by the witness's clock.
    pub timestamp: u64,
    /// Over [`tlog::cosigned_bytes`] of the checkpoint.
    pub signature: Signature,
}
