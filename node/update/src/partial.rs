//! An artifact that is being fetched: a file beside its destination that holds only what was verified.
//!
//! Groups may arrive in any order and from several sources. Which of them are there is not written down: after a break the
//! file is read again and every group is judged anew, so that neither a crash nor a change in between is ever believed.
//!
//! # Invariants
//! - No byte is written before its group was verified, and none beyond the size.
//! - An SHA-256 and the mark are taken from what the file holds, in order, while the rest arrives.

use super::level_mark::MarkFinder;
use super::tree::{GROUP, HashTree};
use primitives::Digest;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// How much of the file is read at a time.
const STRIDE: u64 = 1 << 20;

/// A partly fetched artifact.
pub struct Partial {
    path: PathBuf,
    file: File,
    tree: HashTree,
    state: Mutex<State>,
    /// Told when the beginning of the file has grown, or nobody writes to it any more.
    grown: Condvar,
}

/// What only the whole file tells, from its first byte to its last.
#[derive(Debug, PartialEq, Eq)]
pub struct Contents {
    /// The SHA-256.
    pub sha256: Digest,
    /// The level that it [says](crate::level_mark) it knows; none where it says nothing.
    pub level: Option<u32>,
}

struct State {
    /// Which groups are there.
    held: Vec<bool>,
    /// How many.
    count: u64,
    /// How many are there from the beginning without a gap.
    from_start: u64,
    /// Nobody writes any more.
    over: bool,
}

impl Partial {
    /// Opens the file at `path`, or makes it, and judges what it holds.
    ///
    /// # Errors
    /// When the file cannot be made, read or sized; a link is refused.
    pub fn open(path: &Path, tree: HashTree) -> io::Result<Self> {
        let file = open_file(path)?;
        let found = file.metadata()?.len();
        let groups = usize::try_from(tree.groups()).map_err(io::Error::other)?;
        let state = State { held: vec![false; groups], count: 0, from_start: 0, over: false };
        let partial = Self { path: path.into(), file, tree, state: Mutex::new(state), grown: Condvar::new() };
        partial.judge(found.min(partial.tree.size()))?;
        partial.file.set_len(partial.tree.size())?;
        Ok(partial)
    }

    /// Marks the groups of an earlier fetch that are still right.
    fn judge(&self, found: u64) -> io::Result<()> {
        let mut buffer = vec![0; GROUP as usize];
        for group in 0..self.tree.groups() {
            let range = self.tree.bytes_of(group);
            if range.end > found {
                break;
            }
            let bytes = &mut buffer[..(range.end - range.start) as usize];
            self.file.read_exact_at(bytes, range.start)?;
            if self.tree.holds(group, bytes) {
                self.mark(group..group + 1);
            }
        }
        Ok(())
    }

    /// The tree that everything is judged by.
    pub fn tree(&self) -> &HashTree {
        &self.tree
    }

    /// Whether a group is there.
    pub fn has(&self, group: u64) -> bool {
        self.state().held.get(group as usize).copied().unwrap_or(false)
    }

    /// How many groups are there.
    pub fn count(&self) -> u64 {
        self.state().count
    }

    /// Whether everything is there.
    pub fn is_complete(&self) -> bool {
        self.count() == self.tree.groups()
    }

    /// Verifies and writes consecutive groups from `first` on; only the last group of the artifact may be short. Gives the
    /// offset of the first group that does not hold, after which nothing is written.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, first: u64, bytes: &[u8]) -> io::Result<Result<(), u64>> {
        let mut good = 0;
        let mut bad = None;
        for (group, chunk) in (first..).zip(bytes.chunks(GROUP as usize)) {
            if !self.tree.holds(group, chunk) {
                bad = Some(group.saturating_mul(GROUP));
                break;
            }
            good += chunk.len();
        }
        self.file.write_all_at(&bytes[..good], first.saturating_mul(GROUP))?;
        self.mark(first..first + (good as u64).div_ceil(GROUP));
        Ok(bad.map_or(Ok(()), Err))
    }

    fn mark(&self, groups: std::ops::Range<u64>) {
        let mut state = self.state();
        for group in groups {
            if let Some(held) = state.held.get_mut(group as usize)
                && !*held
            {
                *held = true;
                state.count += 1;
            }
        }
        while state.held.get(state.from_start as usize).copied().unwrap_or(false) {
            state.from_start += 1;
        }
        self.grown.notify_all();
    }

    /// Says that nobody writes any more, so that [`contents`](Self::contents) ends.
    pub fn close(&self) {
        self.state().over = true;
        self.grown.notify_all();
    }

    /// What the file holds, read while it arrives; none when it never became whole. Blocks.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn contents(&self) -> io::Result<Option<Contents>> {
        let (mut sha256, mut marks, mut at) = (Sha256::new(), MarkFinder::default(), 0);
        let mut buffer = vec![0; STRIDE as usize];
        while at < self.tree.size() {
            let Some(ready) = self.ready_beyond(at) else { return Ok(None) };
            while at < ready {
                let bytes = &mut buffer[..STRIDE.min(ready - at) as usize];
                self.file.read_exact_at(bytes, at)?;
                sha256.update(&*bytes);
                marks.look(bytes);
                at += bytes.len() as u64;
            }
        }
        Ok(Some(Contents { sha256: Digest(sha256.finalize().into()), level: marks.level() }))
    }

    /// Up to where the file is there from its beginning, once that is beyond `at`; none when it never will be.
    fn ready_beyond(&self, at: u64) -> Option<u64> {
        let ready = |state: &State| state.from_start.saturating_mul(GROUP).min(self.tree.size());
        let waited = self.grown.wait_while(self.state(), |state| ready(state) <= at && !state.over);
        let state = waited.unwrap_or_else(PoisonError::into_inner);
        (ready(&state) > at).then(|| ready(&state))
    }

    /// The open file, for whoever goes on with exactly these bytes.
    ///
    /// # Errors
    /// When the system has no more file descriptors.
    pub fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens or makes a file for reading and writing; what is there must be a file, not a link to one.
pub(super) fn open_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
    File::options().read(true).write(true).create(true).truncate(false).mode(0o644).custom_flags(no_follow).open(path)
}

/// Ends the wait for the contents when the fetch ends, whichever way.
pub(super) struct Writing(pub Arc<Partial>);

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level_mark::level_mark;
    use bao_tree::io::outboard::PreOrderMemOutboard;
    use builds::BLOCK;
    use primitives::BuildHash;

    fn artifact(groups: usize) -> (Vec<u8>, HashTree) {
        let data: Vec<u8> = (0..groups * GROUP as usize - 5).map(|at| (at * 31 + at / 700) as u8).collect();
        encoded(data)
    }

    fn encoded(data: Vec<u8>) -> (Vec<u8>, HashTree) {
        let outboard = PreOrderMemOutboard::create(&data, BLOCK);
        let root = BuildHash(*outboard.root.as_bytes());
        let tree = HashTree::verify(root, data.len() as u64, &outboard.data).unwrap();
        (data, tree)
    }

    #[test]
    fn t01_a_wrong_byte_never_reaches_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.part");
        let (data, tree) = artifact(4);
        let partial = Partial::open(&path, tree).unwrap();
        let mut bad = data.clone();
        bad[GROUP as usize * 2 + 9] ^= 1;
        assert_eq!(partial.write(0, &bad).unwrap(), Err(2 * GROUP));
        assert_eq!((partial.count(), partial.has(2)), (2, false));
        let kept = std::fs::read(&path).unwrap();
        assert_eq!(kept[..2 * GROUP as usize], data[..2 * GROUP as usize]);
        assert!(kept[2 * GROUP as usize..].iter().all(|byte| *byte == 0));
        assert_eq!(partial.write(2, &data[2 * GROUP as usize..]).unwrap(), Ok(()));
        assert!(partial.is_complete());
        assert_eq!(std::fs::read(&path).unwrap(), data);
    }

    #[test]
    fn after_a_break_only_what_still_holds_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.part");
        let (data, tree) = artifact(4);
        let first = Partial::open(&path, tree.clone()).unwrap();
        first.write(0, &data[..3 * GROUP as usize]).unwrap().unwrap();
        // Somebody changed the file meanwhile.
        File::options().write(true).open(&path).unwrap().write_all_at(b"!", GROUP + 1).unwrap();
        let again = Partial::open(&path, tree).unwrap();
        assert_eq!((again.has(0), again.has(1), again.has(2), again.has(3)), (true, false, true, false));
    }

    #[test]
    fn what_the_file_holds_is_read_behind_groups_in_any_order() {
        let folder = tempfile::tempdir().unwrap();
        let (data, tree) = artifact(5);
        let partial = Arc::new(Partial::open(&folder.path().join("a.part"), tree).unwrap());
        let follower = std::thread::spawn({
            let partial = partial.clone();
            move || partial.contents()
        });
        for group in [3, 0, 4, 2, 1] {
            let range = partial.tree().bytes_of(group);
            partial.write(group, &data[range.start as usize..range.end as usize]).unwrap().unwrap();
        }
        let whole = Contents { sha256: Digest(Sha256::digest(&data).into()), level: None };
        assert_eq!(follower.join().unwrap().unwrap(), Some(whole));
    }

    #[test]
    fn a_mark_is_found_across_what_is_read_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let (mut data, _) = artifact((STRIDE / GROUP) as usize + 2);
        let mark = level_mark(8);
        data[STRIDE as usize - 9..][..mark.len()].copy_from_slice(&mark);
        let (data, tree) = encoded(data);
        let partial = Partial::open(&folder.path().join("a.part"), tree).unwrap();
        partial.write(0, &data).unwrap().unwrap();
        assert_eq!(partial.contents().unwrap().map(|contents| contents.level), Some(Some(8)));
    }

    #[test]
    fn the_contents_of_a_fetch_that_was_given_up_end_without_any() {
        let folder = tempfile::tempdir().unwrap();
        let (data, tree) = artifact(3);
        let partial = Arc::new(Partial::open(&folder.path().join("a.part"), tree).unwrap());
        partial.write(0, &data[..GROUP as usize]).unwrap().unwrap();
        drop(Writing(partial.clone()));
        assert_eq!(partial.contents().unwrap(), None);
    }

    #[test]
    fn t28_a_link_in_place_of_the_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("a.part"));
        std::fs::write(&target, b"precious").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(Partial::open(&link, artifact(1).1).is_err());
        assert_eq!(std::fs::read(&target).unwrap(), b"precious");
    }
}
