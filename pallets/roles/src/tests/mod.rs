//! Stories of the roles of a shop. Ann owns it; Ben and Cat own one tenant each, which Ann may appoint; the lead may appoint owners of
//! tenants in one region alone; auditors are wider than owners, and nobody appoints them.

use crate::{Actor, Call, Error, Event, Grant, MOST_MEMBERS, Member, Motion, Role, RoleHead, RoleKey, Scopes, Seat};
use crate::{Seated, apply, queries};
use primitives::{
    AccountId, Epoch, Height, List, Mandate, Moment, Name, Path, ProposalId, Reason, Timestamp, TrackName,
};
use state::{Apply, Decide, Enact, Memory, State, Told};

mod laws;
mod members;
mod require;
mod votes;

const ANN: AccountId = AccountId([1; 32]);
const BEN: AccountId = AccountId([2; 32]);
const CAT: AccountId = AccountId([3; 32]);
const DAN: AccountId = AccountId([4; 32]);

const OWNER: &str = "OWNER";
const TENANT: &str = "TENANT";
const LEAD: &str = "LEAD";
const AUDITOR: &str = "AUDITOR";

/// Every role of the shop: its least members and its grants.
const ROLES: [(&str, u8, &[&str]); 4] = [
    (OWNER, 1, &["promote.submit **", "set.submit **", "hold **", "appoint.OWNER **", "appoint.TENANT **"]),
    (TENANT, 0, &["set.submit **", "hold */*"]),
    (LEAD, 0, &["set.submit **", "hold **", "appoint.TENANT */north/**"]),
    (AUDITOR, 1, &["set.submit **", "audit **"]),
];

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn key(role: &str) -> RoleKey {
    RoleKey { plan: name("pos"), role: name(role) }
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn scopes(patterns: &[&str]) -> Scopes {
    List::truncate_from(patterns.iter().map(|text| text.parse().unwrap()).collect())
}

fn seat(account: AccountId, patterns: &[&str]) -> Seat {
    Seat { account, scopes: scopes(patterns) }
}

fn role(least_members: u8, grants: &[&str]) -> Role {
    let grants = grants.iter().map(|text| text.parse::<Grant>().unwrap()).collect();
    Role { grants: List::truncate_from(grants), least_members }
}

/// The shop, with Ann everywhere, Ben in tenant t1 and Cat in tenant t2, and Dan an auditor.
fn shop(memory: &Memory) -> State<'_> {
    let mut state = State::over(memory);
    for (name, least, grants) in ROLES {
        apply::write_role(&mut state, &key(name), &role(least, grants), MOST_MEMBERS);
    }
    apply::seat(&mut state, &key(OWNER), &seat(ANN, &["**"]));
    apply::seat(&mut state, &key(TENANT), &seat(BEN, &["*/t1/**"]));
    apply::seat(&mut state, &key(TENANT), &seat(CAT, &["*/t2/**"]));
    apply::seat(&mut state, &key(AUDITOR), &seat(DAN, &["**"]));
    state
}

fn at() -> Moment {
    Moment { height: Height(10), epoch: Epoch(1), time: Timestamp(1_000), running: 1_000, level: 0 }
}

fn appoint(role: &str, acting: &str, account: AccountId, patterns: &[&str]) -> Call {
    Call::Appoint { key: key(role), acting: name(acting), account, scopes: scopes(patterns) }
}

fn dismiss(role: &str, acting: &str, account: AccountId) -> Call {
    Call::Dismiss { key: key(role), acting: name(acting), account }
}

/// What comes of a call; its effects, if it is granted.
fn make(state: &mut State, who: AccountId, call: &Call) -> Result<Event, Error> {
    let event = call.decide(state, at(), who)?;
    event.apply(state, at());
    Ok(event)
}

fn members(state: &State, role: &str) -> Vec<AccountId> {
    queries::members(state, &key(role)).into_iter().map(|(account, _)| account).collect()
}

fn head(state: &State, role: &str) -> (u64, u16) {
    let RoleHead { version, count, .. } = queries::head(state, &key(role));
    (version, count)
}

fn set_members(role: &str, seats: Vec<Seat>) -> Motion {
    let (members, reason) = (List::truncate_from(seats), Reason::new("the keys are lost").unwrap());
    Motion::SetMembers { key: key(role), members, reason }
}

/// What comes of a motion that passed.
fn enact(state: &mut State, motion: &Motion) -> Result<Event, Error> {
    motion.admit(state, at(), Epoch(3))?;
    let mandate = Mandate { proposal_id: ProposalId(1), proposer: ANN, proposed: at(), passed: Epoch(2) };
    let event = motion.enact(state, at(), &mandate)?;
    event.apply(state, at());
    Ok(event)
}
