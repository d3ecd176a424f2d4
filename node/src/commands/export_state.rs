//! `the-block export-state`: the state of a height as a file.

use super::{Failure, print, print_json, read_home};
use anyhow::Context as _;
use primitives::Height;
use std::path::Path;
use store::db::{Access, Settings, Store};
use store::snapshot::{Summary, export};

/// Writes a snapshot. Opens nothing for writing but the file, so that the node can run meanwhile.
pub(super) fn export_state(home: &Path, height: Option<Height>, out: &Path, json: bool) -> Result<(), Failure> {
    let (home, config, _) = read_home(home)?;
    let store = Store::open(home.gov_db(&config), Access::ReadOnly, Settings::of(&config, Access::ReadOnly));
    let store = store.context("cannot read the store of this home")?;
    let summary = export(&store, height, out).context("no snapshot was written")?;
    print_summary(&format!("wrote {}", out.display()), &summary, json)
}

/// Prints what a snapshot holds.
pub(super) fn print_summary(done: &str, summary: &Summary, json: bool) -> Result<(), Failure> {
    if json {
        return print_json(summary);
    }
    print(&format!(
        "{done}\n  height      {}\n  block       {}\n  state root  {}\n  keys        {}\n  epochs      {}\n",
        summary.height, summary.hash, summary.state_root, summary.keys, summary.epoch_ends
    ))
}
