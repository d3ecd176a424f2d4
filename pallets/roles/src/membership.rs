//! Roles and who has them.

use crate::{Grant, MOST_MEMBERS};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, List, Name, Path, ScopePattern};
use serde::{Deserialize, Serialize};
use state::{Key, KeyBytes};

/// The patterns of paths within which a member may act.
pub type Scopes = List<ScopePattern, 4>;

/// A role of a plan.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleKey {
    /// The plan.
    pub plan: Name,
    /// The role.
    pub role: Name,
}

impl std::fmt::Display for RoleKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of plan {}", self.role, self.plan)
    }
}

impl Key for RoleKey {
    fn write(&self, out: &mut KeyBytes) {
        self.plan.write(out);
        self.role.write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self { plan: Name::read(bytes)?, role: Name::read(bytes)? })
    }
}

/// What those who have a role may do, and how many of them there have to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// What they may do, and where; whatever is not here they may not.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Grant>", length(max = 32)))]
    pub grants: List<Grant, 32>,
    /// How many members it keeps at least: none is dismissed and none resigns who would leave fewer.
    pub least_members: u8,
}

impl Role {
    /// Whether it lets do everything that another lets do, everywhere where that one does.
    pub fn covers(&self, other: &Self) -> bool {
        other.grants.iter().all(|grant| self.grants.iter().any(|own| own.includes(grant)))
    }
}

/// Somebody who has a role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Member {
    /// Where it may act: one of these and a grant of the role have to cover a path. With none it can vote and do nothing else.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<ScopePattern>", length(max = 4)))]
    pub scopes: Scopes,
    /// The version of the role's roster in which it came; who went and came again has the later one, and so has who was given a
    /// vote that it had not.
    pub joined: u64,
}

impl Member {
    /// Whether it votes with the other members about the whole plan: it may act at the root of the plan, or it has no scopes, and
    /// then to vote is all that it can do. Whoever has the role in some places alone speaks for these alone.
    pub fn votes(&self) -> bool {
        self.scopes.is_empty() || self.scopes.iter().any(|scope| scope.covers(&Path::ROOT))
    }

    /// A member with these scopes from a version of the roster on, who was that one `before`, if it was one. It stays one since then;
    /// but who gains the vote has it since that version, and so none in a poll that was opened before.
    pub(crate) fn since(version: u64, scopes: &Scopes, before: Option<&Self>) -> Self {
        let after = Self { scopes: scopes.clone(), joined: version };
        let stays = before.filter(|before| before.votes() || !after.votes());
        let joined = stays.map_or(version, |before| before.joined);
        Self { joined, ..after }
    }
}

/// How the members of a role stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleHead {
    /// How often they changed: the version of the roster.
    pub version: u64,
    /// How many there are, whatever their scopes: by this go its places and its least members. Those who vote may be fewer, and a share
    /// of a vote is one of them: see [`queries::voters`](crate::queries::voters).
    pub count: u16,
    /// How many there can be.
    pub places: u16,
}

impl Default for RoleHead {
    fn default() -> Self {
        Self { version: 0, count: 0, places: MOST_MEMBERS }
    }
}

/// An account with the role in which it acted: who did something, as it was at that time.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// The role that it named, of the plan that the event is about.
    pub role: Name,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} as {}", self.account, self.role)
    }
}

/// Who is to have a role, and where.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// Who.
    pub account: AccountId,
    /// Where it may act.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<ScopePattern>", length(max = 4)))]
    pub scopes: Scopes,
}

/// Who has a role now.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Seated {
    /// Who.
    pub account: AccountId,
    /// Since when, and where.
    pub member: Member,
}
