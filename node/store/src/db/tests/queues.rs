//! Rows that come at one end and go at the other: what falls due.

use super::super::columns::Column;
use super::{commit, new_chain};
use crate::db::Keep;
use rocksdb::perf::{PerfContext, PerfMetric, PerfStatsLevel, set_perf_stats};
use state::Backend as _;

/// Rows of a queue, all of which go.
const WENT: u64 = 20_000;
/// Removals that a reader may come across, at most.
const MOST_SKIPPED: u64 = 1_024;

#[test]
fn h04_who_reads_the_front_of_a_queue_is_not_kept_up_by_all_that_went_before() {
    let (_dir, store) = new_chain(Keep::Everything);
    let key = |number: u64| [b"test/queue/".as_slice(), &number.to_be_bytes()].concat();
    let written = || store.0.db.flush_cf(store.0.column(Column::State)).unwrap();
    commit(&store, (0..=WENT).map(|number| (key(number), Some(vec![1]))));
    written();
    commit(&store, (0..WENT).map(|number| (key(number), None)));
    written();
    store.settle().unwrap();

    set_perf_stats(PerfStatsLevel::EnableCount);
    let mut seen = PerfContext::default();
    seen.reset();
    let view = store.view();
    let front = view.scan(b"test/queue/", b"").next();
    let skipped = seen.metric(PerfMetric::InternalDeleteSkippedCount);
    set_perf_stats(PerfStatsLevel::Disable);
    assert_eq!(front, Some((key(WENT), vec![1])));
    assert!(skipped <= MOST_SKIPPED, "{skipped} rows that went are read first");
}
