//! Pending writes over committed state.

use crate::backend::owned;
use crate::{Backend, LentEntry, StateEntry};
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
        self.writes.insert(key.to_vec(), value);
    }

    /// The value of a raw key.
    pub fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.read_with(key, <[u8]>::to_vec)
    }

    /// The entries whose keys start with `prefix`, from `from` on (inclusive), in key order.
    pub fn scan<'s>(&'s self, prefix: &[u8], from: &[u8]) -> impl Iterator<Item = StateEntry> + use<'s> {
        self.scan_lent(prefix, from).map(owned)
    }

    pub(crate) fn scan_lent<'s>(&'s self, prefix: &[u8], from: &[u8]) -> impl Iterator<Item = LentEntry<'s>> + use<'s> {
        lent_over(self.committed, &self.writes, prefix, from)
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
    lent_over(committed, writes, prefix, from).map(owned)
}

fn lent_over<'s>(
    committed: &'s dyn Backend,
    writes: &'s Writes,
    prefix: &[u8],
    from: &[u8],
) -> impl Iterator<Item = LentEntry<'s>> + use<'s> {
    let start = from.max(prefix).to_vec();
    let prefix_owned = prefix.to_vec();
    let written = writes
        .range::<[u8], _>((Bound::Included(start.as_slice()), Bound::Unbounded))
        .take_while(move |(key, _)| key.starts_with(&prefix_owned));
    Merge { committed: committed.scan_lent(prefix, &start).peekable(), written: written.peekable() }
}

/// Two sorted runs as one: where both have a key, the written one counts, and a removal hides the committed entry.
struct Merge<C: Iterator, W: Iterator> {
    committed: Peekable<C>,
    written: Peekable<W>,
}

impl<'s, C, W> Iterator for Merge<C, W>
where
    C: Iterator<Item = LentEntry<'s>>,
    W: Iterator<Item = (&'s Vec<u8>, &'s Option<Vec<u8>>)>,
{
    type Item = LentEntry<'s>;

    fn next(&mut self) -> Option<LentEntry<'s>> {
        loop {
            let order = match (self.committed.peek(), self.written.peek()) {
                (Some((committed, _)), Some((written, _))) => (**committed).cmp(written.as_slice()),
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
                return Some((key.into(), value.into()));
            }
        }
    }
}
