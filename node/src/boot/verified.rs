//! A home's store, once it is known to hold together.

use super::evidence::{self, Evidence};
use super::report::Disbelief;
use super::{Looked, lost};
use host::config::{Config, Home};
use light::Anchor;
use primitives::BuildHash;
use runtime::Genesis;
use store::db::{Access, Damage, DbError, Extent, Settings, Store};
use store::{Behind, KeptAnchor, Mistrust, trust};

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
    /// What was read does not hold together, or nobody whom this home trusts has decided it.
    Unbelieved(Disbelief),
    /// It is of another genesis, of another version of this software, in use, or the system does not let it be read.
    Unreadable(DbError),
}

impl Verified {
    /// Opens the store of a home and verifies it.
    pub fn open(home: &Home, config: &Config, genesis: &Genesis, access: Access) -> Result<Self, Unverified> {
        // Before the store is opened: a node that runs meanwhile only goes on.
        let (marks, kept) = (lost::marks(home, config), KeptAnchor::read(home, genesis));
        let store = match Store::open(home.gov_db(config), access, Settings::of(config, access)) {
            Ok(store) => Some(store),
            Err(DbError::Missing { .. }) if access == Access::ReadOnly => None,
            Err(error) => return Err(error.into()),
        };
        let looked = store.as_ref().map_or(Ok(Looked::Whole), check)?;
        lost::require_none(marks?, store.as_ref())?;
        if let Some(store) = &store {
            store.view().began_with(genesis, &home.genesis())?;
        }
        let anchor = trust(store.as_ref(), genesis, kept?.as_ref())?;
        Ok(Self { store, looked, anchor })
    }

    /// What it says about a build, or what in it does not hold.
    pub fn evidence(&self, genesis: &Genesis, hash: &BuildHash) -> Result<Evidence, Unverified> {
        match &self.store {
            Some(store) => evidence::from_store(store, genesis, hash),
            None => Ok(Evidence::from_genesis(genesis, hash)),
        }
    }
}

impl Unverified {
    /// What was read is wrong.
    pub fn damaged(what: &str) -> Self {
        Self::Unbelieved(Disbelief::damaged(what))
    }
}

impl From<DbError> for Unverified {
    fn from(error: DbError) -> Self {
        if error.is_damage() { Self::damaged(&error.to_string()) } else { Self::Unreadable(error) }
    }
}

impl From<Damage> for Unverified {
    fn from(damage: Damage) -> Self {
        match damage {
            Damage::Unreadable(error) => error.into(),
            damage => Self::damaged(&damage.to_string()),
        }
    }
}

impl From<Behind> for Unverified {
    fn from(behind: Behind) -> Self {
        Self::damaged(&behind.to_string())
    }
}

impl From<Mistrust> for Unverified {
    fn from(mistrust: Mistrust) -> Self {
        match mistrust {
            Mistrust::Unreadable(error) => error.into(),
            mistrust => Self::Unbelieved(Disbelief::mistrusted(&mistrust)),
        }
    }
}

/// Compares the store with itself: whole when it is small, else a sample.
fn check(store: &Store) -> Result<Looked, Damage> {
    let (extent, looked) = if store.keys() <= WHOLE_UP_TO {
        (Extent::Whole, Looked::Whole)
    } else {
        (Extent::Sample(SAMPLE), Looked::Sample)
    };
    store.verify(extent, HEADERS).map(|_| looked)
}
