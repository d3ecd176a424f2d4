//! The one place where block times meet this machine's clock, and what a home remembers of both ([`HomeClock`]).

mod home;

pub use home::{ClockError, HomeClock};

use primitives::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now; a clock before 1970 counts as 1970.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
