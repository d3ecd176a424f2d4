//! The page of the fleet: which nodes see what the chain has, and which are ready for what comes.

use super::super::answer::{FleetAnswer, FleetLine};
use crate::pages::parts::{badge, bar, empty, section, table};
use crate::pages::text::{block, build, grouped, named, percent};
use crate::pages::{Frame, layout};
use maud::{Markup, html};
use rpc::views::FleetMatch;

/// Those who could be elected, by what they advertised last.
pub fn fleet(frame: &Frame<'_>, answer: &FleetAnswer) -> Markup {
    let plan = answer.plan.as_str();
    let title = format!("Fleet of {plan}");
    let body = html! {
        h1 { (title) }
        p.intro {
            "What the nodes of the candidates of epoch " (grouped(answer.epoch.0)) " say that they run, beside what plan "
            a href={ "/rollouts/" (plan) } { (plan) } " asks of them."
        }
        (section("shares", "Shares of the power", shares(answer)))
        (section("nodes", "Nodes", nodes(answer)))
    };
    layout(frame, &title, "/rollouts", body)
}

fn shares(answer: &FleetAnswer) -> Markup {
    html! {
        dl.thresholds {
            (share("Current", "sees the gates as the chain has them", &answer.current))
            @if let (Some(next), Some(stage)) = (&answer.next, &answer.next_stage) {
                (share(&format!("Ready for {}", stage.as_str()), "knows what goes on there, and holds none of it back", next))
            }
            (share("Bundle", "has the bundle of the plan", &answer.bundle))
        }
    }
}

fn share(name: &str, what: &str, part: &FleetMatch) -> Markup {
    let (power, total) = (part.power.0, part.total.0);
    html! {
        div {
            dt { (name) }
            dd {
                (bar(&[("turnout", power)], total, &[], &format!("{name}: {} {what}", percent(power, total))))
                p { strong { (percent(power, total)) } " " (what) ": " (part.nodes) " of " (part.of) " nodes" }
            }
        }
    }
}

fn nodes(answer: &FleetAnswer) -> Markup {
    if answer.nodes.is_empty() {
        return empty("No candidate is known.", "Candidates appear here once an epoch has elected some.", &[]);
    }
    let rows = html! { @for node in &answer.nodes { (row(answer, node)) } };
    table(
        "Nodes of the fleet",
        &["Node", "#Power", "Advertised", "Build", "Current", "Next stage", "Bundle", "Holds back"],
        rows,
    )
}

fn row(answer: &FleetAnswer, node: &FleetLine) -> Markup {
    html! {
        tr {
            td data-label="Node" { (named(&answer.described, &node.account)) }
            td.num data-label="Power" { (grouped(node.power.0)) }
            td data-label="Advertised" {
                @match node.said_at { Some(height) => { "block " (block(height)) }, None => "never" }
            }
            td data-label="Build" {
                @match &node.advertised { Some(said) => (build(&said.build)), None => "never said" }
            }
            td data-label="Current" { (fits(node.is_current, "yes", "drifts")) }
            td data-label="Next stage" {
                @match node.is_ready { Some(ready) => (fits(ready, "ready", "not ready")), None => "none" }
            }
            td data-label="Bundle" { (fits(node.has_bundle, "has it", "has it not")) }
            td data-label="Holds back" {
                @if node.held.is_empty() && node.unknown.is_empty() { "nothing" }
                @for gate in &node.held { code { (gate.to_string()) } " " }
                @if !node.unknown.is_empty() { p { "Knows not " @for gate in &node.unknown { code { (gate.to_string()) } " " } } }
            }
        }
    }
}

fn fits(fits: bool, yes: &str, no: &str) -> Markup {
    if fits { badge("good", yes) } else { badge("warn", no) }
}
