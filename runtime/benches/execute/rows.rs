//! Which rows of state something reads and writes, and the floor of it: reading and writing these rows and nothing else.

use state::{Backend, Key, KeyBytes, Map, Memory, State, StateEntry};
use std::hint::black_box;
use std::sync::Mutex;

/// Where the floor writes, so that it never reads what it wrote itself.
const WRITTEN: Map<RawKey, Vec<u8>> = Map::new("written");

/// The rows of a piece of work.
pub struct TouchedRows {
    /// The keys that it read, as often as it read them.
    pub read: Vec<Vec<u8>>,
    /// What it wrote.
    pub written: Vec<(RawKey, Vec<u8>)>,
}

/// A storage key as it is.
pub struct RawKey(Vec<u8>);

/// Committed state that notes which rows are read of it.
struct NotedRows<'m> {
    memory: &'m Memory,
    read: Mutex<Vec<Vec<u8>>>,
}

impl TouchedRows {
    /// Those of work over committed state. What it reads of its own writes is not among them.
    pub fn of(memory: &Memory, work: impl FnOnce(&mut State)) -> Self {
        let noted = NotedRows { memory, read: Mutex::default() };
        let mut state = State::over(&noted);
        work(&mut state);
        let writes = state.into_writes();
        let written = writes.into_iter().map(|(key, value)| (RawKey(key), value.unwrap_or_default())).collect();
        Self { read: noted.read.into_inner().unwrap(), written }
    }

    /// Reads and writes them: no value is decoded, and nothing is judged.
    pub fn touch(&self, state: &mut State) {
        for key in &self.read {
            black_box(state.read(key));
        }
        for (key, value) in &self.written {
            WRITTEN.set(state, key, value);
        }
    }
}

impl std::fmt::Display for TouchedRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (read, written) = (self.read.len(), self.written.len());
        match written {
            0 => write!(f, "{read} rows read"),
            _ => write!(f, "{read} rows read and {written} written"),
        }
    }
}

impl NotedRows<'_> {
    fn note(&self, key: &[u8]) {
        self.read.lock().unwrap().push(key.to_vec());
    }
}

impl Backend for NotedRows<'_> {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.note(key);
        self.memory.read(key)
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        Box::new(self.memory.scan(prefix, from).inspect(move |(key, _)| self.note(key)))
    }
}

impl Key for RawKey {
    fn write(&self, out: &mut KeyBytes) {
        out.extend_from_slice(&self.0);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self(std::mem::take(bytes).to_vec()))
    }
}
