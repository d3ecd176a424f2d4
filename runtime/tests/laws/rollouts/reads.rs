//! How much a verdict reads.

use crate::governed::plan::{PLAN, name};
use ::rollouts::queries::{list_of, live};
use primitives::Moment;
use state::{Backend, Memory, State, StateEntry};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rows that a verdict reads at most beside those of its checks.
const BESIDE: usize = 64;
/// Rows that it reads at most for one check.
const OF_A_CHECK: usize = 48;

/// State that counts the rows which are read of it.
struct Counted<'m> {
    memory: &'m Memory,
    rows: AtomicUsize,
}

impl Backend for Counted<'_> {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.rows.fetch_add(1, Ordering::Relaxed);
        self.memory.read(key)
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        let rows = &self.rows;
        Box::new(self.memory.scan(prefix, from).inspect(move |_| {
            rows.fetch_add(1, Ordering::Relaxed);
        }))
    }
}

/// Law 21, as far as this level has it: what a verdict reads is bounded by the checks of its list, however much was said and asked before.
/// With a bound for each of them a block's verdicts are within its bound.
pub fn l21_a_verdict_reads_so_many_rows_a_check_at_most(memory: &Memory, at: Moment) {
    let all: Vec<_> = live(&State::over(memory), &name(PLAN)).collect();
    for id in all {
        let counted = Counted { memory, rows: AtomicUsize::new(0) };
        let verdict = list_of(&State::over(&counted), at, id).expect("it was submitted");
        let (rows, checks) = (counted.rows.load(Ordering::Relaxed), verdict.findings.len());
        assert!(rows <= BESIDE + OF_A_CHECK * checks, "{rows} rows are read for {checks} checks of change {id}");
    }
}
