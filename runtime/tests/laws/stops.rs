//! The law of what stops builds, with motions about little else.

use crate::actions::{Action, Subject, build, ending, seen_through, small_network, who};
use crate::network::*;
use governance::{Choice, TrackName};
use primitives::{BuildHash, Digest, Epoch};
use proptest::prelude::*;
use releases::ApprovedRelease;
use runtime::{Cause, Event, Motion};
use state::{Apply, Memory, State};
use std::collections::{BTreeMap, BTreeSet};

/// Follows a block's facts one by one, and asks after each what became of the stops that were decided before it, and of what each
/// build is asked when it boots. Gives what moved a stop, and what said another source.
pub fn h10_no_routine_vote_brings_a_stop_nearer(before: &Memory, done: &Done) -> Vec<String> {
    let mut state = State::over(before);
    let at = done.context.moment(&state);
    let mut moves = Vec::new();
    for fact in &done.executed.facts {
        let Ok(Event::Releases(event)) = &fact.outcome else { continue };
        let (was, asked) = (stops(&state), sources(&state, ApprovedRelease::boots_from));
        let said = sources(&state, |build| build.manifest.source_hash);
        event.apply(&mut state, at);
        let is = stops(&state);
        let asks = sources(&state, ApprovedRelease::boots_from);
        let stopped = asked.iter().find(|(hash, asked)| asks[*hash].is_some() && asks[*hash] != **asked);
        assert_eq!(stopped, None, "whoever runs it does not come up again: {fact:?}");
        let says = sources(&state, |build| build.manifest.source_hash);
        if said.iter().any(|(hash, said)| says[hash] != *said) {
            let name: &'static str = event.into();
            moves.push(format!("{name} another source"));
        }
        if was.iter().all(|(hash, was)| is[hash] == *was) {
            continue;
        }
        let sooner = |is: Option<Epoch>, was: Option<Epoch>| is.is_some_and(|is| was.is_none_or(|was| is < was));
        let nearer = was.iter().any(|(hash, was)| sooner(is[hash], *was));
        let Cause::Proposal(id) = fact.cause else { panic!("without a vote: {fact:?}") };
        let track = governance::queries::proposal::<Motion>(&state, id).track;
        assert!(!nearer || track == TrackName::Expedited, "on the {track} track: {fact:?}");
        if nearer && matches!(event, releases::Event::SupportEnds { .. }) {
            two_thirds_run_what_stays(&state, at.epoch);
        }
        let name: &'static str = event.into();
        moves.push(format!("{name} {track} {}", if nearer { "nearer" } else { "later" }));
    }
    moves
}

/// The epoch from which each approved build no longer boots; none where none is decided.
fn stops(state: &State) -> BTreeMap<BuildHash, Option<Epoch>> {
    let builds = releases::queries::releases(state).map(|build| build.build_hash);
    builds.map(|hash| (hash, releases::queries::stop(state, &hash).map(|stop| stop.epoch))).collect()
}

/// A source for each approved build.
fn sources(state: &State, of: impl Fn(&ApprovedRelease) -> Option<Digest>) -> BTreeMap<BuildHash, Option<Digest>> {
    releases::queries::releases(state).map(|build| (build.build_hash, of(&build))).collect()
}

fn two_thirds_run_what_stays(state: &State, now: Epoch) {
    let set = staking::queries::validator_set(state, now);
    let stays = |hash: BuildHash| releases::queries::stop(state, &hash).is_none();
    let runs_what_stays =
        |member: &&staking::Validator| releases::queries::running(state, &member.account).is_some_and(stays);
    let power: u64 = set.validators.iter().filter(runs_what_stays).map(|member| member.power.0).sum();
    assert!(power * 3 >= set.total_power().0 * 2, "support ended for {power} of {:?}", set.total_power());
}

/// Three releases, the last of which every validator runs.
fn upgraded() -> Network {
    let mut network = Network::new(small_network());
    let by_all = |call: runtime::Call| (0..4).map(|index| (who(index), call.clone())).collect::<Vec<_>>();
    for (id, byte) in (1..).zip([1, 2]) {
        let call = propose(&network.genesis, build(byte), 2);
        network.block(&[(who(0), call)]);
        network.block(&[by_all(vote(id, Choice::Yes, None)), by_all(hold(build(byte)))].concat());
        let activation = network.epoch().0 + 2;
        network.until(activation);
    }
    network.block(&by_all(install(build(2))));
    network
}

fn everybody(action: Action) -> Vec<(usize, Action)> {
    (0..4).map(|index| (index, action.clone())).collect()
}

/// Proposals to stop builds, to put that off, to correct what is said of them, and for new releases; and what everybody votes
/// for, holds and installs meanwhile.
fn blocks() -> impl Strategy<Value = Vec<Vec<(usize, Action)>>> {
    let subject = prop_oneof![
        6 => ending(),
        1 => (1..5u8).prop_map(|hash| Subject::Revoke(vec![hash])),
        1 => (2..5u64).prop_map(Subject::RaiseMinimum),
        2 => (0..3usize).prop_map(|back| Subject::Amend { back, by: vec![0, 1] }),
    ];
    let track = prop_oneof![Just(TrackName::Expedited), Just(TrackName::Routine)];
    let motion = (subject, track, prop::option::of(1..4u64))
        .prop_map(|(subject, track, delay)| Action::ProposeMotion { subject, track, window: None, delay });
    let motion = motion.boxed();
    let asked = (0..4usize, motion.clone()).prop_map(|(by, motion)| vec![(by, motion)]);
    let (track, window, delay, signers, sealed) = (TrackName::Routine, None, None, 2, false);
    let release = move |hash| vec![(0usize, Action::Propose { hash, track, window, delay, signers, sealed })];
    let ballots = |back| {
        let vote = Action::Vote { back, choice: Choice::Yes, reason: None };
        [everybody(vote), everybody(Action::Hold { back })].concat()
    };
    let installs = prop_oneof![
        3 => Just(Action::InstallLatest),
        1 => (1..4u8).prop_map(|hash| Action::Ask(install(build(hash)))),
    ];
    let block = prop_oneof![
        6 => asked,
        1 => (3..6u8).prop_map(release),
        8 => (0..3u64).prop_map(ballots),
        3 => installs.prop_map(everybody),
    ];
    let scenes = prop_oneof![6 => block.prop_map(|block| vec![block]), 1 => seen_through(motion)];
    prop::collection::vec(scenes, 10..36).prop_map(|scenes| scenes.concat())
}

/// Makes a block and holds it to the law.
fn follow(network: &mut Network, asked: &[(usize, Action)]) -> Vec<String> {
    let asked = crate::calls(network, asked);
    let before = network.memory().clone();
    let done = network.block(&asked);
    h10_no_routine_vote_brings_a_stop_nearer(&before, &done)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn h10_a_stop_comes_nearer_by_the_high_bar_alone(blocks in blocks()) {
        let mut network = upgraded();
        for asked in blocks {
            follow(&mut network, &asked);
        }
    }
}

/// The law means something only where stops are moved, both ways.
#[test]
fn h10_the_random_motions_move_stops_both_ways() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut moves = BTreeSet::new();
    for _ in 0..600 {
        let mut network = upgraded();
        for asked in blocks().new_tree(&mut runner).unwrap().current() {
            moves.extend(follow(&mut network, &asked));
        }
    }
    let expected = [
        "releases.amended another source",
        "releases.minimum_sequence_raised expedited nearer",
        "releases.revoked expedited nearer",
        "releases.support_ends expedited nearer",
        "releases.support_ends routine later",
    ];
    assert!(expected.iter().all(|one| moves.contains(*one)), "{moves:?}");
}
