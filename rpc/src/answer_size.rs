//! How large an answer may be: as large as the record of the fullest block, which explorers cannot do without.

use runtime::{Genesis, MOST_RECORD_JSON};

/// What stands around a record in an answer, or in a message of a feed.
const AROUND: u32 = 1 << 10;

/// The most bytes of an answer that holds no whole block.
const MOST_OF_OTHERS: u32 = 16 << 20;

/// The most bytes of an answer of a node of any chain: what a client takes.
pub const MOST_ANSWER_BYTES: u32 = MOST_RECORD_JSON as u32 + AROUND;

/// The most bytes of an answer of a node of this chain.
pub(crate) fn most_of(genesis: &Genesis) -> u32 {
    let record = u32::try_from(genesis.most_record_json()).unwrap_or(u32::MAX);
    record.saturating_add(AROUND).max(MOST_OF_OTHERS)
}
