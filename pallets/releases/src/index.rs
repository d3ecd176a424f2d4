//! By what the live proposals to approve a build are found, each in a domain of its own.

use crate::Motion;
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

impl Motion {
    /// The keys that its proposal is found by while it is live: of the builds it would approve, and of its seal.
    pub fn index_keys(&self) -> Vec<IndexKey> {
        let Motion::Approve(vote) = self else { return Vec::new() };
        let builds = vote.targets().map(|target| approval_key(&target.build_hash));
        builds.chain(vote.sealed.map(|seal| seal_key(&vote.build_hash, &seal))).collect()
    }
}
