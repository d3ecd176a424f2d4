//! The page of release signers.

use super::answer::SignersAnswer;
use crate::pages::parts::{badge, empty, facts, pager, section, table};
use crate::pages::text::{count, grouped, hash, hash_link, moment, proposal_link};
use crate::pages::{Frame, layout};
use maud::{Markup, html};
use primitives::PublicKey;
use releases::{Roster, RosterCause, RosterRecord};
use rpc::views::ReleaseSigners;

/// Who signs releases, and who did.
pub fn signers(frame: &Frame<'_>, answer: &SignersAnswer) -> Markup {
    let body = html! {
        h1 { "Release signers" }
        p.intro { "Keys that vouch for the bytes of a release. A proposal is not stored without enough of their signatures." }
        (section("roster", "The roster now", current(&answer.current)))
        (section("history", "Every roster", history(frame, answer)))
    };
    layout(frame, "Release signers", "/signers", body)
}

fn current(roster: &ReleaseSigners) -> Markup {
    let signing = |key: &PublicKey| roster.signers.contains(key);
    let rows = html! {
        @for key in &roster.signers {
            @let leaves = roster.left.iter().find(|left| left.signer == *key);
            tr id={ "s-" (key.to_string()) } {
                td data-label="Key" { (hash_link(&format!("/search?q={key}"), key)) }
                td data-label="Signs" {
                    @if let Some(left) = leaves {
                        (badge("warn", "leaves")) " at the start of epoch " (grouped(left.from_epoch.0))
                    } @else {
                        (badge("good", "signs"))
                    }
                }
            }
        }
        @for left in roster.left.iter().filter(|left| !signing(&left.signer)) {
            tr id={ "s-" (left.signer.to_string()) } {
                td data-label="Key" { (hash_link(&format!("/search?q={}", left.signer), left.signer)) }
                td data-label="Signs" { (badge("warn", "left")) " at the start of epoch " (grouped(left.from_epoch.0)) }
            }
        }
    };
    html! {
        (facts(vec![
            ("Version", html! { (grouped(roster.roster)) }),
            ("Keys", html! { (roster.signers.len()) }),
            ("Threshold", html! { "at least " (count(u64::from(roster.required), "signature")) " for a release" }),
            ("Applied last", html! { (count(u64::from(roster.threshold), "signature")) }),
        ]))
        @if roster.signers.is_empty() {
            (empty("There are no release signers.", "Without signers nothing can be proposed for release.", &[]))
        } @else {
            (table("Keys of the roster", &["Key", "Signs"], rows))
        }
        p.hint {
            "The roster changes by a proposal that keys of both rosters approve. A key that leaves by its own word signs "
            "nothing from the next epoch on; what had passed before is carried out with its signature."
        }
    }
}

fn history(frame: &Frame<'_>, answer: &SignersAnswer) -> Markup {
    let records = &answer.history.entries;
    // The latest comes first, so what was there before stands behind it; that of the last one is on the next page.
    let before = records.iter().skip(1).map(Some).chain(std::iter::once(None));
    html! {
        ol.timeline { @for (record, earlier) in records.iter().zip(before) { (version(frame, record, earlier, &answer.current)) } }
        (pager(frame, "/signers", &answer.history))
    }
}

fn version(
    frame: &Frame<'_>,
    record: &RosterRecord,
    earlier: Option<&RosterRecord>,
    current: &ReleaseSigners,
) -> Markup {
    let Roster { version, signers, threshold } = &record.roster;
    html! {
        li {
            strong { "Roster " (grouped(*version)) ": " (threshold) " of " (signers.len()) " keys" }
            p { (cause(&record.cause)) }
            p { "Since " @if let Some(since) = &record.since { (moment(frame, since)) } @else { "genesis" } }
            @if let Some(earlier) = earlier { (changes(&record.roster, &earlier.roster, current)) }
            @if !record.left.is_empty() { (departures(record)) }
            details id={ "roster-" (version) } {
                summary { "Its keys" }
                ul.plain { @for key in signers.iter() { li { (hash(key)) } } }
            }
        }
    }
}

fn cause(cause: &RosterCause) -> Markup {
    match cause {
        RosterCause::Genesis => html! { "The first roster, of genesis" },
        RosterCause::Proposal(id) => html! { (proposal_link(id.0)) " replaced the roster before" },
    }
}

/// Which keys left a roster by their own word.
fn departures(record: &RosterRecord) -> Markup {
    html! {
        ul.plain {
            @for left in record.left.iter() {
                li {
                    (badge("warn", "left")) " " (hash(left.signer)) " by its own word, from epoch "
                    (grouped(left.from_epoch.0)) " on"
                }
            }
        }
    }
}

/// Which keys came and went, and whether the threshold moved.
fn changes(now: &Roster, before: &Roster, current: &ReleaseSigners) -> Markup {
    let came: Vec<&PublicKey> = now.signers.iter().filter(|key| !before.signers.contains(key)).collect();
    let went: Vec<&PublicKey> = before.signers.iter().filter(|key| !now.signers.contains(key)).collect();
    // A search for a key leads here when it signs no longer.
    let shown = |key: &PublicKey| current.signers.contains(key) || current.left.iter().any(|left| left.signer == *key);
    let id = |key: &PublicKey| (!shown(key)).then(|| format!("s-{key}"));
    html! {
        ul.plain {
            @for key in came { li { (badge("good", "came")) " " (hash(key)) } }
            @for key in went { li id=[id(key)] { (badge("warn", "went")) " " (hash(key)) } }
            @if now.threshold != before.threshold {
                li { "The threshold changed from " (before.threshold) " to " (now.threshold) }
            }
        }
    }
}
