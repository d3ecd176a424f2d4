//! `the-block init` and `the-block testnet`: the files of a new network.

use super::{Failure, print, print_json};
use crate::governed_start::GovernedStart;
use crate::network::{NetworkPlan, PlannedNode};
use host::config::Home;
use serde_json::{Value, json};
use std::path::Path;

/// Writes a one-validator network.
pub(super) fn init(plan: &NetworkPlan, dir: &Path, validator_key: Option<&Path>, json: bool) -> Result<(), Failure> {
    let node = plan.write_single(&Home::at(dir), validator_key).map_err(Failure::Usage)?;
    print_network(plan, dir, &[node], json)
}

/// Writes a network of several validators.
pub(super) fn testnet(plan: &NetworkPlan, dir: &Path, json: bool) -> Result<(), Failure> {
    let nodes = plan.write(dir).map_err(Failure::Usage)?;
    print_network(plan, dir, &nodes, json)
}

fn print_network(plan: &NetworkPlan, dir: &Path, nodes: &[PlannedNode], json: bool) -> Result<(), Failure> {
    if json {
        let nodes: Vec<_> = nodes
            .iter()
            .map(|node| {
                json!({
                    "home": node.home.path(), "account": node.account, "rpc": node.config.rpc.listen,
                    "metrics": node.config.metrics.listen, "consensus": node.config.consensus.listen,
                    "overlay": node.config.overlay.listen, "web": node.config.web.listen,
                })
            })
            .collect();
        let mut written = json!({ "nodes": nodes, "signers": dir.join("signers"), "holders": dir.join("holders") });
        if let (Some(start), Some(fields)) = (&plan.governed, written.as_object_mut()) {
            fields.insert("council".into(), json!(dir.join("council")));
            fields.insert("rollout".into(), governed(start));
        }
        return print_json(&written);
    }
    let listed: String = nodes.iter().map(lines).collect();
    let (signers, holders) = (dir.join("signers"), dir.join("holders"));
    let first =
        nodes.first().map(|node| format!("start with: the-block start --home {}\n", node.home.path().display()));
    let council = plan.governed.as_ref().map(|start| council(start, dir));
    print(&format!(
        "{listed}release signers: {}\ntoken holders:   {}\n{}{}",
        signers.display(),
        holders.display(),
        council.unwrap_or_default(),
        first.unwrap_or_default()
    ))
}

/// What is said of the plan that governs a network, to scripts.
fn governed(start: &GovernedStart) -> Value {
    json!({ "plan": start.plan(), "stage": start.stage(), "bundle": start.bundle() })
}

/// The same, to people.
fn council(start: &GovernedStart, dir: &Path) -> String {
    let stage = start.stage().map_or_else(|| "no stage yet".into(), |stage| format!("stage {stage}"));
    let (council, plan, bundle) = (dir.join("council"), start.plan(), start.bundle());
    format!("council:         {}\nplan:            {plan}, {stage}, bundle {bundle}\n", council.display())
}

fn lines(node: &PlannedNode) -> String {
    let config = &node.config;
    format!(
        "{}\n  account    {}\n  rpc        http://{}\n  metrics    http://{}/metrics\n  consensus  {}\n  overlay    {}\n  \
         flags      http://{}\n",
        node.home.path().display(),
        node.account,
        config.rpc.listen,
        config.metrics.listen,
        config.consensus.listen,
        config.overlay.listen,
        config.web.listen
    )
}
