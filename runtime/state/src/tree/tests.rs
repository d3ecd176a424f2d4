use super::*;
use crate::{StateProof, Writes};
use ics23::{HostFunctionsManager, verify_membership, verify_non_membership};
use jmt::storage::{NodeKey, TreeReader};
use jmt::{KeyHash, Sha256Jmt};
use proptest::prelude::*;
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

fn put(key: &str, value: &str) -> (Vec<u8>, Option<Vec<u8>>) {
    (key.as_bytes().to_vec(), Some(value.as_bytes().to_vec()))
}

fn block(from: u32, to: u32) -> Writes {
    (from..to).map(|n| put(&format!("key/{n}"), &format!("{n}"))).collect()
}

fn blocks() -> impl Strategy<Value = Vec<Writes>> {
    let key = (0u8..60).prop_map(|n| format!("key/{n}").into_bytes());
    let value = prop_oneof![3 => prop::collection::vec(any::<u8>(), 1..4).prop_map(Some), 1 => Just(None)];
    prop::collection::vec(prop::collection::btree_map(key, value, 0..30), 1..8)
}

/// Nothing of ours: a reader that has nothing to read, for jmt to build a tree from nothing.
struct Nowhere;

impl TreeReader for Nowhere {
    fn get_node_option(&self, _: &NodeKey) -> anyhow::Result<Option<jmt::storage::Node>> {
        Ok(None)
    }
    fn get_value_option(&self, _: Version, _: KeyHash) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(None)
    }
    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, jmt::storage::LeafNode)>> {
        Ok(None)
    }
}

/// The tree as `jmt` makes it, key by key.
fn plain(entries: &BTreeMap<Vec<u8>, Vec<u8>>) -> (StateRoot, jmt::storage::NodeBatch) {
    let values = entries.iter().map(|(key, value)| (KeyHash(Sha256::digest(key).into()), Some(value.clone())));
    let (root, batch) = Sha256Jmt::new(&Nowhere).put_value_set(values, 0).unwrap();
    (StateRoot(root.0), batch.node_batch)
}

fn flatten(blocks: &[Writes]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut memory = crate::Memory::default();
    blocks.iter().for_each(|writes| memory.commit(writes.clone()));
    memory.0
}

fn reachable(tree: &MemoryTree, version: Version) -> BTreeSet<TreePlace> {
    let mut places = BTreeSet::new();
    let mut todo = vec![(TreePlace::root(version), None)];
    while let Some((place, named)) = todo.pop() {
        let node = tree.node(&place).unwrap().unwrap_or_else(|| panic!("{place:?} is missing"));
        assert!(named.is_none_or(|hash| hash == node.hash()), "the parent of {place:?} names another hash");
        if let TreeNode::Branch(branch) = &node {
            todo.extend(branch.children().filter_map(|(way, child)| match child {
                TreeChild::Leaf { .. } => None,
                TreeChild::Branch { version, hash, .. } => {
                    Some((TreePlace { version: *version, path: place.path.child(way) }, Some(*hash)))
                }
            }));
        }
        places.insert(place);
    }
    places
}

proptest! {
    #[test]
    fn the_root_depends_on_the_entries_alone(blocks in blocks()) {
        let mut tree = MemoryTree::default();
        for height in 0..blocks.len() {
            let root = tree.commit(&blocks[height]).unwrap();
            prop_assert_eq!(root, plain(&flatten(&blocks[..=height])).0);
            prop_assert_eq!(root, super::root(&tree, height as Version).unwrap());
        }
    }

    #[test]
    fn jmt_is_shown_the_nodes_that_it_would_have_made(writes in blocks().prop_map(|mut blocks| blocks.remove(0))) {
        let mut tree = MemoryTree::default();
        tree.commit(&writes).unwrap();
        let shown = proving::Shown::of(&tree, 0, b"");
        // Ordered by depth: a leaf comes after its branch, as it does in a proof.
        for (key, node) in plain(&flatten(&[writes])).1.nodes() {
            let ours = shown.get_node_option(key).unwrap();
            prop_assert_eq!(ours.as_ref(), Some(node));
        }
    }

    #[test]
    fn without_the_stale_nodes_exactly_the_last_version_is_left(blocks in blocks()) {
        let mut tree = MemoryTree::default();
        for (height, writes) in blocks.iter().enumerate() {
            let update = update(&tree, writes, height as Version).unwrap();
            let stale = update.stale.clone();
            tree.take(update, writes);
            tree.forget(stale);
            prop_assert_eq!(reachable(&tree, height as Version), tree.nodes.keys().cloned().collect());
        }
    }

    #[test]
    fn the_public_crate_verifies_presence_and_absence_at_every_height(blocks in blocks()) {
        let mut tree = MemoryTree::default();
        let roots = blocks.iter().map(|writes| tree.commit(writes).unwrap()).collect::<Vec<_>>();
        for (height, root) in roots.iter().enumerate() {
            let entries = flatten(&blocks[..=height]);
            if entries.is_empty() {
                prop_assert!(matches!(prove(&tree, b"key/1", height as Version), Err(TreeError::Empty(_))));
                continue;
            }
            for key in (0u8..62).map(|n| format!("key/{n}").into_bytes()) {
                let ours = prove(&tree, &key, height as Version).unwrap();
                prop_assert_eq!(ours.value.as_ref(), entries.get(&key));
                let (proof, spec) = (ics23::CommitmentProof::decode(&ours.proof[..]).unwrap(), jmt::ics23_spec());
                let root = root.0.to_vec();
                let holds = match &ours.value {
                    Some(value) => verify_membership::<HostFunctionsManager>(&proof, &spec, &root, &key, value),
                    None => verify_non_membership::<HostFunctionsManager>(&proof, &spec, &root, &key),
                };
                prop_assert!(holds);
                prop_assert!(ours.verify(roots[height]).is_ok());
            }
        }
    }

    #[test]
    fn a_changed_byte_anywhere_refutes_a_proof(at in any::<prop::sample::Index>(), bit in 0u8..8, absent in any::<bool>()) {
        let mut tree = MemoryTree::default();
        let root = tree.commit(&(0..40).map(|n| put(&format!("key/{n}"), "value")).collect()).unwrap();
        let proof = prove(&tree, if absent { b"nowhere" } else { b"key/7" }, 0).unwrap();
        let mut bytes = proof.proof.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let changed = StateProof { proof: bytes, ..proof.clone() };
        prop_assert!(changed.verify(root).is_err());
        let mut other = root;
        other.0[at % 32] ^= 1 << bit;
        prop_assert!(proof.verify(other).is_err());
    }
}

#[test]
fn large_blocks_are_shared_among_threads_and_come_out_the_same() {
    let mut mixed = block(500, 1500);
    mixed.extend((0..300).map(|n| (format!("key/{n}").into_bytes(), None)));
    let blocks = [block(0, 1000), block(900, 2000), mixed];
    let mut tree = MemoryTree::default();
    for height in 0..blocks.len() {
        let update = update(&tree, &blocks[height], height as Version).unwrap();
        assert_eq!(update.root, plain(&flatten(&blocks[..=height])).0);
        let stale = update.stale.clone();
        tree.take(update, &blocks[height]);
        tree.forget(stale);
        assert_eq!(reachable(&tree, height as Version), tree.nodes.keys().cloned().collect());
    }
}

/// A tree, and what was read of it.
struct Watched {
    tree: MemoryTree,
    read: Mutex<Vec<TreePlace>>,
}

impl Nodes for Watched {
    fn node(&self, place: &TreePlace) -> Result<Option<TreeNode>, TreeError> {
        self.read.lock().unwrap().push(*place);
        self.tree.node(place)
    }
}

impl TreeHistory for Watched {
    fn entry(&self, key_hash: &Hash, version: Version) -> Result<Option<StateEntry>, TreeError> {
        self.tree.entry(key_hash, version)
    }
}

#[test]
fn a_block_reads_each_branch_on_its_way_once_and_no_other() {
    for writes in [20, 900] {
        let mut tree = MemoryTree::default();
        tree.commit(&block(0, 5_000)).unwrap();
        let watched = Watched { tree, read: Mutex::default() };
        let writes: Writes = (0..writes).map(|n| put(&format!("key/{}", n * 6), "other")).collect();
        let update = update(&watched, &writes, 1).unwrap();
        let read = watched.read.lock().unwrap();
        let once: BTreeSet<_> = read.iter().copied().collect();
        assert_eq!((read.len(), once), (update.stale.len(), update.stale.iter().copied().collect()));
        assert!(read.len() > 30, "{}", read.len());
    }
}

#[test]
fn a_branch_that_is_not_there_is_missed_by_a_block_of_any_size() {
    for writes in [5, 900] {
        let mut tree = MemoryTree::default();
        tree.commit(&block(0, 5_000)).unwrap();
        let writes: Writes = (0..writes).map(|n| put(&format!("key/{n}"), "other")).collect();
        let on_the_way = update(&tree, &writes, 1).unwrap().stale;
        for place in on_the_way.iter().filter(|place| place.path != TreePath::ROOT) {
            for node in [None, Some(TreeNode::Null)] {
                let damaged = Damaged { tree: &tree, node: (*place, node), value: None };
                let found = update(&damaged, &writes, 1);
                assert!(matches!(found, Err(TreeError::Missing(missing)) if missing == *place), "{place:?}: {found:?}");
            }
        }
    }
}

#[test]
fn a_proof_of_presence_or_absence_reads_each_branch_once() {
    let mut tree = MemoryTree::default();
    tree.commit(&block(0, 4_950)).unwrap();
    let root = tree.commit(&block(4_900, 5_000)).unwrap();
    let watched = Watched { tree, read: Mutex::default() };
    for n in (0..6_000).step_by(61) {
        let proof = prove(&watched, format!("key/{n}").as_bytes(), 1).unwrap();
        proof.verify(root).unwrap();
        assert_eq!(proof.value.is_some(), n < 5_000);
        let read = std::mem::take(&mut *watched.read.lock().unwrap());
        assert!(read.len() > 2, "{n}: {read:?}");
        assert_eq!(read.len(), read.iter().collect::<BTreeSet<_>>().len(), "{n}: {read:?}");
    }
}

/// A tree on a disk that has lost something.
struct Damaged<'a> {
    tree: &'a MemoryTree,
    /// A node, and what is read in its place.
    node: (TreePlace, Option<TreeNode>),
    /// The hash of a key whose value is another one.
    value: Option<Hash>,
}

impl Nodes for Damaged<'_> {
    fn node(&self, place: &TreePlace) -> Result<Option<TreeNode>, TreeError> {
        if self.node.0 == *place { Ok(self.node.1.clone()) } else { self.tree.node(place) }
    }
}

impl TreeHistory for Damaged<'_> {
    fn entry(&self, key_hash: &Hash, version: Version) -> Result<Option<StateEntry>, TreeError> {
        let entry = self.tree.entry(key_hash, version)?;
        let is_other = self.value == Some(*key_hash);
        Ok(entry.map(|(key, value)| if is_other { (key, b"another".to_vec()) } else { (key, value) }))
    }
}

impl Damaged<'_> {
    /// Some keys are answered by what is damaged, and all others by proofs that hold.
    fn is_found_out(&self, root: StateRoot, keys: std::ops::Range<u32>) {
        let Self { node, value, .. } = self;
        let mut found = 0;
        for key in keys.map(|n| format!("key/{n}")) {
            match prove(self, key.as_bytes(), 0) {
                Ok(proof) => proof.verify(root).unwrap(),
                Err(TreeError::Missing(place)) if place == node.0 => found += 1,
                Err(TreeError::Value(key)) if Some(key) == *value => found += 1,
                Err(error) => panic!("{node:?} {value:?}: {error}"),
            }
        }
        assert!(found > 0, "{node:?} {value:?} is not missed");
    }
}

#[test]
fn from_a_damaged_tree_comes_an_error_or_a_proof_that_holds() {
    let mut tree = MemoryTree::default();
    let root = tree.commit(&block(0, 100)).unwrap();
    let nowhere = TreePlace { version: 9, path: TreePath::ROOT };
    let below = || tree.nodes.keys().filter(|place| place.path != TreePath::ROOT);
    let instead = [None, Some(TreeNode::Null), Some(TreeNode::Branch(Branch::default().into()))];
    let lost = below().flat_map(|place| instead.clone().map(|node| ((*place, node), None)));
    let other = (0..100).map(|n| ((nowhere, None), Some(Sha256::digest(format!("key/{n}")).into())));
    for (node, value) in lost.chain(other) {
        let damaged = Damaged { tree: &tree, node, value };
        damaged.is_found_out(root, 0..120);
    }
}

/// Where the way of a leaf that is none ends at nothing, as it does in one large tree in four.
#[test]
fn a_large_tree_that_lacks_a_branch_near_the_root_gives_an_error_or_a_proof_that_holds() {
    let mut tree = MemoryTree::default();
    let root = tree.commit(&block(0, 5_000)).unwrap();
    let shown = proving::Shown::of(&tree, 0, b"");
    let zeros = Sha256Jmt::new(&shown).get_with_proof(KeyHash([0; 32]), 0).unwrap();
    assert!(zeros.1.leaf().is_none(), "the way of zeros ends at a leaf");
    let near = tree.nodes.keys().filter(|place| place.path.depth() == 1);
    for place in near {
        let damaged = Damaged { tree: &tree, node: (*place, None), value: None };
        damaged.is_found_out(root, 4_800..5_200);
    }
}

#[test]
fn a_node_that_is_another_one_gives_no_proof_that_holds_of_what_is_not_so() {
    let mut tree = MemoryTree::default();
    let root = tree.commit(&block(0, 60)).unwrap();
    let entries = flatten(&[block(0, 60)]);
    for (place, node) in tree.nodes.keys().flat_map(|place| tree.nodes.values().map(|node| (*place, node.clone()))) {
        let damaged = Damaged { tree: &tree, node: (place, Some(node)), value: None };
        for key in (0..66).step_by(5).map(|n| format!("key/{n}").into_bytes()) {
            let holds = |proof: &StateProof| proof.verify(root).is_ok();
            if let Some(proof) = prove(&damaged, &key, 0).ok().filter(holds) {
                assert_eq!(proof.value.as_ref(), entries.get(&key));
            }
        }
    }
}

#[test]
fn a_block_that_writes_nothing_has_the_root_before_it() {
    let mut tree = MemoryTree::default();
    assert_eq!(tree.commit(&Writes::new()).unwrap(), EMPTY_ROOT);
    let root = tree.commit(&Writes::from([put("a", "1")])).unwrap();
    assert_eq!(tree.commit(&Writes::new()).unwrap(), root);
    assert_eq!(tree.commit(&Writes::from([(b"b".to_vec(), None)])).unwrap(), root);
    assert_eq!(tree.commit(&Writes::from([(b"a".to_vec(), None)])).unwrap(), EMPTY_ROOT);
    assert!(prove(&tree, b"a", 3).unwrap().verify(root).is_ok());
}

#[test]
fn what_cannot_be_proved_is_not_committed_to() {
    let tree = MemoryTree::default();
    let empty_key = Writes::from([(Vec::new(), Some(vec![1]))]);
    assert!(matches!(update(&tree, &empty_key, 0), Err(TreeError::EmptyKey)));
    let empty_value = Writes::from([(b"a/b".to_vec(), Some(Vec::new()))]);
    let error = update(&tree, &empty_value, 0).unwrap_err();
    assert_eq!(error.to_string(), "the value of key \"a/b\" is empty; ICS-23 cannot prove it, write at least one byte");
    assert!(matches!(update(&tree, &Writes::new(), 5), Err(TreeError::NoRoot(4))));
}

#[test]
fn a_proof_says_the_same_in_json_and_scale() {
    use parity_scale_codec::{DecodeAll, Encode};
    let mut tree = MemoryTree::default();
    tree.commit(&Writes::from([put("a", "1"), put("b", "2")])).unwrap();
    for proof in [prove(&tree, b"a", 0).unwrap(), prove(&tree, b"c", 0).unwrap()] {
        let json = serde_json::to_string(&proof).unwrap();
        assert_eq!(serde_json::from_str::<StateProof>(&json).unwrap(), proof);
        assert_eq!(StateProof::decode_all(&mut &proof.encode()[..]).unwrap(), proof);
    }
}
