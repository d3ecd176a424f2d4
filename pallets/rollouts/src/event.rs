//! What happens to plans, changes and statements.

use crate::change::{ChangeState, Effected, EndedWhy, Execution, MOST_EFFECTS, OwedDuty, SubmittedChange};
use crate::deadline::ChangeDeadline;
use crate::install::Installation;
use crate::plan::Missed;
use crate::standing::ThawedWhy;
use crate::statement::Stated;
use crate::verdict::Answer;
use cases::OpenedCase;
use governance::DepositEnd;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, CaseId, ChangeId, Epoch, List, Name, ProposalId, Reason, Text, Timestamp};
use roles::Actor;
use serde::{Deserialize, Serialize};

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
        /// The incident that it is linked to from the beginning: of a rollback, what the signal opened that asked for it.
        incident: Option<CaseId>,
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
        /// The incident that it opens: of a signal that failed, where the plan says so.
        opened: Option<Box<OpenedCase>>,
        /// The stage of which it asks for a rollback; the next block has that wait for its authority.
        rolls_back: Option<Name>,
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
        /// The incident that it opens: of a vote, while none that the chain opened for the change is open (REQ-046).
        opened: Option<Box<OpenedCase>>,
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
    /// What was stated about a change that is over for as long as the plan keeps records is kept no longer (REQ-156). The facts that said
    /// so stay what they are. Of one that is still needed, while others wait behind it, that it is looked at again in a day.
    #[codec(index = 15)]
    Dropped {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
        /// The running time from which on that was due, in milliseconds since genesis.
        due: u64,
        /// How many statements, in the order of their keys and speakers; none where they are still needed, or nothing was said any more.
        statements: u32,
        /// Whether nothing of them is left.
        is_all: bool,
    },
    /// A later version of an application's plan was asked for; the next block puts it to the vote of the role that owns the plan.
    #[codec(index = 16)]
    AmendmentAsked {
        /// The plan.
        plan: Name,
        /// The number of what was asked for, among those of all plans.
        number: u64,
        /// The version.
        installation: Box<Installation>,
        /// Who asked for it.
        by: Actor,
    },
    /// A later version that was asked for does not come into force.
    #[codec(index = 17)]
    AmendmentEnded {
        /// The plan.
        plan: Name,
        /// The number of what was asked for.
        number: u64,
        /// The poll on it.
        poll: ProposalId,
        /// Why: rejected, or superseded by another version.
        why: EndedWhy,
    },
}
