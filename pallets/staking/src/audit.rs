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
            Event::ParamsSet { .. }
            | Event::Bonded { .. }
            | Event::Unbonding { .. }
            | Event::Unbonded { .. }
            | Event::Elected { .. }
            | Event::Forgotten { .. }
            | Event::Unjailed { .. }
            | Event::CommissionSet { .. }
            // The vote that turned the gate off was told of; this comes again in each epoch.
            | Event::Unenforced { .. } => AlertSeverity::Info,
        }
    }

    fn record_class(&self) -> RecordClass {
        match self {
            Event::Punished { .. } | Event::Slashed { .. } | Event::Unjailed { .. } | Event::Unenforced { .. } => {
                RecordClass::Security
            }
            Event::ParamsSet { .. }
            | Event::Bonded { .. }
            | Event::Unbonding { .. }
            | Event::Unbonded { .. }
            | Event::Elected { .. }
            | Event::Forgotten { .. }
            | Event::CommissionSet { .. } => RecordClass::Audit,
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
