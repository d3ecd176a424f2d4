//! The names by which tools know refusals.

use crate::Error;

/// That of a refusal, where it has one.
pub(super) fn of_error(error: &Error) -> Option<&'static str> {
    match error {
        Error::Accounts(_) => None,
        Error::Staking(error) => error.code(),
        Error::Governance(error) => error.code(),
        Error::Releases(error) => error.code(),
        Error::Roles(error) => Some(error.code()),
        Error::Flags(error) => Some(error.code()),
        Error::Artifacts(error) => Some(error.code()),
        Error::Cases(error) => Some(error.code()),
        Error::Rollouts(error) => Some(error.code()),
        Error::Rewards(error) => error.code(),
        Error::Witnesses(error) => Some(error.code()),
    }
}
