//! What is remembered of those whose signals opened something.

use parity_scale_codec::{Decode, Encode};
use primitives::CaseId;
use serde::{Deserialize, Serialize};

/// What became of the signals of one account at one path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub(crate) struct Signalled {
    /// What is open; while it is, the same signal opens nothing else.
    pub open: Option<CaseId>,
    /// Whether the last was unfounded, so that the next is a report.
    pub unfounded: bool,
}
