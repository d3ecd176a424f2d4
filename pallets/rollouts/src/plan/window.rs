//! The times at which something may be carried out.

use parity_scale_codec::{Decode, Encode};
use primitives::{Name, Span};
use serde::{Deserialize, Serialize};

/// Times that stages name (REQ-013).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// What stages call it.
    pub name: Name,
    /// When it is.
    pub rule: WindowRule,
}

/// When a window is. Windows are judged by block time, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WindowRule {
    /// On some days of every week.
    #[codec(index = 0)]
    Weekly {
        /// The days on which it begins: bit 0 is Monday, bit 6 Sunday.
        days: u8,
        /// The minute of the day at which it begins, less than 1,440.
        from_minute: u16,
        /// How many minutes it is long, 1 to 1,440. It may reach into the next day.
        minutes: u16,
    },
    /// As it is announced for each change (REQ-067).
    #[codec(index = 1)]
    Announced {
        /// How long before it begins it is announced at least.
        notice: Span,
        /// How long it is at most.
        longest: Span,
    },
}
