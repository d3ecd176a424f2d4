//! The right edge of a tree: all that is needed to append to it, and to say its root.

use crate::hash::{joined, node_hash};
use parity_scale_codec::{Decode, Encode, Input};
use primitives::{Digest, List};
use serde::{Deserialize, Deserializer, Serialize, de};

/// The perfect subtrees that a tree is made of, the largest first: one for each bit of its size (RFC 6962's compact range).
///
/// SCALE: the size, then the hashes; as many as the size has bits set, or it does not decode. JSON has the same rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Frontier {
    size: u64,
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Digest>", length(max = 64)))]
    subtrees: List<Digest, 64>,
}

/// A frontier as it is read, before the number of hashes is looked at.
#[derive(Decode, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edge {
    size: u64,
    subtrees: List<Digest, 64>,
}

impl TryFrom<Edge> for Frontier {
    type Error = &'static str;

    fn try_from(Edge { size, subtrees }: Edge) -> Result<Self, Self::Error> {
        let has_all = u32::try_from(subtrees.len()) == Ok(size.count_ones());
        if has_all { Ok(Self { size, subtrees }) } else { Err("a frontier has a hash for each bit of its size") }
    }
}

impl Decode for Frontier {
    fn decode<I: Input>(input: &mut I) -> Result<Self, parity_scale_codec::Error> {
        Self::try_from(Edge::decode(input)?).map_err(Into::into)
    }
}

impl<'de> Deserialize<'de> for Frontier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Edge::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl Frontier {
    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the perfect subtrees, the largest and leftmost first.
    pub fn subtrees(&self) -> &[Digest] {
        &self.subtrees
    }

    /// Appends a leaf by its hash. The last of as many leaves as a number here counts is never reached; a tree of that size stays as it is.
    pub fn append(&mut self, leaf_hash: Digest) {
        let Some(size) = self.size.checked_add(1) else { return };
        let (mut carried, mut pairs) = (leaf_hash, self.size);
        while pairs % 2 == 1 {
            let Some(left) = self.subtrees.pop() else { break };
            carried = node_hash(&left, &carried);
            pairs /= 2;
        }
        // A bit of the new size for each hash: there is room.
        if self.subtrees.try_push(carried).is_ok() {
            self.size = size;
        }
    }

    /// The root of the tree.
    pub fn root(&self) -> Digest {
        joined(self.subtrees.iter())
    }
}
