//! Why an artifact is not held, not read or not pinned.

use super::{MOST_PINS, MOST_REASON_BYTES};
use primitives::BuildHash;
use std::{io, path::PathBuf};

/// What the store of artifacts can answer instead.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The file is another build than the one named.
    #[error("{path} is build {found}, not {expected}; fetch the build again, or name the hash that the file has", path = path.display())]
    WrongHash {
        /// The file offered.
        path: PathBuf,
        /// The hash asked for.
        expected: BuildHash,
        /// The hash it has.
        found: BuildHash,
    },
    /// The file was written to while it was read.
    #[error("{path} changed while it was read; let whatever writes it finish, and try again", path = path.display())]
    Changing {
        /// The file offered.
        path: PathBuf,
    },
    /// A link, a folder or a device stands where a file should.
    #[error("{path} is not a regular file; remove it, and fetch the artifact again", path = path.display())]
    NotAFile {
        /// What is there.
        path: PathBuf,
    },
    /// More than the whole budget.
    #[error(
        "an artifact of {bytes} bytes is larger than the whole disk budget of {budget}; raise artifacts.disk_budget_bytes"
    )]
    LargerThanBudget {
        /// Bytes of the artifact and its tree.
        bytes: u64,
        /// The budget.
        budget: u64,
    },
    /// What does not give way to it leaves too little room.
    #[error(
        "an artifact of {bytes} bytes does not fit: {kept} of the disk budget of {budget} bytes are pinned, or kept for what is \
         voted on or approved; unpin what is no longer needed (node.unpin_artifact), or raise artifacts.disk_budget_bytes"
    )]
    NoRoom {
        /// Bytes of the artifact and its tree.
        bytes: u64,
        /// Bytes of what stays.
        kept: u64,
        /// The budget.
        budget: u64,
    },
    /// Not here.
    #[error("this node does not hold {0}; fetch it first")]
    NotHeld(BuildHash),
    /// Past the end.
    #[error("{length} bytes from {offset} on are not within the {size} bytes there are; ask for a range that is")]
    OutOfRange {
        /// The first byte asked for.
        offset: u64,
        /// How many were asked for.
        length: u64,
        /// How many there are.
        size: u64,
    },
    /// It is kept on purpose.
    #[error("{hash} is pinned ({reason}); unpin it first (node.unpin_artifact)")]
    Pinned {
        /// The artifact.
        hash: BuildHash,
        /// Why it is kept.
        reason: String,
    },
    /// A pin must say why.
    #[error(
        "a pin needs a reason of 1 to {MOST_REASON_BYTES} bytes without control characters; say why the artifact is kept"
    )]
    Reason,
    /// Pins without bound would fill the disk.
    #[error("{MOST_PINS} artifacts are pinned already; unpin what is no longer needed (node.unpin_artifact)")]
    TooManyPins,
    /// Someone wrote into the list of pins.
    #[error("{path} is not a list of pins: {reason}; correct it, or remove it and pin again", path = path.display())]
    PinsDamaged {
        /// The list.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The disk does not give.
    #[error("{path} cannot be read: {reason}; check the file, its owner and the disk", path = path.display())]
    Unreadable {
        /// What was read.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// The disk does not take.
    #[error("{path} cannot be written: {reason}; check the folder's owner and that the disk has room", path = path.display())]
    Unwritable {
        /// What was written.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
}

/// Turns the system's answer about a path into an error, for `map_err`.
pub(super) fn unreadable(path: &std::path::Path) -> impl FnOnce(io::Error) -> ArtifactError {
    let path = path.to_owned();
    move |reason| ArtifactError::Unreadable { path, reason }
}

/// Turns the system's answer about a path into an error, for `map_err`.
pub(super) fn unwritable(path: &std::path::Path) -> impl FnOnce(io::Error) -> ArtifactError {
    let path = path.to_owned();
    move |reason| ArtifactError::Unwritable { path, reason }
}
