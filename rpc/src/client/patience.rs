//! Waiting for a node that is busy.

use super::CallError;
use crate::error::BUSY;
use std::time::Duration;

/// How long a node that is busy is left alone.
const PAUSE: Duration = Duration::from_millis(200);
/// How often it is asked again.
const TRIES: u32 = 15;

/// How often a busy node was waited for.
#[derive(Debug, Default)]
pub(super) struct Patience(u32);

impl Patience {
    /// Waits, when the node only is busy, and not for too long by now; whether it did.
    pub async fn waits_after(&mut self, error: &CallError) -> bool {
        let is_busy = matches!(error, CallError::Refused { code: BUSY, .. });
        if !is_busy || self.0 >= TRIES {
            return false;
        }
        self.0 += 1;
        tokio::time::sleep(PAUSE).await;
        true
    }
}
