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
pub mod work;

use crate::store::table::{Cell, Row};
use parity_scale_codec::{Decode, Encode};
use primitives::{BlockHash, Moment, Subject, TransactionHash};
use runtime::{Cause, Certificate, Event, Fact, Record};
use serde::{Deserialize, Serialize};
use state::Told as _;
use tables::{BLOCKS, FACTS, SUBJECTS};
use work::{FoldError, Work, json};

pub use self::releases::APPLIED_THRESHOLD;
pub use genesis::{GENESIS, begin};

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

/// Whether facts of a kind are turns in the life of what they are about, and not some of many: ballots, what nodes say, refusals.
fn is_turn(kind: &str) -> bool {
    let many = ["governance.voted", "releases.installed", "releases.reported", "releases.rebuilt"];
    !many.contains(&kind) && !kind.ends_with(".refused")
}

/// Writes what a block changes, and the position after it.
///
/// # Errors
/// The database refuses, or holds something else than a fold of the blocks before.
pub async fn fold(
    mut work: Work<'_>,
    head: Head,
    record: &Record,
    certificate: Option<&Certificate>,
    begins_epoch: bool,
) -> Result<(), FoldError> {
    if record.facts.len() >= 1 << PLACE_BITS {
        return Err(FoldError::Damaged(format!("block {} has more facts than can be numbered", head.at.height)));
    }
    for (index, fact) in (0..).zip(&record.facts) {
        work.put(&FACTS, fact_row(head.at, index, fact));
        let (id, is_turn) = (fact_id(head.at.height.0, index), is_turn(fact.kind()));
        for subject in fact.about() {
            // Of accounts the whole log is read, never its turns alone.
            let is_turn = is_turn && !matches!(subject, Subject::Account(_));
            work.put(&SUBJECTS, vec![subject.to_string().into(), id.into(), is_turn.into()]);
        }
        if let Ok(event) = &fact.outcome {
            write(&mut work, event).await?;
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
async fn write(work: &mut Work<'_>, event: &Event) -> Result<(), FoldError> {
    match event {
        // Balances and the chain's own rules are not in the index; the facts themselves are.
        Event::Accounts(_) | Event::Chain(_) => Ok(()),
        Event::Staking(event) => staking::write(work, event).await,
        Event::Governance(event) => governance::write(work, event).await,
        Event::Releases(event) => releases::write(work, event).await,
    }
}

fn fact_row(at: Moment, index: u64, fact: &Fact) -> Row {
    let (account, transaction) = match &fact.cause {
        Cause::Transaction { hash, account, .. } => (Some(account.to_string()), Some(hash)),
        Cause::Proposal(_) | Cause::Clock | Cause::Genesis => (None, None),
    };
    vec![
        fact_id(at.height.0, index).into(),
        at.epoch.0.into(),
        at.time.0.into(),
        fact.kind().into(),
        fact.outcome.is_err().into(),
        account.into(),
        Cell::Int(transaction.map(transaction_prefix)),
        fact.sentence().into(),
        json(fact).into(),
    ]
}

fn block_row(head: Head, record: &Record, certificate: Option<&Certificate>) -> Row {
    let refused = record.facts.iter().filter(|fact| fact.outcome.is_err()).count();
    vec![
        head.at.height.0.into(),
        head.hash.to_string().into(),
        head.at.epoch.0.into(),
        head.at.time.0.into(),
        record.header.proposer.to_string().into(),
        (record.facts.len() as u64).into(),
        (refused as u64).into(),
        certificate.map(|certificate| u64::from(certificate.round)).into(),
        certificate.map_or(0, |certificate| certificate.signatures.len() as u64).into(),
        json(&record.header).into(),
    ]
}
