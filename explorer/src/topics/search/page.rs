//! The page of a search.

use crate::answers::{Match, SearchAnswer};
use crate::pages::parts::empty;
use crate::pages::text::{short, visible};
use crate::pages::{Frame, layout};
use maud::{Markup, html};

/// What a search found.
pub fn search(frame: &Frame<'_>, answer: &SearchAnswer) -> Markup {
    let body = html! {
        h1 { "Search" }
        form.filters role="search" aria-label="Of this page" method="get" action="/search" {
            div.field.wide {
                label for="search-here" { "Hash, height, account, key or proposal" }
                input id="search-here" type="search" name="q" maxlength="128" value=(answer.query) autocomplete="off"
                    spellcheck="false";
            }
            div.actions { button type="submit" { "Search" } }
        }
        section.panel id="matches" data-live aria-labelledby="matches-title" {
            h2 id="matches-title" { "Results" }
            (results(answer))
        }
    };
    layout(frame, "Search", "", body)
}

fn results(answer: &SearchAnswer) -> Markup {
    if answer.matches.is_empty() {
        let query = visible(answer.query.trim());
        let title =
            if query.is_empty() { "Nothing was asked for.".into() } else { format!("Nothing is called {query:?}.") };
        return html! { (empty(&title, "What can be found:", &[])) (what_can_be_found()) };
    }
    html! {
        ul.list { @for found in &answer.matches { (result(found)) } }
    }
}

fn result(found: &Match) -> Markup {
    html! {
        li.card {
            span.badge.quiet { (found.kind) } " "
            a href=(found.url) { code title=(found.id) { (short(&found.id)) } }
        }
    }
}

fn what_can_be_found() -> Markup {
    html! {
        ul {
            li { "a release by its version, or by the BLAKE3 of a build, of which six digits are enough" }
            li { "a proposal, or a change under a plan, by its number" }
            li { "a block by its height or its hash" }
            li { "a transaction by its hash" }
            li { "an account, a validator or a release signer by its key: 64 hex digits" }
        }
    }
}
