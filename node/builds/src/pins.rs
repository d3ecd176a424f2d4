//! What is kept on purpose, and why? The list `pins.json`, which retention obeys.

use super::error::{ArtifactError, unreadable};
use super::files::{EDITABLE, open_regular, publish, stage};
use super::{ArtifactStore, MOST_PINS, MOST_REASON_BYTES};
use primitives::BuildHash;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;

/// The version of the list that this program reads and writes.
const VERSION: u32 = 1;

/// Bytes of a list at most; a full one stays below.
const LIST_BYTES: u64 = 4 << 20;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    version: u32,
    pins: Vec<Pin>,
}

/// Why an artifact is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pin {
    hash: BuildHash,
    reason: String,
}

impl ArtifactStore {
    /// Keeps an artifact until it is unpinned, for `reason` (an incident, a hold). It need not be held yet. A second pin
    /// replaces the reason of the first.
    ///
    /// # Errors
    /// When the reason is empty, too long or not plain text, too much is pinned, or the list cannot be read or written.
    pub fn pin(&self, hash: &BuildHash, reason: &str) -> Result<(), ArtifactError> {
        if !is_reason(reason) {
            return Err(ArtifactError::Reason);
        }
        let _lock = self.lock()?;
        let mut pins = self.pins()?;
        if pins.len() >= MOST_PINS && !pins.contains_key(hash) {
            return Err(ArtifactError::TooManyPins);
        }
        pins.insert(*hash, reason.to_owned());
        self.write_pins(pins)
    }

    /// Lets retention have an artifact again; gives whether it was pinned.
    ///
    /// # Errors
    /// When the list cannot be read or written.
    pub fn unpin(&self, hash: &BuildHash) -> Result<bool, ArtifactError> {
        let _lock = self.lock()?;
        let mut pins = self.pins()?;
        let was_pinned = pins.remove(hash).is_some();
        if was_pinned {
            self.write_pins(pins)?;
        }
        Ok(was_pinned)
    }

    /// What is pinned, with the reasons; artifacts that are not held among it.
    ///
    /// # Errors
    /// When the list cannot be read, or is not what this version writes.
    pub fn pins(&self) -> Result<BTreeMap<BuildHash, String>, ArtifactError> {
        let path = self.pins_path();
        let file = match open_regular(&path) {
            Err(ArtifactError::Unreadable { reason, .. }) if reason.kind() == io::ErrorKind::NotFound => {
                return Ok(BTreeMap::new());
            }
            opened => opened?,
        };
        let text = ::files::text_from(file.take(LIST_BYTES)).map_err(unreadable(&path))?;
        let damaged = |reason: String| ArtifactError::PinsDamaged { path: path.clone(), reason };
        let list: List = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if list.version != VERSION {
            return Err(damaged(format!("version {} is not {VERSION}", list.version)));
        }
        let mut pins = BTreeMap::new();
        for Pin { hash, reason } in list.pins {
            if !is_reason(&reason) {
                return Err(damaged(format!("the reason for {hash} is not one")));
            }
            if pins.insert(hash, reason).is_some() {
                return Err(damaged(format!("{hash} is listed twice")));
            }
        }
        Ok(pins)
    }

    fn write_pins(&self, pins: BTreeMap<BuildHash, String>) -> Result<(), ArtifactError> {
        let path = self.pins_path();
        let pins = pins.into_iter().map(|(hash, reason)| Pin { hash, reason }).collect();
        let mut staged = stage(&self.dir)?;
        let written = serde_json::to_writer_pretty(&mut staged, &List { version: VERSION, pins })
            .map_err(io::Error::from)
            .and_then(|()| staged.write_all(b"\n"));
        written.map_err(super::error::unwritable(&path))?;
        publish(staged, &path, EDITABLE)
    }

    fn pins_path(&self) -> PathBuf {
        self.dir.join("pins.json")
    }
}

fn is_reason(text: &str) -> bool {
    (1..=MOST_REASON_BYTES).contains(&text.len()) && !text.trim().is_empty() && !text.contains(char::is_control)
}
