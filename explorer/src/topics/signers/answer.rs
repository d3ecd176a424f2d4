//! What is answered about release signers.

use releases::RosterRecord;
use rpc::views::{PageOf, ReleaseSigners};
use schemars::JsonSchema;
use serde::Serialize;

/// Who signs releases, and who did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SignersAnswer {
    /// The signers now.
    #[serde(flatten)]
    pub current: ReleaseSigners,
    /// Every roster there ever was, the latest first.
    pub history: PageOf<RosterRecord>,
}
