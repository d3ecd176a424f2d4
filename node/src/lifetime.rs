//! Whether the build that runs may go on running: asked before every height, as boot asks once.
//!
//! Governance announces the end of a build a notice period before ([`releases::Stop`]). The node says so in its log at every
//! epoch, in `node.health` and as a metric, and stops before it would vote in the first epoch in which the build may not run.

use crate::metrics::NodeMetrics;
use primitives::{BuildHash, Epoch};
use releases::Stop;
use releases::queries::stop;
use state::State;
use std::sync::{Mutex, PoisonError};

/// The build may not take part in the next block.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Retired(String);

/// The life of the build that runs.
pub struct Lifetime {
    build: BuildHash,
    metrics: NodeMetrics,
    /// The epoch in which its end was last announced.
    said_in: Mutex<Option<Epoch>>,
}

impl Lifetime {
    /// The life of `build`, reported to `metrics`.
    pub fn new(build: BuildHash, metrics: NodeMetrics) -> Self {
        Self { build, metrics, said_in: Mutex::default() }
    }

    /// Announces the end that state has for the build, if any, once an epoch.
    ///
    /// # Errors
    /// When a block of epoch `next` must not be signed by this build. A build that is not known here yet was started by a
    /// ticket, and catches up.
    pub fn require(&self, state: &State, next: Epoch) -> Result<(), Retired> {
        let end = stop(state, &self.build);
        self.metrics.build_end(end.as_ref().map(|end| end.epoch));
        let Some(end) = end else { return Ok(()) };
        let warning = warning(&self.build, &end);
        if next >= end.epoch {
            return Err(Retired(warning));
        }
        let said_in = self.said_in.lock().unwrap_or_else(PoisonError::into_inner).replace(next);
        if said_in != Some(next) {
            tracing::error!(epoch = %next, stops_at = %end.epoch, "{warning}");
        }
        Ok(())
    }
}

/// The end of a build, in words for its operator.
pub fn warning(build: &BuildHash, end: &Stop) -> String {
    format!(
        "from epoch {} on, build {build} {}; install the active release, which `contract gov releases` lists",
        end.epoch, end.verdict
    )
}
