//! Storage as typed constants.

use crate::stored::decode_all;
use crate::{Key, KeyBytes, LentEntry, State, Under, corrupt};
use parity_scale_codec::{Decode, Encode};
use std::marker::PhantomData;

/// One value at `path`.
pub struct Item<V> {
    path: &'static str,
    value: PhantomData<fn() -> V>,
}

/// Values by key, at `path/<key bytes>`.
pub struct Map<K, V> {
    path: &'static str,
    entry: PhantomData<fn() -> (K, V)>,
}

/// Keys alone, at `path/<key bytes>`; each has the value `true`, because the tree cannot prove an empty one.
pub struct Set<K>(Map<K, bool>);

/// Values by number under a key, from 1 and without gaps: a list that only ever grows. A part of it is read by its numbers, and how
/// long it is without reading it.
pub struct Log<K, V> {
    entries: Map<(K, u64), V>,
    counts: Map<K, u64>,
}

fn decode<V: Decode>(path: &str, bytes: &[u8]) -> V {
    decode_all(bytes).unwrap_or_else(|error| corrupt(&format!("a value under {path} does not decode: {error}")))
}

impl<V: Encode + Decode> Item<V> {
    /// The cell at `path`, such as `releases/roster`.
    pub const fn new(path: &'static str) -> Self {
        Self { path, value: PhantomData }
    }

    /// The raw storage key.
    pub fn key(&self) -> &'static [u8] {
        self.path.as_bytes()
    }

    /// The value, if it was ever set.
    pub fn get(&self, state: &State) -> Option<V> {
        state.read_with(self.key(), |bytes| decode(self.path, bytes))
    }

    /// The value of a cell that genesis sets; its absence means damaged state.
    pub fn require(&self, state: &State) -> V {
        self.get(state).unwrap_or_else(|| corrupt(&format!("{} is missing", self.path)))
    }

    /// Writes the value.
    pub fn set(&self, state: &mut State, value: &V) {
        state.write(self.key(), Some(value.encode()));
    }

    /// Removes the value.
    pub fn remove(&self, state: &mut State) {
        state.write(self.key(), None);
    }
}

impl<V: Encode + Decode + Default> Item<V> {
    /// The value, or the default of its type.
    pub fn get_or_default(&self, state: &State) -> V {
        self.get(state).unwrap_or_default()
    }
}

impl<K: Key, V: Encode + Decode> Map<K, V> {
    /// The cells under `path`, such as `releases/approved`.
    pub const fn new(path: &'static str) -> Self {
        Self { path, entry: PhantomData }
    }

    fn prefix(&self) -> KeyBytes {
        let mut out = KeyBytes::from_slice(self.path.as_bytes());
        out.push(b'/');
        out
    }

    /// The raw storage key of an entry.
    pub fn key(&self, key: &K) -> KeyBytes {
        let mut out = self.prefix();
        key.write(&mut out);
        out
    }

    /// The value of `key`.
    pub fn get(&self, state: &State, key: &K) -> Option<V> {
        state.read_with(&self.key(key), |bytes| decode(self.path, bytes))
    }

    /// Whether `key` has a value.
    pub fn contains(&self, state: &State, key: &K) -> bool {
        state.read_with(&self.key(key), |_| ()).is_some()
    }

    /// Writes the value of `key`.
    pub fn set(&self, state: &mut State, key: &K, value: &V) {
        state.write(&self.key(key), Some(value.encode()));
    }

    /// Removes `key`.
    pub fn remove(&self, state: &mut State, key: &K) {
        state.write(&self.key(key), None);
    }

    /// All entries, in key order.
    pub fn iter<'s>(&self, state: &'s State) -> impl Iterator<Item = (K, V)> + 's + use<'s, K, V> {
        self.entries(state, &self.prefix(), &self.prefix())
    }

    /// The entries from `first` on (inclusive), in key order.
    pub fn iter_from<'s>(&self, state: &'s State, first: &K) -> impl Iterator<Item = (K, V)> + 's + use<'s, K, V> {
        self.entries(state, &self.prefix(), &self.key(first))
    }

    /// The entries whose key starts with `head`, in key order.
    pub fn iter_under<'s, H: Key>(
        &self,
        state: &'s State,
        head: &H,
    ) -> impl Iterator<Item = (K, V)> + 's + use<'s, H, K, V> {
        let under = self.under(head);
        self.entries(state, &under, &under)
    }

    /// The same entries, from `first` on (inclusive).
    pub fn iter_under_from<'s, H: Key>(
        &self,
        state: &'s State,
        head: &H,
        first: &K,
    ) -> impl Iterator<Item = (K, V)> + 's + use<'s, H, K, V> {
        self.entries(state, &self.under(head), &self.key(first))
    }

    /// The entries whose key starts with `head`, each by what its key has behind that.
    pub fn rest_under<'s, H: Key>(
        &self,
        state: &'s State,
        head: &H,
    ) -> impl Iterator<Item = (K::Rest, V)> + 's + use<'s, H, K, V>
    where
        K: Under<H>,
    {
        let under = self.under(head);
        decoded(self.path, under.len(), state.scan_lent(&under, &under))
    }

    /// The values of the same entries, whose keys are not decoded.
    pub fn values_under<'s, H: Key>(
        &self,
        state: &'s State,
        head: &H,
    ) -> impl Iterator<Item = V> + 's + use<'s, H, K, V> {
        let (path, under) = (self.path, self.under(head));
        state.scan_lent(&under, &under).map(move |(_, value)| decode(path, &value))
    }

    fn under(&self, head: &impl Key) -> KeyBytes {
        let mut under = self.prefix();
        head.write(&mut under);
        under
    }

    fn entries<'s>(
        &self,
        state: &'s State,
        prefix: &[u8],
        from: &[u8],
    ) -> impl Iterator<Item = (K, V)> + 's + use<'s, K, V> {
        decoded(self.path, self.prefix().len(), state.scan_lent(prefix, from))
    }
}

/// Entries of the cells under `path`, with the part of their keys that begins at `start`.
fn decoded<'s, K: Key, V: Decode>(
    path: &'static str,
    start: usize,
    entries: impl Iterator<Item = LentEntry<'s>> + 's,
) -> impl Iterator<Item = (K, V)> + 's {
    entries.map(move |(key, value)| {
        let mut rest = key.get(start..).unwrap_or_default();
        let key = K::read(&mut rest).filter(|_| rest.is_empty());
        (key.unwrap_or_else(|| corrupt(&format!("a key under {path} does not decode"))), decode(path, &value))
    })
}

impl<K: Key> Set<K> {
    /// The keys under `path`.
    pub const fn new(path: &'static str) -> Self {
        Self(Map::new(path))
    }

    /// The raw storage key of a member.
    pub fn key(&self, key: &K) -> KeyBytes {
        self.0.key(key)
    }

    /// Whether `key` is a member.
    pub fn contains(&self, state: &State, key: &K) -> bool {
        self.0.contains(state, key)
    }

    /// Adds `key`.
    pub fn insert(&self, state: &mut State, key: &K) {
        self.0.set(state, key, &true);
    }

    /// Takes `key` out.
    pub fn remove(&self, state: &mut State, key: &K) {
        self.0.remove(state, key);
    }

    /// All members, in order.
    pub fn iter<'s>(&self, state: &'s State) -> impl Iterator<Item = K> + 's + use<'s, K> {
        self.0.iter(state).map(|(key, _)| key)
    }

    /// The members from `first` on (inclusive), in order.
    pub fn iter_from<'s>(&self, state: &'s State, first: &K) -> impl Iterator<Item = K> + 's + use<'s, K> {
        self.0.iter_from(state, first).map(|(key, _)| key)
    }

    /// The members that start with `head`, in order.
    pub fn iter_under<'s, H: Key>(&self, state: &'s State, head: &H) -> impl Iterator<Item = K> + 's + use<'s, H, K> {
        self.0.iter_under(state, head).map(|(key, _)| key)
    }
}

impl<K: Key + Clone, V: Encode + Decode> Log<K, V> {
    /// The lists under `path`, such as `releases/nodes`, whose lengths are under `counts`.
    pub const fn new(path: &'static str, counts: &'static str) -> Self {
        Self { entries: Map::new(path), counts: Map::new(counts) }
    }

    /// How many values `key` has.
    pub fn count(&self, state: &State, key: &K) -> u64 {
        self.counts.get(state, key).unwrap_or_default()
    }

    /// The value of `key` with a number, if it has so many.
    pub fn get(&self, state: &State, key: &K, number: u64) -> Option<V> {
        self.entries.get(state, &(key.clone(), number))
    }

    /// Adds a value to those of `key`.
    pub fn push(&self, state: &mut State, key: &K, value: &V) {
        let number = self.count(state, key).saturating_add(1);
        self.entries.set(state, &(key.clone(), number), value);
        self.counts.set(state, key, &number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[test]
    fn entries_under_a_head_begin_where_it_does_or_behind_and_end_with_it() {
        const PLACES: Map<(u64, u64), u32> = Map::new("tests/places");
        let memory = Memory::default();
        let mut state = State::over(&memory);
        for (place, value) in [((1, 8), 18), ((2, 3), 23), ((2, 5), 25), ((2, 9), 29), ((3, 1), 31)] {
            PLACES.set(&mut state, &place, &value);
        }
        let from = |first| PLACES.iter_under_from(&state, &2u64, &first).map(|(_, value)| value).collect::<Vec<_>>();
        assert_eq!(from((1, 9)), [23, 25, 29]);
        assert_eq!((from((2, 4)), from((2, 5))), (vec![25, 29], vec![25, 29]));
        assert_eq!((from((2, 10)), from((3, 0))), (vec![], vec![]));
    }

    #[test]
    fn a_log_is_read_by_numbers_that_have_no_gaps() {
        const SAID: Log<u64, u32> = Log::new("tests/said", "tests/said_counts");
        const ALL: Log<(), u32> = Log::new("tests/all", "tests/all_counts");
        let mut memory = Memory::default();
        for value in [7, 8, 9] {
            let mut state = State::over(&memory);
            SAID.push(&mut state, &1, &value);
            ALL.push(&mut state, &(), &value);
            let writes = state.into_writes();
            memory.commit(writes);
        }
        let mut state = State::over(&memory);
        SAID.push(&mut state, &2, &70);
        assert_eq!([0, 1, 2].map(|key| SAID.count(&state, &key)), [0, 3, 1]);
        assert_eq!([0, 1, 3, 4].map(|number| SAID.get(&state, &1, number)), [None, Some(7), Some(9), None]);
        assert_eq!((ALL.count(&state, &()), ALL.get(&state, &(), 2)), (3, Some(8)));
    }
}
