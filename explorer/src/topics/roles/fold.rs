//! What happened to roles and to those who have them.

use super::answer::{RosterMove, RosterMoveKind, RosterStay};
use super::{MEMBERS, ROLES, held_name};
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::{json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::{Row, natural};
use primitives::{AccountId, Name};
use roles::{Event, Member, Role, RoleKey, Seat};

/// What one event writes.
///
/// # Errors
/// The database refuses, or has no such role.
pub async fn write(block: &mut BlockWriter<'_>, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::MemberCame { key, version, account, member, by } => {
            let moved = moved(block, *version, RosterMoveKind::Appointed);
            come(block, key, *account, member, RosterMove { by: by.clone(), ..moved }).await?;
        }
        Event::MemberWent { key, version, account, by } => {
            let how = if by.is_some() { RosterMoveKind::Dismissed } else { RosterMoveKind::Resigned };
            let moved = moved(block, *version, how);
            go(block, key, account, &RosterMove { by: by.clone(), ..moved }).await?;
        }
        Event::MembersSet { key, version, came, went, reason } => {
            let moved = moved(block, *version, RosterMoveKind::Stake);
            let moved = RosterMove { reason: Some(reason.as_str().to_owned()), ..moved };
            for account in went {
                go(block, key, account, &moved).await?;
            }
            for seated in came {
                come(block, key, seated.account, &seated.member, moved.clone()).await?;
            }
        }
    }
    let key = event.key();
    let (version, role) = known(block, key).await?.ok_or_else(|| missing(key))?;
    let (Event::MemberCame { version: now, .. }
    | Event::MemberWent { version: now, .. }
    | Event::MembersSet { version: now, .. }) = event;
    put(block, key, version.max(*now), false, &role);
    Ok(())
}

/// The roles of a version of a plan, in place of those before.
///
/// # Errors
/// The database refuses.
pub(crate) async fn define(block: &mut BlockWriter<'_>, plan: &Name, roles: &[(Name, Role)]) -> Result<(), FoldError> {
    for (name, role, version, gone) in of_plan(block, plan).await? {
        if !gone && !roles.iter().any(|(kept, _)| *kept == name) {
            remove(block, &RoleKey { plan: plan.clone(), role: name }, version, &role).await?;
        }
    }
    for (name, role) in roles {
        let key = RoleKey { plan: plan.clone(), role: name.clone() };
        let version = known(block, &key).await?.map_or(0, |(version, _)| version);
        put(block, &key, version, false, role);
    }
    Ok(())
}

/// Nobody has a role of a plan that governs nothing any more.
///
/// # Errors
/// The database refuses.
pub(crate) async fn retire(block: &mut BlockWriter<'_>, plan: &Name) -> Result<(), FoldError> {
    define(block, plan, &[]).await
}

/// A first version of a plan names who has a role.
///
/// # Errors
/// The database refuses, or has no such role.
pub(crate) async fn seat(block: &mut BlockWriter<'_>, key: &RoleKey, seat: &Seat) -> Result<(), FoldError> {
    let (version, role) = known(block, key).await?.ok_or_else(|| missing(key))?;
    let version = version.saturating_add(1);
    let member = Member { scopes: seat.scopes.clone(), joined: version };
    let moved = moved(block, version, RosterMoveKind::Plan);
    come(block, key, seat.account, &member, moved).await?;
    put(block, key, version, false, &role);
    Ok(())
}

async fn remove(block: &mut BlockWriter<'_>, key: &RoleKey, version: u64, role: &Role) -> Result<(), FoldError> {
    let version = version.saturating_add(1);
    let moved = moved(block, version, RosterMoveKind::Plan);
    for stay in standing(block, key).await? {
        end(block, key, stay, &moved);
    }
    put(block, key, version, true, role);
    Ok(())
}

fn moved(block: &BlockWriter<'_>, version: u64, how: RosterMoveKind) -> RosterMove {
    RosterMove { at: block.at(), version, how, by: None, reason: None }
}

fn missing(key: &RoleKey) -> FoldError {
    FoldError::Damaged(format!("{key} is not in it"))
}

/// Whoever has the role already has it with other scopes from now on.
async fn come(
    block: &mut BlockWriter<'_>,
    key: &RoleKey,
    account: AccountId,
    member: &Member,
    came: RosterMove,
) -> Result<(), FoldError> {
    go(block, key, &account, &came).await?;
    put_stay(block, key, &RosterStay { account, member: member.clone(), came, went: None });
    Ok(())
}

async fn go(
    block: &mut BlockWriter<'_>,
    key: &RoleKey,
    account: &AccountId,
    went: &RosterMove,
) -> Result<(), FoldError> {
    let of_account = standing(block, key).await?.into_iter().filter(|stay| stay.account == *account);
    of_account.for_each(|stay| end(block, key, stay, went));
    Ok(())
}

fn end(block: &mut BlockWriter<'_>, key: &RoleKey, stay: RosterStay, went: &RosterMove) {
    put_stay(block, key, &RosterStay { went: Some(went.clone()), ..stay });
}

/// Those who have a role now.
async fn standing(block: &mut BlockWriter<'_>, key: &RoleKey) -> Result<Vec<RosterStay>, FoldError> {
    let filter = RowFilter::Equal("held", held_name(key).into());
    let rows = block.select(Selection { table: &MEMBERS, columns: &["stay"], filter, order: RowOrder::Any }).await?;
    let stays = rows.iter().map(|row| parsed("a member", row[0].text().unwrap_or_default()));
    Ok(stays.collect::<Result<_, _>>()?)
}

fn put_stay(block: &mut BlockWriter<'_>, key: &RoleKey, stay: &RosterStay) {
    let row: Row = vec![
        key.plan.as_str().into(),
        key.role.as_str().into(),
        stay.account.to_string().into(),
        stay.came.version.into(),
        stay.went.as_ref().map(|went| went.at.height.0).into(),
        stay.went.is_none().then(|| held_name(key)).into(),
        json(stay).into(),
    ];
    block.put(&MEMBERS, row);
}

async fn known(block: &mut BlockWriter<'_>, key: &RoleKey) -> Result<Option<(u64, Role)>, FoldError> {
    let all = of_plan(block, &key.plan).await?;
    Ok(all.into_iter().find(|(name, ..)| *name == key.role).map(|(_, role, version, _)| (version, role)))
}

/// The roles that a plan has or had, each with the version of its roster, and whether it is gone.
async fn of_plan(block: &mut BlockWriter<'_>, plan: &Name) -> Result<Vec<(Name, Role, u64, bool)>, FoldError> {
    let filter = RowFilter::Equal("plan", plan.as_str().into());
    let columns = &["role", "grants", "version", "gone"];
    let rows = block.select(Selection { table: &ROLES, columns, filter, order: RowOrder::Any }).await?;
    let mut all = Vec::new();
    for row in rows {
        let name = row[0].text().and_then(Name::new).ok_or_else(|| FoldError::Damaged("a role has no name".into()))?;
        let number = |place: usize| row[place].number().map_or(0, natural);
        all.push((name, parsed("a role", row[1].text().unwrap_or_default())?, number(2), number(3) == 1));
    }
    Ok(all)
}

fn put(block: &mut BlockWriter<'_>, key: &RoleKey, version: u64, gone: bool, role: &Role) {
    let (plan, name) = (key.plan.as_str(), key.role.as_str());
    block.put(&ROLES, vec![plan.into(), name.into(), version.into(), gone.into(), json(role).into()]);
}
