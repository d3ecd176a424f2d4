//! Whether a node that was started is well: it answers, its chain advances, and its peers are back.

use primitives::Height;
use rpc::api::OperatorNodeApiClient as _;
use rpc::client::{BlockWatch, Node};
use rpc::views::Health;
use std::time::Duration;

/// Blocks that have to follow the first one seen.
const BLOCKS: u64 = 2;

/// What a node was like before it was replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Before {
    /// Its newest block.
    pub height: Height,
    /// Its peers.
    pub peers: u32,
}

/// How a node is judged against what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judge {
    before: Before,
    first: Option<Height>,
}

impl Judge {
    /// Judges against `before`.
    pub fn new(before: Before) -> Self {
        Self { before, first: None }
    }

    /// Whether an answer shows a node that is well; else what is missing.
    ///
    /// # Errors
    /// What is still missing, in words.
    pub fn look(&mut self, health: &Health) -> Result<(), String> {
        let first = *self.first.get_or_insert(health.height);
        let need = Height(first.0.saturating_add(BLOCKS).max(self.before.height.0));
        if health.height < need {
            return Err(format!("its chain is at height {} and has to reach {need}", health.height));
        }
        if !health.ok {
            return Err("it has not caught up with the chain".into());
        }
        if self.before.peers > 0 && health.peers == 0 {
            return Err(format!("none of its {} peers has come back", self.before.peers));
        }
        Ok(())
    }
}

/// Waits until a node is well.
///
/// # Errors
/// What was missing at the end of the window.
pub async fn wait(node: &Node, before: Before, window: Duration) -> Result<Before, String> {
    let mut judge = Judge::new(before);
    let mut missing = String::from("it does not answer");
    let waited = tokio::time::timeout(window, async {
        let mut watch = BlockWatch::open(node).await;
        loop {
            match node.health().await {
                Ok(health) => match judge.look(&health) {
                    Ok(()) => return Before { height: health.height, peers: health.peers },
                    Err(what) => missing = what,
                },
                Err(error) => missing = node.explain(error).to_string(),
            }
            watch.next().await;
        }
    });
    match waited.await {
        Ok(now) => Ok(now),
        Err(_) => Err(format!("after {} s {missing}", window.as_secs())),
    }
}

/// How a node is now; the default when it does not answer.
pub async fn now(node: &Node) -> Before {
    node.health()
        .await
        .map_or_else(|_| Before::default(), |health| Before { height: health.height, peers: health.peers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::Timestamp;

    fn health(height: u64, peers: u32, ok: bool) -> Health {
        Health {
            ok,
            height: Height(height),
            block_time: Timestamp(0),
            block_age_ms: 0,
            catching_up: !ok,
            validating: true,
            peers,
            pool_transactions: 0,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_node_is_well_when_it_advances_beyond_the_old_one_and_has_peers_again() {
        let mut judge = Judge::new(Before { height: Height(10), peers: 3 });
        assert!(judge.look(&health(8, 3, true)).unwrap_err().contains("has to reach 10"));
        assert!(judge.look(&health(10, 3, false)).unwrap_err().contains("caught up"));
        assert!(judge.look(&health(11, 0, true)).unwrap_err().contains("3 peers"));
        assert_eq!(judge.look(&health(11, 1, true)), Ok(()));
    }

    #[test]
    fn an_answer_alone_is_not_enough_and_who_had_no_peers_needs_none() {
        let mut judge = Judge::new(Before::default());
        assert!(judge.look(&health(50, 0, true)).is_err(), "it has to advance");
        assert!(judge.look(&health(51, 0, true)).is_err());
        assert_eq!(judge.look(&health(52, 0, true)), Ok(()));
    }
}
