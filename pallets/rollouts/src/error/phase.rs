//! Why something is refused for the phase that it belongs to (ROLLOUTS 7.6).

use super::sentence::{natures, next_state, phase_of_artifact};
use crate::plan::{Nature, PhaseState};
use parity_scale_codec::{Decode, Encode};
use primitives::{List, Name};
use serde::{Deserialize, Serialize};

/// What is wrong with a phase, or with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PhaseFlaw {
    /// The plan has no such phase.
    #[codec(index = 0)]
    #[error("plan {plan} has no phase {phase:?}; name one that it has")]
    Unknown {
        /// The plan.
        plan: Name,
        /// What was named.
        phase: Name,
    },
    /// A promotion of a plan with phases belongs to none.
    #[codec(index = 1)]
    #[error("plan {plan} has phases, and a promotion belongs to one of them; name it")]
    Missing {
        /// The plan.
        plan: Name,
    },
    /// What belongs to no phase names one.
    #[codec(index = 2)]
    #[error("only a promotion under a plan with phases belongs to one; leave {phase:?} out")]
    Needless {
        /// What was named.
        phase: Name,
    },
    /// A phase has not begun.
    #[codec(index = 3)]
    #[error("phase {phase:?} is planned, and nothing belongs to it yet; have it opened first")]
    Planned {
        /// The phase.
        phase: Name,
    },
    /// A phase is done with.
    #[codec(index = 4)]
    #[error("phase {phase:?} is locked, and nothing of it changes any more; use a phase that is open")]
    Locked {
        /// The phase.
        phase: Name,
    },
    /// A phase is frozen, and lets other changes through than this one.
    #[codec(index = 5)]
    #[error(
        "phase {phase:?} is frozen and lets through {}, and this is {nature}; leave it for a later phase",
        natures(allows)
    )]
    Frozen {
        /// The phase.
        phase: Name,
        /// What the change does.
        nature: Nature,
        /// What it lets through.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Nature>", length(max = 4)))]
        allows: List<Nature, 4>,
    },
    /// A phase moves on by one state at a time, and never back.
    #[codec(index = 6)]
    #[error("phase {phase:?} is {from} and cannot become {to}; {}", next_state(*from))]
    NotNext {
        /// The phase.
        phase: Name,
        /// How far it has come.
        from: PhaseState,
        /// What was asked for.
        to: PhaseState,
    },
    /// A phase begins after others have come so far.
    #[codec(index = 7)]
    #[error("phase {phase:?} begins once {required:?} is {needed}, and that is {state}; move that one on first")]
    Before {
        /// The phase.
        phase: Name,
        /// The one that comes before.
        required: Name,
        /// How far that has to be.
        needed: PhaseState,
        /// How far it is.
        state: PhaseState,
    },
    /// An artifact belongs to another phase than the promotion that moves it.
    #[codec(index = 8)]
    #[error(
        "this promotion is of phase {phase:?}, and its artifact {}; name the phase of the artifact",
        phase_of_artifact(artifact)
    )]
    OfArtifact {
        /// The phase of the promotion.
        phase: Name,
        /// That of the artifact.
        artifact: Option<Name>,
    },
}

impl PhaseFlaw {
    /// The name by which tools know it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "E_LOCKED",
            Self::Frozen { .. } => "E_FROZEN_PHASE",
            _ => "E_PHASE",
        }
    }

    /// The number by which programs know it.
    pub fn number(&self) -> u16 {
        match self {
            Self::Unknown { .. } => 480,
            Self::Missing { .. } => 481,
            Self::Needless { .. } => 482,
            Self::Planned { .. } => 483,
            Self::Locked { .. } => 484,
            Self::Frozen { .. } => 485,
            Self::NotNext { .. } => 486,
            Self::Before { .. } => 487,
            Self::OfArtifact { .. } => 488,
        }
    }
}
