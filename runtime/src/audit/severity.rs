//! How bad a fact is: computed, never stored, so nobody who writes to the chain can lower it (REQ-139, REQ-152).
//!
//! Critical is what switched something off or took it back, what a vote was owed for and did not come, a proven offence, and whoever tried
//! to have something count for less; of what was refused, a rollback or a phase that somebody with a role asked for. A warning is what was
//! refused to somebody who has a role, or because something stands still. All else is for information, whatever strangers are refused: they
//! page nobody.

use crate::{Error, Event};
use rollouts::PhaseFlaw;
use rollouts::change::{ChangeRequest, Effected, Execution};
use rollouts::check::AlertSeverity;
use rollouts::plan;
use rollouts::statement::{Stated, StatementOutcome};

/// The signal that a validator's own store, or an explorer's index, does not hang together.
const AUDIT_INTEGRITY: &str = "audit_integrity";
/// The kinds of changes that are critical to be refused to somebody with a role, as the beginnings of actions.
const CRITICAL_ACTIONS: [&str; 2] = ["rollback.", "phase."];

/// That of what happened.
pub(super) fn of_event(event: &Event) -> AlertSeverity {
    match event {
        Event::Chain(_)
        | Event::Accounts(_)
        | Event::Governance(_)
        | Event::Releases(_)
        | Event::Roles(_)
        | Event::Rewards(_)
        | Event::Witnesses(_) => AlertSeverity::Info,
        Event::Staking(event) => of_staking(event),
        Event::Flags(event) => of_flags(event),
        Event::Artifacts(event) => of_artifacts(event),
        Event::Cases(event) => of_cases(event),
        Event::Rollouts(event) => of_rollouts(event),
    }
}

fn of_staking(event: &staking::Event) -> AlertSeverity {
    use staking::Event::*;
    match event {
        Punished { .. } => AlertSeverity::Critical,
        // What others bear of an offence that was told of already.
        Slashed { .. } => AlertSeverity::Warn,
        ParamsSet { .. }
        | Bonded { .. }
        | Unbonding { .. }
        | Unbonded { .. }
        | Elected { .. }
        | Forgotten { .. }
        | Unjailed { .. }
        | CommissionSet { .. }
        // The vote that turned the gate off was told of; this comes again in each epoch.
        | Unenforced { .. } => AlertSeverity::Info,
    }
}

fn of_flags(event: &flags::Event) -> AlertSeverity {
    use flags::Event::*;
    match event {
        Expired { .. } => AlertSeverity::Warn,
        Defined { .. } | Edited { .. } | Retired { .. } | TokensRevoked { .. } => AlertSeverity::Info,
    }
}

fn of_artifacts(event: &artifacts::Event) -> AlertSeverity {
    use artifacts::Event::*;
    match event {
        Registered { .. } | Marked { .. } | ArtifactReleased { .. } => AlertSeverity::Info,
    }
}

/// What somebody says of how bad an incident is counts for as much; to play it down is critical.
fn of_cases(event: &cases::Event) -> AlertSeverity {
    use cases::Event::*;
    match event {
        Classified { asked, severity, .. } => {
            if asked < severity {
                AlertSeverity::Critical
            } else {
                *severity
            }
        }
        Reported { .. }
        | Dismissed { .. }
        | Detected { .. }
        | Responded { .. }
        | Resolved { .. }
        | RiskOpened { .. }
        | RiskMitigated { .. }
        | RiskAccepted { .. }
        | RiskClosed { .. }
        | Held { .. }
        | Released { .. }
        | Abandoned { .. }
        | Dropped { .. }
        | Retained { .. } => AlertSeverity::Info,
    }
}

fn of_rollouts(event: &rollouts::Event) -> AlertSeverity {
    use rollouts::Event::*;
    match event {
        Submitted { change, execution, .. } => {
            let is_emergency =
                matches!(change.asked.request, ChangeRequest::Disable { .. } | ChangeRequest::Rollback { .. });
            execution.as_deref().map_or(AlertSeverity::Info, |execution| of_execution(execution, is_emergency))
        }
        Executed { execution, .. } => of_execution(execution, false),
        // A vote that is missed opens an incident, unless one is open for the change already.
        Missed { then, opened, .. } => match then {
            plan::Missed::Hold | plan::Missed::Restore => AlertSeverity::Critical,
            plan::Missed::Block if opened.is_some() => AlertSeverity::Critical,
            plan::Missed::Block => AlertSeverity::Warn,
        },
        Reverted { .. } => AlertSeverity::Critical,
        // A signal is as bad as the incident that it opens.
        Stated { stated, opened, .. } => {
            let incident = opened.as_ref().filter(|opened| !opened.as_report);
            of_statement(stated).max(incident.map_or(AlertSeverity::Info, |opened| opened.floor))
        }
        Installed { .. }
        | Retired { .. }
        | Approved { .. }
        | Announced { .. }
        | Stepped { .. }
        | Closed { .. }
        | Met { .. }
        | Ended { .. }
        | Thawed { .. }
        | Voided { .. }
        | Dropped { .. }
        | AmendmentAsked { .. }
        | AmendmentEnded { .. } => AlertSeverity::Info,
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

/// Whether what happened was asked to count for less than it does.
pub(super) fn is_downgrade(event: &Event) -> bool {
    matches!(event, Event::Cases(cases::Event::Classified { asked, severity, .. }) if asked < severity)
}

/// That of a refusal.
pub(super) fn of_error(error: &Error) -> AlertSeverity {
    match error {
        Error::Accounts(_)
        | Error::Staking(_)
        | Error::Governance(_)
        | Error::Releases(_)
        | Error::Rewards(_)
        | Error::Witnesses(_) => AlertSeverity::Info,
        Error::Roles(error) => of_role(error),
        Error::Flags(error) => of_flag_error(error),
        Error::Artifacts(error) => of_artifact_error(error),
        Error::Cases(error) => of_case_error(error),
        Error::Rollouts(rollouts::Error::Role(error)) => of_role(error),
        Error::Rollouts(rollouts::Error::Flag(error)) => of_flag_error(error),
        Error::Rollouts(rollouts::Error::Artifact(error)) => of_artifact_error(error),
        Error::Rollouts(rollouts::Error::Phase(flaw)) => of_phase(flaw),
        // Nobody without the grant comes as far as these.
        Error::Rollouts(rollouts::Error::Rollback(_) | rollouts::Error::TriggerUnknown { .. }) => {
            AlertSeverity::Critical
        }
        Error::Rollouts(error) => of_code(error.code()),
    }
}

fn of_flag_error(error: &flags::Error) -> AlertSeverity {
    match error {
        flags::Error::Role(error) => of_role(error),
        error => of_code(error.code()),
    }
}

fn of_artifact_error(error: &artifacts::Error) -> AlertSeverity {
    match error {
        artifacts::Error::Role(error) => of_role(error),
        error => of_code(error.code()),
    }
}

fn of_case_error(error: &cases::Error) -> AlertSeverity {
    match error {
        cases::Error::Role(error) => of_role(error),
        error => of_code(error.code()),
    }
}

/// Who has a role of the plan, and asked for more than it lets do, is warned of; a stranger is not, so that nobody floods a pager.
fn of_role(error: &roles::Error) -> AlertSeverity {
    use roles::Error::*;
    match error {
        Role { insider: true, action, .. } => {
            let is_critical = CRITICAL_ACTIONS.iter().any(|kind| action.as_str().starts_with(kind));
            if is_critical { AlertSeverity::Critical } else { AlertSeverity::Warn }
        }
        OutsideScope { .. } | WiderRole { .. } => AlertSeverity::Warn,
        Role { insider: false, .. }
        | UnknownRole(_)
        | AlreadyMember { .. }
        | NotMember { .. }
        | LastMember { .. }
        | Full { .. }
        | NamedTwice(_) => AlertSeverity::Info,
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

/// By the name of a refusal, which never changes: whatever is refused because something stands still.
fn of_code(code: &str) -> AlertSeverity {
    match code {
        "E_WINDOW" | "E_FROZEN" | "E_PAUSED" => AlertSeverity::Warn,
        _ => AlertSeverity::Info,
    }
}
