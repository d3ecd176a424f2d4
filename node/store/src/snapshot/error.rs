//! Why a snapshot is not written, or not taken.

use super::format::{Kind, VERSION};
use crate::db::DbError;
use crate::{Behind, Mistrust};
use light::Distrust;
use primitives::{ChainId, Digest, Height, StateRoot};
use std::path::PathBuf;

/// Why there is no snapshot, or no home made from it. Nothing is left of what was half-done.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file cannot be read or written.
    #[error("{file}: {error}; {}", files::remedy(.error))]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// There is a file where the snapshot was to be.
    #[error("{0} exists already; choose another name for the snapshot, or remove it")]
    Exists(PathBuf),
    /// Another kind of file.
    #[error("{0} is not a snapshot; make one with `the-block export-state`")]
    NotSnapshot(PathBuf),
    /// Another version of the format.
    #[error(
        "the snapshot has format version {0}, and this build reads version {VERSION}; take a snapshot made by a build of the same \
         release as this one"
    )]
    Version(u32),
    /// The file ends too early.
    #[error("the snapshot ends in the middle, after {chunks} whole chunks; copy or download it again")]
    Truncated {
        /// Whole chunks before the end.
        chunks: u64,
    },
    /// A chunk is not what was written.
    #[error(
        "chunk {chunk} of the snapshot was altered: its content does not have the hash beside it; copy or download it again"
    )]
    Altered {
        /// The chunk, from 0.
        chunk: u64,
    },
    /// A chunk that is larger than any may be.
    #[error(
        "chunk {chunk} of the snapshot claims {bytes} bytes, and at most {most} are allowed; it was not made by this software"
    )]
    TooLarge {
        /// The chunk, from 0.
        chunk: u64,
        /// What it claims.
        bytes: u64,
        /// The bound.
        most: u64,
    },
    /// A chunk out of order.
    #[error("chunk {chunk} of the snapshot is {found}, where {expected} belongs; it was not made by this software")]
    OutOfOrder {
        /// The chunk, from 0.
        chunk: u64,
        /// What it is.
        found: String,
        /// What belongs there.
        expected: Kind,
    },
    /// A chunk whose content is something else.
    #[error("chunk {chunk} of the snapshot does not decode: {reason}; it was not made by this software")]
    Undecodable {
        /// The chunk, from 0.
        chunk: u64,
        /// Why.
        reason: String,
    },
    /// There is more after the end.
    #[error("the snapshot goes on after its end; copy or download it again")]
    Leftover,
    /// Another chain.
    #[error(
        "the snapshot is of chain {found} with genesis {found_genesis}, and this home's config/genesis.json is of chain {expected} \
         with genesis {expected_genesis}; take a snapshot of this home's chain, or use the other chain's genesis file"
    )]
    ForeignChain {
        /// The snapshot's chain.
        found: ChainId,
        /// The hash of its genesis.
        found_genesis: Digest,
        /// The home's chain.
        expected: ChainId,
        /// The hash of its genesis.
        expected_genesis: Digest,
    },
    /// The certificates prove nothing.
    #[error("trust does not lead from this home's genesis to the snapshot: {0}")]
    Distrust(#[from] Distrust),
    /// The end of an epoch is missing, or something else is in its place.
    #[error(
        "the snapshot does not have the end of each epoch before height {height}: where {due} belongs, there is {found}; \
         take another snapshot"
    )]
    Trail {
        /// The snapshot's height.
        height: Height,
        /// What should come.
        due: String,
        /// What comes.
        found: String,
    },
    /// The block's content is not what its header commits to.
    #[error(
        "the snapshot's {what} are not those that the certified header of height {height} commits to; take another snapshot"
    )]
    Body {
        /// Transactions or facts.
        what: &'static str,
        /// The height.
        height: Height,
    },
    /// The state is not what the header commits to.
    #[error(
        "the snapshot's entries make state root {found}, but the certified header of height {height} commits to {certified}: they \
         were altered or are not all there; take another snapshot"
    )]
    Root {
        /// The height.
        height: Height,
        /// What the header says.
        certified: StateRoot,
        /// What the entries give.
        found: StateRoot,
    },
    /// The hashes of blocks are not those that the state vouches for.
    #[error(
        "the snapshot's hashes of the first {size} blocks do not make the tree that its state of height {height} has over them; take \
         another snapshot"
    )]
    Tree {
        /// The height.
        height: Height,
        /// The blocks in the tree.
        size: u64,
    },
    /// The home has been further.
    #[error(transparent)]
    Behind(#[from] Behind),
    /// The home has verified another history, or more of this one.
    #[error(transparent)]
    Mistrust(#[from] Mistrust),
    /// No snapshot is written: the gate `reconstruction` is off.
    #[error(
        "reconstruction is off: by the state of height {0}, this node is to write no snapshot from which another could start; new \
         nodes replay every block, from one that keeps them all, until the gate is on again"
    )]
    NotExported(Height),
    /// No snapshot is taken: the gate `reconstruction` is off in the state that it brings.
    #[error(
        "reconstruction is off: by the snapshot's own state, which its certificate vouches for, this node is not to start from the \
         state of height {0}; replay every block from nodes that keep them all, or take a snapshot of a height at which the gate is on"
    )]
    NotImported(Height),
    /// Nobody vouches for genesis.
    #[error("height 0 is genesis, which every node has already; wait for the first block, or name a later height")]
    Genesis,
    /// The store cannot prove where its validators come from.
    #[error(
        "this store was pruned before it kept the ends of epochs, so its snapshot could not be verified from genesis; export \
         from a node that keeps full history"
    )]
    NoTrail,
    /// The store.
    #[error(transparent)]
    Store(#[from] DbError),
}
