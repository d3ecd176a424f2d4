//! The simulation of a council: what it must never see, what it must have seen, and that it can fail.

use clap::Parser;
use sim::futures::{Future, facts_of, plan_of, play, play_one, play_plan};
use sim::network::Network;
use sim::rollouts::{Day, Happening, Options, Outcome, Plan, Rollouts, What};
use sim::run::Simulation;
use std::collections::BTreeSet;
use std::process::Command;

/// What stands behind the name of the program.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

/// Short futures in which much goes wrong.
const ROUGH: &str = "--days 24 --attendance-percent 60 --emergencies-per-month 16 --pauses-per-month 12 --down-percent 12 --partitions-per-month 8";

/// Nothing goes wrong, and everybody is there every day.
const CALM: &str = "--days 16 --attendance-percent 100 --disagree-percent 0 --emergencies-per-month 0 --pauses-per-month 0 \
                    --down-percent 0 --partitions-per-month 0";

fn simulation(line: &str, broken: Option<&str>) -> anyhow::Result<Rollouts> {
    let words = std::iter::once("rollouts").chain(line.split_whitespace());
    Rollouts::new(&Line::try_parse_from(words)?.options, Network::small(), broken)
}

fn played(line: &str, seeds: std::ops::Range<u64>) -> Vec<Future<Outcome>> {
    play(&simulation(line, None).unwrap(), seeds, 2, &|_| {})
}

fn require_unbroken(futures: &[Future<Outcome>]) {
    for future in futures {
        assert!(future.broken.is_empty(), "seed {}: {:?}", future.seed, future.broken);
    }
}

/// Everybody looks at nine on every day, and this happens besides.
fn plan(days: usize, people: usize, happenings: &[(u64, What)]) -> Plan {
    let day = Day { looks: vec![Some(9); people] };
    let happening = |(hour, what): &(u64, What)| Happening { hour: *hour, what: what.clone() };
    Plan { days: vec![day; days], happenings: happenings.iter().map(happening).collect() }
}

#[test]
fn nothing_breaks_on_rough_seeds_and_all_that_should_be_seen_is_seen() {
    let futures = played(ROUGH, 0..8);
    require_unbroken(&futures);
    let happened: BTreeSet<&str> = futures.iter().flat_map(|future| future.happened.iter().copied()).collect();
    let expected = [
        "a pause ends because nobody ratifies it",
        "a promotion is carried out and closed",
        "an emergency is ratified in time",
        "an emergency lapses and is held",
        "the chain stands and goes on",
    ];
    assert_eq!(happened, BTreeSet::from(expected));
}

#[test]
fn where_everybody_is_there_every_promotion_gets_through_and_is_closed() {
    let futures = played(CALM, 0..3);
    require_unbroken(&futures);
    for Future { outcome, .. } in &futures {
        assert!(outcome.promoted_after.is_some_and(|hours| hours >= 48) && outcome.is_closed, "{outcome:?}");
        assert_eq!((outcome.emergencies, outcome.stood.len(), outcome.missed.len()), (0, 0, 0), "{outcome:?}");
    }
    let answer = simulation(CALM, None).unwrap().answer(&[futures[0].outcome.clone()]);
    let says = &answer.questions[0].says;
    assert!(says.starts_with("It was carried out in 1 of 1 future (100.0 %)"), "{says}");
}

#[test]
fn a_council_that_is_never_there_gets_nothing_through_and_everything_lapses() {
    let line = "--days 20 --attendance-percent 0 --emergencies-per-month 6 --pauses-per-month 6 --down-percent 0 \
                --partitions-per-month 0";
    let futures = played(line, 0..2);
    require_unbroken(&futures);
    for Future { outcome, .. } in &futures {
        assert_eq!((outcome.promoted_after, outcome.ratified), (None, 0), "{outcome:?}");
        assert!(outcome.missed.contains_key("ratify"), "{outcome:?}");
        assert!(
            outcome.paused.iter().all(|hours| *hours == 24),
            "a pause nobody ratifies stands for a day: {outcome:?}"
        );
    }
}

/// While the sealer is down no block comes; the day that the council has is one of the chain's, so that it is longer by that much.
#[test]
fn a_chain_that_stands_gives_the_council_its_whole_day_and_no_block_comes_meanwhile() {
    let simulation = simulation("--days 10", None).unwrap();
    let sealer_down = |hours| What::Down { validators: [0].into(), hours };
    let mut quiet = plan(10, 8, &[(100, What::Pause), (105, sealer_down(40))]);
    // Nobody comes after the pause began.
    quiet.days.iter_mut().skip(4).for_each(|day| day.looks.fill(None));
    let (future, lines) = play_plan(&simulation, 0, &quiet, true);
    require_unbroken(std::slice::from_ref(&future));
    assert_eq!(future.outcome.stood, [40]);
    assert_eq!(future.outcome.paused, [24], "by the time that it ran: {lines:#?}");
}

#[test]
fn a_network_that_falls_apart_goes_on_where_more_than_two_thirds_of_the_power_are() {
    let simulation = simulation("--days 10", None).unwrap();
    let cut = |validators: &[usize]| What::Cut { validators: validators.iter().copied().collect(), hours: 5 };
    // The sealer decides alone, whoever else is with it.
    let happenings = [(20, cut(&[0])), (40, cut(&[1, 2, 3, 4, 5, 6]))];
    let (future, _) = play_plan(&simulation, 0, &plan(4, 8, &happenings), false);
    require_unbroken(std::slice::from_ref(&future));
    assert_eq!(future.outcome.stood, [0u64; 0]);
}

#[test]
fn rules_that_are_broken_are_found_out() {
    for (rule, property) in [
        ("votes-lowered", "nothing is carried out without its council"),
        ("ratification-late", "what is not ratified in a day ends in the next block"),
    ] {
        let broken = simulation(ROUGH, Some(rule)).unwrap();
        let futures = play(&broken, 0..4, 2, &|_| {});
        let mut all = futures.iter().flat_map(|future| &future.broken);
        assert!(all.any(|one| one.property == property), "{rule}: a simulator that cannot fail is none");
    }
    assert_eq!(
        simulation("", Some("gravity")).unwrap_err().to_string(),
        "there is no rule \"gravity\" to break here; there is: votes-lowered, ratification-late"
    );
}

/// Every block of a future is replayed by its chain (the property of the laws); here the same seed decides the same again.
#[test]
fn a_seed_has_one_trace_and_the_same_facts_on_one_and_on_two_threads() {
    let simulation = simulation("--days 12", None).unwrap();
    let [one, two] = [1, 2].map(|threads| play(&simulation, 0..3, threads, &|_| {}));
    let traces = |futures: &[Future<Outcome>]| futures.iter().map(|future| future.trace.clone()).collect::<Vec<_>>();
    assert_eq!(traces(&one), traces(&two));
    assert_eq!(traces(&one).iter().collect::<BTreeSet<_>>().len(), 3, "each seed is another future");
    let (again, lines, plan) = play_one(&simulation, 1, true);
    assert_eq!(again.trace, one[1].trace);
    assert!(!lines.is_empty() && plan.days.len() == 12);
    let facts = || facts_of(&simulation, 1, &plan_of(&simulation, 1)).1;
    let decided = facts();
    assert!(!decided.is_empty());
    assert_eq!(decided, facts());
}

#[test]
fn simpler_plans_are_simpler() {
    let simulation = simulation("--days 12", None).unwrap();
    let plan = plan_of(&simulation, 0);
    let absent = |plan: &Plan| plan.days.iter().flat_map(|day| &day.looks).filter(|hour| hour.is_none()).count();
    let weight = |plan: &Plan| (plan.days.len(), plan.happenings.len(), absent(plan));
    let simpler = simulation.simpler(&plan);
    assert!(simpler.len() > 5);
    for other in &simpler {
        let (was, is) = (weight(&plan), weight(other));
        assert!(is != was && is.0 <= was.0 && is.1 <= was.1 && is.2 <= was.2, "{is:?} is no simpler than {was:?}");
    }
}

#[test]
fn numbers_that_cannot_be_are_refused_with_a_sentence_and_code_2() {
    for (line, says) in [
        ("--council 2", "a council of 2 cannot be; give --council 3 to 16"),
        ("--attendance-percent 101", "101 percent is more than all; give --attendance-percent a number from 0 to 100"),
        ("--days 9", "--days is 9; give 10 to 1,000"),
        ("--pauses-per-month 301", "--pauses-per-month is 301, more than ten a day"),
    ] {
        let refused = simulation(line, None).unwrap_err().to_string();
        assert!(refused.contains(says), "{line}: {refused}");
        let output = Command::new(env!("CARGO_BIN_EXE_rollouts")).args(line.split_whitespace()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
    }
}

#[test]
fn the_page_has_a_chart_for_each_question_and_asks_no_other_for_anything() {
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("page.html");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollouts"));
    command.args(["--seeds", "2", "--days", "12", "--quiet", "--report"]).arg(&page);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let html = std::fs::read_to_string(&page).unwrap();
    for asks in
        ["through in its window?", "while its window is open?", "What lapses?", "a freeze stand?", "the chain stand?"]
    {
        assert!(html.contains(asks), "{asks}");
    }
    assert!(!html.contains("src=\"http") && !html.contains("<script"));
}
