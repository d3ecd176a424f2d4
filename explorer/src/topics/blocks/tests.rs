//! What blocks write about themselves, without a database.

use super::BLOCKS;
use super::fold::write;
use crate::fold::BlockWriter;
use crate::fold::testing::moment;
use crate::store::IndexHead;
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::table::Row;
use primitives::{ProposalId, StateRoot};
use runtime::testing::{certificate, genesis, validator};
use runtime::{Certificate, Fact, Record};

fn record() -> Record {
    let mut record = genesis().record(StateRoot([1; 32]));
    let outcome = Err(governance::Error::UnknownProposal(ProposalId(7)).into());
    record.facts.push(Fact { cause: runtime::Cause::Clock, outcome });
    record
}

async fn folded(record: &Record, certificate: Option<&Certificate>) -> Vec<Row> {
    let mut rows = MemoryRows::default();
    let mut block = BlockWriter::new(&mut rows, moment(12));
    let head = IndexHead { at: moment(12), hash: record.header.hash() };
    write(&mut block, head, record, certificate);
    block.finish().await.unwrap();
    rows.columns(&BLOCKS, &["height", "epoch", "hash", "facts", "refused", "round", "precommits", "header"])
}

fn row(record: &Record, round: Option<u64>, precommits: u64) -> Row {
    vec![
        12_u64.into(),
        1_u64.into(),
        record.header.hash().to_string().into(),
        (record.facts.len() as u64).into(),
        1_u64.into(),
        round.into(),
        precommits.into(),
        json(&record.header).into(),
    ]
}

#[tokio::test]
async fn a_block_tells_how_many_of_its_facts_are_refusals_and_who_decided_it() {
    let record = record();
    let keys = [0, 1, 2].map(validator);
    let certificate = certificate(&record.header, &keys);
    assert_eq!(folded(&record, Some(&certificate)).await, [row(&record, Some(0), 3)]);
}

#[tokio::test]
async fn nobody_decided_genesis() {
    let record = record();
    assert_eq!(folded(&record, None).await, [row(&record, None, 0)]);
}
