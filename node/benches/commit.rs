//! How long a block of 1,000 writes takes until it is on disk, in a state of a million keys: this store, beside plain
//! `jmt` on RocksDB, on the same disk at the same time.
//!
//! Plain means what a first version would be: nodes read one by one from RocksDB, `put_value_set`, and one synced batch of
//! nodes, values and stale rows. It has bloom filters and as large a block cache as the store, and it does less: no flat
//! state, no block, no index.
//!
//! Run with `cargo test -p the_block --bench commit` (or `cargo bench`, which builds everything for release first). `KEYS`,
//! `WRITES` and `BLOCKS` change the sizes.
#![allow(clippy::print_stdout, reason = "a bench prints what it measures")]

use jmt::storage::{LeafNode, Node, NodeKey, TreeReader};
use jmt::{KeyHash, OwnedValue, Sha256Jmt, Version};
use ledger::Commit;
use primitives::List;
use rocksdb::{BlockBasedOptions, Cache, ColumnFamily, DB, IteratorMode, Options, WriteBatch, WriteOptions};
use runtime::{Block, Certificate};
use sha2::{Digest, Sha256};
use state::Writes;
use state::tree::{TreePath, TreePlace};
use std::time::{Duration, Instant};
use store::db::{Access, Extent, Settings, Store};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() {
    let (keys, writes, blocks) = (setting("KEYS", 1_000_000), setting("WRITES", 1_000), setting("BLOCKS", 60));
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Store::open(here.path(), Access::Primary, Settings::default()).unwrap();
    store.commit_genesis(&runtime::testing::genesis()).unwrap();
    let mut plain = Plain::open(there.path());
    const LOADED_AT_ONCE: u64 = 20_000;
    for from in (0..keys).step_by(LOADED_AT_ONCE as usize) {
        let load = (from..keys.min(from + LOADED_AT_ONCE)).map(|number| entry(number, 0)).collect::<Writes>();
        plain.commit(&load);
        commit(&store, load);
    }
    println!("{keys} keys loaded; {blocks} blocks of {writes} writes each");

    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let (mut ours, mut plains, mut prepares) = (Vec::new(), Vec::new(), Vec::new());
    let (mut ours_busy, mut plains_busy) = (Vec::new(), Vec::new());
    for round in 1..=blocks {
        let block = (0..writes).map(|number| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // One write in twenty is a new key.
            let number = if number % 20 == 0 { keys + round * writes + number } else { (random >> 33) % keys };
            entry(number, round)
        });
        let block = block.collect::<Writes>();
        let busy = processor_time();
        plains.push(plain.commit(&block));
        plains_busy.push(processor_time() - busy);
        let busy = processor_time();
        let (prepare, whole) = commit(&store, block);
        ours_busy.push(processor_time() - busy);
        prepares.push(prepare);
        ours.push(whole);
    }
    let (plain, whole, prepare) = (middle(plains), middle(ours), middle(prepares));
    let (plain_busy, whole_busy) = (middle(plains_busy), middle(ours_busy));
    println!("                          until on disk   processor time");
    println!("plain jmt on RocksDB      {plain:>13.2?}   {plain_busy:>14.2?}");
    println!("this store                {whole:>13.2?}   {whole_busy:>14.2?}   root known after {prepare:.2?}");
    let ratio = |ours: Duration, plain: Duration| ours.as_secs_f64() / plain.as_secs_f64();
    println!("ratio                     {:>13.2}   {:>14.2}", ratio(whole, plain), ratio(whole_busy, plain_busy));
    let begin = Instant::now();
    let verified = store.verify(Extent::Whole, u64::MAX).unwrap();
    println!("every one of {} keys compared with the root in {:.2?}", verified.keys, begin.elapsed());
}

/// What this process has kept processors busy with so far, apart from RocksDB's own threads: the fairer measure on a
/// machine that does other things.
fn processor_time() -> Duration {
    let read = |path: std::path::PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten().map(|task| task.path());
    let ours = tasks.filter(|task| !read(task.join("comm")).starts_with("rocksdb"));
    let busy = ours.map(|task| read(task.join("schedstat")).split(' ').next().and_then(|text| text.parse().ok()));
    Duration::from_nanos(busy.map(|nanoseconds: Option<u64>| nanoseconds.unwrap_or(0)).sum())
}

fn middle(mut times: Vec<Duration>) -> Duration {
    // The first blocks after loading pay for its compactions.
    times.drain(..times.len() / 6);
    times.sort();
    times[times.len() / 2]
}

fn entry(number: u64, round: u64) -> (Vec<u8>, Option<Vec<u8>>) {
    let account = Sha256::digest(number.to_be_bytes());
    let key = [b"accounts/balance/", account.as_slice()].concat();
    (key, Some([number.to_le_bytes(), round.to_le_bytes()].concat().repeat(3)))
}

/// Commits a block; returns the time until its root was known, and until it was on disk.
fn commit(store: &Store, writes: Writes) -> (Duration, Duration) {
    let head = store.view().head().unwrap().unwrap();
    let mut header = store.view().header(head.height).unwrap().unwrap();
    let begin = Instant::now();
    let prepared = store.prepare(writes).unwrap();
    let prepare = begin.elapsed();
    header.height = head.height.next();
    header.parent = head.hash;
    header.state_root = prepared.root();
    let block = Block { header, last_commit: None, transactions: Vec::new() };
    let certificate =
        Certificate { height: block.header.height, round: 0, block: block.hash(), signatures: List::default() };
    let epoch_end = block.header.height.ends_epoch(10).then(|| runtime::testing::genesis().validators());
    store.commit(Commit { block: &block, certificate: &certificate, facts: &[], prepared, epoch_end }).unwrap();
    (prepare, begin.elapsed())
}

/// The same key as the store gives a node.
fn place(key: &NodeKey) -> Vec<u8> {
    let path = key.nibble_path().nibbles().fold(TreePath::ROOT, |path, nibble| path.child(nibble.into()));
    TreePlace { version: key.version(), path }.bytes()
}

struct Plain {
    db: DB,
    next: Version,
}

impl Plain {
    fn open(path: &std::path::Path) -> Self {
        let cache = Cache::new_lru_cache(Settings::default().block_cache);
        let mut table = BlockBasedOptions::default();
        table.set_block_cache(&cache);
        table.set_bloom_filter(10.0, false);
        let mut options = Options::default();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        options.set_block_based_table_factory(&table);
        let columns = ["nodes", "values", "stale"].map(|name| (name, options.clone()));
        Self { db: DB::open_cf_with_opts(&options, path, columns).unwrap(), next: 0 }
    }

    fn column(&self, name: &str) -> &ColumnFamily {
        self.db.cf_handle(name).unwrap()
    }

    fn commit(&mut self, writes: &Writes) -> Duration {
        let begin = Instant::now();
        let values = writes.iter().map(|(key, value)| (KeyHash(Sha256::digest(key).into()), value.clone()));
        let (_, update) = Sha256Jmt::new(&*self).put_value_set(values, self.next).unwrap();
        let mut batch = WriteBatch::default();
        for (key, node) in update.node_batch.nodes() {
            batch.put_cf(self.column("nodes"), place(key), borsh::to_vec(node).unwrap());
        }
        for ((version, hash), value) in update.node_batch.values() {
            let key = [&hash.0[..], &version.to_be_bytes()].concat();
            batch.put_cf(self.column("values"), key, value.as_ref().unwrap());
        }
        for stale in &update.stale_node_index_batch {
            let key = [&stale.stale_since_version.to_be_bytes()[..], &place(&stale.node_key)].concat();
            batch.put_cf(self.column("stale"), key, []);
        }
        let mut options = WriteOptions::default();
        options.set_sync(true);
        self.db.write_opt(batch, &options).unwrap();
        self.next += 1;
        begin.elapsed()
    }
}

impl TreeReader for Plain {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        let row = self.db.get_cf(self.column("nodes"), place(key))?;
        Ok(row.map(|row| borsh::from_slice(&row)).transpose()?)
    }

    fn get_value_option(&self, version: Version, hash: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        let from = [&hash.0[..], &version.to_be_bytes()].concat();
        let mode = IteratorMode::From(&from, rocksdb::Direction::Reverse);
        Ok(self.db.iterator_cf(self.column("values"), mode).next().transpose()?.map(|(_, value)| value.into_vec()))
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        Ok(None)
    }
}
