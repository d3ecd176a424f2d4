//! What a machine has on its disk beside the chain: the log of its height, the blocks that may be decided, and what it knows against
//! others.

use super::courier::{Key, Noticed};
use crate::disk::Disk;
use ::consensus::ChainContext;
use arc_malachitebft_core_consensus::Input;
use arc_malachitebft_core_types::ValueOrigin;
use primitives::{BlockHash, Height};
use runtime::Block;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The disk of a machine.
#[derive(Debug, Default)]
pub(super) struct Home {
    log: Disk<WriteAhead>,
    undecided: Disk<Undecided>,
    /// Written through, as the node's files of evidence are.
    pub evidence: Disk<BTreeMap<Key, Noticed>>,
}

/// What the core took in at one height, as far as it must outlive a crash.
#[derive(Clone, Debug, Default)]
struct WriteAhead {
    height: Height,
    entries: Vec<Rc<Input<ChainContext>>>,
}

type Undecided = BTreeMap<(Height, BlockHash), Held>;

/// A block that may be decided.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub block: Rc<Block>,
    /// The round it was first seen in.
    pub round: u32,
    /// The rounds this machine built it for.
    pub built_for: Vec<u32>,
    /// Whether this process has executed it and found it valid.
    pub checked: bool,
    /// Whether this process has told the core of it.
    pub told: bool,
}

impl Held {
    /// A block found valid now.
    pub fn valid(block: Rc<Block>, round: u32) -> Self {
        Self { block, round, built_for: Vec::new(), checked: true, told: true }
    }
}

impl Home {
    /// The log of a height: what an earlier process wrote there. One of another height is begun anew.
    pub fn open_log(&mut self, height: Height, takes_part: bool) -> Vec<Input<ChainContext>> {
        if takes_part && self.log.read().height == height {
            return self.log.read().entries.iter().map(|entry| as_read(entry)).collect();
        }
        *self.log.write() = WriteAhead { height, entries: Vec::new() };
        self.log.sync();
        Vec::new()
    }

    /// Appends to the log, if it is that of the height.
    pub fn append(&mut self, height: Height, entry: Input<ChainContext>) {
        if self.log.read().height == height {
            self.log.write().entries.push(Rc::new(entry));
        }
    }

    /// What was appended is there to stay.
    pub fn flush(&mut self) {
        self.log.sync();
    }

    /// Keeps a block where it outlives the process.
    pub fn keep(&mut self, held: Held) {
        let place = (held.block.header.height, held.block.hash());
        self.undecided.write().insert(place, held);
        self.undecided.sync();
    }

    pub fn find(&self, height: Height, block: BlockHash) -> Option<&Held> {
        self.undecided.read().get(&(height, block))
    }

    pub fn find_mut(&mut self, height: Height, block: BlockHash) -> Option<&mut Held> {
        self.undecided.write().get_mut(&(height, block))
    }

    /// The blocks of a height.
    pub fn at(&self, height: Height) -> impl Iterator<Item = &Held> {
        let range = (height, BlockHash([0; 32]))..=(height, BlockHash([0xff; 32]));
        self.undecided.read().range(range).map(|(_, held)| held)
    }

    /// What this machine built for a height and round.
    pub fn built(&self, height: Height, round: u32) -> Option<Rc<Block>> {
        self.at(height).find(|held| held.built_for.contains(&round)).map(|held| held.block.clone())
    }

    /// Drops the blocks up to a height, which is decided. They may come back after a crash, as they may in the node.
    pub fn forget(&mut self, height: Height) {
        let undecided = self.undecided.write();
        *undecided = undecided.split_off(&(height.next(), BlockHash([0; 32])));
    }

    /// The machine stops at once. What is read of blocks afterwards has to be checked and told again.
    pub fn crash(&mut self, loses_log: bool) {
        self.log.crash();
        self.undecided.crash();
        self.evidence.crash();
        if loses_log {
            (self.log, self.undecided) = Default::default();
        }
        for held in self.undecided.write().values_mut() {
            (held.checked, held.told) = (false, false);
        }
    }
}

/// An entry as it is decoded: the log does not say whether a value came by catching up.
fn as_read(entry: &Input<ChainContext>) -> Input<ChainContext> {
    match entry {
        Input::ProposedValue(value, _) => Input::ProposedValue(value.clone(), ValueOrigin::Consensus),
        entry => entry.clone(),
    }
}
