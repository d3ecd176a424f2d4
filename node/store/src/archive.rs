//! A node's store, read by another process, also while the node runs.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use rpc::views::{HistoryFilter, PageRange};
//! let archive = store::archive::Archive::open("node0/governance_db".as_ref())?;
//! let releases = archive.release_history(&HistoryFilter::default(), PageRange::new(None, None)?)?;
//! println!("{} builds were approved", releases.total);
//! # Ok(()) }
//! ```
//!
//! # Invariants
//! - Nothing is written to the store, and the node that writes it is not held up.

use crate::chain::StoreView;
use crate::db::{Access, DbError, Settings, Store};
use host::config::Config;
use primitives::BuildHash;
use rpc::views::{
    HistoryFilter, NodeReport, PageOf, PageRange, ReleaseDetail, ReleaseView, release_detail, release_history,
    release_nodes,
};
use rpc::{ChainView as _, ReadError};
use runtime::Genesis;
use state::State;
use std::path::{Path, PathBuf};

/// A store as it was when it was opened; what a node commits afterwards does not show. Clones are the same.
#[derive(Debug, Clone)]
pub struct Archive {
    store: Store,
    genesis: Genesis,
}

impl Archive {
    /// Opens the store at `path`: the governance database itself, or a home that has one as `governance_db`.
    ///
    /// # Errors
    /// [`DbError::Missing`] when there is no store, or none with a genesis; else why it cannot be read.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        let path = Self::folder(path);
        let settings = Settings { node_cache: 16 << 20, block_cache: 64 << 20, ..Settings::default() };
        let store = Store::open(&path, Access::ReadOnly, settings)?;
        let genesis = store.view().genesis()?.ok_or(DbError::Missing { path })?;
        Ok(Self { store, genesis })
    }

    /// The store's folder at a path that names it or its home. What is neither stays as it was named, for the refusal to
    /// say.
    pub fn folder(path: &Path) -> PathBuf {
        let within = path.join(Config::default().storage.gov_db);
        if !path.join("CURRENT").exists() && within.is_dir() { within } else { path.to_owned() }
    }

    /// What the chain started from.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The blocks and the state, for views to be made of.
    pub fn view(&self) -> StoreView<'_> {
        StoreView::new(self.store.view(), self.genesis.chain.epoch_length)
    }

    /// The approved builds, the latest release first; the same rows as `gov.release_history` of a node at this height.
    ///
    /// # Errors
    /// When the newest block cannot be read.
    ///
    /// # Panics
    /// When the state is damaged, as every reader of it does; see [`state::corrupt`].
    pub fn release_history(&self, filter: &HistoryFilter, range: PageRange) -> Result<PageOf<ReleaseView>, ReadError> {
        let view = self.view();
        let now = view.head()?.at.epoch;
        Ok(release_history(&State::over(&view), now, filter, range))
    }

    /// One approved build, as `gov.release` of a node at this height; none when it never was.
    ///
    /// # Errors
    /// When the newest block cannot be read.
    pub fn release(&self, hash: &BuildHash) -> Result<Option<ReleaseDetail>, ReadError> {
        let view = self.view();
        let now = view.head()?.at.epoch;
        Ok(release_detail(&State::over(&view), now, hash))
    }

    /// What nodes say about a build, those that first spoke of it last first; the same rows as `gov.release_nodes`.
    pub fn release_nodes(&self, hash: &BuildHash, range: PageRange) -> PageOf<NodeReport> {
        release_nodes(&State::over(&self.view()), hash, range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{AccountId, Epoch};
    use rpc::{NodeSource as _, testing::MemoryNode};

    const ALL: HistoryFilter = HistoryFilter { proposer: None, start_epoch: None, end_epoch: None };

    fn range() -> PageRange {
        PageRange::new(None, None).unwrap()
    }

    /// A home whose store holds genesis, and the writer of that store.
    fn home() -> (tempfile::TempDir, Store) {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path().join("governance_db"), Access::Primary, Settings::default()).unwrap();
        store.commit_genesis(&runtime::testing::genesis()).unwrap();
        (home, store)
    }

    #[test]
    fn a_store_is_read_by_its_own_name_and_by_its_homes_while_it_is_written() {
        let (home, _writer) = home();
        for path in [home.path().to_owned(), home.path().join("governance_db")] {
            let archive = Archive::open(&path).unwrap();
            assert_eq!(*archive.genesis(), runtime::testing::genesis());
            assert_eq!(archive.view().head().unwrap().at.height.0, 0);
        }
    }

    #[test]
    fn the_rows_are_those_that_a_node_answers() {
        let (home, _writer) = home();
        let archive = Archive::open(home.path()).unwrap();
        let node = MemoryNode::new(runtime::testing::genesis());
        let mut answered = None;
        node.view(&mut |view| answered = Some(release_history(&State::over(view), Epoch(0), &ALL, range())));
        let read = archive.release_history(&ALL, range()).unwrap();
        assert_eq!(Some(&read), answered.as_ref());
        assert_eq!(read.entries[0].release.build_hash, BuildHash([0xaa; 32]));
        let of_nobody = HistoryFilter { proposer: Some(AccountId([1; 32])), ..ALL };
        assert_eq!(archive.release_history(&of_nobody, range()).unwrap().total, 0);
    }

    #[test]
    fn a_folder_without_a_store_or_without_a_genesis_says_so() {
        let empty = tempfile::tempdir().unwrap();
        let refusal = |path: &Path| Archive::open(path).expect_err("there is nothing to read").to_string();
        let said = refusal(empty.path());
        assert!(said.contains("there is no store at") && said.contains("check the home directory"), "{said}");
        drop(Store::open(empty.path(), Access::Primary, Settings::default()).unwrap());
        assert_eq!(refusal(empty.path()), said);
    }
}
