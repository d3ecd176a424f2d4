use super::*;
use crate::db::{DbError, Extent};
use crate::testing::{govern, limit, write};
use flags::Gate;
use parity_scale_codec::Encode;
use primitives::{AccountId, CaseId, Epoch, Moment, Name, Path, Reason, Text, Timestamp};
use roles::Actor;
use state::Apply as _;

#[test]
fn only_the_newest_heights_are_kept_and_they_are_whole() {
    let (_dir, store) = new_chain(Keep::Last(5));
    let (_all, archive) = new_chain(Keep::Everything);
    grow(&store, 40);
    grow(&archive, 40);
    let view = store.view();
    assert_eq!(view.earliest().unwrap(), Height(35));
    store.verify(Extent::Whole, 100).unwrap();
    for height in (35..=40).map(Height) {
        assert_eq!(view.block(height).unwrap(), archive.view().block(height).unwrap());
        let root = view.header(height).unwrap().unwrap().state_root;
        for key in (0..52).map(|n| format!("test/{n}")) {
            let proof = view.proof(key.as_bytes(), height).unwrap();
            assert_eq!(proof, archive.view().proof(key.as_bytes(), height).unwrap());
            proof.verify(root).unwrap();
        }
    }
}

#[test]
fn what_is_forgotten_leaves_no_row_behind() {
    let (_dir, store) = new_chain(Keep::Last(5));
    grow(&store, 40);
    let view = store.view();
    let old = transaction(20);
    for height in (0..35).map(Height) {
        assert_eq!(view.block(height).unwrap(), None);
        assert_eq!(view.record(height).unwrap(), None);
        assert!(matches!(view.proof(b"test/1", height), Err(DbError::Pruned { earliest: Height(35), .. })));
    }
    assert_eq!(view.height_of_transaction(&old.hash()).unwrap(), None);
    let rows = |column: Column| dump(&store).unwrap().keys().filter(|(name, _)| *name == column.name()).count();
    for column in [Column::Headers, Column::Bodies, Column::Records, Column::Stale] {
        assert!(rows(column) <= 6, "{column:?} has {} rows", rows(column));
    }
    assert_eq!(rows(Column::Indexes), 12);
    // 41 leaves, and the nodes above each pair: one less than the leaves for each perfect tree among them.
    assert_eq!(rows(Column::Log), 41 + 41 - 3);
    // Of the tree and the values only what the six heights reach is left, however long the chain.
    let (nodes, values) = (rows(Column::Tree), rows(Column::Values));
    grow(&store, 100);
    assert!(rows(Column::Tree) < nodes + nodes / 2, "{} after {nodes}", rows(Column::Tree));
    assert!(rows(Column::Values) < values + values / 2, "{} after {values}", rows(Column::Values));
}

#[test]
fn blocks_that_write_nothing_do_not_let_the_tree_grow() {
    let (_dir, store) = new_chain(Keep::Last(2));
    // All but the ends of epochs and the hashes of blocks, which stay.
    let rows = || dump(&store).unwrap().keys().filter(|(column, _)| !["epochs", "log"].contains(column)).count();
    let empty = |count| {
        for _ in 0..count {
            commit(&store, []);
        }
    };
    empty(6);
    let before = rows();
    empty(20);
    assert_eq!(rows(), before);
}

#[test]
fn a_shorter_policy_catches_up_a_few_heights_with_each_block() {
    let (dir, store) = new_chain(Keep::Everything);
    grow(&store, 20);
    drop(store);
    let store = open(dir.path(), Keep::Last(3));
    grow(&store, 1);
    assert_eq!(store.view().earliest().unwrap(), Height(2));
    grow(&store, 30);
    assert_eq!(store.view().earliest().unwrap(), Height(48));
    store.verify(Extent::Whole, 100).unwrap();
}

#[test]
fn a_shorter_policy_is_caught_up_with_at_once_and_the_disk_gets_its_space_back() {
    let (dir, store) = new_chain(Keep::Everything);
    for height in 0..1_100u64 {
        // What does not compress, so that bytes in the state are bytes on the disk.
        let noise = (0..40u64).flat_map(|n| primitives::Digest::blake3(&(height, n).encode()).0).collect::<Vec<_>>();
        commit(&store, [(b"test/noise".to_vec(), Some(noise))]);
    }
    drop(store);
    let size = || {
        let files = std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap());
        let tables = files.filter(|file| file.file_name().to_string_lossy().ends_with(".sst"));
        tables.map(|file| file.metadata().unwrap().len()).sum::<u64>()
    };
    let before = size();
    let store = open(dir.path(), Keep::Last(10));
    let pruned = store.catch_up(|| true).unwrap().unwrap();
    assert_eq!((pruned.before, pruned.earliest), (Height(0), Height(1_090)));
    assert_eq!(store.catch_up(|| true).unwrap(), None);
    store.verify(Extent::Whole, 100).unwrap();
    drop(store);
    let after = size();
    assert!(after * 5 < before, "{before} bytes became {after}");

    // A longer policy keeps more from now on, and what is gone stays gone.
    let store = open(dir.path(), Keep::Everything);
    commit(&store, [put("test/a", "1")]);
    assert_eq!(store.view().earliest().unwrap(), Height(1_090));
    drop(store);
    let store = open(dir.path(), Keep::Last(20));
    for n in 0..30 {
        commit(&store, [put("test/a", &n.to_string())]);
    }
    assert_eq!(store.view().earliest().unwrap(), Height(1_111));
}

#[test]
fn catching_up_ends_when_it_is_told_to_and_lets_blocks_in() {
    let (dir, store) = new_chain(Keep::Everything);
    grow(&store, 300);
    drop(store);
    let store = open(dir.path(), Keep::Last(10));
    let steps = std::cell::Cell::new(0);
    let two = || {
        commit(&store, []);
        steps.set(steps.get() + 1);
        steps.get() <= 2
    };
    let pruned = store.catch_up(two).unwrap().unwrap();
    assert!(pruned.earliest > Height(100) && pruned.earliest < Height(200), "{pruned:?}");
    store.verify(Extent::Whole, 1_000).unwrap();
}

/// A hold of a plan that keeps what is of a height or later.
fn held(plan: &str, case: u64, from: u64) -> cases::Event {
    let name = |text: &str| Name::new(text).unwrap();
    let hold = cases::HoldBody {
        reason: Reason::new("a claim in court").unwrap(),
        reference: Text::default(),
        from: Height(from),
        asked: Timestamp(u64::MAX),
        until: Timestamp(u64::MAX),
        until_epoch: None,
        by: Actor { account: AccountId([7; 32]), role: name("LEGAL") },
        confirmed: None,
        released: None,
    };
    let (path, by) = (Path::ROOT, hold.by.clone());
    cases::Event::Held { plan: name(plan), case: CaseId(case), path, by, hold: Box::new(hold) }
}

fn released(plan: &str, case: u64) -> cases::Event {
    let (plan, case, path) = (Name::new(plan).unwrap(), CaseId(case), Path::ROOT);
    cases::Event::Released { plan, case, path, by: None, reason: None }
}

fn happens(store: &Store, event: &cases::Event) {
    let head = store.view().head().unwrap().unwrap().height;
    let at = Moment { height: head.next(), epoch: Epoch(0), time: Timestamp(1), running: 0, level: 1 };
    write(store, |state| event.apply(state, at)).unwrap();
}

#[test]
fn req_155_what_is_held_stays_until_it_is_released_and_an_application_holds_only_where_its_plan_is_kept() {
    let (_dir, store) = new_chain(Keep::Last(5));
    grow(&store, 10);
    let earliest = || store.view().earliest().unwrap();
    happens(&store, &held("shop", 1, 6));
    grow(&store, 20);
    assert_eq!(earliest(), Height(26), "the plan of nobody here");
    store.keeps_for(&[Name::new("shop").unwrap()]);
    assert_eq!(store.view().kept_from(), Some(Height(6)));
    happens(&store, &released("shop", 1));
    happens(&store, &held("shop", 2, 30));
    grow(&store, 40);
    assert_eq!((store.view().kept_from(), earliest()), (Some(Height(30)), Height(30)));
    happens(&store, &released("shop", 2));
    grow(&store, 40);
    assert!(earliest() > Height(100), "{}", earliest());
    store.verify(Extent::Whole, 1_000).unwrap();
}

#[test]
fn while_the_gate_is_off_nobody_forgets_and_once_it_is_on_what_is_left_over_goes() {
    let (_dir, store) = new_chain(Keep::Last(5));
    let earliest = || store.view().earliest().unwrap();
    grow(&store, 10);
    assert_eq!((earliest(), store.keeps_against_policy()), (Height(5), false));
    write(&store, |state| govern(state, &[Gate::Pruning])).unwrap();
    assert_eq!((earliest(), store.keeps_against_policy()), (Height(6), true), "it acts from the next block on");
    grow(&store, 10);
    assert_eq!((earliest(), store.catch_up(|| true).unwrap()), (Height(6), None));
    // For others it is on again.
    write(&store, |state| limit(state, Gate::Pruning, &testing::validator(1).account())).unwrap();
    store.acts_for(testing::validator(0).account());
    grow(&store, 2);
    assert_eq!((earliest(), store.keeps_against_policy()), (Height(6), true));
    write(&store, |state| limit(state, Gate::Pruning, &testing::validator(0).account())).unwrap();
    assert_eq!((earliest(), store.keeps_against_policy()), (Height(6), false));
    grow(&store, 1);
    assert_eq!(earliest(), Height(8), "some with each block");
    assert_eq!(store.catch_up(|| true).unwrap().unwrap().earliest, Height(21));
    store.verify(Extent::Whole, 100).unwrap();
}

#[test]
fn a_store_whose_operator_declines_to_prune_keeps_everything() {
    let text = |hold: &str| format!("[storage]\nhistory = 5\n[rollout]\nhold = {hold}\n");
    let keep = |hold: &str| {
        let config = host::config::Config::parse(&text(hold), "config.toml").unwrap();
        Settings::of(&config, Access::Primary).keep
    };
    assert_eq!(keep("[]"), Keep::Last(5));
    assert_eq!(keep("[\"reconstruction\"]"), Keep::Last(5));
    assert_eq!(keep("[\"pruning\"]"), Keep::Everything);
}
