//! Chunks: how they are written, and how they are read when nobody vouches for them yet.

use super::SnapshotError;
use light::SignedHeader;
use parity_scale_codec::{Decode, DecodeAll, Encode};
use primitives::{ChainId, Digest};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// How every snapshot begins.
const MAGIC: &[u8; 19] = b"the-block/snapshot\n";

/// The version of the format.
pub const VERSION: u32 = 2;

/// Bytes of a chunk's content, at most; a block that is larger cannot be on a chain.
const MOST: u32 = 64 << 20;

/// As [`MOST`], for entries: small ones take several times their bytes in memory.
const MOST_ENTRIES: u32 = 16 << 20;

/// As [`MOST`], for hashes: each becomes several rows.
const MOST_HASHES: u32 = 4 << 20;

/// Zstandard's own default: twice as fast as the disk of most machines, at a third of the size.
const LEVEL: i32 = 3;

/// What a chunk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// One [`About`].
    About = 1,
    /// Some [`SignedHeader`]s.
    EpochEnds = 2,
    /// The transactions of the block.
    Body = 3,
    /// The facts of the block.
    Facts = 4,
    /// Some keys with their values.
    Entries = 5,
    /// One number: how many chunks came before.
    End = 6,
    /// Hashes of blocks, which follow one another from genesis on; before the body.
    Hashes = 7,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

/// What a snapshot says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct About {
    /// The network.
    pub chain_id: ChainId,
    /// The hash of its genesis.
    pub genesis: Digest,
    /// The block whose state it is.
    pub head: SignedHeader,
}

fn most(kind: u8) -> u32 {
    match kind {
        kind if kind == Kind::Entries as u8 => MOST_ENTRIES,
        kind if kind == Kind::Hashes as u8 => MOST_HASHES,
        _ => MOST,
    }
}

/// Nine bytes of a chunk that its hash covers too.
fn prefix(kind: u8, bytes: u32, stored: u32) -> [u8; 9] {
    let mut prefix = [0; 9];
    prefix[0] = kind;
    prefix[1..5].copy_from_slice(&bytes.to_le_bytes());
    prefix[5..].copy_from_slice(&stored.to_le_bytes());
    prefix
}

pub(super) fn hash(prefix: &[u8; 9], stored: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new().update(prefix).update(stored).finalize().as_bytes()
}

/// A snapshot being written.
pub(super) struct Writer<W> {
    file: PathBuf,
    output: W,
    chunks: u64,
}

impl<W: Write> Writer<W> {
    /// Writes how a snapshot begins. `file` is its name for messages.
    pub fn begin(file: &Path, output: W) -> Result<Self, SnapshotError> {
        let mut writer = Self { file: file.to_owned(), output, chunks: 0 };
        writer.put(MAGIC)?;
        writer.put(&VERSION.to_le_bytes())?;
        Ok(writer)
    }

    /// Writes a chunk.
    pub fn chunk(&mut self, kind: Kind, content: &impl Encode) -> Result<(), SnapshotError> {
        let content = content.encode();
        let chunk = self.chunks;
        let size = |bytes: usize| {
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            let most = most(kind as u8);
            let too_large = SnapshotError::TooLarge { chunk, bytes: bytes.into(), most: most.into() };
            if bytes <= most { Ok(bytes) } else { Err(too_large) }
        };
        let bytes = size(content.len())?;
        let stored = zstd::bulk::compress(&content, LEVEL).map_err(|error| self.failed(error))?;
        let prefix = prefix(kind as u8, bytes, size(stored.len())?);
        self.put(&prefix)?;
        self.put(&hash(&prefix, &stored))?;
        self.put(&stored)?;
        self.chunks = chunk.saturating_add(1);
        Ok(())
    }

    /// Writes the end. Gives the output back, for it to be synced.
    pub fn end(mut self) -> Result<W, SnapshotError> {
        let before = self.chunks;
        self.chunk(Kind::End, &before)?;
        self.output.flush().map_err(|error| self.failed(error))?;
        Ok(self.output)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.output.write_all(bytes).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: std::io::Error) -> SnapshotError {
        SnapshotError::File { file: self.file.clone(), error }
    }
}

/// A snapshot being read.
pub(super) struct Reader<R> {
    file: PathBuf,
    input: R,
    chunks: u64,
    /// The kind and content of a chunk that was read and is still to be taken.
    next: Option<(u8, Vec<u8>)>,
}

impl<R: Read> Reader<R> {
    /// Reads how a snapshot begins. `file` is its name for messages.
    pub fn begin(file: &Path, input: R) -> Result<Self, SnapshotError> {
        let mut reader = Self { file: file.to_owned(), input, chunks: 0, next: None };
        let (mut magic, mut version) = ([0; MAGIC.len()], [0; 4]);
        match reader.fill(&mut magic) {
            Err(SnapshotError::Truncated { .. }) => return Err(SnapshotError::NotSnapshot(reader.file)),
            read => read?,
        }
        if magic != *MAGIC {
            return Err(SnapshotError::NotSnapshot(reader.file));
        }
        reader.fill(&mut version)?;
        match u32::from_le_bytes(version) {
            VERSION => Ok(reader),
            other => Err(SnapshotError::Version(other)),
        }
    }

    /// The next chunk, which has to be of this kind.
    pub fn take<T: Decode>(&mut self, kind: Kind) -> Result<T, SnapshotError> {
        if let Some(content) = self.take_if(kind)? {
            return Ok(content);
        }
        let found = self.next.as_ref().map_or(0, |(found, _)| *found);
        Err(SnapshotError::OutOfOrder { chunk: self.chunk(), found: name(found), expected: kind })
    }

    /// The next chunk, if it is of this kind.
    pub fn take_if<T: Decode>(&mut self, kind: Kind) -> Result<Option<T>, SnapshotError> {
        let (found, content) = match self.next.take() {
            Some(next) => next,
            None => self.read()?,
        };
        if found != kind as u8 {
            self.next = Some((found, content));
            return Ok(None);
        }
        let undecodable = |error| self.undecodable(format!("{error}"));
        T::decode_all(&mut &content[..]).map(Some).map_err(undecodable)
    }

    /// Requires the end, and that nothing comes after it.
    pub fn end(mut self) -> Result<(), SnapshotError> {
        let before: u64 = self.take(Kind::End)?;
        if before != self.chunk() {
            return Err(self.undecodable(format!("it counts {before} chunks before it")));
        }
        match self.fill(&mut [0]) {
            Err(SnapshotError::Truncated { .. }) => Ok(()),
            read => read.and(Err(SnapshotError::Leftover)),
        }
    }

    /// The number of the chunk that was read last.
    fn chunk(&self) -> u64 {
        self.chunks.saturating_sub(1)
    }

    fn undecodable(&self, reason: String) -> SnapshotError {
        SnapshotError::Undecodable { chunk: self.chunk(), reason }
    }

    fn read(&mut self) -> Result<(u8, Vec<u8>), SnapshotError> {
        let (mut prefix, mut expected) = ([0; 9], [0; 32]);
        self.fill(&mut prefix)?;
        self.fill(&mut expected)?;
        let [kind, b0, b1, b2, b3, s0, s1, s2, s3] = prefix;
        let (bytes, stored) = (u32::from_le_bytes([b0, b1, b2, b3]), u32::from_le_bytes([s0, s1, s2, s3]));
        let chunk = self.chunks;
        // Before memory is spent on it; what does not compress grows by a little.
        let (claimed, most) = (bytes.max(stored), most(kind));
        if claimed > most {
            return Err(SnapshotError::TooLarge { chunk, bytes: claimed.into(), most: most.into() });
        }
        let mut content = vec![0; stored as usize];
        self.fill(&mut content)?;
        if hash(&prefix, &content) != expected {
            return Err(SnapshotError::Altered { chunk });
        }
        self.chunks = chunk.saturating_add(1);
        let content =
            zstd::bulk::decompress(&content, bytes as usize).map_err(|error| self.undecodable(error.to_string()))?;
        if content.len() != bytes as usize {
            return Err(self.undecodable(format!("it claims {bytes} bytes and has {}", content.len())));
        }
        Ok((kind, content))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), SnapshotError> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => SnapshotError::Truncated { chunks: self.chunks },
            _ => SnapshotError::File { file: self.file.clone(), error },
        })
    }
}

fn name(kind: u8) -> String {
    let kinds = [Kind::About, Kind::EpochEnds, Kind::Hashes, Kind::Body, Kind::Facts, Kind::Entries, Kind::End];
    kinds
        .into_iter()
        .find(|known| *known as u8 == kind)
        .map_or_else(|| format!("of unknown kind {kind}"), |kind| kind.to_string())
}
