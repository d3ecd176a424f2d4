//! The page of blocks, and that of one block.

use super::answer::{BlockAnswer, BlockRow};
use crate::pages::parts::{badge, empty, facts, pager, section, table};
use crate::pages::text::{block as block_link, count, full_hash, grouped, hash, hash_link, named, time, visible};
use crate::pages::{Frame, layout};
use crate::topics::audit::page::{EntryList, entries};
use maud::{Markup, html};
use rpc::views::{Descriptions, PageOf};

/// Blocks, the latest first.
pub fn blocks(frame: &Frame<'_>, described: &Descriptions, page: &PageOf<BlockRow>) -> Markup {
    let columns = ["#Height", "Hash", "#Epoch", "Time", "Proposer", "#Facts", "#Refused"];
    let rows = html! { @for block in &page.entries { (row(frame, described, block)) } };
    let list = html! {
        (table("Blocks, the latest first", &columns, rows))
        (pager(frame, "/blocks", page))
    };
    let body = html! {
        h1 { "Blocks" }
        p.intro { "Every block was verified before it came here: its certificate, its parent, and its facts." }
        (section("blocks", "All blocks", list))
    };
    layout(frame, "Blocks", "/blocks", body)
}

fn row(frame: &Frame<'_>, described: &Descriptions, block: &BlockRow) -> Markup {
    html! {
        tr {
            td.num data-label="Height" { (block_link(block.height)) }
            td data-label="Hash" { (hash(block.hash)) }
            td.num data-label="Epoch" { (grouped(block.epoch.0)) }
            td data-label="Time" { @if block.height.0 == 0 { "genesis" } @else { (time(frame, block.time)) } }
            td data-label="Proposer" {
                @if block.height.0 == 0 { "nobody" } @else { (named(described, &block.proposer)) }
            }
            td.num data-label="Facts" { (grouped(block.facts)) }
            td.num data-label="Refused" {
                @if block.refused > 0 { (badge("bad", &grouped(block.refused))) } @else { "0" }
            }
        }
    }
}

/// One block with its facts.
pub fn block(frame: &Frame<'_>, answer: &BlockAnswer) -> Markup {
    let height = answer.header.height.0;
    let title = if height == 0 { "Genesis".into() } else { format!("Block {}", grouped(height)) };
    let body = html! {
        h1 { (title) }
        (neighbours(frame, height))
        (section("header", "Header", header(frame, answer)))
        (section("certificate", "Certificate", certificate(answer)))
        (section("facts", "Facts", recorded(frame, answer)))
    };
    layout(frame, &title, "/blocks", body)
}

fn neighbours(frame: &Frame<'_>, height: u64) -> Markup {
    let newest = frame.position.map_or(height, |position| position.at.height.0);
    html! {
        nav.pager id="neighbours" data-live aria-label="Neighbouring blocks" {
            ul {
                @if height > 0 { li { a id="page-previous" href={ "/blocks/" (height - 1) } { "Previous block" } } }
                @if height < newest { li { a id="page-next" href={ "/blocks/" (height + 1) } { "Next block" } } }
            }
        }
    }
}

fn header(frame: &Frame<'_>, answer: &BlockAnswer) -> Markup {
    let header = &answer.header;
    let (made, proposer, parent) = match header.height.0.checked_sub(1) {
        None => (html! { "genesis" }, html! { "nobody" }, html! { "none" }),
        Some(parent) => {
            let parent = hash_link(&format!("/blocks/{parent}"), header.parent);
            (time(frame, header.time), named(&answer.described, &header.proposer), parent)
        }
    };
    facts(vec![
        ("Hash", full_hash(answer.hash)),
        ("Network", html! { bdi { (visible(header.chain_id.as_str())) } }),
        ("Height", html! { (grouped(header.height.0)) }),
        ("Epoch", html! { (grouped(answer.epoch.0)) }),
        ("Time", made),
        ("Proposer", proposer),
        ("Parent", parent),
        ("Transactions root", full_hash(header.transactions_root)),
        ("Precommits for the parent", full_hash(header.last_commit_hash)),
        ("Facts root", full_hash(header.facts_root)),
        ("State root", full_hash(header.state_root)),
        ("Validators", full_hash(header.validators_hash)),
        ("Next validators", full_hash(header.next_validators_hash)),
    ])
}

fn certificate(answer: &BlockAnswer) -> Markup {
    match answer.round {
        None => html! { p { "Genesis has no certificate: nobody decided it." } },
        Some(round) => html! {
            p {
                "Decided in round " (round) " by the precommits of " (count(answer.precommits, "validator"))
                ", each verified against the validator set of the header."
            }
        },
    }
}

fn recorded(frame: &Frame<'_>, answer: &BlockAnswer) -> Markup {
    if answer.facts.is_empty() {
        return empty("This block has no facts.", "No transaction and no deadline fell into it.", &[]);
    }
    let shown = answer.facts.len() as u64;
    let following = format!("/audit?before={}.0", answer.header.height.0.saturating_add(1));
    html! {
        p { (count(answer.fact_count, "fact")) " in the order they came about." }
        (entries(frame, &answer.described, &answer.facts, EntryList::Block))
        @if answer.fact_count > shown {
            p {
                "The first " (grouped(shown)) " are shown; "
                a href=(following) { "the audit log has all of them" } "."
            }
        }
    }
}
