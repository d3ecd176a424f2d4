//! Where roles are kept.

use crate::{Member, Role, RoleHead, RoleKey};
use primitives::AccountId;
use state::{Map, Set};

/// The roles of the plans that are installed.
pub(crate) const ROLES: Map<RoleKey, Role> = Map::new("roles/roles");

/// Who has them.
pub(crate) const MEMBERS: Map<(RoleKey, AccountId), Member> = Map::new("roles/members");

/// The same by who has them, so that what an account has is found among its own rows.
pub(crate) const HELD: Set<(AccountId, RoleKey)> = Set::new("roles/held");

/// How the members of each role stand. It stays when its role is gone, so that no version comes twice.
pub(crate) const HEADS: Map<RoleKey, RoleHead> = Map::new("roles/heads");
