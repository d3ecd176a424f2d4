//! What state is read from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

/// A key and its value, as stored.
pub type StateEntry = (Vec<u8>, Vec<u8>);

/// A key and its value, lent where they are at hand.
pub type LentEntry<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// An entry for whoever keeps it.
pub(crate) fn owned((key, value): LentEntry<'_>) -> StateEntry {
    (key.into_owned(), value.into_owned())
}

/// Committed state: an ordered map of bytes that does not change while it is read (a snapshot).
///
/// A backend that cannot read its disk stops the node; there is no answer that would be safe to give.
pub trait Backend: Send + Sync {
    /// The value of a key.
    fn read(&self, key: &[u8]) -> Option<Vec<u8>>;

    /// Shows the value of a key to `see`, if there is one; a backend that can lend its bytes saves the copy.
    fn read_with(&self, key: &[u8], see: &mut dyn FnMut(&[u8])) {
        if let Some(value) = self.read(key) {
            see(&value);
        }
    }

    /// The entries whose keys start with `prefix`, from `from` on (inclusive), in key order.
    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a>;

    /// As [`scan`](Self::scan), for whoever only looks; a backend that can lend its bytes saves the copies.
    fn scan_lent<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = LentEntry<'a>> + 'a> {
        Box::new(self.scan(prefix, from).map(|(key, value)| -> LentEntry<'a> { (key.into(), value.into()) }))
    }
}

impl<B: Backend + ?Sized> Backend for &B {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        (**self).read(key)
    }

    fn read_with(&self, key: &[u8], see: &mut dyn FnMut(&[u8])) {
        (**self).read_with(key, see);
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        (**self).scan(prefix, from)
    }

    fn scan_lent<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = LentEntry<'a>> + 'a> {
        (**self).scan_lent(prefix, from)
    }
}

/// A backend in memory: for genesis, tests, benches and simulators.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory(pub BTreeMap<Vec<u8>, Vec<u8>>);

impl Memory {
    /// Takes a block's writes.
    pub fn commit(&mut self, writes: crate::Writes) {
        for (key, value) in writes {
            match value {
                Some(value) => self.0.insert(key, value),
                None => self.0.remove(&key),
            };
        }
    }
}

impl Backend for Memory {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.get(key).cloned()
    }

    fn read_with(&self, key: &[u8], see: &mut dyn FnMut(&[u8])) {
        if let Some(value) = self.0.get(key) {
            see(value);
        }
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        Box::new(self.scan_lent(prefix, from).map(owned))
    }

    fn scan_lent<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = LentEntry<'a>> + 'a> {
        let prefix = prefix.to_vec();
        let start = from.max(&prefix).to_vec();
        Box::new(
            self.0
                .range((Bound::Included(start), Bound::Unbounded))
                .take_while(move |(key, _)| key.starts_with(&prefix))
                .map(|(key, value)| -> LentEntry<'a> { (key.into(), value.into()) }),
        )
    }
}
