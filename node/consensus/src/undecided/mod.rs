//! Blocks of the height being decided, kept on disk.
//!
//! A validator that has signed something about a block must be able to say the same after a crash: to propose the very
//! block again, to hand it on, to commit it. The write-ahead log of Malachite has hashes only, so a block is on disk here, in a
//! `log` of its own, before its hash gets there. Both lie apart from the store: what a key has said outlives a store that is replaced.

mod log;
#[cfg(test)]
pub(crate) mod tests;

use anyhow::Context as _;
use log::{UndecidedLog, damaged};
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{BlockHash, Height};
use runtime::Block;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// A block that may be decided.
#[derive(Debug, Clone)]
pub struct UndecidedBlock {
    /// The block.
    pub block: Arc<Block>,
    /// The round it was first seen in.
    pub round: u32,
    /// The rounds this node built it for.
    pub built_for: Vec<u32>,
    /// Whether this process has executed it and found it valid.
    pub checked: bool,
    /// Whether this process has told Malachite of it.
    pub told: bool,
}

impl UndecidedBlock {
    /// A block found valid now.
    pub fn valid(block: Block, round: u32) -> Self {
        Self { block: Arc::new(block), round, built_for: Vec::new(), checked: true, told: false }
    }

    /// A block built now by this node.
    pub fn built(block: Block, round: u32) -> Self {
        Self { built_for: vec![round], ..Self::valid(block, round) }
    }

    /// What of it outlives the process.
    fn encoded(&self) -> Vec<u8> {
        (self.round, &self.built_for, &self.block).encode()
    }

    /// A block as an earlier process kept it.
    fn decoded(bytes: &[u8]) -> Option<Self> {
        let (round, built_for, block) = <(u32, Vec<u32>, Block)>::decode_all(&mut &bytes[..]).ok()?;
        Some(Self { block: Arc::new(block), round, built_for, checked: false, told: false })
    }

    fn height(&self) -> Height {
        self.block.header.height
    }
}

/// The blocks that may be decided, by height and hash.
#[derive(Debug)]
pub struct Undecided {
    log: Arc<UndecidedLog>,
    blocks: BTreeMap<(Height, BlockHash), UndecidedBlock>,
}

impl Undecided {
    /// Reads what an earlier process kept in the folder of consensus, and drops what the chain has decided since.
    pub fn open(folder: &Path, head: Height) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let (path, earlier) = (folder.join("undecided.log"), folder.join("undecided"));
        let mut kept = left_in(&earlier)?;
        kept.extend(UndecidedLog::read(&path)?);
        kept.retain(|kept| kept.height() > head);
        let log = Arc::new(UndecidedLog::begin(path, &kept)?);
        // Not before what it had is in the log.
        files::if_there(fs::remove_dir_all(&earlier))
            .with_context(|| format!("cannot remove {}", earlier.display()))?;
        let mut undecided = Self { log, blocks: BTreeMap::new() };
        kept.into_iter().for_each(|kept| undecided.insert(kept));
        Ok(undecided)
    }

    /// Where a block is kept that has to outlive the process.
    pub fn log(&self) -> Arc<UndecidedLog> {
        self.log.clone()
    }

    /// Remembers a block; the caller has [appended](UndecidedLog::append) it if it has to outlive the process.
    pub fn insert(&mut self, kept: UndecidedBlock) {
        self.blocks.insert((kept.height(), kept.block.hash()), kept);
    }

    /// One block.
    pub fn find(&self, height: Height, hash: BlockHash) -> Option<&UndecidedBlock> {
        self.blocks.get(&(height, hash))
    }

    /// One block, to change what is known of it.
    pub fn find_mut(&mut self, height: Height, hash: BlockHash) -> Option<&mut UndecidedBlock> {
        self.blocks.get_mut(&(height, hash))
    }

    /// What this node built for a height and round.
    pub fn built(&self, height: Height, round: u32) -> Option<&UndecidedBlock> {
        self.at(height).find(|kept| kept.built_for.contains(&round))
    }

    /// The blocks of a height.
    pub fn at(&self, height: Height) -> impl Iterator<Item = &UndecidedBlock> {
        self.blocks.range((height, BlockHash([0; 32]))..=(height, BlockHash([0xff; 32]))).map(|(_, kept)| kept)
    }

    /// Drops the blocks up to `height`, which is decided and committed, from memory and disk.
    pub fn forget(&mut self, height: Height) -> anyhow::Result<()> {
        self.blocks = self.blocks.split_off(&(height.next(), BlockHash([0; 32])));
        if self.blocks.is_empty() { self.log.empty() } else { Ok(()) }
    }
}

/// What a version of this software left that kept each block in a file of its own; nothing where none ran.
fn left_in(folder: &Path) -> anyhow::Result<Vec<UndecidedBlock>> {
    let cannot_read = |path: &Path| format!("cannot read {}", path.display());
    let mut left = Vec::new();
    let entries = files::if_there(fs::read_dir(folder)).with_context(|| cannot_read(folder))?;
    for entry in entries.into_iter().flatten() {
        let path = entry.with_context(|| cannot_read(folder))?.path();
        // Whatever else is there was still being written when the process died, and never spoken of.
        if path.extension().is_some_and(|extension| extension == "block") {
            let bytes = fs::read(&path).with_context(|| cannot_read(&path))?;
            left.push(UndecidedBlock::decoded(&bytes).with_context(|| damaged(&path))?);
        }
    }
    Ok(left)
}
