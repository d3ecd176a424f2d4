//! Places, and how they are shared by path (ROLLOUTS 17).

use super::*;

/// A register, what takes a place of it, and who may.
fn taking(register: CaseRegister, place: &str) -> (AccountId, Call) {
    match register {
        CaseRegister::Reports => (DORA, report(place)),
        CaseRegister::Holds => (ANN, hold(place, 1, day(100).time)),
        CaseRegister::Cases | CaseRegister::Signals => (ANN, detect(place)),
    }
}

fn fill(state: &mut State, register: CaseRegister, place: &str, count: u16) {
    for _ in 0..count {
        let (who, call) = taking(register, place);
        make(state, at(1), who, &call).unwrap();
    }
}

fn full(state: &State, register: CaseRegister, place: &str) -> Option<(u16, Option<Name>)> {
    let (who, call) = taking(register, place);
    match call.decide(state, at(1), who) {
        Ok(_) => None,
        Err(error) => {
            assert_eq!((error.code(), error.number()), ("E_FULL", 312));
            let Error::Full { register: of, most, tenant, .. } = error else { panic!() };
            assert_eq!(of, register);
            Some((most, tenant))
        }
    }
}

#[test]
fn a_tenant_has_an_eighth_all_tenants_three_quarters_and_the_rest_is_for_what_is_of_no_tenant() {
    for register in [CaseRegister::Reports, CaseRegister::Cases, CaseRegister::Holds] {
        let memory = Memory::default();
        let mut state = shop(&memory);
        accounts::Event::Endowed { account: DORA, amount: Amount(100_000) }.apply(&mut state, at(0));
        let (most, eighth) = (register.most(), register.most() / 8);
        assert_eq!((register.most_of_tenant(), register.most_of_tenants()), (eighth, eighth * 6));
        fill(&mut state, register, "PROD/t1", eighth - 1);
        fill(&mut state, register, "DEV/t1", 1);
        assert_eq!(full(&state, register, "PROD/t1/b2"), Some((eighth, Some(name("t1")))), "whatever the stage");
        for tenant in 2..7 {
            fill(&mut state, register, &format!("PROD/t{tenant}"), eighth);
        }
        assert_eq!(full(&state, register, "PROD/t7"), Some((eighth * 6, Some(name("t7")))));
        fill(&mut state, register, "PROD", eighth * 2);
        assert_eq!(full(&state, register, ""), Some((most, None)));
    }
}

#[test]
fn what_is_over_makes_room_and_another_plan_has_its_own() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    install(&mut state, "other", &rules());
    accounts::Event::Endowed { account: DORA, amount: Amount(100_000) }.apply(&mut state, at(0));
    fill(&mut state, CaseRegister::Reports, "", 64);
    assert_eq!(full(&state, CaseRegister::Reports, ""), Some((64, None)));
    let there = Call::Report { plan: name("other"), path: Path::ROOT, observation: text("x") };
    assert!(there.decide(&state, at(1), DORA).is_ok());
    make(&mut state, at(2), ANN, &dismiss(7, true)).unwrap();
    assert_eq!(full(&state, CaseRegister::Reports, ""), None);
}

#[test]
fn what_the_chain_opens_has_places_of_its_own() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    fill(&mut state, CaseRegister::Cases, "PROD", 256);
    assert_eq!(full(&state, CaseRegister::Cases, "PROD"), Some((256, None)));
    for change in 1..=40 {
        let cause = IncidentCause::Rollback(ChangeId(change));
        let opened = queries::opened(&state, &name("shop"), &path("PROD"), AlertSeverity::Critical, cause).unwrap();
        apply::open(&mut state, at(2), &name("shop"), &opened);
    }
    assert_eq!(stopped_by(&state, "PROD").len(), 296);
}
