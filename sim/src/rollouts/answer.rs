//! What a council asks before somebody is given a role or a span is changed, and what the futures say.

use super::outcome::Outcome;
use crate::answer::{Answer, Chart, Question, Spread, counted, share};
use primitives::grouped;
use std::collections::BTreeMap;

pub(super) fn answer(outcomes: &[Outcome]) -> Answer {
    let questions =
        vec![promoted(outcomes), lacking(outcomes), lapsing(outcomes), pausing(outcomes), standing(outcomes)];
    Answer { questions }
}

fn question(asks: &str, says: String, chart: Option<Chart>) -> Question {
    Question { asks: asks.into(), says, chart }
}

fn spread(unit: &'static str, name: &str, values: impl IntoIterator<Item = u64>) -> Option<Chart> {
    Some(Chart::Spread { unit, of: vec![(name.to_owned(), Spread::of(values)?)] })
}

fn sum(outcomes: &[Outcome], of: impl Fn(&Outcome) -> u64) -> u64 {
    outcomes.iter().map(of).sum()
}

fn promoted(outcomes: &[Outcome]) -> Question {
    let all = outcomes.len() as u64;
    let after: Vec<u64> = outcomes.iter().filter_map(|outcome| outcome.promoted_after).collect();
    let in_time =
        outcomes.iter().filter(|outcome| outcome.promoted_after.is_some() && outcome.hours_missed == 0).count();
    let closed = outcomes.iter().filter(|outcome| outcome.is_closed).count();
    let says = format!(
        "It was carried out in {} of {} ({}), in {} of them before an hour of a window had passed unused, and owed nothing in the end in {}.",
        grouped(after.len() as u64),
        counted(all, "future"),
        share(after.len() as u64, all),
        grouped(in_time as u64),
        grouped(closed as u64)
    );
    question(
        "How often does a promotion get through in its window?",
        says,
        spread("hours", "from asking to the stage", after),
    )
}

fn lacking(outcomes: &[Outcome]) -> Question {
    let lacked = together(outcomes.iter().map(|outcome| &outcome.lacked));
    let hours = sum(outcomes, |outcome| outcome.hours_missed);
    let says = match lacked.first() {
        Some((most, count)) => format!(
            "Of {} of open windows that passed unused, {} lacked {most}; `time` is where nothing was missing but somebody to carry it out, \
             or the time that the stake has to stop it.",
            counted(hours, "hour"),
            share(*count, hours)
        ),
        None => "For nothing: no hour of a window passed unused.".into(),
    };
    question("What does it wait for while its window is open?", says, bars("hours", lacked))
}

fn lapsing(outcomes: &[Outcome]) -> Question {
    let of = |count: fn(&Outcome) -> u64| sum(outcomes, count);
    let (all, ratified) = (of(|outcome| outcome.emergencies), of(|outcome| outcome.ratified));
    let (late, rejected) = (of(|outcome| outcome.ratified_late), of(|outcome| outcome.rejected));
    let says = if all == 0 {
        "There was no emergency.".into()
    } else {
        format!(
            "Of {} gates that were disabled in emergencies the council ratified {} within a day ({}), {} later, and {} were rejected, \
             pauses among them.",
            grouped(all),
            grouped(ratified),
            share(ratified, all),
            grouped(late),
            grouped(rejected)
        )
    };
    let missed = together(outcomes.iter().map(|outcome| &outcome.missed));
    question("What lapses?", says, bars("times", missed))
}

fn pausing(outcomes: &[Outcome]) -> Question {
    let paused: Vec<u64> = outcomes.iter().flat_map(|outcome| outcome.paused.iter().copied()).collect();
    let says = match Spread::of(paused.iter().copied()) {
        Some(spread) => format!(
            "{} ended: half of them within {}, nine in ten within {}, the longest after {}, by the time that the chain ran.",
            counted(spread.count, "pause"),
            counted(spread.median, "hour"),
            counted(spread.p90, "hour"),
            counted(spread.most, "hour")
        ),
        None => "Nothing was paused.".into(),
    };
    question("How long does a freeze stand?", says, spread("hours", "a pause", paused))
}

fn standing(outcomes: &[Outcome]) -> Question {
    let stood: Vec<u64> = outcomes.iter().flat_map(|outcome| outcome.stood.iter().copied()).collect();
    let hours = stood.iter().sum();
    let says = format!(
        "{}, for {} together in {}; deadlines that are in hours wait for as long.",
        counted(stood.len() as u64, "time"),
        counted(hours, "hour"),
        counted(outcomes.len() as u64, "future")
    );
    question("How often does the chain stand?", says, spread("hours", "each time", stood))
}

/// How often each was counted in all futures, the most first.
fn together<'o>(counts: impl Iterator<Item = &'o BTreeMap<String, u64>>) -> Vec<(String, u64)> {
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    for (key, count) in counts.flatten() {
        *all.entry(key).or_default() += count;
    }
    let mut all: Vec<(String, u64)> = all.into_iter().map(|(key, count)| (key.to_owned(), count)).collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    all
}

fn bars(unit: &'static str, of: Vec<(String, u64)>) -> Option<Chart> {
    (!of.is_empty()).then_some(Chart::Bars { unit, of })
}
