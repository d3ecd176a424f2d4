//! Schema 3: the column `hops`, from the ends of epochs.

use crate::db::commit::Batch;
use crate::db::hops::Hops;
use crate::db::open::Inner;
use crate::db::{DbError, View};
use primitives::Height;
use rocksdb::WriteBatch;

/// Names every hop. An earlier attempt that was stopped has written the same.
pub fn fill(inner: &Inner) -> Result<(), DbError> {
    let view = View::new(inner);
    let Some(genesis) = view.genesis()? else { return Ok(()) };
    let mut hops = Hops::begin(&genesis);
    let mut batch = Batch { inner, rows: WriteBatch::default() };
    for end in view.epoch_ends(Height(0)) {
        hops.extend(&end?).into_iter().for_each(|hop| batch.hop(hop));
    }
    Ok(inner.db.write(batch.rows)?)
}
