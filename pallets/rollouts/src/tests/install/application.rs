//! Plans of applications: for a deposit, and until they are retired.

use super::*;
use crate::decide::install::deposit_of;
use crate::install::{PLAN_DEPOSIT, PLAN_DEPOSIT_PER_BYTE};
use crate::plans;
use crate::storage::{APPLICATIONS, LIVE};
use parity_scale_codec::Encode;
use primitives::ChangeId;

const RICH: Amount = Amount(1_000_000_000);

fn network(memory: &Memory) -> State<'_> {
    let mut state = State::over(memory);
    accounts::Event::Endowed { account: ANN, amount: RICH }.apply(&mut state, at(0));
    accounts::Event::Endowed { account: BEN, amount: RICH }.apply(&mut state, at(0));
    state
}

/// A network with the plan of a shop, which Ann installed.
fn shop(memory: &Memory) -> State<'_> {
    let mut state = network(memory);
    by_call(&state, ANN, &first(application())).unwrap().apply(&mut state, at(20));
    state
}

fn retire(acting: &str) -> Call {
    Call::Retire { plan: name("shop"), acting: name(acting) }
}

#[test]
fn its_first_version_is_for_anybody_who_pays_by_the_byte() {
    let memory = Memory::default();
    let state = shop(&memory);
    let deposit = deposit_of(&application());
    let bytes = application().encoded_size() as u64;
    assert_eq!(deposit.0, PLAN_DEPOSIT.0 + PLAN_DEPOSIT_PER_BYTE.0 * bytes);
    let account = accounts::queries::account(&state, &ANN);
    assert_eq!((account.held, account.free), (deposit, RICH.saturating_sub(deposit)));
    let head = plans::head(&state, &name("shop")).unwrap();
    assert_eq!((head.version, head.owner, head.deposit, head.retired), (1, Some(ANN), deposit, false));
    assert_eq!(plans::applications(&state), 1);
    assert_eq!(plans::of_node(&state), None, "it governs itself alone");
    assert_eq!(flags::Gates::of(&state), flags::Gates::without_plan());
    let poor = by_call(&state, CAT, &Installation { plan: renamed("stall"), ..first(application()) });
    assert_eq!(code(poor), "E_DEPOSIT");
}

fn renamed(to: &str) -> Plan {
    Plan { name: name(to), ..application() }
}

#[test]
fn what_is_not_for_a_call_is_refused() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let with = |plan: Plan| first(plan);
    let cases = [
        (with(application()), "E_PLAN_TAKEN"),
        (with(renamed("chain")), "E_PLAN_TAKEN"),
        (with(renamed("node")), "E_PLAN_TAKEN"),
        (with(Plan { version: 2, ..renamed("stall") }), "E_PLAN_VERSION"),
        (Installation { stage: Some(name("testnet")), ..first(renamed("stall")) }, "E_STAGE"),
        (Installation { members: List::new(), ..first(renamed("stall")) }, "E_LAST_MEMBER"),
        (Installation { segments: List::new(), ..first(renamed("stall")) }, "E_SEGMENT"),
        (with(renamed("stall")), "granted"),
    ];
    for (asked, expected) in cases {
        assert_eq!(code(by_call(&state, BEN, &asked)), expected, "{}", asked.plan.name);
    }
    APPLICATIONS.set(&mut state, &crate::install::MOST_APPLICATIONS);
    assert_eq!(code(by_call(&state, BEN, &with(renamed("stall")))), "E_FULL");
}

#[test]
fn no_stage_stands_and_its_flags_serve_their_fallbacks() {
    let memory = Memory::default();
    let state = shop(&memory);
    let plan = plans::current(&state, &name("shop")).unwrap();
    assert_eq!((plan.last_standing(&state), plan.successor(None)), (None, Some(&name("development"))));
    assert!(flags::queries::settings(&state, &name("shop"), &name("pruning")).next().is_none());
    assert!(flags::queries::is_of_plan(&state, &name("shop"), &name("pruning")));
}

#[test]
fn plans_are_numbered_as_they_were_installed_and_keep_their_numbers_when_they_are_retired() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    by_call(&state, BEN, &first(renamed("bakery"))).unwrap().apply(&mut state, at(21));
    retire("council").decide(&state, at(22), ANN).unwrap().apply(&mut state, at(22));
    let all = (1..=plans::installed(&state)).map(|number| plans::numbered(&state, number).unwrap());
    let listed: Vec<_> = all.map(|(plan, head)| (plan, head.retired)).collect();
    assert_eq!(listed, [(name("shop"), true), (name("bakery"), false)]);
    assert!(plans::numbered(&state, 3).is_none());
}

#[test]
fn who_installed_it_retires_it_in_the_role_that_owns_it_when_nothing_is_live() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    assert_eq!(retire("sre").decide(&state, at(21), BEN).unwrap_err().code(), "E_ROLE");
    let others = Error::NotInstaller { plan: name("shop"), installer: ANN };
    assert_eq!(retire("council").decide(&state, at(21), BEN).unwrap_err(), others);
    let change = (name("shop"), ChangeId(1));
    LIVE.insert(&mut state, &change);
    let live = retire("council").decide(&state, at(21), ANN).unwrap_err();
    assert_eq!(live, Error::StillLive { plan: name("shop"), live: 1 });
    LIVE.remove(&mut state, &change);
    retire("council").decide(&state, at(21), ANN).unwrap().apply(&mut state, at(21));
    let account = accounts::queries::account(&state, &ANN);
    assert_eq!((account.held, account.free), (Amount::ZERO, RICH));
    assert_eq!((plans::applications(&state), plans::head(&state, &name("shop")).unwrap().retired), (0, true));
    assert!(plans::current(&state, &name("shop")).is_err() && plans::of_version(&state, &name("shop"), 1).is_err());
    assert!(roles::queries::roles(&state, &name("shop")).is_empty(), "nobody acts for it any more");
    // Its name is never used again, and there is nothing to retire twice.
    assert_eq!(code(by_call(&state, BEN, &first(application()))), "E_PLAN_TAKEN");
    assert_eq!(retire("council").decide(&state, at(22), ANN).unwrap_err().code(), "E_PLAN");
}
