//! A disk that loses what was not synced when its power is cut, and that fails when it is told to.

use crate::undecided::log::LogDisk;
use std::io;
use std::sync::{Arc, Mutex};

/// Which step fails, and what it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fails {
    /// Half of what is appended is written.
    Append,
    /// What was written is not brought to the disk.
    Sync,
}

/// One file on the disk, in the hands of a log and of a test.
#[derive(Debug, Clone, Default)]
pub struct LossyDisk(Arc<Mutex<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    synced: Vec<u8>,
    written: Vec<u8>,
    syncs: usize,
    fails: Option<Fails>,
}

impl LossyDisk {
    /// From now on, a step fails.
    pub fn fail(&self, step: Fails) {
        self.0.lock().unwrap().fails = Some(step);
    }

    /// How often it was synced.
    pub fn syncs(&self) -> usize {
        self.0.lock().unwrap().syncs
    }

    /// All that the file may hold when the power is cut now: of what was written since the last sync as much as up to any byte, and
    /// what was there before, if it was emptied since.
    pub fn after_a_cut(&self) -> Vec<Vec<u8>> {
        let contents = self.0.lock().unwrap();
        let (synced, written) = (&contents.synced, &contents.written);
        let is_emptied = !written.starts_with(synced);
        let from = if is_emptied { 0 } else { synced.len() };
        let cut = (from..=written.len()).map(|end| written[..end].to_vec());
        cut.chain(is_emptied.then(|| synced.clone())).collect()
    }
}

impl LogDisk for LossyDisk {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut contents = self.0.lock().unwrap();
        if contents.fails == Some(Fails::Append) {
            contents.written.extend_from_slice(&bytes[..bytes.len() / 2]);
            return Err(io::ErrorKind::StorageFull.into());
        }
        contents.written.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut contents = self.0.lock().unwrap();
        if contents.fails == Some(Fails::Sync) {
            return Err(io::Error::other("the disk is gone"));
        }
        contents.synced = contents.written.clone();
        contents.syncs += 1;
        Ok(())
    }

    fn empty(&self) -> io::Result<()> {
        self.0.lock().unwrap().written.clear();
        Ok(())
    }
}
