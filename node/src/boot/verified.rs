//! A home's store, once it is known to hold together.

use super::evidence::{self, Evidence};
use super::report::Disbelief;
use super::{Looked, lost};
use host::config::{Config, Home};
use light::Anchor;
use primitives::BuildHash;
use runtime::Genesis;
use store::db::{Access, Damage, DbError, Extent, Settings, Store};
use store::{Behind, KeptAnchor, Mistrust, Watermarks, trust};

/// Keys up to which the whole state is compared with its root before the node starts; a larger state is sampled first and
/// read whole afterwards, while the node runs.
const WHOLE_UP_TO: u64 = 20_000;
/// Blocks up to which all of the history is read before the node starts, beside so small a state; a longer one is read afterwards as well.
const WHOLE_BLOCKS: u64 = 10_000;
/// Keys of a larger state that are compared with its root before the node starts.
const SAMPLE: usize = 32;
/// Headers whose chain is followed back from the head before the node starts.
const HEADERS: u64 = 64;
/// How often a home is read before it is said that something in it does not hold, where a node may write to it meanwhile.
const READINGS: usize = 3;

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
        settled(access, || Remembered::read(home, config, genesis).verify(home, config, genesis, access))
    }

    /// What it says about a build, or what in it does not hold.
    pub fn evidence(&self, genesis: &Genesis, hash: &BuildHash) -> Result<Evidence, Unverified> {
        match &self.store {
            Some(store) => evidence::from_store(store, genesis, hash),
            None => Ok(Evidence::from_genesis(genesis, hash)),
        }
    }
}

/// What a home remembers of its chain apart from the store. It is read before the store is opened: a node that runs meanwhile only goes
/// on, so that a store that is opened later has all of it.
pub(super) struct Remembered {
    marks: Result<Watermarks, DbError>,
    kept: Result<Option<KeptAnchor>, Mistrust>,
}

impl Remembered {
    /// Reads it; what is wrong with it is said once the store is known.
    pub fn read(home: &Home, config: &Config, genesis: &Genesis) -> Self {
        Self { marks: lost::marks(home, config), kept: KeptAnchor::read(home, genesis) }
    }

    /// Opens the store, and holds it against itself and against what was remembered before.
    pub fn verify(
        self,
        home: &Home,
        config: &Config,
        genesis: &Genesis,
        access: Access,
    ) -> Result<Verified, Unverified> {
        let Self { marks, kept } = self;
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
        Ok(Verified { store, looked, anchor })
    }
}

/// Reads what another process may be writing until it holds, or does not hold again and again: beside a node, pieces that were read one
/// after the other may disagree for a moment, and nobody is to restore a home for that. Who alone may write is told at once.
pub(super) fn settled<T>(access: Access, mut read: impl FnMut() -> Result<T, Unverified>) -> Result<T, Unverified> {
    let again = if access == Access::ReadOnly { READINGS - 1 } else { 0 };
    let mut found = read();
    for _ in 0..again {
        if !matches!(found, Err(Unverified::Unbelieved(_))) {
            break;
        }
        found = read();
    }
    found
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
    let blocks = store.view().head()?.map_or(0, |head| head.height.0);
    let looked = how_much(store.keys(), blocks);
    let extent = match looked {
        Looked::Whole => Extent::Whole,
        Looked::Sample => Extent::Sample(SAMPLE),
    };
    store.verify(extent, HEADERS).map(|_| looked)
}

/// How much is looked at of a state of so many keys after so many blocks. A start takes no longer because the one or the other grew.
fn how_much(keys: u64, blocks: u64) -> Looked {
    if keys <= WHOLE_UP_TO && blocks <= WHOLE_BLOCKS { Looked::Whole } else { Looked::Sample }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_small_state_of_a_short_chain_is_read_whole_before_a_start() {
        assert_eq!(how_much(WHOLE_UP_TO, WHOLE_BLOCKS), Looked::Whole);
        for (keys, blocks) in [(WHOLE_UP_TO + 1, 1), (1, WHOLE_BLOCKS + 1), (10_000_000, 10_000_000)] {
            assert_eq!(how_much(keys, blocks), Looked::Sample, "{keys} keys after {blocks} blocks");
        }
    }
}
