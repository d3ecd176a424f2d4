//! The history as a file, for notes where there is neither node nor store.
//!
//! JSON: `{"format":"the-block/release-history/1","history":{...}}`, the history's fields as JSON-RPC writes the same types.

use crate::History;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// What the file says it is.
const FORMAT: &str = "the-block/release-history/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    history: History,
}

/// How one comes to an exported file.
const WRITE_ONE: &str = "write one with `release_notes --state-dir DIR --export FILE`";

/// Why an exported file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("the history {path} cannot be read: {reason}; {}", files::remedy_or(reason, WRITE_ONE), path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// It is no exported history.
    #[error("{path} is not an exported history: {reason}; {WRITE_ONE}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: serde_json::Error,
    },
    /// It has another form.
    #[error("{path} is a {found:?}, and this program reads {FORMAT:?}; export it again with this version", path = path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What it says it is.
        found: String,
    },
    /// Something is there.
    #[error("{path} is there already and was not overwritten; name another file", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("the history cannot be written to {path}: {reason}; check the disk and the folder's owner", path = path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
}

impl History {
    /// Reads a history that [`export`](Self::export) wrote.
    ///
    /// # Errors
    /// [`FileError`] when the file cannot be read, or is something else.
    pub fn of_file(path: &Path) -> Result<Self, FileError> {
        let unreadable = |reason| FileError::Unreadable { path: path.to_owned(), reason };
        let text = files::read_text(path).map_err(unreadable)?;
        let document: Document =
            serde_json::from_str(&text).map_err(|reason| FileError::Malformed { path: path.to_owned(), reason })?;
        if document.format != FORMAT {
            return Err(FileError::Format { path: path.to_owned(), found: document.format });
        }
        Ok(document.history.in_order())
    }

    /// Writes the whole history to a new file.
    ///
    /// # Errors
    /// [`FileError`] when the file exists, or cannot be written.
    pub fn export(&self, path: &Path) -> Result<(), FileError> {
        let document = Document { format: FORMAT.into(), history: self.clone() };
        let write = || -> io::Result<()> {
            let mut text = serde_json::to_vec_pretty(&document)?;
            text.push(b'\n');
            files::create_new(path, None, &text)
        };
        write().map_err(|reason| match reason.kind() {
            io::ErrorKind::AlreadyExists => FileError::Exists { path: path.to_owned() },
            _ => FileError::Unwritable { path: path.to_owned(), reason },
        })
    }
}
