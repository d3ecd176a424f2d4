//! A bounded number of keys, each proved against the root.

use super::Damage;
use crate::db::columns::Column;
use crate::db::{DbError, StoredHead, View};
use rocksdb::{Direction, IteratorMode, ReadOptions};
use state::Backend;
use state::tree::{printable, prove};

/// Proves at most `most` keys: the first after each of so many points, evenly spread over the hashes of keys, so that no
/// part of the state is favoured.
pub fn check(view: &View<'_>, head: StoredHead, most: usize) -> Result<u64, Damage> {
    let step = u64::MAX / u64::try_from(most).unwrap_or(u64::MAX).max(1);
    let (mut checked, mut after) = (0, 0);
    for _ in 0..most {
        let Some(hash) = first_hash(view, after)? else { break };
        checked += u64::from(one_key(view, head, &hash)?);
        // Where keys are sparse, several points lead to one key; it is proved once.
        let point = hash.first_chunk().map_or(u64::MAX, |bytes| u64::from_be_bytes(*bytes));
        match (point / step).checked_add(1).and_then(|next| next.checked_mul(step)) {
            Some(next) => after = next,
            None => break,
        }
    }
    Ok(checked)
}

/// The first key hash at or after a point.
fn first_hash(view: &View<'_>, point: u64) -> Result<Option<[u8; 32]>, DbError> {
    let mut options = ReadOptions::default();
    options.set_total_order_seek(true);
    let from = point.to_be_bytes();
    let mode = IteratorMode::From(&from, Direction::Forward);
    let row = view.snapshot.iterator_cf_opt(view.inner.column(Column::Values), options, mode).next().transpose()?;
    Ok(row.and_then(|(key, _)| key.first_chunk().copied()))
}

/// Checks the key with this hash; whether there is one, for it may have been removed.
fn one_key(view: &View<'_>, head: StoredHead, hash: &[u8; 32]) -> Result<bool, Damage> {
    // Proved as an older height is, of what history has; the state itself is held against that.
    let history = view.tree(false);
    let Some((key, _)) = history.value_row(head.height.0, hash)? else { return Ok(false) };
    let found = view.read(&key);
    let proof = prove(&history, &key, head.height.0)?;
    match (&proof.value, &found) {
        _ if proof.verify(head.state_root).is_err() => Err(Damage::Value { column: Column::Values.name(), key }),
        (Some(_), None) => Err(Damage::Lost { column: Column::State.name(), key: printable(&key) }),
        (proved, found) if proved != found => Err(Damage::Value { column: Column::State.name(), key }),
        _ => Ok(true),
    }
}
