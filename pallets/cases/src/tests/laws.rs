//! What holds whatever is asked for, by whoever, in whatever order.

use super::*;
use crate::storage::{AT, COUNTS, HOLDS, OPEN};
use proptest::prelude::*;
use std::collections::BTreeMap;
use strum::VariantArray;

const PLACES: [&str; 5] = ["", "DEV", "PROD", "PROD/t1", "PROD/t1/b2"];

/// Something asked of the shop, about one of the first cases.
fn call() -> impl Strategy<Value = Call> {
    let case = || 1u64..8;
    let place = || prop::sample::select(PLACES.to_vec());
    let severity = || prop::sample::select(vec![AlertSeverity::Info, AlertSeverity::Warn, AlertSeverity::Critical]);
    prop_oneof![
        3 => place().prop_map(report),
        2 => (case(), any::<bool>()).prop_map(|(case, unfounded)| dismiss(case, unfounded)),
        3 => place().prop_map(detect),
        2 => (case(), place()).prop_map(|(case, place)| taking_up(case, place)),
        4 => (case(), severity()).prop_map(|(case, severity)| classify(case, severity)),
        4 => case().prop_map(|case| respond(case, &[Containment::PolicyLock(None)])),
        4 => (case(), any::<bool>()).prop_map(|(case, unfounded)| {
            resolve(case, Recovery { public_report: public(), unfounded, ..recovery() })
        }),
        2 => (place(), severity()).prop_map(|(place, severity)| open_risk(place, severity)),
        2 => case().prop_map(mitigate),
        2 => (case(), 1u64..90).prop_map(|(case, height)| accept(case, at(height).time)),
        2 => case().prop_map(close_risk),
        2 => (place(), 0u64..50, 1u64..90).prop_map(|(place, from, until)| hold(place, from, at(until).time)),
        2 => case().prop_map(release),
    ]
}

/// What happens in a block: a call of somebody, a signal, or the end of the plan.
#[derive(Debug, Clone)]
enum Act {
    Ask(AccountId, Box<Call>),
    Signal(&'static str),
    Retire,
}

fn act() -> impl Strategy<Value = Act> {
    let who = prop::sample::select(vec![ANN, ANN, ANN, BEN, CARL, DORA]);
    prop_oneof![
        30 => (who, call()).prop_map(|(who, call)| Act::Ask(who, Box::new(call))),
        3 => prop::sample::select(PLACES.to_vec()).prop_map(Act::Signal),
        1 => Just(Act::Retire),
    ]
}

fn carry_out(state: &mut State, at: Moment, act: &Act) {
    match act {
        Act::Ask(who, call) => _ = make(state, at, *who, call),
        Act::Signal(place) => {
            let by = SignalledBy { key: name("regression"), account: BEN };
            let warn = AlertSeverity::Warn;
            if let Some(opened) = queries::opened_by_signal(state, &name("shop"), &path(place), warn, by) {
                apply::open(state, at, &name("shop"), &opened);
            }
        }
        Act::Retire => apply::retire(state, &name("shop")),
    }
}

/// Every case there is, with how far it has come.
fn heads(state: &State) -> BTreeMap<CaseId, CaseHead> {
    (1..queries::next_id(state).0).map(|id| (CaseId(id), queries::case(state, CaseId(id)).unwrap())).collect()
}

/// What the registers say is what the cases themselves say.
fn assert_in_order(state: &State) {
    let (plan, heads) = (name("shop"), heads(state));
    let mut counts: BTreeMap<CaseRegister, u16> = BTreeMap::new();
    for (id, head) in &heads {
        let is_open = !head.step.is_last();
        assert_eq!(OPEN.contains(state, &(plan.clone(), head.kind, *id)), is_open, "{id}");
        let is_at = AT.contains(state, &((plan.clone(), head.kind), head.path.clone(), *id));
        assert_eq!(is_at, is_open && head.kind != CaseKind::Report, "{id}");
        let keeps = matches!(head.kind, CaseKind::Incident | CaseKind::Hold);
        assert_eq!(HOLDS.contains(state, &(plan.clone(), head.keeps_from, *id)), is_open && keeps, "{id}");
        assert!(!is_open || queries::body(state, *id).is_some(), "nothing that is open is forgotten");
        if let (true, Some(register)) = (is_open, head.register) {
            *counts.entry(register).or_default() += 1;
        }
    }
    for register in CaseRegister::VARIANTS {
        let counted = COUNTS.get(state, &(plan.clone(), *register)).map_or(0, |counts| counts.all);
        assert_eq!(counted, counts.get(register).copied().unwrap_or_default(), "{register}");
    }
    let deposits = heads.keys().filter_map(|id| match queries::body(state, *id)? {
        CaseBody::Report(body) => Some(body.deposit?.amount.0),
        _ => None,
    });
    assert_eq!(dora(state).1, deposits.sum::<u64>(), "what is held is held for a report that is open");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn cases_only_go_on_registers_agree_with_them_and_no_token_is_lost(
        acts in prop::collection::vec(act(), 1..60)
    ) {
        let memory = Memory::default();
        let mut state = shop(&memory);
        for (height, act) in (1..).zip(&acts) {
            let before = heads(&state);
            tick(&mut state, at(height));
            carry_out(&mut state, at(height), act);
            let after = heads(&state);
            for (id, was) in &before {
                let is = &after[id];
                prop_assert!(is.step >= was.step && is.kind == was.kind && is.path == was.path, "{id}");
                prop_assert!(is.step == was.step || !was.step.is_last(), "{id} was over");
                prop_assert!(is.severity >= was.severity, "{id} was played down");
            }
            assert_in_order(&state);
            prop_assert_eq!(accounts::queries::supply(&state), Amount(1_000));
        }
    }

    /// Part of law 19: nothing under an application's plan moves what nodes keep that do not keep that plan.
    #[test]
    fn p01_applications_move_nothing_that_a_node_keeps_without_them(acts in prop::collection::vec(act(), 1..40)) {
        let memory = Memory::default();
        let mut state = shop(&memory);
        chain(&mut state);
        make(&mut state, at(30), ANN, &hold_in("chain", OWNER, "", 25, day(9).time)).unwrap();
        for (height, act) in (31..).zip(&acts) {
            carry_out(&mut state, at(height), act);
            prop_assert_eq!(queries::keep_from(&state, &[]), Some(Height(25)));
        }
    }
}
