//! `make demo-rollout`: four validators that one of them seals, and the explorer, on loopback; a council promotes them to a quorum, and
//! what happens around that. With `STAGE=mainnet` it goes on from there over canary to mainnet instead, with what each gate does shown.
//!
//! With `ONCE=1` it ends after the walk; else the network keeps running until ctrl-c. `DEMO_DIR` keeps the files. Whoever ends it,
//! however and whenever, ends its nodes and has its folder removed.

use anyhow::{Context as _, bail};
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

/// How far the walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastStage {
    /// To where a quorum decides, and through what happens around that.
    Testnet,
    /// To where every gate is on for everybody.
    Mainnet,
}

impl LastStage {
    /// As `STAGE` says it; nothing is testnet.
    fn asked() -> anyhow::Result<Self> {
        match std::env::var("STAGE").unwrap_or_default().as_str() {
            "" | "testnet" => Ok(Self::Testnet),
            "mainnet" => Ok(Self::Mainnet),
            other => bail!("the demo ends at testnet or at mainnet, and not at {other:?}; say STAGE=mainnet"),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Testnet => "testnet",
            Self::Mainnet => "mainnet",
        }
    }

    /// More than the walk takes on the slowest machine that runs this.
    const fn bound(self) -> Duration {
        match self {
            Self::Testnet => Duration::from_secs(480),
            Self::Mainnet => Duration::from_secs(1_200),
        }
    }
}

/// Promotes a network in a folder, and leaves it and the explorer running.
async fn show(dir: &Path, last: LastStage) -> anyhow::Result<DemoNetwork> {
    println!("the-block: a chain that governs its own gates\n");
    let tell = |text: &str| println!("{text}");
    let mut walk = PromotionWalk::write(dir, &tell)?;
    if last == LastStage::Mainnet {
        walk.equip()?;
    }
    walk.start().await?;
    let build = walk.approve_build().await?;
    let testnet = walk.promote(&build).await?;
    walk.prove(&build)?;
    let explorer = match last {
        LastStage::Testnet => {
            walk.govern().await?;
            walk.explore(dir).await?
        }
        LastStage::Mainnet => {
            walk.go_on_to_mainnet(testnet, &build).await?;
            walk.look_back(dir).await?
        }
    };
    println!("\nthe council promoted the network to {}; its gates are governed by votes alone", last.name());
    Ok(DemoNetwork { network: walk.network, explorer })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let last = LastStage::asked()?;
    let bounded = async |dir: &Path| {
        let shown = tokio::time::timeout(last.bound(), show(dir, last)).await;
        shown.with_context(|| format!("the walk was not over after {} s", last.bound().as_secs()))?
    };
    DEMO.show(bounded).await
}
