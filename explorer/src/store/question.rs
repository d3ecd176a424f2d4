//! Questions to the index: what is committed, each as one page or answer needs it, and no more.

use super::column::{MalformedColumn, parsed};
use super::connections::DatabaseConnections;
use super::table::{SqlValue, bind, is_file, natural, sql};
use super::{HEAD, IndexHead, IndexPlace};
use primitives::Digest;
use runtime::Genesis;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, Row as _, SqlSafeStr};
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

/// DatabaseConnections that read. Clones are the same connections.
#[derive(Debug, Clone)]
pub struct Readers(DatabaseConnections);

impl Readers {
    /// DatabaseConnections to the index at a place, for what only reads.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn open(place: &IndexPlace) -> sqlx::Result<Self> {
        Ok(Self(DatabaseConnections::reading(place).await?))
    }

    /// The connections of now, for statements that are not of this program.
    pub fn pool(&self) -> AnyPool {
        self.0.pool()
    }

    /// Has others made for the next questions.
    pub(super) fn renew(&self) {
        self.0.renew();
    }

    /// The rows that a statement gives with these values.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn all(&self, statement: impl SqlSafeStr, values: Vec<SqlValue>) -> sqlx::Result<Vec<AnyRow>> {
        self.0.timely(self.unhurried(statement, values)).await
    }

    /// The same, however long it takes. A server is asked in a transaction that only reads: a pooler keeps a connection for that
    /// long, and for no longer.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn unhurried(&self, statement: impl SqlSafeStr, values: Vec<SqlValue>) -> sqlx::Result<Vec<AnyRow>> {
        let mut connection = self.pool().acquire().await?;
        if is_file(&connection) {
            return rows(&mut connection, statement, values).await;
        }
        let mut transaction = sqlx::Connection::begin_with(&mut *connection, "BEGIN READ ONLY").await?;
        let found = rows(&mut transaction, statement, values).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// The first of these rows. Who asks for one asks for few.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn one(&self, statement: impl SqlSafeStr, values: Vec<SqlValue>) -> sqlx::Result<Option<AnyRow>> {
        Ok(self.all(statement, values).await?.into_iter().next())
    }
}

async fn rows(
    connection: &mut AnyConnection,
    statement: impl SqlSafeStr,
    values: Vec<SqlValue>,
) -> sqlx::Result<Vec<AnyRow>> {
    values.into_iter().fold(sql(connection, statement), bind).fetch_all(&mut *connection).await
}

/// What questions are put to: the tables, and the rules of their chain.
#[derive(Debug, Clone)]
pub struct Index {
    readers: Readers,
    genesis: Arc<Genesis>,
    /// The hash of the genesis.
    pub genesis_hash: Digest,
}

impl Index {
    /// The index behind connections that read, which began with a genesis.
    pub fn new(readers: &Readers, genesis: Genesis) -> Self {
        Self { readers: readers.clone(), genesis_hash: genesis.hash(), genesis: Arc::new(genesis) }
    }

    /// What the chain began with.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The connections that read.
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Where the index stands.
    pub(crate) async fn head(&self) -> Result<IndexHead, QueryError> {
        meta(&self.readers, HEAD).await?.ok_or(QueryError::NoPosition)
    }

    /// The rows that a question gives.
    pub(crate) async fn all(&self, sql: &'static str, key: Vec<SqlValue>) -> Result<Vec<AnyRow>, QueryError> {
        Ok(self.readers.all(sql, key).await?)
    }

    /// The first row that a question gives.
    pub(crate) async fn one(&self, sql: &'static str, key: Vec<SqlValue>) -> Result<Option<AnyRow>, QueryError> {
        Ok(self.readers.one(sql, key).await?)
    }

    /// How many there are of what has this name.
    pub(crate) async fn count(&self, name: String) -> Result<u64, QueryError> {
        let row = self.one("SELECT count FROM counts WHERE name=$1", vec![name.into()]).await?;
        Ok(row.map_or(0, |row| natural(row.get(0))))
    }
}

/// A value of `meta`.
pub(crate) async fn meta<T: DeserializeOwned>(readers: &Readers, name: &'static str) -> Result<Option<T>, QueryError> {
    let row = readers.one("SELECT value FROM meta WHERE name=$1", vec![name.into()]).await?;
    Ok(row.map(|row| parsed(name, row.get(0))).transpose()?)
}

/// How many entries are on the pages before one.
pub(crate) fn on_pages_before(page: u64, size: u32) -> u64 {
    page.saturating_mul(size.into())
}
