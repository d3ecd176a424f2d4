//! What a future came to.

use serde::Serialize;
use std::collections::BTreeMap;

/// The numbers of one future. Hours are those of the clock on the wall, unless it is said that they are the chain's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// From asking for the promotion to carrying it out; none where it was not.
    pub promoted_after: Option<u64>,
    /// Whether all was met that was owed for it.
    pub is_closed: bool,
    /// In how many hours a window was open in which the promotion could have been carried out, and was not.
    pub hours_missed: u64,
    /// What was missing in those hours, by check, in hours; `time` where nothing was but that somebody came.
    pub lacked: BTreeMap<String, u64>,
    /// How many gates were disabled in an emergency.
    pub emergencies: u64,
    /// How many of them were ratified within their day.
    pub ratified: u64,
    /// How many later.
    pub ratified_late: u64,
    /// How many the council rejected, so that they were undone.
    pub rejected: u64,
    /// What was not met in time, by check.
    pub missed: BTreeMap<String, u64>,
    /// How long each pause stood, by the time that the chain ran.
    pub paused: Vec<u64>,
    /// How often the chain stood still, and for how many hours each time.
    pub stood: Vec<u64>,
}
