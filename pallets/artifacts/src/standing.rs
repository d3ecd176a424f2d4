//! What an artifact is taken for, and what stands in a stage.

use parity_scale_codec::{Decode, Encode};
use primitives::{Digest, Height, Name};
use serde::{Deserialize, Serialize};

/// What an artifact is taken for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ArtifactStanding {
    /// It was registered, and no promotion of it is closed.
    #[codec(index = 0)]
    Candidate,
    /// A promotion of it was closed: in the stage that it entered by that, one can [go back to it](StoodIn::good).
    #[codec(index = 1)]
    Good,
    /// It was rolled back from, or somebody said that it is bad: nothing goes to it.
    #[codec(index = 2)]
    Bad,
    /// It was let go: whoever has its bytes may delete them.
    #[codec(index = 3)]
    Released,
}

impl ArtifactStanding {
    /// Whether a call may make this of an artifact that is `before`. Good is for promotions to say.
    pub(crate) fn may_be_marked(self, before: Self) -> bool {
        match self {
            Self::Bad => matches!(before, Self::Candidate | Self::Good),
            Self::Released => before != Self::Released,
            Self::Candidate | Self::Good => false,
        }
    }
}

/// That an artifact stood in a stage, or does.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StoodIn {
    /// The stage.
    pub stage: Name,
    /// Since which block, the last time.
    pub height: Height,
    /// Which one it was of all that came to stand there, the last time; counted from 1.
    pub number: u64,
    /// Whether a promotion of it to this stage was closed: only then can one go back to it here (REQ-098). It says nothing about
    /// another stage.
    pub good: bool,
}

/// What stands in a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct StageHead {
    /// The artifact that stands; none when nothing does any more.
    pub current: Option<Digest>,
    /// How many came to stand there, all of them.
    pub stood: u64,
}
