//! How the audit log has what happens to what can be promoted.

use crate::{Error, Event};
use primitives::{AuditActivity, EntityActivity, FactMarks, RecordClass};
use state::{AuditedEvent, AuditedRefusal};

impl AuditedEvent for Event {
    fn record_class(&self) -> RecordClass {
        match self {
            Event::Registered { .. } | Event::Marked { .. } => RecordClass::Audit,
            Event::ArtifactReleased { .. } => RecordClass::Compliance,
        }
    }

    fn activity(&self) -> AuditActivity {
        AuditActivity::Entity(match self {
            Event::Registered { .. } => EntityActivity::Created,
            Event::Marked { .. } => EntityActivity::Updated,
            Event::ArtifactReleased { .. } => EntityActivity::Deleted,
        })
    }

    fn marks(&self) -> FactMarks {
        match self {
            Event::Registered { plan, scope, by, .. } | Event::Marked { plan, scope, by, .. } => {
                FactMarks::under(plan, "artifact").by(&by.role).at(scope.as_str())
            }
            Event::ArtifactReleased { plan, .. } => FactMarks::under(plan, "released"),
        }
    }
}

impl AuditedRefusal for Error {
    fn within(&self) -> Option<&dyn AuditedRefusal> {
        match self {
            Error::Role(error) => Some(&**error),
            _ => None,
        }
    }

    fn code(&self) -> Option<&'static str> {
        Some(self.code())
    }
}
