//! What the tree of blocks costs: a proof beside the hashes it is made of, and all leaves from the first on.

use crate::measure::{means, row, timed};
use primitives::{BlockHash, Digest, Height};
use std::hint::black_box;
use std::time::Duration;
use tlog::testing::AllHashes;
use tlog::{BlockLeaf, Frontier, Hashes as _, Inclusion, node_hash, prove_inclusion, root_at};

/// How many leaves the tree has that proofs are made in; no power of two, so that its right edge is as ragged as it gets.
const LEAVES: u64 = (1 << 20) - 1;
/// How many proofs a mean is taken of.
const PROOFS: u32 = 1_000;

fn leaf(height: u64) -> Digest {
    BlockLeaf { height: Height(height), block: BlockHash([7; 32]) }.hash()
}

fn all_hashes() -> AllHashes {
    AllHashes::over((0..LEAVES).map(leaf))
}

fn frontier() -> Frontier {
    let mut frontier = Frontier::default();
    (0..LEAVES).for_each(|height| frontier.append(leaf(height)));
    frontier
}

/// How many hashes of the right edge are joined for the proof of a leaf: of the perfect subtrees behind the one that it is in.
fn joins(index: u64) -> u32 {
    let (mut end, mut behind) = (0, LEAVES.count_ones());
    for level in (0..u64::BITS).rev().filter(|level| LEAVES & (1 << level) != 0) {
        (end, behind) = (end + (1 << level), behind - 1);
        if index < end {
            break;
        }
    }
    behind.saturating_sub(1)
}

/// Every hash that has to be made for a proof and to verify it.
fn hashed(proof: &Inclusion, from: Digest) -> Digest {
    let up = proof.path.iter().fold(from, |hash, beside| node_hash(beside, &hash));
    (0..joins(proof.index)).fold(up, |hash, _| node_hash(&from, &hash))
}

fn per_second(times: &[Duration]) -> String {
    let best = times.iter().min().copied().unwrap_or_default();
    format!("{:.0} leaves a second at best", LEAVES as f64 / best.as_secs_f64())
}

pub fn measure() {
    println!("the tree of {LEAVES} blocks:");
    let (hashes, root) = (all_hashes(), frontier().root());
    let index = |round: u64| (round * 7_919) % LEAVES;
    let proofs: Vec<_> =
        (0..u64::from(PROOFS)).map(|round| prove_inclusion(&hashes, index(round), LEAVES).unwrap().unwrap()).collect();
    let floor = means(PROOFS, || {
        for proof in &proofs {
            black_box(hashed(proof, root));
        }
    });
    let work = means(PROOFS, || {
        for round in 0..u64::from(PROOFS) {
            let proof = prove_inclusion(&hashes, index(round), LEAVES).unwrap().unwrap();
            assert!(proof.verify(&hashes.node(0, proof.index).unwrap(), &root));
        }
    });
    let more = work.iter().zip(&floor).map(|(work, floor)| work.saturating_sub(*floor)).collect();
    row("hash along a path and join the right edge, once", floor, "");
    row("make a proof of inclusion and verify it", work, "");
    row("  more than the hashes alone", more, "10 us");

    let whole: Vec<_> = (0..5)
        .map(|_| {
            timed(|| {
                let all = all_hashes();
                assert_eq!(root_at(&all, LEAVES), Ok(root));
            })
        })
        .collect();
    println!("  {}, and at least 1,000,000 are asked for:", per_second(&whole));
    row("check the whole tree: every leaf and every node, up to the root", whole, "");
    let appended: Vec<_> = (0..5).map(|_| timed(frontier)).collect();
    println!("  {}:", per_second(&appended));
    row("append", appended, "");
}
