//! Stories of the cases of a shop, whose stages are DEV and PROD. Ann owns it, Ben owns a tenant, Carl looks after what courts ask for,
//! and Dora is a stranger who noticed something. In PROD users are told of incidents.

mod encoding;
mod ends;
mod holds;
mod incidents;
mod laws;
mod opened;
mod reports;
mod risks;
mod shares;
mod stops;

use crate::*;
use primitives::{AccountId, AlertSeverity, Amount, CaseId, ChangeId, Digest, Epoch, Height, List, Moment, Name, Path};
use primitives::{Reason, Span, Text, Timestamp};
use roles::{Grant, MOST_MEMBERS, Role, RoleKey, Seat};
use state::{Apply, Decide, Memory, State};
use std::collections::BTreeSet;

const ANN: AccountId = AccountId([1; 32]);
const BEN: AccountId = AccountId([2; 32]);
const CARL: AccountId = AccountId([3; 32]);
const DORA: AccountId = AccountId([4; 32]);
const OWNER: &str = "OWNER";
const COUNSEL: &str = "COUNSEL";

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn text<const N: u32>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn reason(text: &str) -> Reason {
    Reason::new(text).unwrap()
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    let items: Vec<T> = items.into_iter().collect();
    List::try_from(items).ok().unwrap()
}

/// A block a second.
fn at(height: u64) -> Moment {
    let time = Timestamp(height * 1_000);
    Moment { height: Height(height), epoch: Epoch(height / 10), time, running: height * 1_000, level: 1 }
}

/// The first block after so many days.
fn day(days: u64) -> Moment {
    at(days * DAY / 1_000)
}

fn rules() -> CaseRules {
    CaseRules {
        depth: 3,
        stages: list([(name("DEV"), false), (name("PROD"), true)]),
        hold_at_most: Span::days(365),
        retain: Span::days(180),
        deposit: Amount(100),
    }
}

/// A role of a plan, with those who have it.
fn seat(state: &mut State, plan: &str, role: &str, grants: &[&str], seats: &[(AccountId, &str)]) {
    let key = RoleKey { plan: name(plan), role: name(role) };
    let grants = list(grants.iter().map(|grant| grant.parse::<Grant>().unwrap()));
    roles::apply::write_role(state, &key, &Role { grants, least_members: 0 }, MOST_MEMBERS);
    for (account, scope) in seats {
        let scopes = list([scope.parse().unwrap()]);
        roles::apply::seat(state, &key, &Seat { account: *account, scopes });
    }
}

/// A plan with its roles, as an installation leaves it.
fn install(state: &mut State, plan: &str, rules: &CaseRules) {
    let all = ["incident **", "risk **", "accept_risk **", "hold **"];
    seat(state, plan, OWNER, &all, &[(ANN, "**"), (BEN, "*/t1/**")]);
    seat(state, plan, COUNSEL, &["hold **"], &[(CARL, "**")]);
    apply::install(state, &name(plan), rules);
}

/// The shop, in which Dora has 1,000 tokens.
fn shop(memory: &Memory) -> State<'_> {
    let mut state = State::over(memory);
    install(&mut state, "shop", &rules());
    accounts::Event::Endowed { account: DORA, amount: Amount(1_000) }.apply(&mut state, at(0));
    state
}

/// A network whose plan this is: everything is at the root.
fn chain(state: &mut State) {
    let rules = CaseRules { depth: 0, hold_at_most: Span::days(90), ..rules() };
    install(state, "chain", &rules);
    flags::apply::set_node_plan(state, Some(&name("chain")));
}

/// Decides a call and applies what comes of it.
fn make(state: &mut State, at: Moment, who: AccountId, call: &Call) -> Result<Event, Error> {
    let event = call.decide(state, at, who)?;
    event.apply(state, at);
    Ok(event)
}

/// What the clock brings, applied.
fn tick(state: &mut State, at: Moment) -> Vec<Event> {
    let events = due(state, at, usize::MAX);
    events.iter().for_each(|event| event.apply(state, at));
    events
}

/// That a call is refused so.
fn refused(state: &State, at: Moment, who: AccountId, call: &Call) -> Error {
    call.decide(state, at, who).unwrap_err()
}

fn report(place: &str) -> Call {
    Call::Report { plan: name("shop"), path: path(place), observation: text("nobody can pay") }
}

fn dismiss(case: u64, unfounded: bool) -> Call {
    let (plan, acting, reason) = (name("shop"), name(OWNER), reason("looked into it"));
    Call::Dismiss { plan, acting, case: CaseId(case), unfounded, reason }
}

fn detect_in(plan: &str, place: &str) -> Call {
    Call::Detect {
        plan: name(plan),
        acting: name(OWNER),
        path: path(place),
        observation: text("nobody can pay"),
        impact: text("all shops"),
        report: None,
        duty: None,
    }
}

fn detect(place: &str) -> Call {
    detect_in("shop", place)
}

fn taking_up(case: u64, place: &str) -> Call {
    match detect(place) {
        Call::Detect { plan, acting, path, observation, impact, duty, .. } => {
            Call::Detect { plan, acting, path, observation, impact, report: Some(CaseId(case)), duty }
        }
        other => other,
    }
}

fn in_place_of(duty: &DutyOfChange, place: &str) -> Call {
    match detect(place) {
        Call::Detect { plan, acting, path, observation, impact, report, .. } => {
            Call::Detect { plan, acting, path, observation, impact, report, duty: Some(duty.clone()) }
        }
        other => other,
    }
}

fn classify(case: u64, severity: AlertSeverity) -> Call {
    let (plan, acting, module) = (name("shop"), name(OWNER), name("checkout"));
    Call::Classify { plan, acting, case: CaseId(case), severity, module }
}

fn respond(case: u64, containments: &[Containment]) -> Call {
    let containments = list(containments.iter().copied());
    Call::Respond { plan: name("shop"), acting: name(OWNER), case: CaseId(case), containments }
}

fn recovery() -> Recovery {
    Recovery {
        statement: text("the queue is empty again"),
        root_cause: text("a limit was too low"),
        verification: Digest([7; 32]),
        public_report: None,
        unfounded: false,
    }
}

fn resolve(case: u64, recovery: Recovery) -> Call {
    Call::Resolve { plan: name("shop"), acting: name(OWNER), case: CaseId(case), recovery: Box::new(recovery) }
}

fn public() -> Option<PublicReport> {
    Some(PublicReport { uri: text("https://shop.example/7"), digest: Digest([8; 32]) })
}

fn open_risk(place: &str, severity: AlertSeverity) -> Call {
    owned_risk(place, severity, "one key for all", OWNER)
}

/// A risk in these words, of an owner.
fn owned_risk(place: &str, severity: AlertSeverity, said: &str, owner: &str) -> Call {
    Call::OpenRisk {
        plan: name("shop"),
        acting: name(OWNER),
        path: path(place),
        severity,
        text: text(said),
        owner: name(owner),
    }
}

fn mitigate(case: u64) -> Call {
    Call::Mitigate { plan: name("shop"), acting: name(OWNER), case: CaseId(case), mitigation: text("two keys") }
}

fn accept(case: u64, review: Timestamp) -> Call {
    let reason = reason("it is small");
    Call::Accept { plan: name("shop"), acting: name(OWNER), case: CaseId(case), review, reason }
}

fn close_risk(case: u64) -> Call {
    let reason = reason("it is gone");
    Call::CloseRisk { plan: name("shop"), acting: name(OWNER), case: CaseId(case), reason }
}

fn hold_in(plan: &str, acting: &str, place: &str, from: u64, until: Timestamp) -> Call {
    Call::Hold {
        plan: name(plan),
        acting: name(acting),
        path: path(place),
        reason: reason("the court asked for it"),
        reference: text("4 C 17/26"),
        from: Height(from),
        until,
        confirms: None,
    }
}

fn hold(place: &str, from: u64, until: Timestamp) -> Call {
    hold_in("shop", OWNER, place, from, until)
}

fn confirming(case: u64, call: Call) -> Call {
    match call {
        Call::Hold { plan, acting, path, reason, reference, from, until, .. } => {
            Call::Hold { plan, acting, path, reason, reference, from, until, confirms: Some(CaseId(case)) }
        }
        other => other,
    }
}

fn release(case: u64) -> Call {
    let reason = reason("the court is done");
    Call::Release { plan: name("shop"), acting: name(OWNER), case: CaseId(case), reason }
}

fn step(state: &State, case: u64) -> CaseStep {
    queries::case(state, CaseId(case)).unwrap().step
}

/// Everything that Dora has: free, and held.
fn dora(state: &State) -> (u64, u64) {
    let account = accounts::queries::account(state, &DORA);
    (account.free.0, account.held.0)
}

/// The numbers of the incidents that stop a change at a path of the shop.
fn stopped_by(state: &State, place: &str) -> Vec<u64> {
    let (plan, paths) = (name("shop"), BTreeSet::from([path(place)]));
    let found = queries::not_clear(state, at(1), &plan, &paths, CaseKind::Incident, AlertSeverity::Info);
    let first = queries::first_open_at(state, &plan, &path(place));
    assert!(first.map_or(found.is_empty(), |first| found.contains(&first)), "{first:?} of {found:?}");
    found.into_iter().map(|id| id.0).collect()
}
