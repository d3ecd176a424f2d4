//! Nodes: their content, their hash, their bytes.
//!
//! What a node commits to, and how it hashes, is jmt's. How it is stored is not: a leaf stands in its branch, so that it
//! costs no row of its own, no read and no write.

use super::{EMPTY_ROOT, Version};
use jmt::proof::{INTERNAL_DOMAIN_SEPARATOR, LEAF_DOMAIN_SEPARATOR};
use parity_scale_codec::{Decode, Encode, Error, Input, Output};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A SHA-256.
pub type Hash = [u8; 32];

/// A node that is stored under a name of its own. Clones share what they hold.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum TreeNode {
    /// The root of a tree without entries.
    Null,
    /// The root of a tree with one entry.
    Leaf(Leaf),
    /// What at least two keys have in common.
    Branch(Arc<Branch>),
}

/// A key and its value, as the tree knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Leaf {
    /// The SHA-256 of the key.
    pub key: Hash,
    /// The SHA-256 of the value.
    pub value: Hash,
}

/// Sixteen ways down, of which at least one is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branch {
    /// One bit for each way, the lowest for 0.
    taken: u16,
    /// What is down each way that is taken, in order.
    children: Vec<TreeChild>,
}

/// What is one level below a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeChild {
    /// One key, where no other begins the same way.
    Leaf {
        /// The leaf itself.
        leaf: Leaf,
        /// Its hash.
        hash: Hash,
    },
    /// A branch, stored elsewhere.
    Branch {
        /// Its hash.
        hash: Hash,
        /// The height whose block wrote it.
        version: Version,
        /// The number of leaves below it.
        leaves: u64,
    },
}

impl Leaf {
    /// The leaf that commits to a key and its value.
    pub fn of(key: &[u8], value: &[u8]) -> Self {
        Self { key: Sha256::digest(key).into(), value: Sha256::digest(value).into() }
    }

    /// As its parent names it.
    pub fn hash(&self) -> Hash {
        Sha256::new()
            .chain_update(LEAF_DOMAIN_SEPARATOR)
            .chain_update(self.key)
            .chain_update(self.value)
            .finalize()
            .into()
    }
}

impl From<Leaf> for TreeChild {
    fn from(leaf: Leaf) -> Self {
        Self::Leaf { leaf, hash: leaf.hash() }
    }
}

impl TreeChild {
    /// Its hash.
    pub fn hash(&self) -> &Hash {
        let (Self::Leaf { hash, .. } | Self::Branch { hash, .. }) = self;
        hash
    }

    /// The number of leaves in it.
    pub fn leaves(&self) -> u64 {
        match self {
            Self::Leaf { .. } => 1,
            Self::Branch { leaves, .. } => *leaves,
        }
    }
}

/// The bit of a way.
fn bit(way: u8) -> u16 {
    1u16.wrapping_shl(way.into())
}

impl Branch {
    /// Where the child of a way is, or would be.
    fn place(&self, way: u8) -> Result<usize, usize> {
        let before = (self.taken & bit(way).wrapping_sub(1)).count_ones() as usize;
        if self.taken & bit(way) == 0 { Err(before) } else { Ok(before) }
    }

    /// The child down a way, from 0 to 15.
    pub fn child(&self, way: u8) -> Option<&TreeChild> {
        self.place(way).ok().and_then(|at| self.children.get(at))
    }

    /// The children that there are, each with its way.
    pub fn children(&self) -> impl Iterator<Item = (u8, &TreeChild)> {
        (0u8..16).filter(|way| self.taken & bit(*way) != 0).zip(&self.children)
    }

    /// The child that has no siblings, or the number of children.
    pub fn only_child(&self) -> Result<TreeChild, usize> {
        match self.children.as_slice() {
            [child] => Ok(*child),
            children => Err(children.len()),
        }
    }

    /// Puts, replaces or removes a child.
    pub fn set(&mut self, way: u8, child: Option<TreeChild>) {
        match (self.place(way), child) {
            (Ok(at), Some(child)) => self.children.iter_mut().skip(at).take(1).for_each(|slot| *slot = child),
            (Err(at), Some(child)) => {
                self.children.insert(at, child);
                self.taken |= bit(way);
            }
            (Ok(at), None) => {
                self.children.remove(at);
                self.taken &= !bit(way);
            }
            (Err(_), None) => {}
        }
    }

    /// The number of leaves below.
    pub fn leaves(&self) -> u64 {
        self.children.iter().fold(0, |sum, child| sum.saturating_add(child.leaves()))
    }

    /// As its parent names it: the root of four levels of a binary tree over the children, in which a lone leaf stands for
    /// the whole part it is alone in.
    pub fn hash(&self) -> Hash {
        let mut parts = [Part::Nothing; 16];
        for (way, child) in self.children() {
            let part = match child {
                TreeChild::Leaf { hash, .. } => Part::Leaf(*hash),
                TreeChild::Branch { hash, .. } => Part::Node(*hash),
            };
            parts.iter_mut().skip(way.into()).take(1).for_each(|slot| *slot = part);
        }
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = parts;
        let left = Part::join(quarter([a, b, c, d]), quarter([e, f, g, h]));
        let right = Part::join(quarter([i, j, k, l]), quarter([m, n, o, p]));
        Part::join(left, right).hash()
    }
}

/// A part of a branch's binary tree.
#[derive(Clone, Copy)]
enum Part {
    Nothing,
    Leaf(Hash),
    Node(Hash),
}

fn quarter([a, b, c, d]: [Part; 4]) -> Part {
    Part::join(Part::join(a, b), Part::join(c, d))
}

impl Part {
    fn hash(self) -> Hash {
        match self {
            Self::Nothing => EMPTY_ROOT.0,
            Self::Leaf(hash) | Self::Node(hash) => hash,
        }
    }

    fn join(left: Self, right: Self) -> Self {
        match (left, right) {
            (part @ (Self::Nothing | Self::Leaf(_)), Self::Nothing) | (Self::Nothing, part @ Self::Leaf(_)) => part,
            (left, right) => {
                let hasher = Sha256::new().chain_update(INTERNAL_DOMAIN_SEPARATOR);
                Self::Node(hasher.chain_update(left.hash()).chain_update(right.hash()).finalize().into())
            }
        }
    }
}

impl TreeNode {
    /// As its parent (or the header, for the root) names it.
    pub fn hash(&self) -> Hash {
        match self {
            Self::Null => EMPTY_ROOT.0,
            Self::Leaf(leaf) => leaf.hash(),
            Self::Branch(branch) => branch.hash(),
        }
    }

    /// Bytes that it takes in memory, roughly.
    pub fn size(&self) -> usize {
        match self {
            Self::Null | Self::Leaf(_) => size_of::<Self>(),
            Self::Branch(branch) => branch.children.len().saturating_mul(size_of::<TreeChild>()).saturating_add(144),
        }
    }

    /// The number of leaves in it.
    pub fn leaves(&self) -> u64 {
        match self {
            Self::Null => 0,
            Self::Leaf(_) => 1,
            Self::Branch(branch) => branch.leaves(),
        }
    }
}

/// A child without what can be computed.
#[derive(Encode, Decode)]
enum Row {
    Leaf(Leaf),
    Branch {
        hash: Hash,
        #[codec(compact)]
        version: Version,
        #[codec(compact)]
        leaves: u64,
    },
}

impl Encode for Branch {
    fn size_hint(&self) -> usize {
        self.children.len().saturating_mul(66).saturating_add(2)
    }

    fn encode_to<T: Output + ?Sized>(&self, out: &mut T) {
        self.taken.encode_to(out);
        for child in &self.children {
            match *child {
                TreeChild::Leaf { leaf, .. } => Row::Leaf(leaf),
                TreeChild::Branch { hash, version, leaves } => Row::Branch { hash, version, leaves },
            }
            .encode_to(out);
        }
    }
}

impl Decode for Branch {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let taken = u16::decode(input)?;
        let children = (0..taken.count_ones()).map(|_| {
            Ok(match Row::decode(input)? {
                Row::Leaf(leaf) => leaf.into(),
                Row::Branch { hash, version, leaves } => TreeChild::Branch { hash, version, leaves },
            })
        });
        Ok(Self { taken, children: children.collect::<Result<_, Error>>()? })
    }
}
