//! A retrospective as a document, which of a quarter that is over stays the same. Everything that comes from the chain stands in code
//! spans.

use super::answer::{
    FlagQuarter, QuarterDrill, QuarterIncident, QuarterTurn, RetrospectiveAnswer, SpentTime, TurnMark,
};
use crate::pages::text::machine_date;
use primitives::{Height, Path, Timestamp, code_span as code};
use std::fmt::Write as _;

/// The retrospective in Markdown.
pub(super) fn markdown(answer: &RetrospectiveAnswer) -> String {
    let quarter = &answer.quarter;
    let mut out = format!("# Retrospective of {}, {}\n\n", code(&answer.plan), quarter.quarter);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "From {} until {}.", date(quarter.from), date(quarter.until));
    if !quarter.is_over {
        let (height, time) = (answer.at.height, date(answer.at.time));
        let _ = writeln!(out, "It is not over: this is as of block {height}, {time}.");
    }
    out.push_str("\n## Gates and flags\n");
    if answer.flags.is_empty() {
        out.push_str("\nThere was none.\n");
    }
    answer.flags.iter().for_each(|line| flag(&mut out, line));
    list(&mut out, "Stages entered and gone back from", &answer.stages, turn);
    list(&mut out, "Freezes and pauses", &answer.freezes, turn);
    list(&mut out, "Lapses", &answer.lapses, turn);
    list(&mut out, "Incidents", &answer.incidents, incident);
    list(&mut out, "Drills", &answer.drills, drill);
    out
}

fn list<T>(out: &mut String, title: &str, entries: &[T], entry: impl Fn(&T) -> String) {
    let _ = write!(out, "\n## {title}\n\n");
    if entries.is_empty() {
        out.push_str("There was none.\n");
    }
    for each in entries {
        let _ = writeln!(out, "- {}", entry(each));
    }
}

fn flag(out: &mut String, flag: &FlagQuarter) {
    let _ = write!(out, "\n### {}\n\n", code(&flag.key));
    for spent in &flag.spent {
        let _ = writeln!(out, "- {}", spent_line(spent));
    }
    if flag.flips.is_empty() {
        out.push_str("- it was not moved\n");
    }
    for flip in &flag.flips {
        let ticket = flip.ticket.as_ref().map(|ticket| format!(", ticket {}", code(ticket))).unwrap_or_default();
        let (at, place) = (when(flip.at.height, flip.at.time), place(&flip.path));
        let _ = writeln!(out, "- moved {at}, {place}, by change {}{ticket}", flip.change);
    }
}

fn spent_line(spent: &SpentTime) -> String {
    let served: Vec<String> = spent.variants.iter().map(code).collect();
    let stage =
        spent.stage.as_ref().map_or_else(|| "before any stage".into(), |stage| format!("in stage {}", code(stage)));
    format!("served {} {}, {stage}: {}", served.join(" or "), place(&spent.path), lasted(spent.ms))
}

fn turn(turn: &QuarterTurn) -> String {
    let stage = turn.stage.as_ref().map(|stage| format!(" {}", code(stage))).unwrap_or_default();
    let ticket = turn.ticket.as_ref().map(|ticket| format!(", ticket {}", code(ticket))).unwrap_or_default();
    let (what, at) = (done(turn.what), when(turn.at.height, turn.at.time));
    format!("change {}: {}{stage}, {what} {at}{ticket}", turn.change, turn.kind)
}

/// What happened to a change, in words.
pub(super) fn done(what: TurnMark) -> &'static str {
    match what {
        TurnMark::CarriedOut => "carried out",
        TurnMark::Missed => "late",
        TurnMark::Undone => "undone",
        TurnMark::Thawed => "let others go on",
    }
}

fn incident(incident: &QuarterIncident) -> String {
    let severity = incident.severity.map(|severity| format!(", {severity}")).unwrap_or_default();
    let opened = when(incident.opened.height, incident.opened.time);
    let came_to = match incident.resolved_in_ms {
        Some(ms) => format!("resolved in {}", lasted(ms)),
        None => format!("{} by now", incident.step),
    };
    format!("incident {}{severity}, {}, opened {opened}, {came_to}", incident.id, place(&incident.path))
}

fn drill(drill: &QuarterDrill) -> String {
    let began = &drill.drill.began.at;
    let ended = match (&drill.drill.ended, drill.drill.took) {
        (Some(ended), Some(took)) => format!("{} after {took}", ended.outcome),
        _ => "not ended".into(),
    };
    format!("{}, begun {}, {ended}", code(&drill.domain), when(began.height, began.time))
}

fn place(path: &Path) -> String {
    if path.is_root() { "everywhere".into() } else { format!("at {}", code(path)) }
}

fn when(height: Height, time: Timestamp) -> String {
    if height.0 == 0 { "in genesis".into() } else { format!("in block {height}, {}", date(time)) }
}

/// A time in UTC; after the year 9999, its milliseconds.
fn date(time: Timestamp) -> String {
    machine_date(time).unwrap_or_else(|| format!("{} ms", time.0))
}

/// How long something lasted, in the two largest units that say it.
pub(super) fn lasted(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topics::rollouts::answer::QuarterLine;
    use primitives::{CaseId, ChainPosition, ChangeId, Name, Quarter, ReleaseClass};
    use rollouts::plan::ChangeKind;
    use rpc::views::Descriptions;
    use runtime::testing::examples::AT;

    fn named(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    #[test]
    fn req_160_a_retrospective_names_every_gate_with_the_time_it_spent_also_those_that_nobody_moved() {
        let quarter: Quarter = "2026Q1".parse().unwrap();
        let (from, until) = (quarter.begins(), quarter.ends());
        let spent = |variant: &str, days: u64| SpentTime {
            path: Path::ROOT,
            stage: Some(named("canary")),
            variants: vec![named(variant)],
            ms: days * 86_400_000,
        };
        let gate = |key: &str, spent| FlagQuarter { key: named(key), spent, flips: Vec::new() };
        let promotion = QuarterTurn {
            change: ChangeId(7),
            kind: ChangeKind::Promote,
            class: ReleaseClass::Minor,
            stage: Some(named("canary")),
            ticket: Some(named("CHG-7")),
            what: TurnMark::CarriedOut,
            at: ChainPosition { time: from, ..AT.position() },
            sentence: "it is <b>odd</b>".into(),
        };
        let incident = QuarterIncident {
            id: CaseId(3),
            path: Path::ROOT,
            severity: None,
            step: cases::CaseStep::Resolved,
            opened: AT,
            resolved: Some(AT),
            resolved_in_ms: Some(5_400_000),
        };
        let answer = RetrospectiveAnswer {
            at: AT,
            plan: named("chain"),
            quarter: QuarterLine { quarter: quarter.to_string(), from, until, is_over: true },
            flags: vec![gate("fees", vec![spent("off", 30), spent("on", 60)]), gate("idle", vec![spent("off", 90)])],
            stages: vec![promotion],
            freezes: Vec::new(),
            lapses: Vec::new(),
            incidents: vec![incident],
            drills: Vec::new(),
            described: Descriptions::default(),
        };
        let written = markdown(&answer);
        for said in [
            "# Retrospective of `chain`, 2026-q1\n\nFrom 2026-01-01T00:00:00Z until 2026-04-01T00:00:00Z.\n",
            "### `fees`\n\n- served `off` everywhere, in stage `canary`: 30 d 0 h\n- served `on` everywhere, in stage `canary`: 60 d 0 h\n",
            "### `idle`\n\n- served `off` everywhere, in stage `canary`: 90 d 0 h\n- it was not moved\n",
            "- change 7: promote `canary`, carried out in block ",
            ", 2026-01-01T00:00:00Z, ticket `CHG-7`\n",
            "resolved in 1 h 30 min\n",
            "## Lapses\n\nThere was none.\n",
        ] {
            assert!(written.contains(said), "{said:?} is not in {written}");
        }
        assert!(!written.contains("<b>") && !written.contains("as of block"), "{written}");
        let running =
            RetrospectiveAnswer { quarter: QuarterLine { is_over: false, ..answer.quarter.clone() }, ..answer };
        assert!(markdown(&running).contains("It is not over: this is as of block "));
    }

    #[test]
    fn how_long_something_lasted_is_said_in_two_units() {
        let said = [42_000, 61_000, 3_660_000, 90_000_000].map(lasted);
        assert_eq!(said, ["42 s", "1 min 1 s", "1 h 1 min", "1 d 1 h"]);
    }
}
