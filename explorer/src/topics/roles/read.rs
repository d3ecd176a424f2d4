//! Who may do what in a plan, and who had that before.

use super::answer::{RoleHeld, RoleLine, RolesAnswer, RosterStay};
use super::held_name;
use crate::store::column::{parsed, typed};
use crate::store::table::natural;
use crate::store::{Index, QueryError};
use crate::topics::accounts;
use primitives::{AccountId, Height, Name};
use roles::{Role, RoleKey};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// How many of those who came and went are told of with a role.
const MOST_MOVES: u64 = 50;

/// The roles of a plan; none of a plan that there never was.
///
/// # Errors
/// The database cannot be read.
pub async fn roles_of_plan(index: &Index, plan: &Name) -> Result<Option<RolesAnswer>, QueryError> {
    let sql = "SELECT role, version, gone, grants FROM roles WHERE plan=$1 ORDER BY role";
    let rows = index.all(sql, vec![plan.as_str().into()]).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut roles = Vec::new();
    for row in rows.iter().filter(|row| row.get::<i64, _>("gone") == 0) {
        roles.push(line(index, plan, row).await?);
    }
    let stays = roles.iter().flat_map(|role| role.members.iter().chain(&role.history));
    let named = stays.flat_map(|stay| {
        let by = [Some(&stay.came), stay.went.as_ref()].into_iter().flatten();
        by.filter_map(|moved| Some(moved.by.as_ref()?.account)).chain([stay.account]).collect::<Vec<_>>()
    });
    let described = accounts::read::described(index, named.collect()).await?;
    Ok(Some(RolesAnswer { plan: plan.clone(), roles, described }))
}

async fn line(index: &Index, plan: &Name, row: &AnyRow) -> Result<RoleLine, QueryError> {
    let role: Role = parsed("a role", row.get("grants"))?;
    let name: Name = typed("a role", row.get("role"))?;
    let held = held_name(&RoleKey { plan: plan.clone(), role: name.clone() });
    let sql = "SELECT stay FROM members WHERE held=$1 ORDER BY version, account";
    let members = stays(&index.all(sql, vec![held.into()]).await?)?;
    let sql = "SELECT stay FROM members WHERE plan=$1 AND role=$2 ORDER BY version DESC, account LIMIT $3";
    let history = index.all(sql, vec![plan.as_str().into(), name.as_str().into(), MOST_MOVES.into()]).await?;
    let history = stays(&history)?;
    Ok(RoleLine {
        grants: role.grants.to_vec(),
        least_members: role.least_members,
        version: natural(row.get("version")),
        members,
        history,
        name,
    })
}

fn stays(rows: &[AnyRow]) -> Result<Vec<RosterStay>, QueryError> {
    let stays: Result<Vec<RosterStay>, _> = rows.iter().map(|row| parsed("a member", row.get("stay"))).collect();
    Ok(stays?)
}

/// Those who have a vote in a poll that was opened at a version of a roster, as they stood with a block, in the order of their accounts.
pub(crate) async fn voters(
    index: &Index,
    key: &RoleKey,
    version: u64,
    height: Height,
) -> Result<Vec<AccountId>, QueryError> {
    let mut rows = index.all("SELECT stay FROM members WHERE held=$1", vec![held_name(key).into()]).await?;
    let left_since = "SELECT stay FROM members WHERE plan=$1 AND role=$2 AND until>$3";
    let of_role = vec![key.plan.as_str().into(), key.role.as_str().into(), height.0.into()];
    rows.extend(index.all(left_since, of_role).await?);
    let votes =
        |stay: &RosterStay| stay.came.at.height <= height && stay.member.votes() && stay.member.joined <= version;
    let mut voters: Vec<AccountId> = stays(&rows)?.into_iter().filter(votes).map(|stay| stay.account).collect();
    voters.sort();
    Ok(voters)
}

/// The roles that an account has now, of every plan; at most a hundred.
pub(crate) async fn held_by(index: &Index, who: &AccountId) -> Result<Vec<RoleHeld>, QueryError> {
    let sql = "SELECT plan, role, stay FROM members WHERE account=$1 AND held IS NOT NULL ORDER BY plan, role LIMIT $2";
    let rows = index.all(sql, vec![who.to_string().into(), 100_u64.into()]).await?;
    let held = rows.iter().map(|row| -> Result<RoleHeld, QueryError> {
        let (plan, role) = (typed("a plan", row.get("plan"))?, typed("a role", row.get("role"))?);
        Ok(RoleHeld { plan, role, stay: parsed("a member", row.get("stay"))? })
    });
    held.collect()
}
