//! `the-block import-state`: a home from the state of a height.

use super::export_state::print;
use super::{Failure, read_home};
use anyhow::Context as _;
use std::path::Path;
use store::KeptAnchor;
use store::db::{Access, Settings};
use store::snapshot::{ImportTarget, import};

/// Verifies a snapshot from the home's genesis, and makes it the home's store.
pub(super) fn import_state(home: &Path, snapshot: &Path, json: bool) -> Result<(), Failure> {
    let (home, config, genesis) = read_home(home)?;
    let (store, consensus) = (home.gov_db(&config), home.consensus());
    let consensus = home.validator_key(&config).map(|_| consensus.as_path());
    let kept = KeptAnchor::read(&home, &genesis).context("nothing was imported")?;
    let kept = kept.as_ref();
    let settings = Settings::of(&config, Access::Primary);
    let target = ImportTarget { store: &store, settings, consensus, kept, genesis: &genesis };
    let summary = import(snapshot, target).context("nothing was imported")?;
    print(&format!("filled {}; start it with `the-block start`", store.display()), &summary, json)
}
