//! What the audit log says of a fact besides what happened: how bad it is, where and by whom in which role it was done, and for how long
//! it is kept (ROLLOUTS 9). Each pallet says it of its own events and refusals, by the fact alone: nothing is stored that somebody could
//! lower, and whoever has a block's facts comes to the same.

use crate::{Error, Event, Fact, Motion};
use primitives::{AlertSeverity, AuditActivity, FactMarks, RecordClass};

impl Fact {
    /// How bad it is. The least that it can be was written down before (`tests/golden/severity.txt`), and no change of this software
    /// makes it less (REQ-139, REQ-152).
    pub fn severity(&self) -> AlertSeverity {
        match &self.outcome {
            Ok(event) => event.severity(),
            Err(error) => error.severity(),
        }
    }

    /// What it is a record of, which says for how long it is kept (REQ-156).
    pub fn record_class(&self) -> RecordClass {
        match &self.outcome {
            Ok(event) => event.audited().record_class(),
            Err(_) => RecordClass::Security,
        }
    }

    /// What was done, and to what; nothing of what was refused (REQ-154).
    pub fn activity(&self) -> Option<AuditActivity> {
        self.outcome.as_ref().ok().map(|event| event.audited().activity())
    }

    /// Where, in which role and how it was done, as far as the fact says so (REQ-148).
    pub fn marks(&self) -> FactMarks {
        match &self.outcome {
            Ok(Event::Governance(governance::Event::Opened { proposal, .. })) => of_poll(&proposal.motion),
            Ok(event) => event.audited().marks(),
            Err(error) => FactMarks { code: error.code(), ..error.audited().marks() },
        }
    }

    /// Whether somebody would have had it count for less than it does: such an attempt is raised to what it is, and is itself critical
    /// (REQ-152).
    pub fn is_downgrade(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|event| event.audited().is_downgrade())
    }
}

impl Event {
    /// How bad it is that this happened.
    pub fn severity(&self) -> AlertSeverity {
        self.audited().severity()
    }
}

impl Error {
    /// How bad it is that this was asked for.
    pub fn severity(&self) -> AlertSeverity {
        self.audited().severity()
    }

    /// The name by which tools know it; it never changes (ROLLOUTS 16). Those that were there before such names have none.
    pub fn code(&self) -> Option<&'static str> {
        self.audited().code()
    }
}

/// A poll that the chain opened is about its change, or about the plan that it would install. Votes stand left of both.
fn of_poll(motion: &Motion) -> FactMarks {
    let Motion::Rollouts(motion) = motion else { return FactMarks::default() };
    match motion {
        rollouts::Motion::Decide { change, .. } | rollouts::Motion::Abort { change, .. } => {
            FactMarks { action: Some("poll".into()), ..FactMarks::default() }.of_change(*change)
        }
        rollouts::Motion::Install(installation) => FactMarks::under(&installation.plan.name, "poll"),
    }
}
