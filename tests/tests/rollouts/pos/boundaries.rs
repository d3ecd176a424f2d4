//! The spans of the shop, one millisecond before and at their ends, in the time that the chain runs (ROLLOUTS 3.1 and 19).

use super::{owner, shop};
use crate::application::Application;
use crate::network::{DAY, HOUR, MINUTE, SECOND};
use primitives::ChangeId;

/// The shop with a build in STAGING that is asked for in PROD.
fn asked_for_prod() -> (Application, ChangeId) {
    let mut shop = shop();
    let first = shop.registered(1);
    shop.stage(first);
    let change = shop.submitted(owner().submits(shop.promotes("PROD", first)));
    (shop, change)
}

fn lacks(shop: &Application, change: ChangeId, key: &str) -> bool {
    shop.unmet(change).iter().any(|unmet| unmet == key)
}

#[test]
fn a_smoke_test_is_good_for_72_hours_and_a_word_of_the_gatekeeper_for_the_artifact_for_good() {
    let (mut shop, change) = asked_for_prod();
    shop.answer_only(change, "smoke.audit_read");
    let said = shop.at.running;
    shop.answer_only(change, "gatekeeper.mes");
    shop.run_until(said + 3 * DAY - 1);
    assert!(!lacks(&shop, change, "smoke.audit_read"));
    shop.wait(1);
    assert!(lacks(&shop, change, "smoke.audit_read") && !lacks(&shop, change, "gatekeeper.mes"));
}

#[test]
fn a_drill_takes_30_minutes_at_most_and_is_good_for_30_days() {
    let (mut shop, change) = asked_for_prod();
    for (took, is_met) in [(30 * MINUTE + 1, false), (30 * MINUTE, true)] {
        shop.drill("server", took);
        assert_eq!(!lacks(&shop, change, "drill.server"), is_met, "it took {took} ms");
    }
    let ended = shop.at.running;
    shop.run_until(ended + 30 * DAY - HOUR);
    let first = shop.stands_in("STAGING").unwrap();
    let later = shop.submitted(owner().submits(shop.promotes("PROD", first)));
    shop.run_until(ended + 30 * DAY - 1);
    assert!(!lacks(&shop, later, "drill.server"));
    shop.wait(1);
    assert!(lacks(&shop, later, "drill.server"));
}

#[test]
fn a_promotion_waits_for_seven_days_at_most() {
    let (mut shop, change) = asked_for_prod();
    let submitted = rollouts::queries::change(&shop.state(), change).unwrap().created.running;
    shop.run_until(submitted + 7 * DAY - 1);
    assert!(shop.progress(change).state.waits());
    shop.wait(1);
    assert!(!shop.progress(change).state.waits(), "{:?}", shop.progress(change).state);
}

#[test]
fn the_audit_of_prod_is_late_after_24_hours_and_then_nothing_more_enters_it() {
    let mut shop = shop();
    let (first, second) = (shop.registered(1), shop.registered(2));
    shop.stage(first);
    let change = shop.enter_prod(first);
    let end = shop.progress(change).executed.unwrap().running + DAY;
    shop.stage(second);
    shop.run_until(end - 1);
    assert_eq!(shop.progress(change).overdue().count(), 0);
    shop.run_until(end);
    assert_eq!(shop.progress(change).overdue().count(), 1);
    let next = shop.ready_for_prod(second);
    shop.refused(owner().executes(next), "E_OVERDUE");
    shop.answer_duties(change);
    shop.block(SECOND, &[]);
    // What stands there would be gone back to, and it is good there once its promotion is closed.
    shop.refused(owner().executes(next), "E_DEFERRED");
    assert_eq!(shop.codes(next), ["NO_KNOWN_GOOD"]);
    shop.granted(owner().closes(change));
    shop.granted(owner().executes(next));
    shop.wait(HOUR);
    assert_eq!(shop.stands_in("PROD"), Some(second));
}
