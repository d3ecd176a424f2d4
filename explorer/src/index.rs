//! The index as a whole: the database with the tables of every topic, begun with a genesis and grown block by block.

use crate::complaints::Complaints;
use crate::fold::FoldError;
use crate::store::column::{json, parsed};
use crate::store::database::{Taken, sentence};
use crate::store::question::meta;
use crate::store::rows::SqlRows;
use crate::store::table::sql;
use crate::store::tenure::{BEAT, Watch};
use crate::store::{Database, DatabaseError, GENESIS, HEAD, IndexHead, IndexPlace, QueryError, Readers};
use crate::topics::{self, PreparedBlock};
use primitives::{ChainPosition, Epoch, Height};
use runtime::{Genesis, Record};
use sqlx::{AnyConnection, AnyPool, Row as _};
use staking::ValidatorSet;
use state::tree::MemoryTree;
use std::time::Instant;

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
    /// What was wrong with it when it was opened, and was mended.
    mended: Option<String>,
}

impl IndexStore {
    /// Opens the index, and makes its tables when they are not there. One that an older version wrote, or that is to be
    /// rebuilt, is emptied; so is one in which blocks are missing, because what comes after them was folded without them.
    ///
    /// # Errors
    /// A database that cannot be used, that another process writes, or that a later version wrote.
    pub async fn open(place: IndexPlace, rebuild: bool) -> Result<Self, IndexStoreError> {
        let schema = topics::schema();
        let opened = Self { database: Database::open(place.clone(), &schema, rebuild).await?, mended: None };
        let Some(head) = opened.head().await? else { return Ok(opened) };
        // Counting takes its time in a large index.
        let missing = tokio::select! {
            missing = topics::first_missing(opened.readers(), head.at.height) => missing?,
            taken = opened.hold_place() => return Err(DatabaseError::from(taken).into()),
        };
        let Some(missing) = missing else { return Ok(opened) };
        let mended = format!(
            "the index at {place} ended with block {} and lacked block {missing}, as after a database that stepped back; all of it \
             is read from the node again",
            head.at.height
        );
        tracing::error!("{mended}");
        opened.close().await;
        Ok(Self { database: Database::open(place, &schema, true).await?, mended: Some(mended) })
    }

    /// What was wrong with the index when it was opened, and was mended, as a sentence.
    pub fn mended(&self) -> Option<&str> {
        self.mended.as_deref()
    }

    /// Where it is.
    pub fn place(&self) -> &IndexPlace {
        self.database.place()
    }

    /// The connections that read.
    pub fn readers(&self) -> &Readers {
        self.database.readers()
    }

    /// The connection that writes.
    pub fn writer(&self) -> AnyPool {
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

    /// Where the index stands, as the database says that is written to: what reads may be elsewhere, and behind.
    ///
    /// # Errors
    /// The database cannot be read, or has no position.
    pub async fn written(&self) -> Result<IndexHead, QueryError> {
        let asked = async {
            let mut transaction = self.database.begin().await?;
            let head = head_of(&mut transaction).await?;
            transaction.commit().await?;
            head.ok_or(QueryError::NoPosition)
        };
        self.database.timely(asked).await
    }

    /// Has every connection made anew before it is used again.
    pub fn renew(&self) {
        self.database.renew();
    }

    /// Says that this process writes the index; gives who else does, if somebody does.
    ///
    /// # Errors
    /// The database does not answer, or takes no writes.
    pub async fn beat(&self, watch: &mut Watch) -> sqlx::Result<Result<(), Taken>> {
        self.database.beat(watch).await
    }

    /// Says again and again that this process writes the index, while nothing is written yet; ends when another process writes it.
    pub async fn hold_place(&self) -> Taken {
        let (mut watch, mut complaints) = (Watch::default(), Complaints::default());
        loop {
            match self.beat(&mut watch).await {
                Ok(Ok(())) => complaints.went_well(Instant::now()),
                Ok(Err(taken)) => return taken,
                Err(error) => {
                    self.renew();
                    let error = self.sentence(&error);
                    if complaints.is_due(&error, Instant::now()) {
                        tracing::warn!(error, "the database does not take what says who writes the index");
                    }
                }
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    /// What the database said, with its name and what to do.
    pub fn sentence(&self, error: &sqlx::Error) -> String {
        sentence(&self.place().to_string(), error)
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
            let mut transaction = self.database.begin().await.map_err(FoldError::from)?;
            begin(&mut transaction, genesis).await?;
            transaction.commit().await.map_err(FoldError::from)?;
        }
        Ok(self.head().await?.ok_or(QueryError::NoPosition)?)
    }

    /// Writes blocks that were verified, one after the other: all of them, or nothing, and each only where the index ends with the one
    /// before. The transaction itself asks: what a name stands for may have moved to an older copy since the last block.
    ///
    /// # Errors
    /// The database refuses, or holds something else than the blocks before.
    pub async fn write(&self, blocks: impl IntoIterator<Item = PreparedBlock>) -> Result<(), FoldError> {
        let written = async {
            let mut transaction = self.database.begin().await?;
            for block in blocks {
                claim(&mut transaction, block.before()).await?;
                block.fold(&mut SqlRows::new(&mut transaction)).await?;
            }
            transaction.commit().await?;
            Ok(())
        };
        self.database.timely(written).await
    }

    /// Waits until every question is answered, and closes the database.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// Makes sure that the index ends with a block, and goes on doing so until the transaction ends: a second one that writes waits.
async fn claim(connection: &mut AnyConnection, before: IndexHead) -> Result<(), FoldError> {
    let statement = "UPDATE meta SET value=value WHERE name=$1 AND value=$2";
    let claim = sql(connection, statement).bind(HEAD.to_owned()).bind(json(&before));
    if claim.execute(&mut *connection).await?.rows_affected() == 1 {
        return Ok(());
    }
    let found = head_of(connection).await?.map_or(Height(0), |found| found.at.height);
    Err(FoldError::Moved { expected: before.at.height, found })
}

async fn head_of(connection: &mut AnyConnection) -> Result<Option<IndexHead>, QueryError> {
    let question = sql(connection, "SELECT value FROM meta WHERE name=$1").bind(HEAD.to_owned());
    let row = question.fetch_optional(&mut *connection).await?;
    Ok(row.map(|row| parsed(HEAD, row.get(0))).transpose()?)
}

/// What the chain began with: a block like any other, but that nobody decided it.
async fn begin(connection: &mut AnyConnection, genesis: &Genesis) -> Result<(), FoldError> {
    let (head, record) = first(genesis)?;
    let mut block = PreparedBlock::new(head, head, record, None)?;
    block.draft().set_meta(GENESIS, genesis);
    block.fold(&mut SqlRows::new(connection)).await
}

/// The position of genesis, and what happened there.
fn first(genesis: &Genesis) -> Result<(IndexHead, Record), FoldError> {
    let root = MemoryTree::default().commit(&genesis.writes());
    let root = root.map_err(|error| FoldError::Damaged(format!("genesis has no state: {error}")))?;
    let record = genesis.record(root);
    let at = ChainPosition::of(Height(0), genesis.time, genesis.chain.epoch_length);
    Ok((IndexHead { at, hash: record.header.hash() }, record))
}
