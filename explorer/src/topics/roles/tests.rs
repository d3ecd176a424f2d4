//! What roles write, and how they are shown, without a database.

use super::answer::{RoleLine, RolesAnswer, RosterMoveKind, RosterStay};
use super::fold::{define, retire, seat, write};
use super::page;
use super::{MEMBERS, ROLES};
use crate::fold::testing::{account, moment};
use crate::fold::{BlockWriter, FoldError};
use crate::pages::Frame;
use crate::store::memory::MemoryRows;
use crate::store::table::Row;
use primitives::{AccountId, List, Name, Reason, ScopePattern, Timestamp};
use roles::{Actor, Event, Member, Role, RoleKey, Seat, Seated};
use rpc::views::Descriptions;

fn named(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn key(role: &str) -> RoleKey {
    RoleKey { plan: named("shop"), role: named(role) }
}

fn seat_of(account: AccountId) -> Seat {
    Seat { account, scopes: List::truncate_from(vec![ScopePattern::everywhere()]) }
}

fn member(joined: u64) -> Member {
    Member { scopes: seat_of(account(1)).scopes, joined }
}

/// A plan whose council is the first three accounts.
async fn council() -> MemoryRows {
    let mut rows = MemoryRows::default();
    let mut block = BlockWriter::new(&mut rows, moment(1));
    define(&mut block, &named("shop"), &[(named("council"), Role::default())]).await.unwrap();
    for byte in 1..=3 {
        seat(&mut block, &key("council"), &seat_of(account(byte))).await.unwrap();
    }
    block.finish().await.unwrap();
    rows
}

async fn folded(rows: &mut MemoryRows, height: u64, events: &[Event]) -> Result<(), FoldError> {
    let mut block = BlockWriter::new(rows, moment(height));
    for event in events {
        write(&mut block, event).await?;
    }
    block.finish().await
}

fn stays(rows: &MemoryRows) -> Vec<RosterStay> {
    let all = rows.columns(&MEMBERS, &["stay"]);
    all.iter().map(|row| serde_json::from_str(row[0].text().unwrap()).unwrap()).collect()
}

/// Who has the role now, by the byte of the account, with the version at which it came.
fn now(rows: &MemoryRows) -> Vec<(u8, u64)> {
    let standing = stays(rows).into_iter().filter(|stay| stay.went.is_none());
    standing.map(|stay| (stay.account.0[0], stay.member.joined)).collect()
}

fn versions(rows: &MemoryRows) -> Vec<Row> {
    rows.columns(&ROLES, &["role", "version", "gone"])
}

#[tokio::test]
async fn a_first_version_seats_its_members_each_by_a_version_of_the_roster() {
    let rows = council().await;
    assert_eq!(now(&rows), [(1, 1), (2, 2), (3, 3)]);
    let expected: Row = vec!["council".into(), 3_u64.into(), 0_u64.into()];
    assert_eq!(versions(&rows), [expected]);
    assert!(stays(&rows).iter().all(|stay| stay.came.how == RosterMoveKind::Plan));
}

#[tokio::test]
async fn who_came_and_went_stays_on_record_with_who_did_it() {
    let mut rows = council().await;
    let by = Some(Actor { account: account(9), role: named("owner") });
    let came =
        Event::MemberCame { key: key("council"), version: 4, account: account(4), member: member(4), by: by.clone() };
    let went = |version, byte, by| Event::MemberWent { key: key("council"), version, account: account(byte), by };
    folded(&mut rows, 12, &[came, went(5, 1, by.clone()), went(6, 2, None)]).await.unwrap();
    assert_eq!(now(&rows), [(3, 3), (4, 4)]);
    let gone: Vec<_> = stays(&rows).into_iter().filter_map(|stay| stay.went).collect();
    assert_eq!(
        gone.iter().map(|went| went.how).collect::<Vec<_>>(),
        [RosterMoveKind::Dismissed, RosterMoveKind::Resigned]
    );
    assert_eq!((gone[0].by.clone(), gone[1].by.clone()), (by, None));
}

#[tokio::test]
async fn the_stake_replaces_members_and_whoever_comes_again_has_come_later() {
    let mut rows = council().await;
    let reason = Reason::new("keys were lost").unwrap();
    let went = List::truncate_from(vec![account(1), account(2)]);
    let came = List::truncate_from(vec![Seated { account: account(5), member: member(4) }]);
    let set = Event::MembersSet { key: key("council"), version: 4, came, went, reason };
    let again = Event::MemberCame { key: key("council"), version: 5, account: account(1), member: member(5), by: None };
    folded(&mut rows, 20, &[set, again]).await.unwrap();
    assert_eq!(now(&rows), [(1, 5), (3, 3), (5, 4)]);
    let replaced = stays(&rows).into_iter().find_map(|stay| stay.went).unwrap();
    assert_eq!((replaced.how, replaced.reason.as_deref()), (RosterMoveKind::Stake, Some("keys were lost")));
}

#[tokio::test]
async fn a_role_that_its_plan_has_no_longer_takes_its_members_along_and_keeps_counting() {
    let mut rows = council().await;
    let mut block = BlockWriter::new(&mut rows, moment(30));
    retire(&mut block, &named("shop")).await.unwrap();
    define(&mut block, &named("shop"), &[(named("council"), Role::default())]).await.unwrap();
    block.finish().await.unwrap();
    assert!(now(&rows).is_empty());
    let expected: Row = vec!["council".into(), 4_u64.into(), 0_u64.into()];
    assert_eq!(versions(&rows), [expected]);
}

#[tokio::test]
async fn nobody_comes_into_a_role_that_there_is_not() {
    let event = Event::MemberCame { key: key("council"), version: 1, account: account(1), member: member(1), by: None };
    let refused = folded(&mut MemoryRows::default(), 3, &[event]).await;
    assert!(matches!(refused, Err(FoldError::Damaged(_))));
}

#[tokio::test]
async fn the_page_names_members_and_tells_who_came_and_went() {
    let mut rows = council().await;
    let went = Event::MemberWent { key: key("council"), version: 4, account: account(2), by: None };
    folded(&mut rows, 12, &[went]).await.unwrap();
    let (members, history) = (stays(&rows).into_iter().filter(|stay| stay.went.is_none()).collect(), stays(&rows));
    let role = RoleLine { name: named("council"), grants: Vec::new(), least_members: 1, version: 4, members, history };
    let answer = RolesAnswer { plan: named("shop"), roles: vec![role], described: Descriptions::default() };
    let frame = Frame { position: None, path: "/roles/shop", query: "", now: Timestamp(20_000) };
    let drawn = page::roles(&frame, &answer).into_string();
    assert!(drawn.contains("id=\"role-council\"") && drawn.contains("Resigned"), "{drawn}");
    assert!(drawn.contains("nothing but vote") && drawn.contains("roster version 4"), "{drawn}");
    assert_eq!(drawn.matches("<h1>").count(), 1);
    assert!(drawn.contains("<th scope=\"col\">Member</th>"), "{drawn}");
}
