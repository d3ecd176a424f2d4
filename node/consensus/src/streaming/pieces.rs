//! Bytes in pieces of one length, in whatever order they come.

use super::CHUNK_BYTES;
use arc_malachitebft_app::streaming::Sequence;
use std::collections::BTreeMap;

/// Cuts bytes into pieces, numbered from 1.
pub(super) fn cut(bytes: &[u8]) -> impl Iterator<Item = (Sequence, &[u8])> {
    (1..).zip(bytes.chunks(CHUNK_BYTES))
}

/// Whether piece `sequence` of `total` bytes may have `length` of them.
pub(super) fn fits(total: u32, sequence: Sequence, length: usize) -> bool {
    let total = u64::from(total);
    let before = sequence.saturating_sub(1).saturating_mul(CHUNK_BYTES as u64);
    sequence > 0 && before < total && length as u64 == total.saturating_sub(before).min(CHUNK_BYTES as u64)
}

/// The pieces that have come, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Pieces(BTreeMap<Sequence, Vec<u8>>);

impl Pieces {
    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Keeps a piece, unless it is there already.
    pub fn put(&mut self, sequence: Sequence, bytes: Vec<u8>) {
        self.0.entry(sequence).or_insert(bytes);
    }

    /// The first piece that is none of `total` bytes.
    pub fn misfit(&self, total: u32) -> Option<Sequence> {
        self.0.iter().find(|(sequence, bytes)| !fits(total, **sequence, bytes.len())).map(|(sequence, _)| *sequence)
    }

    /// All of `total` bytes, once they are there. Each piece has to fit.
    pub fn joined(&self, total: u32) -> Option<Vec<u8>> {
        let is_whole = total > 0 && self.held() == total as usize;
        is_whole.then(|| self.0.values().map(Vec::as_slice).collect::<Vec<_>>().concat())
    }
}
