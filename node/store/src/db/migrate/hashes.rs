//! Schema 4: the column `log`, from the headers that the store still has.

use crate::db::commit::Batch;
use crate::db::hashes::LogGrowth;
use crate::db::open::Inner;
use crate::db::{DbError, View};
use primitives::Height;
use rocksdb::WriteBatch;

/// Rows written at once.
const ROWS: usize = 4096;

/// Writes the hash of each block whose header is kept, and that of the one before them, with the nodes over them. An earlier attempt that
/// was stopped has written the same.
pub fn fill(inner: &Inner) -> Result<(), DbError> {
    let view = View::new(inner);
    let Some(head) = view.head()? else { return Ok(()) };
    let header = |height: Height| {
        let missing = || DbError::Damaged(format!("the header of block {height} is missing"));
        view.header(height)?.ok_or_else(missing)
    };
    let mut height = view.earliest()?;
    let mut growth = LogGrowth::default();
    let mut batch = Batch { inner, rows: WriteBatch::default() };
    if height > Height(0) {
        batch.log(&mut growth, height.minus(1), header(height)?.parent);
    }
    while height <= head.height {
        batch.log(&mut growth, height, header(height)?.hash());
        if batch.rows.len() >= ROWS {
            inner.db.write(std::mem::take(&mut batch.rows))?;
        }
        height = height.next();
    }
    Ok(inner.db.write(batch.rows)?)
}
