//! What operators watch with: rules that Prometheus takes, and names that nodes and explorers really have.

use anyhow::{Context as _, ensure};
use host::config::{Config, Home};
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
    promtool(&["check", "config", "prometheus.yml"])?;
    promtool(&["check", "config", "containers.yml"])
}

/// The metrics of ours that a text names, without what a kind of metric adds to its name.
fn named(text: &str) -> BTreeSet<String> {
    const OURS: [&str; 13] = [
        "release_",
        "chain_",
        "consensus_",
        "overlay_",
        "explorer_",
        "mempool_",
        "rpc_latency_",
        "build_",
        "log_lines_",
        "feature_",
        "rollout_",
        "fleet_",
        "witness_",
    ];
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

/// Where a runbook is, as a rule names it: a document of this repository, and the heading in it.
fn runbook(line: &str) -> Option<(&str, &str)> {
    line.trim().strip_prefix("runbook: ")?.split_once('#')
}

#[test]
fn every_alert_about_rollouts_leads_to_a_section_that_says_what_to_do() -> anyhow::Result<()> {
    let read = |path: &str| std::fs::read_to_string(repository().join(path)).with_context(|| path.to_owned());
    let rules = read("deploy/prometheus/rules.yml")?;
    let groups = rules.split("\n  - name: ");
    let group = groups.filter(|group| group.starts_with("the-block-rollouts\n")).collect::<String>();
    let alerts: Vec<&str> = group.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let runbooks: Vec<(&str, &str)> = group.lines().filter_map(runbook).collect();
    ensure!(alerts.len() >= 4 && alerts.len() == runbooks.len(), "{alerts:?} have the runbooks {runbooks:?}");
    for (alert, (document, heading)) in alerts.iter().zip(runbooks) {
        let text = read(document)?;
        // A heading of one word is its anchor in small letters.
        let mut headings = text.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_lowercase);
        ensure!(heading == alert.to_lowercase(), "{alert} leads to {heading}");
        ensure!(headings.any(|found| found == heading), "{document} has no {heading}");
    }
    Ok(())
}

/// What a panel of each kind that is used has to say, in Grafana's own terms, as JSON pointers.
const WHOLE: [(&str, &[&str]); 3] = [
    ("row", &["/title", "/gridPos", "/collapsed"]),
    ("stat", &["/title", "/description", "/fieldConfig/defaults/unit", "/options/reduceOptions/calcs/0", "/targets/0"]),
    ("timeseries", &["/title", "/description", "/fieldConfig/defaults/unit", "/options/legend", "/targets/0"]),
];

/// Units that Grafana knows.
const UNITS: [&str; 7] = ["short", "s", "bytes", "Bps", "ops", "reqps", "percentunit"];

/// The names of a dashboard's variables that an expression asks for, without Grafana's own.
fn asked_for(expression: &str) -> impl Iterator<Item = &str> {
    let after = expression.split('$').skip(1);
    let names = after.filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next());
    names.filter(|name| !name.starts_with("__"))
}

#[test]
fn the_dashboard_says_what_each_panel_needs() -> anyhow::Result<()> {
    let text = std::fs::read_to_string(repository().join("deploy/grafana/the-block.json"))?;
    let dashboard: serde_json::Value = serde_json::from_str(&text)?;
    for field in ["/title", "/uid", "/schemaVersion", "/time/from", "/time/to", "/templating/list/0"] {
        ensure!(dashboard.pointer(field).is_some(), "the dashboard has no {field}");
    }
    // One that is provisioned has no id: it is another in each Grafana.
    ensure!(dashboard.get("id").is_none_or(serde_json::Value::is_null), "the dashboard has the id of one Grafana");
    let listed = dashboard["templating"]["list"].as_array().context("no variables")?;
    let variables: BTreeSet<&str> = listed.iter().filter_map(|variable| variable["name"].as_str()).collect();
    let source = serde_json::json!({ "type": "prometheus", "uid": "${datasource}" });
    ensure!(variables.contains("datasource"), "{variables:?}");

    let (mut ids, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().context("no panels")? {
        let title = &panel["title"];
        let kind = panel["type"].as_str().unwrap_or_default();
        let known = WHOLE.iter().find(|(known, _)| *known == kind);
        let (_, needs) = known.with_context(|| format!("{title} is a {kind}"))?;
        let missing: Vec<_> = needs.iter().filter(|field| panel.pointer(field).is_none()).collect();
        ensure!(missing.is_empty(), "{title} has no {missing:?}");
        ensure!(ids.insert(panel["id"].as_u64().context("no id")?), "two panels have the id of {title}");
        // A grid of 24 columns, on which nothing lies over anything.
        let at = |field: &str| panel["gridPos"][field].as_u64().with_context(|| format!("{title} has no {field}"));
        let (x, y, width, height) = (at("x")?, at("y")?, at("w")?, at("h")?);
        ensure!(width > 0 && height > 0 && x + width <= 24, "{title} is {width} wide at {x}");
        let mut places = (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y)));
        ensure!(places.all(|place| taken.insert(place)), "{title} lies over another panel");
        if kind == "row" {
            continue;
        }
        let unit = panel["fieldConfig"]["defaults"]["unit"].as_str().unwrap_or_default();
        ensure!(UNITS.contains(&unit), "{title}: {unit} is no unit of Grafana's");
        assert_eq!(panel["datasource"], source, "{title}");
        let mut references = BTreeSet::new();
        for target in panel["targets"].as_array().into_iter().flatten() {
            assert_eq!(target["datasource"], source, "{title}");
            ensure!(references.insert(target["refId"].as_str().context("no refId")?), "{title} asks twice as one");
            ensure!(target["legendFormat"].as_str().is_some_and(|legend| !legend.is_empty()), "{title} has no legend");
            let expression = target["expr"].as_str().context("no expr")?;
            let unknown: Vec<_> = asked_for(expression).filter(|name| !variables.contains(name)).collect();
            ensure!(unknown.is_empty(), "{title} asks for the variables {unknown:?}");
            // A rate over less than two scrapes shows nothing.
            let is_wide = !expression.contains("rate(") || expression.contains("[$__rate_interval]");
            ensure!(is_wide, "{title}: {expression}");
        }
    }
    ensure!(ids.len() > 20, "only {} panels", ids.len());
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

/// The settings of a unit, as `key=value`; later ones of a key add to it.
fn settings<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    let values = unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    values.flat_map(str::split_whitespace).collect()
}

#[test]
fn o09_a_unit_waits_for_the_disk_of_its_home_and_is_not_given_up_before_it() -> anyhow::Result<()> {
    let unit = std::fs::read_to_string(repository().join("deploy/the-block.service"))?;
    let start = settings(&unit, "ExecStart");
    let home = start.iter().skip_while(|word| **word != "--home").nth(1).context("no --home")?;
    ensure!(settings(&unit, "RequiresMountsFor").contains(home), "the unit does not wait for {home}");
    // 1 is what could not be read.
    ensure!(settings(&unit, "Restart") == ["on-failure"], "what fails is not started again");
    ensure!(!settings(&unit, "RestartPreventExitStatus").contains(&"1"), "what could not be read is not tried again");
    ensure!(settings(&unit, "StartLimitIntervalSec") == ["0"], "after some attempts nobody tries again");
    Ok(())
}

/// The folders and files of the home under systemd, with their modes and owners.
fn laid_out(table: &str) -> Vec<(&Path, Option<u32>, &str)> {
    let lines = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
            [_, path, mode, owner, _] => (Path::new(path), u32::from_str_radix(mode, 8).ok(), owner),
            _ => panic!("{line:?} is no line of tmpfiles.d"),
        })
        .collect()
}

#[test]
fn o11_the_unit_waits_for_the_time() -> anyhow::Result<()> {
    let unit = std::fs::read_to_string(repository().join("deploy/the-block.service"))?;
    for key in ["After", "Wants"] {
        ensure!(settings(&unit, key).contains(&"time-sync.target"), "{key} has no time-sync.target");
    }
    let prevented = settings(&unit, "RestartPreventExitStatus");
    ensure!(
        !prevented.contains(&"1"),
        "a clock that is wrong keeps the node down for longer than it is: {prevented:?}"
    );
    Ok(())
}

#[test]
fn h20_no_listening_unit_can_write_releases() -> anyhow::Result<()> {
    let deploy = repository().join("deploy");
    let read = |name: &str| std::fs::read_to_string(deploy.join(name)).with_context(|| name.to_owned());
    let home = Home::at("/var/lib/the-block");
    let (mut config, table) = (Config::default(), read("the-block.tmpfiles.conf")?);
    config.witness.key = "config/witness.key".into();
    let table = laid_out(&table);
    // The first line of a path sets its mode; one without goes over what is below it.
    let owner = |path: &Path| table.iter().find(|(found, ..)| *found == path).map(|(_, mode, owner)| (*mode, *owner));

    let mut supervisors = 0;
    for entry in std::fs::read_dir(&deploy)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".service") {
            continue;
        }
        let unit = read(&name)?;
        ensure!(settings(&unit, "ProtectSystem") == ["strict"], "{name} writes wherever its user may");
        let writes = settings(&unit, "ReadWritePaths");
        let reaches = |path: &&str| home.releases().starts_with(path) || Path::new(path).starts_with(home.path());
        if !writes.iter().any(reaches) {
            continue;
        }
        // Whoever reaches the releases supervises, and what it executes and listens is another user's.
        supervisors += 1;
        let starts = settings(&unit, "ExecStart");
        ensure!(starts.get(1) == Some(&"supervise"), "{name} reaches releases/, and starts {starts:?}");
        let user = settings(&unit, "User");
        ensure!(user == ["the-block"], "{name} runs as {user:?}");
        for capabilities in ["AmbientCapabilities", "CapabilityBoundingSet"] {
            let found = settings(&unit, capabilities);
            ensure!(found == ["CAP_SETUID", "CAP_SETGID"], "{name}: {capabilities} is {found:?}");
        }
        ensure!(settings(&unit, "NoNewPrivileges") == ["yes"], "{name}: the node could gain what its supervisor has");
        ensure!(unit.contains("supervise.node_user = \"the-block-node\""), "{name} does not say as whom the node runs");
    }
    ensure!(supervisors == 1, "{supervisors} units supervise");

    // By its owner and mode, nothing that decides what runs is the node's to write.
    let decides = ["", "config", "config/config.toml", "config/genesis.json", "config/release_signers.txt", "releases"];
    let below = ["slots", "slots/a", "slots/b"].map(|name| home.releases().join(name));
    let decides = decides.map(|name| if name.is_empty() { home.path().to_path_buf() } else { home.path().join(name) });
    for path in decides.into_iter().chain(below) {
        let (mode, owner) = owner(&path).with_context(|| format!("{} is nobody's", path.display()))?;
        let closed = mode.is_some_and(|mode| mode & 0o022 == 0);
        let decides = ["the-block", "root"].contains(&owner);
        ensure!(decides && closed, "{} is {owner}'s, mode {mode:?}", path.display());
    }
    let all_below = (home.releases(), None, "the-block");
    let is_all_below =
        |(path, mode, owner): &(&Path, Option<u32>, &str)| (path.to_path_buf(), *mode, *owner) == all_below;
    ensure!(table.iter().any(is_all_below), "what lies in releases/ already is not given to who supervises");
    // And everything that a node writes is its own.
    let keys = [home.node_key(), home.default_validator_key()].into_iter().chain(home.witness_key(&config));
    for path in home.of_the_node(&config).into_iter().chain(keys) {
        let (mode, owner) = owner(&path).with_context(|| format!("{} is nobody's", path.display()))?;
        let closed = mode.is_some_and(|mode| mode & 0o077 == 0);
        ensure!(owner == "the-block-node" && closed, "{} is {owner}'s, mode {mode:?}", path.display());
    }
    let is_stray = |(path, _, owner): &&(&Path, Option<u32>, &str)| {
        *owner == "the-block-node" && (path.starts_with(home.releases()) || home.releases().starts_with(path))
    };
    let strays: Vec<_> = table.iter().filter(is_stray).collect();
    ensure!(strays.is_empty(), "the node is given {strays:?}");
    let users = read("the-block.sysusers.conf")?;
    for user in ["the-block", "the-block-node"] {
        ensure!(users.lines().any(|line| line.split_whitespace().nth(1) == Some(user)), "nobody makes the user {user}");
    }
    Ok(())
}
