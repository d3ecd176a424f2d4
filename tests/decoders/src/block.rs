//! A whole block, as its parts make it up, and as it is fetched by a node that catches up.

use crate::{Outcome, Seed, numbered};
use light::testing::TestChain;
use parity_scale_codec::Encode;
use runtime::testing::{examples, genesis, holder, transfer};
use runtime::{Block, BlockError};

/// There is one encoding of a block, and whether it has the body that its header names can be said of any.
pub fn check(bytes: &[u8]) -> Outcome {
    let block = match Block::from_bytes(bytes) {
        Ok(block) => block,
        Err(BlockError::Undecodable(_)) => return Outcome::Refused,
        Err(other) => panic!("bytes that were not read are judged: {other}"),
    };
    assert_eq!(block.encode(), bytes, "two encodings of one block");
    assert_eq!(block.hash(), block.header.hash());
    let body = block.require_body();
    let field = match &body {
        Ok(()) => None,
        Err(BlockError::HeaderMismatch { field, .. }) => Some(*field),
        Err(other) => panic!("a body is held against its header alone: {other}"),
    };
    assert!(field.is_none_or(|field| ["transactions_root", "last_commit_hash"].contains(&field)), "{body:?}");
    Outcome::Taken
}

/// A block without transactions, one with a transaction, and one whose body is not its header's.
pub fn seeds() -> Vec<Seed> {
    let mut chain = TestChain::new(genesis());
    chain.block(&[(holder(0), transfer(holder(1).account(), 7))]);
    let (last_commit, transactions) = (Some(examples::certificate()), vec![examples::transaction(); 3]);
    let strange = Block { header: examples::header(), last_commit, transactions };
    let blocks = chain.blocks().iter().map(|kept| kept.block.encode());
    numbered("block", blocks.chain([strange.encode()]))
}
