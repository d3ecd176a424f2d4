//! Growing a state into a store, in as much memory as a batch of events takes.
//!
//! Events are applied as blocks apply them, so every index that a pallet keeps is there. What they write goes to disk, and from there into
//! the store by its own import, in the order of its tree: nothing of the tree is written twice.

use crate::base::{EPOCH_LENGTH, GrownBase, validator_keys};
use crate::events::{GrownEvents, GrownKind};
use crate::spill::SpilledState;
use primitives::BlockHash;
use runtime::{Block, Header, testing};
use state::{Apply as _, Backend, Memory, State, StateEntry, Writes};
use std::path::Path;
use store::db::{Import, Settings};

/// How many events are applied before their writes go to disk.
const EVENTS_AT_ONCE: u64 = 10_000;
/// How many entries the store takes at once.
const ENTRIES_AT_ONCE: usize = 20_000;

/// Makes the store of a chain at `place` that has so many of everything, and gives the number of its keys. `scratch` is a folder that is
/// there, and is empty afterwards.
pub fn grown(base: &GrownBase, size: u64, place: &Path, scratch: &Path) -> anyhow::Result<u64> {
    let spilled = spilled(base, size, scratch)?;
    let mut import = Import::begin(place, Settings::default(), &base.genesis, base.context.height)?;
    blocks(base, &mut import)?;
    for bucket in spilled.sorted() {
        for entries in bucket?.chunks(ENTRIES_AT_ONCE) {
            import.entries(entries.to_vec())?;
        }
    }
    let header = Header::over(&base.context, &[], &base.executed, import.root());
    let certificate = testing::certificate(&header, &validator_keys());
    let block = Block { header, last_commit: None, transactions: Vec::new() };
    Ok(import.finish(&block, &certificate, &base.executed.facts)?.keys)
}

/// Every end of an epoch, and the hashes of all blocks, of which others than these ends have none.
fn blocks(base: &GrownBase, import: &mut Import) -> anyhow::Result<()> {
    let mut of_epoch = vec![base.first_hash()?];
    for end in base.epoch_ends() {
        import.epoch_end(&end)?;
        of_epoch.resize(EPOCH_LENGTH as usize - 1, BlockHash::NONE);
        of_epoch.push(end.header.hash());
        import.hashes(&std::mem::take(&mut of_epoch))?;
    }
    let last = base.context.height.0 % EPOCH_LENGTH;
    Ok(import.hashes(&vec![BlockHash::NONE; last as usize])?)
}

/// Every entry of the state, on disk.
fn spilled(base: &GrownBase, size: u64, scratch: &Path) -> anyhow::Result<SpilledState> {
    let at = base.context.moment(&State::over(&base.state));
    let events = GrownEvents::at(at, &base.genesis);
    let mut spilled = SpilledState::within(scratch)?;
    let mut seen = SeenState { kept: base.state.clone(), recent: Memory::default() };
    for kind in GrownKind::ALL {
        for first in (1..=size).step_by(EVENTS_AT_ONCE as usize) {
            let mut state = State::over(&seen);
            for number in first..=size.min(first + EVENTS_AT_ONCE - 1) {
                events.of(kind, number).apply(&mut state, at);
            }
            let writes = state.into_writes();
            seen.take(writes, &mut spilled)?;
        }
    }
    for (key, value) in &seen.kept.0 {
        spilled.put(key, Some(value))?;
    }
    Ok(spilled)
}

/// What events read: entries that were there before, those that are written again and again, and those of the last batch. No event that is
/// made up here reads what was written once and longer ago, such as another's ballot.
struct SeenState {
    kept: Memory,
    recent: Memory,
}

impl SeenState {
    /// Takes a batch's writes; what was not written in the batch before goes to disk.
    fn take(&mut self, writes: Writes, spilled: &mut SpilledState) -> anyhow::Result<()> {
        let mut recent = Memory::default();
        for (key, value) in writes {
            let is_kept = self.kept.0.contains_key(&key) || self.recent.0.contains_key(&key);
            match value {
                Some(value) if is_kept => {
                    self.kept.0.insert(key, value);
                }
                Some(value) => {
                    spilled.put(&key, Some(&value))?;
                    recent.0.insert(key, value);
                }
                None => {
                    self.kept.0.remove(&key);
                    spilled.put(&key, None)?;
                }
            }
        }
        self.recent = recent;
        Ok(())
    }
}

impl Backend for SeenState {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.kept.read(key).or_else(|| self.recent.read(key))
    }

    /// Of what was there before alone: applying these events goes through nothing else.
    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        self.kept.scan(prefix, from)
    }
}
