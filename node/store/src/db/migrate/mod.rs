//! Bringing a store of an older schema up to date, one step for each schema since.
//!
//! A step only adds, and says that it is done in its last write: killed in the middle, it goes on at the next start. A build
//! that knows only the older schema refuses the store from then on, so an operator who may have to go back keeps a backup.

mod epochs;
mod hashes;
mod hops;

use super::columns::{Column, meta};
use super::{DbError, open::Inner};
use parity_scale_codec::Encode;

/// A step, and the schema that it makes.
type Step = (u32, fn(&Inner) -> Result<(), DbError>);

/// All steps, the oldest first.
const STEPS: [Step; 3] = [(2, epochs::fill), (3, hops::fill), (4, hashes::fill)];

/// Takes the steps that a store of schema `found` still needs.
pub(super) fn run(inner: &Inner, found: u32) -> Result<(), DbError> {
    for (schema, step) in STEPS.into_iter().filter(|(schema, _)| *schema > found) {
        tracing::info!(path = %inner.path.display(), schema, "bringing the store up to date");
        step(inner)?;
        // Synced, and after everything the step wrote in the same log: what this row says is on disk with it.
        inner.db.put_cf_opt(inner.column(Column::Meta), meta::SCHEMA, schema.encode(), &Inner::synced())?;
    }
    Ok(())
}
