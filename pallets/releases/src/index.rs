//! By what the live proposals to approve a build are found, each in a domain of its own.

use crate::{Manifest, Motion};
use governance::IndexKey;
use primitives::{BuildHash, Digest};

/// The key of the proposals that would approve a build.
pub(crate) fn approval_key(build_hash: &BuildHash) -> IndexKey {
    IndexKey::new("release/approval", build_hash)
}

/// The key of those that would approve it under a seal.
pub(crate) fn seal_key(build_hash: &BuildHash, seal: &Digest) -> IndexKey {
    IndexKey::new("release/seal", &(build_hash, seal))
}

/// The key of those that would approve it under whatever seal.
pub(crate) fn sealed_key(build_hash: &BuildHash) -> IndexKey {
    IndexKey::new("release/sealed", build_hash)
}

/// The keys of the builds that a manifest adds to the one that its release is named after.
pub(crate) fn keys_of_others(manifest: &Manifest) -> Vec<IndexKey> {
    manifest.other_targets.iter().map(|other| approval_key(&other.target.build_hash)).collect()
}

impl Motion {
    /// The keys that its proposal is found by while it is live: of the builds it would approve, and of its seal.
    pub fn index_keys(&self) -> Vec<IndexKey> {
        let Motion::Approve(vote) = self else { return Vec::new() };
        let mut keys = vec![approval_key(&vote.build_hash)];
        keys.extend(keys_of_others(&vote.manifest));
        if let Some(seal) = &vote.sealed {
            keys.extend([seal_key(&vote.build_hash, seal), sealed_key(&vote.build_hash)]);
        }
        keys
    }
}
