//! By what the live proposals about a thing are found.

use parity_scale_codec::Encode;
use primitives::Digest;

/// A key that live proposals are found by. Any number of them stand under one, so none keeps another out.
///
/// It is the hash of a domain and a value, so that nothing a proposer chooses, such as a seal, is a key of another domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexKey(pub(crate) Digest);

impl IndexKey {
    /// The key of a value within a domain, such as `release/approval`.
    pub fn new(domain: &'static str, value: &impl Encode) -> Self {
        Self(Digest::blake3(&("the-block/index/v1", domain, value).encode()))
    }
}
