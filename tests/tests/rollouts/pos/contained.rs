//! What contains an incident is asked of the changes of the plan, after whether whoever says so may (ROLLOUTS 8).

use super::{ci, owner, shop, tenant};
use cases::Containment;
use primitives::{AlertSeverity, ChangeId};

#[test]
fn an_incident_is_contained_by_a_change_that_was_carried_out_there_or_by_the_lock_that_it_is() {
    let mut shop = shop();
    let disabled = shop.submitted(owner().submits(shop.contains("loyalty_rules", "PROD/t1")));
    shop.granted(tenant(1).detects("PROD/t1"));
    shop.granted(tenant(2).detects("PROD/t2"));
    let incidents = shop.incidents();
    let [here, elsewhere] = incidents[..] else { panic!("{incidents:?}") };
    for incident in incidents {
        shop.granted(owner().classifies(incident, AlertSeverity::Warn));
    }
    let flag = Containment::FeatureFlag(disabled);
    shop.refused(tenant(2).responds(here, Containment::FeatureFlag(ChangeId(999))), "E_ROLE");
    for (incident, wrong) in [
        (here, Containment::FeatureFlag(ChangeId(999))),
        (here, Containment::Rollback(disabled)),
        (here, Containment::PolicyLock(Some(disabled))),
        (elsewhere, flag),
    ] {
        shop.refused(owner().responds(incident, wrong), "E_CONTAINMENT");
        shop.refused(owner().resolves(incident), "E_CASE_STEP");
    }
    shop.granted(tenant(1).responds(here, flag));
    shop.granted(tenant(2).responds(elsewhere, Containment::PolicyLock(None)));
    shop.granted(owner().resolves(here));
    assert_eq!(shop.incidents(), [elsewhere]);
    shop.refused(ci().resolves(here), "E_CASE_STEP");
}
