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
//! carried out, and closed once nothing is owed. Lists are judged by what people [stated](statement::Statement) and by what the chain
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
pub mod change;
pub mod check;
pub mod deadline;
mod decide;
mod due;
mod effects;
mod error;
mod freeze;
mod genesis;
pub mod install;
pub mod judge;
mod motion;
pub mod plan;
pub mod plans;
pub mod polls;
pub mod queries;
mod scope;
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

use change::{ChangeDraft, ChangeState, Effected, EndedWhy, Execution, MOST_EFFECTS, OwedDuty, SubmittedChange};
use deadline::ChangeDeadline;
use governance::DepositEnd;
use install::Installation;
use parity_scale_codec::{Decode, Encode};
use plan::Missed;
use primitives::{AccountId, Amount, ChangeId, Digest, Epoch, List, Name, ProposalId, Reason, Text, Timestamp};
use roles::Actor;
use serde::{Deserialize, Serialize};
use standing::ThawedWhy;
use statement::{Stated, Statement};
use verdict::Answer;

pub use due::{MOST_OF_GUESTS, due_of_guests, due_of_node};
pub use error::{Error, FirstAccounts, FirstKeys, SealerFlaw};
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
    /// Installs the first version of an application's plan, for its deposit. That of the node, and every later version, comes by a
    /// vote.
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
    /// Takes a change of one's own back that is not carried out yet.
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

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RolloutsEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "rollouts.")]
pub enum Event {
    /// A version of a plan is in force. What waits under the one before ends in the next block.
    #[codec(index = 0)]
    Installed {
        /// The plan, with what was installed besides.
        installation: Box<Installation>,
        /// Who installed it; nobody when genesis or a vote did.
        by: Option<AccountId>,
        /// What is held of it.
        deposit: Amount,
        /// The values that came with the stage that stands from now on: of a first version alone.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Effected>", length(max = MOST_EFFECTS)))]
        effects: List<Effected, MOST_EFFECTS>,
    },
    /// A plan governs nothing any more.
    #[codec(index = 1)]
    Retired {
        /// The plan.
        plan: Name,
        /// Who retired it.
        by: Actor,
        /// What became of its deposit.
        deposit: DepositEnd,
    },
    /// A change was asked for; by a procedure that is at once it is carried out too.
    #[codec(index = 2)]
    Submitted {
        /// The change.
        change: Box<SubmittedChange>,
        /// When it expires.
        expires: Option<ChangeDeadline>,
        /// The check that asks for a vote on it; the next block opens its poll.
        vote: Option<Name>,
        /// What is held of its submitter.
        deposit: Amount,
        /// What came of it, when it was carried out at once.
        execution: Option<Box<Execution>>,
    },
    /// A change may be carried out.
    #[codec(index = 3)]
    Approved {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
        /// The poll that decided it.
        poll: ProposalId,
        /// What its list came to then.
        verdict: Answer,
        /// The first epoch in which it may be carried out.
        not_before: Option<Epoch>,
        /// When it expires from now on.
        expires: Option<ChangeDeadline>,
    },
    /// A window was announced for a change.
    #[codec(index = 4)]
    Announced {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
        /// Who announced it.
        by: Actor,
        /// The number of the announcement, from 1.
        number: u8,
        /// The block time from which on.
        from: Timestamp,
        /// The block time before which.
        until: Timestamp,
        /// What users are told.
        text: Text<1024>,
        /// Whether everything else that a freeze stops stands still in that window.
        freezes: bool,
    },
    /// A change was carried out.
    #[codec(index = 5)]
    Executed {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
        /// Who carried it out.
        by: Actor,
        /// What came of it.
        execution: Box<Execution>,
    },
    /// A step of a stage was taken.
    #[codec(index = 6)]
    Stepped {
        /// The plan.
        plan: Name,
        /// The promotion by which the stage stands.
        change: ChangeId,
        /// Who took it.
        by: Actor,
        /// The step.
        step: Name,
        /// What moved.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Effected>", length(max = MOST_EFFECTS)))]
        effects: List<Effected, MOST_EFFECTS>,
        /// The duties that are owed anew, in place of those on the same checks.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<OwedDuty>", length(max = 64)))]
        duties: List<OwedDuty, 64>,
    },
    /// A change owes nothing any more, and is over.
    #[codec(index = 7)]
    Closed {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
        /// Who closed it.
        by: Actor,
        /// What became of its deposit.
        deposit: Option<DepositEnd>,
    },
    /// Something was stated.
    #[codec(index = 8)]
    Stated {
        /// The plan.
        plan: Name,
        /// What, by whom.
        stated: Box<Stated>,
        /// The stage whose soaks it restarts: of a signal that failed.
        marks: Option<Name>,
    },
    /// A duty of a change is met. What its miss caused ends.
    #[codec(index = 9)]
    Met {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
        /// The check.
        check: Name,
        /// Whether its time was over.
        late: bool,
        /// The poll that decided it, where it asks for a vote.
        poll: Option<ProposalId>,
    },
    /// A duty of a change was not met in time.
    #[codec(index = 10)]
    Missed {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
        /// The check.
        check: Name,
        /// What comes of it.
        then: Missed,
        /// What was undone: with [`Missed::Restore`] alone, by which the change is reverted.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Effected>", length(max = MOST_EFFECTS)))]
        effects: List<Effected, MOST_EFFECTS>,
        /// What became of its deposit, when it is reverted.
        deposit: Option<DepositEnd>,
    },
    /// A change was undone, because those who had to ratify it rejected it.
    #[codec(index = 11)]
    Reverted {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
        /// The check that was rejected.
        check: Name,
        /// Its poll.
        poll: ProposalId,
        /// What was undone.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Effected>", length(max = MOST_EFFECTS)))]
        effects: List<Effected, MOST_EFFECTS>,
        /// What became of its deposit.
        deposit: Option<DepositEnd>,
    },
    /// A change that waited is not carried out.
    #[codec(index = 12)]
    Ended {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
        /// How it stood.
        was: ChangeState,
        /// Why.
        why: EndedWhy,
        /// What whoever ended it says; nothing when the clock did.
        reason: Option<Reason>,
        /// What became of its deposit.
        deposit: Option<DepositEnd>,
    },
    /// The freeze or pause of a change is over; the change itself stands as it stood.
    #[codec(index = 13)]
    Thawed {
        /// The plan.
        plan: Name,
        /// The change that brought it.
        change: ChangeId,
        /// Why.
        why: ThawedWhy,
        /// What whoever ended it says; nothing when the clock did.
        reason: Option<Reason>,
    },
    /// A poll about a change came to nothing, and decides nothing: the stake stopped it, nobody was left who could vote, or the change
    /// was over before it.
    #[codec(index = 14)]
    Voided {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
        /// The check that asks for the vote.
        check: Name,
        /// The poll.
        poll: ProposalId,
        /// Whether another one is opened in its place, because the change still owes the vote.
        reopens: bool,
    },
}
