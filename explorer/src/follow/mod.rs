//! Following the chain: blocks come from a source, are verified, and are folded into the index, one after the other.

pub mod feed;
pub mod verify;

use crate::fold::Head;
use crate::fold::work::FoldError;
use crate::metrics::Metrics;
use crate::store::{Store, read};
use feed::{FeedError, Source};
use primitives::Height;
use runtime::Genesis;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use verify::{Distrust, Elected};

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
        "{source_name} gave a block that does not verify: {distrust}; nothing of it is in the index. Follow another \
         node, and ask the operator of this one"
    )]
    Distrust {
        /// Where it came from.
        source_name: String,
        /// What does not hold.
        distrust: Distrust,
    },
    /// The index could not be written.
    #[error(transparent)]
    Fold(#[from] FoldError),
}

/// What others can know of the index without asking it.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The newest block in the index.
    pub head: watch::Receiver<Head>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    node_height: Mutex<Option<Height>>,
    trouble: Mutex<Option<String>>,
}

impl Progress {
    /// The newest block of the source, when it answered lately.
    pub fn node_height(&self) -> Option<Height> {
        *self.shared.node_height.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What keeps the index from going on.
    pub fn trouble(&self) -> Option<String> {
        self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The one that writes the index.
pub struct Follower {
    source: Source,
    store: Store,
    genesis: Genesis,
    metrics: Metrics,
    head: watch::Sender<Head>,
    shared: Arc<Shared>,
}

impl Follower {
    /// Goes on from `head`, where the index stands.
    pub fn new(source: Source, store: Store, genesis: Genesis, head: Head, metrics: Metrics) -> (Self, Progress) {
        let (head, heads) = watch::channel(head);
        let shared = Arc::new(Shared::default());
        let progress = Progress { head: heads, shared: shared.clone() };
        (Self { source, store, genesis, metrics, head, shared }, progress)
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
            let before = *self.head.borrow();
            let error = match self.follow_once().await {
                Ok(()) | Err(FollowError::Feed(FeedError::Quiet)) => continue,
                // Each time some blocks further.
                Err(FollowError::Feed(FeedError::Outrun)) if *self.head.borrow() != before => continue,
                Err(error) => self.source.sentence(&error),
            };
            tracing::warn!(error, "the index does not go on, for now");
            self.metrics.follow_errors.inc();
            self.set_trouble(Some(error));
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Follows over one connection; ends with what went wrong.
    async fn follow_once(&self) -> Result<(), FollowError> {
        // Somebody else may have written to the index since.
        let missing = || FoldError::Damaged("it has no position".into());
        let mut head = self.store.head().await?.ok_or_else(missing)?;
        let mut elected = self.elected(&head).await?;
        let mut blocks = self.source.blocks(head.at.height.next()).await?;
        loop {
            let (record, certificate) = blocks.next().await?;
            let chain = &self.genesis.chain;
            let epoch = record.header.height.epoch(chain.epoch_length);
            let next = verify::verify(&head, chain, &elected.of(epoch), &record, &certificate)
                .map_err(|distrust| FollowError::Distrust { source_name: self.source.to_string(), distrust })?;
            let begins_epoch = next.at.epoch != head.at.epoch;
            self.store.write(next, &record, &certificate, begins_epoch).await?;
            elected.follow(&record);
            head = next;
            self.written(head, record.facts.len());
        }
    }

    async fn elected(&self, head: &Head) -> Result<Elected, FoldError> {
        let mut elected = Elected::default();
        for epoch in [head.at.epoch, head.at.epoch.next()] {
            elected.learn(epoch, read::validators_of(self.store.readers(), epoch).await?);
        }
        Ok(elected)
    }

    fn written(&self, head: Head, facts: usize) {
        self.metrics.indexed(head, facts);
        self.set_trouble(None);
        self.head.send_replace(head);
        self.saw(Some(head.at.height));
    }

    fn set_trouble(&self, trouble: Option<String>) {
        *self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Keeps an eye on how far the source is, also while the index does not go on.
    async fn watch_source(&self) {
        loop {
            let height = self.source.height().await.ok();
            // Blocks that came since the answer was given are known of too.
            self.saw(height.map(|height| height.max(self.head.borrow().at.height)));
            tokio::time::sleep(LOOK).await;
        }
    }

    fn saw(&self, height: Option<Height>) {
        let mut known = self.shared.node_height.lock().unwrap_or_else(PoisonError::into_inner);
        // Heights only grow; a node that does not answer has none.
        *known = height.map(|height| known.map_or(height, |known| known.max(height)));
        self.metrics.node_height(*known);
    }
}
