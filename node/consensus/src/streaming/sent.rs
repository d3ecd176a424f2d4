//! What this node streams by ids, and what it tells of it to those who lack some.
//!
//! What one is told everybody hears. So each transaction of a stream is told once, and so is the whole block: however many ask,
//! a stream costs its publisher the ids and twice the block at most.

use super::{CHUNK_BYTES, STREAMS_PER_VALIDATOR, chunks, message};
use crate::messages::{Lacking, ProposalPart};
use arc_malachitebft_app::streaming::{StreamId, StreamMessage};
use arc_malachitebft_app::types::PeerId;
use parity_scale_codec::Encode;
use primitives::List;
use runtime::Block;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// What a told transaction takes beside its own bytes, at most: its place, and how long it is.
const BESIDE_A_TRANSACTION: usize = 8;

/// The newest streams by ids: as many as others keep of one validator.
#[derive(Debug, Default)]
pub struct SentStreams(VecDeque<SentStream>);

#[derive(Debug)]
struct SentStream {
    id: StreamId,
    block: Arc<Block>,
    /// Who has asked, and whether for the whole.
    asked: BTreeSet<(PeerId, bool)>,
    /// The places of the transactions that were told.
    told: BTreeSet<u32>,
    is_told_whole: bool,
}

impl SentStreams {
    /// Answers for a stream from now on.
    pub fn add(&mut self, id: StreamId, block: Arc<Block>) {
        let (asked, told) = (BTreeSet::new(), BTreeSet::new());
        self.0.push_back(SentStream { id, block, asked, told, is_told_whole: false });
        if self.0.len() > STREAMS_PER_VALIDATOR {
            self.0.pop_front();
        }
    }

    /// What is said to `asker`, whose part counts. Nothing of a stream that is not this node's, or when it has asked for the same.
    pub fn answer(&mut self, id: &StreamId, asker: PeerId, lacking: &Lacking) -> Vec<StreamMessage<ProposalPart>> {
        let stream = self.0.iter_mut().find(|stream| stream.id == *id);
        stream.map_or(Vec::new(), |stream| stream.answer(asker, lacking))
    }
}

impl SentStream {
    fn answer(&mut self, asker: PeerId, lacking: &Lacking) -> Vec<StreamMessage<ProposalPart>> {
        let is_first = self.asked.insert((asker, *lacking == Lacking::Block));
        if !is_first || self.is_told_whole {
            return Vec::new();
        }
        let filled = match lacking {
            Lacking::Transactions(places) => self.filled(places),
            Lacking::Block => None,
        };
        if let Some(parts) = filled {
            return parts.into_iter().map(|part| message(self.id.clone(), 0, part)).collect();
        }
        self.is_told_whole = true;
        chunks(&self.id, &self.block.encode()).collect()
    }

    /// Those of some transactions that were not told yet, in parts; none where one is too long for a part.
    fn filled(&mut self, places: &[u32]) -> Option<Vec<ProposalPart>> {
        let (transactions, told) = (&self.block.transactions, &mut self.told);
        let untold = places.iter().filter_map(|place| {
            let transaction = transactions.get(*place as usize)?;
            told.insert(*place).then(|| (*place, transaction.encode()))
        });
        packed(untold)
    }
}

/// Encoded transactions with their places in as many parts as they take; none where one is too long for a part.
fn packed(transactions: impl Iterator<Item = (u32, Vec<u8>)>) -> Option<Vec<ProposalPart>> {
    let (mut parts, mut part, mut room) = (Vec::new(), Vec::new(), CHUNK_BYTES);
    for (place, encoded) in transactions {
        let takes = encoded.len().saturating_add(BESIDE_A_TRANSACTION);
        if takes > CHUNK_BYTES {
            return None;
        }
        if takes > room {
            parts.push(std::mem::take(&mut part));
            room = CHUNK_BYTES;
        }
        room = room.saturating_sub(takes);
        part.push((place, encoded));
    }
    parts.push(part);
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    // One question names no more of them than a part may have.
    Some(parts.map(|part| ProposalPart::Filled(List::truncate_from(part))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::Application as _;
    use crate::codec::{MAX_PART_BYTES, Scale};
    use crate::tests::{Memory, peer};
    use arc_malachitebft_codec::HasEncodedLen as _;
    use primitives::Height;

    fn id(n: u8) -> StreamId {
        StreamId::new(vec![n].into())
    }

    fn block() -> Arc<Block> {
        Arc::new(Memory::new(1, &[(0, &[1])]).propose(Height(1), 0, &BTreeSet::new()).unwrap())
    }

    fn places(places: impl IntoIterator<Item = u32>) -> Lacking {
        Lacking::Transactions(List::truncate_from(places.into_iter().collect()))
    }

    /// The transactions in some messages, and how many chunks there are.
    fn told(messages: &[StreamMessage<ProposalPart>]) -> (Vec<(u32, Vec<u8>)>, usize) {
        let (mut transactions, mut chunks) = (Vec::new(), 0);
        for message in messages {
            match message.content.as_data() {
                Some(ProposalPart::Filled(filled)) => transactions.extend(filled.iter().cloned()),
                Some(ProposalPart::Chunk { .. }) => chunks += 1,
                other => panic!("{other:?}"),
            }
        }
        (transactions, chunks)
    }

    #[test]
    fn who_lacks_transactions_is_told_them_once_and_what_others_asked_for_is_not_told_again() {
        let (mut sent, block) = (SentStreams::default(), block());
        sent.add(id(1), block.clone());
        let answer = sent.answer(&id(1), peer(1), &places([3, 999, 1_000, u32::MAX]));
        let expected = [3, 999].map(|place: u32| (place, block.transactions[place as usize].encode()));
        assert_eq!(told(&answer), (expected.to_vec(), 0));
        assert!(sent.answer(&id(1), peer(1), &places([4])).is_empty(), "asked twice");
        assert_eq!(told(&sent.answer(&id(1), peer(2), &places([3, 4]))).0.len(), 1, "one of them everybody was told");
        assert!(sent.answer(&id(2), peer(3), &places([5])).is_empty(), "a stream of somebody else");
    }

    #[test]
    fn h16_however_many_ask_for_whatever_a_stream_costs_its_publisher_twice_the_block_at_most() {
        let (mut sent, block) = (SentStreams::default(), block());
        sent.add(id(1), block.clone());
        let mut bytes = 0;
        for asker in 0..=200 {
            for lacking in [places(0..1_000), places([u32::from(asker)]), Lacking::Block, Lacking::Block] {
                for message in sent.answer(&id(1), peer(asker), &lacking) {
                    let length = Scale.encoded_len(&message).unwrap();
                    assert!(length <= MAX_PART_BYTES);
                    bytes += length;
                }
            }
        }
        let length = block.encoded_size();
        assert!(bytes > 2 * length && bytes < 2 * length + length / 5, "{bytes} bytes for a block of {length}");
    }

    #[test]
    fn transactions_fill_parts_and_one_that_is_too_long_for_any_is_told_with_the_whole_block() {
        let most = CHUNK_BYTES - BESIDE_A_TRANSACTION;
        let of = |lengths: &[usize]| packed((0..).zip(lengths).map(|(place, length)| (place, vec![1; *length])));
        let counts = |parts: Vec<ProposalPart>| {
            let count = |part: &ProposalPart| match part {
                ProposalPart::Filled(filled) => filled.len(),
                other => panic!("{other:?}"),
            };
            parts.iter().map(count).collect::<Vec<_>>()
        };
        assert_eq!(of(&[most, 1, most - 1 - BESIDE_A_TRANSACTION, 1]).map(counts), Some(vec![1, 2, 1]));
        assert_eq!(of(&[]).map(counts), Some(vec![]));
        assert_eq!(of(&[1, most + 1]), None);

        let (mut sent, block) = (SentStreams::default(), block());
        sent.add(id(1), block.clone());
        let answer = sent.answer(&id(1), peer(1), &Lacking::Block);
        assert_eq!(told(&answer), (vec![], block.encoded_size().div_ceil(CHUNK_BYTES)));
        assert!(sent.answer(&id(1), peer(2), &places([5])).is_empty(), "everybody is told all of it");
    }

    #[test]
    fn the_newest_streams_are_answered_for() {
        let (mut sent, block) = (SentStreams::default(), block());
        for n in 1..=3 {
            sent.add(id(n), block.clone());
        }
        assert!(sent.answer(&id(1), peer(1), &Lacking::Block).is_empty());
        assert!(!sent.answer(&id(3), peer(1), &Lacking::Block).is_empty());
    }
}
