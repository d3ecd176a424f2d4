//! The simulation of signers: what it must never see, what it must have seen, and that it can fail.

use clap::Parser;
use sim::answer::{Answer, Chart, Question};
use sim::futures::{Future, play, play_one, play_plan};
use sim::network::Network;
use sim::release_signers::{
    Attempt, DEFAULT_SEEDS, End, Happening, Options, Outcome, Plan, ReleaseSigners, Trick, Waits, What,
};
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

/// A plan in which only this happens, each thing in its epoch, and keys are lost in the end.
fn plan(epochs: u64, happenings: &[(u64, What)]) -> Plan {
    let happening = |(epoch, what): &(u64, What)| Happening { epoch: *epoch, what: what.clone() };
    Plan { epochs, happenings: happenings.iter().map(happening).collect(), lost_in_the_end: vec![0; 33] }
}

fn asked<'a>(answer: &'a Answer, asks: &str) -> &'a Question {
    answer.questions.iter().find(|question| question.asks.contains(asks)).unwrap()
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

/// The planned roster has five signers and is there as soon as it comes into force, though a sixth is to join by then:
/// after its proposal, or before, where nobody was up to propose it, and then with it.
#[test]
fn a_planned_roster_is_in_force_also_where_somebody_joins_meanwhile() {
    let simulation = simulation("--threshold 3 --signers 5", None).unwrap();
    let mut happenings = vec![(2, What::Change { threshold: 3, signers: 5 }), (3, What::Joins)];
    let played = |happenings: &[(u64, What)]| {
        let (future, _) = play_plan(&simulation, 0, &plan(20, happenings), false);
        require_unbroken(std::slice::from_ref(&future));
        (future.outcome.planned_since, future.outcome.rosters)
    };
    assert_eq!(played(&happenings), (Some(5), 2), "the roster with the sixth comes after it");
    happenings.extend((0..7).map(|validator| (2, What::Offline { validator, epochs: 1 })));
    assert_eq!(played(&happenings), (Some(6), 1));
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

/// The same keys that bring the next roster to a vote bring no other: the version alone is what is refused.
#[test]
fn t5_a_roster_that_is_not_the_next_one_comes_to_no_vote_whoever_signs_it() {
    let tricks = [Trick::Roster, Trick::RosterThatSkips, Trick::RosterAgain];
    let mut happenings = vec![(2, What::KeysStolen { rank: 0, keys: 3 })];
    happenings.extend(tricks.map(|trick| (3, What::Thief { trick })));
    let simulation = simulation("--notice-after 5", None).unwrap();
    let (future, lines) = play_plan(&simulation, 0, &plan(10, &happenings), true);
    require_unbroken(std::slice::from_ref(&future));
    let ends: Vec<_> =
        future.outcome.attempts.iter().map(|attempt| (attempt.trick, attempt.keys, attempt.end)).collect();
    let expected = tricks.into_iter().zip([End::VotedDown, End::Refused, End::Refused]);
    assert_eq!(ends, expected.map(|(trick, end)| (trick, 3_u64, end)).collect::<Vec<_>>());
    for version in [3, 1] {
        let refused = format!("the roster has version {version}, and the next one is 2");
        assert!(lines.iter().any(|line| line.contains(&refused)), "{refused}: {lines:#?}");
    }
    let futures = played("", 0..40);
    let attempts = || futures.iter().flat_map(|future| &future.outcome.attempts);
    for trick in [Trick::RosterThatSkips, Trick::RosterAgain] {
        assert!(attempts().any(|attempt| attempt.trick == trick && attempt.keys >= u64::from(attempt.threshold)));
    }
}

/// Three leave one after the other, and who comes in their place is there in the end: one key can be spared, as before.
#[test]
fn who_leaves_is_replaced() {
    let happenings = [5, 15, 25].map(|epoch| (epoch, What::Leaves { rank: 0 }));
    let (future, _) = play_plan(&simulation("", None).unwrap(), 0, &plan(35, &happenings), false);
    require_unbroken(std::slice::from_ref(&future));
    assert_eq!((future.outcome.rosters, future.outcome.stopped_with), (3, Some(2)));
}

/// Two of three keys are lost at once, and nobody is left to approve another roster; or they are lost one after the
/// other, the second one while a roster without the first is on its way.
#[test]
fn a_network_is_stranded_to_the_end_or_until_a_roster_comes_that_was_on_its_way() {
    let simulation = simulation("--notice-after 1", None).unwrap();
    let lost = |epochs: [u64; 2]| {
        let happenings = epochs.map(|epoch| (epoch, What::KeyLost { rank: 0 }));
        let (future, _) = play_plan(&simulation, 0, &plan(20, &happenings), false);
        require_unbroken(std::slice::from_ref(&future));
        future.outcome
    };
    let (at_once, one_by_one) = (lost([5, 5]), lost([5, 7]));
    assert_eq!((at_once.first_stranded, at_once.stranded_since), (Some(5), Some(5)));
    assert_eq!((one_by_one.first_stranded, one_by_one.stranded_since), (Some(7), None));
    let answer = simulation.answer(&[at_once, one_by_one.clone(), one_by_one]);
    let strand = asked(&answer, "strand");
    let says = "at some time in 3 of 3 futures (100.0 %), the soonest from epoch 5 on, and to the end in 1 (33.3 %)";
    assert!(strand.says.contains(says), "{}", strand.says);
    let Some(Chart::Bars { of, .. }) = &strand.chart else { panic!("{:?}", strand.chart) };
    assert_eq!(of.iter().map(|(_, futures)| *futures).collect::<Vec<_>>(), [3, 1]);
}

#[test]
fn skipped_quorums_and_skipped_signatures_are_caught_within_the_default_seeds() {
    for (rule, lacking) in [("quorum-skipped", "voted"), ("signatures-skipped", "of 2 signatures")] {
        let broken = simulation("", Some(rule)).unwrap();
        let catches = |first: &u64| {
            let futures = play(&broken, *first..first + 10, 2, &|_| {});
            let mut all = futures.iter().flat_map(|future| &future.broken);
            all.any(|one| one.property == "no approval without its quorum" && one.what.contains(lacking))
        };
        let caught = (0..DEFAULT_SEEDS).step_by(10).find(catches);
        assert!(caught.is_some(), "{rule}: a simulator that cannot fail is none");
    }
    assert_eq!(
        simulation("", Some("gravity")).unwrap_err().to_string(),
        "there is no rule \"gravity\" to break here; there is: quorum-skipped, signatures-skipped"
    );
    let refused = simulation("--threshold 1 --change-at 0", Some("signatures-skipped")).unwrap_err().to_string();
    assert!(refused.starts_with("the roster asks for one signature, so none can be skipped"), "{refused}");
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
    let weight = |plan: &Plan| serde_json::to_string(plan).unwrap().len() as u64 + plan.epochs;
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
        planned_since: Some(0),
        ..Outcome::default()
    };
    let answer = simulation.answer(&[outcome(10, 9, 2), outcome(10, 6, 1)]);
    let says = |asks: &str| &asked(&answer, asks).says;
    assert!(says("in time").starts_with("Of 20 releases 75"), "{}", says("in time"));
    assert!(says("may be lost").contains("with number 1 in the worst; 0 of 2 had stopped"), "{}", says("may be lost"));
    assert!(says("strand").contains("enough keys lived in all 2 futures"), "{}", says("strand"));
    assert!(simulation.answer(&[]).questions.iter().all(|question| !question.says.is_empty()));
}

/// How many keys sign makes no difference to a roster whose version is not the next one, and it does to the others.
#[test]
fn rosters_with_another_version_are_said_by_themselves() {
    let simulation = simulation("", None).unwrap();
    let asked_for = |tricks: &[(Trick, u64, End)]| {
        let attempt = |&(trick, keys, end): &(Trick, u64, End)| Attempt { trick, keys, threshold: 2, end };
        let attempts = tricks.iter().map(attempt).collect();
        let outcome = Outcome { stolen: 3, attempts, ..Outcome::default() };
        asked(&simulation.answer(&[outcome]), "get approved").clone()
    };
    let (roster, skips, again) = (Trick::Roster, Trick::RosterThatSkips, Trick::RosterAgain);
    let question = asked_for(&[
        (Trick::Approve, 1, End::Refused),
        (roster, 3, End::VotedDown),
        (skips, 3, End::Refused),
        (again, 3, End::Refused),
        (Trick::TakeOut, 3, End::Succeeded),
    ]);
    let says = "Of 2 attempts to have a foreign build or roster approved, the chain refused 1 at once, the vote rejected \
                1, and 0 succeeded; with fewer keys than the threshold, 0 came to a vote. 2 rosters with a version that \
                is not the next one were all refused.";
    assert_eq!(question.says, says);
    let Some(Chart::Lines { of, .. }) = &question.chart else { panic!("{:?}", question.chart) };
    let refused = of.iter().find(|(name, _)| name == "refused").unwrap();
    assert_eq!(refused.1, [(0, 0), (1, 1), (2, 0), (3, 0)]);
    let open = asked_for(&[(roster, 3, End::VotedDown), (skips, 3, End::Open), (again, 3, End::Refused)]);
    assert!(
        open.says.ends_with(" Of 2 rosters with a version that is not the next one, 1 were refused."),
        "{}",
        open.says
    );
    assert!(!asked_for(&[(roster, 3, End::VotedDown)]).says.contains("with a version"));
}

#[test]
fn what_had_stopped_before_a_key_was_lost_says_nothing_of_losses() {
    let simulation = simulation("", None).unwrap();
    let stopped = |with: &[u64]| {
        let outcome = |with: &u64| Outcome { stopped_with: Some(*with), ..Outcome::default() };
        asked(&simulation.answer(&with.iter().map(outcome).collect::<Vec<_>>()), "may be lost").clone()
    };
    let some = stopped(&[0, 2, 0, 3, 3, 0, 0]);
    let says = "key number 3 that is lost in half of the futures, and with number 2 in the worst; 4 of 7 had stopped";
    assert!(some.says.contains(says), "{}", some.says);
    let Some(Chart::Spread { of, .. }) = &some.chart else { panic!("{:?}", some.chart) };
    assert_eq!((of[0].1.least, of[0].1.count), (2, 3));
    let none = stopped(&[0, 0]);
    assert!(none.says.contains("before the first key was lost, in all 2 futures") && none.chart.is_none(), "{none:?}");
}

#[test]
fn what_releases_wait_for_is_counted_in_releases_alone() {
    let simulation = simulation("", None).unwrap();
    let waits = Waits { for_signatures: 4, for_votes: 1, ..Waits::default() };
    let answer = simulation.answer(&[Outcome { releases: 10, waits, ..Outcome::default() }]);
    let question = asked(&answer, "wait for");
    assert!(question.says.starts_with("Most often for this: too few signers at hand, which held up 4 of 10 releases"));
    let Some(Chart::Bars { unit, of }) = &question.chart else { panic!("{:?}", question.chart) };
    assert_eq!((*unit, of.len()), ("of the releases", 6));
    let futures = played("--lost-keys-per-year 60 --notice-after 40", 0..1);
    let Outcome { waits, releases, .. } = &futures[0].outcome;
    assert!((1..=*releases).contains(&waits.for_signatures), "{waits:?}: each release counts once, of {releases}");
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
