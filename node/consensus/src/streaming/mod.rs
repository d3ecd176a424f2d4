//! A block in parts: cutting it up, and putting it together again from whatever order the network brings.
//!
//! A stream is told apart by who published it (the peer whose key signed the gossip) and its id. It brings the encoded block in chunks
//! (`pieces`), or the ids of its transactions (`compact`), of which most are here already (`by_ids`) and the others are told to those
//! who ask (`sent`). Parts can arrive before their announcement, but only a little of them is kept, in places that each peer that
//! counts has for itself; once a validator's signed announcement is there, the stream has its place until it completes or the same
//! validator opens newer ones.

mod by_ids;
mod compact;
mod pieces;
mod sent;

pub use compact::CompactBlock;
pub use sent::SentStreams;

use super::messages::{Announcement, ProposalPart};
use arc_malachitebft_app::streaming::{Sequence, StreamContent, StreamId, StreamMessage};
use arc_malachitebft_app::types::PeerId;
use by_ids::ByIds;
use pieces::{Pieces, fits};
use primitives::{Digest, Height};
use std::collections::BTreeMap;
use std::time::Instant;

/// The length of every chunk but the last, in bytes.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// How many streams one validator may have open.
const STREAMS_PER_VALIDATOR: usize = 2;
/// How many streams of one peer may wait for their announcement.
const UNANNOUNCED_STREAMS_PER_PEER: usize = 4;
/// How many bytes of parts one peer's streams may hold before they are announced.
const UNANNOUNCED_BYTES_PER_PEER: usize = 16 * CHUNK_BYTES;

/// A part of a stream.
pub fn message(id: StreamId, sequence: Sequence, part: ProposalPart) -> StreamMessage<ProposalPart> {
    StreamMessage::new(id, sequence, StreamContent::Data(part))
}

/// An encoded block in chunks.
fn chunks(id: &StreamId, encoded: &[u8]) -> impl Iterator<Item = StreamMessage<ProposalPart>> {
    let count = encoded.len().div_ceil(CHUNK_BYTES) as Sequence;
    pieces::cut(encoded).map(move |(sequence, bytes)| {
        message(id.clone(), sequence, ProposalPart::Chunk { bytes: bytes.to_vec(), last: sequence == count })
    })
}

/// Cuts an encoded block into messages, with the announcement in front.
pub fn cut(id: StreamId, announce: ProposalPart, encoded: &[u8]) -> Vec<StreamMessage<ProposalPart>> {
    std::iter::once(message(id.clone(), 0, announce)).chain(chunks(&id, encoded)).collect()
}

/// Cuts an encoded block by ids into messages, with the announcement of the block in front.
pub fn cut_compact(id: StreamId, announce: ProposalPart, compact: &[u8]) -> Vec<StreamMessage<ProposalPart>> {
    let length = compact.len() as u32;
    let pieces = pieces::cut(compact).map(|(sequence, bytes)| {
        message(id.clone(), sequence, ProposalPart::Compact { length, bytes: bytes.to_vec() })
    });
    std::iter::once(message(id.clone(), 0, announce)).chain(pieces).collect()
}

/// Who published a stream, and the stream's id.
pub type StreamKey = (PeerId, StreamId);

/// Why a part was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// The announced block is empty or longer than a block may be.
    #[error("announces a block of {0} bytes, which is none or too many")]
    Length(u32),
    /// The stream was announced before, and differently.
    #[error("announces a stream twice")]
    Announced,
    /// A chunk does not fit the announcement.
    #[error("chunk {0} is not of the length it should have, or should not be there")]
    Chunk(Sequence),
    /// A piece of a block by ids fits neither the announcement nor the other pieces.
    #[error("piece {0} of a block by ids is not of the length it should have, or should not be there")]
    Compact(Sequence),
    /// A transaction is not the one of its place, or more than the block has.
    #[error("transaction {0} is not that of the block, or should not be there")]
    Filled(u32),
    /// A part came before its announcement, from a peer for which nothing is kept.
    #[error("part {0} comes before its announcement, of a peer that is not heard yet")]
    Early(Sequence),
    /// Ids of a block come of somebody whose turn it is not, or in another round than the first.
    #[error("ids of a block come in the first round of a height, and of nobody but its proposer")]
    Turn(Box<Announcement>),
    /// The parts do not make up what was announced. Nobody but its publisher can have sent them.
    #[error("the parts do not have the announced length and digest")]
    Digest(Box<Announcement>),
}

/// All parts of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assembled {
    /// What was announced.
    pub announcement: Announcement,
    /// The encoded block.
    pub bytes: Vec<u8>,
    /// Whether it came in chunks, at once or after its ids.
    pub is_in_chunks: bool,
}

#[derive(Debug)]
struct Stream {
    age: u64,
    announcement: Option<Announcement>,
    /// The block in chunks.
    whole: Pieces,
    /// The same as ids.
    by_ids: ByIds,
    /// When the whole block is asked for, if it is not here by then.
    waits_until: Option<Instant>,
}

impl Stream {
    fn bytes(&self) -> usize {
        self.whole.held().saturating_add(self.by_ids.held())
    }
}

/// The streams that are not complete yet.
#[derive(Debug)]
pub struct Streams {
    most_block_bytes: u32,
    most_transactions: u32,
    clock: u64,
    /// The clock when a height was forgotten last.
    forgot_at: u64,
    streams: BTreeMap<StreamKey, Stream>,
}

impl Streams {
    /// For blocks of at most `most_block_bytes` when encoded, and of so many transactions.
    pub fn new(most_block_bytes: u32, most_transactions: u32) -> Self {
        Self { most_block_bytes, most_transactions, clock: 0, forgot_at: 0, streams: BTreeMap::new() }
    }

    /// Takes an announcement whose signature and publisher were found good.
    pub fn announce(&mut self, key: StreamKey, announcement: Announcement) -> Result<Option<Assembled>, StreamError> {
        if announcement.length == 0 || announcement.length > self.most_block_bytes {
            self.streams.remove(&key);
            return Err(StreamError::Length(announcement.length));
        }
        let publisher = announcement.publisher;
        let stream = self.stream(&key);
        if stream.announcement.as_ref().is_some_and(|known| *known != announcement) {
            return Err(StreamError::Announced);
        }
        if let Some(misfit) = stream.whole.misfit(announcement.length) {
            self.streams.remove(&key);
            return Err(StreamError::Chunk(misfit));
        }
        stream.announcement = Some(announcement);
        self.keep_newest(STREAMS_PER_VALIDATOR, |_, stream| {
            stream.announcement.as_ref().is_some_and(|by| by.publisher == publisher)
        });
        self.finish(&key)
    }

    /// Takes a chunk; before its announcement only if `has_places`, because its peer counts.
    pub fn add(
        &mut self,
        key: StreamKey,
        sequence: Sequence,
        bytes: Vec<u8>,
        has_places: bool,
    ) -> Result<Option<Assembled>, StreamError> {
        let most = Sequence::from(self.most_block_bytes).div_ceil(CHUNK_BYTES as Sequence);
        if sequence == 0 || sequence > most || bytes.is_empty() || bytes.len() > CHUNK_BYTES {
            return Err(StreamError::Chunk(sequence));
        }
        self.take(key, sequence, has_places, |stream| match &stream.announcement {
            Some(announcement) if !fits(announcement.length, sequence, bytes.len()) => {
                Err(StreamError::Chunk(sequence))
            }
            _ => {
                stream.whole.put(sequence, bytes);
                Ok(())
            }
        })
    }

    /// Puts a part into its stream; before its announcement only if `has_places`, because its peer counts.
    fn take(
        &mut self,
        key: StreamKey,
        sequence: Sequence,
        has_places: bool,
        put: impl FnOnce(&mut Stream) -> Result<(), StreamError>,
    ) -> Result<Option<Assembled>, StreamError> {
        if !has_places && self.streams.get(&key).is_none_or(|stream| stream.announcement.is_none()) {
            return Err(StreamError::Early(sequence));
        }
        let peer = key.0;
        let stream = self.stream(&key);
        let is_put = put(stream);
        if stream.announcement.is_none() {
            self.bound_unannounced(peer);
        }
        is_put?;
        self.finish(&key)
    }

    /// Drops a stream.
    pub fn close(&mut self, key: &StreamKey) {
        self.streams.remove(key);
    }

    /// Drops what is for `height` or below, and what has waited for its announcement since before the height that was forgotten last:
    /// mostly what others were told of blocks that are whole here.
    pub fn forget(&mut self, height: Height) {
        let forgot_at = std::mem::replace(&mut self.forgot_at, self.clock);
        self.streams.retain(|_, stream| match &stream.announcement {
            Some(of) => of.height.0 > height,
            None => stream.age > forgot_at,
        });
    }

    /// Drops what waits for its announcement from peers that have no places, or no longer.
    pub fn keep_early(&mut self, has_places: impl Fn(&PeerId) -> bool) {
        self.streams.retain(|(peer, _), stream| stream.announcement.is_some() || has_places(peer));
    }

    fn stream(&mut self, key: &StreamKey) -> &mut Stream {
        self.clock = self.clock.wrapping_add(1);
        let age = self.clock;
        self.streams.entry(key.clone()).or_insert_with(|| Stream {
            age,
            announcement: None,
            whole: Pieces::default(),
            by_ids: ByIds::default(),
            waits_until: None,
        })
    }

    /// Drops the oldest of some streams until at most `most` are left.
    fn keep_newest(&mut self, most: usize, of: impl Fn(&StreamKey, &Stream) -> bool) {
        let mut keys: Vec<(u64, StreamKey)> = self
            .streams
            .iter()
            .filter(|(key, stream)| of(key, stream))
            .map(|(key, stream)| (stream.age, key.clone()))
            .collect();
        keys.sort();
        let excess = keys.len().saturating_sub(most);
        for (_, key) in keys.drain(..excess) {
            self.streams.remove(&key);
        }
    }

    fn bound_unannounced(&mut self, peer: PeerId) {
        let of_peer = |key: &StreamKey, stream: &Stream| key.0 == peer && stream.announcement.is_none();
        self.keep_newest(UNANNOUNCED_STREAMS_PER_PEER, of_peer);
        loop {
            let held = self.streams.iter().filter(|(key, stream)| of_peer(key, stream));
            let (count, bytes) = held.fold((0usize, 0usize), |(n, sum), (_, stream)| {
                (n.wrapping_add(1), sum.saturating_add(stream.bytes()))
            });
            if bytes <= UNANNOUNCED_BYTES_PER_PEER {
                break;
            }
            self.keep_newest(count.saturating_sub(1), of_peer);
        }
    }

    fn finish(&mut self, key: &StreamKey) -> Result<Option<Assembled>, StreamError> {
        let most = self.most_transactions;
        let Some(stream) = self.streams.get_mut(key) else { return Ok(None) };
        let Some(announcement) = stream.announcement.clone() else { return Ok(None) };
        let is_sound = stream.by_ids.read(most) && stream.by_ids.is_of(announcement.length);
        let chunks = stream.whole.joined(announcement.length);
        let is_in_chunks = chunks.is_some();
        let whole = chunks.or_else(|| stream.by_ids.whole());
        if is_sound && whole.is_none() {
            return Ok(None);
        }
        self.streams.remove(key);
        let is_it = |bytes: &Vec<u8>| {
            bytes.len() == announcement.length as usize && Digest::blake3(bytes) == announcement.digest
        };
        match whole.filter(is_it) {
            Some(bytes) => Ok(Some(Assembled { announcement, bytes, is_in_chunks })),
            None => Err(StreamError::Digest(Box::new(announcement))),
        }
    }
}

#[cfg(any(test, feature = "testing"))]
impl Streams {
    /// Bytes of parts that are held.
    pub fn held(&self) -> usize {
        self.streams.values().map(Stream::bytes).sum()
    }

    /// The most bytes that so many validators and peers can have it hold: of an announced block the chunks, its transactions, and what it
    /// is by ids.
    pub fn most_held(&self, validators: usize, peers: usize) -> usize {
        let of_a_stream = (2 * self.most_block_bytes + compact::most_compact(self.most_block_bytes)) as usize;
        validators * STREAMS_PER_VALIDATOR * of_a_stream + peers * UNANNOUNCED_BYTES_PER_PEER
    }
}

#[cfg(test)]
mod tests;
