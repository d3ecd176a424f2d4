//! How the audit log has what is open: what went wrong or could, what was done about it, and what is kept because of it.

use crate::{Error, Event};
use primitives::{
    AlertSeverity, AuditActivity, CaseId, EntityActivity, FactMarks, FindingActivity, Name, Path, RecordClass,
};
use state::{AuditedEvent, AuditedRefusal};

impl AuditedEvent for Event {
    /// What somebody says of how bad an incident is counts for as much; to play it down is critical.
    fn severity(&self) -> AlertSeverity {
        match self {
            Event::Classified { .. } if self.is_downgrade() => AlertSeverity::Critical,
            Event::Classified { severity, .. } => *severity,
            Event::Reported { .. }
            | Event::Dismissed { .. }
            | Event::Detected { .. }
            | Event::Responded { .. }
            | Event::Resolved { .. }
            | Event::RiskOpened { .. }
            | Event::RiskMitigated { .. }
            | Event::RiskAccepted { .. }
            | Event::RiskClosed { .. }
            | Event::Held { .. }
            | Event::Released { .. }
            | Event::Abandoned { .. }
            | Event::Dropped { .. }
            | Event::Retained { .. } => AlertSeverity::Info,
        }
    }

    fn is_downgrade(&self) -> bool {
        matches!(self, Event::Classified { asked, severity, .. } if asked < severity)
    }

    fn record_class(&self) -> RecordClass {
        RecordClass::Compliance
    }

    fn activity(&self) -> AuditActivity {
        match self {
            Event::Detected { .. } => AuditActivity::Incident(FindingActivity::Created),
            Event::Classified { .. } | Event::Responded { .. } => AuditActivity::Incident(FindingActivity::Updated),
            Event::Resolved { .. } => AuditActivity::Incident(FindingActivity::Closed),
            Event::Reported { .. } | Event::RiskOpened { .. } => AuditActivity::Entity(EntityActivity::Created),
            Event::RiskMitigated { .. } | Event::RiskAccepted { .. } | Event::Retained { .. } => {
                AuditActivity::Entity(EntityActivity::Updated)
            }
            Event::Dismissed { .. } | Event::RiskClosed { .. } | Event::Abandoned { .. } | Event::Dropped { .. } => {
                AuditActivity::Entity(EntityActivity::Deleted)
            }
            Event::Held { .. } => AuditActivity::Entity(EntityActivity::Suspended),
            Event::Released { .. } => AuditActivity::Entity(EntityActivity::Resumed),
        }
    }

    fn marks(&self) -> FactMarks {
        let done = |plan: &Name, action: &str, path: &Path, case: &CaseId| {
            FactMarks::under(plan, action).at(path.as_str()).of_case(*case)
        };
        match self {
            Event::Reported { plan, case, path, .. } => done(plan, "report", path, case),
            Event::Dismissed { plan, case, path, by, .. }
            | Event::Detected { plan, case, path, by, .. }
            | Event::Classified { plan, case, path, by, .. }
            | Event::Responded { plan, case, path, by, .. }
            | Event::Resolved { plan, case, path, by, .. } => done(plan, "incident", path, case).by(&by.role),
            Event::RiskOpened { plan, case, path, by, .. }
            | Event::RiskMitigated { plan, case, path, by, .. }
            | Event::RiskClosed { plan, case, path, by, .. } => done(plan, "risk", path, case).by(&by.role),
            Event::RiskAccepted { plan, case, path, .. } => done(plan, "accept_risk", path, case),
            Event::Held { plan, case, path, by, .. } => done(plan, "hold", path, case).by(&by.role),
            Event::Released { plan, case, path, by, .. } => {
                done(plan, "hold", path, case).by(by.as_ref().map(|by| &by.role))
            }
            Event::Abandoned { plan, case, path, .. } => done(plan, "abandoned", path, case),
            Event::Dropped { plan, case, path } => done(plan, "dropped", path, case),
            Event::Retained { plan, case, path, .. } => done(plan, "retained", path, case),
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
