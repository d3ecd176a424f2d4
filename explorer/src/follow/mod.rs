//! Following the chain: blocks come from a source, are verified, and are folded into the index, one after the other. Two hands do that:
//! one fetches, verifies and makes ready (`ahead`), and one writes what is ready.

mod ahead;
mod failures;
pub mod verify;

use crate::feed::{BlockSource, FeedError};
use crate::fold::FoldError;
use crate::index::IndexStore;
use crate::metrics::ExplorerMetrics;
use crate::progress::{ExplorerFault, IndexProgress, ProgressSender};
use crate::store::database::Taken;
use crate::store::tenure::{BEAT, Watch};
use crate::store::{IndexHead, QueryError};
use crate::topics::PreparedBlock;
use ahead::{BlocksAhead, MOST_AHEAD, Preparation, ReadyBlocks};
use failures::Failures;
use primitives::{Epoch, Height};
use releases::Levels;
use runtime::{Genesis, LEVEL};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use verify::{Elected, VerificationError};

/// How long to wait before a source is asked again.
const PAUSE: Duration = Duration::from_secs(2);
/// How often a source is asked for its newest block.
const LOOK: Duration = Duration::from_secs(2);
/// More blocks behind the node than this is not keeping up.
const MOST_BEHIND: u64 = 20;

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
    /// The network comes up to a level of which this program knows nothing.
    #[error(
        "from epoch {epoch} on the network is at level {needs}, and this explorer knows levels up to {LEVEL}, so it cannot read what \
         blocks may hold by then: nothing more is indexed; install a newer one"
    )]
    NewerLevel {
        /// The first epoch that is not indexed.
        epoch: Epoch,
        /// The level in force then.
        needs: u32,
    },
    /// The index could not be written.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// The index could not be read.
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl FollowError {
    /// What it keeps the index from.
    fn fault(&self) -> ExplorerFault {
        match self {
            FollowError::Feed(FeedError::Uncertified(_))
            | FollowError::Unverified { .. }
            | FollowError::NewerLevel { .. } => ExplorerFault::Block,
            FollowError::Feed(_) => ExplorerFault::Source,
            FollowError::Fold(FoldError::Damaged(_)) => ExplorerFault::Block,
            // What the rules of a table refuse, they refuse until another block is written.
            FollowError::Fold(FoldError::Database(error)) if is_refused_row(error) => ExplorerFault::Block,
            FollowError::Fold(_) | FollowError::Query(_) => ExplorerFault::Database,
        }
    }

    /// What the database said.
    fn database(&self) -> Option<&sqlx::Error> {
        match self {
            FollowError::Fold(FoldError::Database(error)) | FollowError::Query(QueryError::Database(error)) => {
                Some(error)
            }
            _ => None,
        }
    }
}

fn is_refused_row(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| !matches!(error.kind(), sqlx::error::ErrorKind::Other))
}

/// The one that writes the index.
pub struct Follower {
    source: BlockSource,
    store: IndexStore,
    genesis: Genesis,
    metrics: ExplorerMetrics,
    progress: ProgressSender,
    /// The index was found to end elsewhere, while no block came.
    moved: Notify,
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
        sender.begin(ExplorerFault::Silence, format!("{source} does not say how far it is"));
        if let Some(mended) = store.mended() {
            sender.note(mended.to_owned());
        }
        (Self { source, store, genesis, metrics, progress: sender, moved: Notify::new() }, progress)
    }

    /// Follows until `stopped` says so. What fails is tried again.
    ///
    /// # Errors
    /// Another process writes the index.
    pub async fn run(self, mut stopped: watch::Receiver<bool>) -> Result<(), Taken> {
        let until_stopped = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        tokio::select! {
            () = until_stopped => Ok(()),
            taken = self.keep_place() => Err(taken),
            () = async { tokio::join!(self.follow(), self.watch_source()); } => Ok(()),
        }
    }

    async fn follow(&self) {
        let mut failures = Failures::default();
        loop {
            let before = self.progress.head();
            let followed = tokio::select! {
                followed = self.follow_once() => followed,
                () = self.moved.notified() => continue,
            };
            let (fault, error) = match followed {
                Ok(()) | Err(FollowError::Feed(FeedError::Quiet)) => continue,
                // Each time some blocks further.
                Err(FollowError::Feed(FeedError::Outrun)) if self.progress.head() != before => continue,
                Err(error) => (error.fault(), self.sentence(&error)),
            };
            if fault != ExplorerFault::Source {
                // What the database's name stands for may have moved.
                self.store.renew();
            }
            if failures.is_due(fault, &error, self.progress.head().at.height, Instant::now()) {
                tracing::warn!(error, "the index does not go on, for now");
            }
            self.metrics.follow_errors.inc();
            self.progress.begin(fault, error);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What went wrong, with the name of who said it.
    fn sentence(&self, error: &FollowError) -> String {
        error.database().map_or_else(|| self.source.sentence(error), |said| self.store.sentence(said))
    }

    /// Follows over one connection; ends with what went wrong.
    async fn follow_once(&self) -> Result<(), FollowError> {
        let head = self.resume().await?;
        let elected = self.elected(&head).await?;
        self.progress.end(ExplorerFault::Database);
        let levels = self.source.levels().await?;
        let blocks = self.source.blocks(head.at.height.next()).await?;
        self.progress.end(ExplorerFault::Source);
        let (source_name, chain) = (self.source.to_string(), self.genesis.chain.clone());
        let preparation = Preparation { source_name, chain, head, elected, levels };
        let mut ahead = BlocksAhead::begin(preparation, blocks.into_stream(), MOST_AHEAD);
        loop {
            let ReadyBlocks { blocks, places } = ahead.next().await?;
            self.write(blocks).await?;
            drop(places);
        }
    }

    /// Writes blocks, as many in a transaction as are begun within a beat: by the connection that writes it is also said who does, and
    /// what a slow server cannot do in time would be asked of it again and again.
    async fn write(&self, blocks: Vec<PreparedBlock>) -> Result<(), FoldError> {
        let heads: Vec<(IndexHead, usize)> = blocks.iter().map(|block| (block.head(), block.facts())).collect();
        let (mut heads, mut blocks) = (heads.into_iter(), blocks.into_iter());
        while blocks.len() > 0 {
            let begun = Instant::now();
            self.store.write(until(&mut blocks, || begun.elapsed() >= BEAT)).await?;
            let written = heads.len() - blocks.len();
            heads.by_ref().take(written).for_each(|(head, facts)| self.written(head, facts));
        }
        Ok(())
    }

    /// Where the index ends now. One that ends before what was written to it is an older copy of itself, and is gone on with from
    /// there: the node has what is missing.
    async fn resume(&self) -> Result<IndexHead, QueryError> {
        let (before, head) = (self.progress.head().at.height, self.store.written().await?);
        if head.at.height < before {
            let note = format!(
                "the index at {} stepped back from block {before} to block {}, as a copy of it does that was made before; what is \
                 missing is read from the node again",
                self.store.place(),
                head.at.height
            );
            tracing::error!("{note}");
            self.progress.note(note);
            self.store.renew();
        }
        if head.at.height != before {
            self.metrics.at(head);
            self.progress.set_head(head);
        }
        Ok(head)
    }

    /// Says again and again that this process writes the index, and looks whether it still ends where it did; ends when another
    /// process writes it.
    async fn keep_place(&self) -> Taken {
        let mut watch = Watch::default();
        loop {
            tokio::time::sleep(BEAT).await;
            let before = self.progress.head().at.height;
            match self.store.beat(&mut watch).await {
                Ok(Ok(())) => {
                    self.progress.end(ExplorerFault::Tenure);
                    if self.store.written().await.is_ok_and(|head| head.at.height < before) {
                        self.moved.notify_one();
                    }
                }
                Ok(Err(taken)) => return taken,
                Err(error) => {
                    self.store.renew();
                    self.progress.begin(ExplorerFault::Tenure, self.store.sentence(&error));
                }
            }
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
        self.progress.end(ExplorerFault::Block);
        self.progress.set_head(head);
        self.saw(Some(head.at.height));
    }

    /// Keeps an eye on how far the source is, also while the index does not go on.
    async fn watch_source(&self) {
        loop {
            let height = self.source.height().await;
            match &height {
                Ok(_) => self.progress.end(ExplorerFault::Silence),
                Err(error) => {
                    let said = self.source.sentence(error);
                    self.progress
                        .begin(ExplorerFault::Silence, format!("{} does not say how far it is: {said}", self.source));
                }
            }
            // Blocks that came since the answer was given are known of too.
            self.saw(height.ok().map(|height| height.max(self.progress.head().at.height)));
            tokio::time::sleep(LOOK).await;
        }
    }

    fn saw(&self, height: Option<Height>) {
        let known = self.progress.saw(height);
        self.metrics.node_height(known);
        let behind = known.map_or(0, |known| known.0.saturating_sub(self.progress.head().at.height.0));
        if behind > MOST_BEHIND {
            let what = "it is catching up, or cannot write fast enough";
            self.progress.begin(ExplorerFault::Behind, format!("the index is {behind} blocks behind the node; {what}"));
        } else {
            self.progress.end(ExplorerFault::Behind);
        }
    }
}

/// The next one, and others until it is time.
fn until<B>(blocks: &mut impl Iterator<Item = B>, is_time: impl Fn() -> bool) -> impl Iterator<Item = B> {
    let next = blocks.next();
    next.into_iter().chain(std::iter::from_fn(move || if is_time() { None } else { blocks.next() }))
}

/// Refuses an epoch in which a level is in force of which this program knows nothing.
fn require_known(levels: &Levels, epoch: Epoch) -> Result<(), FollowError> {
    let needs = levels.at(epoch);
    if needs > LEVEL { Err(FollowError::NewerLevel { epoch, needs }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::LocalStore;
    use crate::store::IndexPlace;
    use std::cell::Cell;

    #[tokio::test]
    async fn o23_a_fault_of_the_database_ends_with_its_cause_while_the_source_is_away() {
        let folder = tempfile::tempdir().unwrap();
        let store = IndexStore::open(IndexPlace::File(folder.path().join("x.sqlite")), false).await.unwrap();
        let genesis = runtime::testing::genesis();
        let head = store.begin(&genesis).await.unwrap();
        let nowhere = BlockSource::Store(LocalStore::at(&folder.path().join("nowhere")));
        let (follower, progress) = Follower::new(nowhere, store, genesis, head, ExplorerMetrics::default());
        follower.progress.begin(ExplorerFault::Database, "the database is away".into());
        let ended = follower.follow_once().await;
        assert!(matches!(ended, Err(FollowError::Feed(_))), "{ended:?}");
        assert!(progress.faults().iter().all(|fault| fault.what != "the database is away"), "{:?}", progress.faults());
    }

    #[test]
    fn a_transaction_has_one_block_at_least_and_no_more_once_it_is_time() {
        let (mut blocks, asked) = (1..9, Cell::new(0));
        let third_time = || asked.replace(asked.get() + 1) == 2;
        assert_eq!(until(&mut blocks, third_time).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(until(&mut blocks, || true).collect::<Vec<_>>(), [4]);
        assert_eq!(until(&mut blocks, || false).collect::<Vec<_>>(), [5, 6, 7, 8]);
        assert_eq!(until(&mut blocks, || false).count(), 0);
    }

    #[test]
    fn what_is_at_a_level_that_this_program_does_not_know_is_not_read_and_that_is_said() {
        let levels = Levels::from_genesis(LEVEL);
        let raised = releases::Event::MinimumSequenceRaised {
            minimum: releases::MinimumStep { sequence: 2, effective_epoch: Epoch(5) }.into(),
            level: LEVEL + 1,
            reason: runtime::testing::examples::reason("a new question"),
        };
        let fact = runtime::Fact { cause: runtime::Cause::Clock, outcome: Ok(runtime::Event::Releases(raised)) };
        let header = runtime::testing::examples::header();
        let levels = runtime::Record { header, facts: vec![fact] }.levels_after(levels, Epoch(3));
        assert!(require_known(&levels, Epoch(4)).is_ok(), "up to the last block before");
        let refused = require_known(&levels, Epoch(5)).unwrap_err();
        assert_eq!(refused.fault(), ExplorerFault::Block);
        let said = refused.to_string();
        assert!(said.contains("from epoch 5 on") && said.ends_with("install a newer one"), "{said}");
    }
}
