//! `make demo`: four validators on loopback, and one release from signature to installed.
//!
//! With `ONCE=1` it ends after the walk; else the network keeps running until ctrl-c. `DEMO_DIR` keeps the files.

use anyhow::Context as _;
use std::path::PathBuf;
use tests::{Network, binaries, network::free_base_port, walk};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let temporary = tempfile::Builder::new().prefix("the-block-demo-").tempdir().context("cannot make a folder")?;
    let dir = std::env::var_os("DEMO_DIR").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let once = std::env::var("ONCE").is_ok_and(|value| value == "1");
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;

    println!("the-block: a chain that approves its own software\n");
    let executable = binaries::built("the-block")?;
    let candidate = walk::stripped(&executable, &dir.join("the-block-0.2.0"))?;
    let mut network = Network::write_with(&executable, &dir.join("network"), 4, free_base_port(4)?, &[])?;
    let walked =
        walk::Walk { network: &mut network, candidate: &candidate, tell: &|text| println!("{text}") }.take().await?;
    println!("\nproposal {} approved {}; it is installed and on record", walked.proposal, walked.build_hash);
    if once {
        for node in &mut network.nodes {
            node.stop().await?;
        }
        return Ok(());
    }
    println!("\nThe network keeps running; press ctrl-c to stop it.");
    for (index, node) in network.nodes.iter().enumerate() {
        println!("  node{index}  {}  metrics {}", node.rpc, node.metrics);
    }
    println!("Try: contract --rpc {} gov proposals", network.nodes[0].rpc);
    tokio::signal::ctrl_c().await.context("cannot wait for ctrl-c")?;
    for node in &mut network.nodes {
        node.stop().await?;
    }
    Ok(())
}
