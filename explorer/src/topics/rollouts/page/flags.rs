//! The pages of flags: those of a plan, and one with how it came to serve what it serves.

use super::super::answer::{FlagAnswer, FlagLine, FlagsAnswer};
use super::board::served;
use super::{effects, parts};
use crate::pages::parts::{badge, empty, facts, section, table};
use crate::pages::text::{block, change_link, stranger, time};
use crate::pages::{Frame, layout};
use flags::{Expiry, Flag};
use maud::{Markup, html};
use primitives::Name;

/// The flags of a plan.
pub fn flags(frame: &Frame<'_>, answer: &FlagsAnswer) -> Markup {
    let plan = answer.plan.as_str();
    let title = format!("Flags of {plan}");
    let (stale, rest): (Vec<_>, Vec<_>) =
        answer.flags.iter().filter(|line| !line.is_retired).partition(|line| line.is_expired);
    let retired: Vec<&FlagLine> = answer.flags.iter().filter(|line| line.is_retired).collect();
    let body = html! {
        h1 { (title) }
        p.intro { "What plan " a href={ "/rollouts/" (plan) } { (plan) } " serves, who answers for it, and until when." }
        @if !stale.is_empty() { (section("stale", "Past their day", list(frame, &answer.plan, &stale))) }
        (section("flags", "Flags", list(frame, &answer.plan, &rest)))
        @if !retired.is_empty() { (section("retired", "Retired", list(frame, &answer.plan, &retired))) }
    };
    layout(frame, &title, "/rollouts", body)
}

fn list(frame: &Frame<'_>, plan: &Name, lines: &[&FlagLine]) -> Markup {
    if lines.is_empty() {
        return empty("There is no flag.", "Flags come with a plan, or somebody defines them who may.", &[]);
    }
    let rows = html! {
        @for line in lines {
            tr {
                td data-label="Flag" {
                    a href={ "/flags/" (plan.as_str()) "/" (line.flag.key.as_str()) } { (line.flag.key.as_str()) }
                }
                td data-label="Kind" { (line.flag.kind.to_string()) }
                td data-label="Serves" { (served(&line.now)) }
                td data-label="Owner" { code { (line.flag.owner.as_str()) } }
                td data-label="Until" { (until(frame, &line.flag)) }
            }
        }
    };
    table("Flags", &["Flag", "Kind", "Serves", "Owner", "Until"], rows)
}

fn until(frame: &Frame<'_>, flag: &Flag) -> Markup {
    match flag.expires {
        Expiry::Never => html! { "for ever" },
        Expiry::At(day) => time(frame, day),
    }
}

/// One flag, with everything that is set of it.
pub fn flag(frame: &Frame<'_>, answer: &FlagAnswer) -> Markup {
    let (flag, plan) = (&answer.line.flag, answer.plan.as_str());
    let title = format!("Flag {}", flag.key.as_str());
    let body = html! {
        h1 { (title) }
        p.intro { (stranger(flag.text.as_str())) }
        (section("flag", "The flag", overview(frame, answer)))
        (section("settings", "What is set", settings(frame, answer)))
        (section("moves", "How it was moved", moves(frame, answer)))
        p { a href={ "/flags/" (plan) } { "The flags of plan " (plan) } }
    };
    layout(frame, &title, "/rollouts", body)
}

fn overview(frame: &Frame<'_>, answer: &FlagAnswer) -> Markup {
    let FlagLine { flag, since, now, is_retired, is_expired, .. } = &answer.line;
    let variants = html! {
        ul.plain {
            @for variant in flag.variants.iter() {
                li { code { (variant.name.as_str()) } " " (stranger(&serde_json::to_string(&variant.value).unwrap_or_default())) }
            }
        }
    };
    let mut pairs = vec![
        ("Serves", served(now)),
        ("Kind", html! { (flag.kind.to_string()) ", risk " (flag.risk.to_string()) }),
        ("Variants", variants),
        (
            "Owner",
            html! { a href={ "/roles/" (answer.plan.as_str()) "#role-" (flag.owner.as_str()) } { (flag.owner.as_str()) } },
        ),
        ("Until", until(frame, flag)),
        ("Emergency", html! { @if flag.emergency { "may switch it off" } @else { "may not touch it" } }),
        ("Defined", html! { "block " (block(*since)) }),
    ];
    if !flag.requires.is_empty() {
        pairs.push(("Requires", html! { @for key in flag.requires.iter() { code { (key.as_str()) } " " } }));
    }
    html! {
        @if *is_retired { p { (badge("quiet", "retired")) } }
        @if *is_expired { p { (badge("warn", "expired")) " Its day has come, and it serves what it served." } }
        (facts(pairs))
    }
}

fn settings(frame: &Frame<'_>, answer: &FlagAnswer) -> Markup {
    if answer.settings.is_empty() {
        return empty("Nothing is set.", "It serves its fallback everywhere.", &[]);
    }
    let rows = html! {
        @for line in &answer.settings {
            tr {
                td data-label="Where" { (parts::path(&line.path)) }
                td data-label="Stands" { (effects::side(&line.side, Some(&answer.line.flag))) }
                td data-label="Since" { (parts::when(frame, &line.since)) }
                td data-label="By" { (change_link(line.change.0)) }
            }
        }
    };
    table("What is set, by path", &["Where", "Stands", "Since", "By"], rows)
}

fn moves(frame: &Frame<'_>, answer: &FlagAnswer) -> Markup {
    if answer.moves.is_empty() {
        return empty("It was never moved.", "Every change of what it serves stands here, with its ticket.", &[]);
    }
    let flag = Some(&answer.line.flag);
    let rows = html! {
        @for flip in &answer.moves {
            tr {
                td data-label="When" { (parts::when(frame, &flip.at)) }
                td data-label="Where" { (parts::path(&flip.path)) }
                td data-label="Before" { (effects::side(&flip.before, flag)) }
                td data-label="After" { (effects::side(&flip.after, flag)) }
                td data-label="By" { (change_link(flip.change.0)) }
                td data-label="Ticket" {
                    @match &flip.ticket { Some(ticket) => code { (ticket.as_str()) }, None => "none" }
                }
            }
        }
    };
    table("Moves, the latest first", &["When", "Where", "Before", "After", "By", "Ticket"], rows)
}
