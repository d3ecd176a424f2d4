//! What release signers sign, and what that is bound to (T14).

use crate::Platform;
use parity_scale_codec::Encode;
use primitives::{BuildHash, ChainId, Digest};

/// What the signatures of release signers are bound to on a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningDomain {
    /// The network.
    pub chain_id: ChainId,
    /// What the first build of genesis runs on. A signature that names no platform is about a build for this one, and about no
    /// other: else whoever copies it says what the build runs on.
    pub first_platform: Platform,
}

impl SigningDomain {
    /// What a signer signs about a build: a text that any Ed25519 tool can sign, `release:<hash>`, or
    /// `release:<hash>:<platform>` where it is not for the first platform.
    pub fn attestation_message(&self, build_hash: &BuildHash, platform: &Platform) -> Vec<u8> {
        if *platform == self.first_platform {
            build_hash.attestation_message()
        } else {
            build_hash.attestation_message_for(platform.as_str())
        }
    }

    /// What a signer signs about everything that is said of a release, by the root of its manifest: domain-separated, so that it
    /// is good for no other network and nothing else.
    pub fn manifest_message(&self, root: &Digest) -> Vec<u8> {
        manifest_message(&self.chain_id, root)
    }
}

/// What a signer signs on a network about everything that is said of a release.
pub fn manifest_message(chain_id: &ChainId, root: &Digest) -> Vec<u8> {
    (b"the-block/manifest/v1", chain_id, root).encode()
}
