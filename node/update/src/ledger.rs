//! Which source did what, so that none is asked again and every fault is told.

use super::fault::Fault;
use super::progress::{FetchProgress, Tell};
use super::source::ArtifactSource;
use std::sync::{Arc, Mutex, PoisonError};

/// The faults of one fetch.
pub(super) struct SourceLedger {
    tell: Tell,
    faults: Mutex<Vec<(String, Fault)>>,
}

impl SourceLedger {
    pub fn new(tell: Tell) -> Self {
        Self { tell, faults: Mutex::default() }
    }

    /// Writes down why a source was given up, once.
    pub fn blame(&self, source: &dyn ArtifactSource, fault: Fault) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.iter().any(|(name, _)| name == source.name()) {
            return;
        }
        tracing::warn!(source = source.name(), code = fault.code(), "{fault}");
        (self.tell)(FetchProgress::SourceFailed {
            source: source.name().into(),
            code: fault.code(),
            reason: fault.to_string(),
        });
        faults.push((source.name().into(), fault));
    }

    /// Writes the same down for every source that was not given up yet.
    pub fn blame_rest<'a>(&self, sources: impl IntoIterator<Item = &'a Arc<dyn ArtifactSource>>, fault: &Fault) {
        for source in sources {
            self.blame(source.as_ref(), fault.clone());
        }
    }

    /// Whether a source was given up.
    pub fn blamed(&self, source: &dyn ArtifactSource) -> bool {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|(name, _)| name == source.name())
    }

    /// Every source that was given up, the first one first.
    pub fn faults(&self) -> Vec<(String, Fault)> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
