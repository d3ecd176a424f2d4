//! Growing a state into a store, in as much memory as a batch of events takes.
//!
//! Events are applied as blocks apply them, so every index that a pallet keeps is there. What they write goes to disk, and from there into
//! the store by its own import, in the order of its tree: nothing of the tree is written twice.

use crate::base::{EPOCH_LENGTH, GrownBase, validator_keys};
use crate::events::{GrownEvents, GrownKind};
use crate::places::{SizePlaces, bytes_in};
use crate::spill::{PARTS, SpilledState};
use crate::table::named;
use crate::tell;
use primitives::BlockHash;
use runtime::{Block, Header, testing};
use state::{Apply as _, Backend, Memory, State, StateEntry, Writes};
use std::path::Path;
use std::time::Instant;
use store::db::{Access, Import, Settings, Store};

/// How many events are applied before their writes go to disk.
const EVENTS_AT_ONCE: u64 = 10_000;
/// How many entries the store takes at once.
const ENTRIES_AT_ONCE: usize = 20_000;
/// After how many parts of the state it is said how far the store is.
const PARTS_AT_ONCE: usize = 64;

/// Makes the state of a size, unless it is there: as it was filled, and a copy to which blocks are committed.
pub fn state(places: &SizePlaces) -> anyhow::Result<()> {
    let (pristine, state) = (places.pristine(), places.state());
    if !pristine.exists() {
        let (scratch, making) = (places.folder.join("scratch"), places.folder.join("making"));
        for stale in [&scratch, &making].into_iter().filter(|stale| stale.exists()) {
            std::fs::remove_dir_all(stale)?;
        }
        std::fs::create_dir(&scratch)?;
        let begun = Instant::now();
        let keys = grown(&GrownBase::of(places.size)?, places.size, &making, &scratch)?;
        std::fs::remove_dir_all(&scratch)?;
        Store::open(&making, Access::Primary, Settings::default())?.settle()?;
        std::fs::rename(&making, &pristine)?;
        let (name, bytes) = (named(places.size), bytes_in(&pristine)?);
        let (mib, each) = (bytes >> 20, bytes / places.size);
        tell(begun, format!("{name} of everything: {keys} keys in {mib} MiB, {each} bytes for one of everything"));
    }
    if state.exists() {
        std::fs::remove_dir_all(&state)?;
    }
    copy(&pristine, &state)
}

/// A copy of a store that no process has open. Its tables are never written again, so they are linked; the rest is copied.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        let target = to.join(file.file_name());
        if file.path().extension().is_some_and(|extension| extension == "sst") {
            std::fs::hard_link(file.path(), target)?;
        } else {
            std::fs::copy(file.path(), target)?;
        }
    }
    Ok(())
}

/// Makes the store of a chain at `place` that has so many of everything, and gives the number of its keys. `scratch` is a folder that is
/// there, and is empty afterwards.
fn grown(base: &GrownBase, size: u64, place: &Path, scratch: &Path) -> anyhow::Result<u64> {
    let begun = Instant::now();
    let spilled = spilled(base, size, scratch, begun)?;
    let mut import = Import::begin(place, Settings::default(), &base.genesis, base.context.height)?;
    blocks(base, &mut import)?;
    tell(begun, "the blocks are in the store");
    for (part, entries) in (1..).zip(spilled.sorted()) {
        for entries in entries?.chunks(ENTRIES_AT_ONCE) {
            import.entries(entries.to_vec())?;
        }
        if part % PARTS_AT_ONCE == 0 {
            tell(begun, format!("{part} of {PARTS} parts of the state are in the store"));
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
fn spilled(base: &GrownBase, size: u64, scratch: &Path, begun: Instant) -> anyhow::Result<SpilledState> {
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
        tell(begun, format!("{} of {kind:?} are applied", named(size)));
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
