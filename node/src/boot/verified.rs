//! A home's store, once it is known to hold together.

use super::evidence::{self, Evidence};
use super::{Looked, lost};
use host::config::{Config, Home};
use light::Anchor;
use primitives::BuildHash;
use runtime::Genesis;
use store::db::{Access, DbError, Extent, Settings, Store};

/// Keys up to which the whole state is compared with its root before the node starts; a larger state is sampled first and
/// read whole afterwards, while the node runs.
const WHOLE_UP_TO: u64 = 20_000;
/// Keys of a larger state that are compared with its root before the node starts.
const SAMPLE: usize = 32;
/// Headers whose chain is followed back from the head before the node starts.
const HEADERS: u64 = 64;

/// A store that was compared with itself, with what this home has voted for, and with its genesis.
pub(super) struct Verified {
    /// None when there is none, and it was only to be read.
    pub store: Option<Store>,
    /// How much of it was looked at.
    pub looked: Looked,
}

/// Why nothing is known from a store.
pub(super) enum Unverified {
    /// It does not hold together; in words.
    Damaged(String),
    /// It is of another genesis, of another version of this software, or not readable.
    Unreadable(DbError),
}

impl Verified {
    /// Opens the store of a home and verifies it.
    pub fn open(home: &Home, config: &Config, genesis: &Genesis, access: Access) -> Result<Self, Unverified> {
        let marks = lost::marks(home, config);
        let store = match Store::open(home.gov_db(config), access, Settings::of(config)) {
            Ok(store) => Some(store),
            Err(DbError::Missing { .. }) if access == Access::ReadOnly => None,
            Err(error @ (DbError::Damaged(_) | DbError::Tree(_))) => {
                return Err(Unverified::Damaged(error.to_string()));
            }
            Err(error) => return Err(Unverified::Unreadable(error)),
        };
        let looked = store.as_ref().map_or(Ok(Looked::Whole), check).map_err(Unverified::Damaged)?;
        marks.and_then(|marks| lost::require_none(marks, store.as_ref())).map_err(Unverified::Damaged)?;
        if let Some(store) = &store {
            store.view().began_with(genesis, &home.genesis()).map_err(Unverified::Unreadable)?;
        }
        Ok(Self { store, looked })
    }

    /// What it says about a build and what it lets this node trust, or what in it does not hold.
    pub fn evidence(&self, genesis: &Genesis, hash: &BuildHash) -> Result<(Evidence, Anchor), String> {
        match &self.store {
            Some(store) => evidence::from_store(store, genesis, hash),
            None => Ok((Evidence::from_genesis(genesis, hash), Anchor::genesis(genesis))),
        }
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
