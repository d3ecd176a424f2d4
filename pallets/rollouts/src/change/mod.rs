//! A change: anything that alters what a plan governs, from being asked for to what came of it (ROLLOUTS 7.4).
//!
//! What is asked for never changes once it is submitted, and is known by its hash ([`SubmittedChange`]); where it stands does
//! ([`ChangeProgress`]).

mod effect;
mod execution;
mod left;
mod merged;
mod progress;
mod request;

pub use effect::{
    Effect, EffectTo, Effected, FlagSide, MOST_EFFECTED_BYTES, MOST_EFFECTS, MOST_EFFECTS_BYTES, READS_OF_AN_EFFECT,
    digest_of_members,
};
pub use execution::{Execution, FlagServing};
pub use left::LeftStanding;
pub use merged::merged;
pub use progress::{ChangeProgress, ChangeState, DutyState, EndedWhy, OwedDuty};
pub use request::{ChangeRequest, DISABLE_FLAGS, MANUAL};

use crate::plan::{ChangeKind, Nature};
use flags::Risk;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, ChangeId, Digest, List, Moment, Name, Reason, ReleaseClass, Text};
use roles::Actor;
use serde::{Deserialize, Serialize};

/// How many features a change names at most.
pub const MOST_FEATURES: u32 = 16;
/// How many changes of a plan may be open at once, and approved ones among them (ROLLOUTS 17). Disables, rollbacks and freezes are
/// not counted.
pub const MOST_OPEN: u32 = 32;
/// How many changes of a plan may be open, approved or active at once, so that what the clock looks at and the polls on what is owed stay
/// bounded. Disables, rollbacks and freezes are taken all the same, by account.
pub const MOST_LIVE: u32 = 256;
/// How often a change may be announced; the latest announcement counts.
pub const MOST_ANNOUNCEMENTS: u8 = 2;

/// A change as somebody asks for it: all of it but who asks, when, and its number.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeDraft {
    /// The version of the plan that it was written against. Under another one it is over (REQ-029).
    pub version: u32,
    /// The BLAKE3 of the bundle's bytes, as `b3sum` prints it; that of the plan in force, or it is refused (REQ-028).
    pub bundle: Digest,
    /// What is asked for.
    pub request: ChangeRequest,
    /// How much the release behind it changes; sets which checks drop out and which share of votes is needed (REQ-036).
    pub class: ReleaseClass,
    /// What it does to the product; a frozen phase lets only some of it through.
    pub nature: Nature,
    /// The phase that it belongs to, in a plan that has phases.
    pub phase: Option<Name>,
    /// Who decides blocks alone from then on: exactly of a change that takes the quorum of the validators away (ROLLOUTS 11).
    pub sealer: Option<AccountId>,
    /// The ticket that it is tracked under, where stage or procedure ask for one (REQ-111).
    pub ticket: Option<Name>,
    /// Why.
    pub reason: Reason,
    /// The milestone that it is for.
    pub milestone: Option<Name>,
    /// What its users will notice; a promotion with a milestone says it.
    pub impact: Text<512>,
    /// What it brings.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Feature>", length(max = MOST_FEATURES)))]
    pub features: List<Feature, MOST_FEATURES>,
}

/// Something that a change brings (REQ-105).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// What it is called.
    pub name: Name,
    /// How much a mistake with it costs.
    pub risk: Risk,
    /// The flag that it is behind; of high risk, one that the plan has and that is not expired.
    pub flag: Option<Name>,
}

/// A change that was submitted. Nothing of it is ever edited: another text is another change, and no vote counts for both.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubmittedChange {
    /// Its number.
    pub id: ChangeId,
    /// The plan that governs what it alters.
    pub plan: Name,
    /// Who submitted it; nobody of what the chain itself opened, and of what stands since genesis.
    pub by: Option<Actor>,
    /// The block that took it.
    pub created: Moment,
    /// What is asked for, and why.
    pub asked: ChangeDraft,
    /// What it is known by: see [`digest_of`](Self::digest_of).
    pub digest: Digest,
}

impl SubmittedChange {
    /// A change of that number, with its digest.
    pub fn new(id: ChangeId, plan: Name, by: Option<Actor>, created: Moment, asked: ChangeDraft) -> Self {
        let digest = Self::digest_of(&plan, by.as_ref(), &asked);
        Self { id, plan, by, created, asked, digest }
    }

    /// The content of a change as one hash: of everything but its number, its moments, and what came of it. It is what ballots are
    /// bound to (ROLLOUTS 5).
    pub fn digest_of(plan: &Name, by: Option<&Actor>, asked: &ChangeDraft) -> Digest {
        Digest::blake3(&("the-block/change/v1", plan, by, asked).encode())
    }

    /// Its kind.
    pub fn kind(&self) -> ChangeKind {
        self.asked.request.kind()
    }

    /// Who submitted it, as an account.
    pub fn submitter(&self) -> Option<AccountId> {
        self.by.as_ref().map(|by| by.account)
    }
}
