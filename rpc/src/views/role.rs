//! Roles of plans, and who has them.

use crate::views::{Descriptions, PageOf, PageRange};
use primitives::{AccountId, Height, Name};
use roles::{Grant, MOST_MEMBERS, MOST_ROLES, Member, Role, RoleHead, RoleKey, Seated, queries};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::{State, corrupt};

/// The roles of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RolesOfPlan {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The plan.
    pub plan: Name,
    /// Its roles, in the order of their names.
    #[schemars(length(max = MOST_ROLES))]
    pub roles: Vec<RoleSummary>,
}

/// A role in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleSummary {
    /// What it is called.
    pub name: Name,
    /// What it lets do, and where; whatever is not here it does not.
    #[schemars(length(max = 32))]
    pub grants: Vec<Grant>,
    /// How many members it keeps at least.
    pub least_members: u8,
    /// How its members stand.
    #[serde(flatten)]
    pub head: RoleHead,
}

/// A role with those who have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleDetail {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The plan.
    pub plan: Name,
    /// The role.
    #[serde(flatten)]
    pub summary: RoleSummary,
    /// Its members, in the order of their accounts.
    #[schemars(length(max = MOST_MEMBERS))]
    pub members: Vec<Seated>,
    /// What they say of themselves.
    #[serde(default)]
    pub described: Descriptions,
}

/// A role that an account has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldRole {
    /// The plan.
    pub plan: Name,
    /// The role.
    pub role: Name,
    /// Where the account may act in it, and since which version of its roster it has it.
    #[serde(flatten)]
    pub member: Member,
    /// What the role lets do.
    #[schemars(length(max = 32))]
    pub grants: Vec<Grant>,
}

impl RoleSummary {
    fn of(state: &State, key: &RoleKey, role: Role) -> Self {
        let Role { grants, least_members } = role;
        let head = queries::head(state, key);
        Self { name: key.role.clone(), grants: grants.into_inner(), least_members, head }
    }
}

/// The roles of a plan.
pub(crate) fn roles_of_plan(state: &State, height: Height, plan: &Name) -> RolesOfPlan {
    let summary = |(name, role): (Name, Role)| RoleSummary::of(state, &key(plan, &name), role);
    let roles = queries::roles(state, plan).into_iter().map(summary).collect();
    RolesOfPlan { height, plan: plan.clone(), roles }
}

/// A role with its members; none when the plan has no such role.
pub(crate) fn role(state: &State, height: Height, key: &RoleKey) -> Option<RoleDetail> {
    let summary = RoleSummary::of(state, key, queries::role(state, key)?);
    let members = queries::members(state, key).into_iter();
    let members: Vec<Seated> = members.map(|(account, member)| Seated { account, member }).collect();
    let described = Descriptions::of(state, members.iter().map(|seated| seated.account));
    Some(RoleDetail { height, plan: key.plan.clone(), summary, members, described })
}

/// The roles that an account has, in the order of plans and roles, for as long as somebody waits for them. Those of the page alone are read;
/// they are counted by the account's own rows.
pub(crate) fn held_roles<E>(
    state: &State,
    who: &AccountId,
    range: PageRange,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<PageOf<HeldRole>, E> {
    let held = queries::held(state, who).map(|key| go_on().map(|()| key));
    let PageOf { total, page, page_size, entries } = range.counted(held)?;
    let show = |key: RoleKey| -> Result<HeldRole, E> {
        go_on()?;
        let member =
            queries::member(state, &key, who).unwrap_or_else(|| corrupt(&format!("{who} is found by {key} alone")));
        let grants = queries::role(state, &key).unwrap_or_default().grants.into_inner();
        let RoleKey { plan, role } = key;
        Ok(HeldRole { plan, role, member, grants })
    };
    Ok(PageOf { total, page, page_size, entries: entries.into_iter().map(show).collect::<Result<_, E>>()? })
}

fn key(plan: &Name, role: &Name) -> RoleKey {
    RoleKey { plan: plan.clone(), role: role.clone() }
}
