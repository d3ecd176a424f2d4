//! What a build did itself by which it is not well, and how it came to an end.

use crate::ended::Ended;
use std::fmt;
use std::time::Duration;

/// What a build did itself by which it is not well. A build is given up for one, and for nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwell(String);

/// How a build came to an end that nobody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It ran, and ended.
    Ended(Ended),
    /// It could not be started; why.
    NotStarted(String),
    /// It ran, and was ended because it is not well.
    Unwell(Unwell),
}

impl End {
    /// For how long the build before is to run in its place, so that it shows whose doing the end was, where this one ran for so long;
    /// none where that is known.
    pub fn shown_within(&self, ran: Duration) -> Option<Duration> {
        match self {
            // That it may not run is known without running the one before.
            End::Ended(Ended::Refused(_)) => None,
            // The build before shows at its first answer that one can be had.
            End::Unwell(_) => Some(Duration::ZERO),
            End::Ended(_) | End::NotStarted(_) => Some(ran),
        }
    }
}

impl Unwell {
    /// It said nothing.
    pub(crate) fn silent(window: Duration) -> Self {
        Self(format!("it hangs: it did not answer for {} s", window.as_secs()))
    }

    /// It lacks something that the build before has.
    pub(crate) fn lacking(what: &dyn fmt::Display) -> Self {
        Self(format!("{what}, and with the build before it is not so"))
    }

    /// As often as it is tried; what it was the last time is only known to who has seen it.
    pub(crate) fn often(attempts: u32, last: Option<&Unwell>) -> Self {
        let last = last.map(|last| format!("; the last time, {last}")).unwrap_or_default();
        Self(format!("it did not become healthy in {attempts} attempts{last}"))
    }

    /// It ended before it had proven itself, however well.
    pub fn ended(ended: Ended) -> Self {
        Self(ended.to_string())
    }

    /// It came to an end, or did not even begin.
    pub fn by(end: &End) -> Self {
        Self(end.to_string())
    }
}

impl fmt::Display for Unwell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Ended(ended) => write!(f, "{ended}"),
            End::NotStarted(why) => write!(f, "it cannot be started: {why}"),
            End::Unwell(unwell) => write!(f, "{unwell}"),
        }
    }
}
