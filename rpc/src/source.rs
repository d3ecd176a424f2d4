//! What answers are read from. The node implements it.

use crate::chain_view::ChainView;
use crate::error::{ReadError, RpcRefusal, SubmitError};
use crate::views::{
    Artifact, AuditIntegrity, ChainHealth, Dialling, Dropped, Forgotten, Health, LogLevel, NodeVersion, OverlayStatus,
    PeerView, Pinned, Unpinned,
};
use ledger::Head;
use primitives::{AccountId, BuildHash, Timestamp, TransactionHash};
use runtime::{Genesis, Lane, Transaction};
use std::sync::Arc;
use tokio::sync::watch;

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
    /// The same for one after the other, as they came together. May block.
    fn submit_all(&self, transactions: Vec<Transaction>) -> Vec<Result<TransactionHash, SubmitError>> {
        transactions.into_iter().map(|transaction| self.submit(transaction)).collect()
    }
    /// Whether the pool has a transaction. May block.
    fn pending(&self, transaction: &TransactionHash) -> bool;
    /// Why the pool dropped a transaction lately; `None` when it did not, or no longer knows. May block.
    fn dropped(&self, transaction: &TransactionHash) -> Option<Dropped>;
    /// The nonce after the account's transactions of a lane in the pool, without gaps from the chain's; `None` when it has
    /// none. May block.
    fn pending_nonce(&self, account: &AccountId, lane: Lane) -> Option<u64>;
    /// What runs.
    fn version(&self) -> NodeVersion;
    /// How it is, for its operator. May block.
    fn health(&self) -> Health;
    /// How the chain is here, for anybody. May block.
    fn chain_health(&self) -> ChainHealth;
    /// Whether the audit log hangs together, as far as it has looked. May block.
    fn audit_integrity(&self) -> AuditIntegrity;
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
