//! Proposals that say what they repair only when it can be installed (T17).
//!
//! A fix that is described before it can be installed tells everybody what to attack. So a proposal may carry a seal instead of
//! its manifest, and the manifest is revealed later, at the latest in the last block before the activation epoch. The salt
//! keeps anybody from finding the manifest by guessing.

use crate::Manifest;
use parity_scale_codec::Encode;
use primitives::Digest;

impl Manifest {
    /// The seal over this manifest: the BLAKE3 of the ASCII text `the-block/sealed-manifest/v1`, the 32 bytes of the salt,
    /// and the SCALE encoding of the manifest. The salt must be random and used once.
    pub fn seal(&self, salt: &Digest) -> Digest {
        Digest::blake3(&(b"the-block/sealed-manifest/v1", salt, self).encode())
    }
}
