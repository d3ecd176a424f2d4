use super::super::{CHUNK_BYTES, cut, cut_compact};
use super::*;
use crate::context::{Address, BlockHeight};
use crate::messages::{Announcement, MOST_LACKING, ProposalPart};
use crate::tests::peer;
use arc_malachitebft_app::streaming::StreamId;
use parity_scale_codec::Encode;
use primitives::{AccountId, BlockHash, Digest, Height, Signature};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_assume, proptest};
use std::time::Duration;

const MAX: u32 = 10 * CHUNK_BYTES as u32;
const MOST: u32 = 4_000;

/// A block of encoded transactions, whatever they say.
#[derive(Debug, Clone)]
struct Example {
    compact: CompactBlock,
    transactions: Vec<Vec<u8>>,
    encoded: Vec<u8>,
}

impl Example {
    fn new(frame: Vec<u8>, transactions: Vec<Vec<u8>>) -> Self {
        let compact = CompactBlock::over(frame, &transactions);
        Self { encoded: compact.whole(&transactions), compact, transactions }
    }

    /// So many transactions, of which no two are the same, each of 150 bytes.
    fn of(count: u32) -> Self {
        let transaction = |place: u32| [&place.encode()[..], &[7; 146]].concat();
        Self::new(vec![9; 300], (0..count).map(transaction).collect())
    }

    fn announcement(&self) -> Announcement {
        Announcement {
            height: BlockHeight(Height(1)),
            round: 0,
            pol_round: None,
            publisher: Address(AccountId([1; 32])),
            block: BlockHash([0; 32]),
            length: self.encoded.len() as u32,
            digest: Digest::blake3(&self.encoded),
        }
    }

    /// The announcement and the pieces.
    fn parts(&self) -> Vec<(u64, ProposalPart)> {
        let announce = ProposalPart::Announce(self.announcement(), Signature([0; 64]));
        let messages = cut_compact(key().1, announce, &self.compact.encode());
        messages.into_iter().map(|message| (message.sequence, message.content.into_data().unwrap())).collect()
    }

    fn filled(&self, places: &[u32]) -> Vec<(u32, Vec<u8>)> {
        places.iter().map(|place| (*place, self.transactions[*place as usize].clone())).collect()
    }

    /// What a node finds that has all but every `nth` of them.
    fn found_without(&self, nth: usize) -> Vec<Option<Vec<u8>>> {
        self.transactions.iter().enumerate().map(|(place, one)| (place % nth != 0).then(|| one.clone())).collect()
    }
}

fn key() -> StreamKey {
    (peer(1), StreamId::new(vec![1].into()))
}

type Taken = Result<Option<Assembled>, StreamError>;

fn feed(streams: &mut Streams, (n, part): (u64, ProposalPart)) -> Taken {
    match part {
        ProposalPart::Announce(announcement, _) => streams.announce(key(), announcement),
        ProposalPart::Chunk { bytes, .. } => streams.add(key(), n, bytes, true),
        ProposalPart::Compact { length, bytes } => streams.add_compact(key(), n, length, bytes, true),
        ProposalPart::Filled(transactions) => streams.fill(key(), transactions.into_inner(), true),
        ProposalPart::Lacking(_) => panic!("nobody is asked"),
    }
}

/// Streams to which the announcement and the ids of a block have come.
fn told(block: &Example) -> Streams {
    let mut streams = Streams::new(MAX, MOST);
    for part in block.parts() {
        assert_eq!(feed(&mut streams, part).unwrap(), None);
    }
    assert_eq!(streams.wanted(&key()), Some(block.compact.ids.clone()));
    assert_eq!(streams.wanted(&key()), None, "looked up once");
    streams
}

/// The places that are asked for.
fn lacking(streams: &Streams) -> Vec<u32> {
    match streams.lacking(&key()) {
        Lacking::Transactions(places) => places.into_inner(),
        Lacking::Block => panic!("the block is asked for"),
    }
}

fn is_refused(taken: Taken) -> bool {
    matches!(taken, Err(StreamError::Digest(_)))
}

#[test]
fn a_block_all_of_whose_transactions_are_here_is_whole_when_its_ids_have_come_in_any_order() {
    let block = Example::of(3_000);
    let parts = block.parts();
    assert_eq!(parts.len(), 3, "the announcement and two pieces");
    for turn in 0..parts.len() {
        let mut order = parts.clone();
        order.rotate_left(turn);
        order.reverse();
        let mut streams = Streams::new(MAX, MOST);
        for part in order {
            assert_eq!(streams.wanted(&key()), None, "not before all of it is here");
            assert_eq!(feed(&mut streams, part.clone()).unwrap(), None);
            assert_eq!(feed(&mut streams, part).unwrap(), None, "a part that comes twice counts once");
        }
        assert_eq!(streams.wanted(&key()), Some(block.compact.ids.clone()));
        let whole = streams.found(&key(), block.transactions.iter().cloned().map(Some).collect());
        assert_eq!(
            whole.unwrap().unwrap(),
            Assembled { announcement: block.announcement(), bytes: block.encoded.clone(), is_in_chunks: false }
        );
        assert!(streams.streams.is_empty());
    }
}

#[test]
fn what_is_lacking_is_filled_in_and_nothing_is_waited_for_any_more() {
    let block = Example::of(100);
    let mut streams = told(&block);
    assert_eq!(streams.found(&key(), block.found_without(30)).unwrap(), None);
    assert_eq!(lacking(&streams), [0, 30, 60, 90]);
    let until = Instant::now();
    streams.wait(&key(), until);
    assert_eq!(streams.next_overdue(), Some(until));
    assert_eq!(streams.fill(key(), block.filled(&[90, 0, 30]), false).unwrap(), None);
    assert_eq!(lacking(&streams), [60]);
    assert_eq!(streams.fill(key(), block.filled(&[1, 60]), false).unwrap().unwrap().bytes, block.encoded);
    assert_eq!(streams.next_overdue(), None);
}

#[test]
fn who_lacks_more_than_can_be_asked_for_at_once_asks_for_the_block() {
    let block = Example::of(MOST_LACKING + 1);
    for (held, is_block) in [(0, true), (1, false)] {
        let mut streams = told(&block);
        let found = block.transactions.iter().take(held).cloned().map(Some).collect();
        assert_eq!(streams.found(&key(), found).unwrap(), None);
        assert_eq!(streams.lacking(&key()) == Lacking::Block, is_block);
    }
}

#[test]
fn a_transaction_that_is_not_the_one_of_its_place_is_not_taken() {
    let block = Example::of(100);
    let mut streams = told(&block);
    streams.found(&key(), block.found_without(50)).unwrap();
    let other = block.transactions[1].clone();
    assert_eq!(streams.fill(key(), vec![(50, other.clone())], true), Err(StreamError::Filled(50)));
    assert_eq!(streams.fill(key(), vec![(100, other)], true), Err(StreamError::Filled(100)));
    assert_eq!(lacking(&streams), [0, 50]);
    assert_eq!(streams.fill(key(), block.filled(&[0, 50]), true).unwrap().unwrap().bytes, block.encoded);
}

#[test]
fn transactions_that_come_before_the_ids_count_if_they_are_those() {
    let block = Example::of(100);
    let mut streams = Streams::new(MAX, MOST);
    let mut early = block.filled(&[0, 50]);
    early.push((51, vec![1, 2, 3]));
    assert_eq!(streams.fill(key(), early, true).unwrap(), None);
    assert_eq!(streams.fill(key(), vec![(MOST, vec![1])], true), Err(StreamError::Filled(MOST)));
    assert_eq!(streams.fill(key(), vec![(1, vec![])], true), Err(StreamError::Filled(1)));
    for part in block.parts() {
        assert_eq!(feed(&mut streams, part).unwrap(), None);
    }
    assert!(streams.wanted(&key()).is_some());
    let mut found = block.found_without(50);
    assert_eq!(found[51].take(), Some(block.transactions[51].clone()));
    assert_eq!(streams.found(&key(), found).unwrap(), None);
    assert_eq!(lacking(&streams), [51]);
}

#[test]
fn a_block_by_ids_that_is_another_than_was_announced_is_refused() {
    let block = Example::of(100);
    // Other transactions, as many bytes.
    let mut other = block.clone();
    other.compact = CompactBlock::over(vec![8; 300], &block.transactions);
    let mut streams = told(&other);
    assert!(is_refused(streams.found(&key(), block.transactions.iter().cloned().map(Some).collect())));
    assert!(streams.streams.is_empty());

    // Too few of them.
    let mut fewer = block.clone();
    fewer.compact = CompactBlock::over(vec![9; 300], &block.transactions[..99]);
    let mut streams = told(&fewer);
    assert!(is_refused(streams.found(&key(), block.transactions[..99].iter().cloned().map(Some).collect())));

    // More bytes than were announced, although some are lacking: nothing that comes can make it right.
    let mut short = Example::of(100);
    short.compact = CompactBlock::over(vec![9; 300], &Example::of(200).transactions);
    let mut streams = told(&short);
    assert!(is_refused(streams.found(&key(), Example::of(200).found_without(150))));

    // The same one many times, of which no more are found than make too many bytes.
    let mut same = block.clone();
    same.compact = CompactBlock::over(vec![9; 300], &vec![block.transactions[0].clone(); 200]);
    let mut streams = told(&same);
    assert!(is_refused(streams.found(&key(), vec![Some(block.transactions[0].clone()); 103])));
}

#[test]
fn pieces_that_make_up_no_block_by_ids_or_one_of_too_many_transactions_are_refused() {
    let block = Example::of(100);
    let garbage = cut_compact(key().1, ProposalPart::Announce(block.announcement(), Signature([0; 64])), &[0xff; 500]);
    let mut streams = Streams::new(MAX, MOST);
    let mut parts = garbage.into_iter().map(|message| (message.sequence, message.content.into_data().unwrap()));
    assert_eq!(feed(&mut streams, parts.next().unwrap()).unwrap(), None);
    assert!(is_refused(feed(&mut streams, parts.next().unwrap())));

    let mut streams = Streams::new(MAX, 99);
    let mut parts = block.parts().into_iter();
    assert_eq!(feed(&mut streams, parts.next().unwrap()).unwrap(), None);
    assert!(is_refused(feed(&mut streams, parts.next().unwrap())));
}

#[test]
fn a_piece_that_does_not_fit_the_announcement_or_the_others_is_refused() {
    let block = Example::of(3_000);
    let mut streams = Streams::new(MAX, MOST);
    streams.announce(key(), block.announcement()).unwrap();
    let most = most_compact(block.encoded.len() as u32);
    let piece = |length, n, bytes| (n, ProposalPart::Compact { length, bytes: vec![0; bytes] });
    for (length, n, bytes) in [
        (most + 1, 1, CHUNK_BYTES),
        (most, 0, 1),
        (most, 1, 10),
        (most, 9, CHUNK_BYTES),
        (most, u64::MAX, 1),
        (0, 1, 0),
    ] {
        let mut streams = Streams::new(MAX, MOST);
        streams.announce(key(), block.announcement()).unwrap();
        let refused = feed(&mut streams, piece(length, n, bytes));
        assert_eq!(refused, Err(StreamError::Compact(n)), "{length} {n} {bytes}");
    }
    assert_eq!(feed(&mut streams, piece(most, 1, CHUNK_BYTES)).unwrap(), None);
    assert_eq!(feed(&mut streams, piece(most - 1, 2, CHUNK_BYTES)), Err(StreamError::Compact(2)), "another length");

    // Before the announcement a piece is not known to be too long; with it, it is.
    let mut streams = Streams::new(MAX, MOST);
    assert_eq!(feed(&mut streams, piece(most + 1, 1, CHUNK_BYTES)).unwrap(), None);
    assert!(is_refused(streams.announce(key(), block.announcement())));
}

#[test]
fn a_block_can_come_in_chunks_before_and_after_its_ids() {
    let block = Example::of(1_000);
    let announce = ProposalPart::Announce(block.announcement(), Signature([0; 64]));
    let chunks = cut(key().1, announce, &block.encoded).into_iter().skip(1);
    let mut chunks: Vec<_> = chunks.map(|part| (part.sequence, part.content.into_data().unwrap())).collect();
    let last = chunks.pop().unwrap();

    let mut streams = told(&block);
    streams.found(&key(), block.found_without(50)).unwrap();
    for chunk in chunks.clone() {
        assert_eq!(feed(&mut streams, chunk).unwrap(), None);
    }
    assert_eq!(feed(&mut streams, last).unwrap().unwrap().bytes, block.encoded);

    let mut streams = Streams::new(MAX, MOST);
    for part in chunks.into_iter().chain(block.parts()) {
        assert_eq!(feed(&mut streams, part).unwrap(), None);
    }
    assert!(streams.wanted(&key()).is_some());
    let whole = streams.found(&key(), block.transactions.iter().cloned().map(Some).collect());
    assert_eq!(whole.unwrap().unwrap().bytes, block.encoded);
}

#[test]
fn a_wait_is_over_once() {
    let block = Example::of(100);
    let (mut streams, now) = (told(&block), Instant::now());
    streams.wait(&key(), now + Duration::from_secs(1));
    assert!(streams.overdue(now).is_empty());
    assert_eq!(streams.overdue(now + Duration::from_secs(1)), [key()]);
    assert!(streams.overdue(now + Duration::from_secs(2)).is_empty());
    assert_eq!(streams.next_overdue(), None);
}

#[test]
fn h16_what_comes_early_of_a_block_by_ids_takes_the_places_of_its_peer_and_strangers_have_none() {
    let (mut streams, block) = (Streams::new(MAX, MOST), Example::of(3_000));
    let of = |id: u8| (peer(1), StreamId::new(vec![id].into()));
    for id in 0..50 {
        streams.add_compact(of(id), 1, u32::MAX, vec![0; CHUNK_BYTES], true).unwrap();
        streams.fill(of(id), block.filled(&[1, 2, 3]), true).unwrap();
        assert!(streams.held() <= UNANNOUNCED_BYTES_PER_PEER);
    }
    for n in 1..=100 {
        streams.add_compact(of(0), n, u32::MAX, vec![0; CHUNK_BYTES], true).unwrap();
        assert!(streams.held() <= UNANNOUNCED_BYTES_PER_PEER);
    }
    let stranger = (peer(9), key().1);
    assert_eq!(streams.add_compact(stranger.clone(), 1, 5, vec![0; 5], false), Err(StreamError::Early(1)));
    assert_eq!(streams.fill(stranger, block.filled(&[1]), false), Err(StreamError::Early(0)));
}

fn examples() -> impl Strategy<Value = Example> {
    let transactions = vec(vec(any::<u8>(), 100..400), 1..80);
    (vec(any::<u8>(), 0..200), transactions).prop_map(|(frame, transactions)| Example::new(frame, transactions))
}

/// A block, for each transaction whether it waits here and in which of three parts it is told, and an order of its parts.
fn arrivals() -> impl Strategy<Value = (Example, Vec<(bool, u8)>, Vec<usize>)> {
    examples().prop_flat_map(|example| {
        let count = example.transactions.len();
        let order = Just((0..5).collect::<Vec<usize>>()).prop_shuffle();
        (Just(example), vec((any::<bool>(), 0..3u8), count), order)
    })
}

proptest! {
    /// Whatever of a block waits here, and in whatever order the rest comes: it is the block that was announced.
    #[test]
    fn any_block_comes_to_the_same_bytes_by_ids((block, held, order) in arrivals()) {
        prop_assume!(block.compact.instead_of(block.encoded.len() as u32).is_some());
        let mut parts = block.parts();
        prop_assert_eq!(parts.len(), 2);
        for number in 0..3 {
            let places = (0..).zip(&held).filter(|(_, (is_here, part))| !is_here && *part == number);
            let places: Vec<u32> = places.map(|(place, _)| place).collect();
            parts.push((0, ProposalPart::Filled(List::truncate_from(block.filled(&places)))));
        }
        let mut streams = Streams::new(MAX, MOST);
        let mut whole = None;
        for place in order {
            let mut taken = feed(&mut streams, parts[place].clone()).unwrap();
            if taken.is_none() && streams.wanted(&key()).is_some() {
                let found = held.iter().zip(&block.transactions);
                let found = found.map(|((is_here, _), one)| is_here.then(|| one.clone())).collect();
                taken = streams.found(&key(), found).unwrap();
            }
            whole = taken.or(whole);
        }
        prop_assert_eq!(whole.map(|whole| whole.bytes), Some(block.encoded));
    }
}
