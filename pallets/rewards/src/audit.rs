//! How the audit log has what presence is paid.

use crate::{Error, Event};
use primitives::RecordClass;
use state::{AuditedEvent, AuditedRefusal};

impl AuditedEvent for Event {
    /// Who was there is measured; what was paid for it was moved.
    fn record_class(&self) -> RecordClass {
        match self {
            Event::Began { .. } | Event::Attended { .. } | Event::Dropped { .. } => RecordClass::Metrics,
            Event::ParamsSet { .. }
            | Event::Rewarded { .. }
            | Event::Funded { .. }
            | Event::Collected { .. }
            | Event::Lapsed { .. } => RecordClass::Audit,
        }
    }
}

impl AuditedRefusal for Error {
    fn code(&self) -> Option<&'static str> {
        match self {
            Error::Accounts(_) => None,
            Error::NothingDue { .. } => Some("E_POOL"),
        }
    }
}
