//! What pages are made of: the frame around each, their parts, and chain values as words. Each topic has its own pages.
//!
//! Every page is complete without scripts: filters are forms, lists have links to their other pages, and a chart has its
//! numbers in a table. With scripts, `live.js` asks for the page again when a block comes and puts every element with
//! `data-live` and an id in the place of the one before.
//!
//! # Invariants
//! - What comes from the chain is escaped, and its direction is isolated from the text around it.
//! - Nothing is inline that the content security policy forbids: no styles, no scripts, no handlers.
//! - Only own addresses are linked, and what an account says is its place, by a link that tells that place nothing.

pub(crate) mod manifest;
pub(crate) mod parts;
mod problem;
pub(crate) mod text;
pub(crate) mod words;

use crate::answers::Position;
use crate::assets;
use maud::{DOCTYPE, Markup, html};
use primitives::Timestamp;
use text::{date, grouped, visible};

pub use problem::problem;

/// What every page needs to know beside its answer.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// How far the index is; none before genesis is in it.
    pub position: Option<&'a Position>,
    /// The path of the page, as it was asked for.
    pub path: &'a str,
    /// What stood behind the `?`, as it was asked for; empty when there was none.
    pub query: &'a str,
    /// The server's clock, which the distances of times are counted from.
    pub now: Timestamp,
}

/// The sections, as the navigation lists them.
const SECTIONS: [(&str, &str); 9] = [
    ("/releases", "Releases"),
    ("/proposals", "Proposals"),
    ("/rollouts", "Rollouts"),
    ("/changes", "Changes"),
    ("/incidents", "Incidents"),
    ("/signers", "Signers"),
    ("/validators", "Validators"),
    ("/blocks", "Blocks"),
    ("/audit", "Audit"),
];

/// A whole page around `body`. `current_nav` is the path of its section, such as `/releases`; empty for none.
pub fn layout(frame: &Frame<'_>, title: &str, current_nav: &str, body: Markup) -> Markup {
    let network = frame.position.map_or("Governance explorer", |position| position.chain_id.as_str());
    html! {
        (DOCTYPE)
        html lang="en" data-now=(frame.now.0) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (visible(title)) " · " (visible(network)) }
                link rel="icon" type="image/svg+xml" href=(assets::url("favicon.svg"));
                link rel="stylesheet" href=(assets::url("style.css"));
                script src=(assets::url("live.js")) defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                (header(frame, network, current_nav))
                main id="main" tabindex="-1" { (body) }
                (footer(frame))
            }
        }
    }
}

fn header(frame: &Frame<'_>, network: &str, current_nav: &str) -> Markup {
    html! {
        header.site {
            div.masthead {
                a.brand href="/releases" { span.mark aria-hidden="true" {} bdi { (visible(network)) } }
                p.head id="head" data-live { (head(frame)) }
                p.live id="live-state" role="status" {}
                form.search role="search" method="get" action="/search" {
                    label.visually-hidden for="search-everywhere" { "Search" }
                    input id="search-everywhere" type="search" name="q" maxlength="128" autocomplete="off"
                        spellcheck="false" placeholder="Hash, height, account, proposal";
                    button type="submit" { "Search" }
                }
            }
            nav.sections aria-label="Sections" {
                ul {
                    @for (path, name) in SECTIONS {
                        li { a href=(path) aria-current=[(path == current_nav).then_some("page")] { (name) } }
                    }
                }
            }
        }
    }
}

/// Where the index stands.
fn head(frame: &Frame<'_>) -> Markup {
    let Some(position) = frame.position else { return html! { "No block in the index yet" } };
    let height = position.at.height;
    let behind = position.node_height.map_or(0, |node| node.0.saturating_sub(height.0));
    html! {
        "Block " a href={ "/blocks/" (height.0) } title=(date(position.at.time)) { (grouped(height.0)) }
        ", epoch " (grouped(position.at.epoch.0))
        @if behind > 2 { span.behind { ", " (grouped(behind)) " blocks behind the node" } }
    }
}

fn footer(frame: &Frame<'_>) -> Markup {
    html! {
        footer.site {
            ul {
                li { a href="/openapi.json" { "API document" } }
                li { a href="/healthz" { "Health" } }
            }
            @if let Some(position) = frame.position {
                p { "Every block is verified from genesis " (text::hash(position.genesis_hash)) }
            }
        }
    }
}
