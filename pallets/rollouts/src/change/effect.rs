//! What a change does to flags and segments: as it is asked for, and as it came.

use flags::Targeting;
use parity_scale_codec::{Decode, Encode};
use primitives::{Digest, List, Name, Path, Text};
use serde::{Deserialize, Serialize};

/// How many effects a change has at most, those of its steps included.
pub const MOST_EFFECTS: u32 = 64;
/// How many bytes the effects that a change asks for have at most when they are encoded (ROLLOUTS 6.1).
pub const MOST_EFFECTS_BYTES: usize = 32 * 1024;
/// How many rows one effect counts for: the flag, what stands there, and what is written and counted of it, as it is judged, as it is tried
/// and as it is written; and that a record says what stood before and stands afterwards.
pub const READS_OF_AN_EFFECT: u32 = 256;
/// How many bytes the effects of one fact have at most when they are encoded, with what stood before: so that a record of many such facts
/// can be answered.
pub const MOST_EFFECTED_BYTES: usize = 80 * 1024;

/// Something that a change asks to move, written against what stood then.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// What a flag serves at a path.
    #[codec(index = 0)]
    Flag {
        /// The flag.
        flag: Name,
        /// Where; the root in a node's plan.
        path: Path,
        /// What is done there.
        to: EffectTo,
        /// What stood at exactly that path when this was written: [`FlagSide::digest`].
        was: Digest,
    },
    /// Who is in a segment.
    #[codec(index = 1)]
    Segment {
        /// The segment.
        name: Name,
        /// Who comes; accounts in a node's plan, as 64 hex digits in lower case.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Text<64>>", length(max = 64)))]
        add: List<Text<64>, 64>,
        /// Who goes.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Text<64>>", length(max = 64)))]
        remove: List<Text<64>, 64>,
        /// Who was in it when this was written: [`digest_of_members`].
        was: Digest,
    },
}

/// What is done to a flag at a path.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EffectTo {
    /// It serves that.
    #[codec(index = 0)]
    Setting(Targeting),
    /// Nothing is set there any more, so that the path above decides.
    #[codec(index = 1)]
    Unset,
    /// It is no longer disabled at exactly that path.
    #[codec(index = 2)]
    Enabled,
}

/// Something that moved, with what was before: enough to do it again, and to undo it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effected {
    /// A flag at a path.
    #[codec(index = 0)]
    Flag {
        /// The flag.
        flag: Name,
        /// Where.
        path: Path,
        /// How it stood at exactly that path.
        before: FlagSide,
        /// How it stands there now.
        after: FlagSide,
    },
    /// A segment.
    #[codec(index = 1)]
    Segment {
        /// The segment.
        name: Name,
        /// Who came, and was not in it before.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Text<64>>", length(max = 64)))]
        added: List<Text<64>, 64>,
        /// Who went, and was in it before.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Text<64>>", length(max = 64)))]
        removed: List<Text<64>, 64>,
    },
}

/// How a flag stands at exactly one path; what holds above is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FlagSide {
    /// What is set there; nothing where nothing is.
    pub targeting: Option<Targeting>,
    /// Whether it is disabled there.
    pub disabled: bool,
}

impl FlagSide {
    /// What an effect names as that which it was written against. It is by value: who set it, and when, is not in it.
    pub fn digest(&self) -> Digest {
        Digest::blake3(&("the-block/flag-side/v1", self).encode())
    }
}

/// What an effect on a segment names as that which it was written against: the members in the order in which they are kept, which is
/// sorted, each once. A segment that is not there has none.
pub fn digest_of_members(members: &[Text<64>]) -> Digest {
    Digest::blake3(&("the-block/segment/v1", members).encode())
}
