//! From DEV over STAGING to PROD: what each stage asks, its window and its ticket, and that nothing goes back or past a stage
//! (ROLLOUTS 7.5 and 10).

use super::{build, ci, installed, owner, shop, tenant};
use crate::application::Application;
use crate::network::{DAY, HOUR, name};
use crate::people::{self, node};
use artifacts::{ArtifactEntry, ArtifactStanding};
use flags::Risk;
use primitives::{ChangeId, Decimal, Digest, List, Path, ReleaseClass};
use rollouts::change::{ChangeDraft, ChangeState, Feature};
use rollouts::queries::ChangeLabel;
use rollouts::statement::{Statement, StatementSubject};
use rollouts::verdict::Answer;

/// What keeps a build from PROD that stands in STAGING and of which nobody has said anything since, in the order of the list.
const OF_PROD: [&str; 16] = [
    "smoke.auth_context",
    "smoke.product_scope",
    "smoke.offline_queue",
    "smoke.risk_modes",
    "smoke.audit_read",
    "gatekeeper.mes",
    "gatekeeper.isolation",
    "gatekeeper.offline",
    "gatekeeper.acceptance",
    "gatekeeper.tenant_logs",
    "gatekeeper.conflicts",
    "gatekeeper.branding",
    "rollback.owner",
    "drill.server",
    "nogo.isolation",
    "nogo.offline",
];

#[test]
fn the_first_build_goes_from_dev_over_staging_to_prod_with_what_each_stage_asks() {
    let mut shop = shop();
    let first = shop.registered(1);
    let dev = shop.submitted(owner().submits(shop.promotes("DEV", first)));
    assert_eq!(shop.unmet(dev), ["npm_test", "npm_build"]);
    shop.refused(owner().executes(dev), "E_DEFERRED");
    shop.answer(dev);
    shop.granted(owner().executes(dev));
    assert_eq!(
        (shop.stands_in("DEV"), shop.progress(dev).state),
        (Some(first), ChangeState::Closed),
        "nothing is owed"
    );

    let staging = shop.submitted(owner().submits(shop.promotes("STAGING", first)));
    assert_eq!(shop.unmet(staging), ["npm_e2e", "traceability", "changelog", "deployed"], "it is not deployed in DEV");
    shop.take_step(&owner(), dev, "deploy");
    shop.answer(staging);
    shop.granted(owner().executes(staging));
    shop.take_step(&owner(), staging, "deploy");

    let prod = shop.submitted(owner().submits(shop.promotes("PROD", first)));
    assert_eq!((shop.list(prod).answer, shop.unmet(prod)), (Answer::NoGo, OF_PROD.map(str::to_owned).to_vec()));
    let pause = shop.trading_pause();
    shop.reach(pause);
    shop.refused(owner().executes(prod), "E_NO_GO");
    shop.answer(prod);
    assert!(shop.list(prod).is_go(), "{:?}", shop.codes(prod));
    shop.granted(owner().executes(prod));
    assert_eq!((shop.stands_in("PROD"), shop.label(prod)), (Some(first), ChangeLabel::AuditDue));
    audited(&mut shop, prod, first);
}

/// A build that entered PROD is deployed, smoke-tested there, audited, and is known to be good.
fn audited(shop: &mut Application, change: ChangeId, artifact: Digest) {
    shop.take_step(&owner(), change, "deploy");
    shop.take_step(&owner(), change, "smoke");
    shop.refused(owner().closes(change), "E_DUTY");
    assert_eq!(shop.owed(change), ["close.audit"]);
    shop.answer_duties(change);
    shop.granted(owner().closes(change));
    assert_eq!((shop.label(change), shop.taken_for(artifact)), (ChangeLabel::Closed, ArtifactStanding::Good));
}

#[test]
fn what_enters_prod_is_deployed_and_no_flag_moves_by_it() {
    let mut shop = shop();
    let flags = ["advanced_discounts", "loyalty_rules", "risk_enforcement", "risk_mode"];
    let served = |shop: &Application| {
        let at = |scope: &str| flags.map(|flag| shop.served(flag, scope));
        [at("DEV"), at("STAGING"), at("PROD/t1")]
    };
    let before = served(&shop);
    shop.proven(1);
    assert_eq!(served(&shop), before);
    assert_eq!(shop.served("risk_mode", "PROD/t1/b1"), "BLOCK");
}

#[test]
fn prod_moves_from_16_to_24_o_clock_to_the_millisecond_and_the_other_stages_at_any_time() {
    let mut shop = shop();
    let first = shop.registered(1);
    shop.stage(first);
    let pause = shop.trading_pause();
    let prod = shop.ready_for_prod(first);
    shop.wait_until(pause.plus(8 * HOUR).minus(1));
    assert_eq!(shop.block(1, &[owner().executes(prod)]).codes(), ["E_WINDOW"], "it is midnight");
    let next = pause.plus(DAY);
    shop.wait_until(next.minus(2));
    assert_eq!(shop.block(1, &[owner().executes(prod)]).codes(), ["E_WINDOW"]);
    assert_eq!(shop.block(1, &[owner().executes(prod)]).codes(), ["granted"], "it is four o'clock");
    let second = shop.registered(2);
    shop.wait(10 * HOUR);
    shop.stage(second);
    assert_eq!((shop.stands_in("STAGING"), shop.stands_in("PROD")), (Some(second), Some(first)));
}

#[test]
fn what_touches_prod_names_a_ticket_of_the_right_form_and_what_touches_dev_names_none() {
    let mut shop = shop();
    let first = shop.registered(1);
    assert!(shop.promotes("DEV", first).ticket.is_none());
    shop.stage(first);
    let with = |shop: &Application, ticket: Option<&str>| ChangeDraft {
        ticket: ticket.map(name),
        ..shop.promotes("PROD", first)
    };
    for ticket in [None, Some("CHG-"), Some("CHG-07"), Some("CHG-7x"), Some("REL-7"), Some("chg-7")] {
        shop.refused(owner().submits(with(&shop, ticket)), "E_TICKET");
    }
    let asked = owner().submits(with(&shop, Some("CHG-7")));
    shop.granted(asked);
}

#[test]
fn nothing_goes_past_a_stage_or_back_and_nothing_goes_further_than_it_is_for() {
    let mut shop = shop();
    let first = shop.registered(1);
    let unknown = shop.promotes("DEV", Digest([9; 32]));
    shop.refused(owner().submits(ChangeDraft { phase: Some(name("5.x")), ..unknown }), "E_ARTIFACT_UNKNOWN");
    for stage in ["STAGING", "PROD"] {
        shop.refused(owner().submits(shop.promotes(stage, first)), "E_NOT_SUCCESSOR");
    }
    shop.stage(first);
    shop.refused(owner().submits(shop.promotes("DEV", first)), "E_ONE_WAY");
    let short = build(2, "5.x", "DEV");
    let digest = short.digest;
    shop.granted(ci().registers(short));
    shop.enter("DEV", digest);
    shop.refused(owner().submits(shop.promotes("STAGING", digest)), "E_ARTIFACT_META");
}

#[test]
fn an_artifact_has_its_name_its_phase_and_everything_that_is_asked_of_one_or_it_is_not_registered() {
    let mut shop = shop();
    let good = build(1, "5.x", "PROD");
    let bad_date = ArtifactEntry { name: name("cfgp-pos-2024.02.30.1"), ..good.clone() };
    shop.refused(ci().registers(bad_date), "E_ARTIFACT_NAME");
    let without = |key: &str| {
        let meta = good.meta.iter().filter(|(said, _)| said.as_str() != key).cloned().collect();
        ArtifactEntry { meta: List::truncate_from(meta), ..good.clone() }
    };
    for key in ["commit", "rv", "dv", "target", "built_at"] {
        shop.refused(ci().registers(without(key)), "E_ARTIFACT_META");
    }
    shop.refused(ci().registers(build(1, "5.x", "LIVE")), "E_ARTIFACT_META");
    shop.refused(ci().registers(build(1, "9", "PROD")), "E_PHASE");
    shop.refused(tenant(1).registers(good.clone()), "E_ROLE");
    shop.granted(ci().registers(good.clone()));
    shop.refused(ci().registers(good), "E_ARTIFACT_TAKEN");
}

#[test]
fn a_feature_of_high_risk_is_behind_a_flag_and_a_milestone_says_what_users_notice() {
    let mut shop = shop();
    let first = shop.registered(1);
    let brings = |shop: &Application, risk, flag: Option<&str>| {
        let feature = Feature { name: name("stacked_coupons"), risk, flag: flag.map(name) };
        ChangeDraft { features: List::truncate_from(vec![feature]), ..shop.promotes("DEV", first) }
    };
    for flag in [None, Some("stacked_coupons")] {
        shop.refused(owner().submits(brings(&shop, Risk::High, flag)), "E_FLAG_REQUIRED");
    }
    let milestone = ChangeDraft { milestone: Some(name("spring")), ..brings(&shop, Risk::Low, None) };
    shop.refused(owner().submits(milestone), "E_IMPACT");
    for asked in [brings(&shop, Risk::High, Some("advanced_discounts")), brings(&shop, Risk::Low, None)] {
        shop.granted(owner().submits(asked));
    }
}

#[test]
fn p06_a_critical_risk_means_no_until_it_is_accepted_and_for_as_long_as_that_counts() {
    let mut shop = shop();
    let first = shop.registered(1);
    shop.stage(first);
    let prod = shop.ready_for_prod(first);
    shop.granted(owner().opens_risk("PROD"));
    assert_eq!(shop.codes(prod), ["RISK_UNACCEPTED"]);
    shop.refused(owner().executes(prod), "E_NO_GO");
    let risk = shop.risks()[0];
    let review = shop.at.time.plus(2 * HOUR);
    shop.granted(owner().accepts(risk, review));
    assert!(shop.list(prod).is_go(), "{:?}", shop.codes(prod));
    shop.wait_until(review);
    assert_eq!(shop.codes(prod), ["RISK_UNACCEPTED"], "its review is due");
}

/// A third of the validators, and one more, say so about one height: it is said once, in the plan of the network, and read by every plan
/// that names it.
#[test]
fn an_audit_trail_that_more_than_a_third_of_the_validators_found_broken_keeps_everything_from_prod() {
    let mut shop = shop();
    let first = shop.registered(1);
    shop.stage(first);
    let prod = shop.ready_for_prod(first);
    let broken = |height| Statement {
        value: Decimal::new(height, 0),
        ..people::failed("audit_integrity", StatementSubject::Scope(Path::ROOT))
    };
    shop.granted(node(0).states(broken(7)));
    shop.granted(node(1).states(broken(8)));
    assert!(shop.list(prod).is_go(), "one of four about one height may be wrong");
    shop.granted(node(2).states(broken(7)));
    assert_eq!(shop.codes(prod), ["AUDIT_BROKEN"]);
    shop.refused(owner().executes(prod), "E_NO_GO");
}

#[test]
fn a_hotfix_goes_through_every_blocker_and_does_without_the_owner_of_its_rollback_alone() {
    let mut shop = shop();
    let first = shop.registered(1);
    shop.stage(first);
    let draft = ChangeDraft { class: ReleaseClass::Hotfix, ..shop.promotes("PROD", first) };
    let hotfix = shop.submitted(owner().submits(draft));
    let without: Vec<&str> = OF_PROD.into_iter().filter(|key| *key != "rollback.owner").collect();
    assert_eq!(shop.unmet(hotfix), without);
}

#[test]
fn nothing_is_promoted_before_a_phase_has_begun() {
    let mut shop = installed();
    let first = shop.registered(1);
    shop.refused(owner().submits(shop.promotes("DEV", first)), "E_PHASE");
    let nameless = ChangeDraft { phase: None, ..shop.promotes("DEV", first) };
    shop.refused(owner().submits(nameless), "E_PHASE");
}

#[test]
fn req_132_each_reason_for_no_is_enough_by_itself() {
    let mut shop = shop();
    let first = shop.registered(1);
    shop.stage(first);
    let prod = shop.ready_for_prod(first);
    let about = || StatementSubject::Artifact(first);
    for (key, code) in [("nogo.isolation", "ISOLATION_UNPROVEN"), ("nogo.offline", "REPLAY_UNDEFINED")] {
        shop.granted(ci().states(shop.failed(key, about())));
        assert_eq!((shop.list(prod).answer, shop.codes(prod)), (Answer::NoGo, vec![code.to_owned()]));
        shop.refused(owner().executes(prod), "E_NO_GO");
        shop.granted(ci().states(shop.word(key, about())));
        assert!(shop.list(prod).is_go(), "{:?}", shop.codes(prod));
    }
    let played_down = || StatementSubject::Scope(Path::ROOT);
    shop.granted(ci().states(shop.failed("severity_downgrade", played_down())));
    assert_eq!((shop.list(prod).answer, shop.codes(prod)), (Answer::NoGo, vec!["AUDIT_BROKEN".to_owned()]));
    shop.granted(ci().states(shop.word("severity_downgrade", played_down())));
    assert!(shop.list(prod).is_go(), "{:?}", shop.codes(prod));
    shop.refused(owner().executes(prod), "E_INCIDENT");
}
