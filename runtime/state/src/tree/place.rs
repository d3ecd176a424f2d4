//! Where a node stands: the nibbles that lead to it from the root, and the height that wrote it.

use super::Version;

/// Up to 64 nibbles, from the root down.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TreePath {
    length: u8,
    bytes: [u8; 32],
}

/// The nibble of a key hash at a depth: what decides the way there. The last level is 63.
pub fn nibble(hash: &[u8; 32], depth: u8) -> u8 {
    let byte = hash.get(usize::from(depth >> 1)).copied().unwrap_or(0);
    if depth & 1 == 0 { byte >> 4 } else { byte & 15 }
}

impl TreePath {
    /// The root.
    pub const ROOT: Self = Self { length: 0, bytes: [0; 32] };

    /// How many nibbles it has: the depth of its node.
    pub fn depth(&self) -> u8 {
        self.length
    }

    /// The nibbles, from the root down.
    pub fn nibbles(&self) -> impl Iterator<Item = u8> + '_ {
        (0..self.length).map(|depth| nibble(&self.bytes, depth))
    }

    /// Whether a key with this hash is below it.
    pub fn leads_to(&self, hash: &[u8; 32]) -> bool {
        (0..).zip(self.nibbles()).all(|(depth, way)| way == nibble(hash, depth))
    }

    /// One level down, by the lower four bits of `nibble`.
    #[must_use]
    pub fn child(mut self, nibble: u8) -> Self {
        let low = nibble & 15;
        if let Some(byte) = self.bytes.get_mut(usize::from(self.length >> 1)) {
            *byte |= if self.length & 1 == 0 { low << 4 } else { low };
        }
        self.length = self.length.saturating_add(1);
        self
    }
}

impl std::fmt::Debug for TreePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.nibbles().try_for_each(|nibble| write!(f, "{nibble:x}"))
    }
}

/// The name of a node: it is written once under it, and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreePlace {
    /// The height whose block wrote the node.
    pub version: Version,
    /// The way from the root.
    pub path: TreePath,
}

impl TreePlace {
    /// The root at a height.
    pub const fn root(version: Version) -> Self {
        Self { version, path: TreePath::ROOT }
    }

    /// As a storage key: version, number of nibbles, nibbles two to a byte. Later versions sort after earlier ones, so that
    /// a store appends.
    pub fn bytes(&self) -> Vec<u8> {
        let path = self.path.bytes.get(..usize::from(self.path.length.div_ceil(2))).unwrap_or_default();
        [&self.version.to_be_bytes()[..], &[self.path.length], path].concat()
    }
}
