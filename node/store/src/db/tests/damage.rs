use super::opening::newest;
use super::*;
use crate::db::{Damage, DbError, Extent};
use parity_scale_codec::Encode;

/// What is found, which is the same however much of the state is compared at a time.
fn damage(store: &Store) -> Damage {
    let found = |most_at_once| {
        let verified = store.verify_within(Extent::Whole, 100, most_at_once);
        verified.expect_err("the damage must be found")
    };
    let whole = found(u64::MAX);
    for most_at_once in [1, 20] {
        assert_eq!(found(most_at_once).to_string(), whole.to_string(), "{most_at_once} at once");
    }
    whole
}

fn write(store: &Store, column: Column, key: &[u8], value: Option<&[u8]>) {
    let handle = store.0.column(column);
    match value {
        Some(value) => store.0.db.put_cf(handle, key, value).unwrap(),
        None => store.0.db.delete_cf(handle, key).unwrap(),
    }
}

#[test]
fn a_healthy_store_is_found_to_be_in_order() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 10);
    let verified = store.verify(Extent::Whole, 100).unwrap();
    assert_eq!(verified.head, store.view().head().unwrap());
    assert_eq!(verified.headers, 11);
    assert_eq!(verified.keys, dump(&store).unwrap().keys().filter(|(name, _)| *name == "state").count() as u64);
    for most_at_once in [0, 1, 2, 7, 40, verified.keys] {
        assert_eq!(store.verify_within(Extent::Whole, 100, most_at_once).unwrap(), verified, "{most_at_once} at once");
    }
    assert_eq!(store.verify(Extent::Sample(10), 3).unwrap().headers, 3);
    assert_eq!(store.verify(Extent::Sample(20_000), 3).unwrap().keys, verified.keys);
}

#[test]
fn a_value_written_by_hand_is_found() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 3);
    write(&store, Column::State, b"test/7", Some(b"approved"));
    let error = damage(&store);
    assert!(matches!(&error, Damage::Value { column: "state", key } if key == b"test/7"), "{error}");
    assert_eq!(
        error.to_string(),
        "the state column gives key \"test/7\" a value that the state root does not commit to"
    );
    assert!(matches!(store.verify(Extent::Sample(20_000), 1), Err(Damage::Value { .. })));
}

#[test]
fn a_key_written_by_hand_is_found() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 3);
    write(&store, Column::State, b"releases/approved/x", Some(b"approved"));
    let error = damage(&store);
    assert!(matches!(&error, Damage::Extra { column: "state", key } if key == b"releases/approved/x"), "{error}");
}

#[test]
fn a_key_removed_by_hand_is_found() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 3);
    write(&store, Column::State, b"test/30", None);
    let error = damage(&store);
    assert_eq!(error.to_string(), "the state column lacks a key that the state root commits to: \"test/30\"");
}

#[test]
fn every_row_of_the_tree_and_of_the_values_is_missed_when_it_is_gone() {
    let (_dir, store) = new_chain(Keep::Last(1));
    grow(&store, 8);
    let rows = dump(&store).unwrap();
    let current = store.verify(Extent::Whole, 1).unwrap().head.unwrap().height.0;
    let (mut found, mut tried) = (0, 0);
    for ((column, key), value) in &rows {
        let column = match *column {
            "tree" => Column::Tree,
            "values" => Column::Values,
            _ => continue,
        };
        write(&store, column, key, None);
        tried += 1;
        found += usize::from(store.verify(Extent::Whole, 1).is_err());
        write(&store, column, key, Some(value));
    }
    // What is not missed belongs to the one height before the head that is also kept.
    assert!(found > tried / 2, "{found} of {tried} at {current}");
    let root = state::tree::TreePlace::root(current).bytes();
    write(&store, Column::Tree, &root, None);
    assert!(damage(&store).to_string().contains("no root at height 8"));
}

#[test]
fn a_node_of_another_content_is_found() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 3);
    let rows = dump(&store).unwrap();
    let roots = [2, 3].map(|height| state::tree::TreePlace::root(height).bytes());
    let other = rows.get(&("tree", roots[0].clone())).unwrap();
    write(&store, Column::Tree, &roots[1], Some(other));
    assert!(matches!(damage(&store), Damage::Root { .. }), "{}", damage(&store));
    let last = rows.iter().rfind(|((column, _), _)| *column == "tree").unwrap();
    write(&store, Column::Tree, &roots[1], Some(&rows[&("tree", roots[1].clone())]));
    store.verify(Extent::Whole, 100).unwrap();
    write(&store, Column::Tree, &last.0.1, Some(other));
    assert!(matches!(damage(&store), Damage::Node { .. }), "{}", damage(&store));
}

#[test]
fn headers_that_are_not_a_chain_are_found() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 5);
    let view = store.view();
    let mut header = view.header(Height(3)).unwrap().unwrap();
    let row = |header: &runtime::Header| (header, None::<Certificate>).encode();
    let original = row(&header);
    header.time = header.time.plus(1);
    write(&store, Column::Headers, &3u64.to_be_bytes(), Some(&row(&header)));
    let error = damage(&store);
    assert!(matches!(error, Damage::Hash { height: Height(3), .. }), "{error}");
    store.verify(Extent::Whole, 2).unwrap();
    write(&store, Column::Headers, &3u64.to_be_bytes(), Some(&original));
    store.verify(Extent::Whole, 100).unwrap();
    write(&store, Column::Headers, &3u64.to_be_bytes(), None);
    assert!(matches!(damage(&store), Damage::Header(Height(3))));
}

#[test]
fn a_head_row_of_another_block_is_found() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 2);
    let head = store.view().head().unwrap().unwrap();
    let mut other = head;
    other.state_root.0[0] ^= 1;
    write(&store, Column::Meta, b"head", Some(&other.encode()));
    assert!(matches!(damage(&store), Damage::Root { by: "the head row", .. }));
    other = head;
    other.hash.0[0] ^= 1;
    write(&store, Column::Meta, b"head", Some(&other.encode()));
    assert!(matches!(damage(&store), Damage::Hash { by: "the head row", .. }));
    write(&store, Column::Meta, b"head", Some(b"nonsense"));
    assert!(matches!(damage(&store), Damage::Unreadable(DbError::Damaged(_))));
}

/// Flips one bit of a file and opens the store: either that or `verify` must fail, or every row must still be there.
/// Returns whether it was found.
fn flipped(files: &Path, name: &Path, at: usize, bit: u8, rows: &Rows) -> bool {
    let dir = copy(files);
    let path = dir.path().join(name.file_name().unwrap());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[at] ^= 1 << bit;
    std::fs::write(&path, bytes).unwrap();
    let Ok(store) = Store::open(dir.path(), Access::Primary, SMALL) else { return true };
    if store.verify(Extent::Whole, 100).is_err() {
        return true;
    }
    assert!(dump(&store).unwrap() == *rows, "bit {bit} of byte {at} of {} went unnoticed", name.display());
    false
}

fn flip_through(files: &Path, suffix: &str, step: usize, rows: &Rows) {
    let names = std::fs::read_dir(files).unwrap().map(|file| file.unwrap().path());
    let names = names.filter(|path| path.to_string_lossy().contains(suffix)).collect::<Vec<_>>();
    assert!(!names.is_empty(), "there is no {suffix}");
    let (mut tried, mut found) = (0, 0);
    for name in names {
        for at in (0..std::fs::metadata(&name).unwrap().len() as usize).step_by(step) {
            tried += 1;
            found += usize::from(flipped(files, &name, at, (at % 8) as u8, rows));
        }
    }
    assert!(found * 2 > tried, "only {found} of {tried} flipped bits in {suffix} were found");
}

#[test]
fn a_flipped_bit_in_a_table_is_found() {
    let (dir, store) = new_chain(Keep::Everything);
    grow(&store, 3);
    let rows = dump(&store).unwrap();
    drop(store);
    flip_through(dir.path(), ".sst", 257, &rows);
    flip_through(dir.path(), "MANIFEST", 7, &rows);
}

#[test]
fn a_flipped_bit_in_the_log_is_found() {
    let (dir, store) = new_chain(Keep::Everything);
    grow(&store, 2);
    let crashed = copy(dir.path());
    let rows = dump(&store).unwrap();
    drop(store);
    flip_through(crashed.path(), ".log", 401, &rows);
    let log = newest(crashed.path(), ".log");
    for start in record_starts(&std::fs::read(&log).unwrap()) {
        for (at, bit) in (start..start + 7).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            flipped(crashed.path(), &log, at, bit, &rows);
        }
    }
}

/// Where the physical records of a log begin: checksum (4), length (2), type (1), content; in blocks of 32 KiB.
fn record_starts(log: &[u8]) -> Vec<usize> {
    const BLOCK: usize = 32 << 10;
    let mut starts = Vec::new();
    let mut at = 0;
    while at + 7 <= log.len() {
        if BLOCK - at % BLOCK < 7 {
            at = at.next_multiple_of(BLOCK);
            continue;
        }
        starts.push(at);
        at += 7 + usize::from(u16::from_le_bytes([log[at + 4], log[at + 5]]));
    }
    starts
}
