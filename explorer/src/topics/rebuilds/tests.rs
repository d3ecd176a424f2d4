//! What independent builders write, without a database.

use super::REBUILDS;
use super::fold::rebuilt;
use crate::fold::BlockWriter;
use crate::fold::testing::{account, build, moment};
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::table::Row;
use releases::Rebuild;

fn word(height: u64) -> Rebuild {
    Rebuild { at: moment(height), source_hash: None, source_commit: None }
}

#[tokio::test]
async fn each_builder_counts_once_for_a_build() {
    let mut rows = MemoryRows::default();
    for (builder, height) in [(1, 5), (2, 6), (1, 7)] {
        let mut block = BlockWriter::new(&mut rows, moment(height));
        rebuilt(&mut block, &build(3), &account(builder), &word(height));
        block.finish().await.unwrap();
    }
    let row = |builder, height: u64| -> Row {
        let (build, builder) = (build(3).to_string(), account(builder).to_string());
        vec![build.into(), builder.into(), height.into(), json(&word(height)).into()]
    };
    assert_eq!(rows.table(&REBUILDS), [row(1, 7), row(2, 6)]);
}
