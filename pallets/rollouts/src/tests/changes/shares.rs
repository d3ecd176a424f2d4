//! How the places for live changes of a plan are shared (ROLLOUTS 17).

use super::chain::*;
use super::shop::*;
use crate::Error;
use crate::change::{ChangeDraft, ChangeRequest, MOST_OPEN};
use crate::storage::TENANTS;
use crate::tests::sample::{list, name, names};
use primitives::{Amount, Path};
use state::Memory;

/// A shop in which a set waits to be carried out, so that it has a place.
fn waiting(memory: &Memory) -> Chain<'_> {
    let mut plan = shop_plan();
    let sets = plan.procedures.iter_mut().find(|procedure| procedure.of == crate::plan::ChangeKind::Set).unwrap();
    (sets.at_once, sets.execute_within) = (false, primitives::Span::days(14));
    plan.policy.deposit = Amount(1);
    open(memory, plan)
}

fn sets_at(chain: &Chain<'_>, at: &str) -> ChangeDraft {
    let at: Path = at.parse().unwrap();
    let was = crate::effects::side(&chain.state, &name("shop"), &name("pruning"), &at).digest();
    let to = crate::change::EffectTo::Setting(flags::Targeting::constant(1));
    let effect = crate::change::Effect::Flag { flag: name("pruning"), path: at, to, was };
    let ticket = Some(name("CHG-7"));
    ChangeDraft { ticket, ..draft(ChangeRequest::Set { effects: list([effect]) }) }
}

#[test]
fn a_tenant_has_an_eighth_of_the_places_and_others_theirs() {
    let memory = Memory::default();
    let mut chain = waiting(&memory);
    for _ in 0..MOST_OPEN / 8 {
        let asked = sets_at(&chain, "testnet/t1");
        ask(&mut chain, DAN, TENANT, asked).unwrap();
    }
    assert_eq!(TENANTS.get(&chain.state, &(name("shop"), name("t1"))).unwrap().open, MOST_OPEN / 8);
    for stage in ["testnet/t1", "development/t1"] {
        let asked = sets_at(&chain, stage);
        assert_eq!(ask(&mut chain, DAN, TENANT, asked).unwrap_err(), Error::ShareFull { most: MOST_OPEN / 8 });
    }
    for place in ["testnet/t2", "testnet"] {
        let asked = sets_at(&chain, place);
        ask(&mut chain, ANN, "commander", asked).unwrap();
    }
}

#[test]
fn all_tenants_together_leave_a_quarter_to_the_others() {
    let memory = Memory::default();
    let mut chain = waiting(&memory);
    for tenant in 0..6 {
        for _ in 0..MOST_OPEN / 8 {
            let asked = sets_at(&chain, &format!("testnet/shop{tenant}"));
            ask(&mut chain, ANN, "commander", asked).unwrap();
        }
    }
    let asked = sets_at(&chain, "testnet/late");
    assert_eq!(ask(&mut chain, ANN, "commander", asked).unwrap_err(), Error::ShareFull { most: MOST_OPEN / 4 * 3 });
    for _ in 0..MOST_OPEN / 4 {
        let asked = sets_at(&chain, "testnet");
        ask(&mut chain, ANN, "commander", asked).unwrap();
    }
}

#[test]
fn emergencies_of_who_owns_the_plan_are_never_too_many() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let contains = |flag: &str| {
        let (scope, cause) = ("testnet".parse().unwrap(), name("CONTAINMENT"));
        draft(ChangeRequest::Disable { flags: names(&[flag]), scope, cause })
    };
    let flags = ["pruning", "reconstruction", "timetoke_rewards", "witness_network"];
    for flag in flags {
        ask(&mut chain, CAT, "council", contains(flag)).unwrap();
    }
    let mut chain_of_ann = || {
        flags.map(|flag| {
            let request = ChangeRequest::Disable {
                flags: names(&[flag]),
                scope: "development".parse().unwrap(),
                cause: name("CONTAINMENT"),
            };
            code(ask(&mut chain, ANN, "commander", draft(request)))
        })
    };
    assert_eq!(chain_of_ann(), ["granted", "granted", "granted", "E_TOO_MANY"]);
}

#[test]
fn a_tenant_that_has_disabled_its_share_disables_no_more_and_who_owns_the_plan_does() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let (plan, pruning) = (name("shop"), name("pruning"));
    let disabled = flags::Disabled { since: chain.at, by: primitives::ChangeId(0) };
    for number in 0..flags::MOST_SETTINGS / 8 {
        let at: Path = format!("testnet/t1/b{number}").parse().unwrap();
        flags::apply::disable(&mut chain.state, &plan, &pruning, &at, &disabled);
    }
    let contains = || {
        let (scope, cause) = ("testnet/t1".parse().unwrap(), name("CONTAINMENT"));
        draft(ChangeRequest::Disable { flags: names(&["reconstruction"]), scope, cause })
    };
    assert_eq!(code(ask(&mut chain, DAN, TENANT, contains())), "E_FULL");
    assert_eq!(code(ask(&mut chain, CAT, "council", contains())), "granted", "its emergencies are never counted out");
}
