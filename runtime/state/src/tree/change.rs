//! How a subtree changes: every branch on the way is read once, hashed once, and written once.
//!
//! The tree is a function of its keys: where none begins with a path, there is nothing; where one does, its leaf; where more
//! do, a branch. So a change looks at what is there, applies all writes below at once, and puts the form that is due.

use super::node::{Branch, Hash, Leaf, TreeChild, TreeNode};
use super::place::{TreePath, TreePlace, nibble};
use super::{Nodes, TreeError, Version};
use rayon::prelude::*;
use std::sync::Arc;

/// A write, hashed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Put {
    pub key: Hash,
    pub value: Option<Hash>,
}

/// What a change adds and leaves behind.
#[derive(Debug, Default)]
pub(super) struct Grown {
    pub nodes: Vec<(TreePlace, TreeNode)>,
    pub stale: Vec<TreePlace>,
}

/// What stands at a path after a change.
#[derive(Debug, Clone, Copy)]
pub(super) enum Now {
    /// What stood there before.
    Unchanged,
    /// Nothing any more.
    Nothing,
    /// This.
    Child(TreeChild),
}

/// A change to the tree of the version before.
pub(super) struct Change<'a, R> {
    pub reader: &'a R,
    pub version: Version,
}

/// Below this many writes, handing work to other threads costs more than it saves.
const WORTH_SHARING: usize = 64;

impl<R: Nodes> Change<'_, R> {
    /// Applies writes, sorted by key, to what stands at the root.
    pub fn root(&self, root: &TreeNode, puts: &[Put], grown: &mut Grown) -> Result<Now, TreeError> {
        match root {
            _ if puts.is_empty() => Ok(Now::Unchanged),
            TreeNode::Null => Ok(self.nothing(TreePath::ROOT, puts, grown)),
            TreeNode::Leaf(leaf) => Ok(self.leaf(TreePath::ROOT, leaf, puts, grown)),
            TreeNode::Branch(branch) => self.branch(TreePath::ROOT, branch, puts, grown),
        }
    }

    /// Applies writes where `child` stands.
    fn child(&self, path: TreePath, child: &TreeChild, puts: &[Put], grown: &mut Grown) -> Result<Now, TreeError> {
        let place = match child {
            TreeChild::Leaf { leaf, .. } => return Ok(self.leaf(path, leaf, puts, grown)),
            TreeChild::Branch { version, .. } => TreePlace { version: *version, path },
        };
        let Some(TreeNode::Branch(branch)) = self.reader.node(&place)? else { return Err(TreeError::Missing(place)) };
        let now = self.branch(path, &branch, puts, grown)?;
        if !matches!(now, Now::Unchanged) {
            grown.stale.push(place);
        }
        Ok(now)
    }

    fn nothing(&self, path: TreePath, puts: &[Put], grown: &mut Grown) -> Now {
        self.build(path, &leaves(puts), grown).map_or(Now::Unchanged, Now::Child)
    }

    fn leaf(&self, path: TreePath, leaf: &Leaf, puts: &[Put], grown: &mut Grown) -> Now {
        let mut leaves = leaves(puts);
        if puts.binary_search_by_key(&leaf.key, |put| put.key).is_err() {
            if leaves.is_empty() {
                return Now::Unchanged;
            }
            let at = leaves.partition_point(|other| other.key < leaf.key);
            leaves.insert(at, *leaf);
        }
        self.build(path, &leaves, grown).map_or(Now::Nothing, Now::Child)
    }

    fn branch(&self, path: TreePath, branch: &Branch, puts: &[Put], grown: &mut Grown) -> Result<Now, TreeError> {
        let depth = path.depth();
        let shares = puts.chunk_by(|a, b| nibble(&a.key, depth) == nibble(&b.key, depth));
        let share = |puts: &[Put], grown: &mut Grown| {
            let way = puts.first().map_or(0, |put| nibble(&put.key, depth));
            let now = match branch.child(way) {
                Some(child) => self.child(path.child(way), child, puts, grown)?,
                None => self.nothing(path.child(way), puts, grown),
            };
            Ok::<_, TreeError>((way, now))
        };
        let mut children = Vec::with_capacity(16);
        if depth == 0 && puts.len() >= WORTH_SHARING {
            let shares = shares.collect::<Vec<_>>().into_par_iter().map(|puts| {
                let mut grown = Grown::default();
                Ok::<_, TreeError>((share(puts, &mut grown)?, grown))
            });
            for (child, mut more) in shares.collect::<Result<Vec<_>, _>>()? {
                children.push(child);
                grown.nodes.append(&mut more.nodes);
                grown.stale.append(&mut more.stale);
            }
        } else {
            for puts in shares {
                children.push(share(puts, grown)?);
            }
        }
        Ok(self.regrow(path, branch, &children, grown))
    }

    /// Gives a branch its changed children. A leaf that is alone then takes the branch's place.
    fn regrow(&self, path: TreePath, old: &Branch, changed: &[(u8, Now)], grown: &mut Grown) -> Now {
        if changed.iter().all(|(_, now)| matches!(now, Now::Unchanged)) {
            return Now::Unchanged;
        }
        let mut branch = old.clone();
        for (way, now) in changed {
            match now {
                Now::Unchanged => {}
                Now::Nothing => branch.set(*way, None),
                Now::Child(child) => branch.set(*way, Some(*child)),
            }
        }
        match branch.only_child() {
            Err(0) => Now::Nothing,
            Ok(leaf @ TreeChild::Leaf { .. }) => Now::Child(leaf),
            _ => Now::Child(self.grow(path, branch, grown)),
        }
    }

    /// The form that is due for leaves, sorted by key, where nothing else stands.
    fn build(&self, path: TreePath, leaves: &[Leaf], grown: &mut Grown) -> Option<TreeChild> {
        if leaves.len() < 2 {
            return leaves.first().map(|leaf| TreeChild::from(*leaf));
        }
        let depth = path.depth();
        let mut branch = Branch::default();
        for share in leaves.chunk_by(|a, b| nibble(&a.key, depth) == nibble(&b.key, depth)) {
            let way = share.first().map_or(0, |leaf| nibble(&leaf.key, depth));
            branch.set(way, self.build(path.child(way), share, grown));
        }
        Some(self.grow(path, branch, grown))
    }

    fn grow(&self, path: TreePath, branch: Branch, grown: &mut Grown) -> TreeChild {
        let child = TreeChild::Branch { hash: branch.hash(), version: self.version, leaves: branch.leaves() };
        grown.nodes.push((TreePlace { version: self.version, path }, TreeNode::Branch(Arc::new(branch))));
        child
    }
}

/// The keys that have a value after the writes.
fn leaves(puts: &[Put]) -> Vec<Leaf> {
    puts.iter().filter_map(|put| Some(Leaf { key: put.key, value: put.value? })).collect()
}
