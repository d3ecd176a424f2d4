//! Why something is refused that is asked of artifacts.

use crate::{ArtifactPin, ArtifactStanding};
use parity_scale_codec::{Decode, Encode};
use primitives::{Digest, Name, Pattern};
use serde::{Deserialize, Serialize};

/// Why something was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ArtifactsRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// The account may not do that in the role that it acts in.
    #[codec(index = 0)]
    #[error("{0}")]
    Role(Box<roles::Error>),
    /// The plan has no rules for artifacts: it is the node's, is not in force, or moves none.
    #[codec(index = 1)]
    #[error("no plan {plan} in force has rules for artifacts; name an application's plan that has some")]
    NoRules {
        /// The plan.
        plan: Name,
    },
    /// The name is not as the plan says (REQ-117).
    #[codec(index = 2)]
    #[error(
        "{name:?} is no name of an artifact of this plan: they all look like {format:?}, with a date that exists; name it so"
    )]
    BadName {
        /// The name.
        name: Name,
        /// What names look like.
        format: Pattern,
    },
    /// The plan has phases, and the artifact is of none of them; or it has none.
    #[codec(index = 3)]
    #[error("{}", of_phase(plan, name, phase.as_ref()))]
    Phase {
        /// The plan.
        plan: Name,
        /// The artifact.
        name: Name,
        /// The phase that it says.
        phase: Option<Name>,
    },
    /// Something is not said that the plan asks of each artifact (REQ-118).
    #[codec(index = 4)]
    #[error("artifact {name:?} does not say its {key:?}, and each artifact of this plan does; say it as {form:?}")]
    MetaMissing {
        /// The artifact.
        name: Name,
        /// Under which key.
        key: Name,
        /// What it looks like.
        form: Pattern,
    },
    /// Something is said in another form than the plan asks for (REQ-118).
    #[codec(index = 5)]
    #[error("what artifact {name:?} says as its {key:?} does not look like {form:?}; say it so")]
    BadMeta {
        /// The artifact.
        name: Name,
        /// Under which key.
        key: Name,
        /// What it looks like.
        form: Pattern,
    },
    /// Something is said that nobody asked for, or twice.
    #[codec(index = 6)]
    #[error(
        "artifact {name:?} says {key:?}, which the plan does not ask for, or says it twice; leave it out, or say it once"
    )]
    MetaNotAsked {
        /// The artifact.
        name: Name,
        /// Under which key.
        key: Name,
    },
    /// It is for a stage that there is not.
    #[codec(index = 7)]
    #[error("the target of artifact {name:?} is no stage of its plan; name one that it has")]
    NoSuchTarget {
        /// The artifact.
        name: Name,
    },
    /// It is for an earlier stage than the one it is to enter.
    #[codec(index = 8)]
    #[error("artifact {name:?} is for {target}, which comes before {stage}; promote one that is for {stage} or beyond")]
    ShortTarget {
        /// The artifact.
        name: Name,
        /// The stage for which it is.
        target: Name,
        /// The stage that it was to enter.
        stage: Name,
    },
    /// The plan has, or once had, an artifact of that name.
    #[codec(index = 9)]
    #[error("plan {plan} has or had an artifact {name:?}, and no name is used twice; give yours another number")]
    NameTaken {
        /// The plan.
        plan: Name,
        /// The name.
        name: Name,
    },
    /// The plan has, or once had, an artifact of the same bytes.
    #[codec(index = 10)]
    #[error(
        "these are the bytes of artifact {name:?} of plan {plan}, and none is registered twice; name that one instead"
    )]
    DigestTaken {
        /// The plan.
        plan: Name,
        /// What they are called.
        name: Name,
    },
    /// There is no such artifact.
    #[codec(index = 11)]
    #[error("plan {plan} has no artifact {digest}; register it first, or name one that is registered")]
    Unknown {
        /// The plan.
        plan: Name,
        /// What was named.
        digest: Digest,
    },
    /// It was let go.
    #[codec(index = 12)]
    #[error("artifact {name:?} of plan {plan} was let go, and its bytes may be deleted; name one that is kept")]
    Gone {
        /// The plan.
        plan: Name,
        /// The artifact.
        name: Name,
    },
    /// It is bad.
    #[codec(index = 13)]
    #[error("artifact {name:?} of plan {plan} is bad, so that nothing goes to it any more; build and register another")]
    Bad {
        /// The plan.
        plan: Name,
        /// The artifact.
        name: Name,
    },
    /// A call does not make that of an artifact.
    #[codec(index = 14)]
    #[error(
        "artifact {name:?} stands as {before}, and no call makes it {standing}: a call makes a candidate or a good one bad, or \
         lets one go; good it becomes when its promotion is closed"
    )]
    NotMarkable {
        /// The artifact.
        name: Name,
        /// What it is.
        before: ArtifactStanding,
        /// What it was to be.
        standing: ArtifactStanding,
    },
    /// Something needs it.
    #[codec(index = 15)]
    #[error("artifact {name:?} is needed: {by}; wait until it is not")]
    Needed {
        /// The artifact.
        name: Name,
        /// By what.
        by: ArtifactPin,
    },
    /// There is no room for more.
    #[codec(index = 16)]
    #[error("plan {plan} has {most} artifacts, as many as there is room for; let some go first that nothing needs")]
    Full {
        /// The plan.
        plan: Name,
        /// How many there can be.
        most: u32,
    },
}

/// What is wrong with the phase of an artifact.
fn of_phase(plan: &Name, name: &Name, phase: Option<&Name>) -> String {
    match phase {
        Some(phase) => {
            format!("artifact {name:?} is of phase {phase:?}, which plan {plan} has not; name one that it has, or none")
        }
        None => format!("artifact {name:?} is of no phase, and plan {plan} has some; name the one that it is of"),
    }
}

impl From<roles::Error> for Error {
    fn from(error: roles::Error) -> Self {
        Self::Role(Box::new(error))
    }
}

impl Error {
    /// The name by which tools know it; it never changes (ROLLOUTS 16).
    pub fn code(&self) -> &'static str {
        match self {
            Error::Role(error) => error.code(),
            Error::NoRules { .. } => "E_PLAN",
            Error::BadName { .. } => "E_ARTIFACT_NAME",
            Error::Phase { .. } => "E_PHASE",
            Error::MetaMissing { .. }
            | Error::BadMeta { .. }
            | Error::MetaNotAsked { .. }
            | Error::NoSuchTarget { .. }
            | Error::ShortTarget { .. } => "E_ARTIFACT_META",
            Error::NameTaken { .. } | Error::DigestTaken { .. } => "E_ARTIFACT_TAKEN",
            Error::Unknown { .. } | Error::Gone { .. } => "E_ARTIFACT_UNKNOWN",
            Error::Bad { .. } => "E_ARTIFACT_BAD",
            Error::NotMarkable { .. } => "E_ARTIFACT_STANDING",
            Error::Needed { .. } => "E_ARTIFACT_NEEDED",
            Error::Full { .. } => "E_FULL",
        }
    }

    /// The number by which programs know it, from 270 on; it never changes, and is of no other refusal (REQ-137).
    pub fn number(&self) -> u16 {
        match self {
            Error::Role(error) => error.number(),
            Error::NoRules { .. } => 270,
            Error::BadName { .. } => 271,
            Error::Phase { .. } => 272,
            Error::MetaMissing { .. } => 273,
            Error::BadMeta { .. } => 274,
            Error::MetaNotAsked { .. } => 275,
            Error::NoSuchTarget { .. } => 276,
            Error::ShortTarget { .. } => 277,
            Error::NameTaken { .. } => 278,
            Error::DigestTaken { .. } => 279,
            Error::Unknown { .. } => 280,
            Error::Gone { .. } => 281,
            Error::Bad { .. } => 282,
            Error::NotMarkable { .. } => 283,
            Error::Needed { .. } => 284,
            Error::Full { .. } => 285,
        }
    }
}
