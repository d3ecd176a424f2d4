//! Two tenants under one plan: each moves its own flags with a ticket, neither reaches the other or takes its places, and the network
//! itself is not touched by any of it (ROLLOUTS 2, 7.5 and 17).

use super::{ci, owner, release_owner, shop, tenant};
use crate::application::{Application, path};
use crate::made::code;
use crate::network::{SECOND, name};
use crate::people::{Asked, commander, sets, stranger};
use primitives::Path;
use rollouts::change::{ChangeDraft, ChangeState};
use rollouts::plan::{PhaseState, Plan};
use rollouts::queries;

/// How many emergencies of one account may be undecided.
const EMERGENCIES: usize = 8;
/// How many incidents a tenant may have open: an eighth of those that a plan has places for.
const INCIDENTS: usize = 32;

/// To have discounts on or off at a path, with a ticket.
fn flips(shop: &Application, at: Path, variant: &str) -> ChangeDraft {
    let effect = shop.serving("advanced_discounts", at, variant);
    ChangeDraft { ticket: Some(name("CHG-12")), ..shop.sets(vec![effect]) }
}

#[test]
fn a_tenant_flips_its_flag_in_one_block_with_a_ticket_and_the_other_keeps_its_value() {
    let mut shop = shop();
    let change = shop.submitted(tenant(1).submits(flips(&shop, path("PROD/t1"), "on")));
    assert_eq!(shop.progress(change).state, ChangeState::Closed, "nothing is owed");
    let served = |shop: &Application| {
        ["PROD/t1", "PROD/t1/b2", "PROD/t2", "DEV/t1"].map(|at| shop.served("advanced_discounts", at))
    };
    assert_eq!(served(&shop), ["on", "on", "off", "off"]);
    shop.granted(tenant(1).submits(flips(&shop, path("PROD/t1/b2"), "off")));
    assert_eq!(served(&shop), ["on", "off", "off", "off"], "a branch has its own");
    let submitted = queries::change(&shop.state(), change).unwrap();
    let by = submitted.by.unwrap();
    assert_eq!((by.account, by.role.as_str()), (tenant(1).account(), "TENANT_OWNER"));
    assert_eq!(submitted.asked.ticket, Some(name("CHG-12")));
}

#[test]
fn p04_a_flip_in_production_or_at_the_root_without_its_ticket_is_refused_and_one_in_dev_needs_none() {
    let mut shop = shop();
    for at in [path("PROD/t1"), path("PROD/t1/b1")] {
        for ticket in [None, Some("12"), Some("CHG-012"), Some("INC-12")] {
            let draft = ChangeDraft { ticket: ticket.map(name), ..flips(&shop, at.clone(), "on") };
            shop.refused(tenant(1).submits(draft), "E_TICKET");
        }
    }
    let root = ChangeDraft { ticket: None, ..flips(&shop, Path::ROOT, "on") };
    shop.refused(owner().submits(root), "E_TICKET");
    let dev = ChangeDraft { ticket: None, ..flips(&shop, path("DEV/t1"), "on") };
    shop.granted(tenant(1).submits(dev));
    assert_eq!(shop.served("advanced_discounts", "DEV/t1"), "on");
}

#[test]
fn flags_are_moved_by_the_owner_and_by_a_tenants_owner_within_the_tenant_and_by_nobody_else() {
    let mut shop = shop();
    for at in ["PROD/t2", "PROD/t2/b1", "PROD", "STAGING", "DEV/t2"] {
        shop.refused(tenant(1).submits(flips(&shop, path(at), "on")), "E_ROLE");
    }
    shop.refused(tenant(1).submits(flips(&shop, Path::ROOT, "on")), "E_ROLE");
    let others = [
        ci().acting_as("CI"),
        release_owner(),
        ci().acting_as("TENANT_OWNER"),
        tenant(1).acting_as("APPLICATION_OWNER"),
    ];
    for other in others {
        shop.refused(other.submits(flips(&shop, path("PROD/t1"), "on")), "E_ROLE");
    }
    let (key, call) = owner().submits(flips(&shop, path("PROD/t1"), "on"));
    assert_eq!(key.account(), owner().account());
    shop.refused((stranger(1).key, call), "E_ROLE");
    shop.granted(owner().submits(flips(&shop, path("PROD"), "on")));
    assert_eq!(["PROD/t1", "PROD/t2"].map(|at| shop.served("advanced_discounts", at)), ["on", "on"]);
}

#[test]
fn a_tenant_neither_promotes_nor_rolls_back_nor_moves_a_phase_nor_pauses_anybody() {
    let mut shop = shop();
    let first = shop.registered(1);
    let asked = [
        shop.promotes("DEV", first),
        shop.rolls_back("PROD"),
        shop.moves_on("6", PhaseState::Open),
        shop.pauses(path("PROD/t1")),
        shop.pauses(path("PROD/t2")),
    ];
    for draft in asked {
        shop.refused(tenant(1).submits(draft), "E_ROLE");
    }
}

#[test]
fn p03_a_tenant_has_eight_emergencies_undecided_and_the_other_and_the_owner_are_not_counted_out() {
    let mut shop = shop();
    let disables = |shop: &Application, number: usize| shop.contains("loyalty_rules", &format!("PROD/t1/b{number}"));
    for number in 0..EMERGENCIES {
        shop.granted(tenant(1).submits(disables(&shop, number)));
    }
    shop.refused(tenant(1).submits(disables(&shop, EMERGENCIES)), "E_TOO_MANY");
    shop.granted(tenant(2).submits(shop.contains("loyalty_rules", "PROD/t2")));
    for number in EMERGENCIES..2 * EMERGENCIES + 1 {
        shop.granted(owner().submits(disables(&shop, number)));
    }
}

#[test]
fn p03_a_tenant_takes_an_eighth_of_the_places_for_incidents_and_leaves_the_rest_to_others() {
    let mut shop = shop();
    let mut detected: Vec<Asked> =
        (0..=INCIDENTS).map(|number| tenant(1).detects(&format!("PROD/t1/b{number}"))).collect();
    detected.extend([tenant(2).detects("PROD/t2"), owner().detects("PROD")]);
    let outcomes = shop.block(SECOND, &detected).outcomes();
    let codes: Vec<&str> = outcomes.iter().map(code).collect();
    let (of_tenant, others) = codes.split_at(INCIDENTS + 1);
    assert_eq!(of_tenant.iter().filter(|code| **code == "granted").count(), INCIDENTS);
    assert_eq!((of_tenant.last(), others), (Some(&"E_FULL"), ["granted"; 2].as_slice()));
    shop.refused(tenant(1).detects("PROD/t2"), "E_ROLE");
}

#[test]
fn p02_the_shop_freezes_itself_and_neither_the_network_nor_another_plan_stands_still() {
    let mut shop = shop();
    let pause = shop.submitted(owner().submits(shop.pauses(Path::ROOT)));
    shop.refused(tenant(1).submits(flips(&shop, path("PROD/t1"), "on")), "E_PAUSED");
    let first = shop.registered(1);
    shop.refused(owner().submits(shop.promotes("DEV", first)), "E_PAUSED");
    shop.granted(tenant(1).submits(shop.contains("loyalty_rules", "PROD/t1")));
    assert!(shop.frozen().is_none() && shop.paused().is_none(), "of the network's own plan nothing stands");
    let gate = sets(vec![shop.setting("reconstruction", false)]);
    shop.granted(commander().submits(gate));
    shop.granted(owner().closes(pause));
    shop.granted(tenant(1).submits(flips(&shop, path("PROD/t1"), "on")));
}

#[test]
fn the_plan_of_the_chain_is_what_it_was_whatever_the_shop_does() {
    let mut shop = shop();
    let gates = shop.gates();
    shop.proven(1);
    shop.granted(owner().submits(flips(&shop, path("PROD"), "on")));
    assert_eq!(shop.gates(), gates);
    let (stage, _) = shop.standing();
    assert_eq!(stage, "testnet");
    let plan: &Plan = shop.plan;
    assert!(plan.name.as_str() == "pos" && flags::queries::is_node_plan(&shop.state(), &name("chain")));
}

#[test]
fn p04_what_only_looks_like_a_ticket_is_none() {
    let shop = shop();
    let form = shop.plan.stage(&name("PROD")).and_then(|stage| stage.ticket.clone()).unwrap();
    for wrong in
        ["CHG-{n}", "CHG-*", "*", "", "CHG-", "CHG-01", "CHG--1", "CHG-1 ", " CHG-1", "chg-1", "CHG-1\n", "CHG-1/CHG-2"]
    {
        assert!(!form.matches(wrong), "{wrong:?}");
    }
    assert!(form.matches("CHG-1") && form.matches("CHG-41"));
}
