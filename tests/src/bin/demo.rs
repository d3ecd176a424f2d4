//! `make demo`: four validators and the explorer on loopback, and one release from signature to installed.
//!
//! With `ONCE=1` it ends after the walk; else the network keeps running until ctrl-c. `DEMO_DIR` keeps the files. Whoever ends it,
//! however and whenever, ends its nodes and has its folder removed.

use anyhow::{Context as _, bail, ensure};
use std::path::{Path, PathBuf};
use tests::walk::Walked;
use tests::{ExplorerProcess, Network, binaries, network::free_base_port, walk};
use tokio::signal::unix::{SignalKind, signal};

/// Where the explorer serves unless something else does.
const EXPLORER: &str = "127.0.0.1:26690";

/// Starts the explorer beside the network: it has to show the release with its install.
async fn explore(network: &Network, walked: &Walked, dir: &Path) -> anyhow::Result<ExplorerProcess> {
    println!("11. The explorer follows the network, and verifies every block from genesis");
    let free = std::net::TcpListener::bind(EXPLORER).is_ok();
    let address = if free { EXPLORER } else { "127.0.0.1:0" };
    let db = dir.join("explorer.sqlite").display().to_string();
    let arguments = ["--rpc", &network.nodes[0].rpc, "--db", &db];
    let explorer = ExplorerProcess::start_at(address, &arguments, &dir.join("explorer.log"))?;
    explorer.reach(network.nodes[0].height().await?).await?;
    let release = explorer.json(&format!("/releases/{}", walked.build_hash))?;
    ensure!(release["install_count"].as_u64() >= Some(1), "the explorer does not show the install: {release}");
    println!(
        "   who signed, who voted and why, and where it is installed: {}/releases/{}",
        explorer.url, walked.build_hash
    );
    Ok(explorer)
}

/// Walks the main job in a folder, and leaves network and explorer running.
async fn show(dir: &Path) -> anyhow::Result<(Network, ExplorerProcess)> {
    println!("the-block: a chain that approves its own software\n");
    let executable = binaries::built("the-block")?;
    let candidate = walk::stripped(&executable, &dir.join("the-block-0.2.0"))?;
    let mut network = Network::write_with(&executable, &dir.join("network"), 4, free_base_port(4)?, &[])?;
    let walked =
        walk::Walk { network: &mut network, candidate: &candidate, tell: &|text| println!("{text}") }.take().await?;
    let explorer = explore(&network, &walked, dir).await?;
    println!("\nproposal {} approved {}; it is installed and on record", walked.proposal, walked.build_hash);
    Ok((network, explorer))
}

/// Returns when somebody has the demo end: by ctrl-c, `kill`, or closing its terminal.
async fn told_to_end() -> anyhow::Result<()> {
    let on = |kind| signal(kind).context("cannot wait for signals");
    let (mut interrupt, mut terminate) = (on(SignalKind::interrupt())?, on(SignalKind::terminate())?);
    let mut hangup = on(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Dropped last, when nobody writes there any more.
    let temporary = tempfile::Builder::new().prefix("the-block-demo-").tempdir().context("cannot make a folder")?;
    let dir = std::env::var_os("DEMO_DIR").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let once = std::env::var("ONCE").is_ok_and(|value| value == "1");
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let told = told_to_end();
    tokio::pin!(told);
    // What is shown ends with its nodes wherever it is dropped.
    let (mut network, explorer) = tokio::select! {
        biased;
        ended = &mut told => {
            ended?;
            bail!("the demo was ended before the release was installed; nothing of it runs on");
        }
        shown = show(&dir) => shown?,
    };
    if !once {
        println!("\nThe network keeps running; press ctrl-c to stop it.");
        for (index, node) in network.nodes.iter().enumerate() {
            println!("  node{index}  {}  metrics {}", node.rpc, node.metrics);
        }
        println!("  explorer  {}/releases", explorer.url);
        println!("Try: contract --rpc {} gov proposals", network.nodes[0].rpc);
        told.await?;
    }
    explorer.stop()?;
    for node in &mut network.nodes {
        node.stop().await?;
    }
    Ok(())
}
