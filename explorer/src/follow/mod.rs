//! Following the chain: blocks come from a source, are verified, and are folded into the index, one after the other.

pub mod verify;

use crate::feed::{BlockSource, FeedError};
use crate::fold::FoldError;
use crate::index::IndexStore;
use crate::metrics::ExplorerMetrics;
use crate::progress::{IndexProgress, ProgressSender};
use crate::store::{IndexHead, QueryError};
use primitives::Height;
use runtime::Genesis;
use std::time::Duration;
use tokio::sync::watch;
use verify::{Elected, VerificationError};

/// How long to wait before a source is asked again.
const PAUSE: Duration = Duration::from_secs(2);
/// How often a source is asked for its newest block.
const LOOK: Duration = Duration::from_secs(2);

/// Why the index does not go on, for now.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// No block came.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// A block came that is not believed.
    #[error(
        "{source_name} gave a block that does not verify: {error}; nothing of it is in the index. Follow another \
         node, and ask the operator of this one"
    )]
    Unverified {
        /// Where it came from.
        source_name: String,
        /// What does not hold.
        error: VerificationError,
    },
    /// The index could not be written.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// The index could not be read.
    #[error(transparent)]
    Query(#[from] QueryError),
}

/// The one that writes the index.
pub struct Follower {
    source: BlockSource,
    store: IndexStore,
    genesis: Genesis,
    metrics: ExplorerMetrics,
    progress: ProgressSender,
}

impl Follower {
    /// Goes on from `head`, where the index stands.
    pub fn new(
        source: BlockSource,
        store: IndexStore,
        genesis: Genesis,
        head: IndexHead,
        metrics: ExplorerMetrics,
    ) -> (Self, IndexProgress) {
        let (sender, progress) = ProgressSender::new(head);
        (Self { source, store, genesis, metrics, progress: sender }, progress)
    }

    /// Follows until `stopped` says so. What fails is tried again.
    pub async fn run(self, mut stopped: watch::Receiver<bool>) {
        let until_stopped = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        tokio::select! {
            () = until_stopped => {}
            () = async { tokio::join!(self.follow(), self.watch_source()); } => {}
        }
    }

    async fn follow(&self) {
        loop {
            let before = self.progress.head();
            let error = match self.follow_once().await {
                Ok(()) | Err(FollowError::Feed(FeedError::Quiet)) => continue,
                // Each time some blocks further.
                Err(FollowError::Feed(FeedError::Outrun)) if self.progress.head() != before => continue,
                Err(error) => self.source.sentence(&error),
            };
            tracing::warn!(error, "the index does not go on, for now");
            self.metrics.follow_errors.inc();
            self.progress.set_trouble(Some(error));
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Follows over one connection; ends with what went wrong.
    async fn follow_once(&self) -> Result<(), FollowError> {
        // Somebody else may have written to the index since.
        let mut head = self.store.head().await?.ok_or(QueryError::NoPosition)?;
        let mut elected = self.elected(&head).await?;
        let mut blocks = self.source.blocks(head.at.height.next()).await?;
        loop {
            let (record, certificate) = blocks.next().await?;
            let chain = &self.genesis.chain;
            let epoch = record.header.height.epoch(chain.epoch_length);
            let next = verify::verify(&head, chain, &elected.of(epoch), &record, &certificate)
                .map_err(|error| FollowError::Unverified { source_name: self.source.to_string(), error })?;
            let begins_epoch = next.at.epoch != head.at.epoch;
            self.store.write(next, &record, &certificate, begins_epoch).await?;
            elected.follow(&record);
            head = next;
            self.written(head, record.facts.len());
        }
    }

    async fn elected(&self, head: &IndexHead) -> Result<Elected, QueryError> {
        let mut elected = Elected::default();
        for epoch in [head.at.epoch, head.at.epoch.next()] {
            elected.learn(epoch, self.store.validators(epoch).await?);
        }
        Ok(elected)
    }

    fn written(&self, head: IndexHead, facts: usize) {
        self.metrics.indexed(head, facts);
        self.progress.set_trouble(None);
        self.progress.set_head(head);
        self.saw(Some(head.at.height));
    }

    /// Keeps an eye on how far the source is, also while the index does not go on.
    async fn watch_source(&self) {
        loop {
            let height = self.source.height().await.ok();
            // Blocks that came since the answer was given are known of too.
            self.saw(height.map(|height| height.max(self.progress.head().at.height)));
            tokio::time::sleep(LOOK).await;
        }
    }

    fn saw(&self, height: Option<Height>) {
        self.metrics.node_height(self.progress.saw(height));
    }
}
