//! Proofs that something is on record, as a verifier meets them: under the newest header by the tree of blocks, under the block's own,
//! and forged ones.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

use light::testing::TestChain;
use light::{Anchor, BlockProof, Distrust, FactInBlock, FactProof, FactProofError, SignedHeader};
use parity_scale_codec::Encode;
use primitives::{Digest, Height, List, StateRoot};
use proptest::prelude::*;
use runtime::testing::{genesis, holder, transfer};
use state::StateProof;
use state::tree::{MemoryTree, prove};
use std::collections::BTreeMap;
use witnesses::queries::log_key;

/// The block whose fact is proven, and the place of the fact.
const OLD: (Height, u64) = (Height(2), 0);

/// A chain with something on record in an early block, and many blocks since.
fn chain() -> &'static TestChain {
    static CHAIN: std::sync::LazyLock<TestChain> = std::sync::LazyLock::new(|| {
        let mut chain = TestChain::new(genesis());
        let paid: Vec<_> = (0..3).map(|index| (holder(index), transfer(holder(1).account(), 5))).collect();
        chain.block(&paid);
        chain.until(45);
        chain
    });
    &CHAIN
}

/// A state with nothing but what stands at one key: its root, and the proof of a key in it.
fn state_of(value: Option<Vec<u8>>, key: &[u8]) -> (StateRoot, StateProof) {
    let mut tree = MemoryTree::default();
    let writes = BTreeMap::from([(log_key().to_vec(), value), (b"example/other".to_vec(), Some(vec![1]))]);
    let root = tree.commit(&writes).unwrap();
    (root, prove(&tree, key, 0).unwrap())
}

/// The proof of a fact by the tree of blocks.
fn by_tree(chain: &TestChain, (height, index): (Height, u64)) -> FactProof {
    chain.tree_proof(height, index).unwrap()
}

fn verified(proof: &FactProof) -> Result<Anchor, FactProofError> {
    proof.verify(&Anchor::genesis(&chain().genesis))
}

#[test]
fn a_fact_of_any_age_is_shown_under_the_newest_header_from_genesis_alone() {
    let chain = chain();
    for height in (1..chain.height().0).map(Height) {
        let (record, _) = chain.record(height).unwrap();
        for index in 0..record.facts.len() as u64 {
            let proof = by_tree(chain, (height, index));
            let read = FactProof::from_bytes(&proof.to_bytes()).unwrap();
            assert_eq!(read, proof);
            assert_eq!(verified(&read).unwrap().height(), chain.height(), "trust comes to the newest header");
            assert_eq!((&read.fact.fact, read.fact.height()), (&record.facts[index as usize], height));
        }
    }
}

#[test]
fn where_no_tree_has_it_a_fact_is_shown_under_its_own_header() {
    let proof = chain().direct_proof(OLD.0, OLD.1).unwrap();
    assert_eq!(verified(&proof).unwrap().height(), OLD.0);
    let late = Anchor::at(&chain().genesis, chain().head());
    let stale = Distrust::Stale { found: OLD.0, trusted: chain().height() };
    assert_eq!(proof.verify(&late), Err(FactProofError::Distrust(stale)), "trust never goes back");
    let mut by_tree = by_tree(chain(), OLD);
    if let BlockProof::Tree { hops, .. } = &mut by_tree.proof {
        *hops = List::default();
    }
    by_tree.verify(&Anchor::at(&chain().genesis, &chain().headers[39])).expect("by the tree it need not");
}

#[test]
fn a_place_that_a_block_has_not_is_not_proven() {
    let (record, _) = chain().record(OLD.0).unwrap();
    assert!(FactInBlock::of(&record, record.facts.len() as u64).is_none());
    assert!(chain().direct_proof(OLD.0, record.facts.len() as u64).is_none());
}

/// What is said of a good proof after a change.
fn changed(change: impl FnOnce(&mut FactProof)) -> FactProofError {
    let mut proof = by_tree(chain(), OLD);
    change(&mut proof);
    verified(&proof).unwrap_err()
}

/// What is said of one whose part about the tree is changed.
fn with_tree(change: impl FnOnce(&mut SignedHeader, &mut StateProof, &mut tlog::Inclusion)) -> FactProofError {
    changed(|proof| match &mut proof.proof {
        BlockProof::Tree { head, log, inclusion, .. } => change(head, log, inclusion),
        BlockProof::Direct { .. } => unreachable!("it is by the tree"),
    })
}

#[test]
fn w01_each_piece_of_a_proof_is_held_against_the_others() {
    use FactProofError::*;
    let (other, _) = chain().record(Height(10)).unwrap();
    let not_in_block = NotInBlock(OLD.0);
    assert_eq!(changed(|p| p.fact.fact = other.facts[0].clone()), not_in_block, "a fact of another block");
    assert_eq!(changed(|p| p.fact.inclusion.path = List::default()), not_in_block);
    assert_eq!(changed(|p| p.fact.header.facts_root = Digest([9; 32])), not_in_block);
    assert_eq!(changed(|p| p.fact.header.proposer.0[0] ^= 1), NotInTree(OLD.0), "another header with the same facts");
    assert!(matches!(changed(|p| p.fact.header.height = Height(3)), OtherLeaf { found: 2, expected: 3, .. }));
    assert!(matches!(with_tree(|_, _, inclusion| inclusion.index = 3), OtherLeaf { found: 3, expected: 2, .. }));
    assert!(matches!(with_tree(|_, _, inclusion| inclusion.size = 44), OtherLeaf { size: 44, leaves: 45, .. }));
    assert_eq!(with_tree(|_, _, inclusion| inclusion.path[0] = Digest([9; 32])), NotInTree(OLD.0));
    assert!(matches!(with_tree(|_, log, _| log.value.as_mut().unwrap()[0] ^= 1), Proof(_)));
    assert!(matches!(with_tree(|_, log, _| log.value = None), Proof(_)));
    assert!(matches!(with_tree(|_, log, _| log.key = b"example/other".to_vec()), OtherKey { .. }));
    let forged = with_tree(|head, _, _| head.header.state_root = StateRoot([9; 32]));
    assert!(matches!(forged, Distrust(light::Distrust::Header(_))), "the certificate is for another block");
}

#[test]
fn w01_state_without_a_tree_shows_nothing_and_a_tree_of_a_newer_kind_is_not_guessed_at() {
    let under = |value: Option<Vec<u8>>| {
        with_tree(|head, log, _| {
            let (root, proof) = state_of(value, log_key());
            (*head, *log) = (chain().beside_head(root).trimmed(), proof);
        })
    };
    assert_eq!(under(None), FactProofError::NoTree(chain().height()));
    let longer = [chain().log().encode(), vec![0]].concat();
    assert!(matches!(under(Some(longer)), FactProofError::Value(_)));
}

#[test]
fn w01_the_header_of_another_block_shows_nothing() {
    let mut proof = chain().direct_proof(OLD.0, OLD.1).unwrap();
    proof.proof = chain().direct_proof(Height(10), 0).unwrap().proof;
    let other = FactProofError::OtherBlock { found: Height(10), expected: OLD.0 };
    assert_eq!(verified(&proof), Err(other));
}

#[test]
fn a_file_that_is_no_proof_or_not_all_of_one_is_told_apart() {
    let bytes = by_tree(chain(), OLD).to_bytes();
    assert_eq!(FactProof::from_bytes(b"the-block/ticket/v1\n"), Err(FactProofError::NotAProof));
    for cut in 18..bytes.len() {
        assert!(matches!(FactProof::from_bytes(&bytes[..cut]), Err(FactProofError::Undecodable(_))), "cut at {cut}");
    }
    let longer = [bytes, vec![0]].concat();
    assert!(matches!(FactProof::from_bytes(&longer), Err(FactProofError::Undecodable(_))));
    let huge = vec![0; light::MAX_TICKET_BYTES + 1];
    assert_eq!(FactProof::from_bytes(&huge), Err(FactProofError::TooLarge(huge.len())));
}

/// The bytes of a proof by the tree, and of one by its own header.
fn files() -> &'static [Vec<u8>; 2] {
    static FILES: std::sync::LazyLock<[Vec<u8>; 2]> = std::sync::LazyLock::new(|| {
        [by_tree(chain(), OLD).to_bytes(), chain().direct_proof(OLD.0, OLD.1).unwrap().to_bytes()]
    });
    &FILES
}

proptest! {
    #[test]
    fn w01_no_flipped_bit_makes_a_proof_say_something_else(
        file in 0..2usize, at in any::<prop::sample::Index>(), bit in 0..8u8
    ) {
        let good = FactProof::from_bytes(&files()[file]).unwrap();
        let mut bytes = files()[file].clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let shown = FactProof::from_bytes(&bytes).and_then(|proof| verified(&proof).map(|_| proof));
        if let Ok(proof) = shown {
            // A header commits to no count of its facts: where among them this one stands is a word of the prover's.
            prop_assert_eq!((proof.fact.header, proof.fact.fact), (good.fact.header, good.fact.fact));
            prop_assert_eq!(proof.proof, good.proof, "the bit {} of byte {} says nothing", bit, at);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = FactProof::from_bytes(&bytes);
        let _ = FactProof::from_bytes(&[b"the-block/fact/v1\n".as_slice(), &bytes].concat());
    }
}
