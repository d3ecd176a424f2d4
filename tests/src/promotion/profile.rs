//! A profile whose spans pass while somebody looks on.

use crate::explorer::repository;
use anyhow::{Context as _, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The profile of the repository, from its root, and the bundle that it names.
const PROFILE: &str = "config/profiles/chain.toml";
const BUNDLE: &str = "config/defaults/mainnet.toml";

/// Writes `config/profiles/chain.toml` with other spans and windows below a folder, by `scripts/fast_profile.sh`, and its bundle where it
/// names it; gives the path.
///
/// # Errors
/// When the script fails, or a file cannot be written.
pub fn fast_profile(dir: &Path) -> anyhow::Result<PathBuf> {
    let root = repository();
    let script = root.join("scripts/fast_profile.sh");
    let output = Command::new(&script).arg(root.join(PROFILE)).output();
    let output = output.with_context(|| format!("cannot run {}", script.display()))?;
    ensure!(output.status.success(), "fast_profile.sh failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    let (profile, bundle) = (dir.join(PROFILE), dir.join(BUNDLE));
    for file in [&profile, &bundle] {
        let folder = file.parent().context("a file lies in a folder")?;
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    std::fs::write(&profile, output.stdout).with_context(|| format!("cannot write {}", profile.display()))?;
    std::fs::copy(root.join(BUNDLE), &bundle).with_context(|| format!("cannot write {}", bundle.display()))?;
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::Span;
    use rollouts::plan::{Plan, WindowRule};
    use serde_json::Value;

    fn plan(file: &Path) -> Plan {
        profiles::load(file, &repository()).unwrap().plan
    }

    /// A plan in which every span of time is the same, all windows of a week are, and nothing is said of the file that it comes from.
    fn without_times(plan: &Plan) -> Value {
        let mut value = serde_json::to_value(plan).unwrap();
        value["policy"]["test"] = true.into();
        value["profile"] = "a file".into();
        for window in value["windows"].as_array_mut().unwrap() {
            if let Some(weekly) = window["rule"].get_mut("weekly") {
                *weekly = "some days".into();
            }
        }
        blank(&mut value);
        value
    }

    /// Puts the same in the place of each span of time; epochs stay.
    fn blank(value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Ok(Span::Millis(_)) = serde_json::from_value::<Span>(Value::String(text.clone())) {
                    *text = "a while".into();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(blank),
            Value::Object(fields) => fields.values_mut().for_each(blank),
            _ => {}
        }
    }

    #[test]
    fn a_fast_profile_differs_in_nothing_but_spans_and_windows_and_says_that_it_is_for_tests() {
        let dir = tempfile::tempdir().unwrap();
        let (slow, fast) = (plan(&repository().join(PROFILE)), plan(&fast_profile(dir.path()).unwrap()));
        assert!(fast.policy.test && !slow.policy.test);
        assert_eq!(without_times(&fast), without_times(&slow));
        assert_ne!(fast, slow);
        assert_eq!(fast.bundle, slow.bundle, "the bundle is byte for byte that of everybody");
        for window in &fast.windows {
            match window.rule {
                WindowRule::Weekly { days, from_minute, minutes } => {
                    assert_eq!((days, from_minute, minutes), (0x7f, 0, 1_440), "{} is always open", window.name);
                }
                WindowRule::Announced { notice, .. } => assert_eq!(notice, Span::Millis(14_000), "{}", window.name),
            }
        }
        let soak = |plan: &Plan| serde_json::to_string(plan).unwrap().matches("10 epochs").count();
        assert_eq!((soak(&fast), soak(&slow)), (1, 1), "epochs are those of the network");
    }

    #[test]
    fn audits_are_due_in_seconds_and_words_stay_fresh_for_minutes() {
        let dir = tempfile::tempdir().unwrap();
        let fast = plan(&fast_profile(dir.path()).unwrap());
        let within = fast.procedures.iter().flat_map(|procedure| procedure.close.iter()).filter_map(|duty| duty.within);
        let audits: Vec<Span> = within.filter(|within| *within == Span::Millis(24_000)).collect();
        assert!(audits.len() >= 6, "{audits:?}");
        let fresh: Vec<Span> = fast.checks.iter().filter_map(|check| check.fresh).collect();
        let is_long = |fresh: &Span| matches!(fresh, Span::Millis(millis) if *millis >= 24 * 60_000);
        assert!(!fresh.is_empty() && fresh.iter().all(is_long), "{fresh:?}");
    }
}
