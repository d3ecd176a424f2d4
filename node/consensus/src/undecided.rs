//! Blocks of the height being decided, kept on disk.
//!
//! A validator that has signed something about a block must be able to say the same after a crash: to propose the very
//! block again, to hand it on, to commit it. The write-ahead log of Malachite has hashes only, so a block is on disk here
//! before its hash gets there: one file per block, written aside, synced and renamed.

use anyhow::Context as _;
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{BlockHash, Height};
use runtime::Block;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
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

    /// Puts the block on disk; when this returns, it is there to stay. Blocks.
    pub fn store(&self, dir: &Path) -> anyhow::Result<()> {
        let path = dir.join(file_name(self.block.header.height, &self.block.hash()));
        let bytes = (self.round, &self.built_for, &self.block).encode();
        files::replace(&path, None, &bytes).with_context(|| {
            format!(
                "cannot keep an undecided block in {}, so this node must not vote for it; free space on that disk or let \
                 this user write there, then start the node again",
                path.display()
            )
        })
    }
}

fn file_name(height: Height, hash: &BlockHash) -> String {
    format!("{height}-{hash}.block")
}

/// The blocks that may be decided, by height and hash.
#[derive(Debug)]
pub struct Undecided {
    dir: PathBuf,
    blocks: BTreeMap<(Height, BlockHash), UndecidedBlock>,
}

impl Undecided {
    /// Reads what an earlier process kept, and drops what the chain has decided since.
    pub fn open(dir: PathBuf, head: Height) -> anyhow::Result<Self> {
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let mut blocks = BTreeMap::new();
        for entry in fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))? {
            let path = entry?.path();
            // Whatever was still being written when the process died was never spoken of.
            if path.extension().is_none_or(|extension| extension != "block") {
                remove(&path)?;
                continue;
            }
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let (round, built_for, block) =
                <(u32, Vec<u32>, Block)>::decode_all(&mut &bytes[..]).with_context(|| {
                    format!("{} is damaged; this node may have voted for the block in it", path.display())
                })?;
            let kept = UndecidedBlock { block: Arc::new(block), round, built_for, checked: false, told: false };
            blocks.insert((kept.block.header.height, kept.block.hash()), kept);
        }
        let mut undecided = Self { dir, blocks };
        undecided.forget(head)?;
        Ok(undecided)
    }

    /// Where the files are.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Remembers a block; the caller has [stored](Kept::store) it if it has to outlive the process.
    pub fn insert(&mut self, kept: UndecidedBlock) {
        self.blocks.insert((kept.block.header.height, kept.block.hash()), kept);
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

    /// Drops the blocks up to `height`, which is decided, from memory and disk.
    pub fn forget(&mut self, height: Height) -> anyhow::Result<()> {
        let rest = self.blocks.split_off(&(height.next(), BlockHash([0; 32])));
        for ((height, hash), _) in std::mem::replace(&mut self.blocks, rest) {
            remove(&self.dir.join(file_name(height, &hash)))?;
        }
        Ok(())
    }
}

fn remove(path: &Path) -> anyhow::Result<()> {
    files::if_there(fs::remove_file(path)).with_context(|| format!("cannot remove {}", path.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::Application;
    use crate::tests::Memory;
    use std::collections::BTreeSet;

    #[test]
    fn what_was_half_written_is_dropped_and_what_is_damaged_stops_the_node() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Undecided::open(dir.path().to_owned(), Height(0));
        let block = Memory::new(1, &[(0, &[1])]).propose(Height(1), 0, &BTreeSet::new()).unwrap();
        UndecidedBlock::built(block.clone(), 0).store(dir.path()).unwrap();
        fs::write(dir.path().join("1-00.part"), b"half").unwrap();
        let undecided = open().unwrap();
        let kept = undecided.built(Height(1), 0).unwrap();
        assert_eq!((&*kept.block, kept.checked, kept.told), (&block, false, false));
        assert!(undecided.built(Height(1), 1).is_none());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);

        let file = dir.path().join(file_name(Height(1), &block.hash()));
        fs::write(&file, b"damaged").unwrap();
        assert!(format!("{:#}", open().unwrap_err()).contains("is damaged"));
        fs::remove_file(file).unwrap();
        assert_eq!(open().unwrap().at(Height(1)).count(), 0);
    }
}
