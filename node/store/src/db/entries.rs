//! The state as it was after any height that is kept.

use super::columns::{Column, ValueRow, decode};
use super::{DbError, StoredHead, View};
use primitives::Height;
use rocksdb::{IteratorMode, ReadOptions};
use state::StateEntry;

impl View<'_> {
    /// What `key` was after the block at `height`.
    ///
    /// # Errors
    /// When the height is not kept.
    pub fn read_at(&self, key: &[u8], height: Height) -> Result<Option<Vec<u8>>, DbError> {
        let head = self.require_kept(height)?;
        self.tree(height == head.height).stored_value(key, height.0)
    }

    /// The whole state after the block at `height`, in the order of the SHA-256 of keys: that of the leaves of the tree.
    /// Reads each value that history keeps once.
    ///
    /// # Errors
    /// When the height is not kept.
    pub fn entries_at(
        &self,
        height: Height,
    ) -> Result<impl Iterator<Item = Result<StateEntry, DbError>> + '_, DbError> {
        self.require_kept(height)?;
        let mut options = ReadOptions::default();
        options.fill_cache(false);
        options.set_total_order_seek(true);
        options.set_readahead_size(2 << 20);
        let column = self.inner.column(Column::Values);
        let mut rows = self.snapshot.iterator_cf_opt(column, options, IteratorMode::Start).peekable();
        let mut next = move || -> Result<Option<ValueRow>, DbError> {
            let Some((first, row)) = rows.next().transpose()? else { return Ok(None) };
            let mut newest = is_until(&first, height).then_some(row);
            let of_same_key = |key: &[u8]| key.get(..32) == first.get(..32);
            while let Some((key, row)) =
                rows.next_if(|row| row.as_ref().is_ok_and(|(key, _)| of_same_key(key))).transpose()?
            {
                newest = is_until(&key, height).then_some(row).or(newest);
            }
            let decoded = newest.map(|row| decode::<ValueRow>(Column::Values, &hex::encode(&first), &row));
            Ok(Some(decoded.transpose()?.flatten()))
        };
        // A key that was removed, or not yet written, has no entry.
        Ok(std::iter::from_fn(move || next().transpose()).filter_map(Result::transpose))
    }

    /// The head, when `height` is one whose state is kept.
    pub(super) fn require_kept(&self, height: Height) -> Result<StoredHead, DbError> {
        let (head, earliest) = (self.head()?.ok_or(DbError::NoGenesis)?, self.earliest()?);
        if height < earliest {
            return Err(DbError::Pruned { height, earliest });
        }
        if height > head.height {
            return Err(DbError::Future { height, head: head.height });
        }
        Ok(head)
    }
}

/// Whether a value row was written at `height` or before.
fn is_until(key: &[u8], height: Height) -> bool {
    key.last_chunk().is_some_and(|version| u64::from_be_bytes(*version) <= height.0)
}
