//! Whether the store lost blocks that this home has committed.

use crate::config::Home;
use crate::consensus::Watermarks;
use crate::db::{DbError, Store};
use primitives::Height;

/// A store that lost its newest blocks fits together; what consensus remembers tells that it once had them.
pub(super) fn require_none(home: &Home, store: Option<&Store>) -> Result<(), String> {
    let marks = Watermarks::read(&home.consensus())?;
    let head = store.map_or(Ok(None), |store| store.view().head()).map_err(|error: DbError| error.to_string())?;
    marks.admit(head.map_or(Height(0), |head| head.height)).map_err(|behind| behind.to_string())
}
