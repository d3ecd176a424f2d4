//! A block in parts: cutting it up, and putting it together again from whatever order the network brings.
//!
//! A stream is told apart by who published it (the peer whose key signed the gossip) and its id. Chunks can arrive before
//! their announcement, but only a little of them is kept, in places that each peer that counts has for itself; once a validator's
//! signed announcement is there, the stream has its place until it completes or the same validator opens newer ones.

use super::messages::{Announcement, ProposalPart};
use arc_malachitebft_app::streaming::{Sequence, StreamContent, StreamId, StreamMessage};
use arc_malachitebft_app::types::PeerId;
use primitives::{Digest, Height};
use std::collections::BTreeMap;

/// The length of every chunk but the last, in bytes.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// How many streams one validator may have open.
const STREAMS_PER_VALIDATOR: usize = 2;
/// How many streams of one peer may wait for their announcement.
const UNANNOUNCED_STREAMS_PER_PEER: usize = 4;
/// How many chunk bytes one peer's streams may hold before they are announced.
const UNANNOUNCED_BYTES_PER_PEER: usize = 16 * CHUNK_BYTES;

/// Cuts an encoded block into messages, with the announcement in front.
pub fn cut(id: StreamId, announce: ProposalPart, encoded: &[u8]) -> Vec<StreamMessage<ProposalPart>> {
    let count = encoded.len().div_ceil(CHUNK_BYTES);
    let chunk =
        |(n, bytes): (usize, &[u8])| ProposalPart::Chunk { bytes: bytes.to_vec(), last: n.wrapping_add(1) == count };
    std::iter::once(announce)
        .chain(encoded.chunks(CHUNK_BYTES).enumerate().map(chunk))
        .zip(0..)
        .map(|(part, sequence)| StreamMessage::new(id.clone(), sequence, StreamContent::Data(part)))
        .collect()
}

/// Who published a stream, and the stream's id.
pub type StreamKey = (PeerId, StreamId);

/// Why a part was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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
    /// A chunk came before its announcement, from a peer for which no chunks are kept.
    #[error("chunk {0} comes before its announcement, of a peer that is not heard yet")]
    Early(Sequence),
    /// The chunks do not make up what was announced.
    #[error("the chunks do not have the announced digest")]
    Digest,
}

/// All parts of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assembled {
    /// What was announced.
    pub announcement: Announcement,
    /// The encoded block.
    pub bytes: Vec<u8>,
}

#[derive(Debug)]
struct Stream {
    age: u64,
    announcement: Option<Announcement>,
    chunks: BTreeMap<Sequence, Vec<u8>>,
}

impl Stream {
    fn bytes(&self) -> usize {
        self.chunks.values().map(Vec::len).sum()
    }
}

/// The streams that are not complete yet.
#[derive(Debug)]
pub struct Streams {
    most_block_bytes: u32,
    clock: u64,
    streams: BTreeMap<StreamKey, Stream>,
}

impl Streams {
    /// For blocks of at most `most_block_bytes` when encoded.
    pub fn new(most_block_bytes: u32) -> Self {
        Self { most_block_bytes, clock: 0, streams: BTreeMap::new() }
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
        if let Some((misfit, _)) = stream.chunks.iter().find(|(n, bytes)| !fits(&announcement, **n, bytes.len())) {
            let misfit = *misfit;
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
        if sequence == 0 || bytes.is_empty() || bytes.len() > CHUNK_BYTES {
            return Err(StreamError::Chunk(sequence));
        }
        if !has_places && self.streams.get(&key).is_none_or(|stream| stream.announcement.is_none()) {
            return Err(StreamError::Early(sequence));
        }
        let peer = key.0;
        let stream = self.stream(&key);
        match &stream.announcement {
            Some(announcement) if !fits(announcement, sequence, bytes.len()) => {
                return Err(StreamError::Chunk(sequence));
            }
            _ => stream.chunks.entry(sequence).or_insert(bytes),
        };
        if stream.announcement.is_none() {
            self.bound_unannounced(peer);
        }
        self.finish(&key)
    }

    /// Drops what is for `height` or below.
    pub fn forget(&mut self, height: Height) {
        self.streams.retain(|_, stream| stream.announcement.as_ref().is_none_or(|of| of.height.0 > height));
    }

    /// Drops what waits for its announcement from peers that have no places, or no longer.
    pub fn keep_early(&mut self, has_places: impl Fn(&PeerId) -> bool) {
        self.streams.retain(|(peer, _), stream| stream.announcement.is_some() || has_places(peer));
    }

    fn stream(&mut self, key: &StreamKey) -> &mut Stream {
        self.clock = self.clock.wrapping_add(1);
        let age = self.clock;
        self.streams.entry(key.clone()).or_insert(Stream { age, announcement: None, chunks: BTreeMap::new() })
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
        let complete = self.streams.get(key).is_some_and(|stream| {
            stream.announcement.as_ref().is_some_and(|announced| stream.bytes() == announced.length as usize)
        });
        if !complete {
            return Ok(None);
        }
        let Some(Stream { announcement: Some(announcement), chunks, .. }) = self.streams.remove(key) else {
            return Ok(None);
        };
        let bytes = chunks.into_values().collect::<Vec<_>>().concat();
        if Digest::blake3(&bytes) != announcement.digest {
            return Err(StreamError::Digest);
        }
        Ok(Some(Assembled { announcement, bytes }))
    }
}

#[cfg(any(test, feature = "testing"))]
impl Streams {
    /// Bytes of chunks that are held.
    pub fn held(&self) -> usize {
        self.streams.values().map(Stream::bytes).sum()
    }

    /// The most bytes that so many validators and peers can have it hold.
    pub fn most_held(&self, validators: usize, peers: usize) -> usize {
        validators * STREAMS_PER_VALIDATOR * self.most_block_bytes as usize + peers * UNANNOUNCED_BYTES_PER_PEER
    }
}

/// Whether chunk `sequence` of an announced block may have `length` bytes.
fn fits(announcement: &Announcement, sequence: Sequence, length: usize) -> bool {
    let total = u64::from(announcement.length);
    let before = sequence.saturating_sub(1).saturating_mul(CHUNK_BYTES as u64);
    sequence > 0 && before < total && length as u64 == total.saturating_sub(before).min(CHUNK_BYTES as u64)
}

#[cfg(test)]
mod tests;
