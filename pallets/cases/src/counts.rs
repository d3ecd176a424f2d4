//! How much of a register a plan has.

use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// How much of a register a plan has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub(crate) struct CaseCounts {
    /// All.
    pub all: u16,
    /// Those of tenants.
    pub of_tenants: u16,
}
