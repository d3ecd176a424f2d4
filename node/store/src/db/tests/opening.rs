use super::*;
use crate::db::DbError;
use crate::db::columns::{SCHEMA, meta};
use parity_scale_codec::Encode;
use state::Backend;
use std::time::Duration;

fn refusal(path: &Path, access: Access) -> DbError {
    Store::open(path, access, SMALL).expect_err("the store must not open")
}

#[test]
fn a_store_opens_again_as_it_was_closed() {
    let (dir, store) = new_chain(Keep::Everything);
    grow(&store, 5);
    let before = dump(&store).unwrap();
    drop(store);
    let store = open(dir.path(), Keep::Everything);
    assert_eq!(dump(&store).unwrap(), before);
    grow(&store, 1);
    assert_eq!(store.view().head().unwrap().unwrap().height, Height(6));
}

#[test]
fn a_store_is_closed_by_whoever_ends_the_process_or_by_nobody() {
    let (dir, store) = new_chain(Keep::Everything);
    grow(&store, 2);
    let before = dump(&store).unwrap();
    let held = store.clone();
    let gives_back = std::thread::spawn(move || drop(held));
    assert!(store.close(Duration::from_secs(60)), "the other one gave it back");
    gives_back.join().unwrap();

    let store = open(dir.path(), Keep::Everything);
    let held = store.clone();
    assert!(!store.close(Duration::ZERO), "somebody still has it");
    drop(held);
    let error = refusal(dir.path(), Access::Primary);
    assert!(matches!(error, DbError::Locked { .. }), "the last one has closed it: {error}");
    // What is left behind is what a crash leaves.
    let left = copy(dir.path());
    assert_eq!(dump(&open(left.path(), Keep::Everything)).unwrap(), before);
}

#[test]
fn a_second_writer_is_told_that_the_store_is_in_use() {
    let (dir, _store) = new_chain(Keep::Everything);
    let error = refusal(dir.path(), Access::Primary);
    assert!(matches!(error, DbError::Locked { .. }), "{error}");
    assert!(error.to_string().contains("stop that node first"), "{error}");
}

#[test]
fn o05_in_use_is_only_what_another_has_the_lock_of_whatever_the_path_is_called() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("lock/the-block");
    // RocksDB tells this in the same words as that another process has its lock.
    std::fs::create_dir_all(path.join("LOCK")).unwrap();
    let error = refusal(&path, Access::Primary);
    assert!(matches!(error, DbError::Io { .. }) && !error.is_damage(), "{error}");
    assert!(error.to_string().contains("Is a directory"), "{error}");
    std::fs::remove_dir(path.join("LOCK")).unwrap();
    let store = open(&path, Keep::Everything);
    assert!(matches!(refusal(&path, Access::Primary), DbError::Locked { .. }));
    drop(store);
    open(&path, Keep::Everything);
}

#[test]
fn o05_what_the_disk_does_not_give_is_not_damaged() {
    let (dir, store) = new_chain(Keep::Everything);
    grow(&store, 3);
    drop(store);
    // A file whose first byte nobody can read: EIO.
    let manifest = newest_manifest(dir.path());
    let aside = manifest.with_extension("aside");
    std::fs::rename(&manifest, &aside).unwrap();
    std::os::unix::fs::symlink("/proc/self/mem", &manifest).unwrap();
    for access in [Access::Primary, Access::ReadOnly] {
        let error = refusal(dir.path(), access);
        assert!(matches!(error, DbError::Io { .. }) && !error.is_damage(), "{error}");
        assert!(error.to_string().contains("Input/output error"), "{error}");
    }
    // What was read and is wrong is.
    std::fs::remove_file(&manifest).unwrap();
    std::fs::write(&manifest, "nonsense").unwrap();
    for access in [Access::Primary, Access::ReadOnly] {
        assert!(refusal(dir.path(), access).is_damage());
    }
    std::fs::rename(&aside, &manifest).unwrap();
    open(dir.path(), Keep::Everything);
}

#[test]
fn a_reader_opens_while_the_writer_runs_and_writes_nothing() {
    let (dir, store) = new_chain(Keep::Everything);
    commit(&store, [put("test/a", "1")]);
    let reader = Store::open(dir.path(), Access::ReadOnly, SMALL).unwrap();
    commit(&store, [put("test/a", "2")]);
    assert_eq!(reader.view().head().unwrap().unwrap().height, Height(1));
    assert_eq!(reader.view().read(b"test/a"), Some(b"1".to_vec()));
    assert_eq!(reader.verify(crate::db::Extent::Whole, 10).unwrap().headers, 2);
    assert!(matches!(Decided::on(&reader, []).commit(&reader), Err(DbError::ReadOnly)));
    let later = Store::open(dir.path(), Access::ReadOnly, SMALL).unwrap();
    assert_eq!(later.view().read(b"test/a"), Some(b"2".to_vec()));
}

#[test]
fn a_reader_opens_at_any_moment_of_a_busy_writer() {
    let (dir, store) = new_chain(Keep::Last(3));
    std::thread::scope(|threads| {
        let writer = threads.spawn(|| grow(&store, 300));
        let mut seen = Height(0);
        while !writer.is_finished() {
            let reader = Store::open(dir.path(), Access::ReadOnly, SMALL).unwrap();
            let verified = reader.verify(crate::db::Extent::Whole, 10).unwrap();
            let height = verified.head.unwrap().height;
            assert!(height >= seen, "height {height} after {seen}");
            seen = height;
        }
    });
}

#[test]
fn a_store_of_another_schema_is_refused() {
    let (dir, store) = new_chain(Keep::Everything);
    store.0.db.put(meta::SCHEMA, 99u32.encode()).unwrap();
    drop(store);
    for access in [Access::Primary, Access::ReadOnly] {
        let error = refusal(dir.path(), access);
        assert!(matches!(error, DbError::Newer { found: 99, need: SCHEMA, .. }), "{error}");
    }
}

#[test]
fn another_programs_database_is_left_alone() {
    let dir = TempDir::new().unwrap();
    rocksdb::DB::open_default(dir.path()).unwrap().put("a", "b").unwrap();
    assert!(matches!(refusal(dir.path(), Access::Primary), DbError::Foreign { .. }));
    let mut options = rocksdb::Options::default();
    options.create_missing_column_families(true);
    drop(rocksdb::DB::open_cf(&options, dir.path(), ["theirs"]).unwrap());
    assert!(matches!(refusal(dir.path(), Access::Primary), DbError::Foreign { .. }));
    let columns = rocksdb::DB::list_cf(&options, dir.path()).unwrap();
    assert_eq!(columns, ["default", "theirs"]);
}

#[test]
fn a_reader_of_nothing_is_told_so_and_creates_nothing() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("store");
    assert!(matches!(refusal(&path, Access::ReadOnly), DbError::Missing { .. }));
    assert!(!path.exists());
}

#[test]
fn an_empty_store_has_no_head_and_takes_no_block() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path(), Keep::Everything);
    assert_eq!(store.view().head().unwrap(), None);
    assert_eq!(store.verify(crate::db::Extent::Whole, 10).unwrap().head, None);
    assert!(matches!(store.view().proof(b"a", Height(0)), Err(DbError::NoGenesis)));
}

#[test]
fn a_write_that_a_crash_cut_off_is_dropped_whole() {
    let (dir, store) = new_chain(Keep::Everything);
    grow(&store, 3);
    let before = dump(&store).unwrap();
    grow(&store, 1);
    // A copy of the files of a running store is what a crash leaves behind.
    let crashed = copy(dir.path());
    drop(store);
    let log = newest(crashed.path(), ".log");
    let length = std::fs::metadata(&log).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&log).unwrap().set_len(length - 10).unwrap();
    let store = open(crashed.path(), Keep::Everything);
    assert_eq!(dump(&store).unwrap(), before);
    store.verify(crate::db::Extent::Whole, 10).unwrap();
}

fn newest_manifest(dir: &Path) -> std::path::PathBuf {
    dir.join(std::fs::read_to_string(dir.join("CURRENT")).unwrap().trim_end())
}

pub fn newest(dir: &Path, suffix: &str) -> std::path::PathBuf {
    let files = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.to_string_lossy().ends_with(suffix)).max().unwrap()
}
