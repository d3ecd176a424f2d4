//! What rosters write, without a database.

use super::fold::{roster_set, signer_left, threshold_applied};
use super::{APPLIED_THRESHOLD, ROSTERS, SIGNER_KEYS};
use crate::fold::BlockWriter;
use crate::fold::testing::moment;
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::table::{META, Row};
use primitives::{Epoch, List};
use releases::{Departure, Roster, RosterCause, RosterRecord};

fn record(version: u64, threshold: u32) -> RosterRecord {
    let roster = Roster { version, threshold, ..runtime::testing::genesis().releases.roster };
    RosterRecord { roster, since: None, cause: RosterCause::Genesis, left: List::default() }
}

#[tokio::test]
async fn every_roster_stays_under_its_version() {
    let mut rows = MemoryRows::default();
    for (version, threshold) in [(1, 2), (2, 3)] {
        let mut block = BlockWriter::new(&mut rows, moment(version));
        roster_set(&mut block, &record(version, threshold));
        block.finish().await.unwrap();
    }
    let row = |version: u64, threshold| -> Row {
        vec![version.into(), 0_u64.into(), json(&record(version, threshold)).into()]
    };
    assert_eq!(rows.table(&ROSTERS), [row(1, 2), row(2, 3)]);
    let first = rows.columns(&SIGNER_KEYS, &["version"]);
    assert_eq!(first.len(), record(1, 2).roster.signers.len());
    assert!(
        first.iter().all(|row| row[0] == 1_u64.into()),
        "each is kept with the first roster that had it: {first:?}"
    );
}

#[tokio::test]
async fn h17_a_key_that_leaves_stays_on_the_record_of_its_roster() {
    let mut rows = MemoryRows::default();
    let mut block = BlockWriter::new(&mut rows, moment(1));
    roster_set(&mut block, &record(1, 2));
    let departure = Departure { signer: record(1, 2).roster.signers[0], from_epoch: Epoch(3) };
    signer_left(&mut block, 1, departure).await.unwrap();
    let missing = signer_left(&mut block, 2, departure).await.unwrap_err().to_string();
    assert!(missing.contains("roster 2 is not in it"), "{missing}");
    block.finish().await.unwrap();
    let mut left = record(1, 2);
    left.leave(departure);
    let row: Row = vec![1_u64.into(), 0_u64.into(), json(&left).into()];
    assert_eq!(rows.table(&ROSTERS), [row]);
    assert_eq!(left.left.to_vec(), [departure]);
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
