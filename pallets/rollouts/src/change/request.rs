//! What a change asks for.

use super::{Effect, MOST_EFFECTS};
use crate::plan::{ChangeKind, PhaseState};
use parity_scale_codec::{Decode, Encode};
use primitives::{Digest, List, Name, Path, Text};
use serde::{Deserialize, Serialize};

/// How many flags one disable names at most.
pub const DISABLE_FLAGS: u32 = 16;
/// The trigger of a rollback that no signal asked for.
pub const MANUAL: &str = "manual";

/// What is asked for, by the kind of the change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ChangeRequest {
    /// Enters the stage after the one that stands (REQ-005).
    #[codec(index = 0)]
    Promote {
        /// The stage to enter.
        to: Name,
        /// What is promoted: an application's artifact; of the node's plan the build that the stage was tested with, and none of
        /// a plan whose stages ask for none.
        artifact: Option<Digest>,
    },
    /// Goes back to an earlier stage (REQ-006); the stages above it stand no longer.
    #[codec(index = 1)]
    Demote {
        /// The stage to go back to, which stands.
        to: Name,
    },
    /// Moves what flags serve, and who is in segments.
    #[codec(index = 2)]
    Set {
        /// What moves; each flag once at a path, each segment once.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Effect>", length(max = MOST_EFFECTS)))]
        effects: List<Effect, MOST_EFFECTS>,
    },
    /// Disables flags in an emergency, with what requires them (REQ-081).
    #[codec(index = 3)]
    Disable {
        /// The flags.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = DISABLE_FLAGS)))]
        flags: List<Name, DISABLE_FLAGS>,
        /// Where, and below.
        scope: Path,
        /// Why: one of the causes of the procedure.
        cause: Name,
    },
    /// Goes back to what was good (REQ-084). To what is computed when it is carried out, never typed.
    #[codec(index = 4)]
    Rollback {
        /// The stage in which something went wrong.
        stage: Name,
        /// What set it off: a signal, or [`MANUAL`].
        trigger: Name,
        /// Where that was seen: one of the sources of the procedure.
        source: Name,
    },
    /// Stops changes at a path and below, until it is closed (REQ-071): a pause.
    #[codec(index = 5)]
    Freeze {
        /// Where.
        scope: Path,
        /// What users are told.
        announcement: Text<1024>,
    },
    /// Moves a phase on (REQ-073).
    #[codec(index = 6)]
    Phase {
        /// The phase.
        phase: Name,
        /// The state after the one that it is in.
        to: PhaseState,
    },
}

impl ChangeRequest {
    /// The kind, which names its procedure and its grants.
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::Promote { .. } => ChangeKind::Promote,
            Self::Demote { .. } => ChangeKind::Demote,
            Self::Set { .. } => ChangeKind::Set,
            Self::Disable { .. } => ChangeKind::Disable,
            Self::Rollback { .. } => ChangeKind::Rollback,
            Self::Freeze { .. } => ChangeKind::Freeze,
            Self::Phase { .. } => ChangeKind::Phase,
        }
    }

    /// The stage that it names, where it names one.
    pub fn stage(&self) -> Option<&Name> {
        match self {
            Self::Promote { to, .. } | Self::Demote { to } => Some(to),
            Self::Rollback { stage, .. } => Some(stage),
            Self::Set { .. } | Self::Disable { .. } | Self::Freeze { .. } | Self::Phase { .. } => None,
        }
    }
}
