//! What can be promoted, what of it is good, and what is kept: the artifacts of applications (ROLLOUTS 7.8).
//!
//! An application's plan says what its artifacts are called, what is said of each, and how many are kept of a stage: its
//! [`ArtifactRules`]. [`Call::Register`] brings an artifact under those rules. Promotions make it stand in one stage after the
//! other, and it is good in the stage whose promotion is closed, bad when it is rolled back from: those are changes of `rollouts`,
//! which asks [`queries`] and writes by [`apply`]. Deploy is not release: nothing here moves a flag.
//!
//! Of the artifacts that stood in a stage the last so many are kept (REQ-119), and whatever [is needed](ArtifactPin) beside them:
//! what stands in a stage, what stood before it, what a rollback would go back to, and what an open incident or a hold is about
//! (REQ-120, REQ-121). All others are let go by the clock, [`MOST_RELEASED`] in a block. An artifact is a row about bytes that
//! are elsewhere: to let one go says that its owner may delete those. The row stays, so that no name comes back with another
//! meaning.
//!
//! Every artifact is of a whole stage, and no tenant has a stage: so none has a share of the [places](MOST_ARTIFACTS) of a plan,
//! and whoever may register one has the grant at a stage or at the root. What tenants have kept, by incidents and holds of their own, is kept
//! while a quarter of those places is free.
//!
//! ```
//! use artifacts::{ArtifactRules, InstalledArtifactRules, apply, queries};
//! use primitives::{List, Name, Pattern};
//! use state::{Memory, State};
//!
//! let memory = Memory::default();
//! let mut state = State::over(&memory);
//! let plan = Name::new("pos").ok_or("no name")?;
//! let format: Pattern = "pos-{YYYY}.{MM}.{DD}.{n}".parse()?;
//! let rules = ArtifactRules { format, meta: List::new(), keep: List::new() };
//! let installed = InstalledArtifactRules { rules, stages: List::new(), phases: List::new() };
//! apply::install(&mut state, &plan, Some(&installed));
//! assert!(queries::rules(&state, &plan).is_some_and(|rules| rules.rules.format.matches("pos-2026.02.28.7")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//! - A name and a digest are of one artifact of a plan, for good.
//! - No artifact is good in a stage but by a promotion there that was closed, and none that is bad or was let go becomes good, but a
//!   bad one by the vote that undoes a rollback.
//! - Nothing is let go that something needs, or that is among the last so many of a stage that keeps so many.
//! - No call leaves a stage without the artifact that it would go back to.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod apply;
mod artifact;
mod audit;
mod decide;
mod due;
mod error;
mod pins;
pub mod queries;
mod retention;
mod rules;
mod standing;
mod storage;
#[cfg(test)]
mod tests;
mod words;

use parity_scale_codec::{Decode, Encode};
use primitives::{Digest, Name, Path};
use roles::Actor;
use serde::{Deserialize, Serialize};

pub use artifact::{ArtifactEntry, MOST_META, MOST_STOOD_IN, RegisteredArtifact};
pub use due::{MOST_RELEASED, due};
pub use error::Error;
pub use pins::{ArtifactPin, CasePin};
pub use rules::{ArtifactRules, BUILT_FROM, InstalledArtifactRules, TARGET};
pub use standing::{ArtifactStanding, StoodIn};

/// The most artifacts of a plan that were not let go (ROLLOUTS 17).
pub const MOST_ARTIFACTS: u32 = 512;

/// What an account can ask for, in a role that has the grant `artifact` at the stage for which the artifact is; at the root,
/// where the plan does not ask for one.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ArtifactsCall"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "artifacts.")]
pub enum Call {
    /// Says that there is an artifact, with all that the plan asks of one (REQ-117, REQ-118).
    #[codec(index = 0)]
    Register {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// The artifact.
        artifact: ArtifactEntry,
    },
    /// Says that an artifact is bad, so that nothing goes to it or back to it any more; or lets one go that nothing needs. Good
    /// it becomes by a promotion alone.
    #[codec(index = 1)]
    Mark {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which artifact.
        digest: Digest,
        /// What it is from then on.
        standing: ArtifactStanding,
    },
}

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ArtifactsEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "artifacts.")]
pub enum Event {
    /// There is an artifact from now on; it is a candidate.
    #[codec(index = 0)]
    Registered {
        /// The plan.
        plan: Name,
        /// The artifact.
        artifact: ArtifactEntry,
        /// The stage for which it is; the root, where the plan does not ask for one.
        scope: Path,
        /// Who registered it.
        by: Actor,
    },
    /// Somebody said what an artifact is.
    #[codec(index = 1)]
    Marked {
        /// The plan.
        plan: Name,
        /// Its name.
        name: Name,
        /// Which artifact.
        digest: Digest,
        /// What it was.
        before: ArtifactStanding,
        /// What it is.
        standing: ArtifactStanding,
        /// The stage for which it is; the root, where the plan does not ask for one.
        scope: Path,
        /// Who said so.
        by: Actor,
    },
    /// An artifact was let go: more stood after it than are kept, and nothing needs it (REQ-119).
    #[codec(index = 2)]
    ArtifactReleased {
        /// The plan.
        plan: Name,
        /// Its name.
        name: Name,
        /// Which artifact.
        digest: Digest,
        /// What it was.
        before: ArtifactStanding,
    },
}
