//! State that counts the rows which are read of it.

use state::{Backend, Memory, StateEntry};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A state in memory, and how many of its rows were read.
#[derive(Debug)]
pub struct CountedRows<'m> {
    memory: &'m Memory,
    rows: AtomicUsize,
}

impl<'m> CountedRows<'m> {
    /// Of which nothing was read yet.
    pub fn of(memory: &'m Memory) -> Self {
        Self { memory, rows: AtomicUsize::new(0) }
    }

    /// How many were read.
    pub fn rows(&self) -> usize {
        self.rows.load(Ordering::Relaxed)
    }
}

impl Backend for CountedRows<'_> {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.rows.fetch_add(1, Ordering::Relaxed);
        self.memory.read(key)
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        let rows = &self.rows;
        Box::new(self.memory.scan(prefix, from).inspect(move |_| {
            rows.fetch_add(1, Ordering::Relaxed);
        }))
    }
}
