//! What many futures came to: for a terminal, and for scripts.

use crate::answer::{Chart, Question, Spread, counted};
use crate::played::Played;
use crate::property::{Kind, Property};
use crate::run::Simulation;
use primitives::grouped;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How wide a bar is, in letters.
const BAR: u64 = 30;

/// A line of more points than these has its quarters alone.
const MOST_POINTS: usize = 9;

/// For a terminal.
pub fn text<S: Simulation>(played: &Played<'_, S>) -> String {
    let mut text =
        format!("{}: {}\nnetwork: {}\n\nproperties\n", played.simulation.name(), how_much(played), played.source,);
    for property in played.simulation.properties() {
        let _ = writeln!(text, "  {:<60} {}", property.name, stands(played, property));
    }
    for question in &played.answer().questions {
        text.push_str(&asked(question));
    }
    text
}

/// How many futures from which seed on, and how many events, in words.
pub fn how_much<S: Simulation>(played: &Played<'_, S>) -> String {
    let (futures, events) = (counted(played.futures.len() as u64, "future"), counted(played.events(), "event"));
    let only = if played.futures.len() == 1 { "" } else { " on" };
    format!("{futures} from seed {}{only}, {events}", played.seeds.start)
}

/// How a property stands, in words.
pub fn stands<S: Simulation>(played: &Played<'_, S>, property: &Property) -> String {
    let (count, all) = (played.count(property), played.futures.len() as u64);
    let part = format!("in {} of {}", grouped(count), grouped(all));
    match property.kind {
        Kind::Never if count > 0 => format!("BROKEN {part}"),
        Kind::Never if all == 1 => "held".into(),
        Kind::Never => format!("held in all {}", grouped(all)),
        Kind::Sometimes => format!("happened {part}"),
    }
}

fn asked(question: &Question) -> String {
    let mut text = format!("\n{}\n  {}\n", question.asks, question.says);
    let (unit, rows): (&str, Vec<(String, String)>) = match &question.chart {
        None => return text,
        Some(Chart::Spread { unit, of }) => (unit, spreads(of)),
        Some(Chart::Bars { unit, of }) => (unit, bars(of)),
        Some(Chart::Lines { x, y, of }) => {
            let _ = writeln!(text, "  {y} by {x}");
            ("", lines(of))
        }
    };
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    for (name, row) in rows {
        let _ = writeln!(text, "    {name:<width$}  {row} {unit}");
    }
    text.lines().fold(String::new(), |all, line| all + line.trim_end() + "\n")
}

fn spreads(of: &[(String, Spread)]) -> Vec<(String, String)> {
    let furthest = of.iter().map(|(_, spread)| spread.most).max().unwrap_or_default();
    let row = |spread: &Spread| {
        let [median, p90, most] = [spread.median, spread.p90, spread.most].map(grouped);
        format!("|{}| median {median}, nine in ten within {p90}, most {most}", drawn(spread, furthest))
    };
    of.iter().map(|(name, spread)| (name.clone(), row(spread))).collect()
}

/// A spread between 0 and the most of all: `-` from the least to the most, `=` from a tenth to nine tenths, `o` at the median.
fn drawn(spread: &Spread, furthest: u64) -> String {
    let at = |number: u64| part_of_bar(number, furthest, BAR - 1);
    let letter = |place: u64| match place {
        place if place == at(spread.median) => 'o',
        place if (at(spread.p10)..=at(spread.p90)).contains(&place) => '=',
        place if (at(spread.least)..=at(spread.most)).contains(&place) => '-',
        _ => ' ',
    };
    (0..BAR).map(letter).collect()
}

/// How many letters a number is, of so many for the most.
fn part_of_bar(number: u64, most: u64, letters: u64) -> u64 {
    let long = u128::from(number) * u128::from(letters);
    u64::try_from(long.checked_div(most.into()).unwrap_or_default()).unwrap_or(letters)
}

fn bars(of: &[(String, u64)]) -> Vec<(String, String)> {
    let most = of.iter().map(|(_, number)| *number).max().unwrap_or_default();
    let bar = |number: u64| (0..part_of_bar(number, most, BAR)).map(|_| '#').collect::<String>();
    let row = |number: u64| format!("{:<width$} {}", bar(number), grouped(number), width = BAR as usize);
    of.iter().map(|(name, number)| (name.clone(), row(*number))).collect()
}

fn lines(of: &[(String, Vec<(u64, u64)>)]) -> Vec<(String, String)> {
    let row = |points: &[(u64, u64)]| {
        let shown = shown(points).into_iter();
        shown.map(|(x, y)| format!("{}: {}", grouped(x), grouped(y))).collect::<Vec<_>>().join(", ")
    };
    of.iter().map(|(name, points)| (name.clone(), row(points))).collect()
}

/// All points of a short line, and the quarters of a longer one, its end included: what it comes to says most.
fn shown(points: &[(u64, u64)]) -> Vec<(u64, u64)> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    (0..=4).filter_map(|quarter| points.get((points.len() - 1) * quarter / 4)).copied().collect()
}

/// For scripts.
pub fn json<S: Simulation>(played: &Played<'_, S>, with_futures: bool) -> Value {
    let property = |property: &&'static Property| {
        let counted = match property.kind {
            Kind::Never => "broken_in",
            Kind::Sometimes => "happened_in",
        };
        json!({
            "name": property.name, "kind": property.kind, "meaning": property.meaning, counted: played.count(property),
        })
    };
    let broken = played.futures.iter().flat_map(|future| {
        let seed = future.seed;
        future.broken.iter().map(move |broken| json!({ "seed": seed, "broken": broken }))
    });
    let mut document = json!({
        "simulation": played.simulation.name(),
        "source": played.source,
        "seeds": { "first": played.seeds.start, "count": played.futures.len() },
        "events": played.events(),
        "trace": played.trace(),
        "properties": played.simulation.properties().iter().map(property).collect::<Vec<_>>(),
        "broken": broken.collect::<Vec<_>>(),
        "answer": played.answer(),
    });
    if with_futures {
        document["futures"] = json!(played.futures);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_drawn_from_the_least_to_the_most_on_one_scale() {
        let spread = Spread::of(0..=100).unwrap();
        assert_eq!(drawn(&spread, 100), "--============o============---");
        assert_eq!(drawn(&spread, 200), "-======o======-               ");
        assert_eq!(drawn(&Spread::of([0]).unwrap(), 0), format!("{:<30}", "o"));
        let rows = spreads(&[("all".into(), spread)]);
        assert!(rows[0].1.ends_with("| median 50, nine in ten within 90, most 100"), "{}", rows[0].1);
    }

    #[test]
    fn bars_are_as_long_as_their_numbers() {
        let rows = bars(&[("all".into(), 1_000), ("half".into(), 500), ("none".into(), 0)]);
        let lengths: Vec<usize> = rows.iter().map(|(_, row)| row.matches('#').count()).collect();
        assert_eq!(lengths, [30, 15, 0]);
        assert!(rows[0].1.ends_with(" 1,000"));
    }

    #[test]
    fn of_a_line_all_points_are_shown_or_the_quarters_where_there_are_many() {
        let line = |last: u64| (0..=last).map(|x| (x, x * 10)).collect::<Vec<_>>();
        let row = |last| lines(&[("up".into(), line(last))])[0].1.clone();
        assert_eq!(row(5), "0: 0, 1: 10, 2: 20, 3: 30, 4: 40, 5: 50");
        assert_eq!(shown(&line(8)), line(8));
        assert_eq!(row(16), "0: 0, 4: 40, 8: 80, 12: 120, 16: 160");
        assert_eq!(shown(&line(9)).last(), line(9).last());
        assert!(shown(&[]).is_empty());
    }
}
