use super::*;
use crate::db::DbError;
use ics23::{CommitmentProof, HostFunctionsManager, verify_membership, verify_non_membership};
use prost::Message;

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
