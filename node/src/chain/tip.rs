//! The last committed block, with what follows from it alone.

use primitives::Moment;
use rpc::Head;
use runtime::{NextBlock, moment_of};
use state::State;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// Where a chain stands. What the next block is judged by is reckoned once, as a block comes, however many ask for it.
pub(super) struct Tip {
    head: watch::Sender<Arc<Head>>,
    next: RwLock<Arc<NextBlock>>,
}

impl Tip {
    /// Where a chain goes on; `state` is what the block leaves.
    pub fn at(head: Head, state: &State) -> Self {
        Self { next: RwLock::new(after(&head, state)), head: watch::Sender::new(Arc::new(head)) }
    }

    /// Goes on to the next block, and tells everyone who waits for it.
    pub fn moves(&self, head: Head, state: &State) {
        // First, so that whoever hears of a block finds what follows from it.
        *self.next.write().unwrap_or_else(PoisonError::into_inner) = after(&head, state);
        self.head.send_replace(Arc::new(head));
    }

    /// The last committed block.
    pub fn head(&self) -> Arc<Head> {
        self.head.borrow().clone()
    }

    /// Changes with each committed block.
    pub fn heads(&self) -> watch::Receiver<Arc<Head>> {
        self.head.subscribe()
    }

    /// What the block after it is judged by.
    pub fn next(&self) -> Arc<NextBlock> {
        self.next.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The moment of the block after it.
    pub fn next_moment(&self) -> Moment {
        self.next.read().unwrap_or_else(PoisonError::into_inner).at
    }
}

fn after(head: &Head, state: &State) -> Arc<NextBlock> {
    let at = moment_of(state, head.at.height.next(), head.at.time.next());
    Arc::new(NextBlock::over(state, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::tests::{decide, open};
    use crate::metrics::NodeMetrics;
    use host::provenance::TrustedSigners;
    use runtime::testing;

    #[test]
    fn what_the_next_block_is_judged_by_follows_each_block_and_is_there_for_whoever_hears_of_it() {
        let (genesis, dir) = (testing::genesis(), tempfile::tempdir().unwrap());
        let chain = open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new());
        let mut heads = chain.heads();
        for _ in 0..=genesis.chain.epoch_length {
            let (next, view) = (chain.next_position(), chain.store().view());
            assert_eq!(chain.next_moment(), moment_of(&State::over(&view), next.height, next.time));
            decide(&chain);
            assert_eq!(chain.next_moment().height, heads.borrow_and_update().at.height.next());
        }
    }
}
