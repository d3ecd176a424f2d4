use super::*;
use crate::context::{Address, BlockHeight};
use crate::tests::peer;
use primitives::{AccountId, BlockHash, Signature};

const MAX: u32 = 10 * CHUNK_BYTES as u32;
const MOST: u32 = 1_000;

fn announcement(bytes: &[u8], publisher: u8) -> Announcement {
    Announcement {
        height: BlockHeight(Height(1)),
        round: 0,
        pol_round: None,
        publisher: Address(AccountId([publisher; 32])),
        block: BlockHash([0; 32]),
        length: bytes.len() as u32,
        digest: Digest::blake3(bytes),
    }
}

fn block(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

fn key(peer: PeerId, id: u8) -> StreamKey {
    (peer, StreamId::new(vec![id].into()))
}

/// The parts as the network would carry them.
fn parts(bytes: &[u8]) -> Vec<(u64, ProposalPart)> {
    let announce = ProposalPart::Announce(announcement(bytes, 1), Signature([0; 64]));
    cut(StreamId::new(vec![1].into()), announce, bytes)
        .into_iter()
        .map(|message| (message.sequence, message.content.into_data().unwrap()))
        .collect()
}

fn feed(
    streams: &mut Streams,
    key: &StreamKey,
    (n, part): (u64, ProposalPart),
) -> Result<Option<Assembled>, StreamError> {
    match part {
        ProposalPart::Announce(announcement, _) => streams.announce(key.clone(), announcement),
        ProposalPart::Chunk { bytes, .. } => streams.add(key.clone(), n, bytes, true),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_block_is_whole_again_from_any_order() {
    for length in [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5] {
        let bytes = block(length);
        let parts = parts(&bytes);
        assert_eq!(parts.len(), 1 + length.div_ceil(CHUNK_BYTES));
        for turn in 0..parts.len() {
            let mut order = parts.clone();
            order.rotate_left(turn);
            order.reverse();
            let (mut streams, key) = (Streams::new(MAX, MOST), key(peer(1), 1));
            let last = order.pop().unwrap();
            for part in order {
                assert_eq!(feed(&mut streams, &key, part.clone()).unwrap(), None);
                assert_eq!(feed(&mut streams, &key, part).unwrap(), None, "a part that comes twice counts once");
            }
            assert_eq!(feed(&mut streams, &key, last).unwrap().unwrap().bytes, bytes);
            assert!(streams.streams.is_empty());
        }
    }
}

#[test]
fn a_block_that_is_empty_or_too_long_is_not_assembled() {
    let (mut streams, key) = (Streams::new(MAX, MOST), key(peer(1), 1));
    assert_eq!(streams.announce(key.clone(), announcement(&[], 1)), Err(StreamError::Length(0)));
    let long = Announcement { length: MAX + 1, ..announcement(&[1], 1) };
    assert_eq!(streams.announce(key, long), Err(StreamError::Length(MAX + 1)));
    assert!(streams.streams.is_empty());
}

#[test]
fn a_chunk_that_does_not_fit_the_announcement_is_refused() {
    let bytes = block(CHUNK_BYTES + 10);
    let (mut streams, key) = (Streams::new(MAX, MOST), key(peer(1), 1));
    streams.announce(key.clone(), announcement(&bytes, 1)).unwrap();
    for (n, length) in
        [(0, 1), (1, 10), (2, CHUNK_BYTES), (2, 11), (3, 10), (u64::MAX, 10), (1, CHUNK_BYTES + 1), (2, 0)]
    {
        assert_eq!(streams.add(key.clone(), n, vec![0; length], true), Err(StreamError::Chunk(n)), "{n} {length}");
    }
}

#[test]
fn chunks_that_came_before_an_announcement_they_do_not_fit_spoil_the_stream() {
    let (mut streams, key) = (Streams::new(MAX, MOST), key(peer(1), 1));
    streams.add(key.clone(), 9, vec![0; 10], true).unwrap();
    assert_eq!(streams.announce(key, announcement(&block(20), 1)), Err(StreamError::Chunk(9)));
    assert!(streams.streams.is_empty());
}

#[test]
fn other_bytes_than_announced_are_refused() {
    let (mut streams, key) = (Streams::new(MAX, MOST), key(peer(1), 1));
    let announced = announcement(&block(20), 1);
    streams.announce(key.clone(), announced.clone()).unwrap();
    assert_eq!(streams.add(key, 1, vec![0; 20], true), Err(StreamError::Digest(Box::new(announced))));
    assert!(streams.streams.is_empty());
}

#[test]
fn a_stream_cannot_be_announced_as_two_things() {
    let (mut streams, key) = (Streams::new(MAX, MOST), key(peer(1), 1));
    streams.announce(key.clone(), announcement(&block(20), 1)).unwrap();
    assert_eq!(streams.announce(key, announcement(&block(21), 1)), Err(StreamError::Announced));
}

#[test]
fn a_validator_has_a_bounded_number_of_streams_and_does_not_take_those_of_another() {
    let (mut streams, me) = (Streams::new(MAX, MOST), peer(1));
    streams.announce(key(peer(2), 1), announcement(&block(20), 2)).unwrap();
    for id in 0..9 {
        streams.announce(key(me, id), announcement(&block(20), 1)).unwrap();
    }
    assert_eq!(streams.streams.len(), 1 + STREAMS_PER_VALIDATOR);
    assert!(streams.streams.contains_key(&key(me, 8)), "the newest stays");
}

#[test]
fn h16_each_peer_that_counts_has_places_of_its_own_for_what_is_not_announced_yet_and_others_have_none() {
    let (mut streams, hostile, bytes) = (Streams::new(10 * MAX, MOST), peer(1), block(2 * CHUNK_BYTES));
    streams.add(key(peer(2), 1), 2, bytes[CHUNK_BYTES..].to_vec(), true).unwrap();
    for id in 0..200 {
        streams.add(key(hostile, id), 1, vec![0; CHUNK_BYTES], true).unwrap();
        assert!(streams.held() <= CHUNK_BYTES + UNANNOUNCED_BYTES_PER_PEER);
    }
    assert_eq!(streams.streams.len(), 1 + UNANNOUNCED_STREAMS_PER_PEER);
    for n in 1..=100 {
        streams.add(key(hostile, 200), n, vec![0; CHUNK_BYTES], true).unwrap();
        assert!(streams.held() <= CHUNK_BYTES + UNANNOUNCED_BYTES_PER_PEER);
    }
    let held = streams.held();
    for n in 3..200 {
        assert_eq!(streams.add(key(peer(n), 1), 1, vec![0; 1], false), Err(StreamError::Early(1)));
    }
    assert_eq!(streams.held(), held, "invented publishers take nobody's place");

    // What came early is still there, and an announced stream takes chunks from everybody.
    let announced = announcement(&bytes, 2);
    assert_eq!(streams.announce(key(peer(2), 1), announced).unwrap(), None);
    let whole = streams.add(key(peer(2), 1), 1, bytes[..CHUNK_BYTES].to_vec(), false).unwrap();
    assert_eq!(whole.unwrap().bytes, bytes);
    streams.keep_early(|peer| *peer != hostile);
    assert!(streams.streams.is_empty());
}

#[test]
fn h16_no_more_chunks_wait_for_an_announcement_than_the_longest_block_has_however_short_they_are() {
    let mut streams = Streams::new(MAX, MOST);
    for n in 1..=1_000 {
        assert_eq!(streams.add(key(peer(1), 1), n, vec![0], true).is_ok(), n <= 10, "{n}");
    }
    assert_eq!(streams.held(), 10);
}

#[test]
fn a_decided_height_is_forgotten() {
    let (mut streams, me) = (Streams::new(MAX, MOST), peer(1));
    streams.announce(key(me, 1), announcement(&block(20), 1)).unwrap();
    streams.forget(Height(1));
    assert!(streams.streams.is_empty());
}

#[test]
fn what_waits_for_its_announcement_for_longer_than_a_height_is_dropped() {
    let mut streams = Streams::new(MAX, MOST);
    streams.forget(Height(1));
    streams.add(key(peer(1), 1), 1, vec![0; 10], true).unwrap();
    streams.forget(Height(2));
    assert_eq!(streams.held(), 10);
    streams.forget(Height(3));
    assert_eq!(streams.held(), 0);
}
