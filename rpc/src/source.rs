//! What answers are read from. The node implements it.

use crate::error::{ReadError, RpcRefusal, SubmitError};
use crate::views::{
    Artifact, Dialling, Dropped, Forgotten, Health, LogLevel, NodeVersion, OverlayStatus, PeerView, Pinned, Unpinned,
};
use ledger::Head;
use light::SignedHeader;
use primitives::{AccountId, BuildHash, Height, Timestamp, TransactionHash};
use runtime::{Block, CHAIN, Certificate, Genesis, Header, Record, Transaction};
use state::{Backend, State, StateProof};
use std::sync::Arc;
use tokio::sync::watch;

/// The node's store at one moment: as a [`Backend`] the state after [`head`](Self::head), and the blocks up to it.
///
/// A height that is not kept answers `None`. Each method may read the disk.
pub trait ChainView: Backend {
    /// The newest block.
    fn head(&self) -> Result<Head, ReadError>;
    /// The first height whose block, record and proofs are kept.
    fn earliest(&self) -> Result<Height, ReadError>;
    /// A header; 0 is genesis.
    fn header(&self, height: Height) -> Result<Option<Header>, ReadError>;
    /// A block.
    fn block(&self, height: Height) -> Result<Option<Block>, ReadError>;
    /// What came of a block.
    fn record(&self, height: Height) -> Result<Option<Record>, ReadError>;
    /// What decided a block; genesis has none.
    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError>;
    /// The last header of each epoch after the one of `height`, ascending, with its certificate and validators; kept for
    /// ever.
    fn epoch_ends(&self, height: Height) -> Box<dyn Iterator<Item = Result<SignedHeader, ReadError>> + '_>;
    /// What a raw storage key was after the block at `height`, with its proof.
    fn proof(&self, key: &[u8], height: Height) -> Result<Option<StateProof>, ReadError>;
    /// The block that has a transaction, and its place in it from 0.
    fn locate(&self, transaction: &TransactionHash) -> Result<Option<(Height, u32)>, ReadError>;
}

/// A node, as far as it can be asked. Methods are called from many threads; those that may read the disk or wait for a lock
/// say so, and are called where blocking is allowed.
pub trait NodeSource: Send + Sync + 'static {
    /// What the chain started from. Does not block.
    fn genesis(&self) -> &Genesis;
    /// The newest block, also when others are committed at the same time. Does not block.
    fn head(&self) -> Arc<Head>;
    /// Changes with each committed block, after it can be read from [`view`](Self::view). Does not block.
    fn heads(&self) -> watch::Receiver<Arc<Head>>;
    /// Calls `ask` once with the store as it is now. May read the disk; must not hold up a writer.
    fn view(&self, ask: &mut dyn FnMut(&dyn ChainView));
    /// The node's clock.
    fn now(&self) -> Timestamp;
    /// Judges a transaction, takes it into the pool and sends it on. Nothing of a refused one is kept. May block.
    fn submit(&self, transaction: Transaction) -> Result<TransactionHash, SubmitError>;
    /// Whether the pool has a transaction. May block.
    fn pending(&self, transaction: &TransactionHash) -> bool;
    /// Why the pool dropped a transaction lately; `None` when it did not, or no longer knows. May block.
    fn dropped(&self, transaction: &TransactionHash) -> Option<Dropped>;
    /// The nonce after the account's transactions in the pool, without gaps from the chain's; `None` when it has none. May
    /// block.
    fn pending_nonce(&self, account: &AccountId) -> Option<u64>;
    /// What runs.
    fn version(&self) -> NodeVersion;
    /// How it is. May block.
    fn health(&self) -> Health;
    /// Who it is connected to. May block.
    fn peers(&self) -> Vec<PeerView>;
    /// How its overlay is. May block.
    fn overlay_status(&self) -> OverlayStatus;
    /// Changes what is logged, or only says what is. May block.
    fn log_level(&self, level: Option<&str>) -> Result<LogLevel, RpcRefusal>;
    /// The release artifacts it holds, and what is pinned besides. May block.
    fn artifacts(&self) -> Result<Vec<Artifact>, RpcRefusal>;
    /// Keeps an artifact until it is unpinned. May block.
    fn pin_artifact(&self, hash: &BuildHash, reason: &str) -> Result<Pinned, RpcRefusal>;
    /// Keeps an artifact no longer than any other. May block.
    fn unpin_artifact(&self, hash: &BuildHash) -> Result<Unpinned, RpcRefusal>;
    /// Has the overlay stay connected with a peer. May block.
    fn dial(&self, address: &str) -> Result<Dialling, RpcRefusal>;
    /// Has the overlay disconnect and forget a peer. May block.
    fn forget(&self, peer_id: &str) -> Result<Forgotten, RpcRefusal>;
}

/// Asks one snapshot a question.
pub(crate) fn ask<T, E: From<ReadError>>(
    source: &dyn NodeSource,
    mut question: impl FnMut(&dyn ChainView) -> Result<T, E>,
) -> Result<T, E> {
    let mut answer = Err(ReadError::Failed("the node did not open its store".into()).into());
    source.view(&mut |view| answer = question(view));
    answer
}

/// The state of a view; chain rules are in every state.
pub(crate) fn state_of<'a>(view: &'a dyn ChainView) -> State<'a> {
    State::over(view)
}

/// The epoch length that state has.
pub(crate) fn epoch_length(state: &State) -> u64 {
    CHAIN.require(state).epoch_length
}

/// Names why a height has no answer, or gives the answer.
pub(crate) fn kept<T>(view: &dyn ChainView, height: Height, found: Option<T>) -> Result<T, ReadError> {
    if let Some(found) = found {
        return Ok(found);
    }
    let (head, earliest) = (view.head()?.at.height, view.earliest()?);
    if height > head {
        Err(ReadError::NotYet { height, head })
    } else if height < earliest {
        Err(ReadError::Pruned { height, earliest })
    } else {
        Err(ReadError::Failed(format!("height {height} is missing from the store")))
    }
}
