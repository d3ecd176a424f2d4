//! Opening the store, and every way in which that is refused.

use super::columns::{Column, SCHEMA, decode, meta};
use super::lock::{self, WriteLock};
use super::log::{self, LogEnd};
use super::nodes::NodeCache;
use super::{DbError, View, migrate, staged};
use flags::Gate;
use host::config::{Config, KeptHistory, LEAST_STORE_MEMORY};
use host::memory::AvailableMemory;
use parity_scale_codec::Encode;
use primitives::{AccountId, Name};
use rocksdb::{Cache, ColumnFamily, DB, DBRecoveryMode, IteratorMode, Options, WriteOptions};
use state::tree::{Nodes, TreePlace};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// The files of the store that a process which writes to it has open at once.
pub const MOST_OPEN_FILES: u16 = 512;

/// How long whoever closes the store waits before it looks again whether others still have it.
const LOOKS_AGAIN: Duration = Duration::from_millis(5);

/// Whether the store is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads and writes; one process at a time. Creates the store where there is none.
    Primary,
    /// Reads what was committed when it was opened, also while another process writes.
    ReadOnly,
}

/// How much history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Every height since genesis.
    Everything,
    /// The head and so many heights before it, at least one: blocks, records, and the tree for proofs.
    Last(u64),
}

/// How the store behaves.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How much history is kept.
    pub keep: Keep,
    /// Bytes of memory for hot nodes of the state tree. A million keys take 250 MB.
    pub node_cache: u64,
    /// Bytes of memory for blocks of RocksDB's files, and for what they have of indexes and filters.
    pub block_cache: usize,
    /// Bytes of memory for what is written and not in files yet. Twice as many may be in the log, which whoever opens the store reads.
    pub write_buffers: usize,
}

/// What a store takes where nobody says how much: of a machine's memory this part, and within these bounds, in bytes. The upper one is
/// for a state of a million keys.
const SHARE: u64 = 4;
const MOST_MEMORY: u64 = 640 << 20;
/// What whoever only reads takes for nodes of the tree and for blocks of files, in bytes.
const READER: (u64, usize) = (4 << 20, 8 << 20);

impl Default for Settings {
    /// Keeps everything, with caches for a state of a million keys.
    fn default() -> Self {
        Self::within(Keep::Everything, MOST_MEMORY)
    }
}

impl Settings {
    /// The settings that follow from a node's configuration and the memory there is. Who declines the gate `pruning` forgets nothing,
    /// whatever history it asks for.
    pub fn of(config: &Config, access: Access) -> Self {
        let keep = match config.storage.history {
            KeptHistory::Full => Keep::Everything,
            KeptHistory::Last(_) if config.rollout.holds(Gate::Pruning) => Keep::Everything,
            KeptHistory::Last(heights) => Keep::Last(heights),
        };
        let bytes = match config.storage.memory_bytes {
            0 => share_of(AvailableMemory::here().bytes()),
            bytes => bytes,
        };
        let settings = Self::within(keep, bytes);
        match access {
            Access::Primary => settings,
            Access::ReadOnly => settings.for_a_reader(),
        }
    }

    /// Two fifths each for nodes and for blocks of files, one for what is written.
    fn within(keep: Keep, bytes: u64) -> Self {
        let fifth = usize::try_from(bytes / 5).unwrap_or(usize::MAX / 2);
        Self { keep, node_cache: bytes / 5 * 2, block_cache: fifth * 2, write_buffers: fifth }
    }

    /// Small caches, beside what the writer's log holds.
    fn for_a_reader(self) -> Self {
        let (node_cache, block_cache) = READER;
        Self { node_cache, block_cache, ..self }
    }

    /// Bytes of memory, all together.
    pub fn memory(&self) -> u64 {
        self.node_cache + (self.block_cache + self.write_buffers) as u64
    }
}

/// What the store takes of so much memory where nobody says how much.
fn share_of(memory: u64) -> u64 {
    (memory / SHARE).clamp(LEAST_STORE_MEMORY, MOST_MEMORY)
}

/// The store. Clones are the same store; it closes when the last one is gone.
#[derive(Clone)]
pub struct Store(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub db: DB,
    pub path: PathBuf,
    pub access: Access,
    pub settings: Settings,
    pub nodes: NodeCache,
    /// In whose name the node acts, for gates that are limited to some.
    pub account: OnceLock<AccountId>,
    /// The plans of applications whose holds and open incidents keep heights here.
    pub plans: OnceLock<Vec<Name>>,
    /// Held while a block is committed: commits read the head before they write the next one.
    pub writing: Mutex<()>,
    /// The right to write, given back once all the rest is closed.
    _alone: Option<WriteLock>,
}

impl Store {
    /// Opens the store in the directory `path`.
    pub fn open(path: impl AsRef<Path>, access: Access, settings: Settings) -> Result<Self, DbError> {
        let path = path.as_ref();
        let exists = check_directory(path, access)?;
        let alone = match access {
            Access::Primary => lock::take(path)?,
            Access::ReadOnly => None,
        };
        let cache = Cache::new_hyper_clock_cache(settings.block_cache, 0);
        let db = match access {
            Access::Primary => open_primary(path, &cache, settings)?,
            Access::ReadOnly => open_read_only(path, &cache, settings)?,
        };
        let nodes = NodeCache::new(settings.node_cache);
        let (path_of_store, account, writing) = (path.to_owned(), OnceLock::new(), Mutex::new(()));
        let plans = OnceLock::new();
        let inner = Inner { db, path: path_of_store, access, settings, nodes, account, plans, writing, _alone: alone };
        match inner.db.get_cf(inner.column(Column::Meta), meta::SCHEMA)? {
            Some(row) => match check_schema(path, &row)? {
                SCHEMA => {}
                found if access == Access::ReadOnly => return Err(older(path, found)),
                found => migrate::run(&inner, found)?,
            },
            None if exists && inner.db.latest_sequence_number() > 0 => {
                return Err(DbError::Foreign { path: path.into() });
            }
            None if access == Access::ReadOnly => return Err(DbError::Missing { path: path.into() }),
            None => inner.db.put_cf_opt(inner.column(Column::Meta), meta::SCHEMA, SCHEMA.encode(), &Inner::synced())?,
        }
        Ok(Self(Arc::new(inner)))
    }

    /// The store as it is now. Cheap; writers are not held up by it, and later blocks do not show in it.
    pub fn view(&self) -> View<'_> {
        View::new(&self.0)
    }

    /// Says in whose name the node of this store acts. What was said first stands; while nothing was, gates that are limited to some
    /// are off here.
    pub fn acts_for(&self, account: AccountId) {
        self.0.account.get_or_init(|| account);
    }

    /// Says of which plans of applications holds and open incidents keep heights here, beside those of the network's own. What was said
    /// first stands; while nothing was, those of no application do.
    pub fn keeps_for(&self, plans: &[Name]) {
        self.0.plans.get_or_init(|| plans.to_vec());
    }

    /// Waits until nothing is left to compact, and none of that runs beside what is measured. For benches.
    ///
    /// # Errors
    /// The disk fails.
    #[cfg(any(test, feature = "testing"))]
    pub fn settle(&self) -> Result<(), DbError> {
        // RocksDB rewrites files at the bottom once no view asks for what was before them, and looks for those when a view goes.
        drop(self.view());
        Ok(self.0.db.wait_for_compact(&rocksdb::WaitForCompactOptions::default())?)
    }

    /// Has the record of a block be what is none, as a disk does that has lost it. For tests.
    ///
    /// # Errors
    /// It cannot be written.
    #[cfg(any(test, feature = "testing"))]
    pub fn spoil_record(&self, height: primitives::Height) -> Result<(), DbError> {
        let key = super::columns::height_key(height);
        Ok(self.0.db.put_cf(self.0.column(Column::Records), key, [u8::MAX])?)
    }

    /// The number of keys in the state, as the tree counts them; 0 where there is none, or it cannot be read. For choosing
    /// the [`Extent`](super::Extent) of a check.
    pub fn keys(&self) -> u64 {
        let view = self.view();
        let head = view.head().ok().flatten();
        let root = head.and_then(|head| view.tree(true).node(&TreePlace::root(head.height.0)).ok().flatten());
        root.map_or(0, |node| node.leaves())
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Closes the store before the process ends, and says whether it did: whether all others who had it gave it back within
    /// `patience`. Else it stays open to the end, and nobody who gives it back later closes it: it is left as a crash leaves it,
    /// and what is in its log is read from there at the next start.
    ///
    /// RocksDB locks what is destroyed when a process ends (`timer_mutex` in `db/periodic_task_scheduler.cc`, `mutex_locked_files`
    /// in `env/fs_posix.cc`), so that a thread which closes a database beside that aborts the process.
    pub fn close(self, patience: Duration) -> bool {
        let began = Instant::now();
        while Arc::strong_count(&self.0) > 1 {
            if began.elapsed() >= patience {
                std::mem::forget(self);
                return false;
            }
            std::thread::sleep(LOOKS_AGAIN);
        }
        drop(self);
        true
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.0.path).field("access", &self.0.access).finish_non_exhaustive()
    }
}

impl Inner {
    pub fn column(&self, column: Column) -> &ColumnFamily {
        self.db.cf_handle(column.name()).expect("the store was opened with every column")
    }

    /// Options of a write that is on disk when it returns.
    pub fn synced() -> WriteOptions {
        let mut options = WriteOptions::default();
        options.set_sync(true);
        options
    }
}

impl Drop for Inner {
    /// Leaves nothing in the log: whatever a disk does to files after this is found by their checksums.
    fn drop(&mut self) {
        if self.access == Access::ReadOnly {
            return;
        }
        let columns = Column::ALL.map(|column| self.column(column));
        if let Err(error) = self.db.flush_cfs_opt(&columns, &rocksdb::FlushOptions::default()) {
            tracing::warn!(%error, "the store was not flushed at shutdown; its log will be replayed at the next start");
        }
        self.db.cancel_all_background_work(true);
    }
}

/// Whether `path` holds a database. Without its `CURRENT` file RocksDB would start an empty one over the old files.
fn check_directory(path: &Path, access: Access) -> Result<bool, DbError> {
    let failed = |error: std::io::Error| DbError::system(path, &error);
    if path.join(staged::CURRENT).try_exists().map_err(failed)? {
        return Ok(true);
    }
    let names = files::if_there(staged::names(path)).map_err(failed)?.unwrap_or_default();
    if names.iter().any(|name| name == staged::UNDER_WAY) {
        return Err(DbError::Unfinished { path: path.into() });
    }
    for name in names.iter().map(|name| name.to_string_lossy()) {
        if name.ends_with(".sst") || name.starts_with("MANIFEST-") {
            return Err(DbError::Damaged(format!("its CURRENT file is gone, but {name} is there")));
        }
    }
    match access {
        Access::ReadOnly => Err(DbError::Missing { path: path.into() }),
        Access::Primary => {
            std::fs::create_dir_all(path).map_err(failed)?;
            Ok(false)
        }
    }
}

/// The schema of a store that this build reads, or can bring up to date.
fn check_schema(path: &Path, row: &[u8]) -> Result<u32, DbError> {
    match decode(Column::Meta, &"schema", row)? {
        found @ 1..=SCHEMA => Ok(found),
        found => Err(DbError::Newer { path: path.into(), found, need: SCHEMA }),
    }
}

fn older(path: &Path, found: u32) -> DbError {
    DbError::Older { path: path.into(), found, need: SCHEMA }
}

/// Threads that open the files of a column. All of them are started anew for each column, and more than once, whether there are files or not:
/// of sixteen, as RocksDB has it, that takes longer than what they do.
const OPENING_THREADS: i32 = 4;

fn options(mode: DBRecoveryMode, settings: Settings) -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_paranoid_checks(true);
    options.set_wal_recovery_mode(mode);
    // One writer, whose rows come in key order: a skip list that need not be concurrent remembers where it inserted last.
    options.set_allow_concurrent_memtable_write(false);
    options.set_max_background_jobs(2);
    options.set_bytes_per_sync(1 << 20);
    options.set_db_write_buffer_size(settings.write_buffers);
    options.set_max_total_wal_size(settings.write_buffers as u64 * 2);
    options.set_keep_log_file_num(3);
    options.set_max_log_file_size(8 << 20);
    options.set_max_open_files(i32::from(MOST_OPEN_FILES));
    options.set_max_file_opening_threads(OPENING_THREADS);
    options
}

/// The manifest and the log as they were left, when they can be read at all.
fn inspect_log(path: &Path) -> Result<LogEnd, DbError> {
    if !path.join("CURRENT").exists() {
        return Ok(LogEnd::Whole);
    }
    match log::inspect(path)? {
        LogEnd::Damaged { file, block } => {
            Err(DbError::Damaged(format!("{} has a broken record after byte {block}", file.display())))
        }
        log => Ok(log),
    }
}

/// A crash can cut off the last write; that write was never confirmed, so it is dropped, with a warning. Any other
/// damage to the log is an error.
fn open_primary(path: &Path, cache: &Cache, settings: Settings) -> Result<DB, DbError> {
    // First of all: RocksDB is asked for nothing before its files are known to be readable.
    let cut_off = inspect_log(path)? == LogEnd::CutOff;
    foreign_columns(path)?;
    let mode = if cut_off { DBRecoveryMode::TolerateCorruptedTailRecords } else { DBRecoveryMode::AbsoluteConsistency };
    let columns = Column::ALL.map(|column| column.descriptor(cache));
    let db = DB::open_cf_descriptors(&options(mode, settings), path, columns);
    let db =
        db.map_err(|error| if lock::is_held(path) { DbError::Locked { path: path.into() } } else { error.into() })?;
    if cut_off {
        tracing::warn!(path = %path.display(), "the last write before the node stopped was cut off, and is dropped");
    }
    Ok(db)
}

/// The writer may remove files, or be in the middle of a write, while this one opens them.
fn open_read_only(path: &Path, cache: &Cache, settings: Settings) -> Result<DB, DbError> {
    const ATTEMPTS: usize = 5;
    let open = || {
        inspect_log(path)?;
        match foreign_columns(path)? {
            Some(found) if found < SCHEMA => return Err(older(path, found)),
            _ => {}
        }
        let columns = Column::ALL.map(|column| column.descriptor(cache));
        let mut options = options(DBRecoveryMode::TolerateCorruptedTailRecords, settings);
        // Files that the writer removes stay readable for as long as they are open.
        options.set_max_open_files(-1);
        Ok(DB::open_cf_descriptors_read_only(&options, path, columns, false)?)
    };
    let mut last = open();
    for _ in 1..ATTEMPTS {
        if last.is_ok() {
            break;
        }
        last = open();
    }
    last
}

/// Refuses a database with other columns than ours, before anything is created in it. Gives the schema of a store that lacks
/// columns of this build because an older one wrote it.
fn foreign_columns(path: &Path) -> Result<Option<u32>, DbError> {
    if !path.join("CURRENT").exists() {
        return Ok(None);
    }
    let found = DB::list_cf(&Options::default(), path)?;
    if same_columns(&found, SCHEMA) {
        return Ok(None);
    }
    let db = DB::open_for_read_only(&Options::default(), path, false)?;
    let row = db.get(meta::SCHEMA)?;
    let schema = row.map(|row| check_schema(path, &row)).transpose()?;
    if let Some(schema) = schema.filter(|schema| same_columns(&found, *schema)) {
        return Ok(Some(schema));
    }
    // A store whose creation was cut short has some of our columns, and no row.
    let ours = |name: &String| Column::ALL.iter().any(|column| column.name() == name);
    let begun = found.iter().all(ours) && db.iterator(IteratorMode::Start).next().is_none();
    if begun { Ok(None) } else { Err(DbError::Foreign { path: path.into() }) }
}

/// Whether a database has the columns of a schema and no others.
fn same_columns(found: &[String], schema: u32) -> bool {
    let ours = Column::ALL.iter().filter(|column| column.is_in(schema));
    ours.clone().count() == found.len() && ours.clone().all(|column| found.iter().any(|name| name == column.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o35_all_bounds_together_stay_below_three_fifths_of_whatever_memory_there_is() {
        let mempool = Config::default().mempool;
        for mib in 128..=64 << 10 {
            let memory = mib << 20;
            let writer = Settings::within(Keep::Everything, share_of(memory));
            // A supervisor reads beside its node, and what the log holds may be twice what is written.
            let reader = writer.for_a_reader();
            let read = reader.memory() + reader.write_buffers as u64;
            let waiting = mempool.bytes_within(memory) / 20 * 21;
            let all = writer.memory() + read + waiting;
            assert!(all * 5 < memory * 3, "{mib} MiB: {} MiB", all >> 20);
        }
    }

    #[test]
    fn o35_the_key_sets_the_memory_and_a_reader_takes_little() {
        let config = Config::parse("[storage]\nmemory_bytes = 52428800\n", "config.toml").unwrap();
        assert_eq!(Settings::of(&config, Access::Primary).memory(), 50 << 20);
        let unset = Settings::of(&Config::default(), Access::Primary);
        assert_eq!(unset.memory() / 5, share_of(AvailableMemory::here().bytes()) / 5);
        let reader = Settings::of(&Config::default(), Access::ReadOnly);
        assert!(reader.node_cache + reader.block_cache as u64 <= 16 << 20, "{reader:?}");
        assert_eq!(Settings::default().node_cache, 256 << 20, "a million keys");
        assert!(Config::parse("[storage]\nmemory_bytes = 1048576\n", "config.toml").is_err());
    }
}
