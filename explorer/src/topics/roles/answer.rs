//! What is answered about roles.

use primitives::{AccountId, ChainPosition, Name};
use roles::{Actor, Grant, Member};
use rpc::views::Descriptions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The roles of a plan, with who has each, and who had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RolesAnswer {
    /// The plan.
    pub plan: Name,
    /// Its roles, in the order of their names.
    #[schemars(length(max = roles::MOST_ROLES))]
    pub roles: Vec<RoleLine>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// A role, with who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoleLine {
    /// What it is called.
    pub name: Name,
    /// What those who have it may do, and where.
    #[schemars(length(max = 32))]
    pub grants: Vec<Grant>,
    /// How many members it keeps at least.
    pub least_members: u8,
    /// How often its members changed.
    pub version: u64,
    /// Who has it, those who have it longest first.
    #[schemars(length(max = roles::MOST_MEMBERS))]
    pub members: Vec<RosterStay>,
    /// Those who came and went last, the latest first: at most fifty.
    #[schemars(length(max = 50))]
    pub history: Vec<RosterStay>,
}

/// An account that has a role, or had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RosterStay {
    /// Who.
    pub account: AccountId,
    /// Where it may act, and since which version of the roster it has the role without a break.
    pub member: Member,
    /// When it came, or got these scopes.
    pub came: RosterMove,
    /// When it went, or got others; null while it has the role so.
    pub went: Option<RosterMove>,
}

/// A change of a roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RosterMove {
    /// The block.
    pub at: ChainPosition,
    /// The version of the roster from then on.
    pub version: u64,
    /// How it came.
    pub how: RosterMoveKind,
    /// Who did it; null where a plan or a vote did, and where the account itself did.
    pub by: Option<Actor>,
    /// Why, where somebody said so.
    #[schemars(length(max = 1024))]
    pub reason: Option<String>,
}

/// How a roster changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RosterMoveKind {
    /// By the plan: its first version names members, and one that has a role no more takes them away.
    Plan,
    /// Somebody appointed it.
    Appointed,
    /// Somebody dismissed it.
    Dismissed,
    /// It resigned.
    Resigned,
    /// The stake replaced the members.
    Stake,
}

/// A role that an account has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoleHeld {
    /// The plan.
    pub plan: Name,
    /// The role.
    pub role: Name,
    /// Since when, and where.
    pub stay: RosterStay,
}
