//! How one question came out, before a verdict knows which list it is on; and the parts of what is told about it.

use crate::deadline::ChangeDeadline;
use crate::verdict::{EMPTY_SEGMENT, FindingState};
use primitives::{Elapsed, Moment, Span};

/// How a question came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AskOutcome {
    pub state: FindingState,
    /// The code, where it is not the check's own.
    pub code: Option<&'static str>,
    pub have: String,
    pub need: String,
    pub missing: Vec<String>,
    pub until: Option<ChangeDeadline>,
}

impl AskOutcome {
    pub fn new(state: FindingState, have: impl Into<String>, need: impl Into<String>) -> Self {
        Self { state, code: None, have: have.into(), need: need.into(), missing: Vec::new(), until: None }
    }

    pub fn met(have: impl Into<String>, need: impl Into<String>) -> Self {
        Self::new(FindingState::Met, have, need)
    }

    pub fn missing(have: impl Into<String>, need: impl Into<String>) -> Self {
        Self::new(FindingState::Missing, have, need)
    }

    /// Met or missing.
    pub fn of(is_met: bool, have: impl Into<String>, need: impl Into<String>) -> Self {
        let state = if is_met { FindingState::Met } else { FindingState::Missing };
        Self::new(state, have, need)
    }

    /// A share of nobody, which is never met.
    pub fn of_nobody(segment: &str, need: impl Into<String>) -> Self {
        Self { code: Some(EMPTY_SEGMENT), ..Self::missing(format!("nobody in {segment}"), need) }
    }

    pub fn naming(mut self, missing: Vec<String>) -> Self {
        self.missing = missing;
        self
    }

    pub fn until(mut self, until: Option<ChangeDeadline>) -> Self {
        self.until = until;
        self
    }
}

/// How far a span is over, such as `9 of 10 epochs` or `47 h 59 min of 48 h`.
pub(super) fn passed(elapsed: Elapsed) -> String {
    match (elapsed.have, elapsed.need) {
        (Span::Epochs(have), Span::Epochs(_)) => format!("{have} of {}", elapsed.need),
        (have, need) => format!("{} of {need}", roughly(have)),
    }
}

/// How long ago something was.
pub(super) fn age(since: Moment, at: Moment) -> String {
    format!("{} ago", roughly(Span::Millis(at.running.saturating_sub(since.running))))
}

/// A span as people say it: its two largest units, rounded down. What is rounded up would say that a boundary is reached which is not.
pub(super) fn roughly(span: Span) -> String {
    let Span::Millis(millis) = span else { return span.to_string() };
    const UNITS: [(u64, &str); 4] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    // Up to two days people count hours: a soak of 48 h says `47 h`.
    let from = usize::from(millis < 172_800_000);
    let units = UNITS.iter().skip(from);
    let (mut rest, mut parts) = (millis, Vec::new());
    for (length, unit) in units {
        let count = rest.checked_div(*length).unwrap_or_default();
        rest = rest.checked_rem(*length).unwrap_or_default();
        if count > 0 || !parts.is_empty() {
            parts.push((count, *unit));
        }
    }
    if parts.is_empty() {
        return format!("{millis} ms");
    }
    let said = parts.iter().take(2).filter(|(count, _)| *count > 0);
    said.map(|(count, unit)| format!("{count} {unit}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_its_two_largest_units_and_never_rounded_up() {
        const HOUR: u64 = 3_600_000;
        let table = [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1 s"),
            (61_999, "1 min 1 s"),
            (HOUR, "1 h"),
            (HOUR + 59_999, "1 h"),
            (48 * HOUR - 1, "47 h 59 min"),
            (48 * HOUR, "2 d"),
            (49 * HOUR, "2 d 1 h"),
        ];
        for (millis, said) in table {
            assert_eq!(roughly(Span::Millis(millis)), said, "{millis}");
        }
    }

    #[test]
    fn what_has_passed_is_said_beside_what_is_needed() {
        let passed = |have, need| passed(Elapsed { have, need });
        assert_eq!(passed(Span::Epochs(9), Span::Epochs(10)), "9 of 10 epochs");
        assert_eq!(passed(Span::Millis(1_000), Span::hours(5)), "1 s of 5 h");
    }
}
