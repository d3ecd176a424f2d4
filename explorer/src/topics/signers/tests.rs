//! What rosters write, without a database.

use super::fold::{roster_set, threshold_applied};
use super::{APPLIED_THRESHOLD, ROSTERS};
use crate::fold::BlockWriter;
use crate::fold::testing::moment;
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::table::{META, Row};
use releases::{Roster, RosterCause, RosterRecord};

fn record(version: u64, threshold: u32) -> RosterRecord {
    let roster = Roster { version, threshold, ..runtime::testing::genesis().releases.roster };
    RosterRecord { roster, since: None, cause: RosterCause::Genesis }
}

#[tokio::test]
async fn every_roster_stays_under_its_version() {
    let mut rows = MemoryRows::default();
    for (version, threshold) in [(1, 2), (2, 3)] {
        let mut block = BlockWriter::new(&mut rows, moment(version));
        roster_set(&mut block, &record(version, threshold));
        block.finish().await.unwrap();
    }
    let row = |version: u64, threshold| -> Row { vec![version.into(), json(&record(version, threshold)).into()] };
    assert_eq!(rows.table(&ROSTERS), [row(1, 2), row(2, 3)]);
}

#[tokio::test]
async fn the_threshold_is_that_of_the_latest_release() {
    let mut rows = MemoryRows::default();
    let mut block = BlockWriter::new(&mut rows, moment(1));
    threshold_applied(&mut block, 2);
    threshold_applied(&mut block, 3);
    assert_eq!(block.meta::<u32>(APPLIED_THRESHOLD).await.unwrap(), Some(3));
    block.finish().await.unwrap();
    let row: Row = vec![APPLIED_THRESHOLD.into(), "3".into()];
    assert_eq!(rows.table(&META), [row]);
}
