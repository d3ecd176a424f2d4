//! Where a chain stands.

use primitives::{AccountId, BlockHash, ChainPosition, Timestamp};
use runtime::{Context, Header};

/// The newest block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its header.
    pub header: Header,
    /// Its hash.
    pub hash: BlockHash,
    /// Its height, epoch and time.
    pub at: ChainPosition,
}

impl Head {
    /// The head with this header.
    pub fn new(header: Header, epoch_length: u64) -> Self {
        let at = ChainPosition::of(header.height, header.time, epoch_length);
        Self { hash: header.hash(), header, at }
    }

    /// Where a block stands that `proposer` makes on this one at a time, and brings no precommits for it and no blocks that are
    /// missing in the tree of blocks.
    pub fn followed_by(&self, proposer: AccountId, time: Timestamp) -> Context {
        Context {
            chain_id: self.header.chain_id.clone(),
            height: self.at.height.next(),
            time,
            proposer,
            parent: self.hash,
            last_commit: None,
            missing: Vec::new(),
        }
    }

    /// Where the next block stands if it is made at `now`; by the same proposer, because nobody knows the next one.
    pub fn next(&self, now: Timestamp) -> Context {
        self.followed_by(self.header.proposer, now.max(self.at.time.next()))
    }
}
