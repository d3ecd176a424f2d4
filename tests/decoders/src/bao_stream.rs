//! The hash tree of an artifact and its bytes, as sources send them that nobody trusts.
//!
//! The first byte of an input chooses an artifact; what follows are changes to what is sent of it, six bytes each. An input
//! whose first byte is above 127 is a tree of its own: a root, a size, and the nodes.

use crate::{Outcome, Seed, numbered};
use bao_tree::io::outboard::PreOrderMemOutboard;
use builds::BLOCK;
use primitives::BuildHash;
use std::sync::OnceLock;
use update::tree::{GROUP, HashTree};

/// Bytes of a group.
const FULL: usize = GROUP as usize;
/// Lengths of the artifacts: on both sides of a group, and trees of one to three levels.
const LENGTHS: [usize; 7] = [0, 1, FULL, FULL + 1, 2 * FULL, 3 * FULL + 77, 5 * FULL - 1];
/// More changes than this are not looked at.
const MOST_CHANGES: usize = 16;

/// What is sent of an artifact: its size, its tree, its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sent {
    size: u64,
    nodes: Vec<u8>,
    data: Vec<u8>,
}

/// An artifact is taken as it is, and nothing else is in its place.
pub fn check(bytes: &[u8]) -> Outcome {
    let Some((first, rest)) = bytes.split_first() else { return Outcome::Refused };
    if *first > 127 {
        return of_its_own(rest);
    }
    let artifacts = artifacts();
    let (root, honest) = &artifacts[usize::from(*first) % artifacts.len()];
    let mut sent = honest.clone();
    for change in rest.as_chunks::<6>().0.iter().take(MOST_CHANGES) {
        make(&mut sent, *change);
    }
    let holds = HashTree::verify(*root, sent.size, &sent.nodes).is_some_and(|tree| holds(&tree, &sent.data));
    assert_eq!(holds, sent == *honest, "{} of {} bytes hold", sent.data.len(), sent.size);
    if holds { Outcome::Taken } else { Outcome::Refused }
}

/// Nobody finds nodes that hash to a root.
fn of_its_own(bytes: &[u8]) -> Outcome {
    let Some((root, rest)) = bytes.split_first_chunk::<32>() else { return Outcome::Refused };
    let Some((size, nodes)) = rest.split_first_chunk::<8>() else { return Outcome::Refused };
    let size = u64::from_le_bytes(*size);
    let tree = HashTree::verify(BuildHash(*root), size, nodes);
    assert_eq!(tree.is_some(), nodes.is_empty() && size <= GROUP, "a tree that somebody made up");
    Outcome::Refused
}

/// Whether every group of a tree is there, and nothing beside.
fn holds(tree: &HashTree, data: &[u8]) -> bool {
    let group = |group| {
        let range = tree.bytes_of(group);
        data.get(range.start as usize..range.end as usize).is_some_and(|bytes| tree.holds(group, bytes))
    };
    data.len() as u64 == tree.size() && (0..tree.groups()).all(group)
}

/// Changes what is sent: what, where (four bytes), and by what.
fn make(sent: &mut Sent, [what, a, b, c, d, by]: [u8; 6]) {
    let place = u32::from_le_bytes([a, b, c, d]) as usize;
    let part = if what % 2 == 0 { &mut sent.nodes } else { &mut sent.data };
    match (what / 2) % 4 {
        0 if !part.is_empty() => {
            let place = place % part.len();
            part[place] ^= by;
        }
        1 => part.truncate(place),
        2 => part.extend(std::iter::repeat_n(by, place % (2 * FULL))),
        _ => sent.size = sent.size.wrapping_add(u64::from(by)).wrapping_sub(128),
    }
}

fn artifacts() -> &'static [(BuildHash, Sent)] {
    static ARTIFACTS: OnceLock<Vec<(BuildHash, Sent)>> = OnceLock::new();
    ARTIFACTS.get_or_init(|| {
        let artifact = |length: usize| {
            let data: Vec<u8> = (0..length).map(|at| (at * 7 + at / 251) as u8).collect();
            let outboard = PreOrderMemOutboard::create(&data, BLOCK);
            (BuildHash(*outboard.root.as_bytes()), Sent { size: length as u64, nodes: outboard.data, data })
        };
        LENGTHS.into_iter().map(artifact).collect()
    })
}

/// Each artifact as it is, and one with changes that take each other back.
pub fn seeds() -> Vec<Seed> {
    let (node, byte) = ([0, 3, 0, 0, 0, 1], [1, 9, 0, 0, 0, 1]);
    let taken_back = [&[4][..], &node, &byte, &node, &byte].concat();
    numbered("artifact", (0..LENGTHS.len()).map(|number| vec![number as u8]).chain([taken_back]))
}
