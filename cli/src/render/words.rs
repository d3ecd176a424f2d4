//! Chain values as words.

use super::screen::Screen;
use primitives::capitalised;
use releases::{Components, Manifest};
use rpc::views::Deadline;
use runtime::Event;
use serde::Serialize;

/// The word that a chain type writes in JSON.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => "?".into(),
    }
}

/// The text, or a dash.
pub fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".into(), |value| value.to_string())
}

/// An epoch's start, with the time it is estimated for.
pub fn start(deadline: &Deadline, screen: &Screen) -> String {
    let about = if deadline.blocks_left > 0 { "about " } else { "" };
    format!("start of epoch {}, {about}{}", deadline.epoch, screen.time(deadline.estimated_time))
}

/// The lines that describe a release; what is unknown has none.
pub fn manifest(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let version = manifest.version.as_ref().map(|version| format!("{version}, ")).unwrap_or_default();
    let (class, severity) = (word(&manifest.class), word(&manifest.severity));
    let mut lines = vec![("Version", format!("{version}{class}, severity {severity}"))];
    let optional = [
        ("SHA-256", manifest.sha256.map(|hash| hash.to_string())),
        ("Size", manifest.size.map(|size| format!("{size} bytes"))),
        ("Source commit", manifest.source_commit.as_ref().map(ToString::to_string)),
        ("Source hash", manifest.source_hash.map(|hash| hash.to_string())),
        ("Vendor tree", manifest.vendor_tree_hash.map(|hash| hash.to_string())),
        ("Dependencies", manifest.dependency_snapshot_hash.map(|hash| hash.to_string())),
        ("Materials", manifest.sbom_hash.map(|hash| hash.to_string())),
        ("Provenance", manifest.provenance_hash.map(|hash| hash.to_string())),
        ("Built on", built_on(&manifest.components)),
        ("Supervisor", manifest.updater_hash.map(|hash| hash.to_string())),
        ("Support ends", manifest.end_of_support_epoch.map(|epoch| format!("not installed from epoch {epoch} on"))),
    ];
    lines.extend(optional.into_iter().filter_map(|(label, value)| Some((label, value?))));
    lines.extend(manifest.other_targets.iter().map(|other| {
        let target = &other.target;
        ("Also built", format!("{} {}", target.build_hash, target.platform))
    }));
    lines.extend(manifest.notes.as_ref().map(|notes| ("Notes", notes.to_string())));
    lines
}

/// The backends that a release names.
fn built_on(components: &Components) -> Option<String> {
    let Components { runtime, transport, storage } = components;
    let named = [("runtime", runtime), ("transport", transport), ("storage", storage)];
    let named = named.into_iter().filter_map(|(what, name)| name.as_ref().map(|name| format!("{what} {name}")));
    Some(named.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
}

/// What happened, as a sentence.
pub fn outcome(event: &Event) -> String {
    sentence(&event.told().sentence())
}

/// A clause as a sentence of its own.
pub fn sentence(clause: &str) -> String {
    format!("{}.", capitalised(clause))
}
