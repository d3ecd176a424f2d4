//! How the audit log has what happens to flags.

use crate::{Error, Event};
use primitives::{AlertSeverity, AuditActivity, EntityActivity, FactMarks, Path, RecordClass};
use state::{AuditedEvent, AuditedRefusal};

impl AuditedEvent for Event {
    fn severity(&self) -> AlertSeverity {
        match self {
            Event::Expired { .. } => AlertSeverity::Warn,
            Event::Defined { .. } | Event::Edited { .. } | Event::Retired { .. } | Event::TokensRevoked { .. } => {
                AlertSeverity::Info
            }
        }
    }

    fn record_class(&self) -> RecordClass {
        match self {
            Event::TokensRevoked { .. } => RecordClass::Security,
            Event::Defined { .. } | Event::Edited { .. } | Event::Retired { .. } | Event::Expired { .. } => {
                RecordClass::Audit
            }
        }
    }

    fn activity(&self) -> AuditActivity {
        AuditActivity::Entity(match self {
            Event::Defined { .. } => EntityActivity::Created,
            Event::Edited { .. } | Event::Expired { .. } => EntityActivity::Updated,
            Event::Retired { .. } => EntityActivity::Deleted,
            Event::TokensRevoked { .. } => EntityActivity::Deactivated,
        })
    }

    fn marks(&self) -> FactMarks {
        match self {
            Event::Defined { plan, by, .. } | Event::Edited { plan, by, .. } | Event::Retired { plan, by, .. } => {
                FactMarks::under(plan, "flag").by(&by.role).at(Path::ROOT.as_str())
            }
            Event::Expired { plan, .. } => FactMarks::under(plan, "expired").at(Path::ROOT.as_str()),
            Event::TokensRevoked { plan, by, .. } => FactMarks::under(plan, "token").by(&by.role),
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

    fn marks(&self) -> FactMarks {
        match self {
            Error::FlagUnknown { plan, .. }
            | Error::FlagTaken { plan, .. }
            | Error::SegmentUnknown { plan, .. }
            | Error::ShareFull { plan, .. } => FactMarks::of_plan(plan),
            Error::BadPath { plan, path, .. } => FactMarks::of_plan(plan).at(path.as_str()),
            Error::Prerequisite { path, .. } | Error::Disabled { above: path, .. } | Error::SetTwice { path, .. } => {
                FactMarks::default().at(path.as_str())
            }
            _ => FactMarks::default(),
        }
    }
}
