//! What operators ask, answered from all futures.

use super::outcome::ConsensusOutcome;
use super::setting::Setting;
use crate::answer::{Answer, Chart, Question, Spread, counted, share};

/// How the rounds are called.
const ROUNDS: [&str; 6] = ["round 0", "round 1", "round 2", "round 3", "round 4", "round 5 and later"];

/// Answers each question by a sentence and a chart.
pub(super) fn answer(setting: &Setting, outcomes: &[ConsensusOutcome]) -> Answer {
    let questions = vec![
        block_time(setting, outcomes),
        rounds(outcomes),
        healing(outcomes),
        catching_up(outcomes),
        punishment(outcomes),
        sets(outcomes),
    ];
    Answer { questions }
}

fn chart(spread: Option<Spread>, name: &str, unit: &'static str) -> Option<Chart> {
    spread.map(|spread| Chart::Spread { unit, of: vec![(name.to_owned(), spread)] })
}

fn block_time(setting: &Setting, outcomes: &[ConsensusOutcome]) -> Question {
    let all = outcomes.iter().flat_map(|outcome| outcome.block_ms.iter().copied());
    let spread = Spread::of(all);
    let goal = setting.genesis.chain.consensus.block_time_ms;
    let says = spread.as_ref().map_or_else(
        || "No block followed another.".to_owned(),
        |spread| {
            format!(
                "The next block comes after {} ms in half of all cases and after {} ms in 99 of 100; the network aims at {goal} ms, and \
                 the longest pause, with what was cut and down, was {} ms.",
                spread.median, spread.p99, spread.most
            )
        },
    );
    Question { asks: "How long does a block take?".to_owned(), says, chart: chart(spread, "between blocks", "ms") }
}

fn rounds(outcomes: &[ConsensusOutcome]) -> Question {
    let count = |round: usize| outcomes.iter().filter_map(|outcome| outcome.rounds.get(round)).sum::<u64>();
    let of: Vec<(String, u64)> =
        ROUNDS.iter().enumerate().map(|(round, name)| ((*name).to_owned(), count(round))).collect();
    let all: u64 = of.iter().map(|(_, blocks)| blocks).sum();
    let says = format!("{} of {all} blocks are decided in the first round of their height.", share(count(0), all));
    let chart = Some(Chart::Bars { unit: "blocks", of });
    Question { asks: "How many rounds does a block need?".to_owned(), says, chart }
}

fn healing(outcomes: &[ConsensusOutcome]) -> Question {
    let all = outcomes.iter().flat_map(|outcome| outcome.healing_ms.iter().copied());
    let spread = Spread::of(all);
    let idle: u64 = outcomes.iter().map(|outcome| outcome.idle_cuts).sum();
    let stopped = spread.as_ref().map(|spread| {
        format!(
            "After a partition that stopped the chain, because nobody was left together with more than two thirds of the power, the next \
             block comes within {} ms in half of all cases, and within {} ms in all {}.",
            spread.median, spread.most, spread.count
        )
    });
    let says = match (stopped, idle) {
        (None, 0) => "Nothing was cut.".to_owned(),
        (None, idle) => format!("No partition stopped the chain by itself, of {}.", counted(idle, "partition")),
        (Some(stopped), 0) => stopped,
        (Some(stopped), idle) => format!("{stopped} Not counted: {} that stopped nothing.", counted(idle, "partition")),
    };
    Question {
        asks: "How long after a partition does the chain go on?".to_owned(),
        says,
        chart: chart(spread, "after healing", "ms"),
    }
}

fn catching_up(outcomes: &[ConsensusOutcome]) -> Question {
    let all = outcomes.iter().flat_map(|outcome| outcome.catching_up_ms.iter().copied());
    let spread = Spread::of(all);
    let says = spread.as_ref().map_or_else(
        || "No machine came back to find others ahead.".to_owned(),
        |spread| {
            format!(
                "A machine that comes back has what the others had within {} ms in half of all cases, and within {} ms in all {}.",
                spread.median, spread.most, spread.count
            )
        },
    );
    Question {
        asks: "How long does a restarted validator need to catch up?".to_owned(),
        says,
        chart: chart(spread, "after a restart", "ms"),
    }
}

fn punishment(outcomes: &[ConsensusOutcome]) -> Question {
    let offences: u64 = outcomes.iter().map(|outcome| outcome.offences).sum();
    let lost: u64 = outcomes.iter().map(|outcome| outcome.lost).fold(0, u64::saturating_add);
    let all = outcomes.iter().flat_map(|outcome| outcome.punished_after.iter().copied());
    let spread = Spread::of(all);
    let ended: u64 = outcomes.iter().map(|outcome| outcome.dishonest_ended).sum();
    let mut says = spread.as_ref().map_or_else(
        || format!("{offences} offences were known, and none was punished before the end."),
        |spread| {
            format!(
                "Of {offences} offences that honest validators knew of, {} were punished before the end, half of them within {} blocks, \
                 and {lost} tokens were lost.",
                spread.count, spread.median
            )
        },
    );
    if ended > 0 {
        says.push_str(&format!(
            " {} ended by what came of it, and did no more.",
            counted(ended, "dishonest validator")
        ));
    }
    Question {
        asks: "How soon is a validator punished that contradicts itself?".to_owned(),
        says,
        chart: chart(spread, "to the punishment", "blocks"),
    }
}

fn sets(outcomes: &[ConsensusOutcome]) -> Question {
    let changes: u64 = outcomes.iter().map(|outcome| outcome.sets).sum();
    let futures = outcomes.iter().filter(|outcome| outcome.sets > 0).count() as u64;
    let says = format!(
        "{changes} epochs had another set of validators than the one before, in {} of the futures.",
        share(futures, outcomes.len() as u64)
    );
    Question { asks: "How often do validators change?".to_owned(), says, chart: None }
}
