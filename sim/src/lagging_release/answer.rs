//! What operators ask, answered from what the futures came to.

use super::outcome::Outcome;
use super::power::Reached;
use super::setting::Setting;
use crate::answer::{Answer, Chart, Question, Spread, share};

/// The answers.
pub(super) fn answer(setting: &Setting, outcomes: &[Outcome]) -> Answer {
    let plain: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.is_plain()).collect();
    let questions = vec![
        until("the stake", &plain, |outcome| outcome.of_stake),
        until("the nodes", &plain, |outcome| outcome.of_nodes),
        power(outcomes),
        mirrors(setting, outcomes),
        without_first(outcomes),
        bad_releases(outcomes),
    ];
    Answer { questions }
}

fn until(whose: &str, plain: &[&Outcome], of: impl Fn(&Outcome) -> Reached) -> Question {
    let reached: Vec<Reached> = plain.iter().map(|outcome| of(outcome)).collect();
    let spread = |part: fn(&Reached) -> Option<u64>| Spread::of(reached.iter().filter_map(part));
    let spreads = [
        ("50 %", spread(|reached| reached.p50_s)),
        ("90 %", spread(|reached| reached.p90_s)),
        ("99 %", spread(|reached| reached.p99_s)),
    ];
    let never = reached.iter().filter(|reached| reached.p99_s.is_none()).count() as u64;
    let says = match &spreads[2].1 {
        Some(all) => format!(
            "99 % of {whose} run a good release after {} in half of the futures, and after {} in nine of ten; in {} of {} \
             futures they do not within the time that is looked at.",
            duration(all.median),
            duration(all.p90),
            never,
            plain.len()
        ),
        None if plain.is_empty() => "No future had a good release that nobody revoked; play more of them.".into(),
        None => format!("99 % of {whose} run a good release in none of {} futures.", plain.len()),
    };
    let of = spreads.into_iter().filter_map(|(name, spread)| Some((name.to_owned(), spread?))).collect();
    Question {
        asks: format!("How long does it take until 50, 90 and 99 % of {whose} run the release?"),
        says,
        chart: Some(Chart::Spread { unit: "seconds", of }),
    }
}

fn power(outcomes: &[Outcome]) -> Question {
    let changing = Spread::of(outcomes.iter().map(|outcome| outcome.most_changing_permille));
    let away = Spread::of(outcomes.iter().map(|outcome| outcome.most_away_permille));
    let stalled = outcomes.iter().filter(|outcome| outcome.counts.stalled_s > 0).count() as u64;
    let stopped = outcomes.iter().filter(|outcome| outcome.network_stopped).count();
    let says = match (&changing, &away) {
        (Some(changing), Some(away)) => format!(
            "At most {} of the power changes to a release at one time, and {} is away for any reason; blocks wait for a while \
             in {} of the futures, and stop for good in {stopped} of {}.",
            share(changing.most, 1_000),
            share(away.most, 1_000),
            share(stalled, outcomes.len() as u64),
            outcomes.len()
        ),
        _ => "No future was played.".into(),
    };
    let named = [("changes", changing), ("away", away)];
    let of = named.into_iter().filter_map(|(name, spread)| Some((name.to_owned(), spread?))).collect();
    Question {
        asks: "How much of the power is away at once?".into(),
        says,
        chart: Some(Chart::Spread { unit: "thousandths of the power", of }),
    }
}

fn mirrors(setting: &Setting, outcomes: &[Outcome]) -> Question {
    let count = outcomes.len().max(1) as u64;
    let mean = |of: &dyn Fn(&Outcome) -> u64| (outcomes.iter().map(of).sum::<u64>() / count) >> 20;
    let mut bars: Vec<(String, u64)> = (0..setting.rates.len())
        .map(|number| {
            let sent = mean(&|outcome| outcome.bytes_of_mirrors.get(number).copied().unwrap_or_default());
            (format!("mirror {number}"), sent)
        })
        .collect();
    bars.push(("nodes".into(), mean(&|outcome| outcome.counts.from_peers)));
    let all: u64 = bars.iter().map(|(_, sent)| sent).sum();
    let by_mirrors: u64 = bars.iter().take(setting.rates.len()).map(|(_, sent)| sent).sum();
    let too_slow = mean_count(outcomes, |outcome| outcome.counts.too_slow);
    Question {
        asks: "What does each mirror send?".into(),
        says: format!(
            "A future takes {all} MiB on average, {} of it from mirrors and the rest from other nodes; {too_slow} times a \
             source is given up because it sends less than {} KiB a second.",
            share(by_mirrors, all),
            setting.pace.least >> 10
        ),
        chart: Some(Chart::Bars { unit: "MiB", of: bars }),
    }
}

fn without_first(outcomes: &[Outcome]) -> Question {
    let both = || outcomes.iter().filter_map(|outcome| Some((outcome.part(), outcome.without_first?)));
    let with = Spread::of(both().filter_map(|(with, _)| with.of_nodes.p90_s));
    let without = Spread::of(both().filter_map(|(_, without)| without.of_nodes.p90_s));
    let count = both().count();
    let lost =
        both().filter(|(with, without)| with.of_nodes.p90_s.is_some() && without.of_nodes.p90_s.is_none()).count();
    let says = match (&with, &without) {
        (Some(with), Some(without)) => format!(
            "Until 90 % of the nodes run the release it takes {} in half of {count} futures, and {} in the same without the \
             first mirror; in {lost} of them it then does not come so far in the time that is looked at.",
            duration(with.median),
            duration(without.median)
        ),
        _ if count == 0 => {
            "No future with a good release was played without the first mirror; play more of them.".into()
        }
        _ => format!("In {lost} of {count} futures 90 % of the nodes run the release only with the first mirror."),
    };
    let named = [("with it", with), ("without it", without)];
    let of = named.into_iter().filter_map(|(name, spread)| Some((name.to_owned(), spread?))).collect();
    Question {
        asks: "What does it do if the first mirror fails?".into(),
        says,
        chart: Some(Chart::Spread { unit: "seconds", of }),
    }
}

fn bad_releases(outcomes: &[Outcome]) -> Question {
    let bad: Vec<Outcome> = outcomes.iter().filter(|outcome| outcome.is_bad).cloned().collect();
    let back = mean_count(&bad, |outcome| outcome.counts.rolled_back);
    let held = mean_count(&bad, |outcome| outcome.counts.held_back);
    let still = mean_count(outcomes, |outcome| outcome.counts.safe_mode);
    let of = vec![("go back".into(), back), ("wait for what others say".into(), held), ("stand still".into(), still)];
    Question {
        asks: "What does a bad release do?".into(),
        says: format!(
            "In {} of {} futures the release is bad: {back} nodes then go back to the build before, and {held} wait because \
             others say that it failed; in all futures {still} nodes come to stand still on average.",
            bad.len(),
            outcomes.len()
        ),
        chart: Some(Chart::Bars { unit: "nodes", of }),
    }
}

fn mean_count(outcomes: &[Outcome], of: impl Fn(&Outcome) -> u64) -> u64 {
    outcomes.iter().map(of).sum::<u64>() / outcomes.len().max(1) as u64
}

/// Seconds as people say them.
fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
