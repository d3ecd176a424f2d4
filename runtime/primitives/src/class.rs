//! How much a release changes.

use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// How much a release changes (seed 002, "Planning").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, crate::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReleaseClass {
    /// Incompatible changes.
    #[codec(index = 0)]
    Major,
    /// New functions.
    #[default]
    #[codec(index = 1)]
    Minor,
    /// Repairs.
    #[codec(index = 2)]
    Patch,
    /// An urgent repair.
    #[codec(index = 3)]
    Hotfix,
}
