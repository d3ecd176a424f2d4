//! Ways around the vote of the stake that turns `malachite_consensus` off.

use super::super::sample::*;
use super::{fine, only};
use crate::plan::{Limit, Missed, Plan};
use primitives::Span;

#[test]
fn no_emergency_touches_the_two_gates_that_a_single_key_must_not_flip() {
    only("flags.malachite_consensus.emergency", "no emergency touches", |plan| plan.flags[QUORUM].emergency = true);
    only("flags.consensus_enforcement.emergency", "no emergency touches", |plan| plan.flags[3].emergency = true);
    only("playbooks.chain.disables[0]", "may not be switched off in an emergency", |plan| {
        plan.playbooks[0].disables = names(&["malachite_consensus"]);
    });
}

#[test]
fn no_rollback_goes_to_a_stage_without_quorum() {
    only("playbooks.back.profile", "a rollback would turn malachite_consensus off", |plan| {
        plan.playbooks[1].profile = Some(name("development"));
    });
    fine(|plan| {
        plan.playbooks[1].profile = Some(name("development"));
        plan.governs = application().governs;
        plan.policy.amend = application().policy.amend;
        plan.stages[MAINNET].ticket = application().stages[MAINNET].ticket.clone();
        plan.name = name("shop");
    });
}

#[test]
fn a_rollback_goes_back() {
    only("playbooks.back.profile", "does not stand before \"mainnet\"", |plan| {
        plan.playbooks[1].profile = Some(name("mainnet"));
    });
}

#[test]
fn quorum_is_for_everybody_or_for_nobody() {
    only("stage.testnet.limits.malachite_consensus", "whoever leaves the segment", |plan| {
        let limit = Limit { flag: name("malachite_consensus"), segment: name("cohort") };
        plan.stages[TESTNET].limits = list([limit]);
        for stage in [TESTNET, MAINNET] {
            plan.stages[stage].values[REWARDS].1 = name("off");
        }
        plan.policy.monotonic = false;
    });
    let sets = |variant: &'static str, only: Option<&'static str>| {
        move |plan: &mut Plan| {
            plan.policy.monotonic = false;
            let mut deploy = step("deploy", &["deployed"]);
            deploy.sets = list([(name("malachite_consensus"), name(variant), only.map(name))]);
            plan.stages[DEVELOPMENT].steps = list([deploy]);
        }
    };
    only("stage.development.steps[0].sets[0]", "a step may not turn", sets("off", None));
    only("stage.development.steps[0].sets[0]", "a step may not turn", sets("on", Some("cohort")));
    fine(sets("on", None));
}

#[test]
fn nothing_that_turned_quorum_on_is_undone_by_a_clock() {
    for place in [PROMOTE, SET] {
        only(&format!("procedures[{place}].close[0].missed"), "without a vote of the stake", |plan| {
            plan.procedures[place].close[0].missed = Missed::Restore;
        });
    }
    // Going back turns quorum on nowhere here, and neither does what is entered last.
    fine(|plan| plan.procedures[DEMOTE].close[0].missed = Missed::Restore);
    fine(|plan| plan.stages[MAINNET].close[0].missed = Missed::Restore);
    only("stage.testnet.close[0].missed", "without a vote of the stake", |plan| {
        plan.stages[TESTNET].close = list([duty("watched", Some(Span::days(3)), Missed::Restore)]);
    });
}

#[test]
fn nothing_that_turned_quorum_on_is_undone_by_another_vote() {
    only("procedures[2].close[1].check", "vote before, not after", |plan| {
        plan.procedures[SET].close.try_push(duty("ratify", None, Missed::Block)).unwrap();
    });
    fine(|plan| plan.procedures[DEMOTE].close.try_push(duty("ratify", None, Missed::Block)).unwrap());
}
