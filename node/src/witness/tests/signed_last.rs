//! What is signed after what was signed last, and what is not.

use super::{NAME, witness_key};
use crate::witness::{CosignRefusal, LatestCosigned};
use primitives::{BlockHash, ChainId, Digest, Height, SecretKey, Signature};
use std::path::Path;
use store::db::DbError;
use tlog::{BlockLeaf, Checkpoint, Hashes, LogOrigin, node_hash};

/// A tree of as many leaves as there are numbers.
struct Leaves(Vec<u8>);

impl Hashes for Leaves {
    type Error = DbError;

    fn node(&self, level: u8, index: u64) -> Result<Digest, DbError> {
        if level > 0 {
            return Ok(node_hash(&self.node(level - 1, 2 * index)?, &self.node(level - 1, 2 * index + 1)?));
        }
        let number = self.0.get(index as usize).ok_or(DbError::NoGenesis)?;
        Ok(BlockLeaf { height: Height(index), block: BlockHash([*number; 32]) }.hash())
    }
}

impl Leaves {
    fn checkpoint(&self, size: u64) -> Checkpoint {
        let origin = LogOrigin::of(&ChainId::new("net-1").unwrap(), &BlockHash([1; 32]));
        Checkpoint { origin, size, root: tlog::root_at(self, size).unwrap() }
    }
}

fn sign(latest: &Path, tree: &Leaves, size: u64, now: u64) -> Result<(u64, Signature), CosignRefusal> {
    let latest = LatestCosigned::at(latest.to_owned());
    latest.cosign(tree, &tree.checkpoint(size), (NAME, &witness_key()), now)
}

#[test]
fn w02_a_witness_goes_on_where_it_signed_last_and_an_older_store_or_a_fork_has_it_sign_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let latest = dir.path().join("witness/latest");
    let tree = Leaves((0..20).collect());
    let first = sign(&latest, &tree, 3, 100).unwrap();
    assert_eq!(sign(&latest, &tree, 3, 200).unwrap(), first, "the same once more");
    let (when, signature) = sign(&latest, &tree, 11, 50).unwrap();
    assert_eq!(when, 100, "no time goes back");
    assert!(tlog::verify_cosignature(&witness_key().public(), when, &tree.checkpoint(11), &signature));
    let kept = std::fs::read(&latest).unwrap();

    let behind = sign(&latest, &tree, 7, 300).unwrap_err();
    assert!(matches!(behind, CosignRefusal::Behind { signed: 11, found: 7 }), "{behind}");
    for changed in [0, 5, 10] {
        let mut leaves: Vec<u8> = (0..20).collect();
        leaves[changed] = 99;
        let fork = Leaves(leaves);
        for size in [11, 12, 20] {
            let refused = sign(&latest, &fork, size, 300).unwrap_err();
            assert!(matches!(refused, CosignRefusal::Fork { signed: 11, .. }), "{refused}");
            assert!(refused.to_string().contains("refuses to sign a fork"), "{refused}");
        }
    }
    let other = Checkpoint { origin: LogOrigin::new("another/log").unwrap(), ..tree.checkpoint(12) };
    let refused = LatestCosigned::at(latest.clone()).cosign(&tree, &other, (NAME, &witness_key()), 300).unwrap_err();
    assert!(matches!(refused, CosignRefusal::OtherLog { .. }), "{refused}");
    let not_ours = Checkpoint { root: Digest([8; 32]), ..tree.checkpoint(12) };
    let refused = LatestCosigned::at(latest.clone()).cosign(&tree, &not_ours, (NAME, &witness_key()), 300).unwrap_err();
    assert!(matches!(refused, CosignRefusal::OtherTree(12)), "{refused}");
    assert_eq!(std::fs::read(&latest).unwrap(), kept, "nothing that was refused left anything");

    assert!(sign(&latest, &tree, 20, 300).is_ok());
}

#[test]
fn a_file_that_is_not_what_was_signed_last_has_the_witness_sign_nothing_until_it_is_restored() {
    let dir = tempfile::tempdir().unwrap();
    let latest = dir.path().join("witness/latest");
    let tree = Leaves((0..20).collect());
    sign(&latest, &tree, 3, 100).unwrap();
    let good = std::fs::read_to_string(&latest).unwrap();
    for bad in [String::new(), good.replace("\n\n", "\n"), good.replacen("\n3\n", "\n03\n", 1), good.repeat(200)] {
        std::fs::write(&latest, &bad).unwrap();
        let refused = sign(&latest, &tree, 4, 200).unwrap_err();
        assert!(matches!(refused, CosignRefusal::Damaged { .. }), "{bad:?}: {refused}");
        assert!(refused.to_string().contains("restore that file"), "{refused}");
    }
    std::fs::remove_file(&latest).unwrap();
    std::fs::create_dir(&latest).unwrap();
    assert!(matches!(sign(&latest, &tree, 4, 200), Err(CosignRefusal::File { .. })));
    std::fs::remove_dir(&latest).unwrap();
    std::fs::write(&latest, good).unwrap();
    sign(&latest, &tree, 4, 200).unwrap();
    // With a new key it still goes on from there, and is signed anew.
    let fresh = SecretKey::from_seed(&[78; 32]);
    let signed = LatestCosigned::at(latest).cosign(&tree, &tree.checkpoint(4), (NAME, &fresh), 300).unwrap();
    assert!(tlog::verify_cosignature(&fresh.public(), signed.0, &tree.checkpoint(4), &signed.1));
}
