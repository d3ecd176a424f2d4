//! Chain values as short pieces of a page: hashes, accounts, times, amounts, and what strangers wrote.

use super::Frame;
use cases::CaseKind;
use maud::{Markup, html};
use primitives::{AccountId, BuildHash, ChainPosition, Height, Moment, Path, Timestamp};
use rpc::views::{Deadline, Descriptions};
use std::fmt::Display;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) use primitives::grouped;

/// A share of a whole in percent, rounded down: a threshold never seems met before it is.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "no stake".into();
    }
    let hundredths = u128::from(part) * 10_000 / u128::from(whole);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// A number with its noun; the plural is the noun and an s.
pub(crate) fn count(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// The first eight characters and the last six.
pub(crate) fn short(text: &str) -> String {
    let length = text.chars().count();
    if length <= 15 {
        return text.into();
    }
    text.chars().take(8).chain(std::iter::once('…')).chain(text.chars().skip(length - 6)).collect()
}

/// A button that copies `value`; a script shows it.
pub(crate) fn copy(value: &str) -> Markup {
    html! { button.copy type="button" data-copy=(value) aria-label={ "Copy " (short(value)) } title="Copy" {} }
}

/// A hash, shortened.
pub(crate) fn hash(value: impl Display) -> Markup {
    let value = value.to_string();
    html! { span.hash { code title=(value) { (short(&value)) } (copy(&value)) } }
}

/// A hash in full.
pub(crate) fn full_hash(value: impl Display) -> Markup {
    let value = value.to_string();
    html! { span.hash { code.full { (value) } (copy(&value)) } }
}

/// A shortened hash that leads somewhere.
pub(crate) fn hash_link(href: &str, value: impl Display) -> Markup {
    let value = value.to_string();
    html! { span.hash { a href=(href) { code title=(value) { (short(&value)) } } (copy(&value)) } }
}

/// An account, with what is known of it behind the link.
pub(crate) fn account(account: &AccountId) -> Markup {
    hash_link(&format!("/search?q={account}"), account)
}

/// An account: the name that it has given itself, if it has one, and its key in any case.
pub(crate) fn named(described: &Descriptions, who: &AccountId) -> Markup {
    match described.name(who) {
        Some(name) => html! { (stranger(name)) " (" (account(who)) ")" },
        None => account(who),
    }
}

/// A place that an account says is its own. Whoever has it learns nothing of this page, and gains nothing by it.
pub(crate) fn elsewhere(link: &str) -> Markup {
    html! { a.stranger rel="nofollow noopener noreferrer" href=(link) { (link) } }
}

/// A build by its hash.
pub(crate) fn build(hash: &BuildHash) -> Markup {
    hash_link(&format!("/releases/{hash}"), hash)
}

/// A build by its version; by its hash when it names none.
pub(crate) fn release_name(hash: &BuildHash, version: Option<&str>) -> Markup {
    match version {
        Some(version) => html! { a.name href={ "/releases/" (hash.to_string()) } { (stranger(version)) } },
        None => build(hash),
    }
}

/// A block by its height.
pub(crate) fn block(height: Height) -> Markup {
    html! { a.number href={ "/blocks/" (height.0) } { (grouped(height.0)) } }
}

/// A proposal by its number.
pub(crate) fn proposal_link(id: u64) -> Markup {
    html! { a.number href={ "/proposals/" (id) } { "Proposal " (grouped(id)) } }
}

/// A change of what a plan governs, by its number; 0 is what a first version of the plan came with.
pub(crate) fn change_link(id: u64) -> Markup {
    if id == 0 {
        return html! { "the plan's first version" };
    }
    html! { a.number href={ "/changes/" (id) } { "Change " (grouped(id)) } }
}

/// Where the cases of a kind are shown.
pub(crate) fn section_of(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::Report => "/reports",
        CaseKind::Incident => "/incidents",
        CaseKind::Risk => "/risks",
        CaseKind::Hold => "/holds",
    }
}

/// A case by its kind and its number.
pub(crate) fn case_link(kind: CaseKind, id: u64) -> Markup {
    html! {
        a.number href={ (section_of(kind)) "/" (id) } { (primitives::capitalised(&kind.to_string())) " " (grouped(id)) }
    }
}

/// A path; the root is everywhere.
pub(crate) fn path(path: &Path) -> Markup {
    if path.is_root() {
        html! { "everywhere" }
    } else {
        html! { code { (path.as_str()) } }
    }
}

/// What strangers wrote, without characters that have no place in a text.
pub(crate) fn visible(text: &str) -> String {
    let keep = |c: char| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c };
    text.replace("\r\n", "\n").chars().map(keep).collect()
}

/// What strangers wrote, within a line: its direction ends where it ends.
pub(crate) fn stranger(text: &str) -> Markup {
    html! { bdi.stranger { (visible(text)) } }
}

/// What strangers wrote, on lines of its own.
pub(crate) fn words_of_strangers(text: &str) -> Markup {
    html! { p.quote dir="auto" { (visible(text)) } }
}

/// A long text of strangers in a box of its own.
pub(crate) fn notes(id: &str, label: &str, text: &str) -> Markup {
    html! { div.notes id=(id) dir="auto" tabindex="0" role="region" aria-label=(label) { (visible(text)) } }
}

/// None after the year 9999, which has no format and which only a broken node names.
fn instant(at: Timestamp) -> Option<SystemTime> {
    (at.0 < 253_402_300_800_000).then(|| UNIX_EPOCH + Duration::from_millis(at.0))
}

/// A time in UTC, as RFC 3339 has it; none after the year 9999.
pub(crate) fn machine_date(at: Timestamp) -> Option<String> {
    instant(at).map(|time| humantime::format_rfc3339_seconds(time).to_string())
}

/// A time in UTC.
pub(crate) fn date(at: Timestamp) -> String {
    machine_date(at).map_or_else(|| format!("{} ms", at.0), |date| date.replace('T', " ").replace('Z', " UTC"))
}

/// How far a time is from now; `live.js` counts on in the same words.
pub(crate) fn distance(now: Timestamp, at: Timestamp) -> String {
    let seconds = now.0.abs_diff(at.0) / 1000;
    let span = match seconds {
        0 => return "now".into(),
        1..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} days", seconds / 86_400),
    };
    if at > now { format!("in about {span}") } else { format!("{span} ago") }
}

/// A time and how far it is from now.
pub(crate) fn time(frame: &Frame<'_>, at: Timestamp) -> Markup {
    let Some(machine) = machine_date(at) else { return html! { (date(at)) } };
    html! {
        span.when {
            time datetime=(machine) { (date(at)) }
            " "
            span.distance data-time=(at.0) { (distance(frame.now, at)) }
        }
    }
}

/// Where something stands on the chain: its block, its epoch and its time.
pub(crate) fn moment(frame: &Frame<'_>, at: &ChainPosition) -> Markup {
    if at.height.0 == 0 {
        return html! { "genesis" };
    }
    html! { "block " (block(at.height)) ", epoch " (grouped(at.epoch.0)) ", " (time(frame, at.time)) }
}

/// The block and the time of a moment.
pub(crate) fn when(frame: &Frame<'_>, at: &Moment) -> Markup {
    if at.height.0 == 0 {
        return html! { "genesis" };
    }
    html! { "block " (block(at.height)) ", " (time(frame, at.time)) }
}

/// The time of where something stands on the chain.
pub(crate) fn time_of(frame: &Frame<'_>, at: &ChainPosition) -> Markup {
    if at.height.0 == 0 {
        html! { "genesis" }
    } else {
        time(frame, at.time)
    }
}

/// How far the start of an epoch is: in epochs, in blocks, and about when.
pub(crate) fn deadline(frame: &Frame<'_>, deadline: &Deadline) -> Markup {
    let epoch = grouped(deadline.epoch.0);
    if deadline.blocks_left == 0 {
        return html! { "epoch " (epoch) " has begun, at block " (grouped(deadline.height.0)) };
    }
    let epochs = frame.position.map(|position| deadline.epoch.0.saturating_sub(position.at.epoch.0));
    html! {
        "start of epoch " (epoch) ", "
        @if let Some(epochs) = epochs { "in " (count(epochs, "epoch")) " and " }
        @else { "in " }
        (count(deadline.blocks_left, "block"))
        ", about " (time(frame, deadline.estimated_time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_shares_are_exact_at_the_ends() {
        assert_eq!((grouped(999), grouped(1_234_567)), ("999".into(), "1,234,567".into()));
        assert_eq!((percent(2, 3), percent(u64::MAX, u64::MAX)), ("66.66 %".into(), "100.00 %".into()));
        assert_eq!(percent(1, 0), "no stake");
    }

    #[test]
    fn distances_are_words() {
        let far = |at| distance(Timestamp(1_000_000_000), Timestamp(at));
        assert_eq!(far(1_000_000_400), "now");
        assert_eq!(far(1_000_180_000), "in about 3 min");
        assert_eq!(far(992_500_000), "2 h 5 min ago");
    }

    #[test]
    fn strangers_cannot_leave_their_place() {
        let drawn = stranger("<b>\u{202e}\u{0}x\"").into_string();
        assert_eq!(drawn, "<bdi class=\"stranger\">&lt;b&gt;\u{202e}\u{fffd}x&quot;</bdi>");
        assert_eq!(short(&"ab".repeat(32)), "abababab…ababab");
    }
}
