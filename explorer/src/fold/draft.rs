//! What a block writes, as far as nothing has to be asked for that: it can be made ready before the block before is written.

use crate::store::column::json;
use crate::store::ranks::counted_as;
use crate::store::table::{META, Pending, Row, SqlValue, Table};
use primitives::ChainPosition;
use serde::Serialize;
use std::collections::BTreeMap;

/// A table, and the columns of it that are set.
type SetColumns = (&'static str, &'static [&'static str]);

/// Rows that wait, totals that are counted, and what is set when the block ends.
#[derive(Debug)]
pub struct BlockDraft {
    at: ChainPosition,
    pub(super) pending: Pending,
    pub(super) counted: BTreeMap<String, i64>,
    /// By table and columns, and there by row.
    pub(super) at_end: BTreeMap<SetColumns, (&'static Table, BTreeMap<SqlValue, Row>)>,
}

impl BlockDraft {
    /// Nothing yet, of the block at `at`.
    pub fn new(at: ChainPosition) -> Self {
        Self { at, pending: Pending::default(), counted: BTreeMap::new(), at_end: BTreeMap::new() }
    }

    /// Where the block stands.
    pub fn at(&self) -> ChainPosition {
        self.at
    }

    /// How much text waits, in bytes.
    pub fn bytes(&self) -> usize {
        self.pending.bytes()
    }

    /// Has a row written.
    pub fn put(&mut self, table: &'static Table, row: Row) {
        self.pending.put(table, row);
    }

    /// Sets a value of [`META`].
    pub fn set_meta<T: Serialize>(&mut self, name: &'static str, value: &T) {
        self.put(&META, vec![name.into(), json(value).into()]);
    }

    /// Counts so many more of what has this name.
    pub fn count(&mut self, name: impl Into<String>, more: i64) {
        *self.counted.entry(name.into()).or_default() += more;
    }

    /// Has something come into a list by its number.
    pub fn enter(&mut self, list: &str, number: u64) {
        counted_as(list, number).for_each(|name| self.count(name, 1));
    }

    /// Has something leave a list.
    pub fn leave(&mut self, list: &str, number: u64) {
        counted_as(list, number).for_each(|name| self.count(name, -1));
    }

    /// Has columns of a row set when the block ends, which has to be there then: the first column says which. What was said last stays, so
    /// nothing else may write these columns meanwhile.
    pub fn set_at_end(&mut self, table: &'static Table, columns: &'static [&'static str], row: Row) {
        let (_, rows) = self.at_end.entry((table.name, columns)).or_insert_with(|| (table, BTreeMap::new()));
        rows.extend(row.first().cloned().map(|key| (key, row)));
    }
}
