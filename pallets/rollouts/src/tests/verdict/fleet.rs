//! The fleet: what nodes advertise, held against what the chain has, and the chain's own map against the profile.

use super::scene::{ANN, BEN, CHANGE, DAN, Scene, asking};
use crate::change::{ChangeState, DutyState, OwedDuty};
use crate::check::{Ask, FleetProfile};
use crate::plan::{ListOf, Missed};
use crate::plans::FIRST_CHANGE;
use crate::storage::LIVE;
use crate::tests::sample::{list, name};
use crate::verdict::{EMPTY_SEGMENT, FindingState};
use flags::{Disabled, Gate};
use primitives::{AccountId, BuildHash, Digest, Epoch, Fraction, Path};
use releases::Advertisement;
use state::{Apply, Memory};

/// The bits of the gates that are on at development.
const ON: u64 = 0b1111;

fn fleet(profile: FleetProfile, numerator: u32, fresh: bool, bundle: bool) -> Ask {
    Ask::Fleet { profile, share: Fraction::new(numerator, 10).unwrap(), fresh, bundle }
}

fn advertise(scene: &mut Scene<'_>, node: AccountId, edit: impl FnOnce(&mut Advertisement)) {
    let mut advertisement = Advertisement {
        channel: name("development"),
        gates: ON,
        known: u64::MAX,
        held: 0,
        bundle: Digest([1; 32]),
        build: BuildHash([5; 32]),
    };
    edit(&mut advertisement);
    releases::Event::Advertised { node, advertisement }.apply(&mut scene.state, scene.at);
}

#[test]
fn the_power_that_sees_what_the_chain_has_is_enough_at_the_share_and_not_below() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", fleet(FleetProfile::Current, 8, false, true))]);
    advertise(&mut scene, ANN, |_| {});
    advertise(&mut scene, DAN, |_| {});
    advertise(&mut scene, BEN, |said| said.bundle = Digest([2; 32]));
    let finding = scene.ask("asked");
    assert_eq!((finding.state, finding.have.as_str()), (FindingState::Missing, "70 percent of the power"));
    assert_eq!(finding.missing, [BEN.to_string()]);
    advertise(&mut scene, BEN, |_| {});
    advertise(&mut scene, DAN, |said| said.gates = 0);
    let finding = scene.ask("asked");
    assert_eq!((finding.state, finding.measured), (FindingState::Met, true));
    assert_eq!(finding.missing, [DAN.to_string()]);
}

#[test]
fn what_is_advertised_in_the_epoch_before_the_submission_is_not_fresh() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", fleet(FleetProfile::Current, 5, true, false))]);
    let mut change = scene.change();
    change.created.epoch = Epoch(7);
    crate::storage::CHANGES.set(&mut scene.state, &CHANGE, &change);
    for (epoch, state) in [(6, FindingState::Missing), (7, FindingState::Met), (8, FindingState::Met)] {
        scene.at.epoch = Epoch(epoch);
        advertise(&mut scene, ANN, |_| {});
        assert_eq!(scene.ask("asked").state, state, "epoch {epoch}");
    }
}

#[test]
fn before_a_promotion_nodes_know_what_it_turns_on_and_hold_none_of_it_back() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", fleet(FleetProfile::Target, 5, false, false))]);
    let rewards = 1 << (Gate::TimetokeRewards as u32);
    let pruning = 1 << (Gate::Pruning as u32);
    for (known, held, state) in [
        (u64::MAX, 0, FindingState::Met),
        (u64::MAX, pruning, FindingState::Met),
        (u64::MAX, rewards, FindingState::Missing),
        (!rewards, 0, FindingState::Missing),
    ] {
        advertise(&mut scene, ANN, |said| (said.known, said.held) = (known, held));
        assert_eq!(scene.ask("asked").state, state, "{known:b} {held:b}");
    }
}

#[test]
fn an_emergency_is_drift_of_the_profile_and_of_no_node() {
    let memory = Memory::default();
    let checks = [
        asking("map", fleet(FleetProfile::Current, 0, false, false)),
        asking("nodes", fleet(FleetProfile::Current, 5, false, false)),
    ];
    let mut scene = Scene::with(&memory, checks);
    advertise(&mut scene, ANN, |_| {});
    assert_eq!((scene.ask("map").state, scene.ask("nodes").state), (FindingState::Met, FindingState::Met));
    let disabled = Disabled { since: scene.at, by: CHANGE };
    flags::apply::disable(&mut scene.state, &name("chain"), &name("pruning"), &Path::ROOT, &disabled);
    advertise(&mut scene, ANN, |said| said.gates = ON & !1);
    let (map, nodes) = (scene.ask("map"), scene.ask("nodes"));
    assert_eq!((map.state, map.missing), (FindingState::Missing, vec!["pruning".to_owned()]));
    assert_eq!(nodes.have, "50 percent of the power, and 1 flag is not as the profile says");
}

#[test]
fn a_stage_whose_values_are_not_written_is_not_the_profile() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", fleet(FleetProfile::Current, 0, false, false))]);
    scene.stand("testnet", scene.at, FIRST_CHANGE);
    let finding = scene.ask_from("asked", ListOf::Readiness);
    assert_eq!(finding.missing, ["malachite_consensus", "timetoke_rewards"]);
}

#[test]
fn a_network_of_nobody_meets_no_share() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", fleet(FleetProfile::Target, 5, false, false))]);
    scene.elect(0, &[]);
    assert_eq!(scene.ask("asked").code.as_str(), EMPTY_SEGMENT);
}

#[test]
fn what_is_live_asks_nodes_by_a_fleet_question_and_by_turning_the_quorum_on() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", fleet(FleetProfile::Current, 5, false, false))]);
    let asks = |scene: &Scene<'_>| crate::is_fleet_asked(&scene.state, scene.at);
    LIVE.insert(&mut scene.state, &(name("chain"), CHANGE));
    assert!(!asks(&scene), "without its cohort it cannot be carried out, and its list asks nothing of nodes");
    flags::apply::make_segment(&mut scene.state, &name("chain"), &name("cohort"));
    assert!(asks(&scene), "testnet decides by quorum");
    LIVE.remove(&mut scene.state, &(name("chain"), CHANGE));
    assert!(!asks(&scene), "nothing is live");
    LIVE.insert(&mut scene.state, &(name("chain"), CHANGE));
    let owes = |scene: &mut Scene<'_>, check: &str, state| {
        let (from, missed) = (scene.at, Missed::Block);
        let duty = OwedDuty { check: name(check), from, ends: None, missed, or_incident: false, state, poll: None };
        scene.edit(|progress| (progress.state, progress.duties) = (ChangeState::Active, list([duty])));
    };
    for (check, state, expected) in
        [("ci", DutyState::Owed, false), ("asked", DutyState::Owed, true), ("asked", DutyState::Met, false)]
    {
        owes(&mut scene, check, state);
        assert_eq!(asks(&scene), expected, "{check} {state}");
    }
}
