//! What independent builders write, without a database.

use super::REBUILDS;
use super::fold::rebuilt;
use crate::fold::BlockWriter;
use crate::fold::testing::{account, build, moment};
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::table::Row;
use releases::Rebuild;

fn word(number: u64, height: u64) -> Rebuild {
    Rebuild { number, at: moment(height), source_hash: None, source_commit: None }
}

#[tokio::test]
async fn each_builder_counts_once_for_a_build() {
    let mut rows = MemoryRows::default();
    for (builder, number, height) in [(1, 1, 5), (2, 2, 6), (1, 1, 7)] {
        let mut block = BlockWriter::new(&mut rows, moment(height));
        rebuilt(&mut block, &build(3), &account(builder), &word(number, height));
        block.finish().await.unwrap();
    }
    let row = |builder, number: u64, height| -> Row {
        let (build, builder) = (build(3).to_string(), account(builder).to_string());
        vec![build.into(), builder.into(), number.into(), json(&word(number, height)).into()]
    };
    assert_eq!(rows.table(&REBUILDS), [row(1, 1, 7), row(2, 2, 6)]);
}
