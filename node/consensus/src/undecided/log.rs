//! The log of undecided blocks: a file to which each is appended, and synced, before anybody hears of it.
//!
//! The file has its name before the first block comes, so one sync brings a block to the disk; a file for each took another one, of
//! the folder with the new name. When the height is decided and committed the file is emptied, without a sync: a block that
//! comes back after a crash is known for decided by its height.
//!
//! | bytes | of each block                                                                              |
//! |-------|--------------------------------------------------------------------------------------------|
//! | 4     | version of this table                                                                      |
//! | 8     | height; so the file begins as Malachite's write-ahead log does                             |
//! | 16    | how many bytes come behind the header, twice: no flipped bit makes a block look cut off    |
//! | 32    | their BLAKE3                                                                               |
//! |       | behind the header, in SCALE: the round it was first seen in, those it was built for, itself |
//!
//! The numbers of a header are big-endian.
//!
//! # Invariants
//! - When [`UndecidedLog::append`] returns, the block is on the disk; when it fails, the node must not speak of it.
//! - Where the file ends within a block, nobody has heard of that block. Whatever else is not as it was written is damage.

use super::UndecidedBlock;
use anyhow::Context as _;
use primitives::Height;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The version that is written.
const VERSION: u32 = 1;
/// How many bytes stand before a block.
const HEADER: usize = 60;
/// Where a header says twice how many bytes come behind it.
const LENGTHS: Range<usize> = 12..28;

/// What the log asks of the disk for its file, so that a test can lose power or fail.
pub trait LogDisk: fmt::Debug + Send + Sync {
    /// Writes at the end.
    fn append(&self, bytes: &[u8]) -> io::Result<()>;

    /// Brings what was written to the disk, and as much of what is known about the file as reading it takes.
    fn sync(&self) -> io::Result<()>;

    /// Drops all that was written.
    fn empty(&self) -> io::Result<()>;
}

impl LogDisk for File {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = self;
        file.write_all(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn empty(&self) -> io::Result<()> {
        self.set_len(0)
    }
}

/// The log, open at its end.
#[derive(Debug)]
pub struct UndecidedLog {
    path: PathBuf,
    disk: Box<dyn LogDisk>,
}

impl UndecidedLog {
    /// Reads what an earlier process appended; nothing where none ran.
    pub fn read(path: &Path) -> anyhow::Result<Vec<UndecidedBlock>> {
        let bytes = files::if_there(fs::read(path)).with_context(|| format!("cannot read {}", path.display()))?;
        blocks(&bytes.unwrap_or_default()).with_context(|| damaged(path))
    }

    /// Begins a log with what is kept of the one before. It is another file: what an earlier process, or an engine that was
    /// stopped in the middle, wrote without a sync counts from now on only as far as it was read.
    pub fn begin(path: PathBuf, kept: &[UndecidedBlock]) -> anyhow::Result<Self> {
        let records: Vec<u8> = kept.iter().flat_map(record).collect();
        let opened = files::replace(&path, None, &records).and_then(|()| OpenOptions::new().append(true).open(&path));
        let file = opened.with_context(|| format!("cannot begin {}", path.display()))?;
        Ok(Self::on(path, file))
    }

    /// A log on a disk, where it has a name.
    pub fn on(path: PathBuf, disk: impl LogDisk + 'static) -> Self {
        Self { path, disk: Box::new(disk) }
    }

    /// Puts a block on disk; when this returns, it is there to stay. Blocks.
    pub fn append(&self, kept: &UndecidedBlock) -> anyhow::Result<()> {
        let written = self.disk.append(&record(kept)).and_then(|()| self.disk.sync());
        written.with_context(|| {
            format!(
                "cannot keep an undecided block in {}, so this node must not vote for it; free space on that disk or let \
                 this user write there, then start the node again",
                self.path.display()
            )
        })
    }

    /// Drops all blocks, once none of them can be asked for again.
    pub fn empty(&self) -> anyhow::Result<()> {
        self.disk.empty().with_context(|| format!("cannot empty {}", self.path.display()))
    }
}

/// What is said of a file that is not as it was written.
pub fn damaged(path: &Path) -> String {
    format!("{} is damaged; this node may have voted for a block in it", path.display())
}

/// The blocks of a log, but for one that it ends within; none when something is not as it was written.
pub fn blocks(mut log: &[u8]) -> Option<Vec<UndecidedBlock>> {
    let mut blocks = Vec::new();
    while let Some((found, behind)) = log.split_first_chunk::<HEADER>() {
        let Some((encoded, rest)) = behind.split_at_checked(length(found)?) else { break };
        let kept = UndecidedBlock::decoded(encoded)?;
        if header(kept.height(), encoded) != found[..] {
            return None;
        }
        blocks.push(kept);
        log = rest;
    }
    Some(blocks)
}

fn record(kept: &UndecidedBlock) -> Vec<u8> {
    let encoded = kept.encoded();
    [header(kept.height(), &encoded), encoded].concat()
}

fn header(height: Height, encoded: &[u8]) -> Vec<u8> {
    let length = (encoded.len() as u64).to_be_bytes();
    let digest = blake3::hash(encoded);
    [&VERSION.to_be_bytes()[..], &height.0.to_be_bytes(), &length, &length, digest.as_bytes()].concat()
}

/// How many bytes come behind a header; none where it says so in two ways.
fn length(header: &[u8; HEADER]) -> Option<usize> {
    let (length, again) = header[LENGTHS].split_first_chunk::<8>()?;
    if *length != *again {
        return None;
    }
    usize::try_from(u64::from_be_bytes(*length)).ok()
}
