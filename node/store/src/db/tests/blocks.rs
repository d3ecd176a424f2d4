use super::*;
use crate::db::DbError;
use state::Backend;

#[test]
fn a_committed_block_is_found_by_height_by_hash_and_by_transaction() {
    let (_dir, store) = new_chain(Keep::Everything);
    let decided = Decided::on(&store, [put("test/a", "1")]);
    let (block, certificate, facts) = (decided.block.clone(), decided.certificate.clone(), decided.facts.clone());
    let head = decided.commit(&store).unwrap();

    let view = store.view();
    assert_eq!(view.head().unwrap(), Some(head));
    assert_eq!(view.block(Height(1)).unwrap(), Some(block.clone()));
    assert_eq!(view.certificate(Height(1)).unwrap(), Some(certificate));
    assert_eq!(view.record(Height(1)).unwrap().unwrap().facts, facts);
    assert_eq!(view.height_of_block(&block.hash()).unwrap(), Some(Height(1)));
    assert_eq!(view.height_of_transaction(&block.transactions[0].hash()).unwrap(), Some((Height(1), 0)));
    assert_eq!(view.read(b"test/a"), Some(b"1".to_vec()));
    assert_eq!(view.block(Height(2)).unwrap(), None);
}

#[test]
fn genesis_is_a_block_that_nobody_decided() {
    let (_dir, store) = new_chain(Keep::Everything);
    let view = store.view();
    let genesis = testing::genesis();
    let header = view.header(Height(0)).unwrap().unwrap();
    assert_eq!(header, genesis.header(view.head().unwrap().unwrap().state_root));
    assert_eq!(view.certificate(Height(0)).unwrap(), None);
    assert_eq!(view.genesis().unwrap(), Some(genesis.clone()));
    assert!(matches!(store.commit_genesis(&genesis), Err(DbError::GenesisExists(Height(0)))));
}

#[test]
fn the_root_is_the_same_as_in_memory() {
    let (_dir, store) = new_chain(Keep::Everything);
    let mut memory = state::tree::MemoryTree::default();
    memory.commit(&testing::genesis().writes()).unwrap();
    for height in 1..20u64 {
        let writes: Writes = (0..height * 3)
            .map(|n| if n % 5 == 0 { remove(&format!("k/{n}")) } else { put(&format!("k/{n}"), &height.to_string()) })
            .collect();
        assert_eq!(commit(&store, writes.clone()).state_root, memory.commit(&writes).unwrap());
    }
}

#[test]
fn what_was_prepared_and_not_committed_leaves_nothing() {
    let (dir, store) = new_chain(Keep::Everything);
    let before = dump(&store).unwrap();
    let first = Decided::on(&store, [put("test/a", "proposal one")]);
    let second = Decided::on(&store, [put("test/a", "proposal two")]);
    assert_ne!(first.prepared.root(), second.prepared.root());
    assert_eq!(dump(&store).unwrap(), before);
    drop(first);
    drop(store);

    let store = open(dir.path(), Keep::Everything);
    assert_eq!(dump(&store).unwrap(), before);
    second.commit(&store).unwrap();
    assert_eq!(store.view().read(b"test/a"), Some(b"proposal two".to_vec()));
    store.verify(super::super::Extent::Whole, 10).unwrap();
}

#[test]
fn a_block_that_does_not_follow_is_refused_and_changes_nothing() {
    let (_dir, store) = new_chain(Keep::Everything);
    let stale = Decided::on(&store, [put("test/a", "old")]);
    commit(&store, [put("test/a", "1")]);
    let before = dump(&store).unwrap();

    assert!(matches!(stale.commit(&store), Err(DbError::NotNext { head: Height(1), found: Height(1) })));

    let mut orphan = Decided::on(&store, []);
    orphan.block.header.parent.0[0] ^= 1;
    assert!(matches!(orphan.commit(&store), Err(DbError::Parent { height: Height(2), .. })));

    let mut other = Decided::on(&store, []);
    other.prepared = store.prepare(Writes::from([put("test/a", "2")])).unwrap();
    assert!(matches!(other.commit(&store), Err(DbError::Root { height: Height(2), .. })));

    let prepared = store.prepare(Writes::from([put("test/b", "2")])).unwrap();
    commit(&store, []);
    let mut outdated = Decided::on(&store, []);
    outdated.prepared = prepared;
    assert!(matches!(outdated.commit(&store), Err(DbError::Outdated)));
    assert_ne!(dump(&store).unwrap(), before);
}

#[test]
fn a_view_does_not_see_later_blocks() {
    let (_dir, store) = new_chain(Keep::Last(1));
    commit(&store, [put("test/a", "1"), put("test/b", "1")]);
    let view = store.view();
    for n in 2..10 {
        commit(&store, [put("test/a", &n.to_string()), remove("test/b"), put("test/c", "1")]);
    }
    assert_eq!(view.head().unwrap().unwrap().height, Height(1));
    assert_eq!(view.read(b"test/a"), Some(b"1".to_vec()));
    let keys = view.scan(b"test/", b"test/").map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys, [b"test/a".to_vec(), b"test/b".to_vec()]);
    let keys = store.view().scan(b"test/", b"test/b").map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys, [b"test/c".to_vec()]);
    view.proof(b"test/b", Height(1)).unwrap().verify(view.head().unwrap().unwrap().state_root).unwrap();
}
