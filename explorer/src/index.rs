//! The index as a whole: the database with the tables of every topic, begun with a genesis and grown block by block.

use crate::fold::{BlockWriter, FoldError};
use crate::store::question::meta;
use crate::store::rows::SqlRows;
use crate::store::{Database, DatabaseError, GENESIS, HEAD, IndexHead, IndexPlace, QueryError};
use crate::topics;
use primitives::{Epoch, Height, Moment};
use runtime::{Certificate, Genesis, Record};
use sqlx::{AnyConnection, AnyPool, Connection as _};
use staking::ValidatorSet;
use state::tree::MemoryTree;

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub enum IndexStoreError {
    /// There is no database to keep it in.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// It is an index of something else.
    #[error(
        "the index at {place} is of the chain that begins with genesis {found}, and the node's begins with {expected}; \
         choose another file, or make the index anew with --rebuild"
    )]
    OtherChain {
        /// Where it is.
        place: String,
        /// The genesis of the index.
        found: primitives::Digest,
        /// The genesis of the node.
        expected: primitives::Digest,
    },
    /// It cannot be written.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// It cannot be read.
    #[error(transparent)]
    Query(#[from] QueryError),
}

/// An open index. Clones are the same index.
#[derive(Debug, Clone)]
pub struct IndexStore {
    database: Database,
}

impl IndexStore {
    /// Opens the index, and makes its tables when they are not there. One that an older version wrote, or that is to be
    /// rebuilt, is emptied.
    ///
    /// # Errors
    /// A database that cannot be used, or that a later version wrote.
    pub async fn open(place: IndexPlace, rebuild: bool) -> Result<Self, IndexStoreError> {
        Ok(Self { database: Database::open(place, &topics::schema(), rebuild).await? })
    }

    /// Where it is.
    pub fn place(&self) -> &IndexPlace {
        self.database.place()
    }

    /// The connections that read.
    pub fn readers(&self) -> &AnyPool {
        self.database.readers()
    }

    /// The connection that writes.
    pub fn writer(&self) -> &AnyPool {
        self.database.writer()
    }

    /// Where the index stands; none before genesis is in it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn head(&self) -> Result<Option<IndexHead>, QueryError> {
        meta(self.readers(), HEAD).await
    }

    /// What the chain of the index began with.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn genesis(&self) -> Result<Option<Genesis>, QueryError> {
        meta(self.readers(), GENESIS).await
    }

    /// The validators of an epoch; an empty set when it is not known.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn validators(&self, epoch: Epoch) -> Result<ValidatorSet, QueryError> {
        topics::validators_of(self.readers(), epoch).await
    }

    /// Begins with a genesis, unless this very one is there already.
    ///
    /// # Errors
    /// Another chain's index, or a database that refuses.
    pub async fn begin(&self, genesis: &Genesis) -> Result<IndexHead, IndexStoreError> {
        if let Some(found) = self.genesis().await? {
            let (found, expected) = (found.hash(), genesis.hash());
            if found != expected {
                return Err(IndexStoreError::OtherChain { place: self.place().to_string(), found, expected });
            }
        } else {
            let mut connection = self.writer().acquire().await.map_err(FoldError::from)?;
            let mut transaction = connection.begin().await.map_err(FoldError::from)?;
            begin(&mut transaction, genesis).await?;
            transaction.commit().await.map_err(FoldError::from)?;
        }
        Ok(self.head().await?.ok_or(QueryError::NoPosition)?)
    }

    /// Writes a block that was verified: all of it, or nothing.
    ///
    /// # Errors
    /// The database refuses, or holds something else than the blocks before.
    pub async fn write(
        &self,
        head: IndexHead,
        record: &Record,
        certificate: &Certificate,
        begins_epoch: bool,
    ) -> Result<(), FoldError> {
        let mut connection = self.writer().acquire().await?;
        let mut transaction = connection.begin().await?;
        let mut rows = SqlRows::new(&mut transaction);
        let block = BlockWriter::new(&mut rows, head.at);
        topics::fold(block, head, record, Some(certificate), begins_epoch).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Waits until every question is answered, and closes the database.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// What the chain began with: a block like any other, but that nobody decided it.
async fn begin(connection: &mut AnyConnection, genesis: &Genesis) -> Result<(), FoldError> {
    let (head, record) = first(genesis)?;
    let mut rows = SqlRows::new(connection);
    let mut block = BlockWriter::new(&mut rows, head.at);
    block.set_meta(GENESIS, genesis);
    topics::fold(block, head, &record, None, false).await
}

/// The position of genesis, and what happened there.
fn first(genesis: &Genesis) -> Result<(IndexHead, Record), FoldError> {
    let root = MemoryTree::default().commit(&genesis.writes());
    let root = root.map_err(|error| FoldError::Damaged(format!("genesis has no state: {error}")))?;
    let record = genesis.record(root);
    let at = Moment::of(Height(0), genesis.time, genesis.chain.epoch_length);
    Ok((IndexHead { at, hash: record.header.hash() }, record))
}
