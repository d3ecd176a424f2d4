//! Who may do what under a plan.

use super::names;
use super::screen::{Screen, TableCell};
use roles::{Grant, Scopes};
use rpc::views::{HeldRole, PageOf, RoleDetail, RolesOfPlan};

/// Draws the roles of a plan.
pub fn list(screen: &Screen, view: &RolesOfPlan) -> String {
    let rows = view.roles.iter().map(|role| {
        vec![
            TableCell::text(&role.name),
            TableCell::number(role.head.count),
            TableCell::number(role.least_members),
            TableCell::text(grants(&role.grants)),
        ]
    });
    let header = ["ROLE", "MEMBERS", "AT LEAST", "MAY"];
    screen.table(&header, &rows.collect::<Vec<_>>(), "The plan has no roles.")
}

/// Draws a role.
pub fn role(screen: &Screen, view: &RoleDetail) -> String {
    let role = &view.summary;
    let fields = screen.fields(&[
        ("Role", format!("{} of plan {}", role.name, view.plan)),
        ("May", grants(&role.grants)),
        ("Members", format!("{}, at least {}", role.head.count, role.least_members)),
        ("Roster", format!("version {}", role.head.version)),
    ]);
    let rows = view.members.iter().map(|seated| {
        vec![
            names::cell(&view.described, &seated.account),
            TableCell::text(scopes(&seated.member.scopes)),
            TableCell::number(seated.member.joined),
        ]
    });
    let header = ["MEMBER", "WHERE", "SINCE ROSTER"];
    format!("{fields}\n{}", screen.table(&header, &rows.collect::<Vec<_>>(), "Nobody has it."))
}

/// Draws a page of the roles that an account has.
pub fn held(screen: &Screen, page: &PageOf<HeldRole>) -> String {
    let rows = page.entries.iter().map(|held| {
        vec![
            TableCell::text(&held.plan),
            TableCell::text(&held.role),
            TableCell::text(scopes(&held.member.scopes)),
            TableCell::text(grants(&held.grants)),
        ]
    });
    screen.table(&["PLAN", "ROLE", "WHERE", "MAY"], &rows.collect::<Vec<_>>(), "It has no role.")
        + &super::releases::remainder(screen, page)
}

fn grants(grants: &[Grant]) -> String {
    if grants.is_empty() {
        return "vote".into();
    }
    grants.iter().map(Grant::to_string).collect::<Vec<_>>().join(", ")
}

fn scopes(scopes: &Scopes) -> String {
    if scopes.is_empty() {
        return "votes alone".into();
    }
    let named = |scope: &primitives::ScopePattern| {
        if scope.as_str().is_empty() { "the root".into() } else { scope.to_string() }
    };
    scopes.iter().map(named).collect::<Vec<_>>().join(", ")
}
