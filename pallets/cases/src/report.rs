//! What somebody noticed, and nobody has looked at.

use crate::SignalledBy;
use governance::Deposit;
use parity_scale_codec::{Decode, Encode};
use primitives::{CaseId, Reason, Text};
use serde::{Deserialize, Serialize};

/// A report. Anybody files one, for a deposit; a signal of whoever was wrong before becomes one, without.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportBody {
    /// What was noticed.
    pub observation: Text<1024>,
    /// What is held for it, and of whom; nothing any more once it was looked at, and of a signal never.
    pub deposit: Option<Deposit>,
    /// The signal of which it was made.
    pub signal: Option<SignalledBy>,
    /// The incident that was made of it.
    pub taken: Option<CaseId>,
    /// Why it was dismissed.
    pub dismissed: Option<Reason>,
}
