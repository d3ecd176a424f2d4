//! Questions to the index: what is committed, each as one page or answer needs it, and no more.

use super::column::{MalformedColumn, parsed};
use super::table::{SqlValue, bind, int, natural};
use super::{HEAD, IndexHead};
use primitives::Digest;
use runtime::Genesis;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row as _};
use std::sync::Arc;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The database did not answer.
    #[error("the index cannot be read: {0}; check the disk, or the database server")]
    Database(#[from] sqlx::Error),
    /// What is in the index was not written by this program.
    #[error("the index does not fit the chain ({0}); make it anew with --rebuild")]
    Malformed(#[from] MalformedColumn),
    /// The index has no position: nothing was ever written to it.
    #[error("the index does not fit the chain (it has no position); make it anew with --rebuild")]
    NoPosition,
}

/// What questions are put to: the tables, and the rules of their chain.
#[derive(Debug, Clone)]
pub struct Index {
    pool: AnyPool,
    genesis: Arc<Genesis>,
    /// The hash of the genesis.
    pub genesis_hash: Digest,
}

impl Index {
    /// The index behind connections that read, which began with a genesis.
    pub fn new(readers: &AnyPool, genesis: Genesis) -> Self {
        Self { pool: readers.clone(), genesis_hash: genesis.hash(), genesis: Arc::new(genesis) }
    }

    /// What the chain began with.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The connections that read.
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Where the index stands.
    pub(crate) async fn head(&self) -> Result<IndexHead, QueryError> {
        meta(&self.pool, HEAD).await?.ok_or(QueryError::NoPosition)
    }

    /// The rows that a question gives.
    pub(crate) async fn all(&self, sql: &'static str, key: Vec<SqlValue>) -> Result<Vec<AnyRow>, QueryError> {
        Ok(key.into_iter().fold(sqlx::query(sql), bind).fetch_all(&self.pool).await?)
    }

    /// The first row that a question gives.
    pub(crate) async fn one(&self, sql: &'static str, key: Vec<SqlValue>) -> Result<Option<AnyRow>, QueryError> {
        one(&self.pool, sql, key).await
    }

    /// How many there are of what has this name.
    pub(crate) async fn count(&self, name: String) -> Result<u64, QueryError> {
        let row = self.one("SELECT count FROM counts WHERE name=$1", vec![name.into()]).await?;
        Ok(row.map_or(0, |row| natural(row.get(0))))
    }
}

/// The first row that a question gives.
pub(crate) async fn one(pool: &AnyPool, sql: &'static str, key: Vec<SqlValue>) -> Result<Option<AnyRow>, QueryError> {
    Ok(key.into_iter().fold(sqlx::query(sql), bind).fetch_optional(pool).await?)
}

/// A value of `meta`.
pub(crate) async fn meta<T: DeserializeOwned>(pool: &AnyPool, name: &'static str) -> Result<Option<T>, QueryError> {
    let row = one(pool, "SELECT value FROM meta WHERE name=$1", vec![name.into()]).await?;
    Ok(row.map(|row| parsed(name, row.get(0))).transpose()?)
}

/// The first entry of a page, for `OFFSET`.
pub(crate) fn offset(page: u64, size: u32) -> i64 {
    int(page.saturating_mul(size.into()))
}
