//! Containment: a flag goes off at once and without a ticket, which follows within three days; late, it stops the next promotion there until
//! it is there (ROLLOUTS 7.7).

use super::{ci, owner, shop, tenant};
use crate::application::{Application, path};
use crate::made::kinds;
use crate::network::{DAY, HOUR, SECOND, name};
use primitives::{ChangeId, List};
use rollouts::change::{ChangeDraft, ChangeRequest, ChangeState};
use rollouts::plan::ChangeKind;
use rollouts::queries::ChangeLabel;
use rollouts::statement::{Statement, StatementSubject};

/// How long there is for the ticket.
const BACKFILL: u64 = 3 * DAY;

/// That a containment has its ticket.
pub(super) fn ticketed(shop: &Application, change: ChangeId, ticket: &str) -> Statement {
    let refs = List::truncate_from(vec![name(ticket)]);
    Statement { refs, ..shop.word("ticket", StatementSubject::Change(change)) }
}

/// A flag is disabled in PROD, by the owner, with no ticket.
fn contained(shop: &mut Application) -> ChangeId {
    shop.submitted(owner().submits(shop.contains("loyalty_rules", "PROD")))
}

/// The running time at which its ticket is late.
fn late_at(shop: &Application, change: ChangeId) -> u64 {
    shop.progress(change).executed.unwrap().running + BACKFILL
}

#[test]
fn a_flag_is_off_in_the_block_that_takes_it_and_its_ticket_is_owed() {
    let mut shop = shop();
    let on = shop.serving("loyalty_rules", path("PROD"), "on");
    shop.granted(owner().submits(ChangeDraft { ticket: Some(name("CHG-3")), ..shop.sets(vec![on]) }));
    assert_eq!(shop.served("loyalty_rules", "PROD/t1"), "on");
    shop.granted(tenant(1).submits(shop.contains("loyalty_rules", "PROD/t1")));
    assert_eq!(["PROD/t1", "PROD/t1/b1", "PROD/t2"].map(|at| shop.served("loyalty_rules", at)), ["off", "off", "on"]);
    let change = shop.live(ChangeKind::Disable).unwrap();
    assert_eq!((shop.owed(change), shop.label(change)), (vec!["ticket".to_owned()], ChangeLabel::BackfillDue));
    shop.refused(owner().closes(change), "E_DUTY");
    for wrong in ["CHG-", "INC-41"] {
        shop.granted(owner().states(ticketed(&shop, change, wrong)));
        assert_eq!(shop.owed(change), ["ticket"], "{wrong} is no ticket");
    }
    shop.refused(ci().states(ticketed(&shop, change, "CHG-41")), "E_STATEMENT_OWNER");
    shop.granted(owner().states(ticketed(&shop, change, "CHG-41")));
    shop.block(SECOND, &[]);
    shop.granted(owner().closes(change));
    assert_eq!((shop.label(change), shop.served("loyalty_rules", "PROD/t1")), (ChangeLabel::Closed, "off".into()));
}

#[test]
fn an_emergency_names_a_cause_of_the_plan_and_spares_what_none_touches() {
    let mut shop = shop();
    let mut draft = shop.contains("loyalty_rules", "PROD");
    if let ChangeRequest::Disable { cause, .. } = &mut draft.request {
        *cause = name("SAFETY");
    }
    shop.refused(owner().submits(draft), "E_CAUSE");
    shop.refused(owner().submits(shop.contains("risk_enforcement", "PROD")), "E_EMERGENCY");
}

#[test]
fn a_ticket_is_late_after_72_hours_to_the_millisecond_and_then_nothing_enters_that_stage_until_it_is_there() {
    let mut shop = shop();
    let first = shop.registered(1);
    shop.stage(first);
    let change = contained(&mut shop);
    let end = late_at(&shop, change);
    shop.run_until(end - HOUR);
    assert_eq!(kinds(&shop.run_until(end - 1)), Vec::<&str>::new());
    assert_eq!(kinds(&shop.run_until(end)), ["missed"]);

    let prod = shop.ready_for_prod(first);
    shop.refused(owner().executes(prod), "E_OVERDUE");
    let second = shop.registered(2);
    shop.enter("DEV", second);
    assert_eq!(shop.stands_in("DEV"), Some(second), "of DEV nothing is late");

    shop.granted(owner().states(ticketed(&shop, change, "CHG-41")));
    let met = shop.block(SECOND, &[]).brought();
    assert!(matches!(met.as_slice(), [rollouts::Event::Met { late: true, .. }]), "{met:?}");
    shop.granted(owner().executes(prod));
    assert_eq!(shop.progress(prod).state, ChangeState::Active);
    shop.granted(owner().closes(change));
    assert_eq!(shop.label(change), ChangeLabel::Closed);
}

#[test]
fn what_a_tenant_owes_late_stops_that_tenant_and_no_promotion_of_all() {
    let mut shop = shop();
    let first = shop.registered(1);
    shop.stage(first);
    let change = shop.submitted(tenant(1).submits(shop.contains("loyalty_rules", "PROD/t1")));
    let end = late_at(&shop, change);
    assert_eq!(kinds(&shop.run_until(end)), ["missed"]);
    shop.enter_prod(first);
    assert_eq!(shop.stands_in("PROD"), Some(first));
}

#[test]
fn what_is_disabled_comes_back_by_a_change_with_a_ticket_and_in_no_other_way() {
    let mut shop = shop();
    let change = contained(&mut shop);
    let on = shop.serving("loyalty_rules", path("PROD/t1"), "on");
    let flip = ChangeDraft { ticket: Some(name("CHG-4")), ..shop.sets(vec![on]) };
    shop.refused(tenant(1).submits(flip.clone()), "E_DISABLED");
    let enables = |shop: &Application, ticket: Option<&str>| ChangeDraft {
        ticket: ticket.map(name),
        ..shop.sets(vec![shop.enabling_at("loyalty_rules", "PROD")])
    };
    shop.refused(tenant(1).submits(enables(&shop, Some("CHG-4"))), "E_ROLE");
    shop.refused(owner().submits(enables(&shop, None)), "E_TICKET");
    shop.granted(owner().submits(enables(&shop, Some("CHG-4"))));
    shop.granted(tenant(1).submits(flip));
    assert_eq!(shop.served("loyalty_rules", "PROD/t1"), "on");
    assert_eq!(shop.owed(change), ["ticket"], "that it is on again does not do for the ticket");
}
