//! A snapshot taken apart and put together again, as forgers do it: for tests and fuzzers. Nothing in it is verified.

use super::SnapshotError;
use super::format::{About, Kind, Reader, Writer, hash};
use light::SignedHeader;
use parity_scale_codec::{Encode, Output};
use primitives::BlockHash;
use runtime::{Certificate, Fact, Transaction};
use state::StateEntry;
use std::io::Read;
use std::path::Path;

/// Bytes before the first chunk: what the file is, and the version of its format.
const HEAD: usize = 23;
/// Bytes of a chunk that its hash covers beside the content.
const PREFIX: usize = 9;
/// Bytes of a hash.
const HASH: usize = 32;

/// What a snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotParts {
    /// What it says of itself.
    pub about: About,
    /// The ends of epochs.
    pub ends: Vec<SignedHeader>,
    /// The hashes of the blocks before it.
    pub hashes: Vec<BlockHash>,
    /// The precommits that the block brings for its parent, and its transactions.
    pub body: (Option<Certificate>, Vec<Transaction>),
    /// The facts of the block.
    pub facts: Vec<Fact>,
    /// The keys with their values.
    pub entries: Vec<StateEntry>,
}

impl SnapshotParts {
    /// Takes a snapshot apart.
    ///
    /// # Errors
    /// When it is none, or is damaged.
    pub fn read(file: impl Read) -> Result<Self, SnapshotError> {
        let mut reader = Reader::begin(name(), file)?;
        let about = reader.take(Kind::About)?;
        let mut ends = Vec::new();
        while let Some(more) = reader.take_if::<Vec<SignedHeader>>(Kind::EpochEnds)? {
            ends.extend(more);
        }
        let mut hashes = Vec::new();
        while let Some(more) = reader.take_if::<Vec<BlockHash>>(Kind::Hashes)? {
            hashes.extend(more);
        }
        let (body, facts) = (reader.take(Kind::Body)?, reader.take(Kind::Facts)?);
        let mut entries = Vec::new();
        while let Some(more) = reader.take_if::<Vec<StateEntry>>(Kind::Entries)? {
            entries.extend(more);
        }
        reader.end()?;
        Ok(Self { about, ends, hashes, body, facts, entries })
    }

    /// Puts it together again, in small chunks.
    ///
    /// # Errors
    /// When something is too large for a chunk.
    pub fn write(&self) -> Result<Vec<u8>, SnapshotError> {
        let mut writer = Writer::begin(name(), Vec::new())?;
        writer.chunk(Kind::About, &self.about)?;
        self.ends.chunks(3).try_for_each(|some| writer.chunk(Kind::EpochEnds, &some.to_vec()))?;
        self.hashes.chunks(7).try_for_each(|some| writer.chunk(Kind::Hashes, &some.to_vec()))?;
        writer.chunk(Kind::Body, &self.body)?;
        writer.chunk(Kind::Facts, &self.facts)?;
        self.entries.chunks(5).try_for_each(|some| writer.chunk(Kind::Entries, &some.to_vec()))?;
        writer.end()
    }

    /// The contents of its chunks, each with the number of its kind; the end is not among them.
    pub fn contents(&self) -> Vec<(u8, Vec<u8>)> {
        let mut contents = vec![(Kind::About as u8, self.about.encode())];
        if !self.ends.is_empty() {
            contents.push((Kind::EpochEnds as u8, self.ends.encode()));
        }
        contents.push((Kind::Hashes as u8, self.hashes.encode()));
        contents.push((Kind::Body as u8, self.body.encode()));
        contents.push((Kind::Facts as u8, self.facts.encode()));
        contents.push((Kind::Entries as u8, self.entries.encode()));
        contents
    }
}

/// A snapshot whose chunks have any contents, compressed and hashed as they should be, with an end. Numbers beyond the kinds
/// begin again with the first.
///
/// # Errors
/// When a content is too large for a chunk.
pub fn framed(contents: &[(u8, &[u8])]) -> Result<Vec<u8>, SnapshotError> {
    let kinds =
        [Kind::End, Kind::About, Kind::EpochEnds, Kind::Body, Kind::Facts, Kind::Entries, Kind::End, Kind::Hashes];
    let mut writer = Writer::begin(name(), Vec::new())?;
    for (number, content) in contents {
        writer.chunk(kinds[usize::from(*number) % kinds.len()], &AsIs(content))?;
    }
    writer.end()
}

/// A file whose whole chunks have the hashes of what is in them.
pub fn mended(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    let mut at = HEAD;
    while let Some(prefix) = file.get(at..).and_then(|rest| rest.first_chunk::<PREFIX>()).copied() {
        let stored = u32::from_le_bytes([prefix[5], prefix[6], prefix[7], prefix[8]]) as usize;
        let from = at + PREFIX + HASH;
        let Some(content) = file.get(from..from + stored) else { break };
        let right = hash(&prefix, content);
        file[at + PREFIX..from].copy_from_slice(&right);
        at = from + stored;
    }
    file
}

/// Its name in messages.
fn name() -> &'static Path {
    Path::new("snapshot")
}

/// Bytes that stand for themselves.
struct AsIs<'a>(&'a [u8]);

impl Encode for AsIs<'_> {
    fn encode_to<T: Output + ?Sized>(&self, out: &mut T) {
        out.write(self.0);
    }
}
