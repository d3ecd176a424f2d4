//! A block that comes as ids: what is here of it, what is lacking, and until when that is waited for.

use super::compact::{CompactBlock, most_compact};
use super::pieces::{Pieces, fits};
use super::{Assembled, Stream, StreamError, StreamKey, Streams, UNANNOUNCED_BYTES_PER_PEER};
use crate::messages::{Announcement, Lacking};
use arc_malachitebft_app::streaming::Sequence;
use primitives::{Height, List, TransactionHash};
use std::collections::BTreeMap;
use std::time::Instant;

/// A block by ids as far as it has come.
#[derive(Debug, Default)]
pub(super) struct ByIds {
    /// How long it is by ids, as its first piece said; the others have to say the same.
    length: Option<u32>,
    pieces: Pieces,
    /// Once all of its pieces are there.
    block: Option<CompactBlock>,
    /// The encoded transactions that are here, by their places. As soon as it is known which belong there, they are those.
    transactions: BTreeMap<u32, Vec<u8>>,
    /// The bytes of them.
    transaction_bytes: usize,
    /// Whether this node has looked for them among its own.
    is_looked_up: bool,
}

impl ByIds {
    /// How many bytes are held.
    pub fn held(&self) -> usize {
        let block = self.block.as_ref().map_or(0, CompactBlock::held);
        self.pieces.held().saturating_add(block).saturating_add(self.transaction_bytes)
    }

    /// Whether what has come can be of a block with so many encoded bytes.
    pub fn is_of(&self, length: u32) -> bool {
        let is_short = self.length.is_none_or(|compact| compact <= most_compact(length));
        is_short && self.transaction_bytes <= length as usize
    }

    /// Keeps a piece of `length` bytes; false for one that does not fit.
    fn put(&mut self, sequence: Sequence, length: u32, bytes: Vec<u8>) -> bool {
        if *self.length.get_or_insert(length) != length || !fits(length, sequence, bytes.len()) {
            return false;
        }
        if self.block.is_none() {
            self.pieces.put(sequence, bytes);
        }
        true
    }

    /// Keeps a transaction within `room` bytes for all of them; false for one that is not, or cannot be, the one of its place.
    fn fill(&mut self, place: u32, encoded: Vec<u8>, most_transactions: u32, room: usize) -> bool {
        if self.transactions.contains_key(&place) {
            return true;
        }
        let belongs = match &self.block {
            Some(block) => block.ids.get(place as usize) == Some(&TransactionHash::of(&encoded)),
            None => place < most_transactions && !encoded.is_empty(),
        };
        if !belongs || self.transaction_bytes.saturating_add(encoded.len()) > room {
            return false;
        }
        self.insert(place, encoded);
        true
    }

    fn insert(&mut self, place: u32, encoded: Vec<u8>) {
        self.transaction_bytes = self.transaction_bytes.saturating_add(encoded.len());
        self.transactions.insert(place, encoded);
    }

    /// Reads the block by ids once its pieces are there, and drops what came early and is not of it; false when it is none.
    pub fn read(&mut self, most_transactions: u32) -> bool {
        if self.block.is_some() {
            return true;
        }
        let Some(encoded) = self.length.and_then(|length| self.pieces.joined(length)) else { return true };
        let Some(block) = CompactBlock::read(&encoded, most_transactions) else { return false };
        self.pieces = Pieces::default();
        self.transactions
            .retain(|place, encoded| block.ids.get(*place as usize) == Some(&TransactionHash::of(encoded)));
        self.transaction_bytes = self.transactions.values().map(Vec::len).sum();
        self.block = Some(block);
        true
    }

    /// The encoded block, once all of its transactions are here.
    pub fn whole(&self) -> Option<Vec<u8>> {
        let block = self.block.as_ref().filter(|block| block.ids.len() == self.transactions.len())?;
        Some(block.with(self.transactions.values()))
    }

    /// The places of those that are lacking.
    fn lacking(&self) -> Vec<u32> {
        let places = self.block.iter().flat_map(|block| (0..).zip(&block.ids));
        places.map(|(place, _)| place).filter(|place| !self.transactions.contains_key(place)).collect()
    }
}

impl Stream {
    fn untried(&self) -> Option<&Announcement> {
        let is_untried = self.by_ids.block.is_some() && !self.by_ids.is_looked_up;
        self.announcement.as_ref().filter(|_| is_untried)
    }
}

impl Streams {
    /// Takes a piece of a block by ids, which has `length` bytes; before its announcement only if `has_places`, because its peer counts.
    pub fn add_compact(
        &mut self,
        key: StreamKey,
        sequence: Sequence,
        length: u32,
        bytes: Vec<u8>,
        has_places: bool,
    ) -> Result<Option<Assembled>, StreamError> {
        self.take(key, sequence, has_places, |stream| {
            let is_of_it = stream.announcement.as_ref().is_none_or(|of| length <= most_compact(of.length));
            let is_taken = is_of_it && stream.by_ids.put(sequence, length, bytes);
            is_taken.then_some(()).ok_or(StreamError::Compact(sequence))
        })
    }

    /// Takes transactions, each with its place; before the announcement only if `has_places`, because their peer counts.
    pub fn fill(
        &mut self,
        key: StreamKey,
        transactions: Vec<(u32, Vec<u8>)>,
        has_places: bool,
    ) -> Result<Option<Assembled>, StreamError> {
        let most = self.most_transactions;
        self.take(key, 0, has_places, |stream| {
            let announced = stream.announcement.as_ref();
            let room = announced.map_or(UNANNOUNCED_BYTES_PER_PEER, |of| of.length as usize);
            let mut filled = transactions.into_iter();
            let misfit = filled.find_map(|(place, encoded)| {
                let is_taken = stream.by_ids.fill(place, encoded, most, room);
                (!is_taken).then_some(place)
            });
            misfit.map_or(Ok(()), |place| Err(StreamError::Filled(place)))
        })
    }

    /// What was announced of a block whose ids are all here, and of which [`wanted`](Self::wanted) was not asked yet.
    pub fn untried(&self, key: &StreamKey) -> Option<&Announcement> {
        self.streams.get(key).and_then(Stream::untried)
    }

    /// The streams that are such of a height.
    pub fn untried_at(&self, height: Height) -> Vec<StreamKey> {
        let is_of_it = |stream: &Stream| stream.untried().is_some_and(|of| of.height.0 == height);
        self.streams.iter().filter(|(_, stream)| is_of_it(stream)).map(|(key, _)| key.clone()).collect()
    }

    /// Which transactions a block has whose announcement and ids are here; asked once, so that they are looked up once.
    pub fn wanted(&mut self, key: &StreamKey) -> Option<Vec<TransactionHash>> {
        let stream = self.streams.get_mut(key).filter(|stream| stream.announcement.is_some())?;
        let block = stream.by_ids.block.as_ref()?;
        let is_first = !std::mem::replace(&mut stream.by_ids.is_looked_up, true);
        is_first.then(|| block.ids.clone())
    }

    /// Takes what this node has of the transactions that were looked up, in their order.
    pub fn found(
        &mut self,
        key: &StreamKey,
        transactions: Vec<Option<Vec<u8>>>,
    ) -> Result<Option<Assembled>, StreamError> {
        if let Some(stream) = self.streams.get_mut(key) {
            let here = (0..).zip(transactions).filter_map(|(place, encoded)| Some((place, encoded?)));
            for (place, encoded) in here {
                if !stream.by_ids.transactions.contains_key(&place) {
                    stream.by_ids.insert(place, encoded);
                }
            }
        }
        self.finish(key)
    }

    /// What a block lacks, as it is asked for.
    pub fn lacking(&self, key: &StreamKey) -> Lacking {
        let places = self.streams.get(key).map_or(Vec::new(), |stream| stream.by_ids.lacking());
        List::try_from(places).map_or(Lacking::Block, Lacking::Transactions)
    }

    /// Waits for what a block lacks until then.
    pub fn wait(&mut self, key: &StreamKey, until: Instant) {
        if let Some(stream) = self.streams.get_mut(key) {
            stream.waits_until = Some(until);
        }
    }

    /// When the first wait is over.
    pub fn next_overdue(&self) -> Option<Instant> {
        self.streams.values().filter_map(|stream| stream.waits_until).min()
    }

    /// The streams whose wait is over, each once.
    pub fn overdue(&mut self, now: Instant) -> Vec<StreamKey> {
        let is_over = |until: &mut Instant| *until <= now;
        let waiting = self.streams.iter_mut();
        waiting.filter_map(|(key, stream)| stream.waits_until.take_if(is_over).map(|_| key.clone())).collect()
    }
}

#[cfg(test)]
mod tests;
