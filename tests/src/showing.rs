//! What demos have in common: a folder that is removed, an explorer beside the network, and an end whenever somebody asks for it.

use crate::{ExplorerProcess, Network};
use anyhow::{Context as _, bail};
use std::path::{Path, PathBuf};
use tokio::signal::unix::{SignalKind, signal};

/// Where the explorer serves unless something else does.
const EXPLORER: &str = "127.0.0.1:26690";

/// What is shown, and goes on. It ends with its nodes wherever it is dropped.
pub struct DemoNetwork {
    /// The network.
    pub network: Network,
    /// The explorer that follows it.
    pub explorer: ExplorerProcess,
}

/// A demo, in the words that go with it.
#[derive(Debug, Clone, Copy)]
pub struct Demo<'a> {
    /// What its folder is called, in front.
    pub folder: &'a str,
    /// What had not happened when somebody ended it too early.
    pub unfinished: &'a str,
    /// The page of the explorer to look at.
    pub page: &'a str,
    /// The words of a `contract` command to try.
    pub command: &'a str,
}

impl Demo<'_> {
    /// Has a walk taken in a folder, and leaves network and explorer running until ctrl-c; with `ONCE=1` it ends after the walk.
    /// `DEMO_DIR` keeps the files. Whoever ends it, however and whenever, ends its nodes and has its folder removed.
    ///
    /// # Errors
    /// Those of the walk, and that it was ended before it was over.
    pub async fn show(self, walk: impl AsyncFnOnce(&Path) -> anyhow::Result<DemoNetwork>) -> anyhow::Result<()> {
        // Dropped last, when nobody writes there any more.
        let temporary = tempfile::Builder::new().prefix(self.folder).tempdir().context("cannot make a folder")?;
        let dir = std::env::var_os("DEMO_DIR").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
        let once = std::env::var("ONCE").is_ok_and(|value| value == "1");
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let told = told_to_end();
        tokio::pin!(told);
        let DemoNetwork { mut network, explorer } = tokio::select! {
            biased;
            ended = &mut told => {
                ended?;
                bail!("the demo was ended before {}; nothing of it runs on", self.unfinished);
            }
            shown = walk(dir.as_path()) => shown?,
        };
        if !once {
            println!("\nThe network keeps running; press ctrl-c to stop it.");
            for (index, node) in network.nodes.iter().enumerate() {
                println!("  node{index}  {}  metrics {}", node.rpc, node.metrics);
            }
            println!("  explorer  {}{}", explorer.url, self.page);
            println!("Try: contract --rpc {} {}", network.nodes[0].rpc, self.command);
            told.await?;
        }
        explorer.stop()?;
        for node in &mut network.nodes {
            node.stop().await?;
        }
        Ok(())
    }
}

/// Starts an explorer beside a network, where it serves unless something else does, and waits until it has come as far.
///
/// # Errors
/// When it does not serve, or does not follow.
pub async fn explored(network: &Network, dir: &Path) -> anyhow::Result<ExplorerProcess> {
    let free = std::net::TcpListener::bind(EXPLORER).is_ok();
    let address = if free { EXPLORER } else { "127.0.0.1:0" };
    let db = dir.join("explorer.sqlite").display().to_string();
    let arguments = ["--rpc", &network.nodes[0].rpc, "--db", &db];
    let explorer = ExplorerProcess::start_at(address, &arguments, &dir.join("explorer.log"))?;
    explorer.reach(network.nodes[0].height().await?).await?;
    Ok(explorer)
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
