//! `the-block init` and `the-block testnet`: the files of a new network.

use super::Failure;
use crate::network::{Plan, PlannedNode};
use host::config::Home;
use primitives::ChainId;
use serde_json::json;
use std::path::Path;

/// Writes a one-validator network.
pub(super) fn init(dir: &Path, chain_id: ChainId, validator_key: Option<&Path>, json: bool) -> Result<(), Failure> {
    let plan = Plan { chain_id, ..Plan::default() };
    let node = plan.write_single(&Home::at(dir), validator_key).map_err(Failure::Usage)?;
    print(dir, &[node], json);
    Ok(())
}

/// Writes a network of several validators.
pub(super) fn testnet(plan: &Plan, dir: &Path, json: bool) -> Result<(), Failure> {
    let nodes = plan.write(dir).map_err(Failure::Usage)?;
    print(dir, &nodes, json);
    Ok(())
}

fn print(dir: &Path, nodes: &[PlannedNode], json: bool) {
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
        println!("{:#}", json!({ "nodes": nodes, "signers": dir.join("signers"), "holders": dir.join("holders") }));
        return;
    }
    for node in nodes {
        println!("{}", node.home.path().display());
        println!("  account    {}", node.account);
        println!("  rpc        http://{}", node.config.rpc.listen);
        println!("  metrics    http://{}/metrics", node.config.metrics.listen);
        println!("  consensus  {}", node.config.consensus.listen);
        println!("  overlay    {}", node.config.overlay.listen);
    }
    println!("release signers: {}", dir.join("signers").display());
    println!("token holders:   {}", dir.join("holders").display());
    if let Some(node) = nodes.first() {
        println!("start with: the-block start --home {}", node.home.path().display());
    }
}
