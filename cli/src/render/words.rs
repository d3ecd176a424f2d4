//! Chain values as words.

use super::screen::Screen;
use primitives::capitalised;
use releases::{Manifest, ManifestValue};
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
    let target = [
        ("SHA-256", manifest.sha256.map(|hash| hash.to_string())),
        ("Size", manifest.size.map(|size| format!("{size} bytes"))),
    ];
    let provenance = manifest.provenance().into_iter().map(|(label, value)| (label, value.map(spelled)));
    let end = manifest.end_of_support_epoch.map(|epoch| format!("not installed from epoch {epoch} on"));
    let optional = target.into_iter().chain(provenance).chain([("Support ends", end)]);
    lines.extend(optional.filter_map(|(label, value)| Some((label, value?))));
    lines.extend(manifest.other_targets.iter().map(|other| {
        let target = &other.target;
        ("Also built", format!("{} {}", target.build_hash, target.platform))
    }));
    lines.extend(manifest.notes.as_ref().map(|notes| ("Notes", notes.to_string())));
    lines.extend(manifest.signed_root.as_ref().map(|signed| {
        let count = signed.signatures.len();
        ("Root of it", format!("{}, signed by {count} release signers", signed.root))
    }));
    lines
}

/// A value in one line.
fn spelled(value: ManifestValue) -> String {
    match value {
        ManifestValue::Exact(text) => text,
        ManifestValue::Named(names) => {
            names.iter().map(|(what, name)| format!("{what} {name}")).collect::<Vec<_>>().join(", ")
        }
    }
}

/// What happened, as a sentence.
pub fn outcome(event: &Event) -> String {
    sentence(&event.told().sentence())
}

/// A clause as a sentence of its own.
pub fn sentence(clause: &str) -> String {
    format!("{}.", capitalised(clause))
}
