//! Which hashes of blocks does a snapshot bring that something certified vouches for?

use super::World;
use crate::db::{Access, DbError, Settings, Store};
use crate::snapshot::SnapshotError;
use crate::testing::{govern, turn_on, write};
use flags::Gate;
use ledger::Ledger;
use primitives::Height;
use state::State;
use tempfile::TempDir;

impl World {
    /// Another chain, of 27 blocks in epochs of ten, whose first block changes the state so.
    fn in_epochs_of_ten(change: impl FnOnce(&mut State)) -> Self {
        let (dir, genesis) = (TempDir::new().unwrap(), runtime::testing::genesis());
        let store = Store::open(dir.path().join("source"), Access::Primary, Settings::default()).unwrap();
        store.commit_genesis(&genesis).unwrap();
        write(&store, change).unwrap();
        let head = crate::begin(&store, &genesis).unwrap();
        let mut ledger = Ledger::over(store.clone(), &genesis, head.header);
        let validators: Vec<_> = (0..4).map(runtime::testing::validator).collect();
        while ledger.head().at.height < Height(27) {
            let time = ledger.head().at.time.plus(1_000);
            let block = ledger.propose(0, time, validators[0].account(), Vec::new()).unwrap();
            let certificate = runtime::testing::certificate(&block.header, &validators);
            ledger.commit(block, certificate).unwrap();
        }
        drop(ledger);
        Self { dir, store, genesis }
    }

    /// Of which heights a forger can change the hash in a snapshot of the head, each alone, and is not refused.
    fn forgeable(&self) -> Vec<usize> {
        self.export(27);
        let parts = self.parts();
        let is_taken = |height: &usize| {
            let mut forged = parts.clone();
            forged.hashes[*height].0[0] ^= 1;
            self.put(&forged);
            match self.import() {
                Ok(_) => std::fs::remove_dir_all(self.db()).is_ok(),
                Err(SnapshotError::Store(DbError::HashOfAnother(_)) | SnapshotError::Tree { .. }) => false,
                Err(other) => panic!("{height}: {other}"),
            }
        };
        (0..27).filter(is_taken).collect()
    }
}

#[test]
fn every_hash_is_vouched_for_where_the_state_has_the_tree_and_only_the_ends_of_epochs_and_genesis_where_it_has_none() {
    let vouched = |world: &World| {
        let exported = world.export(27);
        assert_eq!(world.import().unwrap(), exported);
        let store = Store::open(world.db(), Access::Primary, Settings::default()).unwrap();
        let unvouched = store.view().unvouched().unwrap();
        drop(store);
        std::fs::remove_dir_all(world.db()).unwrap();
        (exported.vouched, unvouched)
    };
    let still = World::in_epochs_of_ten(|_| ());
    assert_eq!(vouched(&still), (0, Some(0..27)));
    // Genesis, the ends of epochs and the blocks before them, and the parent of the snapshot's block.
    let named: [usize; 6] = [0, 8, 9, 18, 19, 26];
    assert_eq!(still.forgeable(), (0..27).filter(|height| !named.contains(height)).collect::<Vec<usize>>());

    let grows = World::in_epochs_of_ten(|state| {
        govern(state, &[]);
        turn_on(state, Gate::RecursiveProofs);
    });
    assert_eq!(vouched(&grows), (27, None));
    assert_eq!(grows.forgeable(), Vec::<usize>::new());
}
