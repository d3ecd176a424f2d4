//! The connection that says when to look again, and how long to wait when it is gone.

use super::Node;
use super::blocks::Blocks;
use std::time::Duration;
use tokio::time::Instant;

/// The first pause.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(30);

/// New blocks of a node, over connections that come and go.
pub struct BlockWatch {
    node: Node,
    blocks: Blocks,
    backoff: Backoff,
    /// Not before then is a subscription asked for again.
    again_at: Instant,
}

impl BlockWatch {
    /// Subscribes at a node.
    pub async fn open(node: &Node) -> Self {
        let blocks = Blocks::subscribe(node).await;
        Self { node: node.clone(), blocks, backoff: Backoff::default(), again_at: Instant::now() }
    }

    /// Returns when there may be a new block. Where the node pushes none, time passes, and pushing is tried again at times.
    pub async fn next(&mut self) {
        self.blocks.next().await;
        if self.blocks.are_pushed() {
            self.backoff = Backoff::default();
        } else if Instant::now() >= self.again_at {
            self.blocks = Blocks::subscribe(&self.node).await;
            self.again_at = Instant::now() + self.backoff.next();
        }
    }

    /// Says how long to wait for a node that does not answer: each time twice as long.
    pub fn lost(&mut self) -> Duration {
        self.backoff.next()
    }

    /// Waits, and subscribes again.
    pub async fn again(&mut self, pause: Duration) {
        tokio::time::sleep(pause).await;
        self.blocks = Blocks::subscribe(&self.node).await;
    }
}

/// Pauses that double up to a bound.
#[derive(Debug, Clone, Copy, Default)]
struct Backoff(Option<Duration>);

impl Backoff {
    fn next(&mut self) -> Duration {
        let pause = self.0.map_or(SHORTEST, |last| (last * 2).min(LONGEST));
        self.0 = Some(pause);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_half_a_minute() {
        let mut backoff = Backoff::default();
        let seconds: Vec<u64> = (0..7).map(|_| backoff.next().as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30]);
    }
}
