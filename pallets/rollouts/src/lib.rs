//! What an organisation lets change, in which order, when, and on whose word: the plan; and what changed under it.
//!
//! A [`Plan`](plan::Plan) is a profile file as the chain holds it: stages in their order, each with the values that its flags
//! have there, the [checks](check::Check) that guard it, and what is done to enter and to leave it; procedures, which say how
//! each [kind of change](plan::ChangeKind) is approved and what it owes afterwards; windows, phases, playbooks, signals and
//! roles. Nothing of it is code: that a network goes from `development` to `mainnet`, and a shop from `DEV` to `PROD`, is a row
//! of a file each.
//!
//! A plan that contradicts itself is refused, with everything that is wrong at once:
//! [`Plan::mistakes`](plan::Plan::mistakes) is what whoever loads a profile, shows one or installs one asks.
//!
//! Whatever alters what a plan governs is a [change](change::SubmittedChange): submitted, approved where its list asks for a vote,
//! carried out, and closed once nothing is owed. An application's artifacts go from stage to stage by it, and back to one that was good; its
//! phases open, freeze and lock. Lists are judged by what people [stated](statement::Statement) and by what the chain
//! measures; the [verdict](verdict::ListVerdict) is computed, never stored. A change carries its own hash, and every vote is on that.
//!
//! # Invariants
//! - No stage comes before another but by its place in the list.
//! - No check is without a role that owns it, and no blocker drops out of any class's list; of a plan of a node no vote does.
//! - No vote is met by anything but votes: no incident stands for one.
//! - No list that is judged asks of more than [`MOST_KEYS`](plan::MOST_KEYS) keys.
//! - No plan of a node has a way to end the quorum of its validators without a vote of the stake.
//! - No span is shorter than a minute, but in a plan that says it is for tests.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod apply;
mod audit;
pub mod change;
pub mod check;
pub mod deadline;
mod decide;
mod due;
mod effects;
mod error;
mod event;
mod freeze;
mod genesis;
pub mod install;
pub mod judge;
mod motion;
mod phase;
pub mod plan;
pub mod plans;
pub mod polls;
pub mod queries;
mod retention;
mod scope;
mod shares;
mod speaking;
pub mod standing;
mod start;
pub mod statement;
mod storage;
mod tally;
#[cfg(test)]
mod tests;
pub mod verdict;
mod window;
mod words;

use change::ChangeDraft;
use install::Installation;
use parity_scale_codec::{Decode, Encode};
use primitives::{ChangeId, Digest, Name, Reason, Text, Timestamp};
use serde::{Deserialize, Serialize};
use statement::Statement;

pub use due::{MOST_OF_GUESTS, due_of_guests, due_of_node};
pub use error::{Error, FirstAccounts, FirstKeys, PhaseFlaw, RollbackFlaw, SealerFlaw};
pub use event::Event;
pub use genesis::RolloutsGenesis;
pub use judge::asked_for::is_fleet_asked;

/// What an account can ask for.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RolloutsCall"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "rollouts.")]
pub enum Call {
    /// Installs the first version of an application's plan, for its deposit. A later one is put to the vote of the role that owns the plan,
    /// when a member of that asks for it. The plan of the node comes by a vote of the stake.
    #[codec(index = 0)]
    Install {
        /// The plan, with who has its roles.
        installation: Box<Installation>,
    },
    /// Retires an application's plan of which nothing is live, and gives its deposit back. Its name is never used again.
    #[codec(index = 1)]
    Retire {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
    },
    /// Asks for a change, in a role that has the grant `KIND.submit` where it moves something.
    #[codec(index = 2)]
    Submit {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// The change.
        change: Box<ChangeDraft>,
    },
    /// Takes a change of one's own back that is not carried out yet; or in a role that has the grant `rollback.close`, a rollback that a
    /// signal asked for.
    #[codec(index = 3)]
    Withdraw {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which.
        change: ChangeId,
    },
    /// Announces the window in which a change is carried out (REQ-067), in a role that has the grant `announce`.
    #[codec(index = 4)]
    Announce {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which.
        change: ChangeId,
        /// The block time from which on.
        from: Timestamp,
        /// The block time before which.
        until: Timestamp,
        /// What users are told.
        text: Text<1024>,
    },
    /// Carries a change out, in a role that has the grant `KIND.execute`.
    #[codec(index = 5)]
    Execute {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which.
        change: ChangeId,
        /// That the sealer of the change is alive: a certificate of the epoch before that it signed. Exactly of a change that names
        /// one.
        #[serde(default)]
        sealer_proof: Option<Box<staking::Certificate>>,
    },
    /// Takes the next step of a stage (REQ-066), in a role that has the grant `promote.execute`.
    #[codec(index = 6)]
    Step {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// The promotion by which the stage stands.
        change: ChangeId,
        /// The step.
        step: Name,
    },
    /// Closes a change of which every duty is met, in a role that has the grant `KIND.close`; of a freeze, which then ends, also
    /// whoever submitted it. One that is to be ratified still needs not be any more.
    #[codec(index = 7)]
    Close {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which.
        change: ChangeId,
    },
    /// States something.
    #[codec(index = 8)]
    State {
        /// The plan.
        plan: Name,
        /// The role that owns the check, or the segment that the caller is in.
        acting: Name,
        /// What.
        statement: Box<Statement>,
    },
}

/// What only a vote can do.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RolloutsMotion"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "rollouts.")]
pub enum Motion {
    /// Decides a check of a change that asks for a vote: its approval, or a duty such as its ratification. The chain opens its poll,
    /// and nobody else.
    #[codec(index = 0)]
    Decide {
        /// The change.
        change: ChangeId,
        /// The check that asks for the vote.
        check: Name,
        /// The content of the change, so that every ballot is on what was read.
        digest: Digest,
    },
    /// Puts a version of a plan into force: of the node's plan by the stake, of an application's by its owner.
    #[codec(index = 1)]
    Install(Box<Installation>),
    /// Ends a change that waits, and the freeze of one that is active. By the stake, on the expedited track.
    #[codec(index = 2)]
    Abort {
        /// The change.
        change: ChangeId,
        /// Why.
        reason: Reason,
    },
}
