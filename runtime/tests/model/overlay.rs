//! What was written since a beginning, over that: cheap to keep for each of many moments of one network.

use crate::governed::unsigned;
use primitives::{AccountId, Height, Timestamp};
use runtime::{Call, Context, Executed, Genesis, assemble, testing};
use state::{Backend, Memory, State, StateEntry, Writes, scan_over};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Rows of a network. Balances and nonces do not count for what they are: everybody can always pay.
#[derive(Clone)]
pub struct Overlay {
    base: Arc<Memory>,
    over: Writes,
}

impl Overlay {
    pub fn of(memory: Memory) -> Self {
        Self { base: Arc::new(memory), over: Writes::new() }
    }

    pub fn state(&self) -> State<'_> {
        State::over(self)
    }

    /// Takes a block's writes. What stands as in the beginning is no difference from it.
    pub fn commit(&mut self, writes: Writes) {
        for (key, value) in writes {
            if self.base.read(&key) == value {
                self.over.remove(&key);
            } else {
                self.over.insert(key, value);
            }
        }
    }

    /// What a block with some calls comes to. Nothing is signed: keys are no part of a model.
    pub fn block(
        &self,
        genesis: &Genesis,
        (height, time): (Height, Timestamp),
        asked: Vec<(AccountId, Call)>,
    ) -> Executed {
        let count = asked.len();
        let transactions = unsigned(genesis, &self.state(), height, asked);
        let context = Context { height, time, ..testing::context(genesis, height.0) };
        let (taken, executed) = assemble(self, &context, 0, transactions);
        assert_eq!(taken.len(), count, "everybody can pay");
        executed
    }

    fn counts(&self) -> impl Iterator<Item = (&Vec<u8>, &Option<Vec<u8>>)> {
        self.over.iter().filter(|(key, _)| !key.starts_with(b"accounts/"))
    }
}

impl Backend for Overlay {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        match self.over.get(key) {
            Some(written) => written.clone(),
            None => self.base.read(key),
        }
    }

    fn read_with(&self, key: &[u8], see: &mut dyn FnMut(&[u8])) {
        match self.over.get(key) {
            Some(Some(written)) => see(written),
            Some(None) => {}
            None => self.base.read_with(key, see),
        }
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        Box::new(scan_over(&*self.base, &self.over, prefix, from))
    }
}

impl PartialEq for Overlay {
    fn eq(&self, other: &Self) -> bool {
        self.counts().eq(other.counts())
    }
}

impl Hash for Overlay {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.counts().for_each(|row| row.hash(hasher));
    }
}
