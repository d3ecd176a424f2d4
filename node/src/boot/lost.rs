//! Whether the store lost blocks that this validator has committed.

use super::verified::Unverified;
use host::config::{Config, Home};
use primitives::Height;
use store::Watermarks;
use store::db::{DbError, Store};

/// What consensus remembers of a validator; nothing of a node that only follows, which takes lost blocks from its peers again,
/// and contradicts nobody. To be read before the store is opened: a node that runs meanwhile only adds blocks to it.
///
/// # Errors
/// When it is there and cannot be read.
pub(super) fn marks(home: &Home, config: &Config) -> Result<Watermarks, DbError> {
    if home.validator_key(config).is_none() {
        return Ok(Watermarks::default());
    }
    Watermarks::read(&home.consensus())
}

/// A store that lost its newest blocks fits together; what consensus remembers tells that it once had them.
pub(super) fn require_none(marks: Watermarks, store: Option<&Store>) -> Result<(), Unverified> {
    let head = store.map_or(Ok(None), |store| store.view().head())?;
    marks.admit(head.map_or(Height(0), |head| head.height)).map_err(Unverified::from)
}
