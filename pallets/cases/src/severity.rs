//! How bad something is.

use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// How bad something is; in the order of how bad. A profile has these in capitals.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertSeverity {
    /// Good to know.
    #[codec(index = 0)]
    Info,
    /// To be looked at.
    #[codec(index = 1)]
    Warn,
    /// To be acted on at once.
    #[codec(index = 2)]
    Critical,
}
