//! More entries than memory holds, put in the order of the tree: by the first byte of their keys' hashes into files, each of which is
//! sorted when its turn comes.

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use state::StateEntry;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// The files, one for each first byte.
pub const PARTS: usize = 256;
/// The length of a value that is none.
const REMOVED: u32 = u32::MAX;

/// Entries that wait on disk.
pub struct SpilledState {
    files: Vec<(PathBuf, BufWriter<File>)>,
}

impl SpilledState {
    /// None yet; files in a folder that is there.
    pub fn within(folder: &Path) -> anyhow::Result<Self> {
        let file = |number: usize| {
            let path = folder.join(format!("part-{number:03}"));
            let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
            anyhow::Ok((path, BufWriter::with_capacity(1 << 16, file)))
        };
        Ok(Self { files: (0..PARTS).map(file).collect::<anyhow::Result<_>>()? })
    }

    /// Writes the value of a key, or that it has none; what was written last counts.
    pub fn put(&mut self, key: &[u8], value: Option<&[u8]>) -> anyhow::Result<()> {
        let first = Sha256::digest(key)[0];
        let (_, file) = &mut self.files[usize::from(first)];
        let length = value.map_or(Ok(REMOVED), |value| u32::try_from(value.len()))?;
        file.write_all(&u32::try_from(key.len())?.to_be_bytes())?;
        file.write_all(&length.to_be_bytes())?;
        file.write_all(key)?;
        Ok(file.write_all(value.unwrap_or_default())?)
    }

    /// All entries in the order of the SHA-256 of their keys, a file's at a time. Each file is removed once it is read.
    pub fn sorted(self) -> impl Iterator<Item = anyhow::Result<Vec<StateEntry>>> {
        self.files.into_iter().map(|(path, mut file)| -> anyhow::Result<Vec<StateEntry>> {
            file.flush()?;
            drop(file);
            let bytes = std::fs::read(&path)?;
            std::fs::remove_file(&path)?;
            let mut sorted = BTreeMap::<[u8; 32], _>::new();
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let (key, value, after) = entry(rest).context("a file of entries ends in the middle of one")?;
                sorted.insert(Sha256::digest(key).into(), (key, value));
                rest = after;
            }
            Ok(sorted.into_values().filter_map(|(key, value)| Some((key.to_vec(), value?.to_vec()))).collect())
        })
    }
}

/// An entry, its value being none where it was removed, and what follows it.
type Parsed<'b> = (&'b [u8], Option<&'b [u8]>, &'b [u8]);

fn entry(bytes: &[u8]) -> Option<Parsed<'_>> {
    let (key_length, rest) = length(bytes)?;
    let (value_length, rest) = length(rest)?;
    let (key, rest) = rest.split_at_checked(usize::try_from(key_length).ok()?)?;
    if value_length == REMOVED {
        return Some((key, None, rest));
    }
    let (value, rest) = rest.split_at_checked(usize::try_from(value_length).ok()?)?;
    Some((key, Some(value), rest))
}

fn length(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*length), rest))
}
