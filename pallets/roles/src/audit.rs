//! How the audit log has what happens to those who have roles.

use crate::{Error, Event, RoleKey};
use primitives::{AlertSeverity, AuditActivity, EntityActivity, FactMarks};
use state::{AuditedEvent, AuditedRefusal};

/// The kinds of changes that are critical to be refused to somebody with a role, as the beginnings of actions.
const CRITICAL_ACTIONS: [&str; 2] = ["rollback.", "phase."];

impl AuditedEvent for Event {
    fn activity(&self) -> AuditActivity {
        AuditActivity::Entity(match self {
            Event::MemberCame { .. } => EntityActivity::Enrolled,
            Event::MemberWent { .. } => EntityActivity::Unenrolled,
            Event::MembersSet { .. } => EntityActivity::Updated,
        })
    }

    fn marks(&self) -> FactMarks {
        let RoleKey { plan, role } = self.key();
        match self {
            Event::MemberWent { by: None, .. } => FactMarks::under(plan, "resign").by(role),
            Event::MemberCame { by, .. } | Event::MemberWent { by, .. } => {
                FactMarks::under(plan, format!("appoint.{role}")).by(by.as_ref().map(|by| &by.role))
            }
            Event::MembersSet { .. } => FactMarks::under(plan, "members"),
        }
    }
}

impl AuditedRefusal for Error {
    /// Who has a role of the plan, and asked for more than it lets do, is warned of; a stranger is not, so that nobody floods a pager.
    fn severity(&self) -> AlertSeverity {
        match self {
            Error::Role { insider: true, action, .. } => {
                let is_critical = CRITICAL_ACTIONS.iter().any(|kind| action.as_str().starts_with(kind));
                if is_critical { AlertSeverity::Critical } else { AlertSeverity::Warn }
            }
            Error::OutsideScope { .. } | Error::WiderRole { .. } => AlertSeverity::Warn,
            Error::Role { insider: false, .. }
            | Error::UnknownRole(_)
            | Error::AlreadyMember { .. }
            | Error::NotMember { .. }
            | Error::LastMember { .. }
            | Error::Full { .. }
            | Error::NamedTwice(_) => AlertSeverity::Info,
        }
    }

    fn code(&self) -> Option<&'static str> {
        Some(self.code())
    }

    fn marks(&self) -> FactMarks {
        match self {
            Error::Role { plan, role, action, scope, .. } => {
                FactMarks::under(plan, action.as_str()).by(role).at(scope.as_str())
            }
            Error::UnknownRole(key)
            | Error::AlreadyMember { key, .. }
            | Error::NotMember { key, .. }
            | Error::LastMember { key, .. }
            | Error::WiderRole { key, .. }
            | Error::Full { key, .. } => FactMarks::of_plan(&key.plan).by(&key.role),
            Error::OutsideScope { acting, scope } => FactMarks::default().by(acting).at(scope.as_str()),
            Error::NamedTwice(_) => FactMarks::default(),
        }
    }
}
