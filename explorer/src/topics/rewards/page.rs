//! The page of what an epoch paid.

use super::answer::{EpochPaid, RewardsAnswer};
use crate::pages::parts::{empty, facts, pager, section, table};
use crate::pages::text::{block, grouped, named};
use crate::pages::{Frame, layout};
use maud::{Markup, html};

/// What an epoch paid to whom.
pub fn rewards(frame: &Frame<'_>, answer: &RewardsAnswer) -> Markup {
    let body = html! {
        h1 { "Rewards" }
        p.intro {
            "What validators, and those who delegate to them, were paid for being there. What somebody is not paid stays in the "
            "pool, and nobody gains by another's absence."
        }
        (section("epoch", "The epoch", answer.epoch.as_ref().map_or_else(nothing, epoch)))
        (section("payments", "Paid to whom", payments(frame, answer)))
        @if let Some(earlier) = answer.earlier {
            p { a href={ "/rewards?epoch=" (earlier.0) } { "Epoch " (grouped(earlier.0)) " before it" } }
        }
    };
    layout(frame, "Rewards", "/validators", body)
}

fn nothing() -> Markup {
    empty("Nothing was paid.", "Presence is paid for while the gate timetoke_rewards is on, an epoch later.", &[])
}

fn epoch(paid: &EpochPaid) -> Markup {
    facts(vec![
        ("Epoch", html! { (grouped(paid.epoch.0)) }),
        ("Paid in", html! { "block " (block(paid.paid_at)) }),
        ("For proposers", html! { (grouped(paid.leader.0)) }),
        ("For witnesses", html! { (grouped(paid.witness.0)) }),
        ("Left in the pool", html! { (grouped(paid.pool.0)) }),
    ])
}

fn payments(frame: &Frame<'_>, answer: &RewardsAnswer) -> Markup {
    let rows = html! {
        @for payment in &answer.page.entries {
            tr {
                td data-label="Validator" { (named(&answer.described, &payment.validator)) }
                td.num data-label="Present, in ms" { (grouped(payment.present_ms)) }
                td.num data-label="Paid out" { (grouped(payment.own.0)) }
                td.num data-label="For delegators" { (grouped(payment.delegated.0)) }
            }
        }
    };
    html! {
        @if !answer.page.entries.is_empty() {
            (table("Payments", &["Validator", "#Present, in ms", "#Paid out", "#For delegators"], rows))
        }
        (pager(frame, "/rewards", &answer.page))
    }
}
