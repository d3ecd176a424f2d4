//! The commitment to an ordered list: RFC 6962 Merkle trees over SHA-256 (the `ct-merkle` crate).

use crate::Digest;
use ct_merkle::mem_backed_tree::MemoryBackedTree;

struct Leaf(Vec<u8>);

impl ct_merkle::HashableLeaf for Leaf {
    fn hash<H: digest::Update>(&self, hasher: &mut H) {
        hasher.update(&self.0);
    }
}

/// The RFC 6962 root of the items' encodings, in order. Transactions and facts are committed to by this root.
pub fn merkle_root(items: impl IntoIterator<Item = Vec<u8>>) -> Digest {
    let mut tree = MemoryBackedTree::<sha2::Sha256, Leaf>::new();
    for item in items {
        tree.push(Leaf(item));
    }
    Digest((*tree.root().as_bytes()).into())
}

/// The RFC 6962 audit path of the item at `index`, from 0, in the tree of [`merkle_root`]: the hashes beside the way from its leaf to the
/// root. None when there are not so many items.
pub fn merkle_path(items: impl IntoIterator<Item = Vec<u8>>, index: u64) -> Option<Vec<Digest>> {
    let mut tree = MemoryBackedTree::<sha2::Sha256, Leaf>::new();
    for item in items {
        tree.push(Leaf(item));
    }
    // The library stops for an item that there is not.
    let place = usize::try_from(index).ok().filter(|_| index < tree.len())?;
    let path = tree.prove_inclusion(place);
    let hash = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).ok().map(Digest);
    path.as_bytes().chunks_exact(32).map(hash).collect()
}

/// The RFC 6962 hash of the leaf that an encoded item is.
pub fn merkle_leaf(item: &[u8]) -> Digest {
    let hash = sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), [0]);
    Digest(sha2::Digest::finalize(sha2::Digest::chain_update(hash, item)).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};

    /// Computed by hand from RFC 6962 section 2.1, not by the library.
    #[test]
    fn the_root_is_that_of_rfc_6962() {
        let leaf = |data: &[u8]| Sha256::new().chain_update([0]).chain_update(data).finalize();
        assert_eq!(merkle_root([]).0, <[u8; 32]>::from(Sha256::digest([])));
        assert_eq!(merkle_root([vec![7]]).0, <[u8; 32]>::from(leaf(&[7])));
        let pair = Sha256::new().chain_update([1]).chain_update(leaf(&[7])).chain_update(leaf(&[8])).finalize();
        assert_eq!(merkle_root([vec![7], vec![8]]).0, <[u8; 32]>::from(pair));
        let three = Sha256::new().chain_update([1]).chain_update(pair).chain_update(leaf(&[9])).finalize();
        assert_eq!(merkle_root([vec![7], vec![8], vec![9]]).0, <[u8; 32]>::from(three));
        assert_eq!(merkle_leaf(&[7]).0, <[u8; 32]>::from(leaf(&[7])));
    }

    #[test]
    fn the_path_is_that_of_rfc_6962() {
        let items = [vec![7], vec![8], vec![9]];
        let [seven, eight, nine] = [7, 8, 9].map(|item| merkle_leaf(&[item]));
        let pair = merkle_root([vec![7], vec![8]]);
        assert_eq!(merkle_path(items.clone(), 0), Some(vec![eight, nine]));
        assert_eq!(merkle_path(items.clone(), 1), Some(vec![seven, nine]));
        assert_eq!(merkle_path(items.clone(), 2), Some(vec![pair]));
        assert_eq!(merkle_path(items, 3), None);
        assert_eq!(merkle_path([vec![7]], 0), Some(Vec::new()));
        assert_eq!(merkle_path([], 0), None);
    }
}
