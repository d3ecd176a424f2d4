//! What operators watch with: rules that Prometheus takes, and names that nodes and explorers really have.

use anyhow::{Context as _, ensure};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use tests::explorer::repository;

fn promtool(arguments: &[&str]) -> anyhow::Result<()> {
    let output = Command::new("promtool")
        .args(arguments)
        .current_dir(repository().join("deploy/prometheus"))
        .output()
        .context("cannot run promtool; run scripts/setup.sh test")?;
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    ensure!(output.status.success(), "promtool {arguments:?}: {said}");
    Ok(())
}

#[test]
fn prometheus_takes_the_rules_and_they_fire_when_they_should() -> anyhow::Result<()> {
    promtool(&["check", "rules", "rules.yml"])?;
    promtool(&["test", "rules", "rules_test.yml"])?;
    promtool(&["check", "config", "prometheus.yml"])
}

/// The metrics of ours that a text names, without what a kind of metric adds to its name.
fn named(text: &str) -> BTreeSet<String> {
    const OURS: [&str; 8] =
        ["release_", "chain_", "consensus_", "overlay_", "explorer_", "mempool_", "rpc_latency_", "build_"];
    // A name behind a $ is a choice of the dashboard's reader.
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '$');
    let ours = words.filter(|word| OURS.iter().any(|prefix| word.starts_with(prefix) && word.len() > prefix.len()));
    ours.map(|word| {
        let kinds = ["_total", "_bucket", "_count", "_sum"];
        kinds.iter().find_map(|kind| word.strip_suffix(kind)).unwrap_or(word).to_owned()
    })
    .collect()
}

fn expressions(value: &serde_json::Value, found: &mut String) {
    match value {
        serde_json::Value::Object(fields) => {
            if let Some(expression) = fields.get("expr").and_then(serde_json::Value::as_str) {
                found.push_str(expression);
                found.push('\n');
            }
            fields.values().for_each(|value| expressions(value, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|value| expressions(value, found)),
        _ => {}
    }
}

#[test]
fn rules_and_dashboard_name_metrics_that_are_documented() -> anyhow::Result<()> {
    let read = |path: &str| std::fs::read_to_string(repository().join(path)).with_context(|| path.to_owned());
    let documented = named(&read("docs/metrics.md")?);
    let dashboard: serde_json::Value = serde_json::from_str(&read("deploy/grafana/the-block.json")?)?;
    let mut queries = String::new();
    expressions(&dashboard, &mut queries);
    let rules = read("deploy/prometheus/rules.yml")?;
    let rules: String = rules.lines().filter(|line| line.trim_start().starts_with("expr:")).collect();
    for (place, text) in [("the dashboard", &queries), ("the rules", &rules)] {
        let used = named(text);
        ensure!(used.len() > 5, "{place} names only {used:?}");
        let unknown: Vec<&String> = used.difference(&documented).collect();
        ensure!(unknown.is_empty(), "{place} names metrics that docs/metrics.md does not: {unknown:?}");
    }
    Ok(())
}

#[test]
fn units_start_what_is_built() -> anyhow::Result<()> {
    for (unit, program) in [("the-block.service", "the-block"), ("the-block-explorer.service", "the-block-explorer")] {
        let text = std::fs::read_to_string(repository().join("deploy").join(unit))?;
        let start = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).context("no ExecStart")?;
        let first = start.split_whitespace().next().unwrap_or_default();
        ensure!(Path::new(first).file_name().is_some_and(|name| name == program), "{unit} starts {first}");
        let help = Command::new(tests::binaries::built(program)?).arg("--help").output()?;
        let explained = String::from_utf8_lossy(&help.stdout).into_owned();
        for option in start.split_whitespace().filter(|word| word.starts_with("--")) {
            let sub = start.split_whitespace().nth(1).filter(|word| !word.starts_with('-'));
            let below = sub.map(|sub| {
                Command::new(tests::binaries::built(program)?)
                    .args([sub, "--help"])
                    .output()
                    .map_err(anyhow::Error::from)
            });
            let below = below.transpose()?.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
            ensure!(explained.contains(option) || below.is_some_and(|text| text.contains(option)), "{unit}: {option}");
        }
    }
    Ok(())
}
