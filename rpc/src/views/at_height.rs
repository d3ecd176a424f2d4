//! An answer with the block that it is of.

use primitives::Height;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was asked for, as it stands after a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{T}AtHeight")]
pub struct AtHeight<T> {
    /// The newest block, after which this is so.
    pub height: Height,
    /// What was asked for.
    #[serde(flatten)]
    pub answer: T,
}
