//! Questions to the index. Each reads what one page or answer shows, and no more.

mod audit;
mod chain;
mod proposals;
mod releases;
mod search;
mod validators;

pub use audit::{audit, audit_within, cursor};
pub(crate) use chain::validators_of;
pub use chain::{block, blocks};
pub use proposals::{proposal, proposals};
pub use releases::{HISTORY, ReleaseFilter, has_release, history, release, timeline};
pub use search::search;
pub use validators::{signers, validators};

use super::Store;
use super::table::{Cell, bind, int, natural};
use crate::fold::work::{FoldError, parsed, typed};
use crate::fold::{HEAD, Head};
use primitives::Digest;
use runtime::Genesis;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row as _};
use std::sync::Arc;

/// What questions are put to: the tables, and the rules of their chain.
#[derive(Debug, Clone)]
pub struct Index {
    pool: AnyPool,
    genesis: Arc<Genesis>,
    /// The hash of the genesis.
    pub genesis_hash: Digest,
}

impl Index {
    /// The index that began with a genesis.
    pub fn new(store: &Store, genesis: Genesis) -> Self {
        Self { pool: store.readers().clone(), genesis_hash: genesis.hash(), genesis: Arc::new(genesis) }
    }

    /// What the chain began with.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    async fn head(&self) -> Result<Head, FoldError> {
        meta(&self.pool, HEAD).await?.ok_or_else(|| FoldError::Damaged("it has no position".into()))
    }
}

/// The rows that a question gives.
async fn all(pool: &AnyPool, sql: &'static str, key: Vec<Cell>) -> Result<Vec<AnyRow>, FoldError> {
    Ok(key.into_iter().fold(sqlx::query(sql), bind).fetch_all(pool).await?)
}

/// The first row that a question gives.
async fn one(pool: &AnyPool, sql: &'static str, key: Vec<Cell>) -> Result<Option<AnyRow>, FoldError> {
    Ok(key.into_iter().fold(sqlx::query(sql), bind).fetch_optional(pool).await?)
}

/// A value of `meta`.
pub(super) async fn meta<T: DeserializeOwned>(pool: &AnyPool, name: &'static str) -> Result<Option<T>, FoldError> {
    let row = one(pool, "SELECT value FROM meta WHERE name=$1", vec![name.into()]).await?;
    row.map(|row| parsed(name, row.get(0))).transpose()
}

/// How many there are of what has this name.
async fn count(pool: &AnyPool, name: String) -> Result<u64, FoldError> {
    let row = one(pool, "SELECT count FROM counts WHERE name=$1", vec![name.into()]).await?;
    Ok(row.map_or(0, |row| natural(row.get(0))))
}

/// The first entry of a page, for `OFFSET`.
fn offset(page: u64, size: u32) -> i64 {
    int(page.saturating_mul(size.into()))
}
