//! What pages are put together from: sections, tables, lists of facts, bars, badges, pagers, empty places.

use super::Frame;
use super::text::{copy, grouped};
use maud::{Markup, html};
use rpc::views::{DecisionStatus, PageOf};

/// A part of a page with its heading; a new block may replace it.
pub(crate) fn section(id: &str, title: &str, body: Markup) -> Markup {
    html! {
        section.panel id=(id) data-live aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            (body)
        }
    }
}

/// A table; on narrow screens its rows are cards. A column whose name begins with `#` holds numbers.
pub(crate) fn table(caption: &str, columns: &[&str], rows: Markup) -> Markup {
    html! {
        table.cards {
            caption.visually-hidden { (caption) }
            thead {
                tr {
                    @for column in columns {
                        th scope="col" class=[column.starts_with('#').then_some("num")] {
                            (column.trim_start_matches('#'))
                        }
                    }
                }
            }
            tbody { (rows) }
        }
    }
}

/// Names and values below each other.
pub(crate) fn facts(pairs: Vec<(&str, Markup)>) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in pairs { div { dt { (name) } dd { (value) } } }
        }
    }
}

/// What will stand here, and the command that makes it happen.
pub(crate) fn empty(title: &str, explanation: &str, commands: &[&str]) -> Markup {
    html! {
        div.empty {
            p { strong { (title) } }
            p { (explanation) }
            @for text in commands { (command(text)) }
        }
    }
}

/// A command to run.
pub(crate) fn command(text: &str) -> Markup {
    html! { div.command { pre tabindex="0" { code { (text) } } (copy(text)) } }
}

/// A word with a colour: `good`, `bad`, `warn`, `info` or `quiet`.
pub(crate) fn badge(tone: &str, word: &str) -> Markup {
    html! { span class={ "badge " (tone) } { (word) } }
}

/// Where a proposal or a release stands.
pub(crate) fn status(status: DecisionStatus) -> Markup {
    let tone = match status {
        DecisionStatus::Open | DecisionStatus::Passed => "info",
        DecisionStatus::Activated => "good",
        DecisionStatus::Rejected | DecisionStatus::Revoked => "bad",
        DecisionStatus::Cancelled | DecisionStatus::Expired => "warn",
        DecisionStatus::Withdrawn | DecisionStatus::Superseded => "quiet",
    };
    badge(tone, &status.to_string())
}

/// Whether something needed is there.
pub(crate) fn met(met: bool) -> Markup {
    if met { badge("good", "met") } else { badge("warn", "not met") }
}

/// A part of a whole as a place from 0 to 100.
fn place(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 100.0).clamp(0.0, 100.0) }
}

/// Parts of a whole beside each other, each with the class of its colour, with marks where thresholds lie. `label` says the
/// same in words.
pub(crate) fn bar(parts: &[(&str, u64)], whole: u64, marks: &[u64], label: &str) -> Markup {
    let mut left = 0.0;
    let rects: Vec<(&str, f64, f64)> = parts
        .iter()
        .map(|(class, part)| {
            let (start, width) = (left, place(*part, whole));
            left += width;
            (*class, start, width)
        })
        .collect();
    html! {
        svg.bar viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label=(label) {
            @for (class, start, width) in rects {
                rect class=(class) x=(format!("{start:.3}")) y="0" width=(format!("{width:.3}")) height="10" {}
            }
            @for mark in marks {
                rect.threshold x=(format!("{:.3}", (place(*mark, whole) - 0.2).max(0.0))) y="0" width="0.4" height="10" {}
            }
        }
    }
}

/// The query with one name set, the others as they were.
pub(crate) fn with_parameter(query: &str, name: &str, value: &str) -> String {
    let others = query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name));
    let set = format!("{name}={value}");
    others.chain(std::iter::once(set.as_str())).collect::<Vec<_>>().join("&")
}

/// Which part of a list is shown, and links to the others that keep the filters.
pub(crate) fn pager<T>(frame: &Frame<'_>, path: &str, page: &PageOf<T>) -> Markup {
    let size = u64::from(page.page_size.max(1));
    let last = page.total.div_ceil(size).saturating_sub(1);
    let first_entry = page.page.saturating_mul(size).saturating_add(1);
    let last_entry = first_entry.saturating_add(page.entries.len() as u64).saturating_sub(1);
    let shown = match (page.total, page.entries.is_empty()) {
        (0, _) => "Nothing to show".into(),
        (total, true) => format!("This page lies behind the last of {} entries", grouped(total)),
        (total, false) => format!("{} to {} of {}", grouped(first_entry), grouped(last_entry), grouped(total)),
    };
    let backward = (page.page > 0).then(|| page.page.saturating_sub(1).min(last));
    let forward = (page.page < last).then(|| page.page.saturating_add(1));
    let links =
        [("First", backward.map(|_| 0)), ("Previous", backward), ("Next", forward), ("Last", forward.map(|_| last))];
    html! {
        nav.pager aria-label="Pages" {
            p { (shown) }
            @if last > 0 || page.page > 0 {
                ul { @for (name, target) in links { li { (page_link(frame, path, name, target)) } } }
            }
        }
    }
}

fn page_link(frame: &Frame<'_>, path: &str, name: &str, target: Option<u64>) -> Markup {
    match target {
        Some(page) => {
            let query = with_parameter(frame.query, "page", &page.to_string());
            html! { a id={ "page-" (name) } href={ (path) "?" (query) } { (name) } }
        }
        None => html! { span.unavailable aria-disabled="true" { (name) } },
    }
}

/// One input of a filter with its name above.
pub(crate) fn field(id: &str, label: &str, input: Markup) -> Markup {
    html! { div.field { label for=(id) { (label) } (input) } }
}

/// A text input of a filter, with what was asked for.
pub(crate) fn text_field(name: &str, label: &str, value: Option<String>, hint: &str) -> Markup {
    let id = format!("filter-{name}");
    let input = html! {
        input id=(id) type="text" name=(name) value=[value] placeholder=(hint) autocomplete="off" spellcheck="false";
    };
    field(&id, label, input)
}

/// A number input of a filter, with what was asked for.
pub(crate) fn number_field(name: &str, label: &str, value: Option<u64>) -> Markup {
    let id = format!("filter-{name}");
    let input = html! { input id=(id) type="number" min="0" step="1" name=(name) value=[value]; };
    field(&id, label, input)
}

/// How many entries a page has.
pub(crate) fn size_field(size: Option<u32>) -> Markup {
    let size = size.unwrap_or(20);
    let mut sizes = vec![10, 20, 50, 100];
    if !sizes.contains(&size) {
        sizes.push(size);
    }
    let select = html! {
        select id="filter-page_size" name="page_size" {
            @for each in sizes { option value=(each) selected[each == size] { (each) } }
        }
    };
    field("filter-page_size", "Entries", select)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_other_pages_keep_the_filters() {
        assert_eq!(with_parameter("", "page", "2"), "page=2");
        assert_eq!(with_parameter("a=1&page=7&page_size=5", "page", "2"), "a=1&page_size=5&page=2");
    }

    #[test]
    fn parts_of_a_bar_stand_beside_each_other() {
        let drawn = bar(&[("yes", 1), ("no", 1)], 4, &[2], "half").into_string();
        assert!(drawn.contains(r#"<rect class="no" x="25.000" y="0" width="25.000" height="10"></rect>"#), "{drawn}");
        assert!(bar(&[("yes", 1)], 0, &[], "none").into_string().contains(r#"width="0.000""#));
    }
}
