//! What has to have lasted before a stage is entered or a step is taken, one millisecond or one epoch before it has and when it has: in the
//! time that the chain ran, where the plan counts hours (ROLLOUTS 3.1 and 19).

use crate::deadlines::two_of_three;
use crate::evidence::FIRST_BUILD;
use crate::founding::Founding;
use crate::network::{DAY, HOUR, MINUTE, MONDAY, Network, SECOND, name};
use crate::people::{commander, disables, failed, member, passed, promotes, sets, sre_lead, steward, waived};
use crate::walk::{SOAK, before_testnet, canary, entered_mainnet};
use flags::Gate;
use governance::Choice;
use primitives::{ChangeId, Epoch};
use rollouts::statement::StatementSubject;
use rollouts::{plans, queries};

impl Network {
    /// Whether a check is among what keeps a change.
    fn lacks(&self, change: ChangeId, key: &str) -> bool {
        self.unmet(change).iter().any(|unmet| unmet == key)
    }
}

#[test]
fn testnet_soaks_for_48_hours_and_no_yes_is_taken_a_millisecond_before() {
    let (mut network, change) = before_testnet();
    let poll = network.poll(change);
    network.run_until(SOAK - 2);
    let early = network.block(1, &[member(0).votes(poll, Choice::Yes)]);
    assert_eq!((early.at.running, early.codes()), (SOAK - 1, vec!["E_NOT_READY"]));
    assert_eq!(network.unmet(change), ["testnet.soak", "council.promote"]);
    let in_time = network.block(1, &[member(0).votes(poll, Choice::Yes)]);
    assert_eq!((in_time.at.running, in_time.codes()), (SOAK, vec!["granted"]));
    assert_eq!(network.unmet(change), ["council.promote"]);
}

#[test]
fn a_chain_that_stands_for_thirty_hours_has_soaked_for_one_of_them() {
    let mut network = Founding::at("development").network();
    let change = network.submitted(commander().submits(promotes("testnet", FIRST_BUILD)));
    network.run_until(17 * HOUR);
    network.stand(30 * HOUR);
    assert_eq!(network.at.running, 18 * HOUR);
    network.run_until(SOAK - 1);
    assert!(network.at.time.0 > MONDAY + 76 * HOUR, "by the clock more than three days have passed");
    assert!(network.lacks(change, "testnet.soak"));
    network.wait(1);
    assert!(!network.lacks(change, "testnet.soak"));
}

#[test]
fn an_alert_has_testnet_soak_anew_and_one_of_another_stage_does_not() {
    let mut network = Founding::at("development").network();
    let change = network.submitted(commander().submits(promotes("testnet", FIRST_BUILD)));
    let alert = |stage: &str| sre_lead().states(failed("paging_alert", StatementSubject::Stage(name(stage))));
    network.run_until(40 * HOUR);
    network.granted(alert("canary"));
    network.run_until(SOAK);
    assert!(!network.lacks(change, "testnet.soak"));
    network.granted(alert("development"));
    let rang = network.at.running;
    network.run_until(rang + SOAK - 1);
    assert!(network.lacks(change, "testnet.soak"));
    network.wait(1);
    assert!(!network.lacks(change, "testnet.soak"));
}

/// In the last block before an epoch a check is missing, and in its first one it is not.
fn missing_until(network: &mut Network, change: ChangeId, key: &str, epoch: u64) {
    network.wait_before(epoch);
    let last = network.block(SECOND, &[]).at.epoch;
    assert!(network.lacks(change, key), "in epoch {last}");
    let first = network.block(SECOND, &[]).at.epoch;
    assert!(!network.lacks(change, key), "in epoch {first}");
    assert_eq!((last.next(), first), (Epoch(epoch), Epoch(epoch)));
}

#[test]
fn canary_is_entered_after_ten_whole_epochs_of_testnet() {
    let mut network = Founding::at("testnet").network();
    let change = network.submitted(commander().submits(promotes("canary", FIRST_BUILD)));
    missing_until(&mut network, change, "canary.soak", 11);
}

#[test]
fn mainnet_is_entered_after_seven_whole_epochs_with_rewards_on() {
    let mut network = canary().network();
    let change = network.submitted(commander().submits(promotes("mainnet", FIRST_BUILD)));
    missing_until(&mut network, change, "mainnet.soak", 8);
}

/// A stage is left only when its `leave` list is GO, and of a stage that stands since genesis soaks count from height 0 (ROLLOUTS 3.3, 7.5):
/// that its steps count as taken is another matter.
#[test]
fn a_network_that_begins_at_canary_is_observed_there_for_three_whole_epochs() {
    let mut network = canary().network();
    let change = network.submitted(commander().submits(promotes("mainnet", FIRST_BUILD)));
    missing_until(&mut network, change, "canary.observed", 4);
}

#[test]
fn epochs_count_anew_from_when_rewards_that_were_disabled_are_on_again() {
    let mut network = canary().network();
    network.begin(6);
    let off = network.submitted(commander().submits(disables(&["timetoke_rewards"], "SAFETY")));
    let poll = network.poll(off);
    network.all_granted(&two_of_three(poll, Choice::Yes));
    network.block(SECOND, &[]);
    network.answer_only(off, &["mitigation"]);
    let change = network.submitted(commander().submits(promotes("mainnet", FIRST_BUILD)));
    assert!(network.lacks(change, "mainnet.soak"), "rewards are off");
    let lifted = network.enabling("timetoke_rewards");
    let on = network.approved(sets(vec![lifted]));
    network.epochs(3);
    let window = network.window_of("canary");
    network.ready_at(on, window);
    network.granted(commander().executes(on));
    assert!(network.is_on(Gate::TimetokeRewards));
    let again = network.at.epoch.0;
    network.answer_only(on, &["close.audit"]);
    missing_until(&mut network, change, "mainnet.soak", again + 8);
}

#[test]
fn a_word_that_is_24_hours_old_counts_no_longer_and_a_drill_takes_30_minutes_at_most() {
    let mut network = Founding::at("testnet").network();
    let change = network.submitted(commander().submits(promotes("canary", FIRST_BUILD)));
    network.answer_only(change, &["preflight.network_churn"]);
    let said = network.at.running;
    network.run_until(said + DAY - 1);
    assert!(!network.lacks(change, "preflight.network_churn"));
    network.wait(1);
    assert!(network.lacks(change, "preflight.network_churn"));

    let drill = |end: &str| sre_lead().states(passed(&format!("drill.chain.{end}"), StatementSubject::Plan));
    for (took, is_met) in [(30 * MINUTE, true), (30 * MINUTE + 1, false)] {
        network.granted(drill("began"));
        assert_eq!(network.block(took, &[drill("ended")]).codes(), ["granted"]);
        assert_eq!(!network.lacks(change, "preflight.drill"), is_met, "it took {took} ms");
    }
}

#[test]
fn req_095_a_drill_counts_for_ninety_days_to_the_millisecond_and_one_that_failed_or_took_too_long_not_at_all() {
    let mut network = Founding::at("testnet").network();
    let is_stale = |network: &Network| {
        let state = network.state();
        let plan = plans::of_node(&state).unwrap();
        let seen = queries::drills(&state, network.at, &plan);
        !seen.iter().find(|drill| drill.domain == name("chain")).unwrap().state.is_settled()
    };
    let drill = |end: &str| sre_lead().states(passed(&format!("drill.chain.{end}"), StatementSubject::Plan));
    assert!(is_stale(&network), "nobody has tried it");
    network.all_granted(&[drill("began")]);
    assert!(is_stale(&network), "it is under way");
    network.block(30 * MINUTE, &[drill("ended")]);
    assert!(!is_stale(&network));
    let ended = network.at.running;
    network.run_until(ended + 90 * DAY - 1);
    assert!(!is_stale(&network));
    network.wait(1);
    assert!(is_stale(&network), "it is too old");

    network.granted(drill("began"));
    network.granted(sre_lead().states(failed("drill.chain.ended", StatementSubject::Plan)));
    assert!(is_stale(&network), "what failed does not count");
    network.granted(drill("began"));
    network.block(30 * MINUTE + 1, &[drill("ended")]);
    assert!(is_stale(&network), "nor does what took too long");
}

#[test]
fn a_waiver_counts_until_the_moment_it_names_and_for_thirty_days_at_most() {
    let mut network = Founding::at("testnet").network();
    let change = network.submitted(commander().submits(promotes("canary", FIRST_BUILD)));
    let longest = network.at.time.plus(SECOND + 30 * DAY);
    let waives = |until| steward().states(waived("canary.alert_rewards", change, until));
    network.refused(waives(longest.plus(1)), "E_EXPIRY");
    let until = network.at.time.plus(5 * HOUR);
    network.granted(waives(until));
    network.wait_until(until.minus(1));
    assert!(!network.lacks(change, "canary.alert_rewards"));
    network.wait(1);
    assert!(network.lacks(change, "canary.alert_rewards"));
}

#[test]
fn a_step_that_watches_is_taken_24_hours_after_mainnet_was_entered_and_not_a_millisecond_before() {
    let (mut network, change) = entered_mainnet();
    let executed = network.progress(change).executed.unwrap();
    network.take_step(change, "confirm");
    let mut word = passed("mainnet.monitored", StatementSubject::Change(change));
    word.began = Some(executed.time);
    network.run_until(executed.running + DAY - 2);
    for expected in ["E_DEFERRED", "granted"] {
        let asked = [sre_lead().states(word.clone()), commander().steps(change, "monitor")];
        assert_eq!(network.block(1, &asked).codes(), ["granted", expected]);
    }
    assert_eq!(network.at.running, executed.running + DAY);
}
