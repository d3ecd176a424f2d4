//! The page of the audit log, and its entries on the page of a block.

use super::answer::{AuditAnswer, AuditEntry};
use super::query::{AuditOutcome, AuditQuery};
use crate::pages::parts::{empty, field, number_field, section, size_field, text_field, with_parameter};
use crate::pages::text::{block, build, full_hash, named, proposal_link, time, visible};
use crate::pages::{Frame, layout};
use crate::topics::{accounts, roles};
use maud::{Markup, html};
use rpc::views::Descriptions;

/// The audit log, the latest fact first.
pub fn audit(frame: &Frame<'_>, query: &AuditQuery, answer: &AuditAnswer) -> Markup {
    let body = html! {
        h1 { "Audit log" }
        p.intro { "Every decision of the chain, granted or refused, in the order of its blocks, the latest first." }
        (section("verified", "The hash chain", verified(answer)))
        (filters(query))
        @if let Some(who) = &query.account {
            (section("account", "The account", accounts::page::account(who, &answer.described)))
            @if !answer.roles.is_empty() {
                (section("roles", "Its roles", roles::page::held(frame, &answer.described, &answer.roles)))
            }
        }
        (section("entries", "Facts", list(frame, query, answer)))
    };
    layout(frame, "Audit log", "/audit", body)
}

fn verified(answer: &AuditAnswer) -> Markup {
    html! {
        p {
            "Hash chain verified up to block " (block(answer.verified_height))
            ", hash " (full_hash(answer.verified_hash)) ", from genesis " (full_hash(answer.genesis_hash)) "."
        }
        p.hint { "For every block: its certificate by the validators, its parent, and the root of the facts below." }
    }
}

fn filters(query: &AuditQuery) -> Markup {
    html! {
        form.filters method="get" action="/audit" aria-label="Filter the audit log" {
            (kind_field(query.kind.as_deref()))
            (outcome_field(query.outcome))
            (text_field("account", "Account", query.account.map(|who| who.to_string()), "64 hex digits"))
            (text_field("build_hash", "Release", query.build_hash.map(|hash| hash.to_string()), "BLAKE3 of a build"))
            (number_field("proposal_id", "Proposal", query.proposal_id))
            (size_field(query.page_size))
            div.actions {
                button type="submit" { "Apply" }
                @if is_filtered(query) { a href="/audit" { "Clear" } }
            }
        }
    }
}

fn kind_field(kind: Option<&str>) -> Markup {
    let input = html! {
        input id="filter-kind" type="text" name="kind" list="kinds" value=[kind] placeholder="governance.voted"
            autocomplete="off" spellcheck="false";
        datalist id="kinds" { @for kind in runtime::kinds() { option value=(kind) {} } }
    };
    field("filter-kind", "Kind", input)
}

fn outcome_field(outcome: Option<AuditOutcome>) -> Markup {
    let select = html! {
        select id="filter-outcome" name="outcome" {
            option value="" selected[outcome.is_none()] { "granted and refused" }
            option value="granted" selected[outcome == Some(AuditOutcome::Granted)] { "granted" }
            option value="refused" selected[outcome == Some(AuditOutcome::Refused)] { "refused" }
        }
    };
    field("filter-outcome", "Outcome", select)
}

fn is_filtered(query: &AuditQuery) -> bool {
    query.kind.is_some()
        || query.outcome.is_some()
        || query.account.is_some()
        || query.build_hash.is_some()
        || query.proposal_id.is_some()
}

fn list(frame: &Frame<'_>, query: &AuditQuery, answer: &AuditAnswer) -> Markup {
    let newest = query.before.is_some().then(|| without(frame.query, "before"));
    let older = answer.next.as_ref().map(|next| with_parameter(frame.query, "before", next));
    html! {
        @if answer.entries.is_empty() {
            (nothing(query, answer.next.is_some()))
        } @else {
            (entries(frame, &answer.described, &answer.entries, EntryList::Log))
        }
        nav.pager aria-label="Parts of the log" {
            ul {
                @if let Some(query) = newest {
                    li { a id="page-newest" href={ "/audit?" (query) } { "Newest entries" } }
                }
                @if let Some(query) = older {
                    li { a id="page-older" href={ "/audit?" (query) } { "Older entries" } }
                }
            }
        }
    }
}

fn without(query: &str, name: &str) -> String {
    query.split('&').filter(|pair| pair.split('=').next() != Some(name)).collect::<Vec<_>>().join("&")
}

fn nothing(query: &AuditQuery, has_older: bool) -> Markup {
    if has_older {
        return empty("No fact matches so far.", "Only a part of the log was looked at: older entries may match.", &[]);
    }
    if is_filtered(query) || query.before.is_some() {
        return empty("No fact matches.", "Leave one of the filters out, or go back to the newest entries.", &[]);
    }
    empty("No fact yet.", "Every transaction becomes a fact here, also one that is refused.", &[])
}

/// Where facts are listed, which their ids on the page follow.
#[derive(Clone, Copy)]
pub(crate) enum EntryList {
    /// In the log, among those of other blocks.
    Log,
    /// On the page of their block, where a search for a transaction leads to them.
    Block,
}

/// Facts, as an ordered list.
pub(crate) fn entries(frame: &Frame<'_>, described: &Descriptions, entries: &[AuditEntry], at: EntryList) -> Markup {
    html! { ol.entries { @for each in entries { (entry(frame, described, each, at)) } } }
}

fn entry(frame: &Frame<'_>, described: &Descriptions, entry: &AuditEntry, at: EntryList) -> Markup {
    let place = format!("{}.{}", entry.height.0, entry.index);
    let id = match at {
        EntryList::Log => format!("fact-{place}"),
        EntryList::Block => format!("fact-{}", entry.index),
    };
    let tone = if entry.refused { "badge bad" } else { "badge quiet" };
    html! {
        li.entry id=(id) {
            p.entry-head {
                a href={ "/blocks/" (entry.height.0) } { (place) }
                " " (time(frame, entry.time))
                " " span class=(tone) { (entry.kind) }
                @if entry.refused { " " span class="badge bad" { "refused" } }
            }
            p.sentence dir="auto" { (visible(&entry.sentence)) }
            (about(described, entry))
            details id={ "json-" (place) } {
                summary { "The fact as JSON" }
                pre.json tabindex="0" { (json(entry)) }
            }
        }
    }
}

fn about(described: &Descriptions, entry: &AuditEntry) -> Markup {
    html! {
        @if entry.account.is_some() || entry.build_hash.is_some() || entry.proposal_id.is_some() {
            ul.about {
                @if let Some(who) = &entry.account { li { "Account " (named(described, who)) } }
                @if let Some(hash) = &entry.build_hash { li { "Release " (build(hash)) } }
                @if let Some(id) = entry.proposal_id { li { (proposal_link(id)) } }
            }
        }
    }
}

fn json(entry: &AuditEntry) -> String {
    let json = serde_json::to_string_pretty(&entry.fact);
    json.map_or_else(|error| format!("this fact has no JSON: {error}"), |text| visible(&text))
}
