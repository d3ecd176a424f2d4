//! How the audit log has what happens to plans, changes and statements.
//!
//! Critical is what switched something off or took it back, and what a vote was owed for and did not come; of what was refused, a rollback
//! or a phase that somebody with a role asked for. A warning is what was refused because something stands still.

use crate::change::{ChangeRequest, Effect, Effected, Execution, SubmittedChange};
use crate::plan::Missed;
use crate::statement::{Stated, StatementOutcome, StatementSubject};
use crate::{Error, Event, PhaseFlaw};
use primitives::{AlertSeverity, AuditActivity, EntityActivity, FactMarks, FindingActivity, Name, Path, RecordClass};
use roles::Actor;
use state::{AuditedEvent, AuditedRefusal};
use std::collections::BTreeSet;

/// The signal that a validator's own store, or an explorer's index, does not hang together.
const AUDIT_INTEGRITY: &str = "audit_integrity";

impl AuditedEvent for Event {
    fn severity(&self) -> AlertSeverity {
        match self {
            Event::Submitted { change, execution, .. } => {
                let is_emergency =
                    matches!(change.asked.request, ChangeRequest::Disable { .. } | ChangeRequest::Rollback { .. });
                execution.as_deref().map_or(AlertSeverity::Info, |execution| of_execution(execution, is_emergency))
            }
            Event::Executed { execution, .. } => of_execution(execution, false),
            // A vote that is missed opens an incident, unless one is open for the change already.
            Event::Missed { then, opened, .. } => match then {
                Missed::Hold | Missed::Restore => AlertSeverity::Critical,
                Missed::Block if opened.is_some() => AlertSeverity::Critical,
                Missed::Block => AlertSeverity::Warn,
            },
            Event::Reverted { .. } => AlertSeverity::Critical,
            // A signal is as bad as the incident that it opens.
            Event::Stated { stated, opened, .. } => {
                let incident = opened.as_ref().filter(|opened| !opened.as_report);
                of_statement(stated).max(incident.map_or(AlertSeverity::Info, |opened| opened.floor))
            }
            Event::Installed { .. }
            | Event::Retired { .. }
            | Event::Approved { .. }
            | Event::Announced { .. }
            | Event::Stepped { .. }
            | Event::Closed { .. }
            | Event::Met { .. }
            | Event::Ended { .. }
            | Event::Thawed { .. }
            | Event::Voided { .. }
            | Event::Dropped { .. }
            | Event::AmendmentAsked { .. }
            | Event::AmendmentEnded { .. } => AlertSeverity::Info,
        }
    }

    /// Who moved what is of the audit; what was promised, and whether it was held, is of compliance.
    fn record_class(&self) -> RecordClass {
        match self {
            Event::AmendmentAsked { .. }
            | Event::Installed { .. }
            | Event::Retired { .. }
            | Event::Submitted { .. }
            | Event::Executed { .. }
            | Event::Stepped { .. }
            | Event::Reverted { .. } => RecordClass::Audit,
            Event::Approved { .. }
            | Event::Announced { .. }
            | Event::Closed { .. }
            | Event::Stated { .. }
            | Event::Met { .. }
            | Event::Missed { .. }
            | Event::Ended { .. }
            | Event::Thawed { .. }
            | Event::Voided { .. }
            | Event::Dropped { .. }
            | Event::AmendmentEnded { .. } => RecordClass::Compliance,
        }
    }

    fn activity(&self) -> AuditActivity {
        match self {
            Event::Stated { .. } | Event::Approved { .. } => AuditActivity::Verdict(FindingActivity::Created),
            Event::Missed { .. } => AuditActivity::Verdict(FindingActivity::Updated),
            Event::Met { .. } | Event::Voided { .. } => AuditActivity::Verdict(FindingActivity::Closed),
            Event::Installed { installation, .. } if installation.plan.version > 1 => {
                AuditActivity::Entity(EntityActivity::Updated)
            }
            Event::Installed { .. } | Event::Submitted { execution: None, .. } | Event::AmendmentAsked { .. } => {
                AuditActivity::Entity(EntityActivity::Created)
            }
            Event::Submitted { change, execution: Some(execution), .. } => {
                AuditActivity::Entity(match change.asked.request {
                    ChangeRequest::Freeze { .. } => EntityActivity::Suspended,
                    ChangeRequest::Rollback { .. } => EntityActivity::Deactivated,
                    _ => carried_out(execution),
                })
            }
            Event::Executed { execution, .. } => AuditActivity::Entity(carried_out(execution)),
            Event::Stepped { .. } => AuditActivity::Entity(EntityActivity::Activated),
            Event::Announced { .. } | Event::Closed { .. } => AuditActivity::Entity(EntityActivity::Updated),
            Event::Reverted { .. } => AuditActivity::Entity(EntityActivity::Deactivated),
            Event::Thawed { .. } => AuditActivity::Entity(EntityActivity::Resumed),
            Event::Retired { .. } | Event::Ended { .. } | Event::AmendmentEnded { .. } | Event::Dropped { .. } => {
                AuditActivity::Entity(EntityActivity::Deleted)
            }
        }
    }

    fn marks(&self) -> FactMarks {
        let done = |plan: &Name, action: &str, by: &Actor| FactMarks::under(plan, action).by(&by.role);
        let root = Path::ROOT;
        match self {
            Event::Installed { installation, .. } => {
                FactMarks::under(&installation.plan.name, "install").at(root.as_str())
            }
            Event::Retired { plan, by, .. } => done(plan, "retire", by).at(root.as_str()),
            Event::Submitted { change, incident, .. } => submitted(change).of_case(*incident),
            Event::Approved { plan, change, .. } => FactMarks::under(plan, "approved").of_change(*change),
            Event::Announced { plan, change, by, .. } => done(plan, "announce", by).of_change(*change),
            Event::Executed { plan, change, by, execution } => {
                let marks = done(plan, "execute", by).of_change(*change).of_case(execution.incident);
                moved(marks, &execution.effects)
            }
            Event::Stepped { plan, change, by, effects, .. } => {
                moved(done(plan, "step", by).of_change(*change), effects)
            }
            Event::Closed { plan, change, by, .. } => done(plan, "close", by).of_change(*change),
            Event::Stated { plan, stated, opened, .. } => {
                said(plan, stated).of_case(opened.as_ref().map(|opened| opened.id))
            }
            Event::Met { plan, change, .. } => FactMarks::under(plan, "met").of_change(*change),
            Event::Missed { plan, change, effects, opened, .. } => {
                let marks = FactMarks::under(plan, "missed").of_change(*change);
                moved(marks, effects).of_case(opened.as_ref().map(|opened| opened.id))
            }
            Event::Reverted { plan, change, effects, .. } => {
                moved(FactMarks::under(plan, "reverted").of_change(*change), effects)
            }
            Event::Ended { plan, change, .. } => FactMarks::under(plan, "ended").of_change(*change),
            Event::Thawed { plan, change, .. } => FactMarks::under(plan, "thawed").of_change(*change),
            Event::Voided { plan, change, .. } => FactMarks::under(plan, "voided").of_change(*change),
            Event::Dropped { plan, change, .. } => FactMarks::under(plan, "dropped").of_change(*change),
            Event::AmendmentAsked { plan, by, .. } => done(plan, "amend", by).at(root.as_str()),
            Event::AmendmentEnded { plan, .. } => FactMarks::under(plan, "amendment_ended").at(root.as_str()),
        }
    }
}

/// What came of a change, by what moved; a map of what a stage serves is there of a promotion or a demotion alone.
fn carried_out(execution: &Execution) -> EntityActivity {
    let switched = |to_off: bool| {
        execution.effects.iter().any(|effect| match effect {
            Effected::Flag { before, after, .. } => before.disabled != after.disabled && after.disabled == to_off,
            Effected::Segment { .. } => false,
        })
    };
    if execution.incident.is_some() || !execution.reverts.is_empty() {
        EntityActivity::Deactivated
    } else if switched(true) {
        EntityActivity::Disabled
    } else if switched(false) {
        EntityActivity::Enabled
    } else if execution.map.is_empty() {
        EntityActivity::Updated
    } else {
        EntityActivity::Activated
    }
}

/// What was carried out says no kind: a rollback is linked to an incident, and what a disable moved is switched off.
fn of_execution(execution: &Execution, is_emergency: bool) -> AlertSeverity {
    if is_emergency || execution.incident.is_some() || switches_off(&execution.effects) {
        AlertSeverity::Critical
    } else if execution.bypasses {
        AlertSeverity::Warn
    } else {
        AlertSeverity::Info
    }
}

/// Whether a flag is off by it for everybody who was served it there.
fn switches_off(effects: &[Effected]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effected::Flag { before, after, .. } if !before.disabled && after.disabled))
}

fn of_statement(Stated { statement, .. }: &Stated) -> AlertSeverity {
    match statement.outcome {
        StatementOutcome::Failed if statement.key.as_str() == AUDIT_INTEGRITY => AlertSeverity::Critical,
        StatementOutcome::Failed | StatementOutcome::Warned => AlertSeverity::Warn,
        StatementOutcome::Passed | StatementOutcome::Waived => AlertSeverity::Info,
    }
}

fn submitted(change: &SubmittedChange) -> FactMarks {
    let marks = FactMarks::under(&change.plan, format!("{}.submit", change.kind()));
    let marks = marks.by(change.by.as_ref().map(|by| &by.role)).of_change(change.id);
    let paths: BTreeSet<Path> = match &change.asked.request {
        ChangeRequest::Set { effects } => effects.iter().map(asked_at).collect(),
        ChangeRequest::Disable { scope, .. } | ChangeRequest::Freeze { scope, .. } => BTreeSet::from([scope.clone()]),
        ChangeRequest::Promote { to: stage, .. }
        | ChangeRequest::Demote { to: stage }
        | ChangeRequest::Rollback { stage, .. } => return marks.at(stage.as_str()),
        ChangeRequest::Phase { .. } => BTreeSet::from([Path::ROOT]),
    };
    covering(marks, &paths)
}

/// A segment is of the whole plan.
fn asked_at(effect: &Effect) -> Path {
    match effect {
        Effect::Flag { path, .. } => path.clone(),
        Effect::Segment { .. } => Path::ROOT,
    }
}

fn moved(marks: FactMarks, effects: &[Effected]) -> FactMarks {
    let path = |effect: &Effected| match effect {
        Effected::Flag { path, .. } => path.clone(),
        Effected::Segment { .. } => Path::ROOT,
    };
    covering(marks, &effects.iter().map(path).collect())
}

/// At the one path that covers some; of what moves nowhere, at none.
fn covering(marks: FactMarks, paths: &BTreeSet<Path>) -> FactMarks {
    let Some(first) = paths.first() else { return marks };
    let covers = |path: &Path| paths.iter().all(|other| other.is_under(path));
    let nearest = first.ancestors().find(covers);
    marks.at(nearest.unwrap_or(Path::ROOT).as_str())
}

fn said(plan: &Name, Stated { statement, actor, .. }: &Stated) -> FactMarks {
    let marks = FactMarks::under(plan, "state").by(&actor.role);
    match &statement.about {
        StatementSubject::Change(change) => marks.of_change(*change),
        StatementSubject::Scope(path) => marks.at(path.as_str()),
        StatementSubject::Stage(stage) => marks.at(stage.as_str()),
        StatementSubject::Plan => marks.at(Path::ROOT.as_str()),
        StatementSubject::Artifact(_) | StatementSubject::Phase(_) => marks,
    }
}

impl AuditedRefusal for Error {
    fn within(&self) -> Option<&dyn AuditedRefusal> {
        match self {
            Error::Role(error) => Some(&**error),
            Error::Flag(error) => Some(&**error),
            Error::Artifact(error) => Some(&**error),
            _ => None,
        }
    }

    fn severity(&self) -> AlertSeverity {
        match self {
            Error::Phase(flaw) => of_phase(flaw),
            // Nobody without the grant comes as far as these.
            Error::Rollback(_) | Error::TriggerUnknown { .. } => AlertSeverity::Critical,
            // Something stands still, which names that never change say.
            error if ["E_WINDOW", "E_FROZEN", "E_PAUSED"].contains(&error.code()) => AlertSeverity::Warn,
            _ => AlertSeverity::Info,
        }
    }

    fn code(&self) -> Option<&'static str> {
        Some(self.code())
    }

    /// The plan where its sentence says it, and otherwise the change, whose plan is known.
    fn marks(&self) -> FactMarks {
        match self {
            Error::PlanUnknown { plan }
            | Error::PlanTaken { plan }
            | Error::NameReserved { plan }
            | Error::PlanInvalid { plan, .. }
            | Error::PlanVersion { plan, .. }
            | Error::NotNextVersion { plan, .. }
            | Error::StakeOnly { plan }
            | Error::StillLive { plan, .. }
            | Error::DocumentMissing { plan, .. }
            | Error::StageUnknown { plan, .. }
            | Error::OneWay { plan, .. }
            | Error::ProcedureMissing { plan, .. }
            | Error::CauseUnknown { plan, .. }
            | Error::TriggerUnknown { plan, .. }
            | Error::TooManyOpen { plan, .. }
            | Error::CheckUnknown { plan, .. }
            | Error::OfApplication { plan }
            | Error::NotInstaller { plan, .. } => FactMarks::of_plan(plan),
            Error::ChangeUnknown { plan, change } | Error::Frozen { plan, change, .. } => {
                FactMarks::of_plan(plan).of_change(*change)
            }
            Error::Paused { change, path } | Error::Overdue { change, path, .. } => {
                FactMarks::default().of_change(*change).at(path.as_str())
            }
            Error::PausedLately { path, role, .. } => FactMarks::default().by(role).at(path.as_str()),
            Error::NotInState { change, .. }
            | Error::TooEarly { change, .. }
            | Error::DutiesOwed { change, .. }
            | Error::NotSubmitter { change }
            | Error::NotReady { change, .. }
            | Error::SelfApproval { change }
            | Error::OtherText { change, .. }
            | Error::ChainOpens { change, .. }
            | Error::NoSuchChange(change) => FactMarks::default().of_change(*change),
            _ => FactMarks::default(),
        }
    }
}

/// Who would move a phase otherwise than it goes is critical, and who would change what a phase does not let through is warned of.
fn of_phase(flaw: &PhaseFlaw) -> AlertSeverity {
    match flaw {
        PhaseFlaw::NotNext { .. } | PhaseFlaw::Before { .. } => AlertSeverity::Critical,
        PhaseFlaw::Planned { .. } | PhaseFlaw::Locked { .. } | PhaseFlaw::Frozen { .. } => AlertSeverity::Warn,
        PhaseFlaw::Unknown { .. }
        | PhaseFlaw::Missing { .. }
        | PhaseFlaw::Needless { .. }
        | PhaseFlaw::OfArtifact { .. } => AlertSeverity::Info,
    }
}
