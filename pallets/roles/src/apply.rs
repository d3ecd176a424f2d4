//! What events do to members; and what the installation of a plan does to roles, which other pallets' events apply.

use crate::{Event, Member, Role, RoleHead, RoleKey, Seat, queries, storage::*};
use primitives::{AccountId, Moment};
use state::{Apply, State};

impl Apply for Event {
    fn apply(&self, state: &mut State, _at: Moment) {
        match self {
            Event::MemberCame { key, version, account, member, .. } => {
                come(state, key, account, member);
                change(state, key, |head| head.version = *version);
            }
            Event::MemberWent { key, version, account, .. } => {
                go(state, key, account);
                change(state, key, |head| head.version = *version);
            }
            Event::MembersSet { key, version, came, went, .. } => {
                went.iter().for_each(|account| go(state, key, account));
                came.iter().for_each(|seated| come(state, key, &seated.account, &seated.member));
                change(state, key, |head| head.version = *version);
            }
        }
    }
}

/// Writes a role of a plan that is installed, with so many places for members; those that it has stay.
pub fn write_role(state: &mut State, key: &RoleKey, role: &Role, places: u16) {
    ROLES.set(state, key, role);
    change(state, key, |head| head.places = places);
}

/// Takes a role away that the plan no longer has, and with it its members. Its roster keeps counting from where it was.
pub fn remove_role(state: &mut State, key: &RoleKey) {
    let members = queries::members(state, key);
    members.iter().for_each(|(account, _)| go(state, key, account));
    change(state, key, |head| head.version = head.version.saturating_add(1));
    ROLES.remove(state, key);
}

/// Makes an account a member, as the installation of a plan names it; who is one stays one since then, with these scopes, but who gains
/// a vote by them has it from now on.
pub fn seat(state: &mut State, key: &RoleKey, Seat { account, scopes }: &Seat) {
    let version = queries::head(state, key).version.saturating_add(1);
    let before = queries::member(state, key, account);
    come(state, key, account, &Member::since(version, scopes, before.as_ref()));
    change(state, key, |head| head.version = version);
}

fn come(state: &mut State, key: &RoleKey, account: &AccountId, member: &Member) {
    let place = (key.clone(), *account);
    if !MEMBERS.contains(state, &place) {
        change(state, key, |head| head.count = head.count.saturating_add(1));
        HELD.insert(state, &(*account, key.clone()));
    }
    MEMBERS.set(state, &place, member);
}

fn go(state: &mut State, key: &RoleKey, account: &AccountId) {
    let place = (key.clone(), *account);
    if MEMBERS.contains(state, &place) {
        change(state, key, |head| head.count = head.count.saturating_sub(1));
        MEMBERS.remove(state, &place);
        HELD.remove(state, &(*account, key.clone()));
    }
}

fn change(state: &mut State, key: &RoleKey, change: impl FnOnce(&mut RoleHead)) {
    let mut head = queries::head(state, key);
    change(&mut head);
    HEADS.set(state, key, &head);
}
