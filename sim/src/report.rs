//! What many futures came to, as one page with charts: it asks no server for anything, and needs no script.

use crate::answer::{Chart, Question, Spread};
use crate::played::Played;
use crate::property::Kind;
use crate::run::Simulation;
use crate::summary::{how_much, stands};
use maud::{DOCTYPE, Markup, html};
use primitives::grouped;

const WIDTH: f64 = 640.0;
/// What is left of the chart for names.
const NAMES: f64 = 250.0;
const ROW: f64 = 26.0;
const LINES_HIGH: f64 = 240.0;
/// Colours that are told apart on light and on dark, also by those who see fewer.
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1b1b1f; --paper: #fff; --soft: #6b6b76; --line: #d5d5dd; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececf1; --paper: #16161a; --soft: #a0a0ad; --line: #3a3a44; --bad: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
.soft { color: var(--soft); } .bad { color: var(--bad); font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; white-space: nowrap; }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
svg .axis { stroke: var(--line); } details { margin-top: .5rem; }
";

/// The page.
pub fn page<S: Simulation>(played: &Played<'_, S>) -> String {
    let name = played.simulation.name();
    let answer = played.answer();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (name) }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                h1 { (name) }
                p {
                    (how_much(played)) ". Network: " (played.source) "."
                }
                @for question in &answer.questions { (section(question)) }
                h2 { "What must hold, and what must happen sometimes" }
                (properties(played))
                p.soft { "The same seeds give the same futures; the hash of what happened in all of them is " code { (played.trace()) } "." }
            }
        }
    };
    page.into_string()
}

fn properties<S: Simulation>(played: &Played<'_, S>) -> Markup {
    html! {
        table {
            thead { tr { th { "Property" } th { "In these futures" } } }
            tbody {
                @for property in played.simulation.properties() {
                    @let is_bad = property.kind == Kind::Never && played.count(property) > 0;
                    tr {
                        td { (property.name) br; span.soft { (property.meaning) } }
                        td class=[is_bad.then_some("bad")] { (stands(played, property)) }
                    }
                }
            }
        }
    }
}

fn section(question: &Question) -> Markup {
    html! {
        section {
            h2 { (question.asks) }
            p { (question.says) }
            @match &question.chart {
                None => {}
                Some(Chart::Spread { unit, of }) => { (spread_chart(&question.asks, unit, of)) (spread_table(unit, of)) }
                Some(Chart::Bars { unit, of }) => { (bar_chart(&question.asks, unit, of)) (bar_table(unit, of)) }
                Some(Chart::Lines { x, y, of }) => { (line_chart(&question.asks, x, y, of)) (line_table(x, y, of)) }
            }
        }
    }
}

/// How far to the right a number is, of the most there is.
fn right(number: u64, most: u64, wide: f64) -> f64 {
    if most == 0 { 0.0 } else { number as f64 / most as f64 * wide }
}

fn high(rows: usize) -> f64 {
    ROW * (rows as f64 + 1.0)
}

fn name_of(name: &str, row: usize) -> Markup {
    html! { text x="0" y=(ROW * row as f64 + 18.0) { (name) } }
}

fn scale(rows: usize, most: u64, unit: &str) -> Markup {
    let y = ROW * rows as f64 + 18.0;
    html! {
        line.axis x1=(NAMES) x2=(WIDTH) y1=(y - 14.0) y2=(y - 14.0) {}
        text x=(NAMES) y=(y) { "0" }
        text x=(WIDTH) y=(y) text-anchor="end" { (grouped(most)) " " (unit) }
    }
}

/// From the least to the most a thin line, from a tenth to nine tenths a thick one, and the median.
fn spread_chart(asks: &str, unit: &str, of: &[(String, Spread)]) -> Markup {
    let most = of.iter().map(|(_, spread)| spread.most).max().unwrap_or_default();
    let at = |number: u64| NAMES + right(number, most, WIDTH - NAMES - 8.0);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {}", high(of.len()))) role="img" aria-label=(format!("{asks} The table below has the numbers.")) {
            @for (row, (name, spread)) in of.iter().enumerate() {
                @let y = ROW * row as f64 + 13.0;
                (name_of(name, row))
                line x1=(at(spread.least)) x2=(at(spread.most)) y1=(y) y2=(y) stroke=(COLOURS[0]) stroke-width="2" {}
                line x1=(at(spread.p10)) x2=(at(spread.p90).max(at(spread.p10) + 1.0)) y1=(y) y2=(y) stroke=(COLOURS[0]) stroke-width="12" stroke-opacity="0.55" {}
                circle cx=(at(spread.median)) cy=(y) r="5" fill=(COLOURS[1]) {}
            }
            (scale(of.len(), most, unit))
        }
    }
}

fn spread_table(unit: &str, of: &[(String, Spread)]) -> Markup {
    html! {
        details {
            summary { "Numbers" }
            table {
                thead {
                    tr {
                        th { (unit) }
                        @for name in ["least", "a tenth within", "half within", "nine tenths within", "99 in 100 within", "most", "count"] {
                            th.number { (name) }
                        }
                    }
                }
                tbody {
                    @for (name, spread) in of {
                        tr {
                            td { (name) }
                            @for number in [spread.least, spread.p10, spread.median, spread.p90, spread.p99, spread.most, spread.count] {
                                td.number { (grouped(number)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn bar_chart(asks: &str, unit: &str, of: &[(String, u64)]) -> Markup {
    let most = of.iter().map(|(_, number)| *number).max().unwrap_or_default();
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {}", high(of.len()))) role="img" aria-label=(format!("{asks} The table below has the numbers.")) {
            @for (row, (name, number)) in of.iter().enumerate() {
                (name_of(name, row))
                rect x=(NAMES) y=(ROW * row as f64 + 4.0) width=(right(*number, most, WIDTH - NAMES - 8.0)) height="18" fill=(COLOURS[0]) {}
            }
            (scale(of.len(), most, unit))
        }
    }
}

fn bar_table(unit: &str, of: &[(String, u64)]) -> Markup {
    html! {
        details {
            summary { "Numbers" }
            table {
                thead { tr { th {} th.number { (unit) } } }
                tbody { @for (name, number) in of { tr { td { (name) } td.number { (grouped(*number)) } } } }
            }
        }
    }
}

fn line_chart(asks: &str, x: &str, y: &str, of: &[(String, Vec<(u64, u64)>)]) -> Markup {
    let points = || of.iter().flat_map(|(_, points)| points);
    let (most_x, most_y) =
        (points().map(|(x, _)| *x).max().unwrap_or_default(), points().map(|(_, y)| *y).max().unwrap_or_default());
    let across = |x: u64| format!("{:.1}", 8.0 + right(x, most_x, WIDTH - 16.0));
    let up = |y: u64| format!("{:.1}", LINES_HIGH - right(y, most_y, LINES_HIGH - 16.0));
    let path = |points: &[(u64, u64)]| -> String {
        points.iter().map(|(x, y)| format!("{},{}", across(*x), up(*y))).collect::<Vec<_>>().join(" ")
    };
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {}", LINES_HIGH + 24.0)) role="img" aria-label=(format!("{asks} The table below has the numbers.")) {
            line.axis x1="8" x2=(WIDTH) y1=(LINES_HIGH) y2=(LINES_HIGH) {}
            line.axis x1="8" x2="8" y1="0" y2=(LINES_HIGH) {}
            text x="14" y="12" { (grouped(most_y)) " " (y) }
            text x=(WIDTH) y=(LINES_HIGH + 18.0) text-anchor="end" { (grouped(most_x)) " " (x) }
            @for (index, (_, points)) in of.iter().enumerate() {
                @let colour = COLOURS[index % COLOURS.len()];
                polyline points=(path(points)) fill="none" stroke=(colour) stroke-width="2.5" {}
                // Points are what was counted; and a line of one point is nothing but it.
                @for (x, y) in points { circle cx=(across(*x)) cy=(up(*y)) r="3.5" fill=(colour) {} }
            }
        }
        p.soft {
            @for (index, (name, _)) in of.iter().enumerate() {
                svg viewBox="0 0 14 10" style="width:14px;height:10px" aria-hidden="true" { rect width="14" height="10" fill=(COLOURS[index % COLOURS.len()]) {} }
                " " (name) "  "
            }
        }
    }
}

fn line_table(x: &str, y: &str, of: &[(String, Vec<(u64, u64)>)]) -> Markup {
    html! {
        details {
            summary { "Numbers" }
            table {
                thead { tr { th {} th.number { (x) } th.number { (y) } } }
                tbody {
                    @for (name, points) in of {
                        @for (x, y) in points { tr { td { (name) } td.number { (grouped(*x)) } td.number { (grouped(*y)) } } }
                    }
                }
            }
        }
    }
}
