//! Law 19: "Whatever applications' plans do, the facts about the node's plan and `keep_from` of a node that keeps none of them are the same."
//!
//! Two networks have the same history; beside one of them an application does whatever it can think of, before anybody else in each block.

use super::histories::{Beat, History, history};
use crate::governed::plan::{HOUR, MINUTE, PLAN, Shape, list, name, names, plan, text};
use crate::governed::{COUNCIL, Governed, governed};
use ::rollouts::change::{ChangeDraft, ChangeRequest, Effect, EffectTo, FlagSide};
use ::rollouts::check::{Ask, Check, VoteRules};
use ::rollouts::install::{Installation, RoleSeats};
use ::rollouts::plan::{ChangeKind, Duty, Missed, Plan, Procedure};
use accounts::Endowment;
use cases::CaseKind;
use flags::{Flag, Gates, Targeting};
use primitives::{AlertSeverity, Amount, Fraction, Height, Moment, Name, Path, ScopePattern, SecretKey, Span};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use roles::{Grant, Role, Seat};
use runtime::testing::{CountedRows, examples, holder};
use runtime::{Call, Cause, Event, Fact, Genesis};
use state::{Apply as _, Decide as _, Memory, State};
use std::collections::BTreeMap;

/// What the plan of the application is called, its one role, and its flag.
const SHOP: &str = "shop";
const OWNER: &str = "OWNER";
const CHECKOUT: &str = "checkout";

/// What its owner does.
#[derive(Debug, Clone, Copy)]
enum Noise {
    Flips,
    Disables,
    Pauses,
    Closes,
    Detects,
    Classifies,
    Holds,
    Reports,
}

const NOISES: [Noise; 8] = [
    Noise::Flips,
    Noise::Disables,
    Noise::Pauses,
    Noise::Closes,
    Noise::Detects,
    Noise::Classifies,
    Noise::Holds,
    Noise::Reports,
];

/// Some of it for each block.
fn noises() -> impl Strategy<Value = Vec<Vec<Noise>>> {
    prop::collection::vec(prop::collection::vec(prop::sample::select(NOISES.to_vec()), 0..6), 4..12)
}

fn owner() -> SecretKey {
    holder(40)
}

/// What it changes is carried out at once, and owes a word within a day.
fn shop() -> Plan {
    let plan = examples::plan();
    let promote = plan.procedures[0].clone();
    let owed = Duty { check: name("tested"), within: Some(Span::hours(24)), missed: Missed::Block, or_incident: false };
    let at_once = |of, causes: &[&str]| Procedure {
        of,
        approve: list([]),
        at_once: true,
        causes: names(causes),
        close: list([owed.clone()]),
        ..promote.clone()
    };
    let procedures = [
        promote.clone(),
        at_once(ChangeKind::Set, &[]),
        at_once(ChangeKind::Disable, &["CONTAINMENT"]),
        Procedure { close: list([]), ..at_once(ChangeKind::Freeze, &[]) },
    ];
    let actions = [
        "set.submit",
        "set.close",
        "disable.submit",
        "disable.close",
        "freeze.submit",
        "freeze.close",
        "incident",
        "hold",
    ];
    let grants = actions.map(|action| Grant { action: name(action), scope: ScopePattern::everywhere() });
    let roles = list([(name(OWNER), Role { grants: list(grants), least_members: 1 })]);
    Plan { procedures: list(procedures), roles, ..plan }
}

/// The first version of a plan, in which the owner has its role.
fn first(plan: Plan) -> Box<Installation> {
    let seats = list([Seat { account: owner().account(), scopes: list([ScopePattern::everywhere()]) }]);
    let members = list([RoleSeats { role: name(OWNER), seats }]);
    let (segments, moves) = (list([]), list([]));
    Box::new(Installation { plan, document: None, stage: None, members, segments, moves })
}

fn installs() -> Call {
    let plan = shop();
    assert_eq!(plan.mistakes(), []);
    Call::Rollouts(::rollouts::Call::Install { installation: first(plan) })
}

fn submits_to(plan: Name, request: ChangeRequest) -> ::rollouts::Call {
    let change = Box::new(ChangeDraft { request, ..examples::draft() });
    ::rollouts::Call::Submit { plan, acting: name(OWNER), change }
}

fn submits(request: ChangeRequest) -> Call {
    Call::Rollouts(submits_to(name(SHOP), request))
}

fn pause() -> ChangeRequest {
    ChangeRequest::Freeze { scope: Path::ROOT, announcement: text("we count the tills") }
}

impl Noise {
    /// The call of the next block; none where there is nothing to make it about.
    fn call(self, network: &Governed) -> Option<Call> {
        let (state, plan, acting) = (network.state(), name(SHOP), name(OWNER));
        let incidents = || cases::queries::open(&state, &plan, CaseKind::Incident);
        Some(match self {
            Noise::Flips => {
                let setting = flags::queries::setting(&state, &plan, &name(CHECKOUT), &Path::ROOT);
                let stands = FlagSide {
                    targeting: setting.map(|setting| setting.targeting),
                    disabled: flags::queries::disabled(&state, &plan, &name(CHECKOUT), &Path::ROOT).is_some(),
                };
                let place = u8::from(stands.targeting == Some(Targeting::constant(0)));
                let to = EffectTo::Setting(Targeting::constant(place));
                let effect = Effect::Flag { flag: name(CHECKOUT), path: Path::ROOT, to, was: stands.digest() };
                submits(ChangeRequest::Set { effects: list([effect]) })
            }
            Noise::Disables => {
                let scope = "DEV".parse().unwrap();
                submits(ChangeRequest::Disable { flags: names(&[CHECKOUT]), scope, cause: name("CONTAINMENT") })
            }
            Noise::Pauses => submits(pause()),
            Noise::Closes => {
                let change = ::rollouts::queries::live(&state, &plan).last()?;
                Call::Rollouts(::rollouts::Call::Close { plan, acting, change })
            }
            Noise::Detects => {
                let (path, observation, impact) = ("DEV".parse().unwrap(), text("it is slow"), text("some wait"));
                let (report, duty) = (None, None);
                Call::Cases(cases::Call::Detect { plan, acting, path, observation, impact, report, duty })
            }
            Noise::Classifies => {
                let (case, severity, module) = (incidents().next()?, AlertSeverity::Critical, name("till"));
                Call::Cases(cases::Call::Classify { plan, acting, case, severity, module })
            }
            Noise::Holds => Call::Cases(cases::Call::Hold {
                plan,
                acting,
                path: Path::ROOT,
                reason: crate::governed::said::reason(),
                reference: text("case 7"),
                from: Height(1),
                until: network.time.plus(20 * 24 * HOUR),
                confirms: None,
            }),
            Noise::Reports => {
                let (path, observation) = (Path::ROOT, text("the till rings twice"));
                Call::Cases(cases::Call::Report { plan, path, observation })
            }
        })
    }
}

/// A network with somebody beside its people who has tokens.
fn with_owner(mut genesis: Genesis) -> Governed {
    genesis.accounts.balances.push(Endowment { account: owner().account(), balance: Amount(100_000_000) });
    Governed::new(genesis)
}

/// What was told of the network's own plan, without numbers that all plans count together.
fn of_network(facts: &[Fact]) -> Vec<String> {
    let marked = facts.iter().map(|fact| (fact, fact.marks()));
    let of_plan = marked.filter(|(_, marks)| marks.plan == Some(name(PLAN)));
    let said = of_plan.map(|(fact, marks)| {
        let severity = fact.severity();
        format!("{:?} {:?} {:?} {:?} {severity:?}", marks.action, marks.role, marks.scope, marks.code)
    });
    said.collect()
}

/// What became of the application's calls that were granted.
fn hear(heard: &mut BTreeMap<String, u32>, facts: &[Fact]) {
    let is_own = |cause: &Cause| matches!(cause, Cause::Transaction { account, .. } if *account == owner().account());
    for fact in facts.iter().filter(|fact| is_own(&fact.cause)) {
        let what = match &fact.outcome {
            Ok(Event::Rollouts(::rollouts::Event::Submitted { change, .. })) => change.kind().to_string(),
            Ok(event) => event.told().kind().to_owned(),
            Err(_) => "refused".to_owned(),
        };
        *heard.entry(what).or_default() += 1;
    }
}

/// How much was told of the network, and what was heard of the application.
fn follow(history: &History, noises: &[Vec<Noise>], heard: &mut BTreeMap<String, u32>) -> usize {
    let (mut quiet, mut loud) = (with_owner(history.genesis()), with_owner(history.genesis()));
    let mut told = 0;
    for (number, Beat { gap_ms, acts }) in history.beats.iter().enumerate() {
        let of = |network: &Governed| acts.iter().flat_map(|act| act.calls(network, *gap_ms)).collect::<Vec<_>>();
        let noise: Vec<Call> = match number {
            0 => vec![installs()],
            _ => noises[number % noises.len()].iter().filter_map(|noise| noise.call(&loud)).collect(),
        };
        let noise = noise.into_iter().map(|call| (owner(), call));
        let asked = noise.chain(of(&loud)).collect::<Vec<_>>();
        let (alone, beside) = (of(&quiet), asked);
        let (alone, beside) = (quiet.block(*gap_ms, &alone), loud.block(*gap_ms, &beside));
        assert_eq!(of_network(&beside.facts), of_network(&alone.facts), "block {number}");
        told += of_network(&alone.facts).len();
        hear(heard, &beside.facts);
        let stands = |network: &Governed| {
            let (state, plan) = (network.state(), name(PLAN));
            let stage = ::rollouts::queries::standing(&state, &plan).map(|(stage, _)| stage);
            let live = ::rollouts::queries::live(&state, &plan).count();
            let frozen = ::rollouts::queries::frozen(&state, network.moment(), &plan).is_some();
            (Gates::of(&state), stage, live, frozen, cases::queries::keep_from(&state, &[]))
        };
        assert_eq!(stands(&loud), stands(&quiet), "after block {number}");
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn l19_p01_whatever_an_application_does_the_network_is_told_the_same((history, noises) in (history(), noises())) {
        follow(&history, &noises, &mut BTreeMap::new());
    }
}

/// The law means something only where both are loud.
#[test]
fn l19_the_application_is_loud_and_the_network_goes_on() {
    let (mut runner, mut heard, mut told) = (TestRunner::deterministic(), BTreeMap::new(), 0);
    for _ in 0..6 {
        let (history, noises) = (history(), noises()).new_tree(&mut runner).unwrap().current();
        told += follow(&history, &noises, &mut heard);
    }
    assert!(told > 50, "{told} facts about the network's plan");
    for what in ["set", "disable", "freeze", "cases.detected", "cases.held", "cases.reported", "refused"] {
        assert!(heard.contains_key(what), "{what} is not among {heard:?}");
    }
    let installed = heard.get("rollouts.installed").copied();
    assert_eq!(installed, Some(6), "once beside each network: {heard:?}");
}

/// A network beside which so many applications pause, the first of them an hour before the others; and when that one began.
fn pausing(applications: usize) -> (Memory, Moment) {
    let network = with_owner(governed(plan(Shape::default()), "testnet", &COUNCIL, 10));
    let (mut state, first_at) = (network.state(), network.next_moment(MINUTE));
    for number in 0..applications {
        let shop = Plan { name: name(&format!("{SHOP}{number}")), ..shop() };
        let pauses = submits_to(shop.name.clone(), pause());
        let at = Moment { running: first_at.running + if number == 0 { 0 } else { HOUR }, ..first_at };
        let (by, deposit, effects) = (None, Amount::ZERO, list([]));
        ::rollouts::Event::Installed { installation: first(shop), by, deposit, effects }.apply(&mut state, at);
        pauses.decide(&state, at, owner().account()).unwrap().apply(&mut state, at);
    }
    (with_writes(&network, state), first_at)
}

/// What a network has once something is written besides.
fn with_writes(network: &Governed, state: State) -> Memory {
    let (writes, mut memory) = (state.into_writes(), network.memory.clone());
    memory.commit(writes);
    memory
}

/// What the clock brings to applications so long after the first paused, and how many rows it reads for that.
fn clock_brings((memory, first_at): &(Memory, Moment), after_ms: u64) -> (Vec<::rollouts::Event>, usize) {
    let (counted, height) = (CountedRows::of(memory), first_at.height.plus(10));
    let (state, at) = (State::over(&counted), Moment { height, running: first_at.running + after_ms, ..*first_at });
    let events = ::rollouts::due_of_guests(&state, at, ::rollouts::MOST_OF_GUESTS);
    assert_eq!(::rollouts::polls::next_poll(&state, at), None);
    (events, counted.rows())
}

/// However many have something that is live and not due, a block looks at those alone to whom something comes.
#[test]
fn p01_a_block_reads_nothing_of_applications_to_which_nothing_comes() {
    let (few, many) = (pausing(2), pausing(1_000));
    for (after_ms, comes, most) in [(72 * HOUR - 1, 0, 8), (72 * HOUR, 1, 32)] {
        let (events, rows) = clock_brings(&many, after_ms);
        assert_eq!((events.len(), rows), (comes, clock_brings(&few, after_ms).1), "{events:?}");
        assert!(rows <= most, "{rows} rows for {events:?}");
    }
}

/// A network beside which a change of each of so many applications waits that sets so many flags: nobody has the role that votes on it.
fn waiting(applications: usize, flags: usize) -> (Memory, Moment) {
    let network = with_owner(governed(plan(Shape::default()), "testnet", &COUNCIL, 10));
    let (mut state, at) = (network.state(), network.next_moment(MINUTE));
    (0..applications).for_each(|number| wait(&mut state, at, name(&format!("{SHOP}{number}")), flags));
    (with_writes(&network, state), at)
}

fn wait(state: &mut State, at: Moment, called: Name, flags: usize) {
    let shop = shop();
    let keys: Vec<Name> = (0..flags).map(|number| name(&format!("{CHECKOUT}{number}"))).collect();
    let defined = keys.iter().map(|key| Flag { key: key.clone(), ..examples::flag() });
    let (role, share, within) = (name("AUDITOR"), Fraction::TWO_THIRDS, Span::days(7));
    let ask = Ask::Vote { ballot: VoteRules { role, share, within, by_class: list([]) } };
    let shop = Plan {
        checks: list([Check { ask, ..shop.checks[1].clone() }]),
        procedures: list([Procedure { of: ChangeKind::Set, ..shop.procedures[0].clone() }]),
        flags: list(shop.flags.iter().cloned().chain(defined)),
        name: called.clone(),
        ..shop
    };
    let (by, deposit, effects) = (None, Amount::ZERO, list([]));
    ::rollouts::Event::Installed { installation: first(shop), by, deposit, effects }.apply(state, at);

    let (path, was) = (Path::ROOT, FlagSide::default().digest());
    let on = |flag| Effect::Flag { flag, path: path.clone(), to: EffectTo::Setting(Targeting::constant(0)), was };
    let asked = submits_to(called, ChangeRequest::Set { effects: list(keys.into_iter().map(on)) });
    let taken = asked.decide(state, at, owner().account()).unwrap();
    assert!(matches!(taken, ::rollouts::Event::Submitted { vote: Some(_), .. }), "{taken:?}");
    taken.apply(state, at);
}

/// However much waits for a poll in roles in which nobody votes, and however much would move by it, a block does not look at it.
#[test]
fn p01_a_block_reads_nothing_of_what_waits_for_somebody_to_vote() {
    let looked_at = |applications, flags| {
        let (memory, at) = waiting(applications, flags);
        let counted = CountedRows::of(&memory);
        assert_eq!(::rollouts::polls::next_poll(&State::over(&counted), at), None);
        counted.rows()
    };
    assert_eq!([looked_at(1, 16), looked_at(300, 1)], [looked_at(1, 1); 2]);
}
