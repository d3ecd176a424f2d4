//! Who built the same bytes from source.

use parity_scale_codec::{Decode, Encode};
use primitives::{ChainPosition, Digest, Text};
use serde::{Deserialize, Serialize};

/// The word of an independent builder: it built a release from source and got the same bytes.
///
/// It decides nothing. It is evidence for those who vote and for those who install, as much worth as its builder.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RebuildRecord"))]
pub struct Rebuild {
    /// Its number among those of the build, from 1, in the order in which they were said.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub number: u64,
    /// When it was said.
    pub at: ChainPosition,
    /// `BUILD_SOURCE_HASH` of the source it was built from.
    pub source_hash: Option<Digest>,
    /// The commit it was built from.
    pub source_commit: Option<Text<64>>,
}
