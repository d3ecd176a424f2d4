//! What a running node writes down in its home for whoever asks there later, its own next start among them: how far this home has
//! verified the chain, and how late it was.

use crate::chain::Chain;
use host::clock::HomeClock;
use host::config::Home;
use primitives::SecretKey;
use std::sync::Arc;
use std::time::Duration;
use store::{KeptAnchor, newest_end};

/// How often: trust then has few ends of epochs to walk over at the next start, and the disk little to do.
const EVERY: Duration = Duration::from_secs(60);

/// What a home remembers of a running node.
pub struct HomeMemory {
    home: Home,
    /// The node's own key, which says that it was this node.
    key: SecretKey,
    chain: Arc<Chain>,
}

impl HomeMemory {
    /// The memory of a home whose node has this key.
    pub fn new(home: Home, key: SecretKey, chain: Arc<Chain>) -> Self {
        Self { home, key, chain }
    }

    /// Writes down how it stands now. Blocks. What cannot be written is said; the next time tries again.
    fn write(&self) {
        let genesis = self.chain.genesis();
        let kept = newest_end(self.chain.store(), genesis).map_err(anyhow::Error::from).and_then(|end| match end {
            Some(end) => Ok(KeptAnchor::move_on(&self.home, genesis, &self.key, end)?),
            None => Ok(()),
        });
        if let Err(error) = kept {
            tracing::warn!("{} does not say how far the chain was verified: {error:#}", self.home.anchor().display());
        }
        if let Err(error) = HomeClock::of(&self.home).read(Some(self.chain.head().at.time)) {
            tracing::warn!("nothing is installed by this clock: {error}");
        }
    }

    /// Writes down how it stands now, on a thread that may block.
    pub async fn keep(self: Arc<Self>) {
        // A thread that panicked has said so itself.
        let _ = tokio::task::spawn_blocking(move || self.write()).await;
    }

    /// Keeps what is written down up to date.
    pub async fn keep_up(self: Arc<Self>) {
        loop {
            self.clone().keep().await;
            tokio::time::sleep(EVERY).await;
        }
    }
}
