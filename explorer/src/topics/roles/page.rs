//! The page of a plan's roles; and the roles of an account, as a part of the page of what it did.

use super::answer::{RoleHeld, RoleLine, RolesAnswer, RosterMove, RosterMoveKind, RosterStay};
use crate::pages::parts::{badge, empty, facts, section, table};
use crate::pages::text::{count, grouped, moment, named, time_of, words_of_strangers};
use crate::pages::{Frame, layout};
use maud::{Markup, html};
use roles::Member;
use rpc::views::Descriptions;

/// The roles of a plan: what each may do, who has it, and who had it.
pub fn roles(frame: &Frame<'_>, answer: &RolesAnswer) -> Markup {
    let plan = answer.plan.as_str();
    let title = format!("Roles of {plan}");
    let body = html! {
        h1 { (title) }
        p.intro {
            "Who may do what under plan " a href={ "/rollouts/" (plan) } { (plan) } ". What no role is granted, nobody may do."
        }
        @if answer.roles.is_empty() {
            (section("roles", "Roles", empty("The plan has no roles.", "Roles come with a version of the plan.", &[])))
        }
        @for role in &answer.roles { (section(&id(role), role.name.as_str(), of_role(frame, answer, role))) }
    };
    layout(frame, &title, "/rollouts", body)
}

/// Where a role stands on its page; a name has no character that an id may not have.
fn id(role: &RoleLine) -> String {
    format!("role-{}", role.name.as_str())
}

fn of_role(frame: &Frame<'_>, answer: &RolesAnswer, role: &RoleLine) -> Markup {
    html! {
        (facts(vec![
            ("May", grants(role)),
            ("Members", html! { (grouped(role.members.len() as u64)) ", at least " (role.least_members) }),
            ("Roster", html! { "version " (grouped(role.version)) }),
        ]))
        h3 { "Who has it" }
        (members(frame, answer, role))
        h3 { "Who came and went" }
        (history(frame, answer, role))
    }
}

fn grants(role: &RoleLine) -> Markup {
    if role.grants.is_empty() {
        return html! { "nothing but vote" };
    }
    html! { ul.plain { @for grant in &role.grants { li { code { (grant.to_string()) } } } } }
}

fn members(frame: &Frame<'_>, answer: &RolesAnswer, role: &RoleLine) -> Markup {
    if role.members.is_empty() {
        return empty(
            "Nobody has it.",
            "Whoever may appoint to it, or a vote of the stake, gives it to somebody.",
            &[],
        );
    }
    let rows = html! {
        @for stay in &role.members {
            tr {
                td data-label="Member" { (named(&answer.described, &stay.account)) }
                td data-label="Where" { (scopes(&stay.member)) }
                td data-label="Votes" { @if stay.member.votes() { (badge("good", "votes")) } @else { (badge("quiet", "no vote")) } }
                td data-label="Since" { (time_of(frame, &stay.came.at)) }
            }
        }
    };
    table(&format!("Members of {}", role.name.as_str()), &["Member", "Where", "Votes", "Since"], rows)
}

fn scopes(member: &Member) -> Markup {
    if member.scopes.is_empty() {
        return html! { "nowhere: to vote is all that it can do" };
    }
    html! { @for (place, scope) in member.scopes.iter().enumerate() { @if place > 0 { ", " } code { (scope.as_str()) } } }
}

/// The latest first; somebody who came and went stands there twice.
fn history(frame: &Frame<'_>, answer: &RolesAnswer, role: &RoleLine) -> Markup {
    let mut turns: Vec<(&RosterMove, &RosterStay, bool)> = Vec::new();
    for stay in &role.history {
        turns.push((&stay.came, stay, true));
        turns.extend(stay.went.as_ref().map(|went| (went, stay, false)));
    }
    turns.sort_by_key(|(moved, ..)| std::cmp::Reverse(moved.version));
    if turns.is_empty() {
        return empty("Nobody has come or gone.", "Everybody who does stands here, with who did it.", &[]);
    }
    html! {
        ol.timeline {
            @for (moved, stay, came) in turns {
                li {
                    strong { (what(came, moved.how)) }
                    p { (named(&answer.described, &stay.account)) }
                    p { (moment(frame, &moved.at)) ", roster version " (grouped(moved.version)) }
                    @if let Some(by) = &moved.by {
                        p { "By " (named(&answer.described, &by.account)) " as " code { (by.role.as_str()) } }
                    }
                    @if let Some(reason) = &moved.reason { (words_of_strangers(reason)) }
                }
            }
        }
    }
}

fn what(came: bool, how: RosterMoveKind) -> &'static str {
    match (came, how) {
        (true, RosterMoveKind::Plan) => "Came with the plan",
        (true, RosterMoveKind::Stake) => "Named by a vote of the stake",
        (true, _) => "Appointed",
        (false, RosterMoveKind::Plan) => "Went with the role",
        (false, RosterMoveKind::Stake) => "Replaced by a vote of the stake",
        (false, RosterMoveKind::Resigned) => "Resigned",
        (false, RosterMoveKind::Dismissed) => "Dismissed",
        (false, RosterMoveKind::Appointed) => "Got other scopes",
    }
}

/// The roles that an account has.
pub(crate) fn held(frame: &Frame<'_>, described: &Descriptions, held: &[RoleHeld]) -> Markup {
    let rows = html! {
        @for RoleHeld { plan, role, stay } in held {
            tr {
                td data-label="Plan" { a href={ "/rollouts/" (plan.as_str()) } { (plan.as_str()) } }
                td data-label="Role" {
                    a href={ "/roles/" (plan.as_str()) "#role-" (role.as_str()) } { (role.as_str()) }
                }
                td data-label="Where" { (scopes(&stay.member)) }
                td data-label="Since" { (time_of(frame, &stay.came.at)) }
                td data-label="By" {
                    @match &stay.came.by {
                        Some(by) => (named(described, &by.account)),
                        None => (what(true, stay.came.how)),
                    }
                }
            }
        }
    };
    html! {
        p { (count(held.len() as u64, "role")) "." }
        (table("Roles of the account", &["Plan", "Role", "Where", "Since", "By"], rows))
    }
}
