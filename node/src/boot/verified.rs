//! A home's store, once it is known to hold together.

use super::evidence::{self, Evidence};
use super::report::Disbelief;
use super::{Looked, lost};
use host::config::{Config, Home};
use light::Anchor;
use primitives::BuildHash;
use runtime::Genesis;
use store::db::{Access, DbError, Extent, Settings, Store};
use store::{KeptAnchor, trust};

/// Keys up to which the whole state is compared with its root before the node starts; a larger state is sampled first and
/// read whole afterwards, while the node runs.
const WHOLE_UP_TO: u64 = 20_000;
/// Keys of a larger state that are compared with its root before the node starts.
const SAMPLE: usize = 32;
/// Headers whose chain is followed back from the head before the node starts.
const HEADERS: u64 = 64;

/// A store that was compared with itself, with what this home has voted for, and with its genesis, and to whose head trust leads.
pub(super) struct Verified {
    /// None when there is none, and it was only to be read.
    pub store: Option<Store>,
    /// How much of it was looked at.
    pub looked: Looked,
    /// Trust in its head; without one, in what this home has verified before, or in genesis.
    pub anchor: Anchor,
}

/// Why nothing is known from a store.
pub(super) enum Unverified {
    /// It does not hold together, or nobody whom this home trusts has decided it.
    Unbelieved(Disbelief),
    /// It is of another genesis, of another version of this software, or not readable.
    Unreadable(DbError),
}

impl Verified {
    /// Opens the store of a home and verifies it.
    pub fn open(home: &Home, config: &Config, genesis: &Genesis, access: Access) -> Result<Self, Unverified> {
        // Before the store is opened: a node that runs meanwhile only goes on.
        let (marks, kept) = (lost::marks(home, config), KeptAnchor::read(home, genesis));
        let store = match Store::open(home.gov_db(config), access, Settings::of(config)) {
            Ok(store) => Some(store),
            Err(DbError::Missing { .. }) if access == Access::ReadOnly => None,
            Err(error @ (DbError::Damaged(_) | DbError::Tree(_))) => {
                return Err(Unverified::damaged(error.to_string()));
            }
            Err(error) => return Err(Unverified::Unreadable(error)),
        };
        let looked = store.as_ref().map_or(Ok(Looked::Whole), check).map_err(Unverified::damaged)?;
        marks.and_then(|marks| lost::require_none(marks, store.as_ref())).map_err(Unverified::damaged)?;
        if let Some(store) = &store {
            store.view().began_with(genesis, &home.genesis()).map_err(Unverified::Unreadable)?;
        }
        let anchor = kept.and_then(|kept| trust(store.as_ref(), genesis, kept.as_ref()));
        let anchor = anchor.map_err(|mistrust| Unverified::Unbelieved(mistrust.into()))?;
        Ok(Self { store, looked, anchor })
    }

    /// What it says about a build, or what in it does not hold.
    pub fn evidence(&self, genesis: &Genesis, hash: &BuildHash) -> Result<Evidence, Disbelief> {
        match &self.store {
            Some(store) => evidence::from_store(store, genesis, hash),
            None => Ok(Evidence::from_genesis(genesis, hash)),
        }
    }
}

impl Unverified {
    fn damaged(what: String) -> Self {
        Self::Unbelieved(Disbelief::damaged(&what))
    }
}

/// Compares the store with itself: whole when it is small, else a sample.
fn check(store: &Store) -> Result<Looked, String> {
    let (extent, looked) = if store.keys() <= WHOLE_UP_TO {
        (Extent::Whole, Looked::Whole)
    } else {
        (Extent::Sample(SAMPLE), Looked::Sample)
    };
    store.verify(extent, HEADERS).map(|_| looked).map_err(|damage| damage.to_string())
}
