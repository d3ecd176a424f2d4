//! The fold of facts into the index: what each event writes, by a match like that of `apply`.
//!
//! An event that is added to the chain does not compile until it has its arm here. What a block changes is written in one
//! database transaction together with the new position, so that a process killed at any moment goes on where it was.

mod genesis;
mod governance;
pub mod installs;
mod releases;
mod staking;
pub mod tables;
pub mod words;
pub mod work;

use crate::store::table::{Cell, Row};
use parity_scale_codec::{Decode, Encode};
use primitives::{BlockHash, Moment, TransactionHash};
use runtime::{Cause, Certificate, Event, Fact, Record};
use serde::{Deserialize, Serialize};
use tables::{BLOCKS, FACTS};
use work::{FoldError, Work, json};

pub use self::governance::subject as proposal_subject;
pub use self::releases::subject as release_subject;
pub use genesis::{APPLIED_THRESHOLD, GENESIS, begin, genesis_head};

/// Where the index stands: everything that verifying the next block needs beside the validators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Head {
    /// The newest block; genesis is 0.
    pub at: Moment,
    /// Its hash.
    pub hash: BlockHash,
}

/// The name of the position in `meta`.
pub const HEAD: &str = "head";

/// How many bits of a fact's number are its place in the block.
pub const PLACE_BITS: u32 = 24;

/// The number of a fact: by height, then by place.
pub fn fact_id(height: u64, index: u64) -> u64 {
    height.saturating_mul(1 << PLACE_BITS).saturating_add(index)
}

/// Height and place of a numbered fact.
pub fn fact_place(id: u64) -> (u64, u64) {
    (id >> PLACE_BITS, id & ((1 << PLACE_BITS) - 1))
}

/// The beginning of a transaction's hash, by which it is found: its first eight bytes.
pub fn transaction_prefix(hash: &TransactionHash) -> i64 {
    i64::from_be_bytes(std::array::from_fn(|place| hash.0[place]))
}

/// Writes what a block changes, and the position after it.
///
/// # Errors
/// The database refuses, or holds something else than a fold of the blocks before.
pub async fn fold(
    mut work: Work<'_>,
    head: Head,
    record: &Record,
    certificate: &Certificate,
    begins_epoch: bool,
) -> Result<(), FoldError> {
    if record.facts.len() >= 1 << PLACE_BITS {
        return Err(FoldError::Damaged(format!("block {} has more facts than can be numbered", head.at.height)));
    }
    for (index, fact) in (0..).zip(&record.facts) {
        work.put(&FACTS, fact_row(head.at, index, fact));
        if let Ok(event) = &fact.outcome {
            write(&mut work, event, &fact.cause).await?;
        }
    }
    if begins_epoch {
        work.begin_epoch(head.at.epoch).await?;
    }
    work.put(&BLOCKS, block_row(head, record, certificate));
    work.count("facts", i64::try_from(record.facts.len()).unwrap_or(i64::MAX));
    work.set_meta(HEAD, &head);
    work.finish().await
}

/// What one event writes.
async fn write(work: &mut Work<'_>, event: &Event, cause: &Cause) -> Result<(), FoldError> {
    match event {
        // Balances are not in the index; the fact itself is.
        Event::Accounts(accounts::Event::Transferred { .. }) => Ok(()),
        Event::Staking(event) => staking::write(work, event).await,
        Event::Governance(event) => governance::write(work, event).await,
        Event::Releases(event) => releases::write(work, event, cause).await,
    }
}

fn fact_row(at: Moment, index: u64, fact: &Fact) -> Row {
    let words = words::describe(fact);
    vec![
        fact_id(at.height.0, index).into(),
        at.epoch.0.into(),
        at.time.0.into(),
        words.kind.into(),
        fact.outcome.is_err().into(),
        words.account.map(|account| account.to_string()).into(),
        words.build_hash.map(|hash| hash.to_string()).into(),
        words.proposal_id.map(|id| id.0).into(),
        Cell::Int(words.transaction.map(|hash| transaction_prefix(&hash))),
        words.sentence.into(),
        json(fact).into(),
    ]
}

fn block_row(head: Head, record: &Record, certificate: &Certificate) -> Row {
    let refused = record.facts.iter().filter(|fact| fact.outcome.is_err()).count();
    vec![
        head.at.height.0.into(),
        head.hash.to_string().into(),
        head.at.epoch.0.into(),
        head.at.time.0.into(),
        record.header.proposer.to_string().into(),
        (record.facts.len() as u64).into(),
        (refused as u64).into(),
        u64::from(certificate.round).into(),
        (certificate.signatures.len() as u64).into(),
        json(&record.header).into(),
    ]
}
