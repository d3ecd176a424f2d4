//! Stories of snapshots, told on the chain of the stored database of schema 1: 41 decided blocks in epochs of two, whose
//! validators' power changes from epoch to epoch.

mod vouched;

use super::format::{Kind, Writer};
use super::testing::SnapshotParts;
use super::{ImportTarget, SnapshotError, Summary, VERSION, export, import};
use crate::db::{Access, DbError, Extent, Settings, Store};
use crate::testing::{govern, write};
use crate::{KeptAnchor, Mistrust};
use flags::Gate;
use host::config::Home;
use host::keys;
use ledger::Ledger;
use primitives::{Amount, Height};
use runtime::{Fact, Genesis};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A chain to export from, and a home to import into.
struct World {
    dir: TempDir,
    store: Store,
    genesis: Genesis,
}

impl World {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/store_v1");
        std::fs::create_dir(dir.path().join("source")).unwrap();
        for file in std::fs::read_dir(stored).unwrap().map(|file| file.unwrap()) {
            std::fs::copy(file.path(), dir.path().join("source").join(file.file_name())).unwrap();
        }
        let store = Store::open(dir.path().join("source"), Access::Primary, Settings::default()).unwrap();
        let genesis = store.view().genesis().unwrap().unwrap();
        Self { dir, store, genesis }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("snapshot")
    }

    fn db(&self) -> PathBuf {
        self.dir.path().join("home/db")
    }

    fn export(&self, height: u64) -> Summary {
        let _ = std::fs::remove_file(self.file());
        export(&self.store, Some(Height(height)), &self.file()).unwrap()
    }

    fn import(&self) -> Result<Summary, SnapshotError> {
        self.import_with(&self.genesis)
    }

    fn import_with(&self, genesis: &Genesis) -> Result<Summary, SnapshotError> {
        std::fs::create_dir_all(self.dir.path().join("home")).unwrap();
        let consensus = self.dir.path().join("home/consensus");
        let home = Home::at(self.dir.path().join("home"));
        let kept = KeptAnchor::read(&home, genesis)?;
        let target = ImportTarget {
            store: &self.db(),
            settings: Settings::default(),
            consensus: Some(&consensus),
            account: None,
            kept: kept.as_ref(),
            genesis,
        };
        import(&self.file(), target)
    }

    /// What the import says, which must leave nothing behind.
    fn refusal(&self) -> SnapshotError {
        let refusal = self.import().expect_err("the snapshot must be refused");
        let left = std::fs::read_dir(self.dir.path().join("home")).unwrap();
        let own = ["consensus", "boot", "config"];
        let left = left.map(|file| file.unwrap().file_name()).filter(|name| own.iter().all(|own| name != *own));
        let left: Vec<_> = left.collect();
        assert!(left.is_empty(), "{left:?} is left after: {refusal}");
        refusal
    }

    /// Exports, lets a forger change what he likes, with hashes that fit again, and imports.
    fn forged(&self, change: impl FnOnce(&mut SnapshotParts)) -> SnapshotError {
        self.export(40);
        let mut parts = self.parts();
        change(&mut parts);
        self.put(&parts);
        self.refusal()
    }

    /// The snapshot, taken apart.
    fn parts(&self) -> SnapshotParts {
        SnapshotParts::read(std::fs::File::open(self.file()).unwrap()).unwrap()
    }

    fn put(&self, parts: &SnapshotParts) {
        std::fs::write(self.file(), parts.write().unwrap()).unwrap();
    }
}

#[test]
fn a_home_filled_from_a_snapshot_of_any_height_goes_on_to_the_same_root() {
    let world = World::new();
    for height in [41, 40, 1] {
        let exported = world.export(height);
        let imported = world.import().unwrap();
        assert_eq!(exported, imported);
        assert_eq!((imported.height, imported.epoch_ends), (Height(height), height / 2));
        let store = Store::open(world.db(), Access::Primary, Settings::default()).unwrap();
        store.verify(Extent::Whole, 100).unwrap();
        let head = crate::begin(&store, &world.genesis).unwrap();
        let mut ledger = Ledger::over(store.clone(), &world.genesis, head.header);
        let source = world.store.view();
        for next in (height + 1..=41).map(Height) {
            let block = source.block(next).unwrap().unwrap();
            ledger.commit(block, source.certificate(next).unwrap().unwrap()).unwrap();
        }
        assert_eq!(ledger.head().hash, source.head().unwrap().unwrap().hash);
        assert_eq!(store.view().earliest().unwrap(), Height(height));
        let first = store.view().block(Height(height)).unwrap();
        assert_eq!(first, source.block(Height(height)).unwrap());
        store.verify(Extent::Whole, 100).unwrap();
        drop((ledger, store));
        std::fs::remove_dir_all(world.db()).unwrap();
    }
}

#[test]
fn a_snapshot_is_the_same_wherever_it_is_made() {
    let world = World::new();
    world.export(37);
    let first = std::fs::read(world.file()).unwrap();
    world.import().unwrap();
    let second = world.dir.path().join("second");
    let store = Store::open(world.db(), Access::ReadOnly, Settings::default()).unwrap();
    export(&store, None, &second).unwrap();
    assert_eq!(first, std::fs::read(second).unwrap());
    world.put(&world.parts());
    std::fs::remove_dir_all(world.db()).unwrap();
    assert_eq!(world.import().unwrap().height, Height(37), "chunks may be of any size");
}

#[test]
fn no_snapshot_is_made_of_genesis_of_what_is_not_kept_or_over_another_file() {
    let world = World::new();
    let refused = |height| export(&world.store, Some(Height(height)), &world.file()).unwrap_err();
    assert!(matches!(refused(0), SnapshotError::Genesis));
    assert!(matches!(refused(42), SnapshotError::Store(DbError::Future { .. })));
    let names = std::fs::read_dir(world.dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with("snapshot")).collect();
    assert!(left.is_empty(), "{left:?}");
    world.export(41);
    assert!(matches!(refused(41), SnapshotError::Exists(_)));
}

#[test]
fn a_snapshot_cut_off_anywhere_is_refused() {
    let world = World::new();
    world.export(41);
    let whole = std::fs::read(world.file()).unwrap();
    for length in (0..whole.len()).step_by(whole.len() / 60).chain([whole.len() - 1]) {
        std::fs::write(world.file(), &whole[..length]).unwrap();
        let refusal = world.refusal();
        let expected = matches!(refusal, SnapshotError::Truncated { .. })
            || length < 19 && matches!(refusal, SnapshotError::NotSnapshot(_));
        assert!(expected, "cut off after {length} bytes: {refusal}");
    }
    std::fs::write(world.file(), [&whole[..], b"x"].concat()).unwrap();
    assert!(matches!(world.refusal(), SnapshotError::Leftover));
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let world = World::new();
    world.export(41);
    let whole = std::fs::read(world.file()).unwrap();
    let mut altered = 0;
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(world.file(), bytes).unwrap();
        altered += usize::from(matches!(world.refusal(), SnapshotError::Altered { .. }));
    }
    assert!(altered > 50, "only {altered} of 60 were told from their chunk's hash");
}

#[test]
fn another_version_of_the_format_and_other_files_are_named_as_such() {
    let world = World::new();
    world.export(41);
    let mut bytes = std::fs::read(world.file()).unwrap();
    bytes[19] = VERSION as u8 + 1;
    std::fs::write(world.file(), &bytes).unwrap();
    let refusal = world.refusal();
    assert!(matches!(refusal, SnapshotError::Version(3)), "{refusal}");
    assert!(refusal.to_string().contains("this build reads version 2"), "{refusal}");
    std::fs::write(world.file(), "a text that is longer than the beginning of a snapshot").unwrap();
    assert!(matches!(world.refusal(), SnapshotError::NotSnapshot(_)));
    std::fs::remove_file(world.file()).unwrap();
    assert!(matches!(world.refusal(), SnapshotError::File { .. }));
}

#[test]
fn a_snapshot_of_the_first_version_which_had_no_hashes_is_refused_with_what_to_do() {
    let world = World::new();
    world.export(41);
    let mut bytes = std::fs::read(world.file()).unwrap();
    bytes[19] = 1;
    std::fs::write(world.file(), &bytes).unwrap();
    let refusal = world.refusal();
    assert!(matches!(refusal, SnapshotError::Version(1)), "{refusal}");
    assert!(refusal.to_string().contains("take a snapshot made by a build of the same release"), "{refusal}");
}

#[test]
fn a_home_that_began_from_a_snapshot_has_the_same_tree_as_one_that_was_there_from_the_beginning() {
    let world = World::new();
    world.export(37);
    world.import().unwrap();
    let store = Store::open(world.db(), Access::ReadOnly, Settings::default()).unwrap();
    let (source, view) = (world.store.view(), store.view());
    assert_eq!(view.block_hashes(Height(0), 38).unwrap(), source.block_hashes(Height(0), 38).unwrap());
    for size in 0..=38 {
        assert_eq!(tlog::root_at(&view, size).unwrap(), tlog::root_at(&source, size).unwrap());
    }
}

#[test]
fn a_snapshot_of_another_chain_is_refused_by_its_genesis() {
    let world = World::new();
    world.export(41);
    let mut other = world.genesis.clone();
    other.accounts.fees.base = Amount(11);
    let refusal = world.import_with(&other).unwrap_err();
    assert!(matches!(refusal, SnapshotError::ForeignChain { .. }), "{refusal}");
    assert!(!world.db().exists());
    // And by its certificates, when it only claims to be of this one.
    let stranger = |index| runtime::testing::holder(index).account();
    let mut claimed = world.genesis.clone();
    claimed.staking.bonds.iter_mut().zip(0..).for_each(|(bond, index)| bond.validator = stranger(index));
    let mut parts = world.parts();
    parts.about.genesis = claimed.hash();
    world.put(&parts);
    let refusal = world.import_with(&claimed).unwrap_err();
    assert!(matches!(refusal, SnapshotError::Distrust(_)), "{refusal}");
    assert!(!world.db().exists());
}

#[test]
fn whatever_a_forger_changes_is_found_by_what_is_certified() {
    let world = World::new();
    let refusal = world.forged(|parts| parts.entries[7].1[0] ^= 1);
    assert!(matches!(refusal, SnapshotError::Root { height: Height(40), .. }), "{refusal}");
    let refusal = world.forged(|parts| drop(parts.entries.pop()));
    assert!(matches!(refusal, SnapshotError::Root { .. }), "{refusal}");
    let refusal = world.forged(|parts| parts.entries.swap(0, 30));
    assert!(matches!(refusal, SnapshotError::Store(DbError::Unordered)), "{refusal}");
    let refusal = world.forged(|parts| parts.entries[3].1.clear());
    assert!(matches!(refusal, SnapshotError::Store(DbError::Tree(_))), "{refusal}");

    let refusal = world.forged(|parts| parts.about.head.header.state_root.0[0] ^= 1);
    assert!(matches!(refusal, SnapshotError::Distrust(_)), "{refusal}");
    let refusal = world.forged(|parts| parts.about.head.certificate.signatures[0].1.0[0] ^= 1);
    assert!(matches!(refusal, SnapshotError::Distrust(_)), "{refusal}");
    let refusal = world.forged(|parts| parts.ends[4].header.time = parts.ends[4].header.time.next());
    assert!(matches!(refusal, SnapshotError::Distrust(_)), "{refusal}");

    let refusal = world.forged(|parts| drop(parts.ends.remove(4)));
    assert!(matches!(&refusal, SnapshotError::Trail { due, .. } if due == "height 9"), "{refusal}");
    let refusal = world.forged(|parts| drop(parts.ends.pop()));
    assert!(matches!(&refusal, SnapshotError::Trail { found, .. } if found == "nothing"), "{refusal}");
    let refusal = world.forged(|parts| parts.hashes.truncate(parts.hashes.len() - 1));
    assert!(matches!(refusal, SnapshotError::Store(DbError::HashCount { .. })), "{refusal}");
    let refusal = world.forged(|parts| parts.hashes.push(parts.hashes[0]));
    assert!(matches!(refusal, SnapshotError::Store(DbError::HashCount { .. })), "{refusal}");
    // In epochs of two blocks each is named: by the end of its epoch, or by the one after it.
    for height in [0, 7, 22, 39] {
        let refusal = world.forged(|parts| parts.hashes[height].0[0] ^= 1);
        assert!(matches!(refusal, SnapshotError::Store(DbError::HashOfAnother(_))), "{height}: {refusal}");
    }
    let refusal = world.forged(|parts| parts.body.1.clear());
    assert!(matches!(refusal, SnapshotError::Body { what: "transactions", .. }), "{refusal}");
    let refusal = world.forged(|parts| parts.facts.clear());
    assert!(matches!(refusal, SnapshotError::Body { what: "facts", .. }), "{refusal}");
}

#[test]
fn what_reconstruction_is_off_for_is_neither_written_nor_taken() {
    let world = World::new();
    write(&world.store, |state| govern(state, &[Gate::Reconstruction])).unwrap();
    let refused = export(&world.store, Some(Height(41)), &world.file()).unwrap_err();
    assert!(matches!(refused, SnapshotError::NotExported(Height(42))), "{refused}");
    assert!(refused.to_string().starts_with("reconstruction is off"), "{refused}");
    assert!(!world.file().exists());
    // Once it is on again, a state in which it was off is still none to start from.
    write(&world.store, |state| govern(state, &[])).unwrap();
    world.export(42);
    let refusal = world.refusal();
    assert!(matches!(refusal, SnapshotError::NotImported(Height(42))), "{refusal}");
    assert!(refusal.to_string().starts_with("reconstruction is off"), "{refusal}");
    world.export(41);
    assert_eq!(world.import().unwrap().height, Height(41));
}

#[test]
fn chunks_out_of_order_or_beyond_all_bounds_are_refused() {
    let world = World::new();
    let write = |chunks: &dyn Fn(&mut Writer<std::fs::File>)| {
        let mut writer = Writer::begin(&world.file(), std::fs::File::create(world.file()).unwrap()).unwrap();
        chunks(&mut writer);
        writer.end().unwrap();
    };
    write(&|writer| writer.chunk(Kind::Facts, &Vec::<Fact>::new()).unwrap());
    let refusal = world.refusal();
    assert!(matches!(refusal, SnapshotError::OutOfOrder { chunk: 0, .. }), "{refusal}");
    assert!(refusal.to_string().contains("is Facts, where About belongs"), "{refusal}");
    write(&|writer| writer.chunk(Kind::About, &7u8).unwrap());
    assert!(matches!(world.refusal(), SnapshotError::Undecodable { chunk: 0, .. }));

    // A few bytes that would become as many as fit into memory, and more.
    world.export(41);
    let mut bytes = std::fs::read(world.file()).unwrap()[..23].to_vec();
    bytes.extend([Kind::About as u8, 0xff, 0xff, 0xff, 0xff, 9, 0, 0, 0]);
    bytes.extend([0; 41]);
    std::fs::write(world.file(), bytes).unwrap();
    assert!(matches!(world.refusal(), SnapshotError::TooLarge { chunk: 0, .. }));
}

#[test]
fn a_home_that_has_a_store_or_has_been_further_is_left_alone() {
    let world = World::new();
    world.export(30);
    let wal = world.dir.path().join("home/consensus/wal");
    std::fs::create_dir_all(&wal).unwrap();
    let log =
        |height: u64| std::fs::write(wal.join("consensus.wal"), [&[0, 0, 0, 1], &height.to_be_bytes()[..]].concat());
    log(32).unwrap();
    let refusal = world.refusal();
    assert!(matches!(refusal, SnapshotError::Behind(_)), "{refusal}");
    assert!(refusal.to_string().contains("snapshot of height 31 or later"), "{refusal}");
    log(31).unwrap();
    world.import().unwrap();
    let refusal = world.import().unwrap_err();
    assert!(matches!(refusal, SnapshotError::Store(DbError::Occupied { .. })), "{refusal}");
    assert!(refusal.to_string().contains("import into a home without one"), "{refusal}");
    let store = Store::open(world.db(), Access::Primary, Settings::default()).unwrap();
    assert_eq!(store.view().head().unwrap().unwrap().height, Height(30));
}

#[test]
fn o36_a_home_that_has_a_store_is_told_so_however_far_it_has_been() {
    let world = World::new();
    world.export(30);
    world.import().unwrap();
    let wal = world.dir.path().join("home/consensus/wal");
    std::fs::create_dir_all(&wal).unwrap();
    std::fs::write(wal.join("consensus.wal"), [&[0, 0, 0, 1], &99u64.to_be_bytes()[..]].concat()).unwrap();
    let refusal = world.import().unwrap_err();
    assert!(matches!(refusal, SnapshotError::Store(DbError::Occupied { .. })), "{refusal}");
    let mut beside = std::fs::read_dir(world.db().parent().unwrap()).unwrap().flatten();
    assert!(beside.all(|file| !file.file_name().to_string_lossy().contains("importing")));
}

#[test]
fn h11_a_home_takes_no_snapshot_that_does_not_contain_what_it_has_verified() {
    let world = World::new();
    let home = Home::at(world.dir.path().join("home"));
    std::fs::create_dir_all(home.path().join("config")).unwrap();
    let key = keys::generate();
    keys::write(&home.node_key(), &key).unwrap();
    let end = |height: u64| world.store.view().epoch_end(Height(height)).unwrap().unwrap();
    KeptAnchor::move_on(&home, &world.genesis, &key, end(21)).unwrap();
    world.export(20);
    let refusal = world.refusal();
    assert!(matches!(refusal, SnapshotError::Mistrust(Mistrust::Lacks { height: Height(21), .. })), "{refusal}");
    assert!(refusal.to_string().contains("the snapshot ends at height 20"), "{refusal}");
    for height in [21, 30] {
        world.export(height);
        world.import().unwrap();
        std::fs::remove_dir_all(world.db()).unwrap();
    }

    // Another block, decided by the same validators at that height.
    let mut other = end(21);
    other.header.time = other.header.time.next();
    let validators: Vec<_> = (0..4).map(runtime::testing::validator).collect();
    other.certificate = runtime::testing::certificate(&other.header, &validators);
    std::fs::remove_file(home.anchor()).unwrap();
    KeptAnchor::move_on(&home, &world.genesis, &key, other).unwrap();
    for height in [21, 30] {
        world.export(height);
        let refusal = world.refusal();
        assert!(matches!(refusal, SnapshotError::Mistrust(Mistrust::Lacks { .. })), "{refusal}");
        assert!(refusal.to_string().contains("the snapshot has"), "{refusal}");
    }
}
