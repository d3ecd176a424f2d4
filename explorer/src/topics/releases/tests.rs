//! What releases write, without a database.

use super::fold::{begin_epoch, draft, write};
use super::installs::Receipts;
use super::read::{ReleaseFilter, history};
use super::{INSTALLS, LISTS, MINIMUM, RELEASES, STAGE_NODES, STAGES};
use crate::fold::testing::{account, build, moment, release};
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::rows::SqlRows;
use crate::store::table::{Row, SqlValue};
use crate::store::{Database, Index, IndexPlace};
use crate::topics::{governance::HOLDERS, schema, validators::RUNNING};
use primitives::{Amount, Epoch, List, ProposalId};
use releases::queries::verdict;
use releases::{
    ApprovedRelease, Event, HeldPower, InstallStage, MinimumSequence, MinimumStep, Reason, Receipt, StageNodes,
    StageReport, Standing, Superseded, Verdict,
};
use rpc::views::{PageOf, ReleaseView};

async fn folded(rows: &mut MemoryRows, height: u64, events: &[Event]) -> Result<(), FoldError> {
    let mut block = BlockWriter::new(rows, moment(height));
    let mut receipts = Receipts::default();
    for event in events {
        if !draft(&mut block, &mut receipts, event) {
            write(&mut block, event).await?;
        }
    }
    receipts.write(&mut block).await?;
    block.finish().await
}

fn approved(builds: Vec<ApprovedRelease>, superseded: &[u8]) -> Event {
    let by = builds[0].build_hash;
    let old = |byte: &u8| Superseded { build_hash: build(*byte), by };
    Event::Approved { builds, superseded: superseded.iter().map(old).collect(), applied_threshold: 2 }
}

fn ends(byte: u8, epoch: u64) -> Event {
    Event::SupportEnds { build_hashes: vec![build(byte)], epoch: Epoch(epoch) }
}

/// Two releases, of which the second took the place of the first.
async fn two() -> MemoryRows {
    let mut rows = MemoryRows::default();
    folded(&mut rows, 0, &[approved(vec![release(1, 1, None)], &[])]).await.unwrap();
    folded(&mut rows, 20, &[approved(vec![release(2, 2, Some(7))], &[1])]).await.unwrap();
    rows
}

/// Each build's status, in the order of their ordinals.
fn statuses(rows: &MemoryRows) -> Vec<String> {
    rows.columns(&RELEASES, &["status"]).iter().map(|row| row[0].text().unwrap().to_owned()).collect()
}

/// Whether a build may run, whatever the minimum is.
fn own_verdict(rows: &MemoryRows, place: usize) -> String {
    rows.columns(&RELEASES, &["verdict"])[place][0].text().unwrap().to_owned()
}

#[tokio::test]
async fn a_release_takes_the_place_of_the_one_before() {
    let rows = two().await;
    assert_eq!(statuses(&rows), ["superseded", "activated"]);
    let entry = rows.columns(&RELEASES, &["entry"])[0][0].text().unwrap().to_owned();
    let standing = Standing::Superseded { by: build(2), end_of_support_epoch: None };
    let standing = serde_json::to_string(&standing).unwrap();
    assert!(entry.contains(&format!("\"standing\":{standing}")), "{entry}");
}

#[tokio::test]
async fn of_one_release_the_first_build_is_the_last_of_each_list() {
    let mut rows = MemoryRows::default();
    let builds = vec![release(1, 1, Some(7)), release(2, 1, Some(7))];
    folded(&mut rows, 10, &[approved(builds, &[])]).await.unwrap();
    let hash = |byte| -> Row { vec![build(byte).to_string().into()] };
    assert_eq!(rows.columns(&RELEASES, &["build_hash"]), [hash(2), hash(1)]);
    let place = |list: String, place: u64| -> Row { vec![list.into(), place.into(), 1_u64.into(), place.into()] };
    let own = account(0xee).to_string();
    let expected = [place(String::new(), 1), place(String::new(), 2), place(own.clone(), 1), place(own, 2)];
    assert_eq!(rows.table(&LISTS), expected);
}

#[tokio::test]
async fn what_a_revocation_names_is_revoked_and_what_it_reinstates_is_in_use_again() {
    let mut rows = two().await;
    let revoked = Event::Revoked {
        build_hashes: List::truncate_from(vec![build(2)]),
        reason: Reason::new("broken").unwrap(),
        effective_epoch: Epoch(4),
        reinstated: vec![build(1)],
    };
    folded(&mut rows, 25, &[revoked]).await.unwrap();
    assert_eq!(statuses(&rows), ["activated", "revoked"]);
    let changes = rows.columns(&RELEASES, &["changes_epoch"]);
    assert_eq!((changes[0][0].number(), changes[1][0].number()), (None, Some(4)));
    assert_eq!(own_verdict(&rows, 1), "\"approved\"", "the notice is not over");
    let mut block = BlockWriter::new(&mut rows, moment(40));
    begin_epoch(&mut block).await.unwrap();
    block.finish().await.unwrap();
    assert!(own_verdict(&rows, 1).contains("broken"), "{}", own_verdict(&rows, 1));
}

#[tokio::test]
async fn an_end_of_support_comes_with_its_epoch_and_not_before() {
    let mut rows = two().await;
    folded(&mut rows, 30, &[ends(1, 5)]).await.unwrap();
    assert_eq!(statuses(&rows), ["superseded", "activated"]);
    for (height, status) in [(40, "superseded"), (50, "expired")] {
        let mut block = BlockWriter::new(&mut rows, moment(height));
        begin_epoch(&mut block).await.unwrap();
        block.finish().await.unwrap();
        assert_eq!(statuses(&rows), [status, "activated"], "in block {height}");
    }
}

#[tokio::test]
async fn a_later_end_of_support_is_written_to_every_build_of_the_release() {
    let mut rows = two().await;
    folded(&mut rows, 30, &[ends(1, 5), ends(1, 9)]).await.unwrap();
    assert_eq!(rows.columns(&RELEASES, &["changes_epoch"])[0][0].number(), Some(9));
}

#[tokio::test]
async fn an_end_of_support_of_the_latest_release_ends_nothing_that_runs() {
    let mut rows = two().await;
    folded(&mut rows, 30, &[ends(2, 5)]).await.unwrap();
    let mut block = BlockWriter::new(&mut rows, moment(50));
    begin_epoch(&mut block).await.unwrap();
    block.finish().await.unwrap();
    assert_eq!(statuses(&rows), ["superseded", "activated"]);
    assert_eq!(own_verdict(&rows, 1), "\"approved\"");
}

#[tokio::test]
async fn h09_an_amendment_changes_what_is_said_and_nothing_that_happened() {
    let mut rows = two().await;
    folded(&mut rows, 21, &[installed(1, 21, 21, 1)]).await.unwrap();
    let mut amended = release(2, 2, Some(7));
    amended.manifest.version = primitives::Text::new("1.4.1");
    folded(&mut rows, 30, &[Event::Amended { builds: vec![amended] }]).await.unwrap();
    let versions = rows.columns(&RELEASES, &["version"]);
    assert_eq!((versions.len(), versions[1][0].text()), (2, Some("1.4.1")));
    assert_eq!(statuses(&rows), ["superseded", "activated"]);
    assert_eq!(rows.columns(&LISTS, &["ordinal"]).len(), 3, "it stands in no list twice");
    assert_eq!(rows.columns(&RELEASES, &["install_count"])[0][0].number(), Some(1));
}

fn raised(minimum: MinimumSequence) -> Event {
    Event::MinimumSequenceRaised { minimum, level: 1, reason: Reason::new("old").unwrap() }
}

fn step(sequence: u64, epoch: u64) -> MinimumStep {
    MinimumStep { sequence, effective_epoch: Epoch(epoch) }
}

#[tokio::test]
async fn a_minimum_is_written_once_and_counts_from_its_epoch_on() {
    let mut rows = two().await;
    let before = rows.table(&RELEASES);
    let minimum = MinimumSequence::from(step(2, 4)).raised(Epoch(3), step(3, 5));
    folded(&mut rows, 30, &[raised(minimum)]).await.unwrap();
    assert!(rows.table(&MINIMUM).is_empty(), "it has not come");
    for (height, least) in [(40, 2_u64), (50, 3)] {
        let mut block = BlockWriter::new(&mut rows, moment(height));
        begin_epoch(&mut block).await.unwrap();
        block.finish().await.unwrap();
        let counts: Row = vec![0_u64.into(), least.into(), 4_u64.into()];
        assert_eq!(rows.table(&MINIMUM), [counts], "in block {height}");
    }
    assert_eq!(rows.table(&RELEASES), before, "no release is written for it");
}

/// The verdict of each release, the earliest first, as the history answers it.
async fn answered(index: &Index) -> Vec<Verdict> {
    let filter = ReleaseFilter { list: String::new(), start_epoch: 0, end_epoch: u64::MAX, page: 0, page_size: 100 };
    let page: PageOf<ReleaseView> = serde_json::from_str(&history(index, &filter).await.unwrap()).unwrap();
    page.entries.into_iter().rev().map(|release| release.verdict).collect()
}

#[tokio::test]
async fn h24_what_is_below_a_minimum_is_told_each_number_when_it_comes_unless_something_else_ended_it_before() {
    let folder = tempfile::tempdir().unwrap();
    let place = IndexPlace::File(folder.path().join("x.sqlite"));
    let database = Database::open(place, &schema(), false).await.unwrap();
    let index = Index::new(database.readers(), runtime::testing::genesis());
    let revoked = |epoch| Standing::Revoked { reason: Reason::new("broken").unwrap(), effective_epoch: Epoch(epoch) };
    let ended = |epoch| Standing::Superseded { by: build(9), end_of_support_epoch: Some(Epoch(epoch)) };
    let standings =
        [Standing::Active, revoked(3), revoked(4), revoked(5), ended(3), ended(4), ended(5), Standing::Active];
    let builds: Vec<ApprovedRelease> = (1_u8..)
        .zip(standings)
        .map(|(byte, standing)| ApprovedRelease { standing, ..release(byte, byte.into(), None) })
        .collect();
    let mut minimum = MinimumSequence::default();
    let mut connection = database.writer().acquire().await.unwrap();
    for epoch in 1..=7 {
        let mut rows = SqlRows::new(&mut connection);
        let mut block = BlockWriter::new(&mut rows, moment(epoch * 10));
        begin_epoch(&mut block).await.unwrap();
        match epoch {
            1 => {
                for build in &builds {
                    write(&mut block, &approved(vec![build.clone()], &[])).await.unwrap();
                }
            }
            // All but the last one, and two epochs later that one too.
            2 | 4 => {
                minimum = minimum.raised(Epoch(epoch), step(7 + epoch / 2, epoch + 2));
                write(&mut block, &raised(minimum.clone())).await.unwrap();
            }
            _ => {}
        }
        block.finish().await.unwrap();
        let expected: Vec<Verdict> = builds.iter().map(|build| verdict(Some(build), &minimum, Epoch(epoch))).collect();
        assert_eq!(answered(&index).await, expected, "in epoch {epoch}");
    }
    drop(connection);
    database.close().await;
}

fn installed(node: u8, first: u64, last: u64, count: u64) -> Event {
    let report = StageReport::after(None, node.into(), InstallStage::Booted, moment(last));
    let receipt = Receipt { first: moment(first), last: moment(last), count };
    let nodes = StageNodes { booted: node.into(), ..StageNodes::default() };
    Event::Installed { build_hash: build(1), node: account(node), receipt, report, nodes }
}

#[tokio::test]
async fn installs_of_a_build_are_counted_from_the_receipts_of_its_nodes() {
    let mut rows = two().await;
    folded(&mut rows, 21, &[installed(1, 21, 21, 1), installed(2, 21, 21, 1)]).await.unwrap();
    folded(&mut rows, 35, &[installed(1, 21, 35, 2)]).await.unwrap();
    let counted = &rows.columns(&RELEASES, &["install_count", "last_install_ts", "installs"])[0];
    assert_eq!((counted[0].number(), counted[1].number()), (Some(3), Some(35_000)));
    let times = "\"install_times\":[21000,21000,35000],\"install_count\":3,\"last_install_ts\":35000";
    assert_eq!(counted[2].text(), Some(times));
    let nodes = rows.columns(&INSTALLS, &["node", "place", "first_time", "last_time", "count"]);
    let row = |node, place: u64, first: u64, last: u64, count: u64| -> Row {
        vec![account(node).to_string().into(), place.into(), first.into(), last.into(), count.into()]
    };
    assert_eq!(nodes, [row(1, 1, 21_000, 35_000, 2), row(2, 2, 21_000, 21_000, 1)]);
    assert_eq!(rows.columns(&RELEASES, &["install_nodes"])[0][0].number(), Some(2));
}

#[tokio::test]
async fn a_new_standing_leaves_the_installs_as_they_are() {
    let mut rows = two().await;
    folded(&mut rows, 21, &[installed(1, 21, 21, 1)]).await.unwrap();
    let before = rows.columns(&RELEASES, &["installs"]);
    folded(&mut rows, 30, &[ends(1, 9)]).await.unwrap();
    assert_eq!(rows.columns(&RELEASES, &["installs"]), before);
    assert_ne!(before[0][0], SqlValue::Int(None));
}

#[tokio::test]
async fn a_node_stands_at_the_stage_it_reported_last() {
    let mut rows = two().await;
    let report = StageReport::after(None, 1, InstallStage::Healthy, moment(22));
    let nodes = StageNodes { healthy: 1, ..StageNodes::default() };
    let reported = Event::Reported { build_hash: build(1), node: account(1), report, running: Some(build(1)), nodes };
    folded(&mut rows, 22, &[installed(1, 21, 21, 1), reported]).await.unwrap();
    let stages = rows.columns(&STAGES, &["number", "stage", "reason", "height"]);
    let healthy: Row = vec![1_u64.into(), "healthy".into(), SqlValue::Int(None), 22_u64.into()];
    assert_eq!(stages, [healthy]);
    let counted: Row = vec![build(1).to_string().into(), json(&nodes).into()];
    assert_eq!(rows.table(&STAGE_NODES), [counted], "as the last of them has it");
}

#[tokio::test]
async fn h28_what_a_node_holds_before_it_is_approved_is_a_stage_and_nothing_that_it_runs() {
    let mut rows = two().await;
    let report = StageReport::after(None, 1, InstallStage::Held, moment(22));
    let nodes = StageNodes { held: 1, ..StageNodes::default() };
    let counted = vec![HeldPower { proposal_id: ProposalId(3), power: Amount(40), total: Amount(100) }];
    let held = Event::Held { build_hash: build(9), node: account(1), report, counted, nodes };
    folded(&mut rows, 22, &[held]).await.unwrap();
    let stages: Row = vec![build(9).to_string().into(), "held".into()];
    assert_eq!(rows.columns(&STAGES, &["build_hash", "stage"]), [stages]);
    let standing: Row = vec![build(9).to_string().into(), json(&nodes).into()];
    assert_eq!(rows.table(&STAGE_NODES), [standing]);
    assert_eq!((rows.table(&HOLDERS).len(), rows.table(&RUNNING).len()), (1, 0));
}

#[tokio::test]
async fn what_was_never_approved_cannot_change() {
    let mut rows = MemoryRows::default();
    assert!(matches!(folded(&mut rows, 1, &[ends(1, 9)]).await, Err(FoldError::Damaged(_))));
    assert!(matches!(folded(&mut rows, 1, &[installed(1, 1, 1, 1)]).await, Err(FoldError::Damaged(_))));
}
