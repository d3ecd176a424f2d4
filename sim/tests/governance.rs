//! The simulation of votes under attack: what holds holds, what is broken is found, and a seed gives one trace.

use primitives::{Amount, TrackName};
use sim::futures::{Future, play};
use sim::governance::strategy::StrategyName;
use sim::governance::{Governance, Options, Outcome, Plan, properties};
use sim::network::Network;
use sim::run::Simulation;
use std::collections::BTreeSet;
use std::ops::Range;
use std::process::Command;

/// Fewer epochs and seeds than by default, which take minutes: 12 seeds of 250 epochs.
const EPOCHS: u64 = 250;
const SEEDS: Range<u64> = 0..12;

fn options() -> Options {
    Options { epochs: EPOCHS, ..Options::default() }
}

fn simulation(options: &Options, broken: Option<&str>) -> Governance {
    Governance::new(options, Network::small(), broken).unwrap()
}

fn futures(options: &Options, broken: Option<&str>, seeds: Range<u64>, threads: usize) -> Vec<Future<Outcome>> {
    play(&simulation(options, broken), seeds, threads, &|_| ())
}

fn broken(futures: &[Future<Outcome>]) -> BTreeSet<&'static str> {
    futures.iter().flat_map(|future| &future.broken).map(|broken| broken.property).collect()
}

#[test]
fn no_attacker_with_less_than_a_third_keeps_a_supported_motion_from_being_decided_and_each_strategy_bites() {
    let futures = futures(&options(), None, SEEDS, 2);
    for future in &futures {
        assert!(future.broken.is_empty(), "seed {}: {:?}", future.seed, future.broken[0].what);
        assert_eq!(future.outcome.epochs, EPOCHS);
        assert_eq!(future.outcome.decided.len() as u64, future.outcome.wanted, "seed {}", future.seed);
        assert!(future.outcome.full < future.outcome.blocks, "seed {}", future.seed);
    }
    assert!(futures.iter().any(|future| future.outcome.full > 0), "no block was full");
    let happened: BTreeSet<&str> = futures.iter().flat_map(|future| future.happened.iter().copied()).collect();
    for strategy in StrategyName::ALL {
        assert!(happened.contains(strategy.bite().name), "{strategy} never did what it is for");
    }
    let paid = futures.iter().flat_map(|future| future.outcome.attacks.values()).map(|attack| attack.fees).sum::<u64>();
    assert!(paid > 0, "attacks are not free");
}

#[test]
fn the_answer_has_a_sentence_for_each_question() {
    let simulation = simulation(&options(), None);
    let futures = play(&simulation, 0..2, 2, &|_| ());
    let outcomes: Vec<Outcome> = futures.into_iter().map(|future| future.outcome).collect();
    let answer = simulation.answer(&outcomes);
    assert_eq!(answer.questions.len(), 6);
    assert!(answer.questions.iter().all(|question| question.says.ends_with('.') && question.chart.is_some()));
}

#[test]
fn who_does_not_use_the_place_of_a_validator_is_kept_out() {
    let found = broken(&futures(&options(), Some("own-place-unused"), SEEDS, 2));
    assert!(found.contains(properties::KEPT_OUT.name), "{found:?}");
}

#[test]
fn a_quorum_of_a_fifth_lets_pass_what_nobody_wants() {
    let found = broken(&futures(&options(), Some("quorum-lowered"), SEEDS, 2));
    assert!(found.contains(properties::UNSUPPORTED.name), "{found:?}");
}

#[test]
fn beyond_a_third_of_the_stake_urgent_motions_are_stopped() {
    let beyond = Options { attacker_percent: 40, beyond_a_third: true, ..options() };
    let found = broken(&futures(&beyond, None, 0..2, 2));
    assert!(found.contains(properties::UNDECIDED.name), "{found:?}");
    assert!(!found.contains(properties::LAWS.name) && !found.contains(properties::STAKELESS.name), "{found:?}");
}

#[test]
fn a_seed_gives_one_trace_on_one_thread_and_on_two() {
    let short = Options { epochs: 80, ..options() };
    let traces = |threads| -> Vec<String> {
        futures(&short, None, 0..3, threads).into_iter().map(|future| future.trace).collect()
    };
    let once = traces(1);
    assert_eq!(once, traces(1));
    assert_eq!(once, traces(2));
    assert_eq!(once.iter().collect::<BTreeSet<_>>().len(), once.len(), "seeds differ");
}

#[test]
fn one_strategy_can_be_played_alone() {
    let only = Options { epochs: 80, strategy: Some(StrategyName::Full), ..options() };
    let simulation = simulation(&only, None);
    assert_eq!(simulation.properties().len(), properties::NEVER.len() + 1);
    let futures = play(&simulation, 0..2, 2, &|_| ());
    let played: BTreeSet<_> = futures.iter().flat_map(|future| future.outcome.attacks.keys().copied()).collect();
    assert_eq!(played, BTreeSet::from([StrategyName::Full]));
}

#[test]
fn a_plan_has_simpler_plans_until_nothing_is_left_of_it() {
    let plan = sim::governance::Plan::draw(&mut sim::chance::Chance::of(7), EPOCHS, &StrategyName::ALL);
    let size = |plan: &Plan| plan.motions.len() as u64 + plan.campaigns.len() as u64 + plan.epochs;
    assert!(!plan.motions.is_empty() && !plan.campaigns.is_empty());
    let mut smallest = plan;
    while let Some(next) = smallest.simpler().into_iter().min_by_key(size) {
        assert!(size(&next) < size(&smallest));
        smallest = next;
    }
    assert!(smallest.motions.is_empty() && smallest.campaigns.is_empty());
}

#[test]
fn what_cannot_be_is_refused_with_what_to_change() {
    let refused = |options: Options, broken: Option<&str>| {
        Governance::new(&options, Network::small(), broken).err().unwrap().to_string()
    };
    let third = refused(Options { attacker_percent: 34, ..options() }, None);
    assert!(third.contains("--beyond-a-third"), "{third}");
    let all = refused(Options { attacker_percent: 100, beyond_a_third: true, ..options() }, None);
    assert!(all.contains("name 1 to 90"), "{all}");
    let few = refused(Options { epochs: 3, ..options() }, None);
    assert!(few.contains("--epochs is 3; name 40 to 100,000"), "{few}");
    let rule = refused(options(), Some("no-such-rule"));
    assert!(rule.contains("own-place-unused, quorum-lowered"), "{rule}");
}

/// The built-in network, on which a routine motion is voted on for a hundred epochs.
fn slow() -> Network {
    let mut network = Network::small();
    network.genesis.staking.params.remembered_epochs = 300;
    let routine = &mut network.genesis.governance.params.routine;
    (routine.least_window, routine.most_window) = (100, 150);
    network
}

#[test]
fn a_future_has_room_for_the_longest_vote_of_the_network_or_is_refused() {
    let with = |epochs| Governance::new(&Options { epochs, ..options() }, slow(), None);
    let refused = with(135).err().unwrap().to_string();
    assert!(refused.contains("--epochs is 135; name 136 to 100,000: a motion takes 101 epochs"), "{refused}");
    let futures = play(&with(136).unwrap(), 0..4, 2, &|_| ());
    let of_slow_track = |future: &Future<Outcome>| {
        future.outcome.decided.iter().any(|decided| decided.track == TrackName::Routine && decided.to_decide > 100)
    };
    assert!(futures.iter().any(of_slow_track));
}

#[test]
fn a_network_whose_votes_take_longer_than_is_played_is_refused_whatever_epochs_are_asked_for() {
    let mut endless = slow();
    let routine = &mut endless.genesis.governance.params.routine;
    (routine.least_window, routine.most_window) = (100_000, 150_000);
    for epochs in [EPOCHS, 100_000] {
        let refused =
            Governance::new(&Options { epochs, ..options() }, endless.clone(), None).err().unwrap().to_string();
        assert!(refused.starts_with("a motion takes 100,001 epochs on this network"), "{refused}");
        assert!(refused.contains("name a network (--genesis)") && !refused.contains("--epochs"), "{refused}");
    }
}

#[test]
fn what_nobody_can_pay_is_refused_before_nothing_happens() {
    let with = |change: fn(&mut Network)| {
        let mut network = Network::small();
        change(&mut network);
        Governance::new(&options(), network, None).err().unwrap().to_string()
    };
    let deposit = with(|network| network.genesis.governance.params.routine.deposit = Amount(u64::MAX / 8));
    assert!(deposit.contains("deposits of 2,305,843,009,213,693,951"), "{deposit}");
    let fee = with(|network| network.genesis.accounts.fees.per_byte = Amount(u64::MAX / 1_000_000));
    assert!(fee.contains("accounts.fees are lower"), "{fee}");
}

#[test]
fn the_program_refuses_what_cannot_be_with_code_2() {
    let output = Command::new(env!("CARGO_BIN_EXE_governance")).args(["--epochs", "10"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--epochs is 10; name 40 to 100,000") && output.stdout.is_empty(), "{said}");
}

#[test]
fn properties_are_named_in_words() {
    for property in simulation(&options(), None).properties() {
        let (words, letters) = (property.name.split(' ').count(), property.name.chars().count());
        assert!(words >= 3 && letters <= 60, "{:?} does not fit the table", property.name);
        assert!(property.meaning.starts_with(char::is_uppercase) && property.meaning.ends_with('.'), "{property:?}");
    }
}
