//! How a node came to its end.

use std::fmt;

/// How a process came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this exit code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// In a way that the system does not say.
    Unknown,
}

/// How a node ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself or when asked to, well.
    Well,
    /// The boot check refused it, or governance ended its life; with the exit code.
    Refused(u8),
    /// The store is damaged, or its certificate does not verify; another build would not help.
    Damaged,
    /// Its configuration cannot be used; another build would not help.
    Misconfigured,
    /// Otherwise: a failure or a signal.
    Crashed(Exit),
}

impl Ended {
    /// How a node ends that its boot check refuses with an exit code.
    pub fn refused_with(code: u8) -> Self {
        match code {
            2 => Ended::Misconfigured,
            12 => Ended::Damaged,
            code => Ended::Refused(code),
        }
    }
}

impl From<Exit> for Ended {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Code(0) => Ended::Well,
            Exit::Code(2) => Ended::Misconfigured,
            Exit::Code(11) => Ended::Refused(11),
            Exit::Code(12) => Ended::Damaged,
            Exit::Code(13) => Ended::Refused(13),
            // Also one that says it was never approved, or that it cannot tell. Who let it run knows, and is asked again.
            _ => Ended::Crashed(exit),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Well => write!(f, "it ended"),
            Ended::Refused(code) => write!(f, "it may not run (exit code {code})"),
            Ended::Damaged => write!(f, "the store is damaged (exit code 12)"),
            Ended::Misconfigured => write!(f, "the configuration cannot be used (exit code 2)"),
            Ended::Crashed(Exit::Code(code)) => write!(f, "it failed with exit code {code}"),
            Ended::Crashed(Exit::Signal(signal)) => write!(f, "it was ended by signal {signal}"),
            Ended::Crashed(Exit::Unknown) => write!(f, "it failed"),
        }
    }
}
