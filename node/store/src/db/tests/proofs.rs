use super::*;
use crate::db::DbError;
use crate::db::columns::value_key;
use ics23::{CommitmentProof, HostFunctionsManager, verify_membership, verify_non_membership};
use prost::Message;
use sha2::{Digest, Sha256};

/// The public crate, knowing nothing of this store.
fn holds(proof: &state::StateProof, root: [u8; 32]) -> bool {
    let (decoded, spec, root) =
        (CommitmentProof::decode(&proof.proof[..]).unwrap(), state::proof_spec(), root.to_vec());
    match &proof.value {
        Some(value) => verify_membership::<HostFunctionsManager>(&decoded, &spec, &root, &proof.key, value),
        None => verify_non_membership::<HostFunctionsManager>(&decoded, &spec, &root, &proof.key),
    }
}

#[test]
fn every_height_proves_what_a_key_was_then() {
    let (_dir, store) = new_chain(Keep::Everything);
    commit(&store, [put("test/a", "1")]);
    commit(&store, [put("test/a", "2"), put("test/b", "1")]);
    commit(&store, []);
    commit(&store, [remove("test/a")]);
    let view = store.view();
    let expected = [None, Some("1"), Some("2"), Some("2"), None];
    for (height, value) in (0..).map(Height).zip(expected) {
        let root = view.header(height).unwrap().unwrap().state_root;
        let proof = view.proof(b"test/a", height).unwrap();
        assert_eq!(proof.value.as_deref(), value.map(str::as_bytes));
        proof.verify(root).unwrap();
        assert!(holds(&proof, root.0));
        assert!(!holds(&proof, [7; 32]));
    }
    assert!(matches!(view.proof(b"test/a", Height(5)), Err(DbError::Future { height: Height(5), head: Height(4) })));
}

#[test]
fn at_the_head_a_value_is_that_of_the_state_and_before_it_that_of_history() {
    let (_dir, store) = new_chain(Keep::Everything);
    commit(&store, [put("test/a", "1")]);
    commit(&store, [put("test/a", "2")]);
    let hash: [u8; 32] = Sha256::digest(b"test/a").into();
    for height in [1, 2] {
        store.0.db.delete_cf(store.0.column(Column::Values), value_key(&hash, height)).unwrap();
    }
    let view = store.view();
    let head = view.head().unwrap().unwrap();
    let proof = view.proof(b"test/a", head.height).unwrap();
    proof.verify(head.state_root).unwrap();
    assert_eq!(proof.value, view.read_at(b"test/a", head.height).unwrap());
    assert!(matches!(view.proof(b"test/a", Height(1)), Err(DbError::Damaged(_))));
    assert_eq!(view.read_at(b"test/a", Height(1)).unwrap(), None);
}
