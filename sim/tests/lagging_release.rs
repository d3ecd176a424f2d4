//! The rules hold in many futures, what is to be seen in them is seen, and a rule that is broken is noticed.

use clap::Parser;
use sim::futures::{Future, play, play_one, play_plan};
use sim::lagging_release::{
    BACK_TO_REFUSED, DEFAULT_SEEDS, LaggingRelease, Options, Outcome, THIRD_CHANGES, UNAPPROVED,
};
use sim::network::Network;
use sim::property::{Kind, Property};
use sim::run::Simulation;
use sim::shrink::shrink;
use std::collections::BTreeSet;

/// How many futures are played here; the program itself plays [`DEFAULT_SEEDS`].
const SEEDS: u64 = 30;

#[derive(Parser)]
struct Given {
    #[command(flatten)]
    options: Options,
}

fn with(arguments: &[&str], broken: Option<&str>) -> anyhow::Result<LaggingRelease> {
    let given = Given::parse_from(["lagging_release"].iter().chain(arguments));
    LaggingRelease::new(&given.options, Network::small(), broken)
}

fn played(simulation: &LaggingRelease, seeds: u64, threads: usize) -> Vec<Future<Outcome>> {
    play(simulation, 0..seeds, threads, &|_| {})
}

/// The first of the default futures in which a property is broken.
fn caught(simulation: &LaggingRelease, property: &Property) -> Option<u64> {
    (0..DEFAULT_SEEDS).find(|seed| {
        let (future, ..) = play_one(simulation, *seed, false);
        future.broken.iter().any(|broken| broken.property == property.name)
    })
}

#[test]
fn nothing_is_broken_and_everything_is_seen() {
    let simulation = with(&["--nodes", "40"], None).unwrap();
    let futures = played(&simulation, SEEDS, 2);
    for future in &futures {
        assert!(future.broken.is_empty(), "seed {}: {:?}", future.seed, future.broken);
    }
    let happened: BTreeSet<&str> = futures.iter().flat_map(|future| future.happened.iter().copied()).collect();
    for property in simulation.properties().iter().filter(|property| property.kind == Kind::Sometimes) {
        assert!(happened.contains(property.name), "{} in none of {SEEDS} futures", property.name);
    }
    let outcomes: Vec<Outcome> = futures.into_iter().map(|future| future.outcome).collect();
    let answer = simulation.answer(&outcomes);
    assert!(answer.questions.iter().all(|question| !question.says.is_empty() && question.chart.is_some()));
    assert!(outcomes.iter().any(|outcome| outcome.of_stake.p99_s.is_some()));
    assert!(outcomes.iter().any(|outcome| outcome.without_first.is_some()));
}

#[test]
fn who_goes_back_without_asking_is_noticed() {
    let simulation = with(&[], Some("rollback-to-revoked")).unwrap();
    assert!(caught(&simulation, &BACK_TO_REFUSED).is_some());
}

#[test]
fn what_goes_on_past_its_notice_is_noticed() {
    let simulation = with(&["--nodes", "40"], Some("runs-past-notice")).unwrap();
    assert!(caught(&simulation, &UNAPPROVED).is_some());
}

#[test]
fn waves_without_a_bound_are_noticed_and_shown_by_a_smaller_plan() {
    let simulation = with(&["--nodes", "40"], Some("waves-without-bound")).unwrap();
    let seed = caught(&simulation, &THIRD_CHANGES).unwrap();
    let (_, _, plan) = play_one(&simulation, seed, false);
    let smaller = shrink(&simulation, seed, plan.clone(), THIRD_CHANGES.name, 40);
    let (future, _) = play_plan(&simulation, seed, &smaller, false);
    assert!(future.broken.iter().any(|broken| broken.property == THIRD_CHANGES.name));
    assert!(smaller.nodes < plan.nodes, "{smaller:?}");
}

/// What a supervisor does that goes by the block from before its fetch: those of the first wave change when their fetch ends, in
/// whatever wave's turn that is.
#[test]
fn o37_a_turn_by_the_block_from_before_a_fetch_is_noticed() {
    let simulation = with(&["--nodes", "40", "--mirror-kib-per-second", "2048"], Some("turn-by-an-old-block")).unwrap();
    assert!(caught(&simulation, &THIRD_CHANGES).is_some());
}

#[test]
fn the_same_happens_on_one_thread_and_on_two() {
    let simulation = with(&["--nodes", "30"], None).unwrap();
    let traces = |threads| played(&simulation, 8, threads).into_iter().map(|future| future.trace).collect::<Vec<_>>();
    let one = traces(1);
    assert_eq!(one, traces(2));
    assert_eq!(one.iter().collect::<BTreeSet<_>>().len(), one.len(), "each seed is another future");
}

#[test]
fn a_mirror_that_fails_makes_it_take_longer() {
    let arguments = "--nodes 60 --bad 0 --revoke 0 --lies 0 --outages 0 --crashes 0 --full-disks 0 --peer-kib-per-second 0 \
                     --without-first 100";
    let simulation = with(&arguments.split_whitespace().collect::<Vec<_>>(), None).unwrap();
    for future in played(&simulation, 3, 2) {
        assert!(future.broken.is_empty(), "seed {}: {:?}", future.seed, future.broken);
        let outcome = future.outcome;
        let without = outcome.without_first.unwrap();
        let times = (outcome.of_nodes.p90_s.unwrap(), without.of_nodes.p90_s.unwrap());
        assert!(times.0 < times.1, "{times:?}");
        assert!(outcome.bytes_of_mirrors.iter().all(|bytes| *bytes > 0), "{:?}", outcome.bytes_of_mirrors);
    }
}

#[test]
fn numbers_that_cannot_be_are_refused_with_what_can() {
    for (arguments, says) in [
        ("--nodes 0", "give --nodes a number from 1 to 10000"),
        ("--nodes 3", "give --nodes at least 7, or fewer --validators"),
        ("--validators 101 --nodes 200", "give --validators a number from 1 to 100"),
        ("--mirrors 3 --mirror-kib-per-second 1,2", "give it one, or one for each"),
        ("--mirrors 0", "give --mirrors at least 1"),
        ("--bad 101", "give --bad a number from 0 to 100"),
        ("--wave-distance 0", "--wave-distance is 0; give it a number from 1 to 86400"),
        ("--mirror-kib-per-second 0", "--mirror-kib-per-second is 0; give it a number from 1 to 1048576"),
        ("--slow-mirror 0", "--slow-mirror is 0; give it a number from 1 to 1048576"),
        ("--least-kib-per-second 0", "--least-kib-per-second is 0; give it a number from 1 to 1048576"),
        ("--size-mib 0", "--size-mib is 0; give it a number from 1 to 4096"),
        ("--pause-at-failed-percent 0", "give it a number from 1 to 100"),
    ] {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let refused = with(&arguments, None).unwrap_err().to_string();
        assert!(refused.contains(says), "{arguments:?}: {refused}");
    }
    let refused = with(&[], Some("gravity")).unwrap_err().to_string();
    assert!(
        refused.contains("rollback-to-revoked, waves-without-bound, turn-by-an-old-block, runs-past-notice"),
        "{refused}"
    );
}
