//! The branches that a block's writes lead through, read before anything is computed: a level at a time, many at once, which costs less than
//! one after the other where they come from files, and far less where those come from a disk.

use super::change::Put;
use super::place::{TreePath, TreePlace, nibble};
use super::{Branch, Nodes, TreeChild, TreeError, TreeNode};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many nodes a thread asks for at once.
const AT_ONCE: usize = 32;

/// Nodes that were read ahead, and a reader for all others.
pub(super) struct Ahead<'a, R> {
    reader: &'a R,
    read: BTreeMap<TreePlace, TreeNode>,
}

/// A branch, the way to it, and the writes below it.
type Step<'p> = (TreePath, Arc<Branch>, &'p [Put]);

impl<'a, R: Nodes> Ahead<'a, R> {
    /// None yet.
    pub fn nothing(reader: &'a R) -> Self {
        Self { reader, read: BTreeMap::new() }
    }

    /// Every branch below the root that writes, sorted by key, lead through.
    pub fn of(reader: &'a R, root: &TreeNode, puts: &[Put]) -> Result<Self, TreeError> {
        let mut ahead = Self::nothing(reader);
        let mut level: Vec<Step<'_>> = match root {
            TreeNode::Branch(root) => vec![(TreePath::ROOT, root.clone(), puts)],
            TreeNode::Null | TreeNode::Leaf(_) => Vec::new(),
        };
        while !level.is_empty() {
            let mut next: Vec<_> = level.iter().flat_map(below).collect();
            // As a store has them, side by side.
            next.sort_unstable_by_key(|(place, _)| *place);
            let nodes = next.par_chunks(AT_ONCE).map(|next| {
                let places: Vec<_> = next.iter().map(|(place, _)| *place).collect();
                reader.nodes(&places)
            });
            let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
            level.clear();
            // What is not there, or no branch, is told by whoever asks for it.
            for ((place, puts), node) in next.into_iter().zip(nodes.into_iter().flatten()) {
                let Some(node) = node else { continue };
                if let TreeNode::Branch(branch) = &node {
                    level.push((place.path, branch.clone(), puts));
                }
                ahead.read.insert(place, node);
            }
        }
        Ok(ahead)
    }
}

/// The branches one level down to which writes lead, each with its own.
fn below<'p>((path, branch, puts): &Step<'p>) -> Vec<(TreePlace, &'p [Put])> {
    let depth = path.depth();
    let shares = puts.chunk_by(|a, b| nibble(&a.key, depth) == nibble(&b.key, depth));
    let place = |puts: &'p [Put]| {
        let way = nibble(&puts.first()?.key, depth);
        match branch.child(way)? {
            TreeChild::Branch { version, .. } => Some((TreePlace { version: *version, path: path.child(way) }, puts)),
            TreeChild::Leaf { .. } => None,
        }
    };
    shares.filter_map(place).collect()
}

impl<R: Nodes> Nodes for Ahead<'_, R> {
    fn node(&self, place: &TreePlace) -> Result<Option<TreeNode>, TreeError> {
        match self.read.get(place) {
            Some(node) => Ok(Some(node.clone())),
            None => self.reader.node(place),
        }
    }
}
