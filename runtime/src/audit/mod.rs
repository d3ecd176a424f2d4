//! What the audit log says of a fact besides what happened: how bad it is, where and by whom in which role it was done, and for how long
//! it is kept (ROLLOUTS 9). All of it is computed from the fact alone: nothing is stored that somebody could lower, and whoever has a
//! block's facts comes to the same.

mod class;
mod code;
mod marks;
mod severity;

pub use marks::FactMarks;

use crate::{Error, Event, Fact};
use rollouts::check::AlertSeverity;
use rollouts::plan::RecordClass;

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
            Ok(event) => class::of_event(event),
            Err(_) => RecordClass::Security,
        }
    }

    /// Where, in which role and how it was done, as far as the fact says so (REQ-148).
    pub fn marks(&self) -> FactMarks {
        match &self.outcome {
            Ok(event) => marks::of_event(event),
            Err(error) => marks::of_error(error),
        }
    }

    /// Whether somebody would have had it count for less than it does: such an attempt is raised to what it is, and is itself critical
    /// (REQ-152).
    pub fn is_downgrade(&self) -> bool {
        self.outcome.as_ref().is_ok_and(severity::is_downgrade)
    }
}

impl Event {
    /// How bad it is that this happened.
    pub fn severity(&self) -> AlertSeverity {
        severity::of_event(self)
    }
}

impl Error {
    /// How bad it is that this was asked for.
    pub fn severity(&self) -> AlertSeverity {
        severity::of_error(self)
    }

    /// The name by which tools know it; it never changes (ROLLOUTS 16). Those that were there before such names have none.
    pub fn code(&self) -> Option<&'static str> {
        code::of_error(self)
    }
}
