//! What can be asked about roles; above all, whether an account may do something.

use crate::{Actor, Error, Member, Role, RoleHead, RoleKey, storage::*};
use primitives::{AccountId, List, Name, Path, ScopePattern, Text};
use state::State;

/// A role, if its plan is installed and has it.
pub fn role(state: &State, key: &RoleKey) -> Option<Role> {
    ROLES.get(state, key)
}

/// The roles of a plan, in the order of their names.
pub fn roles(state: &State, plan: &Name) -> Vec<(Name, Role)> {
    ROLES.iter_under(state, plan).map(|(key, role)| (key.role, role)).collect()
}

/// How the members of a role stand; where there were never any, nobody is one.
pub fn head(state: &State, key: &RoleKey) -> RoleHead {
    HEADS.get(state, key).unwrap_or_default()
}

/// The members of a role, in the order of their accounts.
pub fn members(state: &State, key: &RoleKey) -> Vec<(AccountId, Member)> {
    MEMBERS.iter_under(state, key).map(|((_, account), member)| (account, member)).collect()
}

/// As what an account has a role, if it has it.
pub fn member(state: &State, key: &RoleKey, who: &AccountId) -> Option<Member> {
    MEMBERS.get(state, &(key.clone(), *who))
}

/// Whether an account has a role, wherever that is.
pub fn is_member(state: &State, key: &RoleKey, who: &AccountId) -> bool {
    MEMBERS.contains(state, &(key.clone(), *who))
}

/// Whether an account has a vote in a poll of a role's members about the whole plan that was opened at a version of the roster: it had
/// it then and has it now, [by its scopes](Member::votes). Reads one row.
pub fn has_vote(state: &State, key: &RoleKey, who: &AccountId, version: u64) -> bool {
    member(state, key, who).is_some_and(|member| votes_since(&member, version))
}

/// All who [have a vote](has_vote) in such a poll, in the order of their accounts: what a share of the members is a share of. They only
/// ever become fewer, as those who had a vote go or lose it. Reads every member of the role, of whom there are
/// [`MOST_MEMBERS`](crate::MOST_MEMBERS) at most, and no other row.
pub fn voters(state: &State, key: &RoleKey, version: u64) -> Vec<AccountId> {
    let members = members(state, key).into_iter();
    members.filter(|(_, member)| votes_since(member, version)).map(|(account, _)| account).collect()
}

/// Whether anybody [has a vote](has_vote) in such a poll that is opened now. Reads the members of the role up to the first who has.
pub fn has_voters(state: &State, key: &RoleKey) -> bool {
    MEMBERS.iter_under(state, key).any(|(_, member)| member.votes())
}

fn votes_since(member: &Member, version: u64) -> bool {
    member.votes() && member.joined <= version
}

/// The roles that an account has, of all plans, in the order of plans and roles. Reads its own rows and no others, however many plans
/// there are.
pub fn held<'s>(state: &'s State, who: &AccountId) -> impl Iterator<Item = RoleKey> + use<'s> {
    HELD.iter_under(state, who).map(|(_, key)| key)
}

/// The roles of a plan that have a grant for an action, wherever that is, in the order of their names.
pub fn granted(state: &State, plan: &Name, action: &str) -> Vec<Name> {
    let may = |(_, role): &(Name, Role)| is_granted(role, action, |_| true);
    roles(state, plan).into_iter().filter(may).map(|(name, _)| name).collect()
}

/// Who acts, if it may: `who` is a member of the role `acting` of a plan, and both a pattern of the member and a grant of the role
/// for the action cover the path.
///
/// # Errors
/// [`Error::UnknownRole`], and [`Error::Role`] for everything that is not granted.
pub fn require(
    state: &State,
    plan: &Name,
    acting: &Name,
    who: AccountId,
    action: &str,
    scope: &Path,
) -> Result<Actor, Error> {
    let powers = Powers::of(state, plan, acting, who)?;
    if powers.reach(action, |pattern| pattern.covers(scope)) {
        return Ok(powers.actor());
    }
    Err(refusal(state, plan, acting, who, action, ScopePattern::exactly(scope)))
}

/// Whether an account has any role of a plan, wherever that is.
pub fn has_role(state: &State, plan: &Name, who: &AccountId) -> bool {
    roles(state, plan).into_iter().any(|(role, _)| is_member(state, &RoleKey { plan: plan.clone(), role }, who))
}

/// What an account can do as a member of a role.
pub(crate) struct Powers {
    /// The role.
    pub role: Role,
    name: Name,
    who: AccountId,
    /// As what it has it; none when it has it not.
    member: Option<Member>,
}

impl Powers {
    /// Those of `who`, acting in a role of a plan.
    pub fn of(state: &State, plan: &Name, acting: &Name, who: AccountId) -> Result<Self, Error> {
        let key = RoleKey { plan: plan.clone(), role: acting.clone() };
        let role = known(state, &key)?;
        let member = member(state, &key, &who);
        Ok(Self { role, name: key.role, who, member })
    }

    /// Whether it is allowed to do something in some place: one of its patterns and one of a grant for it both cover it.
    pub fn reach(&self, action: &str, covers: impl Fn(&ScopePattern) -> bool) -> bool {
        let is_within = self.member.as_ref().is_some_and(|member| member.scopes.iter().any(&covers));
        is_within && is_granted(&self.role, action, covers)
    }

    /// Whether it is allowed to do something anywhere.
    pub fn reach_somewhere(&self, action: &str) -> bool {
        self.member.is_some() && is_granted(&self.role, action, |_| true)
    }

    /// How it stands in events.
    pub fn actor(self) -> Actor {
        Actor { account: self.who, role: self.name }
    }
}

fn is_granted(role: &Role, action: &str, covers: impl Fn(&ScopePattern) -> bool) -> bool {
    role.grants.iter().any(|grant| grant.action.as_str() == action && covers(&grant.scope))
}

/// A role that there has to be.
pub(crate) fn known(state: &State, key: &RoleKey) -> Result<Role, Error> {
    role(state, key).ok_or_else(|| Error::UnknownRole(key.clone()))
}

/// That an account may not do something somewhere, with the roles that may.
pub(crate) fn refusal(
    state: &State,
    plan: &Name,
    acting: &Name,
    who: AccountId,
    action: &str,
    scope: ScopePattern,
) -> Error {
    let may = |(_, role): &(Name, Role)| is_granted(role, action, |pattern| pattern.includes(&scope));
    let held_by = roles(state, plan).into_iter().filter(may).map(|(name, _)| name).take(4).collect();
    Error::Role {
        plan: plan.clone(),
        role: acting.clone(),
        action: Text::new(action).unwrap_or_default(),
        scope: Box::new(scope),
        held_by: List::truncate_from(held_by),
        insider: has_role(state, plan, &who),
    }
}
