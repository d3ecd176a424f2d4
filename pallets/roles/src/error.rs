//! Why a call about roles is refused.

use crate::RoleKey;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, List, Name, ScopePattern, Text};
use serde::{Deserialize, Serialize};

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RolesRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// The account is no member of the role that it acts in, or that role has no grant for it there.
    #[codec(index = 0)]
    #[error("as {role} of plan {plan} this account may not {action} {}; {}", place(scope), who_may(held_by))]
    Role {
        /// The plan.
        plan: Name,
        /// The role that it acts in.
        role: Name,
        /// What it asked for.
        action: Text<80>,
        /// Where.
        scope: Box<ScopePattern>,
        /// The first roles of the plan that have a grant for it there.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 4)))]
        held_by: List<Name, 4>,
        /// Whether the account has any role of the plan: who has one is warned of in the audit log, and no stranger can make it warn
        /// (ROLLOUTS 9).
        insider: bool,
    },
    /// No plan that is installed has such a role.
    #[codec(index = 1)]
    #[error("there is no role {0}; name one that the plan has")]
    UnknownRole(RoleKey),
    /// The account has the role already.
    #[codec(index = 2)]
    #[error("{account} is {key} already; to give it other scopes, dismiss it first")]
    AlreadyMember {
        /// The role.
        key: RoleKey,
        /// Who.
        account: AccountId,
    },
    /// The account does not have the role.
    #[codec(index = 3)]
    #[error("{account} is not {key}; name one of its members")]
    NotMember {
        /// The role.
        key: RoleKey,
        /// Who.
        account: AccountId,
    },
    /// Fewer members would be left than the role has to have.
    #[codec(index = 4)]
    #[error("{key} would have {left} members, and keeps {least} at least; let another come first")]
    LastMember {
        /// The role.
        key: RoleKey,
        /// How many would be left.
        left: u16,
        /// How many it keeps.
        least: u8,
    },
    /// A scope lies outside of those of whoever appoints or dismisses there.
    #[codec(index = 5)]
    #[error(
        "this is outside of the scopes in which the account may appoint as {acting}: {}; stay within them",
        place(scope)
    )]
    OutsideScope {
        /// The role that it acts in.
        acting: Name,
        /// Which scope.
        scope: ScopePattern,
    },
    /// Whoever is to be dismissed has a role that lets do more than that of the caller.
    #[codec(index = 6)]
    #[error(
        "{key} lets do more than {acting} does, which can therefore dismiss none of its members; act in a wider role"
    )]
    WiderRole {
        /// The role.
        key: RoleKey,
        /// The role that the caller acts in.
        acting: Name,
    },
    /// The role has as many members as it can have.
    #[codec(index = 7)]
    #[error("{key} has {places} members, as many as it can have; let one go first")]
    Full {
        /// The role.
        key: RoleKey,
        /// How many it can have.
        places: u16,
    },
    /// A list names an account twice.
    #[codec(index = 8)]
    #[error("{0} is named twice; name each member once, with all of its scopes")]
    NamedTwice(AccountId),
}

impl Error {
    /// The name by which tools know it; it never changes (ROLLOUTS 16).
    pub fn code(&self) -> &'static str {
        match self {
            Error::Role { .. } => "E_ROLE",
            Error::UnknownRole(_) => "E_UNKNOWN_ROLE",
            Error::AlreadyMember { .. } | Error::NotMember { .. } | Error::NamedTwice(_) => "E_MEMBER",
            Error::LastMember { .. } => "E_LAST_MEMBER",
            Error::OutsideScope { .. } | Error::WiderRole { .. } => "E_SCOPE",
            Error::Full { .. } => "E_FULL",
        }
    }

    /// The number by which programs know it, from 100 on; it never changes, and is of no other refusal (REQ-137).
    pub fn number(&self) -> u16 {
        match self {
            Error::Role { .. } => 100,
            Error::UnknownRole(_) => 101,
            Error::AlreadyMember { .. } => 102,
            Error::NotMember { .. } => 103,
            Error::LastMember { .. } => 104,
            Error::OutsideScope { .. } => 105,
            Error::WiderRole { .. } => 106,
            Error::Full { .. } => 107,
            Error::NamedTwice(_) => 108,
        }
    }
}

/// A pattern as a place.
fn place(scope: &ScopePattern) -> String {
    match scope.as_str() {
        "" => "at the root".into(),
        scope => format!("in {scope}"),
    }
}

/// Who could be asked.
fn who_may(roles: &[Name]) -> String {
    let names: Vec<&str> = roles.iter().map(Name::as_str).collect();
    if names.is_empty() { "no role of the plan may".into() } else { format!("ask a member of {}", names.join(" or ")) }
}
