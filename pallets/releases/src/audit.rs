//! How the audit log has what happens to releases.

use crate::{Error, Event};
use primitives::RecordClass;
use state::{AuditedEvent, AuditedRefusal};

impl AuditedEvent for Event {
    /// What nodes and builders say of builds is measured, as is who may say no more; all else was decided.
    fn record_class(&self) -> RecordClass {
        match self {
            Event::LeftFleet { .. } => RecordClass::Metrics,
            event if event.speaker().is_some() => RecordClass::Metrics,
            _ => RecordClass::Audit,
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
