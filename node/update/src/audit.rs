//! What was changed here, when and why: one line of JSON each, only ever appended.

use super::error::UpdateError;
use super::layout::Releases;
use host::clock;
use primitives::{BuildHash, Timestamp};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write as _;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in milliseconds since 1970, by this machine's clock.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub action: Action,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// A release lies in a slot and is linked.
    Installed {
        /// The build.
        hash: BuildHash,
        /// Its number.
        sequence: u64,
        /// Its slot.
        slot: char,
    },
    /// It has proven itself.
    Healthy {
        /// The build.
        hash: BuildHash,
    },
    /// A build was given up, and the earlier one is linked again. It does not count as an install.
    RolledBack {
        /// The build that was given up.
        rolled_back: BuildHash,
        /// The build that runs again.
        restored: BuildHash,
        /// Why.
        reason: String,
    },
    /// A build was given up or may run no more, or its file is not what was installed, and nothing may run in its place.
    SafeMode {
        /// That build.
        rolled_back: BuildHash,
        /// Why, and why nothing else may run.
        reason: String,
    },
    /// A release was not fetched, not installed or not started.
    Refused {
        /// The build.
        hash: BuildHash,
        /// Why, in a word.
        code: String,
        /// Why, in a sentence.
        reason: String,
    },
    /// A release was held back.
    HeldBack {
        /// The build.
        hash: BuildHash,
        /// Why.
        reason: String,
    },
    /// An operator confirmed this machine's clock, which was behind the latest time that was seen here.
    ClockAccepted {
        /// What the clock says, in milliseconds since 1970.
        clock: Timestamp,
        /// The latest time that was seen before; none where that could not be read.
        latest: Option<Timestamp>,
    },
}

/// Appends a line.
///
/// # Errors
/// When the disk refuses.
pub fn record(releases: &Releases, action: Action) -> Result<(), UpdateError> {
    let folder = releases.path();
    std::fs::create_dir_all(folder).map_err(UpdateError::disk("make the folder", folder))?;
    let path = releases.audit();
    let refused = || UpdateError::disk("append to", &path);
    let mut line = serde_json::to_vec(&Entry { at: clock::now(), action }).unwrap_or_default();
    line.push(b'\n');
    let mut file = File::options().create(true).append(true).open(&path).map_err(refused())?;
    file.write_all(&line).map_err(refused())?;
    file.sync_data().map_err(refused())
}

/// Puts on record that a build is not started, unless the newest line says so of the same build for the same cause: what every start
/// finds again is news once. A log that cannot be written changes nothing about the refusal.
pub fn not_started(releases: &Releases, build: BuildHash, code: &str, reason: &str) {
    let is_known = |entry: Entry| matches!(entry.action, Action::Refused { hash, code: known, .. } if hash == build && known == code);
    if read(releases).unwrap_or_default().pop().is_some_and(is_known) {
        return;
    }
    let action = Action::Refused { hash: build, code: code.into(), reason: reason.into() };
    if let Err(unwritable) = record(releases, action) {
        tracing::warn!("the audit log misses a refusal: {unwritable}");
    }
}

/// Puts a refusal on record. A log that cannot be written changes nothing about the refusal.
pub fn refused(releases: &Releases, hash: BuildHash, error: &UpdateError) {
    let action = Action::Refused { hash, code: error.code().into(), reason: error.to_string() };
    if let Err(unwritable) = record(releases, action) {
        tracing::warn!("the audit log misses a refusal: {unwritable}");
    }
}

/// Everything on record, the oldest first; a line that a crash cut off is left out.
///
/// # Errors
/// When the file cannot be read.
pub fn read(releases: &Releases) -> Result<Vec<Entry>, UpdateError> {
    let path = releases.audit();
    let text = files::if_there(std::fs::read_to_string(&path)).map_err(UpdateError::disk("read", &path))?;
    Ok(text.unwrap_or_default().lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}
