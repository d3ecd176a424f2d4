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
    }
}
