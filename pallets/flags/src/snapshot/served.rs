//! Finished answers: everything that is said about a flag when it is evaluated (ROLLOUTS 12.3).

use super::source::{FlagSource, ListedFlag};
use crate::{Audience, EvaluationReason, Resolution, Value, Variant};
use primitives::{Height, Name};
use std::sync::Arc;

/// What a flag serves, finished before anybody asks.
#[derive(Debug, Clone)]
pub struct ServedFlag {
    source: Arc<FlagSource>,
    resolution: Resolution,
}

/// By all that they say; what else is set of the flag does not count.
impl PartialEq for ServedFlag {
    fn eq(&self, other: &Self) -> bool {
        self.resolution == other.resolution && self.flag() == other.flag()
    }
}

impl Eq for ServedFlag {}

impl ServedFlag {
    pub(super) fn new(source: &Arc<FlagSource>, resolution: Resolution) -> Self {
        Self { source: Arc::clone(source), resolution }
    }

    /// Which flag.
    pub fn key(&self) -> &Name {
        self.source.key()
    }

    /// The flag: its owner, its day, its risk, and whether that day has come.
    pub fn flag(&self) -> &ListedFlag {
        &self.source.flag
    }

    /// The variant by its place, the reason and the version, as [`resolve`](crate::resolve) gives them.
    pub fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// The variant; none only where a flag has none at that place, which none that was defined lacks.
    pub fn variant(&self) -> Option<&Variant> {
        self.flag().defined.flag.variant(self.resolution.variant)
    }

    /// The value of the variant.
    pub fn value(&self) -> Option<&Value> {
        self.variant().map(|variant| &variant.value)
    }

    /// Why that one.
    pub fn reason(&self) -> EvaluationReason {
        self.resolution.reason
    }

    /// The height of what decided.
    pub fn version(&self) -> Height {
        self.resolution.version
    }

    /// OpenFeature's code of what is wrong; none where nothing is.
    pub fn error_code(&self) -> Option<&'static str> {
        self.resolution.reason.error_code()
    }
}

/// Who evaluates flags: by the audience of its token (REQ-106).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagReader {
    /// A server, which sees every flag: whatever it renders for clients it knows before them.
    Server,
    /// What users run, which sees flags for clients and for both alone.
    Client,
}

impl FlagReader {
    /// Whether it sees flags of an audience; of one that it does not see it is told that there is none.
    pub fn sees(self, audience: Audience) -> bool {
        match self {
            Self::Server => true,
            Self::Client => matches!(audience, Audience::Client | Audience::Both),
        }
    }
}
