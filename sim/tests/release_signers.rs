//! The simulation of signers: what it must never see, what it must have seen, and that it can fail.

use clap::Parser;
use sim::futures::{Future, play, play_one};
use sim::network::Network;
use sim::release_signers::{DEFAULT_SEEDS, End, Options, Outcome, ReleaseSigners, Trick};
use sim::run::Simulation;
use std::collections::BTreeSet;
use std::process::Command;

/// What stands behind the name of the program.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

fn simulation(line: &str, broken: Option<&str>) -> anyhow::Result<ReleaseSigners> {
    let words = std::iter::once("release_signers").chain(line.split_whitespace());
    ReleaseSigners::new(&Line::try_parse_from(words)?.options, Network::small(), broken)
}

fn played(line: &str, seeds: std::ops::Range<u64>) -> Vec<Future<Outcome>> {
    play(&simulation(line, None).unwrap(), seeds, 2, &|_| {})
}

fn happened(futures: &[Future<Outcome>]) -> BTreeSet<&'static str> {
    futures.iter().flat_map(|future| future.happened.iter().copied()).collect()
}

fn require_unbroken(futures: &[Future<Outcome>]) {
    for future in futures {
        assert!(future.broken.is_empty(), "seed {}: {:?}", future.seed, future.broken);
    }
}

#[test]
fn nothing_breaks_on_forty_seeds_and_all_that_should_be_seen_is_seen() {
    let futures = played("", 0..40);
    require_unbroken(&futures);
    let expected = [
        "a release activates in time",
        "a roster changes while a proposal is open",
        "a thief is refused",
        "releases stop once too many keys are lost",
    ];
    assert_eq!(happened(&futures), BTreeSet::from(expected));
    let releases: u64 = futures.iter().map(|future| future.outcome.releases).sum();
    let in_time: u64 = futures.iter().map(|future| future.outcome.in_time).sum();
    assert!(releases > 1_000 && in_time * 2 > releases, "{in_time} of {releases}: the honest path is the usual one");
}

#[test]
fn a_planned_roster_comes_into_force_by_a_motion_or_is_there_from_the_beginning() {
    let (by_motion, from_the_beginning) =
        (played("--threshold 3 --signers 5", 0..10), played("--threshold 3 --signers 5 --change-at 0", 0..10));
    require_unbroken(&by_motion);
    require_unbroken(&from_the_beginning);
    assert!(by_motion.iter().any(|future| future.outcome.planned_since.is_some_and(|epoch| epoch >= 5)));
    assert!(from_the_beginning.iter().all(|future| future.outcome.planned_since == Some(0)));
    assert!(
        from_the_beginning.iter().any(|future| future.outcome.stopped_with >= Some(3)),
        "three of five remain, then two"
    );
}

/// Nobody comes, goes or is away: everything is in time, and what may be lost is what the roster has to spare.
#[test]
fn in_a_quiet_year_every_release_is_in_time_and_two_of_three_can_spare_one_key() {
    let calm = "--lost-keys-per-year 0 --joins-per-year 0 --leaves-per-year 0 --stolen-keys 0 --offline-percent 0 \
                --slow-percent 0 --quiet-percent 0";
    let futures = played(calm, 0..3);
    require_unbroken(&futures);
    for Future { outcome, .. } in &futures {
        assert!(outcome.releases > 40 && outcome.in_time == outcome.releases, "{outcome:?}");
        assert_eq!((outcome.stopped_with, outcome.stranded_since, outcome.rosters), (Some(2), None, 0));
    }
}

#[test]
fn where_more_keys_are_lost_than_replaced_releases_stop() {
    let futures = played("--lost-keys-per-year 60 --notice-after 40 --stolen-keys 0", 0..5);
    require_unbroken(&futures);
    assert!(futures.iter().all(|future| future.outcome.stranded_since.is_some()));
    let answer = simulation("", None).unwrap().answer(&outcomes(&futures));
    assert!(answer.questions.iter().any(|question| question.says.contains("in 5 of 5 futures (100")));
}

#[test]
fn t12_a_thief_with_all_keys_comes_to_a_vote_and_no_further() {
    let futures = played("--stolen-keys 3 --lost-keys-per-year 0 --leaves-per-year 0", 0..40);
    require_unbroken(&futures);
    let attempts: Vec<_> = futures.iter().flat_map(|future| &future.outcome.attempts).collect();
    let forged = || attempts.iter().filter(|attempt| attempt.trick != Trick::TakeOut);
    assert!(forged().all(|attempt| attempt.end != End::Succeeded));
    assert!(forged().any(|attempt| attempt.keys >= 2 && attempt.end == End::VotedDown));
    assert!(forged().filter(|attempt| attempt.keys < 2).all(|attempt| attempt.end == End::Refused));
}

#[test]
fn skipped_quorums_are_caught_within_the_default_seeds() {
    let broken = simulation("", Some("quorum-skipped")).unwrap();
    let catches = |first: &u64| {
        let futures = play(&broken, *first..first + 10, 2, &|_| {});
        futures.iter().any(|future| future.broken.iter().any(|one| one.property == "no approval without its quorum"))
    };
    let caught = (0..DEFAULT_SEEDS).step_by(10).find(catches);
    assert!(caught.is_some(), "a simulator that cannot fail is none");
    assert_eq!(
        simulation("", Some("gravity")).unwrap_err().to_string(),
        "there is no rule \"gravity\" to break here; there is: quorum-skipped"
    );
}

#[test]
fn two_plays_of_a_seed_give_the_same_trace_on_one_and_on_two_threads() {
    let simulation = simulation("--epochs 30", None).unwrap();
    let [one, two] = [1, 2].map(|threads| play(&simulation, 0..6, threads, &|_| {}));
    let traces = |futures: &[Future<Outcome>]| futures.iter().map(|future| future.trace.clone()).collect::<Vec<_>>();
    assert_eq!(traces(&one), traces(&two));
    assert_eq!(traces(&one).iter().collect::<BTreeSet<_>>().len(), 6, "each seed is another future");
    let (again, lines, plan) = play_one(&simulation, 3, true);
    assert_eq!(again.trace, one[3].trace);
    assert!(!lines.is_empty() && plan.epochs == 30);
}

#[test]
fn simpler_plans_are_simpler() {
    let simulation = simulation("--epochs 30", None).unwrap();
    let (_, _, plan) = play_one(&simulation, 0, false);
    let weight = |plan: &sim::release_signers::Plan| serde_json::to_string(plan).unwrap().len() as u64 + plan.epochs;
    let simpler = simulation.simpler(&plan);
    assert!(simpler.len() > 10);
    assert!(simpler.iter().all(|other| weight(other) < weight(&plan)));
}

fn outcomes(futures: &[Future<Outcome>]) -> Vec<Outcome> {
    futures.iter().map(|future| future.outcome.clone()).collect()
}

#[test]
fn the_answer_counts_what_the_futures_came_to() {
    let simulation = simulation("", None).unwrap();
    let outcome = |releases, in_time, stopped_with| Outcome {
        releases,
        in_time,
        late: 1,
        took: vec![3; in_time as usize],
        stopped_with: Some(stopped_with),
        ..Outcome::default()
    };
    let answer = simulation.answer(&[outcome(10, 9, 2), outcome(10, 6, 1)]);
    let says = |asks: &str| &answer.questions.iter().find(|question| question.asks.contains(asks)).unwrap().says;
    assert!(says("in time").starts_with("Of 20 releases 75"), "{}", says("in time"));
    assert!(says("may be lost").contains("with number 1 in the worst; 0 of 2 had stopped"), "{}", says("may be lost"));
    assert!(says("strand").contains("enough keys lived in all 2 futures"), "{}", says("strand"));
    assert!(simulation.answer(&[]).questions.iter().all(|question| !question.says.is_empty()));
}

#[test]
fn numbers_that_cannot_be_are_refused_with_a_sentence() {
    for (line, says) in [
        ("--threshold 4 --signers 3", "3 signers cannot give 4 signatures; give --threshold a number from 1 to 3"),
        ("--threshold 0", "3 signers cannot give 0 signatures"),
        ("--signers 0", "a roster has 1 to 32 signers, and 0 are planned"),
        ("--signers 33", "a roster has 1 to 32 signers, and 33 are planned"),
        ("--offline-percent 101", "101 percent is more than all; give --offline-percent a number from 0 to 100"),
        ("--window 0", "--window is 0; give it a number from 1 to 100"),
        ("--epochs 3", "give --epochs 5 or more"),
        ("--releases-per-year 105", "more than one in each epoch"),
        ("--stolen-keys 33", "give --stolen-keys a number from 0 to 32"),
    ] {
        let refused = simulation(line, None).unwrap_err().to_string();
        assert!(refused.contains(says), "{line}: {refused}");
    }
}

#[test]
fn the_program_refuses_them_with_code_2() {
    let run = |line: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_release_signers"));
        command.args(line.split_whitespace()).output().unwrap()
    };
    for line in ["--threshold 4 --signers 3", "--signers 0", "--offline-percent 101", "--seeds 1 --break gravity"] {
        let output = run(line);
        assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
        assert!(!output.stderr.is_empty(), "{line}");
    }
    let output = run("--seeds 1 --epochs 20 --json");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["simulation"], "release_signers");
}
