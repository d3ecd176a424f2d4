//! What a fact is a record of, by which a plan says for how long it is kept (REQ-156). Every refusal is of [`RecordClass::Security`].

use crate::Event;
use rollouts::plan::RecordClass;

/// What an event is a record of.
pub(super) fn of_event(event: &Event) -> RecordClass {
    match event {
        Event::Chain(_) | Event::Accounts(_) | Event::Governance(_) | Event::Roles(_) => RecordClass::Audit,
        Event::Staking(event) => of_staking(event),
        Event::Releases(event) if event.is_measured() => RecordClass::Metrics,
        Event::Releases(_) => RecordClass::Audit,
        Event::Flags(event) => of_flags(event),
        Event::Artifacts(event) => of_artifacts(event),
        // What went wrong or could, what was done about it, and what is kept because of it.
        Event::Cases(_) => RecordClass::Compliance,
        Event::Rollouts(event) => of_rollouts(event),
        Event::Rewards(event) => of_rewards(event),
        Event::Witnesses(event) => of_witnesses(event),
    }
}

fn of_staking(event: &staking::Event) -> RecordClass {
    use staking::Event::*;
    match event {
        Punished { .. } | Slashed { .. } | Unjailed { .. } | Unenforced { .. } => RecordClass::Security,
        ParamsSet { .. }
        | Bonded { .. }
        | Unbonding { .. }
        | Unbonded { .. }
        | Elected { .. }
        | Forgotten { .. }
        | CommissionSet { .. } => RecordClass::Audit,
    }
}

fn of_flags(event: &flags::Event) -> RecordClass {
    use flags::Event::*;
    match event {
        TokensRevoked { .. } => RecordClass::Security,
        Defined { .. } | Edited { .. } | Retired { .. } | Expired { .. } => RecordClass::Audit,
    }
}

fn of_artifacts(event: &artifacts::Event) -> RecordClass {
    use artifacts::Event::*;
    match event {
        Registered { .. } | Marked { .. } => RecordClass::Audit,
        ArtifactReleased { .. } => RecordClass::Compliance,
    }
}

/// Who was there is measured; what was paid for it was moved.
fn of_rewards(event: &rewards::Event) -> RecordClass {
    use rewards::Event::*;
    match event {
        Began { .. } | Attended { .. } | Dropped { .. } => RecordClass::Metrics,
        ParamsSet { .. } | Rewarded { .. } | Funded { .. } | Collected { .. } | Lapsed { .. } => RecordClass::Audit,
    }
}

/// Who may vouch for the log is of its security, and so is that somebody did.
fn of_witnesses(event: &witnesses::Event) -> RecordClass {
    use witnesses::Event::*;
    match event {
        Registered { .. } | Retired { .. } | Cosigned { .. } => RecordClass::Security,
    }
}

/// Who moved what is of the audit; what was promised, and whether it was held, is of compliance.
fn of_rollouts(event: &rollouts::Event) -> RecordClass {
    use rollouts::Event::*;
    match event {
        AmendmentAsked { .. }
        | Installed { .. }
        | Retired { .. }
        | Submitted { .. }
        | Executed { .. }
        | Stepped { .. }
        | Reverted { .. } => RecordClass::Audit,
        Approved { .. }
        | Announced { .. }
        | Closed { .. }
        | Stated { .. }
        | Met { .. }
        | Missed { .. }
        | Ended { .. }
        | Thawed { .. }
        | Voided { .. }
        | Dropped { .. }
        | AmendmentEnded { .. } => RecordClass::Compliance,
    }
}
