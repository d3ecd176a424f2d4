use super::{all_hashes, leaf};
use crate::{Consistency, Frontier, Inclusion, empty_root, prove_consistency, prove_inclusion, root_at};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{Digest, List};
use proptest::prelude::*;

struct Encoded(u64);

impl ct_merkle::HashableLeaf for Encoded {
    fn hash<H: digest::Update>(&self, hasher: &mut H) {
        hasher.update(&leaf(self.0).encode());
    }
}

/// The same tree by another library.
fn oracle(size: u64) -> MemoryBackedTree<sha2::Sha256, Encoded> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|height| tree.push(Encoded(height)));
    tree
}

fn frontier(size: u64) -> Frontier {
    let mut frontier = Frontier::default();
    (0..size).for_each(|height| frontier.append(leaf(height).hash()));
    frontier
}

fn path_of(bytes: &[u8]) -> Vec<Digest> {
    bytes.chunks_exact(32).map(|hash| Digest(hash.try_into().unwrap())).collect()
}

/// The hashes as a third library has them: in the order in which they come about.
struct Stored(Vec<tlog_tiles::Hash>);

impl Stored {
    fn of(size: u64) -> Self {
        let mut stored = Self(Vec::new());
        for height in 0..size {
            let hashes = tlog_tiles::stored_hashes(height, &leaf(height).encode(), &stored).unwrap();
            stored.0.extend(hashes);
        }
        stored
    }
}

impl tlog_tiles::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| self.0[usize::try_from(*index).unwrap()]).collect())
    }
}

#[test]
fn the_root_of_the_frontier_is_that_of_all_leaves_at_every_size() {
    let (mut frontier, mut tree, hashes) = (Frontier::default(), oracle(0), all_hashes(300));
    assert_eq!(frontier.root(), empty_root());
    for height in 0..300 {
        frontier.append(leaf(height).hash());
        tree.push(Encoded(height));
        assert_eq!(frontier.size(), height + 1);
        assert_eq!(frontier.root().0, <[u8; 32]>::from(*tree.root().as_bytes()), "{height}");
        assert_eq!(root_at(&hashes, height + 1), Ok(frontier.root()), "{height}");
    }
}

#[test]
fn every_proof_of_inclusion_is_that_of_the_other_library_and_verifies() {
    for size in 1..70 {
        let (hashes, tree, root) = (all_hashes(size), oracle(size), frontier(size).root());
        for index in 0..size {
            let proof = prove_inclusion(&hashes, index, size).unwrap().unwrap();
            let expected = tree.prove_inclusion(usize::try_from(index).unwrap());
            assert_eq!(proof.path.to_vec(), path_of(expected.as_bytes()), "{index} of {size}");
            assert!(proof.verify(&leaf(index).hash(), &root), "{index} of {size}");
        }
        assert_eq!(prove_inclusion(&hashes, size, size), Ok(None), "there is no such leaf");
    }
}

#[test]
fn every_proof_of_consistency_is_that_of_the_other_library_and_verifies() {
    for to in 1..70 {
        let (hashes, stored) = (all_hashes(to), Stored::of(to));
        for from in 1..=to {
            let proof = prove_consistency(&hashes, from, to).unwrap().unwrap();
            let expected = tlog_tiles::prove_tree(to, from, &stored).unwrap();
            assert_eq!(proof.path.to_vec(), expected.iter().map(|hash| Digest(hash.0)).collect::<Vec<_>>());
            assert!(proof.verify(&frontier(from).root(), &frontier(to).root()), "{from} to {to}");
        }
        assert_eq!(prove_consistency(&hashes, to + 1, to), Ok(None), "it shrank");
    }
}

#[test]
fn a_tree_goes_on_where_the_empty_one_stood_and_where_it_stands() {
    let hashes = all_hashes(5);
    let root = frontier(5).root();
    let of_empty = prove_consistency(&hashes, 0, 5).unwrap().unwrap();
    assert!(of_empty.path.is_empty() && of_empty.verify(&empty_root(), &root));
    assert!(!of_empty.verify(&root, &root), "that is not the root of an empty tree");
    let of_itself = prove_consistency(&hashes, 5, 5).unwrap().unwrap();
    assert!(of_itself.path.is_empty() && of_itself.verify(&root, &root) && !of_itself.verify(&empty_root(), &root));
    let nothing = Consistency { from: 0, to: 0, path: List::default() };
    assert!(nothing.verify(&empty_root(), &empty_root()) && !nothing.verify(&empty_root(), &root));
}

#[test]
fn a_frontier_has_a_hash_for_each_bit_of_its_size_wherever_it_comes_from() {
    for size in [0, 1, 2, 3, 7, 8, 100] {
        let kept = frontier(size);
        assert_eq!(Frontier::decode_all(&mut &kept.encode()[..]).unwrap(), kept);
        let json = serde_json::to_value(&kept).unwrap();
        assert_eq!(serde_json::from_value::<Frontier>(json).unwrap(), kept);
    }
    let (short, long) = ((3u64, vec![Digest([1; 32])]), (4u64, vec![Digest([1; 32]); 2]));
    for wrong in [short, long, (u64::MAX, vec![Digest([1; 32]); 65])] {
        assert!(Frontier::decode_all(&mut &wrong.encode()[..]).is_err());
        let json = serde_json::json!({ "size": wrong.0, "subtrees": wrong.1 });
        assert!(serde_json::from_value::<Frontier>(json).is_err());
    }
}

#[test]
fn a_tree_as_large_as_numbers_go_grows_no_further() {
    let full = (u64::MAX, vec![Digest([1; 32]); 64]).encode();
    let mut frontier = Frontier::decode_all(&mut &full[..]).unwrap();
    let before = frontier.clone();
    frontier.append(leaf(0).hash());
    assert_eq!(frontier, before);
}

/// A proof with one of its hashes or numbers changed, taken out or added.
fn spoil(path: &mut Vec<Digest>, at: usize, how: u8) -> bool {
    match how % 3 {
        0 => path.push(Digest([0x5a; 32])),
        _ if path.is_empty() => return false,
        1 => {
            let at = at % path.len();
            path[at].0[at % 32] ^= 1;
        }
        _ => {
            let at = at % path.len();
            path.remove(at);
        }
    }
    true
}

proptest! {
    #[test]
    fn no_other_proof_of_inclusion_verifies(size in 1u64..400, index: u64, at: usize, how: u8, other: u64) {
        let (index, hashes) = (index % size, all_hashes(size));
        let (proof, root) = (prove_inclusion(&hashes, index, size).unwrap().unwrap(), frontier(size).root());
        prop_assert!(proof.verify(&leaf(index).hash(), &root));
        let mut path = proof.path.to_vec();
        if spoil(&mut path, at, how) {
            let spoiled = Inclusion { path: List::truncate_from(path), ..proof.clone() };
            prop_assert!(!spoiled.verify(&leaf(index).hash(), &root));
        }
        let other = other % size;
        prop_assert_eq!(proof.verify(&leaf(other).hash(), &root), other == index);
        prop_assert_eq!(Inclusion { index: other, ..proof.clone() }.verify(&leaf(index).hash(), &root), other == index);
        for outside in [Inclusion { index: size, ..proof.clone() }, Inclusion { size: 0, ..proof }] {
            prop_assert!(!outside.verify(&leaf(index).hash(), &root));
        }
    }

    #[test]
    fn no_other_proof_of_consistency_verifies(to in 1u64..400, from: u64, at: usize, how: u8, other: u64) {
        let (from, hashes) = (1 + from % to, all_hashes(to));
        let proof = prove_consistency(&hashes, from, to).unwrap().unwrap();
        let (older, newer) = (frontier(from).root(), frontier(to).root());
        prop_assert!(proof.verify(&older, &newer));
        let mut path = proof.path.to_vec();
        if spoil(&mut path, at, how) {
            let spoiled = Consistency { path: List::truncate_from(path), ..proof.clone() };
            prop_assert!(!spoiled.verify(&older, &newer));
        }
        let fork = frontier(1 + other % to).root();
        prop_assert_eq!(proof.verify(&fork, &newer), fork == older);
        prop_assert_eq!(proof.verify(&older, &fork), fork == newer);
    }

    /// Whatever somebody sends as a proof, it is answered.
    #[test]
    fn what_is_no_proof_is_answered_with_no(a: u64, b: u64, hashes in prop::collection::vec(any::<[u8; 32]>(), 0..=64)) {
        let path: List<Digest, 64> = List::truncate_from(hashes.into_iter().map(Digest).collect());
        let root = Digest([7; 32]);
        let inclusion = Inclusion { index: a, size: b, path: path.clone() };
        prop_assert!(!inclusion.verify(&Digest([8; 32]), &root));
        let consistency = Consistency { from: a, to: b, path };
        prop_assert!(!consistency.verify(&Digest([8; 32]), &root));
    }
}
