//! Stories of a store on disk.

use super::retention::StageOnChain;
use super::*;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use tempfile::TempDir;

/// A store in a folder of its own, and files to take in.
struct World {
    dir: TempDir,
    store: ArtifactStore,
}

fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let store = ArtifactStore::open(&dir.path().join("artifacts")).unwrap();
    World { dir, store }
}

fn hash_of(bytes: &[u8]) -> BuildHash {
    BuildHash(*blake3::hash(bytes).as_bytes())
}

/// An executable as far as the store cares: bytes that differ by number.
fn build(number: u8, size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8 ^ number).collect()
}

impl World {
    fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(hash_of(bytes).to_string());
        fs::write(&path, bytes).unwrap();
        path
    }

    fn hold(&self, bytes: &[u8]) -> Result<Held, ArtifactError> {
        self.store.hold(&self.file(bytes), &hash_of(bytes))
    }

    /// The names in the folder, without the lock.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.store.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".lock")
            .collect();
        names.sort();
        names
    }
}

#[test]
fn what_is_held_is_read_back_byte_for_byte_and_its_tree_is_the_one_of_write_tree() {
    let world = world();
    let bytes = build(1, 100_000);
    let hash = hash_of(&bytes);
    assert!(!world.store.has(&hash));
    let held = world.hold(&bytes).unwrap();
    assert_eq!((held.hash, held.size, held.pinned.clone()), (hash, 100_000, None));
    assert_eq!((world.store.has(&hash), world.store.size(&hash)), (true, Some(100_000)));
    assert_eq!(world.store.read(&hash, Part::Data, 0, 100_000).unwrap(), bytes);
    assert_eq!(world.store.read(&hash, Part::Data, 99_990, 10).unwrap(), bytes[99_990..]);
    let tree = world.dir.path().join("tree");
    assert_eq!(write_tree(&world.file(&bytes), &tree).unwrap(), (hash, 100_000));
    let length = tree_size(100_000) as usize;
    assert_eq!(world.store.read(&hash, Part::Tree, 0, length).unwrap(), fs::read(&tree).unwrap());
    assert_eq!(world.store.list().unwrap(), std::slice::from_ref(&held));
    assert_eq!(world.hold(&bytes).unwrap(), held, "a second time changes nothing");
    assert_eq!(world.names(), [format!("{hash}.bin"), format!("{hash}.bin.obao4")]);
    let reopened = ArtifactStore::open(world.store.path()).unwrap();
    assert_eq!(reopened.list().unwrap(), [held]);
}

#[test]
fn bytes_past_the_end_are_refused_with_the_size() {
    let world = world();
    let bytes = build(1, 20_000);
    world.hold(&bytes).unwrap();
    for (offset, length) in [(0, 20_001), (20_000, 1), (u64::MAX, 1), (1, usize::MAX)] {
        let error = world.store.read(&hash_of(&bytes), Part::Data, offset, length).unwrap_err();
        assert!(matches!(error, ArtifactError::OutOfRange { size: 20_000, .. }), "{error}");
    }
    let other = hash_of(b"other");
    assert!(matches!(world.store.read(&other, Part::Data, 0, 1), Err(ArtifactError::NotHeld(hash)) if hash == other));
}

#[test]
fn t01_another_build_is_refused_by_both_hashes_and_leaves_nothing() {
    let world = world();
    let (wanted, offered) = (hash_of(b"wanted"), b"something else".to_vec());
    let error = world.store.hold(&world.file(&offered), &wanted).unwrap_err();
    let ArtifactError::WrongHash { expected, found, .. } = error else { panic!("{error}") };
    assert_eq!((expected, found), (wanted, hash_of(&offered)));
    assert!(world.names().is_empty());
    assert!(!world.store.has(&wanted) && !world.store.has(&found));
}

#[test]
fn what_a_killed_process_left_is_removed_when_the_store_opens() {
    let world = world();
    let bytes = build(1, 50_000);
    world.hold(&bytes).unwrap();
    let kept = world.names();
    let alone = hash_of(b"no executable");
    for name in [".held-a1b2c3.part".to_owned(), format!("{alone}.bin.obao4")] {
        fs::write(world.store.path().join(name), b"half").unwrap();
    }
    fs::write(world.store.path().join("notes.txt"), b"the operator's own").unwrap();
    let reopened = ArtifactStore::open(world.store.path()).unwrap();
    assert_eq!(world.names(), [&kept[..], &["notes.txt".to_owned()]].concat());
    assert!(reopened.has(&hash_of(&bytes)));
}

#[test]
fn what_a_running_process_has_half_done_is_left_to_it() {
    let world = world();
    let staged = world.store.path().join(".held-a1b2c3.part");
    fs::write(&staged, b"half").unwrap();
    let at_work = File::open(world.store.path().join(".lock")).unwrap();
    at_work.lock().unwrap();
    ArtifactStore::open(world.store.path()).unwrap();
    assert!(staged.exists());
    at_work.unlock().unwrap();
    ArtifactStore::open(world.store.path()).unwrap();
    assert!(!staged.exists());
}

#[test]
fn t28_a_link_is_neither_followed_nor_listed_and_gives_way_to_the_artifact() {
    let world = world();
    let secret = world.dir.path().join("secret");
    fs::write(&secret, b"secret").unwrap();
    let hash = hash_of(b"secret");
    symlink(&secret, world.store.path_of(&hash, Part::Data)).unwrap();
    fs::write(world.store.path_of(&hash, Part::Tree), b"").unwrap();
    assert!(!world.store.has(&hash));
    assert!(matches!(world.store.read(&hash, Part::Data, 0, 6), Err(ArtifactError::NotAFile { .. })));
    assert!(world.store.list().unwrap().is_empty());
    let link = world.dir.path().join("link");
    symlink(&secret, &link).unwrap();
    assert!(matches!(world.store.hold(&link, &hash), Err(ArtifactError::NotAFile { .. })));
    world.store.hold(&secret, &hash).unwrap();
    assert!(fs::symlink_metadata(world.store.path_of(&hash, Part::Data)).unwrap().is_file());
    assert_eq!(fs::read(&secret).unwrap(), b"secret", "the link's target is untouched");
    fs::create_dir(world.store.path_of(&hash_of(b"folder"), Part::Data)).unwrap();
    assert!(matches!(world.store.read(&hash_of(b"folder"), Part::Data, 0, 1), Err(ArtifactError::NotAFile { .. })));
}

#[test]
fn an_executable_without_its_whole_tree_is_not_held_and_is_taken_in_again() {
    let world = world();
    let bytes = build(1, 40_000);
    let hash = hash_of(&bytes);
    world.hold(&bytes).unwrap();
    fs::remove_file(world.store.path_of(&hash, Part::Tree)).unwrap();
    assert!(!world.store.has(&hash) && world.store.list().unwrap().is_empty());
    world.hold(&bytes).unwrap();
    assert!(world.store.has(&hash));
}

#[test]
fn a_folder_that_cannot_be_written_says_so_and_one_that_is_a_file_does_not_open() {
    // Nobody creates files in the process file system, not even root.
    let store = ArtifactStore::open(Path::new("/proc")).unwrap();
    let world = world();
    let error = store.hold(&world.file(b"build"), &hash_of(b"build")).unwrap_err();
    assert!(matches!(&error, ArtifactError::Unwritable { path, .. } if path.starts_with("/proc")), "{error}");
    assert!(error.to_string().contains("check the folder's owner"), "{error}");
    assert!(matches!(store.pin(&hash_of(b"build"), "why"), Err(ArtifactError::Unwritable { .. })));
    let error = ArtifactStore::open(&world.file(b"file")).unwrap_err();
    assert!(matches!(error, ArtifactError::Unwritable { .. }), "{error}");
}

/// Room for two builds of 50,000 bytes with their trees, and not for three.
fn narrow(world: &World) -> ArtifactStore {
    let bounds = ArtifactBounds { disk_budget_bytes: 110_000, keep_activated: 30 };
    // The number of a release is that of its build.
    let numbered: Vec<BuildHash> = (0..9).map(|number| hash_of(&build(number, 50_000))).collect();
    world.store.clone().bounded(bounds).judged_by(Arc::new(move |hash| {
        let number = numbered.iter().position(|known| known == hash);
        number.map_or(StageOnChain::Unknown, |number| StageOnChain::Activated { sequence: number as u64 })
    }))
}

#[test]
fn t06_the_oldest_release_makes_room_and_the_budget_is_never_exceeded() {
    let world = world();
    let store = narrow(&world);
    let take = |number: u8| {
        let bytes = build(number, 50_000);
        store.hold(&world.file(&bytes), &hash_of(&bytes)).map(|held| held.hash)
    };
    // Taken in out of order: the age that counts is that of the release.
    let (second, first) = (take(2).unwrap(), take(1).unwrap());
    let third = take(3).unwrap();
    assert!(store.has(&second) && store.has(&third) && !store.has(&first));
    assert_eq!(world.names().len(), 4);

    let too_large = build(0, 110_001);
    let error = store.hold(&world.file(&too_large), &hash_of(&too_large)).unwrap_err();
    assert!(matches!(error, ArtifactError::LargerThanBudget { budget: 110_000, .. }), "{error}");
    store.pin(&second, "incident 7").unwrap();
    store.pin(&third, "incident 7").unwrap();
    let error = take(4).unwrap_err();
    assert!(matches!(error, ArtifactError::NoRoom { budget: 110_000, .. }), "{error}");
    assert!(error.to_string().contains("node.unpin_artifact"), "{error}");
    assert!(store.has(&second) && store.has(&third));
    assert_eq!(world.names().len(), 5, "two artifacts and the pins");
}

#[test]
fn h28_t10_what_is_awaited_and_held_gives_way_to_nothing_else_that_is_awaited() {
    let world = world();
    let store = narrow(&world).judged_by(Arc::new(|_| StageOnChain::Awaited));
    let take = |number: u8| {
        let bytes = build(number, 50_000);
        store.hold(&world.file(&bytes), &hash_of(&bytes)).map(|held| held.hash)
    };
    let (first, second) = (take(1).unwrap(), take(2).unwrap());
    let error = take(3).unwrap_err();
    assert!(matches!(error, ArtifactError::NoRoom { budget: 110_000, .. }), "{error}");
    assert!(store.has(&first) && store.has(&second));
}

#[test]
fn nothing_is_given_up_for_a_file_that_turns_out_to_be_another_build() {
    let world = world();
    let store = narrow(&world);
    for number in [1, 2] {
        let bytes = build(number, 50_000);
        store.hold(&world.file(&bytes), &hash_of(&bytes)).unwrap();
    }
    let names = world.names();
    let error = store.hold(&world.file(&build(3, 50_000)), &hash_of(b"another")).unwrap_err();
    assert!(matches!(error, ArtifactError::WrongHash { .. }), "{error}");
    assert_eq!(world.names(), names);
}

#[test]
fn retention_keeps_the_latest_and_what_is_pinned() {
    let world = world();
    let store = world.store.clone();
    let hashes: Vec<BuildHash> = (1..5).map(|number| world.hold(&build(number, 5_000)).unwrap().hash).collect();
    let order = hashes.clone();
    let store = store.bounded(ArtifactBounds { keep_activated: 2, ..ArtifactBounds::default() }).judged_by(Arc::new(
        move |hash| StageOnChain::Activated { sequence: order.iter().position(|known| known == hash).unwrap() as u64 },
    ));
    store.pin(&hashes[0], "the drill").unwrap();
    assert_eq!(store.retain().unwrap(), [hashes[1]]);
    assert_eq!(hashes.iter().map(|hash| store.has(hash)).collect::<Vec<_>>(), [true, false, true, true]);
    assert!(store.unpin(&hashes[0]).unwrap() && !store.unpin(&hashes[0]).unwrap());
    assert_eq!(store.retain().unwrap(), [hashes[0]]);
    assert!(store.retain().unwrap().is_empty());
}

#[test]
fn a_pin_says_why_and_outlives_the_process() {
    let world = world();
    let hash = world.hold(b"build").unwrap().hash;
    for reason in ["", "  ", "two\nlines", "x".repeat(MOST_REASON_BYTES + 1).as_str()] {
        assert!(matches!(world.store.pin(&hash, reason), Err(ArtifactError::Reason)), "{reason:?}");
    }
    world.store.pin(&hash, "first").unwrap();
    world.store.pin(&hash, "incident 7").unwrap();
    let absent = hash_of(b"not here yet");
    world.store.pin(&absent, "a hold").unwrap();
    let reopened = ArtifactStore::open(world.store.path()).unwrap();
    assert_eq!(reopened.pins().unwrap(), [(hash, "incident 7".into()), (absent, "a hold".into())].into());
    assert_eq!(reopened.list().unwrap()[0].pinned.as_deref(), Some("incident 7"));
    let error = reopened.remove(&hash).unwrap_err();
    assert!(error.to_string().contains("is pinned (incident 7)"), "{error}");
    reopened.unpin(&hash).unwrap();
    assert!(reopened.remove(&hash).unwrap() && !reopened.remove(&hash).unwrap());
    assert_eq!(world.names(), ["pins.json"]);
}

#[test]
fn a_damaged_list_of_pins_is_named_and_nothing_is_removed_meanwhile() {
    let world = world();
    let hash = world.hold(b"build").unwrap().hash;
    let store = world.store.clone().bounded(ArtifactBounds { disk_budget_bytes: 1, keep_activated: 0 });
    let pin = |hash: &str| format!("{{\"hash\": \"{hash}\", \"reason\": \"why\"}}");
    let list = |version: u32, pins: &[String]| format!("{{\"version\": {version}, \"pins\": [{}]}}", pins.join(","));
    let known = hash.to_string();
    for (text, why) in [
        (String::new(), "EOF"),
        (list(2, &[]), "version 2"),
        (list(1, &[pin("ab")]), "hex digits"),
        (list(1, &[pin(&known), pin(&known)]), "twice"),
        (list(1, &[pin(&known).replace("why", "")]), "reason"),
        (list(1, &[pin(&known).replace('}', ", \"colour\": 1}")]), "colour"),
    ] {
        fs::write(store.path().join("pins.json"), &text).unwrap();
        let error = store.retain().unwrap_err().to_string();
        assert!(error.contains("pins.json") && error.contains(why), "{error}");
        assert!(world.store.has(&hash));
        assert_eq!(fs::read_to_string(store.path().join("pins.json")).unwrap(), text);
    }
}

#[test]
fn many_who_take_in_the_same_and_others_at_once_do_not_disturb_each_other() {
    let world = world();
    let files: Vec<(PathBuf, BuildHash)> =
        (0..4).map(|number| build(number, 200_000)).map(|bytes| (world.file(&bytes), hash_of(&bytes))).collect();
    std::thread::scope(|threads| {
        for turn in 0..8 {
            let (file, hash) = &files[turn % 4];
            // Each has the folder open by itself, as another process would.
            let folder = world.store.path();
            threads.spawn(move || ArtifactStore::open(folder).unwrap().hold(file, hash).unwrap());
        }
    });
    assert_eq!(world.names().len(), 8);
    for (file, hash) in &files {
        assert_eq!(world.store.read(hash, Part::Data, 0, 200_000).unwrap(), fs::read(file).unwrap());
    }
}
