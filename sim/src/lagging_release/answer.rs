//! What operators ask, answered from what the futures came to.

use super::outcome::Outcome;
use super::power::Reached;
use super::setting::Setting;
use crate::answer::{Answer, Chart, Question, Spread, counted, share};

/// The answers.
pub(super) fn answer(setting: &Setting, outcomes: &[Outcome]) -> Answer {
    let plain: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.is_plain()).collect();
    let questions = vec![
        until("the stake", &plain, |outcome| outcome.of_stake),
        until("the nodes", &plain, |outcome| outcome.of_nodes),
        power(setting, outcomes),
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
    let says = match &spreads[2].1 {
        Some(within) => format!(
            "99 % of {whose} run a good release in {} of {} futures: after {} in half of those, and after {} in nine of ten of \
             them; in {} they do not within the time that is looked at.",
            within.count,
            plain.len(),
            duration(within.median),
            duration(within.p90),
            plain.len() as u64 - within.count
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

fn power(setting: &Setting, outcomes: &[Outcome]) -> Question {
    let changing = Spread::of(outcomes.iter().map(|outcome| outcome.most_changing_permille));
    let upgrading = Spread::of(outcomes.iter().map(|outcome| outcome.most_upgrading_permille));
    let away = Spread::of(outcomes.iter().map(|outcome| outcome.most_away_permille));
    let stalled = outcomes.iter().filter(|outcome| outcome.counts.stalled_s > 0).count() as u64;
    let longest = outcomes.iter().map(|outcome| outcome.counts.longest_stall_s).max().unwrap_or_default();
    let stopped = outcomes.iter().filter(|outcome| outcome.network_stopped).count();
    let says = match (&changing, &upgrading, &away) {
        (Some(changing), Some(upgrading), Some(away)) => format!(
            "At most {} of the power changes to a release at one time, {} does or has one on trial that is not well, and {} is \
             away for any reason; blocks wait for a while in {} of the futures, for {} at the longest, and in {stopped} of {} \
             none comes any more in the end.{}",
            share(changing.most, 1_000),
            share(upgrading.most, 1_000),
            share(away.most, 1_000),
            share(stalled, outcomes.len() as u64),
            duration(longest),
            outcomes.len(),
            trials_of_several_waves(setting).unwrap_or_default()
        ),
        _ => "No future was played.".into(),
    };
    let named = [("changes", changing), ("changes or is not well", upgrading), ("away", away)];
    let of = named.into_iter().filter_map(|(name, spread)| Some((name.to_owned(), spread?))).collect();
    Question {
        asks: "How much of the power is away at once?".into(),
        says,
        chart: Some(Chart::Spread { unit: "thousandths of the power", of }),
    }
}

/// What is said where a wave comes before the trials of the one before it are over.
fn trials_of_several_waves(setting: &Setting) -> Option<String> {
    let trial = setting.trial.window.saturating_mul(setting.trial.max_attempts);
    (setting.distance < trial.saturating_mul(2)).then(|| {
        format!(
            " Waves are {} apart and do not wait for each other's trials: a release that hangs is given up after somewhat \
             more than {}, and one that stands still after more than twice that and later while the chain stalls, so that \
             several waves can be down with it at one time.",
            duration(setting.distance.as_secs()),
            duration(trial.as_secs())
        )
    })
}

fn mirrors(setting: &Setting, outcomes: &[Outcome]) -> Question {
    let count = outcomes.len() as u64;
    let mean = |of: &dyn Fn(&Outcome) -> u64| rounded(outcomes.iter().map(of).sum(), count << 20);
    let mut bars: Vec<(String, u64)> = (0..setting.rates.len())
        .map(|number| {
            let sent = mean(&|outcome| outcome.bytes_of_mirrors.get(number).copied().unwrap_or_default());
            (format!("mirror {number}"), sent)
        })
        .collect();
    bars.push(("nodes".into(), mean(&|outcome| outcome.counts.from_peers)));
    let all: u64 = bars.iter().map(|(_, sent)| sent).sum();
    let by_mirrors: u64 = bars.iter().take(setting.rates.len()).map(|(_, sent)| sent).sum();
    let too_slow = mean_of(outcomes.iter().map(|outcome| outcome.counts.too_slow));
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

/// Both of a pair are of one seed, so that nothing differs in them but the first mirror.
fn without_first(outcomes: &[Outcome]) -> Question {
    let plain = outcomes.iter().filter(|outcome| outcome.is_plain());
    let times = plain.filter_map(|outcome| Some((outcome.of_nodes.p90_s, outcome.without_first?.of_nodes.p90_s)));
    let pairs: Vec<(Option<u64>, Option<u64>)> = times.collect();
    let both: Vec<(u64, u64)> = pairs.iter().filter_map(|(with, without)| Some(((*with)?, (*without)?))).collect();
    let with = Spread::of(both.iter().map(|(with, _)| *with));
    let without = Spread::of(both.iter().map(|(_, without)| *without));
    let comes_so_far =
        |ways: (bool, bool)| pairs.iter().filter(|pair| (pair.0.is_some(), pair.1.is_some()) == ways).count();
    let mut says = match pairs.len() {
        0 => "No future with a good release was played without the first mirror; play more of them.".to_owned(),
        count => format!(
            "Of {} played with the first mirror and without it, 90 % of the nodes run the release both ways in {}, only with it in \
             {}, only without it in {}, and neither way in {}.",
            counted(count as u64, "future"),
            both.len(),
            comes_so_far((true, false)),
            comes_so_far((false, true)),
            comes_so_far((false, false))
        ),
    };
    if let (Some(with), Some(without)) = (&with, &without) {
        let (with, without) = (duration(with.median), duration(without.median));
        says.push_str(&format!(
            " Where they do both ways, it takes {with} with it in half of them, and {without} without it."
        ));
    }
    let named = [("with it", with), ("without it", without)];
    let of = named.into_iter().filter_map(|(name, spread)| Some((name.to_owned(), spread?))).collect();
    Question {
        asks: "What does it do if the first mirror fails?".into(),
        says,
        chart: Some(Chart::Spread { unit: "seconds", of }),
    }
}

fn bad_releases(outcomes: &[Outcome]) -> Question {
    let bad = || outcomes.iter().filter(|outcome| outcome.is_bad);
    let back = mean_of(bad().map(|outcome| outcome.counts.rolled_back));
    let held = mean_of(bad().map(|outcome| outcome.counts.held_back));
    let still = mean_of(outcomes.iter().map(|outcome| outcome.counts.safe_mode));
    let of = vec![("go back".into(), back), ("wait for what others say".into(), held), ("stand still".into(), still)];
    Question {
        asks: "What does a bad release do?".into(),
        says: format!(
            "In {} of {} futures the release is bad: on average {back} nodes then go back to the build before, and {held} wait \
             because others say that it failed; in all futures {still} nodes come to stand still on average.",
            bad().count(),
            outcomes.len()
        ),
        chart: Some(Chart::Bars { unit: "nodes", of }),
    }
}

/// The mean of counts, to the next whole one.
fn mean_of(counts: impl Iterator<Item = u64>) -> u64 {
    let (sum, count) = counts.fold((0, 0), |(sum, count), next| (sum + next, count + 1));
    rounded(sum, count)
}

/// A quotient to the next whole number; 0 of nothing.
fn rounded(sum: u64, by: u64) -> u64 {
    (sum + by / 2).checked_div(by).unwrap_or_default()
}

/// Seconds as people say them, to the next minute where they are many.
fn duration(seconds: u64) -> String {
    let minutes = rounded(seconds, 60);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::super::outcome::Without;
    use super::super::testing::setting;
    use super::*;

    fn outcome(p90_s: Option<u64>, p99_s: Option<u64>) -> Outcome {
        let reached = Reached { p50_s: Some(10), p90_s, p99_s };
        Outcome { of_nodes: reached, of_stake: reached, ..Outcome::none(10) }
    }

    fn with_and_without(with: Option<u64>, without: Option<u64>) -> Outcome {
        let of_nodes = Reached { p90_s: without, ..Reached::default() };
        let without_first = Some(Without { of_nodes, of_stake: of_nodes });
        Outcome { without_first, ..outcome(with, with) }
    }

    fn seconds(question: &Question) -> Vec<(&str, u64, u64)> {
        let Some(Chart::Spread { of, .. }) = &question.chart else { panic!("{question:?}") };
        of.iter().map(|(name, spread)| (name.as_str(), spread.median, spread.count)).collect()
    }

    #[test]
    fn futures_that_do_not_come_so_far_are_counted_apart_from_those_that_do() {
        let all = [outcome(Some(100), Some(110)), outcome(Some(100), Some(150)), outcome(Some(200), None)];
        let question = until("the nodes", &all.iter().collect::<Vec<_>>(), |outcome| outcome.of_nodes);
        let says = "99 % of the nodes run a good release in 2 of 3 futures: after 110 s in half of those, and after 3 min in nine \
                    of ten of them; in 1 they do not within the time that is looked at.";
        assert_eq!(question.says, says);
    }

    #[test]
    fn what_a_mirror_does_is_compared_in_the_same_futures_and_in_good_ones_alone() {
        let bad = Outcome { is_bad: true, ..with_and_without(Some(5_000), Some(9_000)) };
        let alone = outcome(Some(7_000), None);
        let all = [with_and_without(Some(100), Some(110)), bad, alone];
        let question = without_first(&all);
        assert_eq!(seconds(&question), [("with it", 100, 1), ("without it", 110, 1)]);
        let says = "Of 1 future played with the first mirror and without it, 90 % of the nodes run the release both ways in 1, only \
                    with it in 0, only without it in 0, and neither way in 0. Where they do both ways, it takes 100 s with it \
                    in half of them, and 110 s without it.";
        assert_eq!(question.says, says);
    }

    #[test]
    fn futures_that_come_so_far_one_way_alone_or_neither_way_are_counted_by_themselves() {
        let times = |one: [(Option<u64>, Option<u64>); 3]| one.map(|(with, without)| with_and_without(with, without));
        let (only_with, only_without, neither) = ((Some(90), None), (None, Some(80)), (None, None));
        let said_of = |one| without_first(&times(one)).says;
        let says = said_of([only_without, only_without, neither]);
        assert!(
            says.ends_with("both ways in 0, only with it in 0, only without it in 2, and neither way in 1."),
            "{says}"
        );
        let says = said_of([neither, only_with, neither]);
        assert!(
            says.ends_with("both ways in 0, only with it in 1, only without it in 0, and neither way in 2."),
            "{says}"
        );
        assert!(without_first(&[outcome(Some(1), None)]).says.starts_with("No future with a good release was played"));
    }

    #[test]
    fn the_longest_stall_and_those_that_never_go_on_are_said() {
        let stalled = |longest_stall_s: u64, network_stopped: bool| {
            let counts = super::super::outcome::Counts { stalled_s: 400, longest_stall_s, ..Default::default() };
            Outcome { counts, network_stopped, ..outcome(None, None) }
        };
        let says = power(&setting(""), &[stalled(40, false), stalled(300, true)]).says;
        assert!(says.contains("for 5 min at the longest, and in 1 of 2 none comes any more in the end"), "{says}");
    }

    #[test]
    fn where_waves_come_before_trials_are_over_it_is_said() {
        let says = |arguments: &str| power(&setting(arguments), &[outcome(None, None)]).says;
        let by_default = says("");
        assert!(by_default.contains("Waves are 60 s apart and do not wait for each other's trials"), "{by_default}");
        assert!(by_default.contains("somewhat more than 6 min, and one that stands still after more than twice that"));
        assert!(says("--wave-distance 719").contains("do not wait"));
        let far_apart = says("--wave-distance 720");
        assert!(!far_apart.contains("do not wait") && far_apart.ends_with("in the end."), "{far_apart}");
    }

    #[test]
    fn means_and_minutes_are_to_the_next_whole_one() {
        assert_eq!(
            [mean_of([1, 2].into_iter()), mean_of([1, 1, 2].into_iter()), mean_of(std::iter::empty())],
            [2, 1, 0]
        );
        assert_eq!([duration(119), duration(518), duration(7_199)], ["119 s", "9 min", "120 min"]);
        assert_eq!([duration(7_200), duration(7_230)], ["2 h 0 min", "2 h 1 min"]);
    }
}
