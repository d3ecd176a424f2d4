//! Why this node's witness does not vouch for the log, for whoever asks how the node is.

use crate::metrics::NodeMetrics;
use std::sync::{Arc, Mutex, PoisonError};

/// What keeps the witness from signing; nothing where it signs, or has nothing to sign. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct WitnessTrouble(Arc<Mutex<Option<String>>>);

impl WitnessTrouble {
    /// What is to be said.
    pub fn told(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says how it stands now; what is new goes into the log.
    pub(super) fn set(&self, trouble: Option<String>, metrics: &NodeMetrics) {
        metrics.log().refuses(trouble.is_some());
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trouble) = trouble.as_ref().filter(|trouble| told.as_ref() != Some(*trouble)) {
            tracing::error!("{trouble}");
        }
        *told = trouble;
    }
}
