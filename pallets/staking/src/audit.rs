//! How the audit log has what happens to stake.

use crate::{Error, Event};
use primitives::{AlertSeverity, RecordClass};
use state::{AuditedEvent, AuditedRefusal};

impl AuditedEvent for Event {
    fn severity(&self) -> AlertSeverity {
        match self {
            Event::Punished { .. } => AlertSeverity::Critical,
            // What others bear of an offence that was told of already.
            Event::Slashed { .. } => AlertSeverity::Warn,
            // Of what is not enforced too: the vote that turned the gate off was told of, and this comes again in each epoch.
            _ => AlertSeverity::Info,
        }
    }

    fn record_class(&self) -> RecordClass {
        match self {
            Event::Punished { .. } | Event::Slashed { .. } | Event::Unjailed { .. } | Event::Unenforced { .. } => {
                RecordClass::Security
            }
            _ => RecordClass::Audit,
        }
    }
}

impl AuditedRefusal for Error {
    fn code(&self) -> Option<&'static str> {
        match self {
            Error::GateOff { .. } => Some("E_GATE_OFF"),
            _ => None,
        }
    }
}
