//! How the audit log has what happens to releases.

use crate::{Error, Event};
use primitives::RecordClass;
use state::{AuditedEvent, AuditedRefusal};

impl AuditedEvent for Event {
    /// What nodes and builders say of builds is measured; all else was decided.
    fn record_class(&self) -> RecordClass {
        match self {
            Event::Installed { .. }
            | Event::Reported { .. }
            | Event::Rebuilt { .. }
            | Event::Held { .. }
            | Event::Advertised { .. }
            | Event::LeftFleet { .. } => RecordClass::Metrics,
            Event::ParamsSet { .. }
            | Event::Approved { .. }
            | Event::Revealed { .. }
            | Event::RosterSet(_)
            | Event::SignerLeft { .. }
            | Event::Revoked { .. }
            | Event::MinimumSequenceRaised { .. }
            | Event::SupportEnds { .. }
            | Event::Amended { .. } => RecordClass::Audit,
        }
    }
}

impl AuditedRefusal for Error {
    fn code(&self) -> Option<&'static str> {
        match self {
            Error::AlreadyAdvertised { .. } => Some("E_ADVERTISED"),
            Error::LevelTooLow { .. } => Some("E_LEVEL"),
            _ => None,
        }
    }
}
