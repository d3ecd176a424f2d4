//! One block's changes to the index: rows that wait, and totals that are counted.

use super::FoldError;
use crate::store::column::{json, parsed};
use crate::store::rows::{IndexRows, RowFilter, RowOrder, Selection};
use crate::store::table::{META, Pending, Row, SqlValue, Table};
use primitives::ChainPosition;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Writes what one block changes. Rows wait until something is asked, or the block is finished.
pub struct BlockWriter<'r> {
    rows: &'r mut dyn IndexRows,
    at: ChainPosition,
    pending: Pending,
    counted: BTreeMap<String, i64>,
}

impl<'r> BlockWriter<'r> {
    /// The writer of the block at `at`.
    pub fn new(rows: &'r mut dyn IndexRows, at: ChainPosition) -> Self {
        Self { rows, at, pending: Pending::default(), counted: BTreeMap::new() }
    }

    /// Where the block stands.
    pub fn at(&self) -> ChainPosition {
        self.at
    }

    /// Has a row written.
    pub fn put(&mut self, table: &'static Table, row: Row) {
        self.pending.put(table, row);
    }

    /// Counts so many more of what has this name.
    pub fn count(&mut self, name: impl Into<String>, more: i64) {
        *self.counted.entry(name.into()).or_default() += more;
    }

    /// Rows of the index as they are, with what this block has written so far.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn select(&mut self, selection: Selection) -> Result<Vec<Row>, FoldError> {
        self.pending.flush(self.rows).await?;
        Ok(self.rows.select(selection).await?)
    }

    /// The one row with this value in a column.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn find(
        &mut self,
        table: &'static Table,
        columns: &'static [&'static str],
        by: &'static str,
        value: SqlValue,
    ) -> Result<Option<Row>, FoldError> {
        let filter = RowFilter::Equal(by, value);
        Ok(self.select(Selection { table, columns, filter, order: RowOrder::Any }).await?.pop())
    }

    /// Sets columns of rows that are there: the first column says which.
    ///
    /// # Errors
    /// The database refuses, or has not all of these rows.
    pub async fn update(
        &mut self,
        table: &'static Table,
        columns: &'static [&'static str],
        rows: Vec<Row>,
    ) -> Result<(), FoldError> {
        self.pending.flush(self.rows).await?;
        let expected = rows.len() as u64;
        let changed = self.rows.update(table, columns, rows).await?;
        if changed == expected {
            return Ok(());
        }
        Err(FoldError::Damaged(format!("{} has {changed} of {expected} rows", table.name)))
    }

    /// A value of [`META`].
    ///
    /// # Errors
    /// The database refuses, or holds something else.
    pub async fn meta<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<Option<T>, FoldError> {
        let row = self.find(&META, &["value"], "name", name.into()).await?;
        let text = row.as_ref().and_then(|row| row[0].text());
        Ok(text.map(|text| parsed(name, text)).transpose()?)
    }

    /// Sets a value of [`META`].
    pub fn set_meta<T: Serialize>(&mut self, name: &'static str, value: &T) {
        self.put(&META, vec![name.into(), json(value).into()]);
    }

    /// Writes everything that waits.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn finish(mut self) -> Result<(), FoldError> {
        for (name, more) in std::mem::take(&mut self.counted).into_iter().filter(|(_, more)| *more != 0) {
            self.rows.add(name, more).await?;
        }
        Ok(self.pending.flush(self.rows).await?)
    }
}
