//! One block's changes to the index, as they are written to it.

use super::{BlockDraft, FoldError};
use crate::store::column::parsed;
use crate::store::rows::{IndexRows, RowFilter, RowOrder, Selection};
use crate::store::table::{META, Row, SqlValue, Table};
use primitives::ChainPosition;
use serde::de::DeserializeOwned;
use std::ops::{Deref, DerefMut};

/// Writes what one block changes: a [`BlockDraft`] that can ask the index. Rows wait until their table is asked, or the block is finished.
pub struct BlockWriter<'r> {
    rows: &'r mut dyn IndexRows,
    draft: BlockDraft,
}

impl Deref for BlockWriter<'_> {
    type Target = BlockDraft;
    fn deref(&self) -> &BlockDraft {
        &self.draft
    }
}

impl DerefMut for BlockWriter<'_> {
    fn deref_mut(&mut self) -> &mut BlockDraft {
        &mut self.draft
    }
}

impl<'r> BlockWriter<'r> {
    /// The writer of the block at `at`.
    pub fn new(rows: &'r mut dyn IndexRows, at: ChainPosition) -> Self {
        Self::going_on(rows, BlockDraft::new(at))
    }

    /// The writer of a block of which a part is ready.
    pub fn going_on(rows: &'r mut dyn IndexRows, draft: BlockDraft) -> Self {
        Self { rows, draft }
    }

    /// Rows of the index as they are, with what this block has written so far.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn select(&mut self, selection: Selection) -> Result<Vec<Row>, FoldError> {
        self.draft.pending.flush_table(self.rows, selection.table).await?;
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
        self.draft.pending.flush_table(self.rows, table).await?;
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

    /// Writes everything that waits.
    ///
    /// # Errors
    /// The database refuses, or has not all of the rows that were to be set.
    pub async fn finish(mut self) -> Result<(), FoldError> {
        for ((_, columns), (table, rows)) in std::mem::take(&mut self.draft.at_end) {
            self.update(table, columns, rows.into_values().collect()).await?;
        }
        let BlockDraft { mut pending, counted, .. } = self.draft;
        self.rows.add(counted.into_iter().filter(|(_, more)| *more != 0).collect()).await?;
        Ok(pending.flush(self.rows).await?)
    }
}
