//! Proposals that say what they repair only when it can be installed (T17).
//!
//! A fix that is described before it can be installed tells everybody what to attack. So a proposal may carry a seal instead of
//! its manifest, and the manifest is revealed later, at the latest in the last block before the activation epoch. The salt
//! keeps anybody from finding the manifest by guessing. The seal is one proposer's, for one build: whoever copies it into a
//! proposal of its own has one that nothing opens, also once the manifest and the salt are known.

use crate::Manifest;
use parity_scale_codec::Encode;
use primitives::{AccountId, BuildHash, Digest};

impl Manifest {
    /// The seal over this manifest in a proposal of `proposer` for `build_hash`: the BLAKE3 of the ASCII text
    /// `the-block/sealed-manifest/v2`, the 32 bytes each of account, build hash and salt, and the SCALE encoding of the manifest.
    /// The salt must be random and used once.
    pub fn seal(&self, proposer: &AccountId, build_hash: &BuildHash, salt: &Digest) -> Digest {
        Digest::blake3(&(b"the-block/sealed-manifest/v2", proposer, build_hash, salt, self).encode())
    }
}
