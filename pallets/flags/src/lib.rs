//! Which value applies: flags of plans, what they serve where and to whom, and the gates of this network.
//!
//! A [`Flag`] has variants, of which one is served. What is served at a path is [set](Setting) there or above, may hang on who asks
//! ([`Targeting`]), and is the flag's fallback where nothing is set; a flag that is [disabled](Disabled) anywhere above serves its
//! `off`, whatever is set below. [`resolve`] is the one place that says so: chain, node, wallet and light client call it.
//!
//! Calls move definitions alone. What is served moves by changes: those are of `rollouts`, which asks [`admit`] and writes by
//! [`apply`]. One plan may be [the node's](queries::node_plan); its flags of kind gate are the [`Gate`]s of this network, kept in one
//! cell, which every block reads once.
//!
//! Whoever serves flags to applications keeps a [`Snapshot`] of a plan and asks no state. The tokens with which they ask are signed off
//! chain; a call [revokes](Call::RevokeTokens) them.
//!
//! ```
//! use flags::{Gate, Gates};
//! use state::{Memory, State};
//!
//! let memory = Memory::default();
//! let gates = Gates::of(&State::over(&memory));
//! assert!(gates.is_on(Gate::MalachiteConsensus) && !gates.is_on(Gate::TimetokeRewards));
//! ```
//!
//! # Invariants
//! - There is always an answer, and it is the same for everybody who has the same flag, settings, segments and context in hand.
//! - What is disabled is off below, whatever is set there, until exactly that is enabled again.
//! - No call moves what is served, and neither does a day that has come; nor does one define or retire a gate of this network, which
//!   comes with its plan alone.
//! - A key that was retired never names another flag.
//! - A token that was revoked stays so.
//! - A snapshot answers as the state does that it was compiled from.
//! - No tenant has more than an eighth of the room for settings, and all of them leave a quarter to others.
//! - The gates are what the node's plan sets at its root; without one, what this network did before there were any.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod admit;
pub mod apply;
mod audit;
mod bucket;
mod counts;
mod decide;
mod due;
mod error;
mod evaluate;
mod flag;
mod flaw;
mod gates;
mod object;
pub mod queries;
pub mod requirements;
mod resolve;
mod rule;
mod snapshot;
mod storage;
mod targeting;
mod tenants;
#[cfg(test)]
mod tests;
mod tokens;
mod value;
mod words;

use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Name, Timestamp};
use roles::Actor;
use serde::{Deserialize, Serialize};

pub use bucket::bucket;
pub use counts::{
    FlagCounts, MOST_ATTRIBUTES, MOST_FLAGS, MOST_FLAGS_BYTES, MOST_MEMBERS_OF_SEGMENT, MOST_SEGMENTS, MOST_SETTINGS,
};
pub use due::{MOST_EXPIRED, due};
pub use error::{Error, FlagPart, FlagRegister, FlagUse};
pub use evaluate::{Attribute, EvaluationContext};
pub use flag::{
    Audience, DefinedFlag, Expiry, Flag, FlagEdit, FlagKind, MOST_FLAG_BYTES, MOST_VARIANTS, Risk, Variant,
};
pub use gates::{Gate, Gates};
pub use object::{MOST_OBJECT_DEPTH, MOST_WHOLE, ObjectFlaw, canonical};
pub use resolve::{EvaluationReason, Resolution, ScopedFlag, resolve};
pub use rule::{
    MOST_NODES, MOST_RULE_DEPTH, Operand, Rule, RuleFlaw, RuleNode, Semver, TARGETING_KEY, VersionOrdering, WHOLE_SHARE,
};
pub use snapshot::{
    ContextValue, FlagContext, FlagId, FlagReader, FlagScope, ListedFlag, ServedFlag, Snapshot, TouchedFlags,
};
pub use targeting::{
    Arm, Disabled, MOST_SEGMENTS_NAMED, MOST_SETTING_BYTES, MOST_WEIGHT, SegmentMembers, Serve, Setting, Targeting,
};
pub use value::{Value, ValueFlaw};

/// What an account can ask for: about definitions in a role that has the grant `flag` at the root of the plan, about tokens in one
/// that has the grant `token`.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FlagsCall"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "flags.")]
pub enum Call {
    /// Defines a flag (REQ-103). It serves its fallback, until a change sets something. The gates of this network come with its plan
    /// alone.
    #[codec(index = 0)]
    Define {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// The flag.
        flag: Flag,
    },
    /// Changes what is said about a flag, and nothing that it serves.
    #[codec(index = 1)]
    Edit {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which flag.
        key: Name,
        /// What changes.
        edit: FlagEdit,
    },
    /// Ends a flag of which nothing is set and that nothing names; a gate of this network never. Its key is never used again.
    #[codec(index = 2)]
    Retire {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which flag.
        key: Name,
    },
    /// Ends every token that an account issued for a plan before a time (REQ-163): one's own, in a role with the grant `token`
    /// anywhere, or anybody's, in a role with that grant at the root of the plan.
    #[codec(index = 3)]
    RevokeTokens {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Whose tokens.
        account: AccountId,
        /// Those that were issued before this block time, which has come already.
        issued_before: Timestamp,
    },
}

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FlagsEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "flags.")]
pub enum Event {
    /// There is a flag from now on.
    #[codec(index = 0)]
    Defined {
        /// The plan.
        plan: Name,
        /// The flag.
        flag: Flag,
        /// Who defined it.
        by: Actor,
    },
    /// Other things are said about a flag.
    #[codec(index = 1)]
    Edited {
        /// The plan.
        plan: Name,
        /// The whole flag, as it is now.
        flag: Flag,
        /// Who edited it.
        by: Actor,
    },
    /// A flag is no more.
    #[codec(index = 2)]
    Retired {
        /// The plan.
        plan: Name,
        /// Which flag.
        key: Name,
        /// Who retired it.
        by: Actor,
    },
    /// The day has come by which a flag was to be gone. It serves what it served (REQ-115).
    #[codec(index = 3)]
    Expired {
        /// The plan.
        plan: Name,
        /// Which flag.
        key: Name,
        /// Who answers for it.
        owner: Name,
        /// That day.
        at: Timestamp,
    },
    /// The tokens of an account that it issued for a plan before a time are none any more.
    #[codec(index = 4)]
    TokensRevoked {
        /// The plan.
        plan: Name,
        /// Whose tokens.
        account: AccountId,
        /// Those that were issued before this.
        issued_before: Timestamp,
        /// Who revoked them.
        by: Actor,
    },
}
