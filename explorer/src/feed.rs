//! Where blocks come from: a node over JSON-RPC, or the store of one on this machine.

use futures::stream::{self, Stream};
use jsonrpsee::core::client::{Subscription, SubscriptionCloseReason};
use jsonrpsee::ws_client::WsClient;
use light::{FactProof, Ticket};
use primitives::{BuildHash, Height};
use releases::Levels;
use rpc::api::{AuditApiClient as _, ChainApiClient as _, GovApiClient as _};
use rpc::client::{CallError, Node};
use rpc::error::RpcRefusal;
use rpc::views::{CertifiedRecord, Feed as Item};
use rpc::{ChainView as _, ReadError};
use runtime::{Certificate, Genesis, Record};
use state::State;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::archive::Archive;
use store::db::DbError;

/// How long no block may come before a node is asked again.
const QUIET: Duration = Duration::from_secs(60);
/// How often a store is looked at for new blocks.
const LOOK: Duration = Duration::from_millis(500);

/// Why no block came. All of them may pass.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The node did not answer, or refused.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] DbError),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The node answered without what was asked.
    #[error("the node ended its subscription: {0}; it is asked again")]
    Ended(String),
    /// The node sent blocks faster than they were indexed, as it does while the index catches up.
    #[error("the node sends blocks faster than they are indexed; the rest is asked for again")]
    Outrun,
    /// The node sent a block without the precommits that decided it.
    #[error(
        "the node sends blocks without their certificates, as older versions do (block {0}); update it, or follow another \
         node with --rpc"
    )]
    Uncertified(Height),
    /// No block came for a while.
    #[error("no block came for {} s; the node is asked again", QUIET.as_secs())]
    Quiet,
    /// The node keeps no history from the height the index needs.
    #[error(
        "the node keeps blocks from height {earliest} on, and the index needs height {need}; follow a node that keeps \
         everything (history = \"full\" in its config.toml)"
    )]
    Pruned {
        /// The first height it keeps.
        earliest: Height,
        /// The height asked for.
        need: Height,
    },
    /// The node has no proof of what was asked.
    #[error("{0}")]
    Refused(Box<RpcRefusal>),
}

impl FeedError {
    /// The code by which the node refuses, where it does; see `rpc::error`.
    pub fn code(&self) -> Option<i32> {
        match self {
            Self::Call(CallError::Refused { code, .. }) => Some(*code),
            Self::Refused(refusal) => Some(refusal.code()),
            _ => None,
        }
    }
}

/// A source of blocks. It is not believed: what it gives is verified.
#[derive(Debug, Clone)]
pub enum BlockSource {
    /// A node at a URL.
    Node(Node),
    /// A store, or the home that has it.
    Store(LocalStore),
}

/// A node's store on this machine, opened again when the node has written to it.
#[derive(Debug, Clone)]
pub struct LocalStore {
    path: PathBuf,
    opened: Arc<Mutex<Option<(Files, Archive)>>>,
}

/// The files of a store with their lengths: they change with each block.
type Files = Vec<(OsString, u64)>;

impl LocalStore {
    /// The store at `path`, or of the home there. Nothing is opened yet.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), opened: Arc::default() }
    }

    /// The store as it is now.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub async fn open(&self) -> Result<Archive, FeedError> {
        let store = self.clone();
        let opened = tokio::task::spawn_blocking(move || store.open_blocking()).await;
        opened.map_err(|error| FeedError::Ended(error.to_string()))?
    }

    fn open_blocking(&self) -> Result<Archive, FeedError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let files = files(&Archive::folder(&self.path));
        if let Some((before, archive)) = &*opened
            && *before == files
        {
            return Ok(archive.clone());
        }
        let archive = Archive::open(&self.path)?;
        *opened = Some((files, archive.clone()));
        Ok(archive)
    }
}

fn files(folder: &Path) -> Files {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Files =
        entries.filter_map(|entry| Some((entry.file_name(), entry.metadata().ok()?.len()))).collect();
    files.sort();
    files
}

impl std::fmt::Display for BlockSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BlockSource::Node(node) => f.write_str(&without_password(node.url())),
            BlockSource::Store(store) => store.path.display().fmt(f),
        }
    }
}

/// A URL without what stands before its @.
fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://{place}"),
        _ => url.to_owned(),
    }
}

impl BlockSource {
    /// A sentence about this source, without its password.
    pub fn sentence(&self, error: &dyn std::error::Error) -> String {
        match self {
            BlockSource::Node(node) => error.to_string().replace(node.url(), &without_password(node.url())),
            BlockSource::Store(_) => error.to_string(),
        }
    }

    /// What its chain began with.
    ///
    /// # Errors
    /// No answer, or no store.
    pub async fn genesis(&self) -> Result<Genesis, FeedError> {
        match self {
            BlockSource::Node(node) => Ok(node.genesis().await.map_err(|error| node.explain(error))?),
            BlockSource::Store(store) => Ok(store.open().await?.genesis().clone()),
        }
    }

    /// Its newest block.
    ///
    /// # Errors
    /// No answer, or no store.
    pub async fn height(&self) -> Result<Height, FeedError> {
        match self {
            BlockSource::Node(node) => Ok(node.head().await.map_err(|error| node.explain(error))?.answer.height),
            BlockSource::Store(store) => Ok(store.open().await?.view().head()?.at.height),
        }
    }

    /// The levels of its network, as far as is decided.
    ///
    /// # Errors
    /// No answer, or no store.
    pub async fn levels(&self) -> Result<Levels, FeedError> {
        match self {
            BlockSource::Node(node) => Ok(node.status().await.map_err(|error| node.explain(error))?.levels),
            BlockSource::Store(store) => {
                let archive = store.open().await?;
                Ok(releases::queries::levels(&State::over(&archive.view())))
            }
        }
    }

    /// The proof that a build is approved, for a node that trusts genesis.
    ///
    /// # Errors
    /// The node does not answer, or has no proof.
    pub async fn ticket(&self, hash: BuildHash) -> Result<Ticket, FeedError> {
        match self {
            BlockSource::Node(node) => Ok(node.release_proof(hash, None).await.map_err(|error| node.explain(error))?),
            BlockSource::Store(store) => {
                let archive = store.open().await?;
                let ticket = tokio::task::spawn_blocking(move || {
                    rpc::views::release_ticket(&archive.view(), archive.genesis(), hash, Height(0))
                });
                ticket
                    .await
                    .map_err(|error| FeedError::Ended(error.to_string()))?
                    .map_err(|refusal| FeedError::Refused(Box::new(refusal)))
            }
        }
    }

    /// The proof that a fact is on record, for who trusts genesis.
    ///
    /// # Errors
    /// The node does not answer, or has no proof.
    pub async fn fact_proof(&self, height: Height, index: u64) -> Result<FactProof, FeedError> {
        match self {
            BlockSource::Node(node) => {
                Ok(node.audit_proof(height, index, None).await.map_err(|error| node.explain(error))?)
            }
            BlockSource::Store(store) => {
                let archive = store.open().await?;
                let proof = tokio::task::spawn_blocking(move || {
                    rpc::views::fact_proof(&archive.view(), archive.genesis(), height, index, Height(0))
                });
                proof
                    .await
                    .map_err(|error| FeedError::Ended(error.to_string()))?
                    .map_err(|refusal| FeedError::Refused(Box::new(refusal)))
            }
        }
    }

    /// The blocks from a height on.
    ///
    /// # Errors
    /// No answer, or the height is not kept.
    pub async fn blocks(&self, from: Height) -> Result<BlockFeed, FeedError> {
        match self {
            BlockSource::Node(node) => {
                let status = node.status().await.map_err(|error| node.explain(error))?;
                require_kept(status.earliest, from)?;
                let client = node.connect().await?;
                let records = client.subscribe_records(Some(from)).await.map_err(|error| node.explain(error))?;
                Ok(BlockFeed::Pushed(Box::new(PushedBlocks { _client: client, records })))
            }
            BlockSource::Store(store) => {
                let archive = store.open().await?;
                require_kept(archive.view().earliest()?, from)?;
                Ok(BlockFeed::Stored(Box::new(StoredBlocks { store: store.clone(), archive, next: from })))
            }
        }
    }
}

/// A store that never pruned keeps genesis too, whose height no block has.
fn require_kept(earliest: Height, need: Height) -> Result<(), FeedError> {
    if need < earliest { Err(FeedError::Pruned { earliest, need }) } else { Ok(()) }
}

/// Blocks that come one after the other.
pub enum BlockFeed {
    /// Pushed by a node.
    Pushed(Box<PushedBlocks>),
    /// Read from a store.
    Stored(Box<StoredBlocks>),
}

/// Blocks that a node pushes.
pub struct PushedBlocks {
    /// The subscription ends with its connection.
    _client: WsClient,
    records: Subscription<Item<CertifiedRecord>>,
}

/// Blocks of a store.
pub struct StoredBlocks {
    store: LocalStore,
    /// The store as it was when it was last opened.
    archive: Archive,
    next: Height,
}

impl BlockFeed {
    /// The blocks, each when it is asked for.
    pub fn into_stream(self) -> impl Stream<Item = Result<(Record, Certificate), FeedError>> + Send {
        stream::unfold(self, |mut feed| async move { Some((feed.next().await, feed)) })
    }

    /// Waits for the next block, with the precommits that decided it.
    ///
    /// # Errors
    /// The connection, or the store, failed.
    async fn next(&mut self) -> Result<(Record, Certificate), FeedError> {
        match self {
            BlockFeed::Pushed(pushed) => pushed.next().await,
            BlockFeed::Stored(stored) => stored.next().await,
        }
    }
}

impl PushedBlocks {
    async fn next(&mut self) -> Result<(Record, Certificate), FeedError> {
        // A connection that died without a word looks like a chain that stands still: asking again costs little.
        let Ok(next) = tokio::time::timeout(QUIET, self.records.next()).await else { return Err(FeedError::Quiet) };
        let block = match next {
            Some(Ok(Item::Item(block))) => block,
            Some(Ok(Item::Dropped { .. })) => return Err(FeedError::Outrun),
            Some(Ok(Item::Failed { reason, .. })) => return Err(FeedError::Ended(reason)),
            Some(Err(error)) => return Err(FeedError::Ended(error.to_string())),
            None => return Err(self.closed()),
        };
        let CertifiedRecord { record, certificate } = block;
        let certificate = certificate.ok_or(FeedError::Uncertified(record.header.height))?;
        Ok((record, certificate))
    }

    fn closed(&self) -> FeedError {
        match self.records.close_reason() {
            Some(SubscriptionCloseReason::Lagged) => FeedError::Outrun,
            _ => FeedError::Ended("the connection was closed".into()),
        }
    }
}

impl StoredBlocks {
    async fn next(&mut self) -> Result<(Record, Certificate), FeedError> {
        loop {
            if let Some(block) = read(&self.archive, self.next)? {
                self.next = self.next.next();
                return Ok(block);
            }
            tokio::time::sleep(LOOK).await;
            self.archive = self.store.open().await?;
        }
    }
}

fn read(archive: &Archive, height: Height) -> Result<Option<(Record, Certificate)>, ReadError> {
    let view = archive.view();
    let Some(record) = view.record(height)? else { return Ok(None) };
    Ok(view.certificate(height)?.map(|certificate| (record, certificate)))
}
