//! Stories of the store, each told on a small chain of real headers.

mod blocks;
mod damage;
mod epochs;
mod hashes;
mod importing;
mod migrating;
mod opening;
mod proofs;
mod pruning;
mod queues;

use super::columns::Column;
use super::{Access, Keep, Prepared, Settings, Store, StoredHead};
use ledger::Commit;
use primitives::{Height, List};
use rocksdb::IteratorMode;
use runtime::{Block, Cause, Certificate, Fact, Transaction, testing};
use staking::ValidatorSet;
use state::Writes;
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;

const SMALL: Settings =
    Settings { keep: Keep::Everything, node_cache: 1 << 20, block_cache: 1 << 20, write_buffers: 64 << 20 };

/// Blocks in an epoch of [`testing::genesis`].
const EPOCH: u64 = 10;

fn open(path: &Path, keep: Keep) -> Store {
    Store::open(path, Access::Primary, Settings { keep, ..SMALL }).unwrap()
}

/// A store that holds genesis, in a directory of its own.
fn new_chain(keep: Keep) -> (TempDir, Store) {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path(), keep);
    store.commit_genesis(&testing::genesis()).unwrap();
    (dir, store)
}

fn put(key: &str, value: &str) -> (Vec<u8>, Option<Vec<u8>>) {
    (key.as_bytes().to_vec(), Some(value.as_bytes().to_vec()))
}

fn remove(key: &str) -> (Vec<u8>, Option<Vec<u8>>) {
    (key.as_bytes().to_vec(), None)
}

fn transaction(nonce: u64) -> Transaction {
    let call = testing::transfer(testing::holder(1).account(), 1);
    testing::signed(&testing::genesis(), &testing::holder(0), nonce, call)
}

/// A decided block after the head.
struct Decided {
    block: Block,
    certificate: Certificate,
    facts: Vec<Fact>,
    prepared: Prepared,
    epoch_end: Option<ValidatorSet>,
}

impl Decided {
    fn on(store: &Store, writes: impl IntoIterator<Item = (Vec<u8>, Option<Vec<u8>>)>) -> Self {
        let view = store.view();
        let head = view.head().unwrap().unwrap();
        let prepared = store.prepare(writes.into_iter().collect::<Writes>()).unwrap();
        let mut header = view.header(head.height).unwrap().unwrap();
        header.height = head.height.next();
        header.time = header.time.plus(1_000);
        header.parent = head.hash;
        header.state_root = prepared.root();
        let transaction = transaction(header.height.0);
        let (account, lane, fee) = (transaction.payload.account, transaction.payload.lane, transaction.payload.fee);
        let cause = Cause::Transaction { hash: transaction.hash(), account, lane, fee, burned: fee };
        let error = runtime::Error::Accounts(accounts::Error::ZeroAmount);
        let facts = vec![Fact { cause, outcome: Err(error) }];
        let certificate =
            Certificate { height: header.height, round: 0, block: header.hash(), signatures: List::default() };
        let epoch_end = header.height.ends_epoch(EPOCH).then(|| testing::genesis().validators());
        let block = Block { header, last_commit: None, transactions: vec![transaction] };
        Self { block, certificate, facts, prepared, epoch_end }
    }

    fn commit(self, store: &Store) -> Result<StoredHead, super::DbError> {
        let Self { block, certificate, facts, prepared, epoch_end } = self;
        store.commit(Commit { block: &block, certificate: &certificate, facts: &facts, prepared, epoch_end })
    }
}

fn commit(store: &Store, writes: impl IntoIterator<Item = (Vec<u8>, Option<Vec<u8>>)>) -> StoredHead {
    Decided::on(store, writes).commit(store).unwrap()
}

/// Blocks that write, overwrite and remove.
fn grow(store: &Store, blocks: u64) {
    for _ in 0..blocks {
        let height = store.view().head().unwrap().unwrap().height.0 + 1;
        let mut writes = (0..20).map(|n| put(&format!("test/{}", (height * 7 + n) % 50), &format!("{height}.{n}")));
        let removed = remove(&format!("test/{}", (height * 3) % 50));
        commit(store, writes.by_ref().chain([removed]).collect::<Writes>());
    }
}

type Rows = BTreeMap<(&'static str, Vec<u8>), Vec<u8>>;

/// Every row of every column.
fn dump(store: &Store) -> Result<Rows, rocksdb::Error> {
    let mut rows = BTreeMap::new();
    for column in Column::ALL {
        for row in store.0.db.iterator_cf(store.0.column(column), IteratorMode::Start) {
            let (key, value) = row?;
            rows.insert((column.name(), key.into_vec()), value.into_vec());
        }
    }
    Ok(rows)
}

fn copy(from: &Path) -> TempDir {
    let dir = TempDir::new().unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
    }
    dir
}
