//! How the audit log has those who vouch for the log of blocks: who may is of its security, and so is that somebody did.

use crate::{Error, Event};
use primitives::{AuditActivity, EntityActivity, RecordClass};
use state::{AuditedEvent, AuditedRefusal};

impl AuditedEvent for Event {
    fn record_class(&self) -> RecordClass {
        match self {
            Event::Registered { .. } | Event::Retired { .. } | Event::Cosigned { .. } => RecordClass::Security,
        }
    }

    fn activity(&self) -> AuditActivity {
        AuditActivity::Entity(match self {
            Event::Registered { .. } => EntityActivity::Enrolled,
            Event::Retired { .. } => EntityActivity::Unenrolled,
            Event::Cosigned { .. } => EntityActivity::Other,
        })
    }
}

impl AuditedRefusal for Error {
    fn code(&self) -> Option<&'static str> {
        Some(self.code())
    }
}
