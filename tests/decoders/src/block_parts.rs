//! The parts of blocks, put together from whatever peers send, in whatever order.
//!
//! An input is a list of messages, each of five bytes and more: the peer that sends it, what is sent, and how that comes
//! about. So a few bytes stand for a chunk of 64 KiB.

use crate::streams::{MOST_BLOCK_BYTES, MOST_TRANSACTIONS, PEERS, VALIDATORS, chain, streams, waiting};
use crate::{Outcome, Seed, numbered};
use consensus::testing::Assembly;

/// More messages than this are not looked at.
const MOST_MESSAGES: usize = 64;

/// The parts of blocks that are streamed, as they are.
const GENUINE: u8 = 0;
/// The same with a byte changed: its place follows in two bytes, counted from the end of the message.
const CHANGED: u8 = 1;
/// A message of its own, whose length is in two bytes and which follows.
const OWN: u8 = 2;

/// Nothing but what a validator announced is put together, and what is held has a bound.
pub fn check(bytes: &[u8]) -> Outcome {
    let mut assembly = Assembly::new(chain(), MOST_BLOCK_BYTES, MOST_TRANSACTIONS, &waiting());
    let most = assembly.most_held(VALIDATORS.into(), PEERS.into());
    let (mut rest, mut outcome) = (bytes, Outcome::Refused);
    for _ in 0..MOST_MESSAGES {
        let Some((from, message)) = message(&mut rest) else { break };
        match assembly.take(from, &message) {
            Ok(Some(block)) => {
                assert!(streams().iter().any(|stream| stream.encoded == block), "a block that nobody announced");
                outcome = Outcome::Taken;
            }
            Ok(None) => {}
            Err(reason) => assert!(!reason.is_empty()),
        }
        assert!(assembly.held() <= most, "{} bytes are held, and {most} may be", assembly.held());
    }
    outcome
}

/// Takes a message off the front of an input.
fn message(rest: &mut &[u8]) -> Option<(u8, Vec<u8>)> {
    let (&[from, how, stream, part, low], after) = rest.split_first_chunk()?;
    *rest = after;
    let from = from % PEERS;
    let genuine = || {
        let messages = &streams()[usize::from(stream) % streams().len()].messages;
        messages[usize::from(part) % messages.len()].clone()
    };
    let message = match how % 3 {
        GENUINE => genuine(),
        CHANGED => {
            let (mut message, place) = (genuine(), number(low, rest)?);
            let place = message.len() - 1 - place % message.len();
            message[place] ^= 1 << (part % 8);
            message
        }
        _ => {
            let length = number(low, rest)?;
            let (message, after) = rest.split_at_checked(length)?;
            *rest = after;
            message.to_vec()
        }
    };
    Some((from, message))
}

/// The number whose second byte comes next.
fn number(low: u8, rest: &mut &[u8]) -> Option<usize> {
    let (&high, after) = rest.split_first()?;
    *rest = after;
    Some(u16::from_le_bytes([low, high]).into())
}

/// Each block in order, all of them turn by turn and from the end, and one in messages of its own.
pub fn seeds() -> Vec<Seed> {
    let genuine = |stream: usize, part: usize| {
        let from = streams()[stream].from;
        [from, GENUINE, stream as u8, part as u8, 0]
    };
    let parts = |stream: usize| 0..streams()[stream].messages.len();
    let whole = |stream: usize| -> Vec<u8> { parts(stream).flat_map(|part| genuine(stream, part)).collect() };
    let every = 0..streams().len();
    let mut turns: Vec<_> = every.clone().flat_map(|stream| parts(stream).map(move |part| (part, stream))).collect();
    turns.sort();
    let forwards = turns.iter().flat_map(|(part, stream)| genuine(*stream, *part)).collect();
    let backwards = turns.iter().rev().flat_map(|(part, stream)| genuine(*stream, *part)).collect();
    let changed = [&[0, CHANGED, 2, 1, 9, 0][..], &whole(0)].concat();
    let own = |message: &Vec<u8>| -> Vec<u8> {
        let [low, high] = (message.len() as u16).to_le_bytes();
        [&[streams()[0].from, OWN, 0, 0, low, high][..], message].concat()
    };
    let own = streams()[0].messages.iter().flat_map(own).collect();
    numbered("parts", every.map(whole).chain([forwards, backwards, changed, own]))
}
