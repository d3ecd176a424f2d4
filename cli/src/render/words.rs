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

/// An epoch's start, with the time it is estimated for while it is ahead. Of one that has begun the block is known, and stays;
/// what is reckoned from the present pace would be another time whenever it is asked for.
pub fn start(deadline: &Deadline, screen: &Screen) -> String {
    if deadline.blocks_left == 0 {
        return format!("start of epoch {}, which has begun with block {}", deadline.epoch, deadline.height);
    }
    format!("start of epoch {}, about {}", deadline.epoch, screen.time(deadline.estimated_time))
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

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{Epoch, Height, Timestamp};
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn o51_when_an_epoch_began_is_the_same_whenever_it_is_asked_for() {
        let screen = |seconds| Screen { width: 80, now: UNIX_EPOCH + Duration::from_secs(seconds) };
        let of = |blocks_left, ms| Deadline {
            epoch: Epoch(22),
            height: Height(220),
            blocks_left,
            estimated_time: Timestamp(ms),
        };
        let begun = start(&of(0, 1_700_000_000_000), &screen(1_700_000_100));
        assert_eq!(begun, "start of epoch 22, which has begun with block 220");
        assert_eq!(start(&of(0, 1_700_000_007_000), &screen(1_700_000_200)), begun, "at another pace, and later");
        let ahead = start(&of(10, 1_700_000_010_000), &screen(1_700_000_000));
        assert_eq!(ahead, "start of epoch 22, about 2023-11-14 22:13:30 UTC (in 10s)");
    }
}
