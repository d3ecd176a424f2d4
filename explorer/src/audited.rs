//! What was found of the index by whoever goes through it: written by one, and read by every answer.

use rpc::views::{AuditIntegrity, AuditWalk};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What was found of the index so far. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct IndexAudit(Arc<Mutex<AuditWalk>>);

impl IndexAudit {
    /// What was found.
    pub fn answer(&self) -> AuditIntegrity {
        self.held().answer()
    }

    /// How far the walk is, to go on with.
    pub fn walk(&self) -> AuditWalk {
        self.held().clone()
    }

    /// It went on so far.
    pub fn set(&self, walk: AuditWalk) {
        *self.held() = walk;
    }

    fn held(&self) -> MutexGuard<'_, AuditWalk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
