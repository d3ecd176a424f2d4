//! What operators ask before they change a roster, answered by all futures together.

use super::options::Shape;
use super::outcome::{Attempt, End, Outcome};
use super::plan::Trick;
use super::setting::Setting;
use crate::answer::{Answer, Chart, Question, Spread, share};

pub(super) fn answer(setting: &Setting, outcomes: &[Outcome]) -> Answer {
    let mut questions = vec![in_time(outcomes), waiting(outcomes)];
    questions.extend(change(setting, outcomes));
    questions.extend([losses(outcomes), stranding(setting.looked_at(), outcomes)]);
    questions.extend([forging(outcomes), taking_out(outcomes)]);
    Answer { questions }
}

/// How often does a release activate in time?
fn in_time(outcomes: &[Outcome]) -> Question {
    let sum = |of: &dyn Fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    let (all, in_time, late) = (sum(&|o| o.releases), sum(&|o| o.in_time), sum(&|o| o.late));
    let says = if all == 0 {
        "No release was made; look at more epochs, or have more releases in a year.".to_owned()
    } else {
        let never = all.saturating_sub(in_time + late);
        format!(
            "Of {all} releases {} activated in the epoch that was planned, {} later, and {} not at all, because \
             a later one took their place or the time was over.",
            share(in_time, all),
            share(late, all),
            share(never, all)
        )
    };
    let took = spread("from making to activation", outcomes.iter().flat_map(|o| o.took.iter().copied()));
    Question { asks: "How often does a release activate in time?".into(), says, chart: spreads("epochs", took) }
}

/// What do releases wait for?
fn waiting(outcomes: &[Outcome]) -> Question {
    let sum = |of: &dyn Fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    let reasons = [
        ("too few signers at hand, in epochs", sum(&|o| o.waits.for_signatures)),
        ("nobody to propose it, in epochs", sum(&|o| o.waits.for_a_proposer)),
        ("the roster changed during the vote", sum(&|o| o.waits.for_another_roster)),
        ("a signer left during the vote", sum(&|o| o.waits.for_a_signer_who_left)),
        ("too few votes", sum(&|o| o.waits.for_votes)),
        ("too few validators had the build", sum(&|o| o.waits.for_holders)),
    ];
    let says = match reasons.iter().max_by_key(|(_, times)| *times) {
        Some((reason, times)) if *times > 0 => format!("Most often for this: {reason}, {times} times in all futures."),
        _ => "For nothing: each was proposed and approved at the first attempt.".into(),
    };
    let bars = reasons.iter().map(|(reason, times)| ((*reason).to_owned(), *times)).collect();
    Question { asks: "What do releases wait for?".into(), says, chart: Some(Chart::Bars { unit: "times", of: bars }) }
}

/// When is the planned roster in force? Asked only where one is planned.
fn change(setting: &Setting, outcomes: &[Outcome]) -> Option<Question> {
    let planned = setting.change?;
    let since: Vec<u64> = outcomes.iter().filter_map(|outcome| outcome.planned_since).collect();
    let says = match Spread::of(since.iter().copied()) {
        None => format!("A roster of {planned} came into force in none of {} futures.", outcomes.len()),
        Some(spread) => format!(
            "A roster of {planned}, proposed in epoch {}, came into force in {} of {} futures: in half of those by \
             epoch {}, at the latest in epoch {}.",
            setting.options.change_at,
            since.len(),
            outcomes.len(),
            spread.median,
            spread.most
        ),
    };
    let chart = spreads("epochs", spread("in force since", since));
    Some(Question { asks: "When is the planned roster in force?".into(), says, chart })
}

/// How many keys may be lost before releases stop?
fn losses(outcomes: &[Outcome]) -> Question {
    let stopped: Vec<u64> = outcomes.iter().filter_map(|outcome| outcome.stopped_with).collect();
    let says = match Spread::of(stopped.iter().copied()) {
        None => "It was not tried; no validator was up in the end, or no future came to its end.".into(),
        Some(spread) => format!(
            "With nobody to replace them, releases stop with key number {} that is lost in half of the futures, and \
             with number {} in the worst; {} of {} had stopped before the first.",
            spread.median,
            stopped.iter().copied().filter(|keys| *keys > 0).min().unwrap_or_default(),
            stopped.iter().filter(|keys| **keys == 0).count(),
            stopped.len()
        ),
    };
    let chart = spreads("keys", spread("the key with which releases stop", stopped));
    Question { asks: "How many keys may be lost before releases stop?".into(), says, chart }
}

/// When would a threshold strand the network?
fn stranding(roster: Shape, outcomes: &[Outcome]) -> Question {
    let stranded: Vec<u64> = outcomes.iter().filter_map(|outcome| outcome.stranded_since).collect();
    let all = outcomes.len() as u64;
    let says = match stranded.iter().min() {
        None => format!("With {roster}, enough keys lived in all {all} futures."),
        Some(soonest) => format!(
            "With {roster}, fewer keys lived than the threshold in {} of {all} futures ({}), the soonest from epoch \
             {soonest} on: nothing is released then, and no roster can be approved that would mend it.",
            stranded.len(),
            share(stranded.len() as u64, all)
        ),
    };
    Question { asks: "When would a threshold strand the network?".into(), says, chart: by_threshold(roster, outcomes) }
}

/// By threshold, in how many futures fewer keys lived at some time. Up to that time a higher threshold changes nothing,
/// so what is seen for it holds; of a lower one nothing is said.
fn by_threshold(roster: Shape, outcomes: &[Outcome]) -> Option<Chart> {
    let fewest: Vec<u64> = outcomes.iter().filter_map(|outcome| outcome.fewest_living).collect();
    let below = |threshold: u64| fewest.iter().filter(|living| **living < threshold).count() as u64;
    let points =
        (u64::from(roster.threshold)..=u64::from(roster.signers)).map(|threshold| (threshold, below(threshold)));
    let lines = vec![("fewer keys lived at some time".to_owned(), points.collect())];
    (!fewest.is_empty()).then_some(Chart::Lines { x: "threshold", y: "futures", of: lines })
}

/// What can stolen keys do that nobody wants approved?
fn forging(outcomes: &[Outcome]) -> Question {
    let attempts: Vec<&Attempt> = attempts(outcomes).filter(|attempt| attempt.trick != Trick::TakeOut).collect();
    let count = |end: End| attempts.iter().filter(|attempt| attempt.end == end).count();
    let says = if attempts.is_empty() {
        "Nothing was tried, because no key was stolen.".into()
    } else {
        format!(
            "Of {} attempts to have a foreign build or roster approved, {} were refused at once, {} were voted down, \
             and {} succeeded; with fewer keys than the threshold, {} came to a vote.",
            attempts.len(),
            count(End::Refused),
            count(End::VotedDown),
            count(End::Succeeded),
            attempts.iter().filter(|attempt| is_below(attempt) && attempt.end != End::Refused).count()
        )
    };
    Question { asks: "What can k stolen keys get approved?".into(), says, chart: by_keys(&attempts) }
}

/// How far can stolen keys take the roster apart?
fn taking_out(outcomes: &[Outcome]) -> Question {
    let attempts: Vec<&Attempt> = attempts(outcomes).filter(|attempt| attempt.trick == Trick::TakeOut).collect();
    let done = attempts.iter().filter(|attempt| attempt.end == End::Succeeded).count();
    let robbed: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.stolen > 0).collect();
    let stranded = robbed.iter().filter(|outcome| outcome.stranded_since.is_some()).count();
    let says = if robbed.is_empty() {
        "Nothing was tried, because no key was stolen.".into()
    } else {
        format!(
            "A thief took a key out of the roster in {done} of {} attempts, which the chain lets it as long as the \
             others reach the threshold; {stranded} of {} futures with a theft ended with too few living keys.",
            attempts.len(),
            robbed.len()
        )
    };
    let mut in_time: Vec<(u64, u64)> = Vec::new();
    for keys in 0..=outcomes.iter().map(|outcome| outcome.stolen).max().unwrap_or_default() {
        let with: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.stolen == keys).collect();
        let (all, timely): (u64, u64) = (with.iter().map(|o| o.releases).sum(), with.iter().map(|o| o.in_time).sum());
        in_time.extend((timely * 100).checked_div(all).map(|percent| (keys, percent)));
    }
    let lines = vec![("releases in time".to_owned(), in_time)];
    Question {
        asks: "What do stolen keys do to releases?".into(),
        says,
        chart: Some(Chart::Lines { x: "stolen keys", y: "percent in time", of: lines }),
    }
}

fn by_keys(attempts: &[&Attempt]) -> Option<Chart> {
    let most = attempts.iter().map(|attempt| attempt.keys).max()?;
    let line = |name: &str, end: End| {
        let count =
            |keys: u64| attempts.iter().filter(|attempt| attempt.keys == keys && attempt.end == end).count() as u64;
        (name.to_owned(), (0..=most).map(|keys| (keys, count(keys))).collect())
    };
    let of = vec![line("refused", End::Refused), line("voted down", End::VotedDown), line("approved", End::Succeeded)];
    Some(Chart::Lines { x: "stolen keys that sign", y: "attempts", of })
}

fn attempts(outcomes: &[Outcome]) -> impl Iterator<Item = &Attempt> {
    outcomes.iter().flat_map(|outcome| &outcome.attempts)
}

fn is_below(attempt: &Attempt) -> bool {
    attempt.keys < u64::from(attempt.threshold)
}

fn spread(name: &str, values: impl IntoIterator<Item = u64>) -> Option<(String, Spread)> {
    Some((name.to_owned(), Spread::of(values)?))
}

fn spreads(unit: &'static str, spread: Option<(String, Spread)>) -> Option<Chart> {
    spread.map(|spread| Chart::Spread { unit, of: vec![spread] })
}
