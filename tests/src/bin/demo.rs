//! `make demo`: four validators and the explorer on loopback, and one release from signature to installed.
//!
//! With `ONCE=1` it ends after the walk; else the network keeps running until ctrl-c. `DEMO_DIR` keeps the files. Whoever ends it,
//! however and whenever, ends its nodes and has its folder removed.

use anyhow::ensure;
use std::path::Path;
use tests::showing::{Demo, DemoNetwork, explored};
use tests::walk::Walked;
use tests::{ExplorerProcess, Network, binaries, network::free_base_port, walk};

const DEMO: Demo<'_> = Demo {
    folder: "the-block-demo-",
    unfinished: "the release was installed",
    page: "/releases",
    command: "gov proposals",
};

/// Starts the explorer beside the network: it has to show the release with its install.
async fn explore(network: &Network, walked: &Walked, dir: &Path) -> anyhow::Result<ExplorerProcess> {
    println!("11. The explorer follows the network, and verifies every block from genesis");
    let explorer = explored(network, dir).await?;
    let release = explorer.json(&format!("/releases/{}", walked.build_hash))?;
    ensure!(release["install_count"].as_u64() >= Some(1), "the explorer does not show the install: {release}");
    println!(
        "   who signed, who voted and why, and where it is installed: {}/releases/{}",
        explorer.url, walked.build_hash
    );
    Ok(explorer)
}

/// Walks the main job in a folder, and leaves network and explorer running.
async fn show(dir: &Path) -> anyhow::Result<DemoNetwork> {
    println!("the-block: a chain that approves its own software\n");
    let executable = binaries::built("the-block")?;
    let candidate = walk::stripped(&executable, &dir.join("the-block-0.2.0"))?;
    let mut network = Network::write_with(&executable, &dir.join("network"), 4, free_base_port(4)?, &[])?;
    let walked =
        walk::Walk { network: &mut network, candidate: &candidate, tell: &|text| println!("{text}") }.take().await?;
    let explorer = explore(&network, &walked, dir).await?;
    println!("\nproposal {} approved {}; it is installed and on record", walked.proposal, walked.build_hash);
    Ok(DemoNetwork { network, explorer })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    DEMO.show(show).await
}
