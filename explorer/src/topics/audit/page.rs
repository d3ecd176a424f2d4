//! The page of the audit log, and its entries on the page of a block.

use super::answer::{AuditAnswer, AuditEntry};
use super::query::{AuditOutcome, AuditQuery};
use crate::pages::parts::{badge, empty, facts, field, number_field, section, size_field, text_field, with_parameter};
use crate::pages::text::{block, build, change_link, date, full_hash, grouped, named, proposal_link, time, visible};
use crate::pages::{Frame, layout};
use crate::topics::{accounts, roles};
use maud::{Markup, html};
use primitives::{AlertSeverity, Epoch, RecordClass};
use rpc::views::{AuditIntegrity, Descriptions};
use std::fmt::Display;

/// The audit log, the latest fact first.
pub fn audit(frame: &Frame<'_>, query: &AuditQuery, answer: &AuditAnswer, integrity: &AuditIntegrity) -> Markup {
    let body = html! {
        h1 { "Audit log" }
        p.intro { "Every decision of the chain, granted or refused, in the order of its blocks, the latest first." }
        (section("verified", "The hash chain", verified(answer, integrity)))
        (filters(query))
        @if let Some(who) = &query.account {
            (section("account", "The account", accounts::page::account(who, &answer.described)))
            @if !answer.roles.is_empty() {
                (section("roles", "Its roles", roles::page::held(frame, &answer.described, &answer.roles)))
            }
        }
        (section("entries", "Facts", list(frame, query, answer)))
        (section("export", "Export", exports(query)))
    };
    layout(frame, "Audit log", "/audit", body)
}

fn verified(answer: &AuditAnswer, integrity: &AuditIntegrity) -> Markup {
    html! {
        p { (integrity_badge(integrity)) " " a href="/audit/integrity" { "What was looked at" } }
        p {
            "Hash chain verified up to block " (block(answer.verified_height))
            ", hash " (full_hash(answer.verified_hash)) ", from genesis " (full_hash(answer.genesis_hash)) "."
        }
        p.hint { "For every block: its certificate by the validators, its parent, and the root of the facts below." }
        p { a href="/witnesses" { "Who cosigns the tree of blocks" } }
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
            (word_field("severity", "Severity", "all severities", query.severity))
            (word_field("class", "Class", "all classes", query.class))
            (text_field("plan", "Plan", query.plan.as_ref().map(ToString::to_string), "pos"))
            (text_field("scope", "Path", query.scope.as_ref().map(ToString::to_string), "PROD/t1"))
            (text_field("role", "Role", query.role.as_ref().map(ToString::to_string), "OWNER"))
            (text_field("action", "Action", query.action.as_ref().map(ToString::to_string), "promote.submit"))
            (text_field("from", "From", query.from.map(|time| time.0.to_string()), "2026-03-01"))
            (text_field("to", "To", query.to.map(|time| time.0.to_string()), "2026-03-02"))
            (number_field("change_id", "Change", query.change_id))
            (number_field("case_id", "Case", query.case_id))
            (size_field(query.page_size))
            div.actions {
                button type="submit" { "Apply" }
                @if query.is_filtered() { a href="/audit" { "Clear" } }
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

fn word_field<T: VariantWords>(name: &str, label: &str, any: &str, said: Option<T>) -> Markup {
    let id = format!("filter-{name}");
    let select = html! {
        select id=(id) name=(name) {
            option value="" selected[said.is_none()] { (any) }
            @for each in T::ALL {
                @let word = each.to_string();
                option value=(word) selected[said.as_ref() == Some(each)] { (word) }
            }
        }
    };
    field(&id, label, select)
}

/// What a filter lets choose from.
trait VariantWords: Display + PartialEq + Sized + 'static {
    /// All of them.
    const ALL: &'static [Self];
}

impl VariantWords for AlertSeverity {
    const ALL: &'static [Self] = &[AlertSeverity::Info, AlertSeverity::Warn, AlertSeverity::Critical];
}

impl VariantWords for RecordClass {
    const ALL: &'static [Self] = &RecordClass::ALL;
}

/// Whether the index hangs together, as a word.
fn integrity_badge(integrity: &AuditIntegrity) -> Markup {
    match (integrity.chain_valid, integrity.is_whole) {
        (true, true) => badge("good", "whole"),
        (true, false) => badge("info", "being looked through"),
        (false, _) => badge("bad", "broken"),
    }
}

/// Whether the log hangs together, how that is known, and of which epoch the newest checkpoint is that a witness cosigned.
pub fn integrity(frame: &Frame<'_>, answer: &AuditIntegrity, cosigned: Option<Epoch>) -> Markup {
    let looked = match (answer.checked_from, answer.checked_to) {
        (Some(from), Some(to)) => html! { "Blocks " (block(from)) " to " (block(to)) },
        _ => html! { "Nothing yet" },
    };
    let head = answer.anchor_head.as_ref();
    let anchor = head.map_or_else(|| html! { "none yet" }, |head| full_hash(head.hash));
    let cosigned = match head.and_then(|head| Some((cosigned?, head.log_size?, head.cosignatures?))) {
        Some((epoch, size, witnesses)) => html! {
            (grouped(size)) " blocks at the start of epoch " (grouped(epoch.0)) ", by "
            a href="/witnesses" { (grouped(witnesses)) " of the witnesses" }
        },
        None => html! { "nothing yet" },
    };
    let body = html! {
        h1 { "Integrity of the audit log" }
        p.intro {
            "Every block and every fact of the index is read once, and every block since as it comes: each header names the one before it, "
            "its root is that of its facts, and each fact is filed as what it is."
        }
        (section("state", "State", facts(vec![
            ("Log", integrity_badge(answer)),
            ("Looked at", looked),
            ("Facts", html! { (grouped(answer.total_entries)) }),
            ("Newest hash", anchor),
            ("Cosigned", cosigned),
            ("Attempts to play something down", html! { (grouped(answer.severity_downgrade_count)) }),
        ])))
        @if let (Some(height), Some(what)) = (answer.broken_at, &answer.broken_by) {
            (section("broken", "Broken", html! { p { "Block " (block(height)) ": " (visible(what)) } }))
        }
        @if !answer.severity_downgrades.is_empty() {
            (section("downgrades", "Attempts to play something down", downgrades(frame, answer)))
        }
    };
    layout(frame, "Integrity of the audit log", "/audit", body)
}

fn downgrades(frame: &Frame<'_>, answer: &AuditIntegrity) -> Markup {
    html! {
        ol.entries {
            @for each in &answer.severity_downgrades {
                li.entry {
                    p.entry-head {
                        a href={ "/blocks/" (each.height.0) "#fact-" (each.index) } { (each.height.0) "." (each.index) }
                        " " (time(frame, each.time))
                    }
                    p.sentence dir="auto" { (visible(&each.sentence)) }
                }
            }
        }
    }
}

/// Links to files of what is shown, as far as an export can be asked for it.
fn exports(query: &AuditQuery) -> Markup {
    let given = [
        ("from", query.from.map(|time| time.0.to_string())),
        ("to", query.to.map(|time| time.0.to_string())),
        ("plan", query.plan.as_ref().map(|plan| plan.as_str().to_owned())),
        ("scope", query.scope.as_ref().map(|scope| scope.as_str().to_owned())),
        ("class", query.class.map(|class| class.to_string())),
    ];
    let given = given.into_iter().filter_map(|(name, value)| value.map(|value| format!("&{name}={value}")));
    let given: String = given.collect();
    html! {
        p.hint {
            "Every fact of the time, plan, path and class that is filtered for, with its class, until when it is kept, and whether a hold "
            "keeps it. The other filters leave nothing out."
        }
        ul {
            @for (format, name) in [("json", "JSON"), ("csv", "CSV"), ("ocsf", "OCSF, a line for each event")] {
                li { a id={ "export-" (format) } href={ "/audit/export?format=" (format) (given) } download { (name) } }
            }
        }
    }
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
    if query.is_filtered() || query.before.is_some() {
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
                @match entry.severity {
                    AlertSeverity::Info => {}
                    AlertSeverity::Warn => { " " (badge("warn", "WARN")) }
                    AlertSeverity::Critical => { " " (badge("bad", "CRITICAL")) }
                }
                @if entry.legal_hold_active { " " (badge("info", "held")) }
            }
            p.sentence dir="auto" { (visible(&entry.sentence)) }
            (about(described, entry))
            (filed(entry))
            details id={ "json-" (place) } {
                summary { "The fact as JSON" }
                pre.json tabindex="0" { (json(entry)) }
            }
        }
    }
}

/// What the log can be asked for of it, and until when it is kept.
fn filed(entry: &AuditEntry) -> Markup {
    let marks = &entry.marks;
    html! {
        ul.about {
            @if let Some(plan) = &marks.plan { li { "Plan " (plan) } }
            @if let Some(scope) = marks.scope.as_deref().filter(|scope| !scope.is_empty()) { li { "At " bdi { (visible(scope)) } } }
            @if let Some(role) = &marks.role { li { "As " (role) } }
            @if let Some(action) = &marks.action { li { "Action " bdi { (visible(action)) } } }
            @if let Some(code) = marks.code { li { code { (code) } } }
            @if let Some(change) = marks.change_id { li { (change_link(change.0)) } }
            @if let Some(case) = marks.case_id { li { "Case " (case.0) } }
            li { "Class " (entry.class) }
            @if let Some(until) = entry.retention_expires_at { li { "Kept until " (date(until)) } }
            @if entry.height.0 > 0 {
                li { a href={ "/audit/proof/" (entry.height.0) "/" (entry.index) } { "Its proof" } }
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
