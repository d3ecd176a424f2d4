//! What a change moves: what it costs, what bypasses, and that nothing of it is silent (ROLLOUTS 6.1, 7.4 and 17).

use super::{owner, shop, tenant};
use crate::application::{Application, path};
use crate::network::{SECOND, name};
use primitives::AlertSeverity;
use rollouts::change::{ChangeDraft, Effect, MOST_EFFECTS, READS_OF_AN_EFFECT};
use runtime::{Cause, Event, LEAST_BLOCK_READS};
use state::{Apply as _, Decide as _, State};

/// As many effects as a change may have, most of them in the branches of one tenant.
fn largest(shop: &Application) -> Vec<Effect> {
    let flags = [("advanced_discounts", "on"), ("loyalty_rules", "on"), ("risk_mode", "WARN")];
    let at = |branch: u32| format!("DEV/t1/b{branch}");
    let of_branch = |branch| flags.map(|(flag, variant)| shop.serving(flag, path(&at(branch)), variant));
    let last = shop.serving("advanced_discounts", path("DEV/t2"), "on");
    (0..21).flat_map(of_branch).chain([last]).collect()
}

#[test]
fn p07_the_largest_change_pays_for_each_effect_reads_no_more_and_fits_into_a_block() {
    let mut shop = shop();
    let effects = largest(&shop);
    assert_eq!(effects.len(), MOST_EFFECTS as usize);
    let (key, call) = owner().submits(shop.sets(effects));
    let reads = call.reads(&shop.state());
    assert!((MOST_EFFECTS * READS_OF_AN_EFFECT..=LEAST_BLOCK_READS).contains(&reads), "{reads}");
    let (rows, writes) = {
        let counted = shop.counted();
        let mut over = State::over(&counted);
        let event = call.decide(&over, shop.at, key.account()).unwrap();
        event.apply(&mut over, shop.at);
        let writes = over.into_writes().len();
        (counted.rows(), writes)
    };
    assert!(rows <= reads as usize, "{rows} rows are read, and {reads} are paid for");
    assert!(writes <= 2 * MOST_EFFECTS as usize, "{writes} rows are written");
    shop.granted((key, call));
    assert_eq!([shop.served("risk_mode", "DEV/t1/b20"), shop.served("risk_mode", "DEV/t2")], ["WARN", "BLOCK"]);
}

#[test]
fn req_112_enforcement_is_off_by_a_change_with_its_ticket_on_record_as_a_bypass_and_by_no_emergency() {
    let mut shop = shop();
    let sets = |shop: &Application, flag: &str, at: &str, variant: &str, ticket: Option<&str>| ChangeDraft {
        ticket: ticket.map(name),
        ..shop.sets(vec![shop.serving(flag, path(at), variant)])
    };
    shop.granted(owner().submits(sets(&shop, "risk_mode", "PROD", "WARN", Some("CHG-8"))));
    shop.refused(owner().submits(shop.contains("risk_enforcement", "PROD/t1")), "E_EMERGENCY");
    shop.refused(owner().submits(sets(&shop, "risk_enforcement", "PROD/t1", "off", None)), "E_TICKET");
    shop.refused(tenant(2).submits(sets(&shop, "risk_enforcement", "PROD/t1", "off", Some("CHG-9"))), "E_ROLE");
    let off = owner().submits(sets(&shop, "risk_enforcement", "PROD/t1", "off", Some("CHG-9")));
    let made = shop.block(SECOND, &[off]);
    let fact = made.facts.iter().find(|fact| matches!(fact.cause, Cause::Transaction { .. })).unwrap();
    let Ok(Event::Rollouts(rollouts::Event::Submitted { execution: Some(execution), .. })) = &fact.outcome else {
        panic!("{fact:?}")
    };
    assert!(execution.bypasses && fact.severity() == AlertSeverity::Warn, "{fact:?}");
    assert_eq!(execution.effects.len(), 2, "what requires it goes off with it");
    let served = |flag: &str| ["PROD/t1", "PROD/t2"].map(|at| shop.served(flag, at));
    assert_eq!(
        (served("risk_enforcement"), served("risk_mode")),
        (["off", "on"].map(str::to_owned), ["BLOCK", "WARN"].map(str::to_owned))
    );
}
