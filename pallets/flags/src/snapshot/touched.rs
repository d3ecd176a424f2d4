//! Which flags a block touched, by the keys that it wrote.

use primitives::{Name, Path, Timestamp};
use state::Key;
use std::collections::BTreeSet;

/// The flags and segments of a plan that were written to: what a snapshot has to read again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TouchedFlags {
    pub(super) flags: BTreeSet<Name>,
    pub(super) segments: BTreeSet<Name>,
}

impl TouchedFlags {
    /// Those of a plan, among the keys that a block wrote. Whatever else was written changes nothing that a flag serves.
    pub fn of<'k>(plan: &Name, keys: impl IntoIterator<Item = &'k [u8]>) -> Self {
        let mut touched = Self::default();
        for key in keys {
            let Some(key) = key.strip_prefix(b"flags/") else { continue };
            if let Some((of, flag)) = flag_of(key) {
                touched.flags.extend((of == *plan).then_some(flag));
            } else if let Some((of, segment)) = read::<(Name, Name)>(key, b"segments/") {
                touched.segments.extend((of == *plan).then_some(segment));
            }
        }
        touched
    }

    /// Adds what another block touched.
    pub fn join(&mut self, other: Self) {
        self.flags.extend(other.flags);
        self.segments.extend(other.segments);
    }

    /// Whether nothing was touched.
    pub fn is_empty(&self) -> bool {
        self.flags.is_empty() && self.segments.is_empty()
    }
}

/// The plan and the flag that a key is about.
fn flag_of(key: &[u8]) -> Option<(Name, Name)> {
    let of_flag = || read::<(Name, Name)>(key, b"flags/");
    let at_path = |cell: &[u8]| read::<(Name, Name, Path)>(key, cell).map(|(plan, flag, _)| (plan, flag));
    let of_day = || read::<(Timestamp, Name, Name)>(key, b"expiries/").map(|(_, plan, flag)| (plan, flag));
    of_flag().or_else(|| at_path(b"settings/")).or_else(|| at_path(b"disabled/")).or_else(of_day)
}

fn read<K: Key>(key: &[u8], cell: &[u8]) -> Option<K> {
    let mut rest = key.strip_prefix(cell)?;
    K::read(&mut rest).filter(|_| rest.is_empty())
}
