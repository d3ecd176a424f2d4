//! `the-block init` and `the-block testnet`: the files of a new network.

use super::{Failure, print, print_json};
use crate::network::{NetworkPlan, PlannedNode};
use host::config::Home;
use primitives::ChainId;
use serde_json::json;
use std::path::Path;

/// Writes a one-validator network.
pub(super) fn init(dir: &Path, chain_id: ChainId, validator_key: Option<&Path>, json: bool) -> Result<(), Failure> {
    let plan = NetworkPlan { chain_id, ..NetworkPlan::default() };
    let node = plan.write_single(&Home::at(dir), validator_key).map_err(Failure::Usage)?;
    print_network(dir, &[node], json)
}

/// Writes a network of several validators.
pub(super) fn testnet(plan: &NetworkPlan, dir: &Path, json: bool) -> Result<(), Failure> {
    let nodes = plan.write(dir).map_err(Failure::Usage)?;
    print_network(dir, &nodes, json)
}

fn print_network(dir: &Path, nodes: &[PlannedNode], json: bool) -> Result<(), Failure> {
    if json {
        let nodes: Vec<_> = nodes
            .iter()
            .map(|node| {
                json!({
                    "home": node.home.path(), "account": node.account, "rpc": node.config.rpc.listen,
                    "metrics": node.config.metrics.listen, "consensus": node.config.consensus.listen,
                    "overlay": node.config.overlay.listen,
                })
            })
            .collect();
        return print_json(&json!({ "nodes": nodes, "signers": dir.join("signers"), "holders": dir.join("holders") }));
    }
    let listed: String = nodes.iter().map(lines).collect();
    let (signers, holders) = (dir.join("signers"), dir.join("holders"));
    let first =
        nodes.first().map(|node| format!("start with: the-block start --home {}\n", node.home.path().display()));
    print(&format!(
        "{listed}release signers: {}\ntoken holders:   {}\n{}",
        signers.display(),
        holders.display(),
        first.unwrap_or_default()
    ))
}

fn lines(node: &PlannedNode) -> String {
    let config = &node.config;
    format!(
        "{}\n  account    {}\n  rpc        http://{}\n  metrics    http://{}/metrics\n  consensus  {}\n  overlay    {}\n",
        node.home.path().display(),
        node.account,
        config.rpc.listen,
        config.metrics.listen,
        config.consensus.listen,
        config.overlay.listen
    )
}
