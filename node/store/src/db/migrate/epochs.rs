//! Schema 2: the column `epochs`, from the history that the store still has.

use crate::db::columns::Column;
use crate::db::commit::Batch;
use crate::db::epochs::epoch_ends;
use crate::db::open::Inner;
use crate::db::{DbError, View};
use light::SignedHeader;
use parity_scale_codec::DecodeAll;
use primitives::Height;
use rocksdb::{IteratorMode, WriteBatch};
use staking::{ValidatorSet, queries::validator_set_key};

/// Rows written at once.
const ROWS: usize = 256;

/// Writes the last block of each epoch whose height is kept, from where an earlier attempt stopped.
pub fn fill(inner: &Inner) -> Result<(), DbError> {
    let view = View::new(inner);
    let (Some(head), Some(genesis)) = (view.head()?, view.genesis()?) else { return Ok(()) };
    let length = genesis.chain.epoch_length;
    let from = next(&view)?.max(view.earliest()?);
    let mut batch = Batch { inner, rows: WriteBatch::default() };
    for height in epoch_ends(length).skip_while(|end| *end < from).take_while(|end| *end <= head.height) {
        batch.epoch_end(&end(&view, height, length)?);
        if batch.rows.len() >= ROWS {
            inner.db.write(std::mem::take(&mut batch.rows))?;
        }
    }
    Ok(inner.db.write(batch.rows)?)
}

/// The height after the last one that is there.
fn next(view: &View<'_>) -> Result<Height, DbError> {
    let last = view.snapshot.iterator_cf(view.inner.column(Column::Epochs), IteratorMode::End).next().transpose()?;
    let height = last.and_then(|(key, _)| key.first_chunk().map(|height| Height(u64::from_be_bytes(*height))));
    Ok(height.map_or(Height(0), Height::next))
}

/// The block at `height`, with the validators that the state of that height names for its epoch.
fn end(view: &View<'_>, height: Height, length: u64) -> Result<SignedHeader, DbError> {
    let missing = |what| DbError::Damaged(format!("the {what} of block {height} is missing or is another's"));
    let header = view.header(height)?.ok_or_else(|| missing("header"))?;
    let certificate = view.certificate(height)?.ok_or_else(|| missing("certificate"))?;
    let set = view.read_at(&validator_set_key(height.epoch(length)), height)?;
    let validators = set.and_then(|set| ValidatorSet::decode_all(&mut &set[..]).ok());
    let validators = validators.filter(|set| set.hash() == header.validators_hash);
    Ok(SignedHeader { header, certificate, validators: validators.ok_or_else(|| missing("validator set"))? })
}
