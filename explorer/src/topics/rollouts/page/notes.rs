//! The page of release notes.

use super::super::answer::{NoteEntry, NoteGroup, NotesAnswer};
use super::parts;
use crate::pages::parts::{badge, empty, section};
use crate::pages::text::{change_link, full_hash, words_of_strangers};
use crate::pages::{Frame, layout};
use maud::{Markup, html};

/// What the changes for a milestone bring to users.
pub fn notes(frame: &Frame<'_>, answer: &NotesAnswer) -> Markup {
    let plan = answer.plan.as_str();
    let title = match &answer.milestone {
        Some(milestone) => format!("Release notes of {plan}, {milestone}"),
        None => format!("Release notes of {plan}"),
    };
    let body = html! {
        h1 { (title) }
        p.intro {
            "What the changes of plan " a href={ "/rollouts/" (plan) } { (plan) } " for a milestone bring to its users, in the words of those "
            "who asked for them. They are made from the chain, and nobody writes them anew."
        }
        (section("milestones", "Milestones", milestones(answer)))
        @if answer.entries.is_empty() {
            (section("notes", "Notes", nothing(answer)))
        }
        @for group in NoteGroup::ALL {
            @if answer.of_group(group).next().is_some() {
                (section(&format!("group-{group:?}").to_lowercase(), group.title(), entries(frame, answer, group)))
            }
        }
        @if let Some(milestone) = &answer.milestone {
            (section("download", "Download", html! {
                p {
                    a.button href={ "/notes/" (plan) "/markdown?milestone=" (milestone.as_str()) } download {
                        "The same as Markdown"
                    }
                }
            }))
        }
    };
    layout(frame, &title, "/rollouts", body)
}

fn milestones(answer: &NotesAnswer) -> Markup {
    if answer.milestones.is_empty() {
        return empty(
            "No change is for a milestone yet.",
            "Whoever asks for a change names a milestone with --milestone, and says with --impact what users will notice.",
            &[],
        );
    }
    html! {
        ul.list {
            @for milestone in &answer.milestones {
                @let is_shown = answer.milestone.as_ref() == Some(milestone);
                li {
                    a href={ "/notes/" (answer.plan.as_str()) "?milestone=" (milestone.as_str()) }
                        aria-current=[is_shown.then_some("page")] { (milestone.as_str()) }
                }
            }
        }
    }
}

fn nothing(answer: &NotesAnswer) -> Markup {
    match &answer.milestone {
        Some(_) => {
            empty("Nothing came of it.", "Every change for this milestone was ended before it was carried out.", &[])
        }
        None => empty("There is nothing to note.", "Notes are made of changes that name a milestone.", &[]),
    }
}

fn entries(frame: &Frame<'_>, answer: &NotesAnswer, group: NoteGroup) -> Markup {
    html! { ul.list { @for entry in answer.of_group(group) { (card(frame, entry)) } } }
}

fn card(frame: &Frame<'_>, entry: &NoteEntry) -> Markup {
    let summary = &entry.summary;
    html! {
        li.card {
            h3 { (change_link(summary.id.0)) ": " (parts::what(summary)) " " (parts::label(summary.label)) }
            @if entry.impact.is_empty() { p { "Nothing is said about what users will notice." } }
            @else { (words_of_strangers(&entry.impact)) }
            @if let Some(executed) = &summary.executed { p { "Carried out " (parts::when(frame, executed)) } }
            @if let Some(artifact) = entry.artifact { p { "Brings " (full_hash(artifact)) } }
            @for feature in &entry.features {
                p {
                    "Feature " code { (feature.name.as_str()) } " " (badge("quiet", &format!("{} risk", feature.risk)))
                    @if let Some(flag) = &feature.flag {
                        ", behind " a href={ "/flags/" (summary.plan.as_str()) "/" (flag.as_str()) } { (flag.as_str()) }
                    }
                }
            }
            @if let Some(ticket) = &summary.ticket { p { "Ticket " code { (ticket.as_str()) } } }
        }
    }
}
