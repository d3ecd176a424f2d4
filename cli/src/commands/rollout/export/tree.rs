//! Files by their paths, in memory until all of them are there.

use crate::failure::{Failure, failed};
use primitives::Digest;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// How many files an export has at most.
const MOST_FILES: usize = 100_000;
/// How many bytes they have together at most.
const MOST_BYTES: usize = 256 << 20;
/// Names that some file systems keep for themselves.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The files of an export.
#[derive(Default)]
pub struct ExportTree {
    files: BTreeMap<String, Vec<u8>>,
    bytes: usize,
}

impl ExportTree {
    /// A file with a value as JSON.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn json(&mut self, path: String, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(failed)?;
        self.put(path, format!("{text}\n").into_bytes())
    }

    /// A file.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn put(&mut self, path: String, bytes: Vec<u8>) -> Result<(), Failure> {
        self.bytes += bytes.len();
        self.files.insert(path, bytes);
        if self.files.len() > MOST_FILES || self.bytes > MOST_BYTES {
            return Err(failed(format!(
                "the records are more than the {MOST_FILES} files or {MOST_BYTES} bytes of one export; take the audit log of an explorer \
                 instead, with `contract audit export`"
            )));
        }
        Ok(())
    }

    /// How many files there are, and how many bytes.
    pub fn size(&self) -> (usize, usize) {
        (self.files.len(), self.bytes)
    }

    /// The files, in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Their SHA-256, as `sha256sum` prints and checks it.
    pub fn sums(&self) -> String {
        self.files().map(|(path, bytes)| format!("{:x}  {path}\n", Sha256::digest(bytes))).collect()
    }
}

/// A name of the chain as one that every file system takes, and holds apart from every other: where the same letters in another case are
/// the same name, and where some names are kept.
pub fn safe(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let stem = lower.split('.').next().unwrap_or_default();
    let is_device = |device: &str| {
        stem.strip_prefix(device).is_some_and(|port| port.len() == 1 && port.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_reserved = RESERVED.contains(&stem) || is_device("com") || is_device("lpt");
    if lower == name && !is_reserved && !lower.ends_with('.') {
        return lower;
    }
    let hash = Digest::blake3(name.as_bytes()).to_string();
    format!("{}_{}", lower.replace('.', "_"), hash.get(..12).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_apart_on_every_file_system() {
        assert_eq!(safe("drill.server"), "drill.server");
        let odd = ["CHAIN", "Chain", "con", "nul.x", "com1", "ends."];
        let mut all: Vec<String> = odd.iter().map(|name| safe(name)).collect();
        for name in &all {
            let is_plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            assert!(is_plain, "{name}");
        }
        all.push(safe("chain"));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), odd.len() + 1, "{all:?}");
    }

    #[test]
    fn sums_are_those_of_sha256sum_in_the_order_of_the_paths() {
        let mut tree = ExportTree::default();
        tree.put("b/2".into(), b"abc".to_vec()).unwrap();
        tree.put("a".into(), Vec::new()).unwrap();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(tree.sums(), format!("{empty}  a\n{abc}  b/2\n"));
        assert_eq!(tree.size(), (2, 3));
        assert!(tree.put("c".into(), vec![0; MOST_BYTES]).is_err());
    }
}
