//! What blocks wrote below `flags/` and `roles/`, for whoever compiles flags and remembers tokens: told by those who commit blocks,
//! who never wait for that.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// What begins the keys of what hangs on flags, and on who may issue tokens.
const WATCHED: [&[u8]; 2] = [b"flags/", b"roles/"];
/// How many keys are kept at most until somebody takes them; of more, everything is taken to be written.
const MOST_KEYS: usize = 65_536;

/// The writes of blocks, until they are taken.
#[derive(Debug)]
pub struct FlagWrites {
    blocks: watch::Sender<u64>,
    /// None once there were too many to keep.
    keys: Mutex<Option<BTreeSet<Vec<u8>>>>,
}

impl Default for FlagWrites {
    fn default() -> Self {
        Self { blocks: watch::Sender::new(0), keys: Mutex::new(Some(BTreeSet::new())) }
    }
}

impl FlagWrites {
    /// A block was committed that wrote these keys, which can be read now. One that wrote nothing below `flags/` or `roles/` wakes
    /// nobody.
    pub fn note<'k>(&self, written: impl IntoIterator<Item = &'k [u8]>) {
        let is_watched = |key: &&[u8]| WATCHED.iter().any(|start| key.starts_with(start));
        let written: Vec<&[u8]> = written.into_iter().filter(is_watched).collect();
        if written.is_empty() {
            return;
        }
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = keys.as_mut() {
            kept.extend(written.into_iter().map(<[u8]>::to_vec));
        }
        if keys.as_ref().is_some_and(|kept| kept.len() > MOST_KEYS) {
            *keys = None;
        }
        drop(keys);
        self.blocks.send_modify(|blocks| *blocks = blocks.wrapping_add(1));
    }

    /// What was written since it was taken last; none when that is too much to name.
    pub(crate) fn take(&self) -> Option<BTreeSet<Vec<u8>>> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.replace(BTreeSet::new())
    }

    /// How many blocks wrote something that is watched.
    pub(crate) fn count(&self) -> u64 {
        *self.blocks.borrow()
    }

    /// Changes with each of them.
    pub(crate) fn blocks(&self) -> watch::Receiver<u64> {
        self.blocks.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> Vec<Vec<u8>> {
        keys.iter().map(|key| key.as_bytes().to_vec()).collect()
    }

    fn note(writes: &FlagWrites, written: &[&str]) {
        let written = keys(written);
        writes.note(written.iter().map(Vec::as_slice));
    }

    #[test]
    fn a_block_that_writes_nothing_about_flags_or_roles_wakes_nobody() {
        let writes = FlagWrites::default();
        let blocks = writes.blocks();
        note(&writes, &["accounts/accounts", "staking/x", "flag", "rolesx/"]);
        assert!(!blocks.has_changed().unwrap() && writes.take().unwrap().is_empty());
        note(&writes, &["accounts/accounts", "flags/flags/a"]);
        note(&writes, &["roles/members/b"]);
        assert!(blocks.has_changed().unwrap() && writes.count() == 2);
        assert_eq!(writes.take().unwrap().into_iter().collect::<Vec<_>>(), keys(&["flags/flags/a", "roles/members/b"]));
        assert!(writes.take().unwrap().is_empty());
    }

    #[test]
    fn what_nobody_takes_is_bounded_and_then_everything_counts_as_written() {
        let writes = FlagWrites::default();
        for number in 0..=MOST_KEYS {
            note(&writes, &[&format!("flags/flags/{number}")]);
        }
        assert_eq!(writes.take(), None);
        note(&writes, &["flags/flags/a"]);
        assert_eq!(writes.take().unwrap().len(), 1);
    }
}
