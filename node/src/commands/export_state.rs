//! `the-block export-state`: the state of a height as a file.

use super::{Failure, print, print_json, read_home};
use anyhow::{Context as _, anyhow};
use flags::Gate;
use host::config::{Config, Home};
use host::keys;
use primitives::{AccountId, Height};
use std::path::Path;
use store::db::{Access, Settings, Store};
use store::snapshot::{Summary, export};

/// Writes a snapshot. Opens nothing for writing but the file, so that the node can run meanwhile.
pub(super) fn export_state(home: &Path, height: Option<Height>, out: &Path, json: bool) -> Result<(), Failure> {
    let (home, config, _) = read_home(home)?;
    require_not_held(&config)?;
    let store = Store::open(home.gov_db(&config), Access::ReadOnly, Settings::of(&config, Access::ReadOnly));
    let store = store.context("cannot read the store of this home")?;
    if let Some(account) = account(&home, &config) {
        store.acts_for(account);
    }
    let summary = export(&store, height, out).context("no snapshot was written")?;
    print_summary(&format!("wrote {}", out.display()), &summary, json)
}

/// Refuses where the operator declines to have others start from this node's state.
fn require_not_held(config: &Config) -> Result<(), Failure> {
    if !config.rollout.holds(Gate::Reconstruction) {
        return Ok(());
    }
    Err(Failure::Failed(anyhow!(
        "no snapshot was written: rollout.hold of this node declines reconstruction; take it from the list, or export from another node"
    )))
}

/// In whose name the node of a home acts; none where it has no key, or nobody can tell whose it is.
pub(super) fn account(home: &Home, config: &Config) -> Option<AccountId> {
    keys::public(&home.validator_key(config)?).map(AccountId::from)
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
