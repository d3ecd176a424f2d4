//! Pending writes over committed state.

use crate::{Backend, StateEntry};
use std::collections::BTreeMap;
use std::iter::Peekable;
use std::ops::Bound;

/// What a block writes: the new value of each key, or `None` where the key is removed. In key order.
pub type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// State as execution sees it: what is committed, and over it what has been written since.
pub struct State<'a> {
    committed: &'a dyn Backend,
    writes: Writes,
}

impl<'a> State<'a> {
    /// Nothing written yet over `committed`.
    pub fn over(committed: &'a dyn Backend) -> Self {
        Self { committed, writes: Writes::new() }
    }

    /// What was written.
    pub fn into_writes(self) -> Writes {
        self.writes
    }

    #[inline]
    pub(crate) fn read_with<T>(&self, key: &[u8], decode: impl Fn(&[u8]) -> T) -> Option<T> {
        if let Some(written) = self.writes.get(key) {
            return written.as_deref().map(decode);
        }
        let mut value = None;
        self.committed.read_with(key, &mut |bytes| value = Some(decode(bytes)));
        value
    }

    pub(crate) fn write(&mut self, key: &[u8], value: Option<Vec<u8>>) {
        match self.writes.get_mut(key) {
            Some(slot) => *slot = value,
            None => {
                self.writes.insert(key.to_vec(), value);
            }
        }
    }

    /// The value of a raw key.
    pub fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.read_with(key, <[u8]>::to_vec)
    }

    /// The entries whose keys start with `prefix`, from `from` on (inclusive), in key order.
    pub fn scan<'s>(&'s self, prefix: &[u8], from: &[u8]) -> impl Iterator<Item = StateEntry> + use<'s> {
        scan_over(self.committed, &self.writes, prefix, from)
    }
}

/// The entries of a backend whose keys start with `prefix`, from `from` on (inclusive), in key order, as they are with some writes over
/// them.
pub fn scan_over<'s>(
    committed: &'s dyn Backend,
    writes: &'s Writes,
    prefix: &[u8],
    from: &[u8],
) -> impl Iterator<Item = StateEntry> + use<'s> {
    let start = from.max(prefix).to_vec();
    let prefix_owned = prefix.to_vec();
    let written = writes
        .range::<[u8], _>((Bound::Included(start.as_slice()), Bound::Unbounded))
        .take_while(move |(key, _)| key.starts_with(&prefix_owned))
        .map(|(key, value)| (key.clone(), value.clone()));
    Merge { committed: committed.scan(prefix, &start).peekable(), written: written.peekable() }
}

/// Two sorted runs as one: where both have a key, the written one counts, and a removal hides the committed entry.
struct Merge<C: Iterator<Item = StateEntry>, W: Iterator<Item = (Vec<u8>, Option<Vec<u8>>)>> {
    committed: Peekable<C>,
    written: Peekable<W>,
}

impl<C: Iterator<Item = StateEntry>, W: Iterator<Item = (Vec<u8>, Option<Vec<u8>>)>> Iterator for Merge<C, W> {
    type Item = StateEntry;

    fn next(&mut self) -> Option<StateEntry> {
        loop {
            let order = match (self.committed.peek(), self.written.peek()) {
                (Some((committed, _)), Some((written, _))) => committed.cmp(written),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, _) => std::cmp::Ordering::Greater,
            };
            if order.is_lt() {
                return self.committed.next();
            }
            if order.is_eq() {
                self.committed.next();
            }
            let (key, value) = self.written.next()?;
            if let Some(value) = value {
                return Some((key, value));
            }
        }
    }
}
