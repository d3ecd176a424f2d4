//! `the-block import-state`: a home from the state of a height.

use super::export_state::{account, print_summary};
use super::{Failure, print, read_home};
use anyhow::Context as _;
use host::config::Home;
use std::path::Path;
use store::KeptAnchor;
use store::db::{Access, Settings};
use store::snapshot::{ImportTarget, SnapshotError, Summary, import};

/// Verifies a snapshot from the home's genesis, and makes it the home's store.
pub(super) fn import_state(home: &Path, snapshot: &Path, json: bool) -> Result<(), Failure> {
    let (home, config, genesis) = read_home(home)?;
    require_stopped(&home)?;
    let (store, consensus) = (home.gov_db(&config), home.consensus());
    let consensus = home.validator_key(&config).map(|_| consensus.as_path());
    let kept = KeptAnchor::read(&home, &genesis).context("nothing was imported")?;
    let kept = kept.as_ref();
    let settings = Settings::of(&config, Access::Primary);
    let account = account(&home, &config);
    let target = ImportTarget { store: &store, settings, consensus, account, kept, genesis: &genesis };
    let summary = import(snapshot, target).map_err(refused)?;
    print_summary(&format!("filled {}; start it with `the-block start`", store.display()), &summary, json)?;
    match unvouched(&summary).filter(|_| !json) {
        Some(warning) => print(&format!("{warning}\n")),
        None => Ok(()),
    }
}

/// That the hashes of blocks which the snapshot brings are not all vouched for by its state (ROLLOUTS 9).
fn unvouched(summary: &Summary) -> Option<String> {
    let Summary { height, vouched, .. } = summary;
    (*vouched < height.0).then(|| {
        format!(
            "the state has the tree of blocks up to size {vouched} alone: nobody vouches yet for the hashes of the blocks from there to \
             height {height}, but for those at ends of epochs. If whoever made the snapshot has changed one, this node stops when the \
             network takes the tree up again; take snapshots from whom you trust"
        )
    })
}

/// What a snapshot that is not taken means for the command.
fn refused(error: SnapshotError) -> Failure {
    let is_off = matches!(error, SnapshotError::NotImported(_));
    let error = anyhow::Error::from(error).context("nothing was imported");
    if is_off { Failure::ReconstructionOff(error) } else { Failure::Failed(error) }
}

/// Refuses a home whose node runs, before anything of it is held against the snapshot: all of that goes on meanwhile.
fn require_stopped(home: &Home) -> Result<(), Failure> {
    let runs =
        "nothing was imported: a node runs on this home, and has a chain; stop it first, or import into another home";
    super::require_stopped(home, runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{BlockHash, Height, StateRoot};
    use std::os::unix::net::UnixListener;

    #[test]
    fn a_snapshot_by_whose_state_reconstruction_is_off_is_told_apart_from_one_that_cannot_be_read() {
        let Failure::ReconstructionOff(said) = refused(SnapshotError::NotImported(Height(9))) else {
            panic!("it is off")
        };
        assert!(format!("{said:#}").starts_with("nothing was imported: reconstruction is off"), "{said:#}");
        assert!(matches!(refused(SnapshotError::Leftover), Failure::Failed(_)));
    }

    #[test]
    fn whoever_imports_is_told_for_which_hashes_of_blocks_nobody_vouches() {
        let (hash, state_root) = (BlockHash([1; 32]), StateRoot([2; 32]));
        let of = |vouched| Summary { height: Height(27), hash, state_root, keys: 9, epoch_ends: 2, vouched };
        assert_eq!(unvouched(&of(27)), None);
        let said = unvouched(&of(5)).unwrap();
        assert!(said.contains("up to size 5 alone") && said.contains("to height 27"), "{said}");
    }

    #[test]
    fn o36_a_home_whose_node_runs_is_told_so_before_anything_of_it_is_judged() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path());
        assert!(require_stopped(&home).is_ok());
        std::fs::create_dir_all(home.socket().parent().unwrap()).unwrap();
        let node = UnixListener::bind(home.socket()).unwrap();
        let Err(Failure::Failed(runs)) = require_stopped(&home) else { panic!("a node runs there") };
        assert!(runs.to_string().contains("stop it first") && !runs.to_string().contains("remove"), "{runs}");
        // One that was killed leaves its socket behind.
        drop(node);
        assert!(require_stopped(&home).is_ok());
    }
}
