//! The simulation of a hostile network: what it must never see, what it must have seen, and that it can fail.

use clap::Parser;
use sim::consensus::{ConsensusOutcome, DEFAULT_SEEDS, HostileNetwork, HostileOptions};
use sim::futures::{Future, plan_of, play, play_one, play_plan};
use sim::links::Partition;
use sim::network::Network;
use sim::run::Simulation;
use sim::shrink::shrink;
use sim::world::Moment;
use std::collections::BTreeSet;

/// What stands behind the name of the program.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: HostileOptions,
}

fn simulation(line: &str, broken: Option<&str>) -> anyhow::Result<HostileNetwork> {
    let words = std::iter::once("consensus").chain(line.split_whitespace());
    HostileNetwork::new(&Line::try_parse_from(words)?.options, Network::small(), broken)
}

/// What those are told who ask for what cannot be played on a network.
fn refused(line: &str, network: Network) -> String {
    let words = std::iter::once("consensus").chain(line.split_whitespace());
    HostileNetwork::new(&Line::try_parse_from(words).unwrap().options, network, None).unwrap_err().to_string()
}

fn played(line: &str, seeds: std::ops::Range<u64>) -> Vec<Future<ConsensusOutcome>> {
    play(&simulation(line, None).unwrap(), seeds, 2, &|_| {})
}

fn require_unbroken(futures: &[Future<ConsensusOutcome>]) {
    for future in futures {
        assert!(future.broken.is_empty(), "seed {}: {:?}", future.seed, future.broken);
    }
}

/// The first seed among the default ones, up to a bound, on which a property breaks, and which one that is.
fn first_broken(simulation: &HostileNetwork, bound: u64) -> Option<(u64, &'static str)> {
    let futures = (0..bound.min(DEFAULT_SEEDS)).map(|seed| play_one(simulation, seed, false).0);
    futures.into_iter().find_map(|future| Some((future.seed, future.broken.first()?.property)))
}

/// Twenty of the default seeds; `make sim` plays all.
#[test]
fn nothing_breaks_on_twenty_seeds_and_all_that_should_be_seen_is_seen() {
    let futures = played("", 0..20);
    require_unbroken(&futures);
    let happened: BTreeSet<&str> = futures.iter().flat_map(|future| future.happened.iter().copied()).collect();
    let expected = [
        "a round above zero decides",
        "a validator that contradicted itself loses stake",
        "a validator restarts and catches up",
        "an epoch changes the set",
    ];
    assert_eq!(happened, BTreeSet::from(expected));
    assert!(futures.iter().all(|future| future.outcome.heights >= 50), "every future comes to its last block");
    let punished: usize = futures.iter().map(|future| future.outcome.punished_after.len()).sum();
    assert!(punished > 0 && futures.iter().map(|future| future.outcome.offences).sum::<u64>() >= punished as u64);
}

/// Few seeds and blocks: what is shown is that the size makes no difference.
#[test]
fn seven_and_forty_validators_agree_as_four_do() {
    require_unbroken(&played("--validators 7 --heights 30", 0..4));
    require_unbroken(&played("--validators 40 --heights 6", 0..1));
    require_unbroken(&played("--as-they-are --heights 20", 0..2));
}

#[test]
fn without_a_hostile_network_every_block_is_decided_at_once() {
    let futures = played("--byzantine 0 --partitions 0 --restarts 0 --heights 20", 0..3);
    require_unbroken(&futures);
    for future in futures {
        let rounds = future.outcome.rounds;
        assert!(rounds[0] >= 18, "{rounds:?}");
    }
}

#[test]
fn a_double_vote_that_nobody_punishes_is_seen() {
    let simulation = simulation("", Some("double-vote-unpunished")).unwrap();
    let (_, property) = first_broken(&simulation, 40).expect("no seed shows it");
    assert_eq!(property, "evidence ends on chain");
}

/// Blocks come before an epoch ends, and a light client follows none of them.
#[test]
fn a_certificate_in_the_middle_of_an_epoch_that_does_not_verify_is_seen() {
    let simulation = simulation("--heights 5", Some("certificate-cut-short")).unwrap();
    let future = play_one(&simulation, 0, false).0;
    let broken = future.broken.first().expect("nothing is seen");
    assert_eq!(broken.property, "light clients follow");
    assert!(broken.what.contains("to height 1 ") && broken.what.contains("does not verify"), "{}", broken.what);
}

#[test]
fn a_machine_that_ends_by_itself_is_seen_with_what_ended_it() {
    let simulation = simulation("", Some("key-refuses")).unwrap();
    let future = play_one(&simulation, 0, false).0;
    let broken = future.broken.first().expect("nothing is seen");
    assert_eq!(broken.property, "no honest validator ends by itself");
    assert!(broken.what.contains("its key refuses to sign"), "{}", broken.what);
    assert_eq!(future.outcome.heights, 0);
}

/// One of four equal validators, and the one that may become another, are cut off or not: three go on all the same.
#[test]
fn only_cuts_that_stopped_the_chain_are_counted_as_healed() {
    let simulation = simulation("--byzantine 0 --restarts 0 --heights 30", None).unwrap();
    let run = |apart: Vec<usize>| {
        let mut plan = plan_of(&simulation, 0);
        plan.partitions = vec![Partition { from: Moment(3_000_000), until: Moment(9_000_000), apart }];
        (plan.crashes, plan.moves, plan.jumps) = Default::default();
        let outcome = play_plan(&simulation, 0, &plan, false).0.outcome;
        (outcome.healing_ms.len(), outcome.idle_cuts)
    };
    assert_eq!((run(vec![0]), run(vec![0, 4]), run(vec![4])), ((0, 1), (0, 1), (0, 1)));
    assert_eq!((run(vec![0, 1]), run(vec![2, 3, 4])), ((1, 0), (1, 0)));
}

#[test]
fn a_lock_on_a_third_forks_and_the_plan_that_shows_it_is_made_small() {
    let simulation = simulation("", Some("lock-on-a-third")).unwrap();
    let forks = |future: &Future<ConsensusOutcome>| future.broken.iter().any(|broken| broken.property == "no fork");
    let mut seeds = (0..40.min(DEFAULT_SEEDS)).map(|seed| play_one(&simulation, seed, false).0);
    let seed = seeds.find(forks).expect("no seed forks").seed;
    let plan = plan_of(&simulation, seed);
    let small = shrink(&simulation, seed, plan.clone(), "no fork", 60);
    assert!(small.heights <= plan.heights && small.partitions.len() <= plan.partitions.len());
    assert!(simulation.simpler(&small).len() <= simulation.simpler(&plan).len());
}

#[test]
fn a_third_of_dishonest_power_is_refused_and_played_only_when_it_is_asked_for() {
    let refused = |line: &str| refused(line, Network::small());
    let too_many = refused("--byzantine 2");
    assert!(too_many.contains("up to 1") && too_many.contains("--beyond-a-third"), "{too_many}");
    assert!(simulation("--byzantine 2 --beyond-a-third", None).is_ok());
    for (line, advice) in [
        ("--validators 3", "from 4 to 40"),
        ("--validators 41", "from 4 to 40"),
        ("--heights 0", "from 1 to 10000"),
        ("--epoch-length 1", "from 2 to 1000"),
        ("--partitions 101", "from 0 to 100"),
        ("--byzantine 4 --beyond-a-third", "give --byzantine less"),
        ("--byzantine 1 --beyond-a-third", "give --byzantine a number from 2 to 3, or leave --beyond-a-third out"),
        ("--byzantine 0 --beyond-a-third", "would change nothing"),
    ] {
        let told = refused(line);
        assert!(told.contains(advice), "{line}: {told}");
    }
    let unknown = simulation("", Some("anything")).unwrap_err().to_string();
    assert!(unknown.contains("double-vote-unpunished, lock-on-a-third"), "{unknown}");
}

#[test]
fn dishonest_ones_beyond_a_third_have_it_in_every_future_also_where_powers_differ() {
    let simulation = simulation("--as-they-are --byzantine 2 --beyond-a-third", None).unwrap();
    let powers = Network::small().validators;
    for seed in 0..50 {
        let dishonest = plan_of(&simulation, seed).dishonest;
        let power: u64 = dishonest.iter().map(|one| powers[one.place]).sum();
        assert_eq!(dishonest.len(), 2);
        assert!(power * 3 >= powers.iter().sum::<u64>(), "seed {seed}: {dishonest:?}");
    }
}

#[test]
fn a_network_of_too_few_validators_is_told_of_an_option_that_helps_it() {
    let network = Network::small().with_validators(&[2_000_000, 1_000_000, 1_000_000]);
    let told = refused("--as-they-are", network.clone());
    assert!(told.contains("in the place of --as-they-are give --validators a number from 4 to 40"), "{told}");
    let words = ["consensus", "--as-they-are", "--validators", "4"];
    assert!(Line::try_parse_from(words).is_err(), "both at once are no help");
    let words = ["consensus", "--validators", "4"];
    HostileNetwork::new(&Line::try_parse_from(words).unwrap().options, network, None).unwrap();
}

#[test]
fn a_seed_is_one_future_on_one_thread_and_on_two() {
    let simulation = simulation("--heights 20", None).unwrap();
    let traces = |threads| -> Vec<String> {
        play(&simulation, 3..7, threads, &|_| {}).into_iter().map(|future| future.trace).collect()
    };
    let (one, two) = (traces(1), traces(2));
    assert_eq!(one, two);
    assert_eq!(one.iter().collect::<BTreeSet<_>>().len(), one.len(), "seeds differ");
    let (future, lines, _) = play_one(&simulation, 3, true);
    assert_eq!(future.trace, one[0], "being looked at changes nothing");
    assert!(lines.iter().any(|line| line.contains(" commits ")));
}
