//! The whole of it in one life of the shop: two tenants, tickets, a containment whose ticket is late, a rollback with its incident and its smoke
//! list, and the phases after the fifth (issue 16, "What works when this is done"; ROLLOUTS 7.5 to 7.8).

use super::containment::ticketed;
use super::phases::{lock_five, moves, registered_in};
use super::{owner, release_owner, shop, tenant};
use crate::application::{Application, path};
use crate::made::kinds;
use crate::network::{DAY, SECOND, name};
use artifacts::ArtifactStanding;
use cases::Containment;
use primitives::{AlertSeverity, ChangeId, Digest};
use rollouts::change::{ChangeDraft, ChangeState};
use rollouts::plan::{Nature, PhaseState};
use rollouts::queries::ChangeLabel;

/// What both tenants are served in PROD.
fn served(shop: &Application, flag: &str) -> [String; 2] {
    ["PROD/t1", "PROD/t2"].map(|at| shop.served(flag, at))
}

/// To have a flag serve something at a path, with a ticket.
fn flips(shop: &Application, flag: &str, at: &str, ticket: Option<&str>) -> ChangeDraft {
    let effect = shop.serving(flag, path(at), "on");
    ChangeDraft { ticket: ticket.map(name), ..shop.sets(vec![effect]) }
}

/// A tenant has its discounts, by its own hand and with a ticket; its neighbour neither has them nor can take them.
fn a_tenant_flips_its_flag(shop: &mut Application) {
    let flag = "advanced_discounts";
    shop.refused(tenant(1).submits(flips(shop, flag, "PROD/t1", None)), "E_TICKET");
    shop.refused(tenant(2).submits(flips(shop, flag, "PROD/t1", Some("CHG-12"))), "E_ROLE");
    let change = shop.submitted(tenant(1).submits(flips(shop, flag, "PROD/t1", Some("CHG-12"))));
    assert_eq!(shop.progress(change).state, ChangeState::Closed);
    assert_eq!(served(shop, flag), ["on", "off"]);
}

/// A flag goes off in PROD at once, and its ticket is late: until it is there, the build waits that comes next.
fn a_late_ticket_stops_the_next_promotion(shop: &mut Application, next: Digest) {
    let flag = "loyalty_rules";
    shop.granted(owner().submits(flips(shop, flag, "PROD", Some("CHG-3"))));
    assert_eq!(served(shop, flag), ["on", "on"]);
    let contained = shop.submitted(owner().submits(shop.contains(flag, "PROD")));
    assert_eq!(
        (served(shop, flag), shop.label(contained)),
        (["off", "off"].map(str::to_owned), ChangeLabel::BackfillDue)
    );
    shop.stage(next);
    let late = shop.progress(contained).executed.unwrap().running + 3 * DAY;
    assert_eq!(kinds(&shop.run_until(late)), ["missed"]);

    let prod = shop.ready_for_prod(next);
    shop.refused(owner().executes(prod), "E_OVERDUE");
    shop.granted(owner().states(ticketed(shop, contained, "CHG-41")));
    shop.block(SECOND, &[]);
    shop.granted(owner().executes(prod));
    shop.granted(owner().closes(contained));
    audited(shop, prod);
    assert_eq!((shop.stands_in("PROD"), shop.label(contained)), (Some(next), ChangeLabel::Closed));
}

/// What entered PROD is deployed, audited and closed.
fn audited(shop: &mut Application, change: ChangeId) {
    shop.take_step(&owner(), change, "deploy");
    shop.answer_duties(change);
    shop.granted(owner().closes(change));
}

/// PROD goes back to the build that is known to be good there, which nobody names; the incident of that is seen to before the next one enters.
fn prod_is_rolled_back(shop: &mut Application, good: Digest, bad: Digest, next: Digest) {
    let back = shop.submitted(owner().submits(shop.rolls_back("PROD")));
    assert_eq!((shop.stands_in("PROD"), shop.taken_for(bad)), (Some(good), ArtifactStanding::Bad));
    assert_eq!(shop.owed(back), ["post.auth", "post.reads", "post.checkout", "post.risk"]);
    shop.refused(owner().closes(back), "E_DUTY");
    shop.answer_duties(back);
    shop.granted(owner().closes(back));

    let incidents = shop.incidents();
    let [incident] = incidents[..] else { panic!("{incidents:?}") };
    shop.stage(next);
    let prod = shop.ready_for_prod(next);
    shop.refused(owner().executes(prod), "E_INCIDENT");
    shop.granted(owner().classifies(incident, AlertSeverity::Critical));
    shop.granted(owner().responds(incident, Containment::Rollback(back)));
    shop.granted(owner().resolves(incident));
    shop.granted(owner().executes(prod));
    audited(shop, prod);
    assert_eq!((shop.stands_in("PROD"), shop.incidents().len()), (Some(next), 0));
}

/// Phase 5 is locked for good, and frozen phase 6 takes hardening alone.
fn phase_five_is_locked_and_six_takes_hardening(shop: &mut Application, of_five: Digest) {
    lock_five(shop);
    shop.refused(owner().submits(shop.promotes("DEV", of_five)), "E_LOCKED");
    moves(shop, "6", PhaseState::Open);
    let of_six = registered_in(shop, 9, "6");
    shop.granted(release_owner().submits(shop.moves_on("6", PhaseState::Frozen)));
    let of = |shop: &Application, nature| ChangeDraft { nature, ..shop.promotes("DEV", of_six) };
    for nature in [Nature::Feature, Nature::Fix] {
        shop.refused(owner().submits(of(shop, nature)), "E_FROZEN_PHASE");
    }
    let hardening = shop.submitted(owner().submits(of(shop, Nature::Hardening)));
    shop.answer(hardening);
    shop.granted(owner().executes(hardening));
    assert_eq!(shop.stands_in("DEV"), Some(of_six));
}

#[test]
fn the_shop_flips_contains_rolls_back_and_locks_and_the_network_beside_it_is_what_it_was() {
    let mut shop = shop();
    let gates = shop.gates();
    let first = shop.proven(1);
    a_tenant_flips_its_flag(&mut shop);
    let [second, third, fourth] = [2, 3, 4].map(|number| shop.registered(number));
    a_late_ticket_stops_the_next_promotion(&mut shop, second);
    prod_is_rolled_back(&mut shop, first, second, third);
    phase_five_is_locked_and_six_takes_hardening(&mut shop, fourth);
    assert_eq!(
        (served(&shop, "advanced_discounts"), served(&shop, "loyalty_rules")),
        (["on", "off"].map(str::to_owned), ["off", "off"].map(str::to_owned))
    );
    assert_eq!(shop.gates(), gates);
    assert!(shop.frozen().is_none() && shop.paused().is_none());
}
