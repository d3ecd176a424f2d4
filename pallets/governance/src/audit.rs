//! How the audit log has what happens to proposals. What the motion of one is about is its own pallet's to say.

use crate::{Error, Event};
use primitives::FactMarks;
use state::{AuditedEvent, AuditedRefusal};

impl<M> AuditedEvent for Event<M> {}

impl AuditedRefusal for Error {
    fn code(&self) -> Option<&'static str> {
        match self {
            Error::NotMember { .. } => Some("E_NOT_MEMBER"),
            Error::ReasonMissing(_) => Some("E_REASON"),
            Error::CouncilOnly => Some("E_COUNCIL_ONLY"),
            _ => None,
        }
    }

    fn marks(&self) -> FactMarks {
        match self {
            Error::NotMember { key, .. } => FactMarks::under(&key.plan, "vote").by(&key.role),
            _ => FactMarks::default(),
        }
    }
}
