//! The page of what cannot be answered.

use super::Frame;
use super::text::visible;
use maud::{Markup, html};

/// Why there is no answer: the HTTP status, what it is in a few words, and what to do.
pub fn problem(frame: &Frame<'_>, status: u16, title: &str, detail: &str) -> Markup {
    let body = html! {
        div.problem {
            p.problem-status { (status) }
            h1 { (visible(title)) }
            p.lead dir="auto" { (visible(detail)) }
            p { a.button href="/" { "Back to the releases" } }
        }
    };
    super::layout(frame, title, "", body)
}
