//! `make demo-rollout`: four validators that one of them seals, and the explorer, on loopback; a council promotes them to a quorum, and
//! what happens around that.
//!
//! With `ONCE=1` it ends after the walk; else the network keeps running until ctrl-c. `DEMO_DIR` keeps the files. Whoever ends it,
//! however and whenever, ends its nodes and has its folder removed.

use anyhow::Context as _;
use std::path::Path;
use std::time::Duration;
use tests::promotion::PromotionWalk;
use tests::showing::{Demo, DemoNetwork};

const DEMO: Demo<'_> = Demo {
    folder: "the-block-demo-rollout-",
    unfinished: "the network was promoted",
    page: "/rollouts/chain",
    command: "rollout board",
};

/// More than the walk takes on the slowest machine that runs this.
const BOUND: Duration = Duration::from_secs(480);

/// Promotes a network in a folder, and leaves it and the explorer running.
async fn show(dir: &Path) -> anyhow::Result<DemoNetwork> {
    println!("the-block: a chain that governs its own gates\n");
    let tell = |text: &str| println!("{text}");
    let mut walk = PromotionWalk::write(dir, &tell)?;
    walk.start().await?;
    let build = walk.approve_build().await?;
    walk.promote(&build).await?;
    walk.prove(&build)?;
    walk.govern().await?;
    let explorer = walk.explore(dir).await?;
    println!("\nthe council promoted the network to testnet; its gates are governed by votes alone");
    Ok(DemoNetwork { network: walk.network, explorer })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let bounded = async |dir: &Path| {
        let shown = tokio::time::timeout(BOUND, show(dir)).await;
        shown.with_context(|| format!("the walk was not over after {} s", BOUND.as_secs()))?
    };
    DEMO.show(bounded).await
}
