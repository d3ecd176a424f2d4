//! From testnet to canary, where some are paid before all are, and from there to mainnet, whose window is announced and freezes
//! (ROLLOUTS 7.5, 7.6 and 7.9).

use crate::evidence::BUILD;
use crate::founding::Founding;
use crate::made::{code, kinds};
use crate::network::{DAY, HOUR, Network, SECOND, name};
use crate::people::{commander, promotes, sets, sre_lead};
use crate::walk::{LONGEST_WINDOW, NOTICE, canary};
use flags::Gate;
use governance::Choice;
use primitives::{ChangeId, Epoch, Timestamp};
use rollouts::change::ChangeState;
use rollouts::queries::ChangeLabel;
use rollouts::verdict::EMPTY_SEGMENT;
use runtime::Error;
use runtime::testing::validator;

/// The checks that ask a share of nobody.
fn of_nobody(network: &Network, change: ChangeId) -> Vec<String> {
    let list = network.list(change);
    let empty = list.unmet().filter(|finding| finding.code.as_str() == EMPTY_SEGMENT);
    empty.map(|finding| finding.key.to_string()).collect()
}

/// Two validators come into the cohort that is paid first and one into that which witnesses first, by a change with its vote, in the next
/// window of testnet; and it is audited and closed.
fn fill_cohorts(network: &mut Network) {
    let effects = vec![network.joining("canary_validators", &[0, 1]), network.joining("canary_witnesses", &[2])];
    let set = network.carried_out(sets(effects), "testnet");
    assert_eq!((network.label(set), network.owed(set)), (ChangeLabel::AuditDue, vec![String::from("close.audit")]));
    network.closed(set);
}

#[test]
fn canary_is_for_nobody_until_its_cohort_was_filled_before_it_was_asked_for() {
    let mut network = Founding::at("testnet").council(5).network();
    let build = network.release();
    let early = network.submitted(commander().submits(promotes("canary", build)));
    assert_eq!(of_nobody(&network, early), ["canary.installed", "canary.dry_run"]);
    network.answer(early);
    assert_eq!(of_nobody(&network, early), ["canary.installed", "canary.dry_run"], "a share of nobody is never met");
    fill_cohorts(&mut network);
    assert_eq!(of_nobody(&network, early), ["canary.dry_run"], "who is in it now was not when it was asked for");
    network.refused(sre_lead().withdraws(early), "E_SUBMITTER");
    network.granted(commander().withdraws(early));
    let change = network.submitted(commander().submits(promotes("canary", build)));
    assert!(of_nobody(&network, change).is_empty());
    network.answer(change);
    let unmet = network.unmet(change);
    assert!(unmet.iter().all(|key| ["canary.soak", "council.promote"].contains(&key.as_str())), "{unmet:?}");
}

/// Canary is entered in the window of a Wednesday, for its cohort alone, and closed.
fn enter_canary(network: &mut Network) -> ChangeId {
    let change = network.carried_out(promotes("canary", BUILD), "canary");
    assert_eq!(network.standing(), ("canary".into(), change));
    let gates = network.gates();
    let is_paid = |index| gates.is_on_for(&network.state(), Gate::TimetokeRewards, &validator(index).account());
    assert_eq!([0, 1, 2, 3].map(is_paid), [true, true, false, false]);
    assert!(!gates.is_on_for_all(Gate::TimetokeRewards) && !gates.is_on(Gate::WitnessNetwork));
    network.closed(change);
    change
}

/// The steps of canary, the last of which moves a value, and is audited.
fn go_through_canary(network: &mut Network, change: ChangeId) {
    let executed = network.progress(change).executed.unwrap();
    // Whole epochs count, which began after that.
    network.wait_before(executed.epoch.0 + 4);
    network.refused(commander().steps(change, "observe"), "E_DEFERRED");
    network.granted(commander().steps(change, "observe"));
    assert_eq!(network.at.epoch, executed.epoch.plus(4));
    network.take_step(change, "relays");
    let begin = executed.time.minus(SECOND);
    network.wait_until(begin.plus(6 * HOUR - SECOND));
    network.refused(commander().steps(change, "witness_subset"), "E_WINDOW");
    network.wait_until(begin.plus(7 * DAY));
    network.granted(commander().steps(change, "witness_subset"));
    let gates = network.gates();
    assert_eq!(gates.limited_to(Gate::WitnessNetwork), Some(&name("canary_witnesses")));
    assert_eq!((network.progress(change).state, network.label(change)), (ChangeState::Active, ChangeLabel::AuditDue));
    assert_eq!(network.owed(change), ["close.audit"], "what moves a value is audited again");
    network.closed(change);
}

#[test]
fn the_plan_is_walked_from_testnet_over_canary_to_mainnet() {
    let mut network = Founding::at("testnet").council(5).network();
    network.release();
    fill_cohorts(&mut network);
    if network.at.epoch < Epoch(11) {
        network.begin(11);
    }
    let canary = enter_canary(&mut network);
    go_through_canary(&mut network, canary);
    let (mainnet, from) = network.announced_for_mainnet();
    network.ready_at(mainnet, from);
    network.granted(commander().executes(mainnet));
    assert_eq!(network.standing(), ("mainnet".into(), mainnet));
    let gates = network.gates();
    assert!(Gate::ALL.iter().all(|gate| gates.is_on_for_all(*gate)), "every gate, for everybody: {gates:?}");
    network.take_step(mainnet, "confirm");
    network.answer_only(mainnet, &["close.audit"]);
    network.wait(DAY);
    network.take_step(mainnet, "monitor");
    network.closed(mainnet);
    assert_eq!((network.label(canary), network.label(mainnet)), (ChangeLabel::Closed, ChangeLabel::Closed));
    network.refused(commander().submits(promotes("mainnet", BUILD)), "E_NOT_SUCCESSOR");
}

/// A network at canary that has soaked there, with a promotion to mainnet that was submitted.
fn asked_for_mainnet() -> (Network, ChangeId) {
    let mut network = canary().council(5).network();
    let build = network.release();
    network.begin(8);
    let change = network.submitted(commander().submits(promotes("mainnet", build)));
    (network, change)
}

#[test]
fn a_window_is_announced_two_weeks_ahead_is_eight_hours_long_and_signed_after_its_latest_announcement() {
    let (mut network, change) = asked_for_mainnet();
    // When the next block stands, and so what the notice is counted from.
    let soonest = |network: &Network| network.at.time.plus(SECOND + NOTICE);
    let announced = |from: Timestamp, length: u64| commander().announces(change, from, from.plus(length));
    let (from, first) = (soonest(&network).minus(1), soonest(&network));
    let refusal = network.refused(announced(from, HOUR), "E_NOTICE");
    assert_eq!(refusal, Error::Rollouts(rollouts::Error::NoticeTooShort { from, soonest: first }));
    for length in [0, LONGEST_WINDOW + 1] {
        let from = soonest(&network);
        network.refused(announced(from, length), "E_WINDOW");
    }
    for _ in 0..2 {
        let from = soonest(&network);
        network.granted(announced(from, LONGEST_WINDOW));
        let unsigned = network.unmet(change).contains(&"mainnet.window_signed".to_owned());
        assert!(unsigned, "what was said before the latest announcement does not count");
        network.answer(change);
        assert_eq!(network.unmet(change), ["council.promote"]);
    }
    let third = soonest(&network);
    network.refused(announced(third, LONGEST_WINDOW), "E_WINDOW");
}

#[test]
fn mainnet_freezes_from_the_first_millisecond_of_its_window_until_its_audit_is_said() {
    let (mut network, change) = asked_for_mainnet();
    let from = soonest_window(&mut network, change);
    network.agreed(change);
    assert_eq!((network.label(change), network.frozen()), (ChangeLabel::Scheduled, None));
    network.ready_at(change, from.minus(2));
    let outside = network.ask_after(1, commander().executes(change));
    assert_eq!((code(&outside), network.frozen()), ("E_WINDOW", None), "a millisecond before it");
    let executed = network.ask_after(1, commander().executes(change));
    assert!(executed.is_ok(), "{executed:?}");
    assert_eq!((network.at.time, network.frozen(), network.label(change)), (from, Some(change), ChangeLabel::Frozen));
    network.take_step(change, "confirm");
    network.refused(commander().steps(change, "monitor"), "E_DEFERRED");
    assert_eq!(network.frozen(), Some(change));
    network.answer_only(change, &["close.audit"]);
    let audited = network.block(SECOND, &[]);
    let met_and_thawed = vec!["met", "met", "thawed"];
    assert_eq!((kinds(&audited.facts), network.frozen()), (met_and_thawed, None), "the audit, and the map as it is");
    assert_eq!(network.progress(change).state, ChangeState::Active);
    network.wait(DAY);
    network.take_step(change, "monitor");
    network.closed(change);
}

/// Announces the soonest window for a change, and gives its beginning.
fn soonest_window(network: &mut Network, change: ChangeId) -> Timestamp {
    let from = network.at.time.plus(SECOND + NOTICE);
    network.granted(commander().announces(change, from, from.plus(LONGEST_WINDOW)));
    from
}

#[test]
fn the_council_says_no_and_the_change_is_over_with_its_deposit_returned() {
    let (mut network, change) = asked_for_mainnet();
    let held = |network: &Network| accounts::queries::account(&network.state(), &commander().account()).held.0;
    assert!(held(&network) > 0);
    let decided = network.council(change, 2, Choice::No);
    assert_eq!(kinds(&decided.facts), ["ended"], "of five, three are not four");
    assert_eq!((network.label(change), held(&network)), (ChangeLabel::Rejected, 0));
    network.refused(commander().executes(change), "E_STATE");
}
