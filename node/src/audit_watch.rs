//! Going through the audit log that this node keeps: once whole, beside everything else, and then every block as it comes (REQ-138,
//! REQ-151). What it finds is answered by `audit.integrity`.

use crate::chain::Chain;
use primitives::Height;
use rpc::views::{AuditIntegrity, AuditWalk};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::StoreView;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// How many blocks are looked at before others have a turn: as long as that took, nothing is looked at, so that a long log takes half of
/// one core at most from what makes blocks.
const STEP: u64 = 256;

/// What was found of the audit log so far. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct AuditWatch(Arc<Mutex<AuditWalk>>);

impl AuditWatch {
    /// Goes through what a chain keeps, until it is told to stop.
    pub fn begin(chain: Arc<Chain>, stopped: watch::Receiver<bool>) -> Self {
        let watch = Self::default();
        tokio::spawn(watch.clone().run(chain, stopped));
        watch
    }

    /// One that found this, for tests.
    #[cfg(test)]
    pub(crate) fn found(walk: AuditWalk) -> Self {
        Self(Arc::new(Mutex::new(walk)))
    }

    /// What was found.
    pub fn answer(&self) -> AuditIntegrity {
        self.walk().answer()
    }

    /// The first block that is broken, and what is wrong with it.
    pub fn broken(&self) -> Option<(Height, String)> {
        self.walk().broken()
    }

    async fn run(self, chain: Arc<Chain>, mut stopped: watch::Receiver<bool>) {
        let mut heads = chain.heads();
        loop {
            // What comes while it looks is looked at next.
            heads.mark_unchanged();
            let (watch, walked, begun) = (self.clone(), chain.clone(), Instant::now());
            let more = tokio::task::spawn_blocking(move || watch.step(&walked)).await.unwrap_or_default();
            if *stopped.borrow() {
                return;
            }
            if more {
                tokio::select! {
                    () = sleep(begun.elapsed()) => {}
                    _ = stopped.wait_for(|stop| *stop) => return,
                }
                continue;
            }
            tokio::select! {
                changed = heads.changed() => if changed.is_err() { return },
                _ = stopped.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Looks at some more blocks; whether there are others.
    fn step(&self, chain: &Chain) -> bool {
        let view = StoreView::new(chain.store().view(), chain.genesis().chain.epoch_length);
        // A copy goes on: who asks meanwhile is answered by what was found before.
        let mut walk = self.walk().clone();
        let before = walk.answer();
        let more = walk.step(&view, STEP).unwrap_or_else(|error| {
            match walk.next().filter(|next| is_damaged(chain, *next)) {
                // A validator says this on chain, so it has nothing of what the system answered.
                Some(next) => walk.breaks(next, "its record cannot be made out any more".into()),
                None => tracing::error!(%error, "the audit log cannot be read for now"),
            }
            false
        });
        let now = walk.answer();
        if let (None, Some(height), Some(what)) = (before.broken_at, now.broken_at, &now.broken_by) {
            tracing::error!(
                "the audit log is broken at block {height}: {what}; stop this node, and start it anew from a snapshot or from other nodes"
            );
        }
        if now.is_whole && !before.is_whole && now.chain_valid {
            tracing::info!(facts = now.total_entries, "the whole audit log hangs together");
        }
        *self.walk() = walk;
        more
    }

    fn walk(&self) -> MutexGuard<'_, AuditWalk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the record of a block is there and is none any more; what the system does not let be read now is none of that.
fn is_damaged(chain: &Chain, height: Height) -> bool {
    chain.store().view().record(height).is_err_and(|error| error.is_damage())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::tests::{decide, open};
    use crate::metrics::NodeMetrics;
    use host::provenance::TrustedSigners;

    #[test]
    fn req_157_a_record_that_cannot_be_made_out_breaks_the_log_and_is_told_without_what_the_system_answered() {
        let (dir, genesis) = (tempfile::tempdir().unwrap(), runtime::testing::genesis());
        let chain = open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new());
        (0..4).for_each(|_| drop(decide(&chain)));
        let whole = AuditWatch::default();
        assert!(!whole.step(&chain) && whole.answer().is_whole && whole.broken().is_none());
        chain.store().spoil_record(Height(3)).unwrap();
        let watch = AuditWatch::default();
        assert!(!watch.step(&chain) && !watch.step(&chain));
        assert_eq!(watch.broken(), Some((Height(3), "its record cannot be made out any more".into())));
        assert!(!watch.answer().chain_valid && watch.answer().checked_to == Some(Height(2)));
    }
}
