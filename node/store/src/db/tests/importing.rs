use super::*;
use crate::db::columns::meta;
use crate::db::{DbError, Extent, Import};
use state::StateEntry;

/// Fills a store at `path` with the state of a height of another, so many entries at a time.
fn import(from: &Store, height: u64, path: &Path, at_once: usize) -> Result<Store, DbError> {
    let (view, height) = (from.view(), Height(height));
    let genesis = view.genesis()?.unwrap();
    let mut import = Import::begin(path, SMALL, &genesis, height)?;
    for end in view.epoch_ends(Height(0)) {
        let end = end?;
        if end.height() <= height {
            import.epoch_end(&end)?;
        }
    }
    for some in view.block_hashes(Height(0), height.0)?.chunks(at_once) {
        import.hashes(some)?;
    }
    let entries = view.entries_at(height)?.collect::<Result<Vec<StateEntry>, _>>()?;
    for some in entries.chunks(at_once) {
        import.entries(some.to_vec())?;
    }
    let (block, facts) = (view.block(height)?.unwrap(), view.record(height)?.unwrap().facts);
    let imported = import.finish(&block, &view.certificate(height)?.unwrap(), &facts)?;
    assert_eq!((imported.head.height, imported.keys), (height, entries.len() as u64));
    Ok(open(path, Keep::Everything))
}

#[test]
fn the_state_of_any_kept_height_makes_a_store_with_that_head_and_that_root() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 25);
    let target = TempDir::new().unwrap();
    for (number, (height, at_once)) in [(25, 1), (25, 7), (19, 1000), (3, 5)].into_iter().enumerate() {
        let path = target.path().join(number.to_string());
        let imported = import(&store, height, &path, at_once).unwrap();
        let view = imported.view();
        assert_eq!(
            view.head().unwrap().unwrap().state_root,
            store.view().header(Height(height)).unwrap().unwrap().state_root
        );
        assert_eq!(view.earliest().unwrap(), Height(height));
        assert_eq!(view.record(Height(height)).unwrap(), store.view().record(Height(height)).unwrap());
        imported.verify(Extent::Whole, 100).unwrap();
        let proof = |store: &Store| store.view().proof(b"test/7", Height(height)).unwrap();
        assert_eq!(proof(&imported), proof(&store));
        assert!(!path.join("importing").exists());
    }
}

#[test]
fn an_imported_store_goes_on_as_the_one_it_came_from_and_prunes() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 18);
    let target = TempDir::new().unwrap();
    let path = target.path().join("db");
    drop(import(&store, 18, &path, 9).unwrap());
    let imported = open(&path, Keep::Last(5));
    for _ in 0..20 {
        grow(&store, 1);
        grow(&imported, 1);
        assert_eq!(imported.view().head().unwrap(), store.view().head().unwrap());
    }
    assert_eq!(imported.view().earliest().unwrap(), Height(33));
    imported.verify(Extent::Whole, 100).unwrap();
    let mut fresh = dump(&imported).unwrap();
    drop(imported);
    // What is left of the imported heights is what a node that was there from the beginning keeps.
    let (_dir, pruned) = new_chain(Keep::Last(5));
    grow(&pruned, 38);
    let mut expected = dump(&pruned).unwrap();
    for rows in [&mut fresh, &mut expected] {
        rows.retain(|(column, key), _| !["tree", "values", "stale"].contains(column) && key != meta::IMPORTED);
    }
    assert_eq!(fresh, expected);
}

#[test]
fn what_is_not_in_order_not_whole_or_not_alone_is_refused_and_leaves_nothing() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 3);
    let (view, height) = (store.view(), Height(3));
    let target = TempDir::new().unwrap();
    let path = target.path().join("db");
    let begin = || Import::begin(&path, SMALL, &testing::genesis(), height).unwrap();
    let entries = view.entries_at(height).unwrap().collect::<Result<Vec<StateEntry>, _>>().unwrap();

    let mut twice = begin();
    twice.entries(entries[..5].to_vec()).unwrap();
    assert!(matches!(twice.entries(entries[4..9].to_vec()), Err(DbError::Unordered)));
    drop(twice);
    let mut same = begin();
    assert!(matches!(same.entries(vec![entries[0].clone(), entries[0].clone()]), Err(DbError::Unordered)));
    drop(same);
    let hashes = view.block_hashes(Height(0), 3).unwrap();
    let mut long = begin();
    long.hashes(&hashes).unwrap();
    assert!(matches!(long.hashes(&hashes[..1]), Err(DbError::HashCount { .. })));
    drop(long);
    let (mut few, mut other) = (begin(), hashes.clone());
    few.hashes(&hashes[..2]).unwrap();
    let refused = few.require_hashes(hashes[2]).unwrap_err();
    assert!(matches!(refused, DbError::HashCount { height: Height(3), found: Height(2) }), "{refused}");
    drop(few);
    other[2].0[0] ^= 1;
    let mut wrong = begin();
    wrong.hashes(&other).unwrap();
    assert!(matches!(wrong.require_hashes(hashes[2]), Err(DbError::HashOfAnother(Height(2)))));
    drop(wrong);
    (other[0], other[2]) = (hashes[1], hashes[2]);
    let mut beginning = begin();
    beginning.hashes(&other).unwrap();
    assert!(matches!(beginning.require_hashes(hashes[2]), Err(DbError::HashOfAnother(Height(0)))));
    drop(beginning);
    let mut short = begin();
    short.entries(entries[1..].to_vec()).unwrap();
    let (block, certificate) = (view.block(height).unwrap().unwrap(), view.certificate(height).unwrap().unwrap());
    assert!(matches!(short.finish(&block, &certificate, &[]), Err(DbError::Root { .. })));
    assert_eq!(std::fs::read_dir(target.path()).unwrap().count(), 0, "nothing is left");

    // A store is an obstacle.
    drop(import(&store, 3, &path, 100).unwrap());
    let refused = Import::begin(&path, SMALL, &testing::genesis(), height).err().unwrap();
    assert!(matches!(refused, DbError::Occupied { .. }), "{refused}");
}

/// A place for a store as an operator may have it: made anew, on a volume, or a link to another disk.
fn places(target: &Path) -> [std::path::PathBuf; 3] {
    let place = |name: &str| target.join(name);
    std::fs::create_dir_all(place("volume/lost+found")).unwrap();
    std::fs::create_dir(place("other-disk")).unwrap();
    std::os::unix::fs::symlink("other-disk", place("link")).unwrap();
    [place("anew"), place("volume"), place("link")]
}

#[test]
fn o06_a_store_is_imported_into_its_place_whatever_that_is() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 3);
    let target = TempDir::new().unwrap();
    for path in places(target.path()) {
        drop(import(&store, 3, &path, 100).unwrap());
        open(&path, Keep::Everything).verify(Extent::Whole, 100).unwrap();
        assert!(!path.join("importing").exists(), "{}", path.display());
        // Nothing was written elsewhere, such as beside it.
        let beside = std::fs::read_dir(target.path()).unwrap().count();
        assert_eq!(beside, 3 + usize::from(target.path().join("anew").exists()));
    }
    assert!(target.path().join("link").is_symlink() && target.path().join("other-disk/CURRENT").exists());
    assert!(target.path().join("volume/lost+found").exists());
}

#[test]
fn o06_an_import_that_was_killed_is_no_store_and_is_made_again() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 3);
    let whole = TempDir::new().unwrap();
    drop(import(&store, 3, &whole.path().join("db"), 100).unwrap());
    // Killed while it is filled, while it is moved up, and before the file that makes it a store.
    let files: Vec<_> = std::fs::read_dir(whole.path().join("db")).unwrap().map(|file| file.unwrap().path()).collect();
    for moved in [0, files.len() / 2, files.len()] {
        let target = TempDir::new().unwrap();
        let path = target.path().join("db");
        std::fs::create_dir_all(path.join("importing")).unwrap();
        for (number, file) in files.iter().enumerate() {
            let name = file.file_name().unwrap();
            let is_moved = number < moved && name != "CURRENT";
            let to = if is_moved { path.join(name) } else { path.join("importing").join(name) };
            std::fs::copy(file, to).unwrap();
        }
        for access in [Access::Primary, Access::ReadOnly] {
            let refused = Store::open(&path, access, SMALL).expect_err("half a store must not open");
            assert!(matches!(refused, DbError::Unfinished { .. }) && !refused.is_damage(), "{refused}");
        }
        drop(import(&store, 3, &path, 100).unwrap());
        // What is of no import stays.
        let other = TempDir::new().unwrap();
        std::fs::create_dir(other.path().join("importing")).unwrap();
        std::fs::write(other.path().join("notes.txt"), "mine").unwrap();
        let refused = Import::begin(other.path(), SMALL, &testing::genesis(), Height(3)).err().unwrap();
        assert!(matches!(refused, DbError::Occupied { .. }), "{refused}");
        assert!(other.path().join("notes.txt").exists());
    }
}

#[test]
fn entries_of_a_height_are_those_that_were_its_state() {
    let (_dir, store) = new_chain(Keep::Last(10));
    grow(&store, 20);
    let view = store.view();
    for height in (10..=20).map(Height) {
        let entries = view.entries_at(height).unwrap().collect::<Result<Vec<StateEntry>, _>>().unwrap();
        let writes = entries.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect::<Writes>();
        let mut tree = state::tree::MemoryTree::default();
        assert_eq!(tree.commit(&writes).unwrap(), view.header(height).unwrap().unwrap().state_root);
        for (key, value) in entries {
            assert_eq!(view.read_at(&key, height).unwrap(), Some(value));
        }
        assert_eq!(view.read_at(b"test/none", height).unwrap(), None);
    }
    assert!(matches!(view.read_at(b"test/1", Height(9)), Err(DbError::Pruned { .. })));
    assert!(matches!(view.entries_at(Height(21)).err(), Some(DbError::Future { .. })));
}
