//! The dashboard over a real Prometheus that scrapes a running network: every query is asked as Grafana asks it, and has something
//! to show.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;
use tests::binaries;
use tests::explorer::repository;
use tests::network::QUICK;
use tests::{ExplorerProcess, Network, PrometheusProcess};

/// Metrics that have a series once something has happened that need not.
const SILENT: [&str; 3] =
    ["release_updates_refused_total", "overlay_artifact_bytes_served_total", "rollout_ratify_seconds_left"];

/// How often is scraped here, and what Grafana makes of it: four times that.
const INTERVALS: (&str, &str) = ("1s", "4s");

/// What every variable stands for when all of its values are chosen, as they are when the dashboard is opened.
fn variables(dashboard: &Value) -> BTreeMap<&str, &str> {
    let listed = dashboard["templating"]["list"].as_array().into_iter().flatten();
    listed.filter_map(|variable| Some((variable["name"].as_str()?, variable["allValue"].as_str()?))).collect()
}

/// An expression with values for its variables, the longest name first: one may begin as another does.
fn asked(expression: &str, variables: &BTreeMap<&str, &str>) -> String {
    let mut names: Vec<_> = variables.iter().collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let plain = expression.replace("$__rate_interval", INTERVALS.1);
    names.into_iter().fold(plain, |text, (name, value)| text.replace(&format!("${name}"), value))
}

/// The labels that a legend shows.
fn shown(legend: &str) -> Vec<&str> {
    legend.split("{{").skip(1).filter_map(|rest| rest.split("}}").next().map(str::trim)).collect()
}

#[test]
fn grafana_s_own_types_know_all_of_the_dashboard() -> anyhow::Result<()> {
    let python = binaries::python();
    let root = repository();
    let output = Command::new(&python)
        .args([root.join("tests/fixtures/dashboard.py"), root.join("deploy/grafana/the-block.json")])
        .output()
        .with_context(|| format!("no Python at {}; run scripts/setup.sh test", python.display()))?;
    let [lost, failed] = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    ensure!(output.status.success(), "what is lost on the way through Grafana's types:\n{lost}{failed}");
    Ok(())
}

#[tokio::test]
async fn every_query_of_the_dashboard_has_something_to_show() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::governed(&dir.path().join("network"), 2, "testnet", QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let rpc = network.nodes[0].rpc.clone();
    let index = dir.path().join("index.sqlite").display().to_string();
    let explorer = ExplorerProcess::start(&["--rpc", &rpc, "--db", &index], &dir.path().join("explorer.log"))?;
    explorer.reach(2).await?;

    let read = |path: &str| std::fs::read_to_string(repository().join("deploy").join(path));
    let config = read("prometheus/containers.yml")?;
    let nodes: Vec<String> = network.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port + 1)).collect();
    let site = explorer.url.strip_prefix("http://").context("no http")?;
    let config = config
        .replace(r#"["node0:26601", "node1:26601", "node2:26601", "node3:26601"]"#, &format!("{nodes:?}"))
        .replace("explorer:26690", site)
        .replace("15s", INTERVALS.0);
    let prometheus = PrometheusProcess::start(&config).await?;
    prometheus.until("count(up == 1) == 3").await?;

    let dashboard: Value = serde_json::from_str(&read("grafana/the-block.json")?)?;
    let variables = variables(&dashboard);
    // What a variable offers: label_values(SELECTOR, LABEL).
    for variable in dashboard["templating"]["list"].as_array().into_iter().flatten() {
        let Some(query) = variable["query"]["query"].as_str() else { continue };
        let inside = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
        let (selector, label) = inside.and_then(|inside| inside.rsplit_once(", ")).context("no label_values")?;
        let counted = format!("count by ({label}) ({})", asked(selector, &variables));
        let offered = prometheus.until(&counted).await?;
        ensure!(offered.iter().all(|series| series["metric"][label].is_string()), "{query} offers {offered:?}");
    }

    let panels = dashboard["panels"].as_array().context("no panels")?;
    let mut queries = 0;
    for panel in panels {
        for target in panel["targets"].as_array().into_iter().flatten() {
            // Twice, so that the explorer answers from its cache; and the node is asked by the explorer.
            explorer.get("/releases")?;
            queries += 1;
            let title = &panel["title"];
            let expression = asked(target["expr"].as_str().context("no expr")?, &variables);
            ensure!(!expression.contains('$'), "{title}: {expression} has a variable that nobody sets");
            if SILENT.iter().any(|metric| expression.contains(metric)) {
                prometheus.ask(&expression)?;
                continue;
            }
            let series = prometheus.until(&expression).await.with_context(|| title.to_string())?;
            for label in shown(target["legendFormat"].as_str().unwrap_or_default()) {
                let named = series.iter().all(|series| series["metric"][label].is_string());
                ensure!(named, "{title}: the legend shows {label}, which {expression} does not have");
            }
        }
    }
    ensure!(queries > 25, "the dashboard asks {queries} questions");

    // And the rules, over the same numbers: nothing is wrong here, so that nothing fires.
    let firing = prometheus.ask(r#"ALERTS{alertstate="firing"}"#)?;
    ensure!(firing.is_empty(), "{firing:?}");
    explorer.stop()
}
