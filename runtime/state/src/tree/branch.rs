//! A branch node taken apart and put together again, through jmt's own encoding: its type has no public constructor.

use super::{Node, TreeError, Version};
use borsh::{BorshDeserialize, BorshSerialize};

/// The sixteen children of a branch.
#[derive(Debug, Default)]
pub(super) struct Branch {
    children: [Option<Child>; 16],
}

#[derive(Debug, Clone, BorshSerialize, BorshDeserialize)]
struct Child {
    hash: [u8; 32],
    version: Version,
    kind: Kind,
}

#[derive(Debug, Clone, BorshSerialize, BorshDeserialize)]
enum Kind {
    Leaf,
    Internal { leaves: u64 },
}

impl Branch {
    /// The children of `node`; none when it is no branch.
    pub fn of(node: &Node) -> Result<Self, TreeError> {
        let Node::Internal(node) = node else { return Ok(Self::default()) };
        Ok(Self { children: borsh::from_slice::<Form>(&borsh::to_vec(node)?)?.children })
    }

    /// Takes over the child at `nibble` as `other` has it.
    pub fn take_child(&mut self, nibble: u8, other: &Branch) {
        let at = usize::from(nibble);
        if let (Some(mine), Some(theirs)) = (self.children.get_mut(at), other.children.get(at)) {
            mine.clone_from(theirs);
        }
    }

    /// The node with these children.
    pub fn into_node(self) -> Result<Node, TreeError> {
        let leaves = self.children.iter().flatten().map(|child| match child.kind {
            Kind::Leaf => 1,
            Kind::Internal { leaves } => leaves,
        });
        let leaf_count = leaves.fold(0, u64::saturating_add);
        let num_children = self.children.iter().flatten().fold(0, |count: u64, _| count.saturating_add(1));
        let form = Form { children: self.children, num_children, leaf_count };
        Ok(Node::Internal(borsh::from_slice(&borsh::to_vec(&form)?)?))
    }
}

/// jmt's encoding of a branch.
#[derive(BorshSerialize, BorshDeserialize)]
struct Form {
    children: [Option<Child>; 16],
    num_children: u64,
    leaf_count: u64,
}
