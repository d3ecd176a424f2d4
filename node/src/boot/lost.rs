//! Whether the store lost blocks that this validator has committed.

use host::config::{Config, Home};
use primitives::Height;
use store::Watermarks;
use store::db::{DbError, Store};

/// What consensus remembers of a validator; nothing of a node that only follows, which takes lost blocks from its peers again,
/// and contradicts nobody. To be read before the store is opened: a node that runs meanwhile only adds blocks to it.
pub(super) fn marks(home: &Home, config: &Config) -> Result<Watermarks, String> {
    if home.validator_key(config).is_none() {
        return Ok(Watermarks::default());
    }
    Watermarks::read(&home.consensus())
}

/// A store that lost its newest blocks fits together; what consensus remembers tells that it once had them.
pub(super) fn require_none(marks: Watermarks, store: Option<&Store>) -> Result<(), String> {
    let head = store.map_or(Ok(None), |store| store.view().head()).map_err(|error: DbError| error.to_string())?;
    marks.admit(head.map_or(Height(0), |head| head.height)).map_err(|behind| behind.to_string())
}
