//! Waiting for a node that is busy, or a few blocks late.

use super::CallError;
use crate::error::{BUSY, ReadError, RpcRefusal};
use std::time::Duration;

/// How many blocks a node may be behind what others have seen already, and still be on its way.
const LATE: u64 = 10;
/// How long a node is left alone.
const PAUSE: Duration = Duration::from_millis(200);
/// How often it is asked again.
const TRIES: u32 = 15;

/// How often a node was waited for.
#[derive(Debug, Default)]
pub(super) struct Patience(u32);

impl Patience {
    /// Waits, when the node only is busy or late, and not for too long by now; whether it did.
    pub async fn waits_after(&mut self, error: &CallError) -> bool {
        let is_busy = matches!(error, CallError::Refused { code: BUSY, .. });
        if !(is_busy || is_late(error)) || self.0 >= TRIES {
            return false;
        }
        self.0 += 1;
        tokio::time::sleep(PAUSE).await;
        true
    }
}

/// Whether a node has not come to a height that another had a moment ago.
fn is_late(error: &CallError) -> bool {
    match error.refusal() {
        Some(
            RpcRefusal::Read(ReadError::NotYet { height, head })
            | RpcRefusal::ReleaseRead(ReadError::NotYet { height, head }),
        ) => height <= head.plus(LATE),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::Height;
    use tokio::time::Instant;

    fn refused(refusal: &RpcRefusal) -> CallError {
        let data = serde_json::to_value(refusal).unwrap();
        CallError::Refused { code: refusal.code(), message: refusal.to_string(), data: Some(data) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_is_busy_is_asked_again_for_three_seconds() {
        let busy = CallError::Refused { code: BUSY, message: "try again in a moment".into(), data: None };
        let (mut patience, began) = (Patience::default(), Instant::now());
        while patience.waits_after(&busy).await {}
        assert_eq!(began.elapsed().as_secs(), 3);
    }

    #[tokio::test]
    async fn o51_a_node_that_is_only_late_is_waited_for_and_no_other() {
        let not_yet = |height| ReadError::NotYet { height: Height(height), head: Height(145) };
        for late in [RpcRefusal::Read(not_yet(146)), RpcRefusal::ReleaseRead(not_yet(155))] {
            assert!(Patience::default().waits_after(&refused(&late)).await, "{late}");
            assert!(!Patience(TRIES).waits_after(&refused(&late)).await, "not for ever");
        }
        for other in [RpcRefusal::Read(not_yet(156)), RpcRefusal::NoCertificate] {
            assert!(!Patience::default().waits_after(&refused(&other)).await, "{other}");
        }
    }
}
