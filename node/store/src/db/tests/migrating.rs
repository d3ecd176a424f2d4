//! A store that an older version of this software wrote; `tests/golden/README.md` says how it was made.

use super::*;
use crate::db::columns::meta;
use crate::db::{DbError, Extent};
use ledger::Ledger;
use light::Anchor;
use parity_scale_codec::Encode;

const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/store_v1");

/// A copy of the stored database.
fn stored() -> TempDir {
    copy(Path::new(STORED))
}

/// Decides 41 blocks in epochs of two, whose validators' power changes from epoch to epoch, and whose state remembers three
/// of them.
fn long_chain(store: Store) {
    let mut genesis = testing::genesis();
    genesis.chain.epoch_length = 2;
    (genesis.staking.params.unbonding_epochs, genesis.staking.params.remembered_epochs) = (2, 3);
    for track in [&mut genesis.governance.params.routine, &mut genesis.governance.params.expedited] {
        (track.most_window, track.most_delay) = (2, 1);
    }
    genesis.check().unwrap();
    let head = crate::begin(&store, &genesis).unwrap();
    let mut ledger = Ledger::over(store, &genesis, head.header);
    let (proposer, holder) = (testing::validator(0).account(), testing::holder(0));
    let validators: Vec<_> = (0..4).map(testing::validator).collect();
    for nonce in 0..41u8 {
        let call = if nonce % 3 == 0 {
            testing::delegate(testing::validator(nonce % 4).account(), 1_000)
        } else {
            testing::transfer(testing::holder(1).account(), 5)
        };
        let transaction = testing::signed(&genesis, &holder, nonce.into(), call);
        let time = ledger.head().at.time.plus(1_000);
        let block = ledger.propose(0, time, proposer, vec![transaction]).unwrap();
        let certificate = testing::certificate(&block.header, &validators);
        ledger.commit(block, certificate).unwrap();
    }
}

/// Makes the stored database again, for when genesis has another encoding: schemas 2 to 4 only add a column each.
fn remake() {
    let dir = TempDir::new().unwrap();
    long_chain(open(dir.path(), Keep::Everything));
    let names = Column::ALL.map(Column::name);
    let mut db = rocksdb::DB::open_cf(&rocksdb::Options::default(), dir.path(), names).unwrap();
    db.put(meta::SCHEMA, 1u32.encode()).unwrap();
    db.drop_cf(Column::Epochs.name()).unwrap();
    db.drop_cf(Column::Hops.name()).unwrap();
    db.drop_cf(Column::Log.name()).unwrap();
    db.flush().unwrap();
    drop(db);
    std::fs::remove_dir_all(STORED).unwrap();
    std::fs::create_dir(STORED).unwrap();
    for file in std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap()) {
        let name = file.file_name().to_string_lossy().into_owned();
        if name == "CURRENT" || name.starts_with("MANIFEST") || name.ends_with(".sst") {
            std::fs::copy(file.path(), Path::new(STORED).join(name)).unwrap();
        }
    }
}

fn ends(store: &Store) -> Vec<Height> {
    store.view().epoch_ends(Height(0)).map(|end| end.unwrap().height()).collect()
}

fn schema(store: &Store) -> Option<u32> {
    store.view().decoded(Column::Meta, meta::SCHEMA).unwrap()
}

#[test]
fn a_golden_store_of_schema_1_is_brought_up_to_date_and_serves_its_whole_history() {
    if std::env::var_os("BLESS").is_some() {
        remake();
    }
    let dir = stored();
    let store = open(dir.path(), Keep::Everything);
    assert_eq!(schema(&store), Some(4));
    let view = store.view();
    let head = view.head().unwrap().unwrap();
    assert_eq!(head.height, Height(41));
    store.verify(Extent::Whole, u64::MAX).unwrap();
    assert_eq!(ends(&store), (1..=41).step_by(2).map(Height).collect::<Vec<_>>());

    // Each end of an epoch is verified from genesis alone, with the validators that its own epoch had.
    let mut anchor = Anchor::genesis(&view.genesis().unwrap().unwrap());
    for end in view.epoch_ends(Height(0)) {
        anchor = anchor.step(&end.unwrap()).unwrap();
    }
    let sets = view.epoch_ends(Height(0)).map(|end| end.unwrap().validators.hash().0);
    assert!(sets.collect::<std::collections::BTreeSet<_>>().len() > 5, "the sets of epochs differ");
    for height in (0..=41).map(Height) {
        assert_eq!(view.block(height).unwrap().unwrap().header.height, height);
        let root = view.header(height).unwrap().unwrap().state_root;
        assert_eq!(view.block_hash(height).unwrap(), Some(view.header(height).unwrap().unwrap().hash()));
        view.proof(runtime::CHAIN.key(), height).unwrap().verify(root).unwrap();
    }
    drop(view);
    drop(store);
    assert_eq!(ends(&open(dir.path(), Keep::Everything)).len(), 21, "the second start changes nothing");
}

#[test]
fn a_migration_that_was_killed_goes_on_where_it_stopped() {
    let dir = stored();
    let store = open(dir.path(), Keep::Everything);
    let whole = dump(&store).unwrap();
    // What a kill leaves: some of the rows, and still the old version.
    store.0.db.put(meta::SCHEMA, 1u32.encode()).unwrap();
    for height in 17..=41u64 {
        store.0.db.delete_cf(store.0.column(Column::Epochs), height.to_be_bytes()).unwrap();
    }
    drop(store);
    let refused = Store::open(dir.path(), Access::ReadOnly, SMALL).err().unwrap();
    assert!(matches!(refused, DbError::Older { found: 1, need: 4, .. }), "{refused}");
    let store = open(dir.path(), Keep::Everything);
    assert_eq!(dump(&store).unwrap(), whole);
}

#[test]
fn h07_a_store_of_schema_2_is_given_the_hops_that_it_would_have_kept() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path(), Keep::Everything);
    long_chain(store.clone());
    let whole = dump(&store).unwrap();
    let hops = store.view().hops().unwrap();
    assert!(hops > 3, "{hops} hops");
    store.0.db.put(meta::SCHEMA, 2u32.encode()).unwrap();
    for number in 1..=hops {
        store.0.db.delete_cf(store.0.column(Column::Hops), number.to_be_bytes()).unwrap();
    }
    drop(store);
    let store = open(dir.path(), Keep::Everything);
    assert_eq!((schema(&store), dump(&store).unwrap()), (Some(4), whole));
    store.verify(Extent::Whole, u64::MAX).unwrap();
}

#[test]
fn a_store_of_schema_3_is_given_the_hashes_that_it_would_have_kept_however_often_that_was_cut_short() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path(), Keep::Everything);
    long_chain(store.clone());
    let whole = dump(&store).unwrap();
    drop(store);
    for left in [0, 1, 7, 42, usize::MAX] {
        let dir = copy(dir.path());
        // What a kill leaves: some of the rows, and still the old version.
        let store = open(dir.path(), Keep::Everything);
        store.0.db.put(meta::SCHEMA, 3u32.encode()).unwrap();
        forget_log(&store, left);
        drop(store);
        let store = open(dir.path(), Keep::Everything);
        assert_eq!((schema(&store), dump(&store).unwrap()), (Some(4), whole.clone()), "{left} rows were left");
        store.verify(Extent::Whole, u64::MAX).unwrap();
    }
}

/// Removes the rows of the log, but for so many.
fn forget_log(store: &Store, left: usize) {
    let rows: Vec<_> = dump(store).unwrap().into_keys().filter(|(column, _)| *column == "log").collect();
    for (_, key) in rows.into_iter().skip(left) {
        store.0.db.delete_cf(store.0.column(Column::Log), key).unwrap();
    }
}

#[test]
fn a_store_that_was_pruned_before_it_kept_hashes_says_which_it_has_and_goes_on_with_them() {
    let dir = stored();
    let settings = Settings { keep: Keep::Last(9), ..SMALL };
    let store = Store::open(dir.path(), Access::Primary, settings).unwrap();
    assert!(store.catch_up(|| true).unwrap().is_some());
    let all: Vec<_> = (0..=41).map(|height| store.view().block_hash(Height(height)).unwrap()).collect();
    store.0.db.put(meta::SCHEMA, 3u32.encode()).unwrap();
    forget_log(&store, 0);
    drop(store);
    let store = Store::open(dir.path(), Access::Primary, settings).unwrap();
    assert_eq!(store.view().log_from().unwrap(), Some(Height(31)), "the parent of the first block that is kept");
    let kept: Vec<_> = (31..=41).map(|height| store.view().block_hash(Height(height)).unwrap()).collect();
    assert_eq!(kept, all[31..]);
    let refused = store.view().block_hash(Height(30)).unwrap_err();
    assert!(matches!(refused, DbError::HashForgotten { height: Height(30), from: Height(31) }), "{refused}");
    assert!(!refused.is_damage() && refused.to_string().contains("start this home anew from a snapshot"), "{refused}");
    assert!(matches!(tlog::root_at(&store.view(), 41), Err(DbError::HashForgotten { .. })));
    commit(&store, []);
    store.verify(Extent::Whole, 100).unwrap();
}

#[test]
fn a_reader_of_an_old_store_is_told_to_start_the_node_and_changes_nothing() {
    let dir = stored();
    let names = || std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().file_name()).collect::<Vec<_>>();
    let before = names();
    let refused = Store::open(dir.path(), Access::ReadOnly, SMALL).err().unwrap();
    assert!(matches!(refused, DbError::Older { found: 1, need: 4, .. }), "{refused}");
    assert!(refused.to_string().contains("start the node once"), "{refused}");
    assert_eq!(names(), before);
}

#[test]
fn a_pruned_store_keeps_the_ends_of_epochs_that_it_still_had() {
    let dir = stored();
    let settings = Settings { keep: Keep::Last(9), ..SMALL };
    let store = Store::open(dir.path(), Access::Primary, settings).unwrap();
    assert!(store.catch_up(|| true).unwrap().is_some());
    // As if it had been pruned before.
    for number in 1..=store.view().hops().unwrap() {
        store.0.db.delete_cf(store.0.column(Column::Hops), number.to_be_bytes()).unwrap();
    }
    for end in ends(&store) {
        store.0.db.delete_cf(store.0.column(Column::Epochs), end.0.to_be_bytes()).unwrap();
    }
    forget_log(&store, 0);
    store.0.db.put(meta::SCHEMA, 1u32.encode()).unwrap();
    drop(store);
    let store = Store::open(dir.path(), Access::Primary, settings).unwrap();
    assert_eq!(ends(&store), [33, 35, 37, 39, 41].map(Height));
    store.verify(Extent::Whole, 100).unwrap();
}
