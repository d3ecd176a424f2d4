//! Who may do what, and where: roles of plans, and the accounts that have them.
//!
//! A [`Role`] is a list of [`Grant`]s, each an action and the paths where it may be done; a [`Member`] is an account that has the
//! role within some paths. Whatever asks for a role goes through [`queries::require`]: the account is a member of the role that it
//! says it acts in, and a pattern of the member and one of the role's grants both cover the path. Everything else is refused.
//!
//! Roles come with a plan, by [`apply::write_role`]. Their members change one by one, where somebody has the grant to appoint them
//! (`appoint.` and the role's name), by their own [resignation](Call::Resign), and all at once by a [motion](Motion::SetMembers)
//! of the stake, which stands above every role: the way out when a plan has lost its keys. A plan in which nobody has that grant,
//! as that of a node, is for the stake alone.
//!
//! Members vote, where a plan asks for their vote. A poll about the whole plan is for those who may act at its root and for those
//! without scopes ([`queries::has_vote`]), by the version of the roster at which it was opened: who has a role in some places alone has
//! no vote about the others, and who may appoint in some places alone packs no poll with those that it appoints.
//!
//! ```
//! use primitives::{AccountId, List, Name, Path};
//! use roles::{Grant, MOST_MEMBERS, Role, RoleKey, Seat, apply, queries};
//! use state::{Memory, State};
//!
//! let (memory, ann) = (Memory::default(), AccountId([1; 32]));
//! let mut state = State::over(&memory);
//! let name = |text: &str| Name::new(text).ok_or("no name");
//! let key = RoleKey { plan: name("pos")?, role: name("TENANT_OWNER")? };
//! let grants = List::truncate_from(vec!["set.submit **".parse::<Grant>()?]);
//! apply::write_role(&mut state, &key, &Role { grants, least_members: 0 }, MOST_MEMBERS);
//! let scopes = List::truncate_from(vec!["*/t1/**".parse()?]);
//! apply::seat(&mut state, &key, &Seat { account: ann, scopes });
//!
//! let may = |path: &str| -> Result<bool, String> {
//!     let path: Path = path.parse()?;
//!     Ok(queries::require(&state, &key.plan, &key.role, ann, "set.submit", &path).is_ok())
//! };
//! assert!(may("PROD/t1/b2")? && !may("PROD/t2")? && !may("PROD")?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//! - What no grant lets do is refused; nobody acts in a role that it does not name.
//! - No call or motion takes a role below its least members, whoever asks.
//! - Nobody appoints beyond its own scopes, or dismisses whoever has a role that lets do more than its own.
//! - Who went and came again is a later member than it was.
//! - Nobody votes about a whole plan whom somebody appointed who may not appoint at its root, or in a poll that was opened before it
//!   had a vote.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod apply;
mod audit;
mod decide;
mod error;
mod grant;
mod membership;
pub mod queries;
mod storage;
#[cfg(test)]
mod tests;
mod words;

use parity_scale_codec::{Decode, Encode};
#[cfg(feature = "schema")]
use primitives::ScopePattern;
use primitives::{AccountId, List, Name, Reason};
use serde::{Deserialize, Serialize};

pub use error::Error;
pub use grant::Grant;
pub use membership::{Actor, Member, Role, RoleHead, RoleKey, Scopes, Seat, Seated};

/// The most members of a role.
pub const MOST_MEMBERS: u16 = 128;

/// The most members of a role that votes, and the most that a motion can name.
pub const MOST_VOTERS: u16 = 100;

/// The most roles of a plan.
pub const MOST_ROLES: u16 = 16;

/// What an account can ask for.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RolesCall"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "roles.")]
pub enum Call {
    /// Gives an account a role. The caller acts in a role of the same plan that has the grant `appoint.` and the role's name, and
    /// gives no scope that it has not itself; without scopes, so that it can vote alone, it appoints only if it may everywhere.
    #[codec(index = 0)]
    Appoint {
        /// The role.
        key: RoleKey,
        /// The role in which the caller acts.
        acting: Name,
        /// Who gets it.
        account: AccountId,
        /// Where it may act.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<ScopePattern>", length(max = 4)))]
        scopes: Scopes,
    },
    /// Takes a role from an account, by whoever may appoint it there. The role in which the caller acts has to let do all that this
    /// one does.
    #[codec(index = 1)]
    Dismiss {
        /// The role.
        key: RoleKey,
        /// The role in which the caller acts.
        acting: Name,
        /// Who loses it.
        account: AccountId,
    },
    /// Gives a role of the caller back.
    #[codec(index = 2)]
    Resign {
        /// The role.
        key: RoleKey,
    },
}

/// What only governance can do.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RolesMotion"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "roles.")]
pub enum Motion {
    /// Replaces the members of a role of any plan. Who was one before and is named again stays one since then, but has a vote that it
    /// had not from then on alone.
    #[codec(index = 0)]
    SetMembers {
        /// The role.
        key: RoleKey,
        /// All who have it from then on, each once; at least as many as the role asks for.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Seat>", length(max = 100)))]
        members: List<Seat, 100>,
        /// Why.
        reason: Reason,
    },
}

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RolesEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "roles.")]
pub enum Event {
    /// An account has a role from now on.
    #[codec(index = 0)]
    MemberCame {
        /// The role.
        key: RoleKey,
        /// The version of its roster with it.
        version: u64,
        /// Who.
        account: AccountId,
        /// As what.
        member: Member,
        /// Who appointed it.
        by: Option<Actor>,
    },
    /// An account has a role no longer.
    #[codec(index = 1)]
    MemberWent {
        /// The role.
        key: RoleKey,
        /// The version of its roster without it.
        version: u64,
        /// Who.
        account: AccountId,
        /// Who dismissed it; nobody when it resigned.
        by: Option<Actor>,
    },
    /// The stake replaced the members of a role.
    #[codec(index = 2)]
    MembersSet {
        /// The role.
        key: RoleKey,
        /// The version of its roster from now on.
        version: u64,
        /// Those that came, and those that stayed with other scopes.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Seated>", length(max = 100)))]
        came: List<Seated, 100>,
        /// Those that went.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<AccountId>", length(max = 128)))]
        went: List<AccountId, 128>,
        /// Why.
        reason: Reason,
    },
}

impl Event {
    /// The role whose members changed.
    pub fn key(&self) -> &RoleKey {
        let (Event::MemberCame { key, .. } | Event::MemberWent { key, .. } | Event::MembersSet { key, .. }) = self;
        key
    }
}
