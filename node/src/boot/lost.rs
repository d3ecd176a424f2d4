//! Whether the store lost blocks that this validator has committed.

use host::config::{Config, Home};
use primitives::Height;
use store::Watermarks;
use store::db::{DbError, Store};

/// A store that lost its newest blocks fits together; what consensus remembers tells that it once had them. A node that only
/// follows takes them from its peers again, and contradicts nobody.
pub(super) fn require_none(home: &Home, config: &Config, store: Option<&Store>) -> Result<(), String> {
    if home.validator_key(config).is_none() {
        return Ok(());
    }
    let marks = Watermarks::read(&home.consensus())?;
    let head = store.map_or(Ok(None), |store| store.view().head()).map_err(|error: DbError| error.to_string())?;
    marks.admit(head.map_or(Height(0), |head| head.height)).map_err(|behind| behind.to_string())
}
