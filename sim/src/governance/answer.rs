//! What operators ask about votes under attack, and what the futures say.

use super::outcome::{Attack, Outcome, Places};
use super::strategy::StrategyName;
use crate::answer::{Answer, Chart, Question, Spread, share};
use ::governance::TrackName;
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
    sum.full += one.full;
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
            format!("{} epochs in the median and {} at most on the {track} track", spread.median, spread.most)
        })
        .collect();
    let says = if each.is_empty() {
        "No honest motion was decided.".into()
    } else {
        format!("{passed} of {wanted} passed, {}, windows included.", each.join(", "))
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
    let says = format!(
        "By {most} epochs at most, because a place was found so much later; {} took the place of an urgent motion \
         instead, where the routine track was closed to them.",
        share(moved, decided().count() as u64)
    );
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
                "{} blocks at most beyond the next one, during {name}; there 99 of 100 waited {} or less.",
                spread.most, spread.p99
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
    let says = format!(
        "All together it paid {fees} tokens in fees and forfeited {deposits}; {} of what it sent was refused by \
         the pool or the chain.",
        share(refused, sent)
    );
    question("What does an attack cost the attacker?", says, Some(Chart::Bars { unit: "tokens an epoch", of }))
}

fn fullness(attacks: &BTreeMap<Option<StrategyName>, Attack>, outcomes: &[Outcome]) -> Question {
    let most = outcomes.first().map_or(0, |outcome| outcome.block_bytes);
    let filled = |attack: &Attack| attack.bytes * 100 / (attack.blocks * most).max(1);
    let of: Vec<(String, u64)> = attacks.iter().map(|(name, attack)| (named(name), filled(attack))).collect();
    let (full, blocks) = attacks.values().fold((0, 0), |(full, blocks), one| (full + one.full, blocks + one.blocks));
    let says = format!("{} of the blocks were full to nine tenths of {most} bytes.", share(full, blocks));
    question("How full do blocks become?", says, Some(Chart::Bars { unit: "% of a block", of }))
}

/// The most shared places of a track that the attacker held at once, how many there are, and how often others found
/// none.
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
        format!("the attacker held {hostile} of {all} on the {track} track, and others found them taken {closed} times")
    });
    let says = format!("Of those that all proposers share, {}.", each.collect::<Vec<_>>().join("; "));
    let of = tracks.iter().map(|(track, (hostile, ..))| (track.to_string(), *hostile)).collect();
    question("How many places can the attacker take?", says, Some(Chart::Bars { unit: "places", of }))
}
