//! Blocks on their way: while some are written, those after them are fetched, verified and made ready, on a task of its own and in order.

use super::verify::{Elected, verify};
use super::{FollowError, require_known};
use crate::feed::FeedError;
use crate::store::IndexHead;
use crate::topics::PreparedBlock;
use futures::stream::{Stream, StreamExt as _};
use primitives::Height;
use releases::Levels;
use runtime::{Certificate, ChainParams, Record};
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// How much text blocks may have that are ready and not written, in bytes; one that has more is alone. Half of it is written at once, so
/// that small blocks share a transaction while the index catches up, and the other half is made ready meanwhile.
pub(super) const MOST_AHEAD: u32 = 8 << 20;
/// How many blocks may be ready, however small they are.
const MOST_BLOCKS: usize = 64;

/// A block of a source, with the precommits that decided it.
type FedBlock = Result<(Record, Certificate), FeedError>;

/// What makes blocks ready: all that the next one is verified against.
pub(super) struct Preparation {
    /// Who gives the blocks, for a sentence.
    pub source_name: String,
    /// The rules of the chain.
    pub chain: ChainParams,
    /// The block before the next one.
    pub head: IndexHead,
    /// Who decides the next ones.
    pub elected: Elected,
    /// Which levels they may be of.
    pub levels: Levels,
}

/// A block that is ready, and its place among these.
struct ReadyBlock {
    block: PreparedBlock,
    place: OwnedSemaphorePermit,
}

/// Blocks that are written together. Others come into their places when these are free.
pub(super) struct ReadyBlocks {
    pub blocks: Vec<PreparedBlock>,
    pub places: Vec<OwnedSemaphorePermit>,
}

/// The blocks that are made ready. Nothing is any more once this is dropped.
pub(super) struct BlocksAhead {
    ready: Receiver<Result<ReadyBlock, FollowError>>,
    /// Why no more come after those that were given.
    failed: Option<FollowError>,
    /// How much text is written at once.
    at_once: usize,
    task: JoinSet<()>,
}

impl BlocksAhead {
    /// Has blocks made ready from now on, with so much text at most.
    pub fn begin(preparation: Preparation, blocks: impl Stream<Item = FedBlock> + Send + 'static, most: u32) -> Self {
        let (sender, ready) = mpsc::channel(MOST_BLOCKS);
        let mut task = JoinSet::new();
        task.spawn(preparation.run(blocks, most, sender));
        Self { ready, failed: None, at_once: most as usize / 2, task }
    }

    /// The blocks that are ready by now, as many as are written at once; waits for the first.
    ///
    /// # Errors
    /// Why no more come, once all that came before was given.
    pub async fn next(&mut self) -> Result<ReadyBlocks, FollowError> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        let ReadyBlock { block, place } = match self.ready.recv().await {
            Some(next) => next?,
            None => return Err(self.ended().await),
        };
        let (mut bytes, mut ready) = (block.bytes(), ReadyBlocks { blocks: vec![block], places: vec![place] });
        while bytes < self.at_once {
            match self.ready.try_recv() {
                Ok(Ok(ReadyBlock { block, place })) => {
                    bytes += block.bytes();
                    ready.blocks.push(block);
                    ready.places.push(place);
                }
                Ok(Err(failed)) => {
                    self.failed = Some(failed);
                    break;
                }
                Err(_) => break,
            }
        }
        Ok(ready)
    }

    /// Why no more come, where nothing was said of that. A panic in the task is one here too, as if it had none of its own.
    async fn ended(&mut self) -> FollowError {
        if let Some(Err(died)) = self.task.join_next().await
            && let Ok(panic) = died.try_into_panic()
        {
            resume_unwind(panic);
        }
        FeedError::Ended("nothing makes blocks ready any more".into()).into()
    }
}

impl Preparation {
    /// Makes blocks ready until one fails, or nobody wants them any more.
    async fn run(
        mut self,
        blocks: impl Stream<Item = FedBlock> + Send,
        most: u32,
        ready: Sender<Result<ReadyBlock, FollowError>>,
    ) {
        let room = Arc::new(Semaphore::new(most as usize));
        let mut blocks = pin!(blocks);
        loop {
            let block = match self.next(&mut blocks).await {
                Ok(block) => block,
                Err(failed) => return drop(ready.send(Err(failed)).await),
            };
            let bytes = u32::try_from(block.bytes()).unwrap_or(most).clamp(1, most);
            let Ok(place) = room.clone().acquire_many_owned(bytes).await else { return };
            if ready.send(Ok(ReadyBlock { block, place })).await.is_err() {
                return;
            }
        }
    }

    /// The next block, once it is known to be one of the chain.
    async fn next(
        &mut self,
        blocks: &mut (impl Stream<Item = FedBlock> + Unpin),
    ) -> Result<PreparedBlock, FollowError> {
        let chain = &self.chain;
        let epoch = |height: Height| height.epoch(chain.epoch_length);
        // Before the block is read, which may hold what cannot be.
        require_known(&self.levels, epoch(self.head.at.height.next()))?;
        let ended = || FeedError::Ended("no block comes any more".into());
        let (record, certificate) = blocks.next().await.unwrap_or_else(|| Err(ended()))?;
        let validators = self.elected.of(epoch(record.header.height));
        let head = verify(&self.head, chain, &validators, &record, &certificate)
            .map_err(|error| FollowError::Unverified { source_name: self.source_name.clone(), error })?;
        self.elected.follow(&record);
        self.levels = record.levels_after(self.levels.clone(), head.at.epoch);
        let before = std::mem::replace(&mut self.head, head);
        Ok(PreparedBlock::new(before, head, record, Some(&certificate))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use light::testing::TestChain;
    use primitives::{ChainPosition, Digest, Epoch};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Poll;

    fn chain() -> TestChain {
        let mut chain = TestChain::new(runtime::testing::genesis());
        chain.until(6);
        chain
    }

    fn records(chain: &TestChain) -> Vec<(Record, Certificate)> {
        (1..=6).filter_map(|height| chain.record(Height(height))).collect()
    }

    /// What begins after genesis.
    fn preparation(chain: &TestChain) -> Preparation {
        let genesis = &chain.genesis;
        let mut elected = Elected::default();
        for epoch in [0, 1].map(Epoch) {
            elected.learn(epoch, genesis.validators());
        }
        let at = ChainPosition::of(Height(0), genesis.time, genesis.chain.epoch_length);
        let hash = records(chain)[0].0.header.parent;
        let levels = Levels::from_genesis(runtime::LEVEL);
        let (source_name, chain) = ("a test".to_owned(), genesis.chain.clone());
        Preparation { source_name, chain, head: IndexHead { at, hash }, elected, levels }
    }

    fn heights(ready: &ReadyBlocks) -> Vec<u64> {
        ready.blocks.iter().map(|block| block.head().at.height.0).collect()
    }

    #[tokio::test]
    async fn what_came_before_a_block_that_does_not_verify_is_given_and_then_the_reason() {
        let chain = chain();
        let mut blocks = records(&chain);
        blocks[3].0.header.facts_root = Digest([1; 32]);
        let fed = stream::iter(blocks.into_iter().map(Ok));
        let mut ahead = BlocksAhead::begin(preparation(&chain), fed, MOST_AHEAD);
        let mut given = Vec::new();
        let failed = loop {
            match ahead.next().await {
                Ok(ready) => given.extend(heights(&ready)),
                Err(failed) => break failed,
            }
        };
        assert_eq!(given, [1, 2, 3]);
        assert!(matches!(failed, FollowError::Unverified { .. }), "{failed}");
    }

    /// Whatever can go on does.
    async fn settled() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn no_more_is_made_ready_than_there_is_room_for() {
        let chain = chain();
        let fetched = Arc::new(AtomicUsize::new(0));
        let counter = fetched.clone();
        let count = move |block| -> FedBlock {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(block)
        };
        let fed = stream::iter(records(&chain).into_iter().map(count));
        let mut ahead = BlocksAhead::begin(preparation(&chain), fed, 1);
        let first = ahead.next().await.unwrap();
        settled().await;
        assert_eq!(
            (heights(&first), fetched.load(Ordering::Relaxed)),
            (vec![1], 2),
            "one waits for the place of the first"
        );
        drop(first);
        assert_eq!(heights(&ahead.next().await.unwrap()), [2]);
    }

    #[tokio::test]
    async fn small_blocks_that_are_ready_are_written_together() {
        let chain = chain();
        let fed = stream::iter(records(&chain).into_iter().map(Ok));
        let mut ahead = BlocksAhead::begin(preparation(&chain), fed, MOST_AHEAD);
        settled().await;
        assert_eq!(heights(&ahead.next().await.unwrap()), [1, 2, 3, 4, 5, 6]);
    }

    #[tokio::test]
    async fn no_more_is_written_at_once_than_half_of_what_may_be_ready() {
        let chain = chain();
        let begin = |most| {
            let fed = stream::iter(records(&chain).into_iter().map(Ok));
            BlocksAhead::begin(preparation(&chain), fed, most)
        };
        let bytes = |blocks: &[PreparedBlock]| blocks.iter().map(PreparedBlock::bytes).sum::<usize>();
        let mut ahead = begin(MOST_AHEAD);
        settled().await;
        let all = bytes(&ahead.next().await.unwrap().blocks);
        let mut ahead = begin(u32::try_from(all).unwrap());
        settled().await;
        let first = ahead.next().await.unwrap().blocks;
        assert!(bytes(&first) >= all / 2 && bytes(&first[..first.len() - 1]) < all / 2, "{} of 6", first.len());
    }

    #[tokio::test]
    async fn nothing_is_made_ready_once_nobody_wants_it() {
        let chain = chain();
        let held = Arc::new(());
        let of_source = held.clone();
        let fed = stream::poll_fn(move |_| -> Poll<Option<FedBlock>> {
            let _waits = &of_source;
            Poll::Pending
        });
        let ahead = BlocksAhead::begin(preparation(&chain), fed, MOST_AHEAD);
        settled().await;
        assert_eq!(Arc::strong_count(&held), 2);
        drop(ahead);
        settled().await;
        assert_eq!(Arc::strong_count(&held), 1, "the source is given back");
    }

    #[tokio::test]
    async fn a_panic_in_the_task_is_not_taken_for_a_source_that_ended() {
        let chain = chain();
        let fed = stream::poll_fn(|_| -> Poll<Option<FedBlock>> { panic!("it broke") });
        let mut ahead = BlocksAhead::begin(preparation(&chain), fed, MOST_AHEAD);
        let asked = tokio::spawn(async move { ahead.next().await.is_ok() });
        assert!(asked.await.unwrap_err().is_panic());
    }
}
