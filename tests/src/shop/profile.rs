//! The plan of the shop, with spans that pass while somebody looks on.

use crate::explorer::repository;
use anyhow::{Context as _, anyhow, ensure};
use rollouts::plan::Plan;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The profile of the repository, from its root.
const PROFILE: &str = "config/profiles/pos.toml";

/// What differs besides the spans that `scripts/fast_profile.sh` makes short, each as the script leaves it. What is owed by hand is owed for long
/// enough to be written, and no flag has a day that may be over when somebody looks.
const CHANGED: [(&str, &str); 3] = [
    (r#"check = "ticket", within = "72 s""#, r#"check = "ticket", within = "24 s""#),
    (r#"within = "4 s""#, r#"within = "1 min""#),
    (r#"expires = "2026-12-31""#, r#"expires = "2099-12-31""#),
];

/// Writes `config/profiles/pos.toml` with other spans, windows and days below a folder; gives the path and the plan.
///
/// # Errors
/// When the script fails, a file cannot be written, or the profile has a mistake.
pub fn fast_pos(dir: &Path) -> anyhow::Result<(PathBuf, Plan)> {
    let root = repository();
    let script = root.join("scripts/fast_profile.sh");
    let output = Command::new(&script).arg(root.join(PROFILE)).output();
    let output = output.with_context(|| format!("cannot run {}", script.display()))?;
    ensure!(output.status.success(), "fast_profile.sh failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    let mut text = String::from_utf8(output.stdout).context("the profile is no text")?;
    for (before, after) in CHANGED {
        ensure!(text.contains(before), "{PROFILE} has no {before} any more; say here what there is instead");
        text = text.replace(before, after);
    }
    let profile = dir.join(PROFILE);
    let folder = profile.parent().context("a file lies in a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    std::fs::write(&profile, text).with_context(|| format!("cannot write {}", profile.display()))?;
    let loaded = profiles::load(&profile, &root).map_err(|mistakes| anyhow!("{mistakes}"))?;
    Ok((profile, loaded.plan))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flags::Flag;
    use rollouts::check::Check;

    #[test]
    fn the_fast_shop_asks_everything_that_the_shop_asks() {
        let dir = tempfile::tempdir().unwrap();
        let fast = fast_pos(dir.path()).unwrap().1;
        let slow = profiles::load(&repository().join(PROFILE), &repository()).unwrap().plan;
        assert!(fast.policy.test && !slow.policy.test);
        let asked = |plan: &Plan| {
            let checks: Vec<Check> = plan.checks.iter().map(|check| Check { fresh: None, ..check.clone() }).collect();
            let flags: Vec<Flag> =
                plan.flags.iter().map(|flag| Flag { expires: flags::Expiry::Never, ..flag.clone() }).collect();
            let readiness: Vec<_> =
                plan.stages.iter().map(|stage| (stage.readiness.clone(), stage.ticket.clone())).collect();
            (checks, flags, readiness, plan.phases.clone(), plan.roles.clone(), plan.signals.clone())
        };
        assert_eq!(asked(&fast), asked(&slow));
        assert_ne!(fast, slow);
    }
}
