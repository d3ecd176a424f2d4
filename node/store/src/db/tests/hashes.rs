use super::*;
use crate::db::columns::log_key;
use crate::db::hashes::LogGrowth;
use crate::db::{Damage, DbError, Extent};
use crate::testing::{govern, turn_on, write};
use flags::Gate;
use primitives::{BlockHash, Digest, Moment, Timestamp};
use tlog::{BlockLeaf, Frontier, Hashes as _, prove_consistency, prove_inclusion, root_at};
use witnesses::apply::{Grown, grow as grow_tree};

/// The tree over the first blocks of a store, as whoever appends them one after the other has it.
fn appended(store: &Store, size: u64) -> Frontier {
    let (view, mut frontier) = (store.view(), Frontier::default());
    for height in (0..size).map(Height) {
        let block = view.block_hash(height).unwrap().unwrap();
        frontier.append(BlockLeaf { height, block }.hash());
    }
    frontier
}

fn put_row(store: &Store, level: u8, index: u64, row: Option<&[u8]>) {
    let (column, key) = (store.0.column(Column::Log), log_key(level, index));
    match row {
        Some(row) => store.0.db.put_cf(column, key, row).unwrap(),
        None => store.0.db.delete_cf(column, key).unwrap(),
    }
}

fn damage(store: &Store, extent: Extent) -> String {
    store.verify(extent, 100).expect_err("the damage must be found").to_string()
}

#[test]
fn the_hash_of_every_block_outlives_its_height_and_a_block_to_come_has_none() {
    let (_pruned, pruned) = new_chain(Keep::Last(5));
    let (_all, all) = new_chain(Keep::Everything);
    grow(&pruned, 40);
    grow(&all, 40);
    let view = all.view();
    for height in (0..=40).map(Height) {
        let hash = view.header(height).unwrap().unwrap().hash();
        assert_eq!(pruned.view().block_hash(height).unwrap(), Some(hash));
        assert_eq!(view.block_hash(height).unwrap(), Some(hash));
    }
    assert_eq!(view.block_hash(Height(41)).unwrap(), None);
    assert_eq!(pruned.view().log_from().unwrap(), Some(Height(0)));
    pruned.verify(Extent::Whole, 100).unwrap();
}

#[test]
fn the_tree_of_every_size_is_that_of_whoever_appends_and_proves_each_block_and_each_size_before() {
    let (_dir, store) = new_chain(Keep::Last(2));
    grow(&store, 35);
    let view = store.view();
    for size in 0..=36 {
        let root = root_at(&view, size).unwrap();
        assert_eq!(root, appended(&store, size).root());
        for index in 0..size {
            let leaf = view.node(0, index).unwrap();
            assert!(prove_inclusion(&view, index, size).unwrap().unwrap().verify(&leaf, &root));
            let before = root_at(&view, index).unwrap();
            assert!(prove_consistency(&view, index, size).unwrap().unwrap().verify(&before, &root));
        }
    }
    assert!(matches!(root_at(&view, 37), Err(DbError::Future { height: Height(36), head: Height(35) })));
}

#[test]
fn rows_of_a_level_are_read_together_and_none_is_made_up() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 20);
    let view = store.view();
    let nodes = |level, from, count| view.log_nodes(level, from, count).unwrap();
    assert_eq!(nodes(0, 3, 4), (3..7).map(|index| view.node(0, index).unwrap()).collect::<Vec<_>>());
    assert_eq!(nodes(2, 0, 5), (0..5).map(|index| view.node(2, index).unwrap()).collect::<Vec<_>>());
    assert_eq!(nodes(4, 0, 1), [view.node(4, 0).unwrap()]);
    assert_eq!(view.block_hashes(Height(19), 2).unwrap()[1], view.head().unwrap().unwrap().hash);
    assert!(matches!(view.log_nodes(0, 20, 2), Err(DbError::Future { .. })));
    assert!(matches!(view.log_nodes(2, 0, 6), Err(DbError::Future { .. })), "it is not complete");
}

#[test]
fn a_row_that_is_missing_another_or_of_no_block_is_found() {
    let (_dir, store) = new_chain(Keep::Last(3));
    grow(&store, 26);
    store.verify(Extent::Whole, 100).unwrap();
    let rows: Vec<_> = dump(&store).unwrap().into_iter().filter(|((column, _), _)| *column == "log").collect();
    assert_eq!(rows.len(), 27 + 27 - 4);
    for ((_, key), row) in &rows {
        let (level, index) = (key[0], u64::from_be_bytes(key[1..].try_into().unwrap()));
        put_row(&store, level, index, None);
        assert!(store.verify(Extent::Whole, 100).is_err(), "row {index} of level {level} was not missed");
        let mut other = row.clone();
        other[7] ^= 1;
        put_row(&store, level, index, Some(&other));
        let error = damage(&store, Extent::Whole);
        assert!(error.contains("of the log column"), "row {index} of level {level}: {error}");
        put_row(&store, level, index, Some(&row[..31]));
        assert!(store.verify(Extent::Whole, 100).is_err(), "row {index} of level {level} is no hash");
        put_row(&store, level, index, Some(row));
    }
    store.verify(Extent::Whole, 100).unwrap();
    for (level, index) in [(0, 27), (1, 13), (4, 1), (5, 0), (63, 0), (64, 9)] {
        put_row(&store, level, index, Some(&[1; 32]));
        let error = damage(&store, Extent::Whole);
        assert_eq!(error, format!("row {index} of level {level} of the log column is of no block here"));
        put_row(&store, level, index, None);
    }
}

#[test]
fn a_block_that_would_go_on_from_a_node_that_is_missing_is_not_committed() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 4);
    let whole = dump(&store).unwrap();
    let node = store.view().node(2, 0).unwrap();
    put_row(&store, 2, 0, None);
    let refused = Decided::on(&store, []).commit(&store).unwrap_err();
    assert!(matches!(&refused, DbError::Damaged(_)) && refused.is_damage(), "{refused}");
    put_row(&store, 2, 0, Some(&node.0));
    assert_eq!(dump(&store).unwrap(), whole, "nothing of it is left");
    grow(&store, 4);
    store.verify(Extent::Whole, 100).unwrap();
}

/// Has the state of a next block take up the tree over all blocks before it.
fn take_tree_up(store: &Store) {
    let view = store.view();
    let head = view.head().unwrap().unwrap();
    let chain_id = view.genesis().unwrap().unwrap().chain.chain_id;
    let missing = view.block_hashes(Height(0), head.height.0).unwrap();
    let height = head.height.next();
    let at = Moment { height, epoch: height.epoch(EPOCH), time: Timestamp(0), running: 0, level: 1 };
    let grown = Grown { chain_id: &chain_id, missing: &missing, parent: head.hash, begins_epoch: false };
    write(store, |state| {
        govern(state, &[]);
        turn_on(state, Gate::RecursiveProofs);
        grow_tree(state, at, &grown);
    })
    .unwrap();
}

/// Writes the tree over the blocks of a store as if one of them were another.
fn forge(store: &Store, forged: Height) {
    let (view, mut growth) = (store.view(), LogGrowth::default());
    let head = view.head().unwrap().unwrap().height;
    for height in (0..=head.0).map(Height) {
        let block = if height == forged { BlockHash([9; 32]) } else { view.block_hash(height).unwrap().unwrap() };
        put_row(store, 0, height.0, Some(&block.0));
        for (level, index, node) in growth.take(height, block) {
            put_row(store, level, index, Some(&node.0));
        }
    }
}

#[test]
fn another_tree_than_the_state_has_is_found_also_where_only_a_part_is_read_and_each_node_is_right() {
    let (_dir, store) = new_chain(Keep::Last(3));
    grow(&store, 26);
    forge(&store, Height(12));
    // The state has no tree yet, and block 12 was pruned, in the middle of its epoch.
    store.verify(Extent::Whole, 100).unwrap();
    let (_dir, store) = new_chain(Keep::Last(3));
    grow(&store, 26);
    take_tree_up(&store);
    assert_eq!(store.view().tree_apart(Height(27)).unwrap(), None);
    assert_eq!(store.view().tree_apart(Height(26)).unwrap(), Some(27), "it has a block that is not there yet");
    for extent in [Extent::Whole, Extent::Sample(10)] {
        store.verify(extent, 100).unwrap();
    }
    forge(&store, Height(12));
    for extent in [Extent::Whole, Extent::Sample(10)] {
        let error = damage(&store, extent);
        assert_eq!(error, "the first 27 blocks by the log column do not make the tree that the state has over them");
    }
    assert_eq!(store.view().unvouched().unwrap(), None, "it began with genesis");
}

#[test]
fn a_start_that_reads_a_part_alone_compares_the_newest_blocks_and_the_ends_of_epochs() {
    let (_dir, store) = new_chain(Keep::Last(3));
    grow(&store, 26);
    for height in [26, 25, 19, 18, 9] {
        let right = store.view().block_hash(Height(height)).unwrap().unwrap();
        put_row(&store, 0, height, Some(&[9; 32]));
        let error = damage(&store, Extent::Sample(10));
        assert_eq!(error, format!("row {height} of level 0 of the log column is the hash of another block"));
        put_row(&store, 0, height, Some(&right.0));
    }
    store.verify(Extent::Sample(10), 100).unwrap();
    assert!(matches!(store.verify(Extent::Sample(10), 100), Ok(verified) if verified.headers == 4));
    put_row(&store, 0, 26, None);
    let error = store.verify(Extent::Sample(10), 100).unwrap_err();
    assert!(matches!(error, Damage::Unreadable(DbError::Damaged(_))), "{error}");
}

#[test]
fn what_a_store_goes_on_with_is_what_it_would_have_from_the_beginning() {
    let (dir, store) = new_chain(Keep::Everything);
    grow(&store, 12);
    drop(store);
    let store = open(dir.path(), Keep::Everything);
    grow(&store, 21);
    let (_once, once) = new_chain(Keep::Everything);
    grow(&once, 33);
    let log = |store: &Store| {
        let rows = dump(store).unwrap().into_iter().filter(|((column, _), _)| *column == "log");
        rows.map(|((_, key), row)| (key, row)).collect::<Vec<_>>()
    };
    assert_eq!(log(&store), log(&once));
    let genesis = once.view().header(Height(0)).unwrap().unwrap().hash();
    assert_eq!(log(&once)[0], (log_key(0, 0).to_vec(), genesis.0.to_vec()));
    assert_ne!(once.view().node(0, 0).unwrap(), Digest(genesis.0), "a leaf is made of the height too");
    assert_eq!(once.view().block_hash(Height(0)).unwrap(), Some(BlockHash(genesis.0)));
}
