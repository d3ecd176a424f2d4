//! What operators ask before they change a roster, answered by all futures together.

use super::options::Shape;
use super::outcome::{Attempt, End, Outcome};
use super::plan::Trick;
use super::setting::Setting;
use crate::answer::{Answer, Chart, Question, Spread, counted, share};
use primitives::grouped;

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
            "Of {} {} activated in the epoch that was planned, {} later, and {} not at all, because \
             a later one took their place or the time was over.",
            counted(all, "release"),
            share(in_time, all),
            share(late, all),
            share(never, all)
        )
    };
    let took = spread("from making to activation", outcomes.iter().flat_map(|o| o.took.iter().copied()));
    Question { asks: "How often does a release activate in time?".into(), says, chart: spreads("epochs", took) }
}

/// What do releases wait for? Counted in releases, for whatever reason, so that reasons can be held against each other.
fn waiting(outcomes: &[Outcome]) -> Question {
    let sum = |of: &dyn Fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    let reasons = [
        ("too few signers at hand", sum(&|o| o.waits.for_signatures)),
        ("nobody to propose it", sum(&|o| o.waits.for_a_proposer)),
        ("the roster changed during the vote", sum(&|o| o.waits.for_another_roster)),
        ("a signer left during the vote", sum(&|o| o.waits.for_a_signer_who_left)),
        ("too few votes", sum(&|o| o.waits.for_votes)),
        ("too few validators had the build", sum(&|o| o.waits.for_holders)),
    ];
    let all = sum(&|o| o.releases);
    let says = match reasons.iter().max_by_key(|(_, releases)| *releases) {
        Some((reason, releases)) if *releases > 0 => format!(
            "Most often for this: {reason}, which held up {} of {} ({}). One that waits for several things counts for \
             each.",
            grouped(*releases),
            counted(all, "release"),
            share(*releases, all)
        ),
        _ => "For nothing: each was proposed and approved at the first attempt.".into(),
    };
    let of = reasons.iter().map(|(reason, releases)| ((*reason).to_owned(), *releases)).collect();
    let chart = Some(Chart::Bars { unit: "of the releases", of });
    Question { asks: "What do releases wait for?".into(), says, chart }
}

/// When is the planned roster in force? Asked only where one is planned.
fn change(setting: &Setting, outcomes: &[Outcome]) -> Option<Question> {
    let planned = setting.change?;
    let since: Vec<u64> = outcomes.iter().filter_map(|outcome| outcome.planned_since).collect();
    let says = match Spread::of(since.iter().copied()) {
        None => {
            format!("A roster of {planned} came into force in none of {}.", counted(outcomes.len() as u64, "future"))
        }
        Some(spread) => format!(
            "A roster of {planned}, proposed in epoch {}, came into force in {} of {}: in half of those by \
             epoch {}, at the latest in epoch {}.",
            setting.options.change_at,
            since.len(),
            counted(outcomes.len() as u64, "future"),
            spread.median,
            spread.most
        ),
    };
    let chart = spreads("epochs", spread("in force since", since));
    Some(Question { asks: "When is the planned roster in force?".into(), says, chart })
}

/// How many keys may be lost before releases stop? Where they had stopped before, no loss says anything of that.
fn losses(outcomes: &[Outcome]) -> Question {
    let tried: Vec<u64> = outcomes.iter().filter_map(|outcome| outcome.stopped_with).collect();
    let stopped: Vec<u64> = tried.iter().copied().filter(|key| *key > 0).collect();
    let before = tried.len() - stopped.len();
    let says = match Spread::of(stopped.iter().copied()) {
        Some(spread) => format!(
            "With nobody to replace them, releases stop with key number {} that is lost in half of the futures, and \
             with number {} in the worst; {before} of {} had stopped before the first, and do not count here.",
            spread.median,
            spread.least,
            tried.len()
        ),
        None if before > 0 => {
            format!("Releases had stopped before the first key was lost, in all {}.", counted(before as u64, "future"))
        }
        None => "It was not tried; no validator was up in the end, or no future came to its end.".into(),
    };
    let chart = spreads("keys", spread("the key with which releases stop", stopped));
    Question { asks: "How many keys may be lost before releases stop?".into(), says, chart }
}

/// When would a threshold strand the network? Asked of the roster that is played, and of no other: with another
/// threshold other rosters would come into force.
fn stranding(roster: Shape, outcomes: &[Outcome]) -> Question {
    let played: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.planned_since.is_some()).collect();
    let since: Vec<u64> = played.iter().filter_map(|outcome| outcome.first_stranded).collect();
    let to_the_end = played.iter().filter(|outcome| outcome.stranded_since.is_some()).count() as u64;
    let (all, at_some_time) = (played.len() as u64, since.len() as u64);
    let mut says = match since.iter().min() {
        None if played.is_empty() => format!("A roster of {roster} was in force in no future."),
        None => format!("With {roster}, enough keys lived in all {}.", counted(all, "future")),
        Some(soonest) => format!(
            "With {roster}, fewer keys lived than the threshold at some time in {at_some_time} of {} ({}), the soonest \
             from epoch {soonest} on, and to the end in {to_the_end} ({}): nothing is released then, and no roster can \
             be approved that would mend it. What mends it is a roster that was proposed before.",
            counted(all, "future"),
            share(at_some_time, all),
            share(to_the_end, all)
        ),
    };
    says.push_str(&stranded_before(outcomes));
    let of = vec![("stranded at some time".to_owned(), at_some_time), ("stranded to the end".to_owned(), to_the_end)];
    let chart = (!played.is_empty()).then_some(Chart::Bars { unit: "of the futures", of });
    Question { asks: "When would a threshold strand the network?".into(), says, chart }
}

/// What is said of the futures in which the planned roster comes too late.
fn stranded_before(outcomes: &[Outcome]) -> String {
    let is_too_late = |outcome: &&Outcome| outcome.planned_since.is_none() && outcome.stranded_since.is_some();
    match outcomes.iter().filter(is_too_late).count() as u64 {
        0 => String::new(),
        count => format!(" In {} more the roster before it was stranded, and stays.", counted(count, "future")),
    }
}

/// What can stolen keys do that nobody wants approved? Of those attempts that hang on how many keys sign.
fn forging(outcomes: &[Outcome]) -> Question {
    let hangs_on_keys = |trick: Trick| trick != Trick::TakeOut && !trick.has_wrong_version();
    let attempts: Vec<&Attempt> = attempts(outcomes).filter(|attempt| hangs_on_keys(attempt.trick)).collect();
    let count = |end: End| attempts.iter().filter(|attempt| attempt.end == end).count();
    let mut says = if attempts.is_empty() {
        "Nothing was tried, because no key was stolen.".into()
    } else {
        format!(
            "Of {} to have a foreign build or roster approved, the chain refused {} at once, the vote rejected {}, and \
             {} succeeded; with fewer keys than the threshold, {} came to a vote.",
            counted(attempts.len() as u64, "attempt"),
            count(End::Refused),
            count(End::VotedDown),
            count(End::Succeeded),
            attempts.iter().filter(|attempt| is_below(attempt) && attempt.end != End::Refused).count()
        )
    };
    says.push_str(&wrong_versions(outcomes));
    Question { asks: "What can k stolen keys get approved?".into(), says, chart: by_keys(&attempts) }
}

/// What is said of rosters whose version is not the next one.
fn wrong_versions(outcomes: &[Outcome]) -> String {
    let ends: Vec<End> = attempts(outcomes).filter(|one| one.trick.has_wrong_version()).map(|one| one.end).collect();
    let (all, refused) = (ends.len() as u64, ends.iter().filter(|end| **end == End::Refused).count() as u64);
    match all {
        0 => String::new(),
        1 if refused == 1 => " 1 roster with a version that is not the next one was refused.".into(),
        _ if refused == all => {
            format!(" {} rosters with a version that is not the next one were all refused.", grouped(all))
        }
        _ => format!(
            " Of {} with a version that is not the next one, {} were refused.",
            counted(all, "roster"),
            grouped(refused)
        ),
    }
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
            "A thief took a key out of the roster in {done} of {}, which the chain lets it as long as the others reach \
             the threshold; {stranded} of {} with a theft ended with too few living keys.",
            counted(attempts.len() as u64, "attempt"),
            counted(robbed.len() as u64, "future")
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
