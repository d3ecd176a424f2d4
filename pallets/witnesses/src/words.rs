//! How the log and its witnesses are spoken of.

use crate::{Call, Error, Event};
use primitives::Subject;
use state::Told;

impl Told for Call {
    fn sentence(&self) -> String {
        match self {
            Call::Register { name, .. } => format!("becomes a witness of the log of blocks, named {name}"),
            Call::Retire => "is a witness of the log of blocks no longer".to_owned(),
            Call::Cosign { epoch, .. } => format!("vouches for the log of blocks at the start of epoch {epoch}"),
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        Vec::new()
    }
}

impl Told for Event {
    fn sentence(&self) -> String {
        match self {
            Event::Registered { witness, name, .. } => {
                format!("{witness} became a witness of the log of blocks, named {name}")
            }
            Event::Retired { witness } => format!("{witness} is a witness of the log of blocks no longer"),
            Event::Cosigned { witness, epoch, size, .. } => {
                format!("{witness} vouched for the log of the first {size} blocks, as it was when epoch {epoch} began")
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Event::Registered { witness, .. } | Event::Retired { witness } | Event::Cosigned { witness, .. } => {
                vec![Subject::Account(*witness)]
            }
        }
    }
}

impl Told for Error {
    fn sentence(&self) -> String {
        self.to_string()
    }

    fn kind(&self) -> &'static str {
        "witnesses.refused"
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Error::GateOff { who }
            | Error::UnknownWitness { who }
            | Error::Again { who, .. }
            | Error::AlreadyWitness { who, .. }
            | Error::TooNew { who, .. }
            | Error::BadProof { who, .. } => vec![Subject::Account(*who)],
            Error::Full { .. }
            | Error::KeyTaken { .. }
            | Error::NoBond { .. }
            | Error::UnknownCheckpoint { .. }
            | Error::BadCosignature { .. }
            | Error::UnusableKey { .. }
            | Error::NameTaken { .. }
            | Error::FromTheFuture { .. } => Vec::new(),
        }
    }
}
