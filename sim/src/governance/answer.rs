//! What operators ask about votes under attack, and what the futures say.

use super::outcome::{Attack, Outcome, Places};
use super::strategy::StrategyName;
use crate::answer::{Answer, Chart, Question, Spread, counted, share};
use ::governance::TrackName;
use primitives::grouped;
use std::collections::BTreeMap;

/// A question with one sentence for an answer.
fn question(asks: &str, says: String, chart: Option<Chart>) -> Question {
    Question { asks: asks.into(), says, chart }
}

/// The answers of all futures together.
pub fn answer(outcomes: &[Outcome]) -> Answer {
    let attacks = together(outcomes);
    Answer {
        questions: vec![
            decided(outcomes),
            later(outcomes),
            waiting(&attacks),
            cost(&attacks),
            fullness(&attacks, outcomes),
            places(outcomes),
        ],
    }
}

/// What each strategy did in all futures; what was in quiet times stands first, under no name.
fn together(outcomes: &[Outcome]) -> BTreeMap<Option<StrategyName>, Attack> {
    let mut all: BTreeMap<Option<StrategyName>, Attack> = BTreeMap::new();
    for outcome in outcomes {
        let named = outcome.attacks.iter().map(|(name, attack)| (Some(*name), attack));
        for (name, attack) in std::iter::once((None, &outcome.quiet)).chain(named) {
            add(all.entry(name).or_default(), attack);
        }
    }
    all
}

fn add(sum: &mut Attack, one: &Attack) {
    sum.epochs += one.epochs;
    sum.sent += one.sent;
    sum.kept_out += one.kept_out;
    sum.included += one.included;
    sum.refused += one.refused;
    sum.fees += one.fees;
    sum.deposits += one.deposits;
    sum.blocks += one.blocks;
    sum.bytes += one.bytes;
    for (waited, count) in &one.waits {
        *sum.waits.entry(*waited).or_default() += count;
    }
}

fn named(name: &Option<StrategyName>) -> String {
    name.map_or_else(|| "nothing".into(), |name| name.to_string())
}

fn decided(outcomes: &[Outcome]) -> Question {
    let of_track = |track: TrackName| {
        let decided = outcomes.iter().flat_map(|outcome| &outcome.decided).filter(move |one| one.asked == track);
        Spread::of(decided.map(|one| one.to_decide)).map(|spread| (track.to_string(), spread))
    };
    let of: Vec<(String, Spread)> =
        [TrackName::Routine, TrackName::Expedited].into_iter().filter_map(of_track).collect();
    let wanted: u64 = outcomes.iter().map(|outcome| outcome.wanted).sum();
    let passed: u64 = outcomes.iter().map(|outcome| outcome.decided.len() as u64).sum();
    let each: Vec<String> = of
        .iter()
        .map(|(track, spread)| {
            let (median, most) = (counted(spread.median, "epoch"), grouped(spread.most));
            format!("{median} in the median and {most} at most on the {track} track")
        })
        .collect();
    let says = if each.is_empty() {
        "No honest motion was decided.".into()
    } else {
        format!("{} of {} passed, {}, windows included.", grouped(passed), grouped(wanted), each.join(", "))
    };
    let chart = Chart::Spread { unit: "epochs", of };
    question("How long is it from wanting an honest motion to the end of its vote?", says, Some(chart))
}

fn later(outcomes: &[Outcome]) -> Question {
    let decided = || outcomes.iter().flat_map(|outcome| &outcome.decided);
    let during = |name: Option<StrategyName>| {
        let is_during = move |list: &[StrategyName]| name.map_or(list.is_empty(), |name| list.contains(&name));
        let late = decided().filter(move |one| is_during(&one.during)).map(|one| one.late);
        Spread::of(late).map(|spread| (named(&name), spread))
    };
    let names = std::iter::once(None).chain(StrategyName::ALL.map(Some));
    let of: Vec<(String, Spread)> = names.filter_map(during).collect();
    let moved = decided().filter(|one| one.asked != one.track).count() as u64;
    let most = of.iter().map(|(_, spread)| spread.most).max().unwrap_or_default();
    let says = if of.is_empty() {
        "No honest motion was decided.".into()
    } else {
        format!(
            "By {} at most, because a place was found so much later; {} took the place of an urgent motion instead, \
             where the routine track was closed to them.",
            counted(most, "epoch"),
            share(moved, decided().count() as u64)
        )
    };
    question(
        "How much later is it decided while something is played?",
        says,
        Some(Chart::Spread { unit: "epochs", of }),
    )
}

fn waiting(attacks: &BTreeMap<Option<StrategyName>, Attack>) -> Question {
    let row = |(name, attack): (&Option<StrategyName>, &Attack)| {
        let waits = attack.waits.iter().flat_map(|(waited, count)| (0..*count).map(|_| *waited));
        Spread::of(waits).map(|spread| (named(name), spread))
    };
    let of: Vec<(String, Spread)> = attacks.iter().filter_map(row).collect();
    let worst = of.iter().max_by_key(|(_, spread)| (spread.most, spread.p99));
    let says = worst.map_or_else(
        || "Nobody honest sent anything.".into(),
        |(name, spread)| {
            format!(
                "{} at most beyond the next one, while {name} is played; 99 of 100 then wait {} or less.",
                counted(spread.most, "block"),
                grouped(spread.p99)
            )
        },
    );
    question("How long does an honest transaction wait for a block?", says, Some(Chart::Spread { unit: "blocks", of }))
}

fn cost(attacks: &BTreeMap<Option<StrategyName>, Attack>) -> Question {
    let each = attacks.iter().filter_map(|(name, attack)| Some(((*name)?, attack)));
    let an_epoch = |attack: &Attack| (attack.fees + attack.deposits) / attack.epochs.max(1);
    let of: Vec<(String, u64)> = each.clone().map(|(name, attack)| (name.to_string(), an_epoch(attack))).collect();
    let (fees, deposits) =
        each.clone().fold((0, 0), |(fees, deposits), (_, attack)| (fees + attack.fees, deposits + attack.deposits));
    let (sent, refused): (u64, u64) = each
        .fold((0, 0), |(sent, refused), (_, attack)| (sent + attack.sent, refused + attack.refused + attack.kept_out));
    let says = if sent == 0 {
        "Nothing: it sent no transaction.".into()
    } else {
        format!(
            "All together it paid {} in fees and forfeited {}; {} of what it sent was refused by the pool or the \
             chain.",
            counted(fees, "token"),
            grouped(deposits),
            share(refused, sent)
        )
    };
    question("What does an attack cost the attacker?", says, Some(Chart::Bars { unit: "tokens an epoch", of }))
}

fn fullness(attacks: &BTreeMap<Option<StrategyName>, Attack>, outcomes: &[Outcome]) -> Question {
    let most = outcomes.first().map_or(0, |outcome| outcome.block_bytes);
    let filled = |attack: &Attack| attack.bytes * 100 / (attack.blocks * most).max(1);
    let of: Vec<(String, u64)> = attacks.iter().map(|(name, attack)| (named(name), filled(attack))).collect();
    let sum = |of: fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    // Not those of each strategy: a block is made once, however many are played at a time.
    let (full, blocks) = (sum(|outcome| outcome.full), sum(|outcome| outcome.blocks));
    let says = match blocks {
        0 => "No block was made.".into(),
        _ => format!("{} of the blocks were full to nine tenths of {}.", share(full, blocks), counted(most, "byte")),
    };
    question("How full do blocks become?", says, Some(Chart::Bars { unit: "percent of a block", of }))
}

/// The most shared places of a track that the attacker held at once, how many there are, and the blocks before which
/// others found none.
fn taken(outcomes: &[Outcome], of_track: fn(&Outcome) -> &Places) -> (u64, u64, u64) {
    let places = || outcomes.iter().map(of_track);
    let hostile = places().map(|places| places.most_hostile).max().unwrap_or_default();
    let all = places().map(|places| places.all).max().unwrap_or_default();
    (hostile, all, places().map(|places| places.closed).sum())
}

fn places(outcomes: &[Outcome]) -> Question {
    let tracks = [
        (TrackName::Routine, taken(outcomes, |outcome| &outcome.routine)),
        (TrackName::Expedited, taken(outcomes, |outcome| &outcome.expedited)),
    ];
    let each = tracks.iter().map(|(track, (hostile, all, closed))| {
        let (hostile, all, closed) = (grouped(*hostile), grouped(*all), counted(*closed, "block"));
        format!("the attacker held {hostile} of {all} on the {track} track, and others found none free before {closed}")
    });
    let says = format!("Of those that all proposers share, {}.", each.collect::<Vec<_>>().join("; "));
    let of = tracks.iter().map(|(track, (hostile, ..))| (track.to_string(), *hostile)).collect();
    question("How many places can the attacker take?", says, Some(Chart::Bars { unit: "places", of }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two strategies were played in all of its 1,000 blocks, of which half were full.
    fn outcome() -> Outcome {
        let attack =
            Attack { blocks: 1_000, bytes: 6_000_000, epochs: 250, sent: 3_000, fees: 12_345, ..Attack::default() };
        let places = Places { all: 8, most: 8, most_hostile: 5, closed: 1_200 };
        Outcome {
            blocks: 1_000,
            full: 500,
            block_bytes: 12_000,
            attacks: [StrategyName::Full, StrategyName::Censor].map(|name| (name, attack.clone())).into(),
            routine: places.clone(),
            expedited: Places { closed: 1, ..places },
            ..Outcome::default()
        }
    }

    fn says(asks: &str, outcomes: &[Outcome]) -> String {
        let questions = answer(outcomes).questions;
        questions.into_iter().find(|question| question.asks.contains(asks)).unwrap().says
    }

    #[test]
    fn a_block_is_counted_once_however_many_strategies_are_played_in_it() {
        let says = says("How full", &[outcome(), Outcome { full: 250, ..outcome() }]);
        assert_eq!(says, "37.5 % of the blocks were full to nine tenths of 12,000 bytes.");
    }

    #[test]
    fn places_are_found_taken_before_blocks() {
        let says = says("places", &[outcome()]);
        assert!(
            says.contains("held 5 of 8 on the routine track, and others found none free before 1,200 blocks"),
            "{says}"
        );
        assert!(says.ends_with("on the expedited track, and others found none free before 1 block."), "{says}");
    }

    #[test]
    fn numbers_stand_as_people_read_them_and_nothing_is_said_of_what_was_not() {
        assert!(says("cost", &[outcome()]).contains("paid 24,690 tokens in fees and forfeited 0; 0.0 % of"));
        let nothing = [Outcome::default()];
        assert_eq!(says("cost", &nothing), "Nothing: it sent no transaction.");
        assert_eq!(says("later", &nothing), "No honest motion was decided.");
        assert!(answer(&nothing).questions.iter().all(|question| !question.says.contains("- ")));
    }
}
