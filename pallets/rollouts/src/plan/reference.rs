//! A section of a document, by where it stands and what it says.

use parity_scale_codec::{Decode, Encode};
use primitives::{Digest, Name, Text};
use serde::{Deserialize, Serialize};

/// A section of a document that a plan rests on (REQ-012), written `path#anchor`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The document, from the folder that the profile's documents lie below.
    pub path: Text<160>,
    /// The heading, as links name it.
    pub anchor: Name,
    /// The BLAKE3 of the section that the heading begins.
    pub hash: Digest,
    /// The role that signs it off (REQ-022); none where nobody has to.
    pub owner: Option<Name>,
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.path, self.anchor)
    }
}
