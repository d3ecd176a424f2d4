//! The last block of each epoch, with who decided it: kept for ever, because trust in later blocks rests on it.

use super::columns::{Column, decode, height_key};
use super::{DbError, View};
use light::SignedHeader;
use primitives::{Epoch, Height};
use rocksdb::{Direction, IteratorMode};

/// The heights at which epochs end, from the first on.
pub fn epoch_ends(epoch_length: u64) -> impl Iterator<Item = Height> {
    (1..).map(move |epoch| Epoch(epoch).first_height(epoch_length).minus(1)).filter(|height| *height > Height(0))
}

impl View<'_> {
    /// The block at `height`, when it is the last of its epoch and this store knows it.
    pub fn epoch_end(&self, height: Height) -> Result<Option<SignedHeader>, DbError> {
        self.decoded(Column::Epochs, &height_key(height))
    }

    /// The last blocks of epochs, from the first at or after `from` to the newest, also those whose height was pruned. A store
    /// that an older version of this software has pruned begins with the first that it still had.
    pub fn epoch_ends(&self, from: Height) -> impl Iterator<Item = Result<SignedHeader, DbError>> + '_ {
        let mode = height_key(from);
        let mode = IteratorMode::From(&mode, Direction::Forward);
        self.snapshot.iterator_cf(self.inner.column(Column::Epochs), mode).map(|row| {
            let (key, row) = row?;
            let end: SignedHeader = decode(Column::Epochs, &hex::encode(&key), &row)?;
            if *key == height_key(end.height()) {
                return Ok(end);
            }
            Err(DbError::Damaged(format!("row {} of column epochs is of height {}", hex::encode(&key), end.height())))
        })
    }
}
