//! Which flags a snapshot has: by their keys, and for whom.

use super::names::{PlaceTable, hash};
use super::source::ListedFlag;
use super::{FlagId, FlagReader};

/// The flags of a snapshot by their places, which are those of their keys in order. Snapshots that follow one another share it while no
/// flag comes or goes, or is for others to see.
#[derive(Debug, Default)]
pub(super) struct Listing {
    by_key: PlaceTable,
    all: Vec<FlagId>,
    /// Those that clients see.
    of_clients: Vec<FlagId>,
}

impl Listing {
    /// Flags in the order of their keys.
    pub fn of<'f>(flags: impl Iterator<Item = &'f ListedFlag>) -> Self {
        let mut listing = Self::default();
        flags.for_each(|flag| listing.add(flag));
        listing
    }

    /// Adds the flag that comes next in the order of keys.
    pub fn add(&mut self, flag: &ListedFlag) {
        let flag_id = FlagId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.by_key.insert(hash(flag.defined.flag.key.as_str()), flag_id.0);
        self.all.push(flag_id);
        self.of_clients.extend(is_of_clients(flag).then_some(flag_id));
    }

    /// Whether one flag in the place of another leaves it as it is; both have the same key.
    pub fn has_alike(one: &ListedFlag, other: &ListedFlag) -> bool {
        is_of_clients(one) == is_of_clients(other)
    }

    /// The flag of that key, where `is_it` says so of its place.
    #[inline]
    pub fn find(&self, key: &str, is_it: impl Fn(FlagId) -> bool) -> Option<FlagId> {
        self.by_key.find(hash(key), |place| is_it(FlagId(place))).map(FlagId)
    }

    /// Those that a reader sees, in the order of their keys.
    pub fn seen_by(&self, reader: FlagReader) -> &[FlagId] {
        match reader {
            FlagReader::Server => &self.all,
            FlagReader::Client => &self.of_clients,
        }
    }
}

fn is_of_clients(flag: &ListedFlag) -> bool {
    FlagReader::Client.sees(flag.defined.flag.audience)
}
