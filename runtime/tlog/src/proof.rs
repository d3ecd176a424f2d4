//! That a leaf is in a tree, and that a tree goes on where another stood (RFC 6962 section 2.1, checked as RFC 9162 sections 2.1.3 and
//! 2.1.4 say).

use crate::hash::{empty_root, joined, node_hash};
use parity_scale_codec::{Decode, Encode};
use primitives::{Digest, List};
use serde::{Deserialize, Serialize};

/// Where the hashes of a tree are: of its perfect subtrees.
pub trait Hashes {
    /// Why a hash cannot be read.
    type Error;

    /// The hash of the perfect subtree of `2^level` leaves that begins with leaf `index * 2^level`; level 0 are the leaves.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error>;
}

/// That a leaf is in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Inclusion {
    /// Which leaf, from 0.
    pub index: u64,
    /// How many leaves the tree has.
    pub size: u64,
    /// The hashes beside the way from the leaf to the root, the lowest first.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Digest>", length(max = 64)))]
    pub path: List<Digest, 64>,
}

/// That a tree goes on where another stood: all leaves of that are its first ones.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Consistency {
    /// How many leaves the older tree has.
    pub from: u64,
    /// How many leaves the newer one has.
    pub to: u64,
    /// Of subtrees, as RFC 6962 section 2.1.2 orders them; none where the older tree is empty or is the newer one.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Digest>", length(max = 64)))]
    pub path: List<Digest, 64>,
}

impl Inclusion {
    /// Whether the leaf with this hash is the one of that index, in the tree of that size with this root.
    pub fn verify(&self, leaf_hash: &Digest, root: &Digest) -> bool {
        if self.index >= self.size {
            return false;
        }
        let mut way = Way { place: self.index, last: self.size.saturating_sub(1) };
        let mut hash = *leaf_hash;
        for beside in self.path.iter() {
            match way.step() {
                Some(Side::Left) => hash = node_hash(beside, &hash),
                Some(Side::Right) => hash = node_hash(&hash, beside),
                None => return false,
            }
        }
        way.last == 0 && hash == *root
    }
}

impl Consistency {
    /// Whether the tree of size `to` with the root `to_root` goes on where that of size `from` with the root `from_root` stood.
    pub fn verify(&self, from_root: &Digest, to_root: &Digest) -> bool {
        if self.from == 0 {
            return self.path.is_empty() && *from_root == empty_root() && (self.to > 0 || from_root == to_root);
        }
        if self.from >= self.to {
            return self.from == self.to && self.path.is_empty() && from_root == to_root;
        }
        let mut way = Way { place: self.from.saturating_sub(1), last: self.to.saturating_sub(1) };
        while way.place % 2 == 1 {
            way.up();
        }
        // A tree that is perfect stands at the beginning of its own proof, and is left out there.
        let mut path = self.path.iter();
        let first = if self.from.is_power_of_two() { Some(from_root) } else { path.next() };
        let Some(first) = first else { return false };
        let (mut older, mut newer) = (*first, *first);
        for beside in path {
            match way.step() {
                Some(Side::Left) => {
                    older = node_hash(beside, &older);
                    newer = node_hash(beside, &newer);
                }
                Some(Side::Right) => newer = node_hash(&newer, beside),
                None => return false,
            }
        }
        way.last == 0 && older == *from_root && newer == *to_root
    }
}

/// A way up to the root: where it stands in its level, and which place is the last there.
struct Way {
    place: u64,
    last: u64,
}

/// On which side of the way the next hash stands.
enum Side {
    Left,
    Right,
}

impl Way {
    fn up(&mut self) {
        self.place /= 2;
        self.last /= 2;
    }

    /// The side of the next hash, and the step over it; none above the root.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let side = if self.place % 2 == 1 || self.place == self.last { Side::Left } else { Side::Right };
        // The last of a level that has none beside it is its own parent.
        while self.place.is_multiple_of(2) && self.place > 0 && matches!(side, Side::Left) {
            self.up();
        }
        self.up();
        Some(side)
    }
}

/// Proves that leaf `index` is in the tree of the first `size` leaves; none where it is not among them.
///
/// # Errors
/// A hash cannot be read.
pub fn prove_inclusion<H: Hashes>(hashes: &H, index: u64, size: u64) -> Result<Option<Inclusion>, H::Error> {
    if index >= size {
        return Ok(None);
    }
    let (mut path, mut range) = (Vec::new(), Range { first: 0, end: size });
    while let Some((left, right)) = range.halves() {
        let (within, beside) = if index < left.end { (left, right) } else { (right, left) };
        path.push(beside.hash(hashes)?);
        range = within;
    }
    path.reverse();
    Ok(Some(Inclusion { index, size, path: List::truncate_from(path) }))
}

/// Proves that the tree of the first `to` leaves goes on where that of the first `from` stood; none where that is the larger one.
///
/// # Errors
/// A hash cannot be read.
pub fn prove_consistency<H: Hashes>(hashes: &H, from: u64, to: u64) -> Result<Option<Consistency>, H::Error> {
    if from > to {
        return Ok(None);
    }
    let (mut path, mut range) = (Vec::new(), Range { first: 0, end: to });
    // Within the older tree as a whole its own root is known to whoever asks.
    let mut is_whole = true;
    while from > 0 && range.end != from {
        let Some((left, right)) = range.halves() else { break };
        let (within, beside) = if from <= left.end { (left, right) } else { (right, left) };
        is_whole &= within.first == 0;
        path.push(beside.hash(hashes)?);
        range = within;
    }
    if !is_whole {
        path.push(range.hash(hashes)?);
    }
    path.reverse();
    Ok(Some(Consistency { from, to, path: List::truncate_from(path) }))
}

/// The root of the tree of the first `size` leaves.
///
/// # Errors
/// A hash cannot be read.
pub fn root_at<H: Hashes>(hashes: &H, size: u64) -> Result<Digest, H::Error> {
    Range { first: 0, end: size }.hash(hashes)
}

/// Leaves of a tree that are a subtree of it: the first of them is a multiple of the largest power of two that their number holds.
#[derive(Clone, Copy)]
struct Range {
    first: u64,
    end: u64,
}

impl Range {
    fn len(self) -> u64 {
        self.end.saturating_sub(self.first)
    }

    /// Its two subtrees: on the left as many leaves as the largest power of two below all of them; none of a leaf.
    fn halves(self) -> Option<(Self, Self)> {
        let below = self.len().checked_sub(1)?.checked_ilog2()?;
        let middle = self.first.checked_add(1u64.checked_shl(below)?)?;
        Some((Self { end: middle, ..self }, Self { first: middle, ..self }))
    }

    /// Its hash, from the perfect subtrees that it is made of.
    fn hash<H: Hashes>(self, hashes: &H) -> Result<Digest, H::Error> {
        let (mut subtrees, mut first) = (Vec::new(), self.first);
        for level in (0..64u8).rev() {
            let leaves = 1u64.checked_shl(level.into()).unwrap_or_default();
            if self.len() & leaves != 0 {
                subtrees.push(hashes.node(level, first.checked_div(leaves).unwrap_or_default())?);
                first = first.saturating_add(leaves);
            }
        }
        Ok(joined(subtrees.iter()))
    }
}
