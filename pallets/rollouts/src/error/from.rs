//! What refusals of others, and flaws of one thing, become when it is a plan or a change that is refused for them.

use super::{Error, PhaseFlaw, RollbackFlaw, SealerFlaw};

impl From<roles::Error> for Error {
    fn from(error: roles::Error) -> Self {
        Self::Role(Box::new(error))
    }
}

impl From<flags::Error> for Error {
    fn from(error: flags::Error) -> Self {
        Self::Flag(Box::new(error))
    }
}

impl From<accounts::Error> for Error {
    fn from(error: accounts::Error) -> Self {
        Self::Deposit(error)
    }
}

impl From<SealerFlaw> for Error {
    fn from(flaw: SealerFlaw) -> Self {
        Self::Sealer(flaw)
    }
}

impl From<PhaseFlaw> for Error {
    fn from(flaw: PhaseFlaw) -> Self {
        Self::Phase(flaw)
    }
}

impl From<RollbackFlaw> for Error {
    fn from(flaw: RollbackFlaw) -> Self {
        Self::Rollback(flaw)
    }
}

impl From<artifacts::Error> for Error {
    fn from(error: artifacts::Error) -> Self {
        Self::Artifact(Box::new(error))
    }
}
