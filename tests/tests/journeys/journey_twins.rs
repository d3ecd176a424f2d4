//! Does a validator's key sign in one place only, when its home was copied, and when two nodes have it?

use anyhow::{Context as _, ensure};
use host::config::{Home, loopback, loopback_multiaddr};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::network::{QUICK, free_base_port};
use tests::{Network, NodeProcess};

/// What a node warns its operator of, in one text.
async fn warnings(node: &NodeProcess) -> Option<String> {
    Some(node.operate("node.health", json!({})).await.ok()?["warnings"].to_string())
}

/// Waits until a node warns of something.
async fn warns(node: &mut NodeProcess, of: &str) -> anyhow::Result<()> {
    node.until(of, async |node| warnings(node).await?.contains(of).then_some(())).await
}

/// Waits until the key of a node signs.
async fn signs(node: &mut NodeProcess) -> anyhow::Result<()> {
    node.until("signing", async |node| (node.metric("validator_signs").ok()? == 1.0).then_some(())).await
}

/// That nobody is known to have contradicted itself.
fn is_clean(node: &NodeProcess) -> anyhow::Result<()> {
    let waiting = std::fs::read_dir(node.home.join("evidence")).map_or(0, Iterator::count);
    ensure!(waiting == 0 && node.metric("chain_offences_total")? == 0.0, "evidence in {}", node.home.display());
    Ok(())
}

/// A copy of a validator's home with other ports and another node key.
async fn twin_of(network: &mut Network, index: usize) -> anyhow::Result<NodeProcess> {
    let (home, port) = (network.dir.join("twin"), free_base_port(1)?);
    let node = &mut network.nodes[index];
    // A store that is written to meanwhile is no copy.
    node.stop().await?;
    let copied = Command::new("cp").arg("-r").args([&node.home, &home]).status()?;
    ensure!(copied.success());
    node.start()?;
    signs(node).await?;
    let key = home.join("config/node.key");
    std::fs::remove_file(&key)?;
    host::keys::write(&key, &host::keys::generate())?;
    // The other node's key has vouched for it.
    std::fs::remove_file(Home::at(&home).anchor())?;
    let twin = NodeProcess::new(&node.executable, home, port, node.account.clone());
    twin.configure(|config| {
        config.rpc.listen = loopback(port);
        config.metrics.listen = loopback(port + 1);
        config.consensus.listen = loopback_multiaddr(port + 2);
        config.overlay.listen = loopback_multiaddr(port + 3);
        config.web.listen = loopback(port + 4);
    })?;
    Ok(twin)
}

/// Runs a command line of the shell.
fn shell(line: &str) -> anyhow::Result<()> {
    let output = Command::new("sh").args(["-ec", line]).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{line}: {said}; scripts/setup.sh test installs what is missing");
    Ok(())
}

/// How a home of an earlier moment comes to be in the place of the one that signed since.
enum Way {
    /// By a command that makes a folder of a folder, which are `$1/` and `$2`.
    Copied(&'static str),
    /// By a snapshot of the file system that it is all of.
    Snapshot(Volume),
}

impl Way {
    /// Keeps the home as it is.
    fn keep(&self, home: &Path, copy: &Path) -> anyhow::Result<()> {
        match self {
            Way::Copied(by) => shell(&format!("set -- {} {}; {by}", home.display(), copy.display())),
            Way::Snapshot(volume) => volume.while_away(|image| format!("cp {image} {image}.kept")),
        }
    }

    /// Puts what was kept in the place of the home.
    fn bring_back(&self, home: &Path, copy: &Path) -> anyhow::Result<()> {
        match self {
            Way::Copied(_) => Ok(std::fs::remove_dir_all(home).and_then(|()| std::fs::rename(copy, home))?),
            Way::Snapshot(volume) => volume.while_away(|image| format!("cp {image}.kept {image}")),
        }
    }
}

/// A file system of its own, in a file; gone when this is dropped.
struct Volume {
    image: PathBuf,
    at: PathBuf,
}

impl Volume {
    /// Moves a folder to a file system of its own, whose place is the same; none where this user or machine has no such thing.
    fn of(at: &Path) -> anyhow::Result<Option<Self>> {
        let volume = Self { image: at.with_extension("ext4"), at: at.into() };
        let (image, at) = (volume.image.display(), volume.at.display());
        let makes =
            format!("truncate -s 1G {image}; mkfs.ext4 -q -m 0 {image}; mkdir {at}.new; mount {image} {at}.new");
        if let Err(error) = shell(&makes) {
            eprintln!("no file system can be made here, so that no snapshot is tried: {error:#}");
            return Ok(None);
        }
        let moves = format!("cp -a {at}/. {at}.new");
        let moved = shell(&moves);
        shell(&format!("umount {at}.new; rmdir {at}.new"))?;
        moved?;
        shell(&format!("rm -r {at}; mkdir {at}; mount {image} {at}"))?;
        Ok(Some(volume))
    }

    /// Does something to the file system while it is in use by nobody.
    fn while_away(&self, line: impl Fn(std::path::Display<'_>) -> String) -> anyhow::Result<()> {
        let (image, at) = (self.image.display(), self.at.display());
        shell(&format!("umount {at}; {}; mount {image} {at}", line(self.image.display())))
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // A test that failed may have left a node in it.
        let _ = shell(&format!("umount --lazy {}", self.at.display()));
    }
}

/// Lets a validator go on from its home of an earlier moment, kept in some way before the chain stood still over it, and knows why it
/// waits.
async fn goes_on_from(network: &mut Network, way: &Way, doubt: &str) -> anyhow::Result<()> {
    for node in &mut network.nodes {
        node.stop().await?;
    }
    let (home, copy) = (network.nodes[0].home.clone(), network.dir.join("copy"));
    way.keep(&home, &copy)?;
    let log = network.nodes[0].log();
    let (before, stood) =
        (std::fs::read_to_string(&log)?.len(), std::fs::read_to_string(network.nodes[1].log())?.len());
    for node in &mut network.nodes[..2] {
        node.start()?;
    }
    // Two of four decide nothing. The other one misses those alone that it hears no vote of.
    let (account, other) = (network.nodes[0].account.clone(), network.nodes[1].log());
    network.nodes[1]
        .until("a vote of the first", async |_| {
            let said = std::fs::read_to_string(&other).ok()?;
            let misses = said.lines().rfind(|line| line.contains("the chain stands still"))?;
            (!misses.contains(&account) && said.rfind(misses)? > stood).then_some(())
        })
        .await?;
    network.nodes[0].kill()?;
    way.bring_back(&home, &copy)?;
    for index in [0, 2, 3] {
        network.nodes[index].start()?;
    }
    // What it is just now may have passed before it is asked; what it has said stays.
    let said = || std::fs::read_to_string(&log).ok()?.get(before..).map(str::to_owned);
    network.nodes[0].until("waiting", async |_| said()?.contains(doubt).then_some(())).await?;
    signs(&mut network.nodes[0]).await?;
    let said = said().context("its log is gone")?;
    let (waits, again) = (said.rfind(doubt), said.rfind("key signs again"));
    ensure!(waits.is_some() && waits < again, "it signed before it was safe");
    network.nodes.iter().try_for_each(is_clean)
}

#[tokio::test]
async fn o25_o26_a_copied_home_waits_until_it_is_safe_and_nodes_with_one_key_stop_signing_and_say_so()
-> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 4, QUICK)?;
    network.hurry()?;
    network.edit_genesis(|genesis| genesis["chain"]["consensus"]["max_clock_drift_ms"] = 500.into())?;
    network.start_all()?;
    network.reach(3).await?;
    let copied = ["cp -r $1/ $2", "mkdir $2; tar -C $1 -cp . | tar -C $2 -xp", "rsync -a $1/ $2"];
    for way in copied {
        goes_on_from(&mut network, &Way::Copied(way), "this home is a copy").await.context(way)?;
    }
    // The same file system as it was before: its files are the same ones, and younger than what the system remembers.
    for node in &mut network.nodes {
        node.stop().await?;
    }
    let snapshot = Volume::of(&network.nodes[0].home)?.map(Way::Snapshot);
    network.start_all()?;
    signs(&mut network.nodes[0]).await?;
    if let Some(way) = &snapshot {
        goes_on_from(&mut network, way, "this home is older than it was").await.context("a snapshot")?;
    }

    // A plain restart of all at once: if any two of them waited, all would.
    for node in &mut network.nodes {
        node.stop().await?;
    }
    network.start_all()?;
    for node in &mut network.nodes {
        signs(node).await?;
    }
    // Its metrics are there before its answers are.
    network.reach(1).await?;
    let height = network.nodes[0].height().await?;
    network.reach(height + 3).await?;

    // A copy of the last validator's home, beside it, under a node key that nobody has named.
    let mut twin = twin_of(&mut network, 3).await?;
    twin.start()?;
    warns(&mut twin, "another node has this node's validator key").await?;
    warns(&mut network.nodes[3], "another node has this node's validator key").await?;
    ensure!(network.nodes[3].metric("validator_key_elsewhere")? == 1.0);
    let height = network.nodes[0].height().await?;
    // More than two signers of one key need to contradict each other; each that one of them would propose takes a second round.
    for blocks in 1..=6 {
        network.reach(height + 50 * blocks).await?;
    }
    network.nodes.iter().try_for_each(is_clean)?;

    // It outlives a restart, and ends by the operator's word.
    let last = &mut network.nodes[3];
    last.stop().await?;
    last.start()?;
    warns(last, "another node has this node's validator key").await?;
    twin.kill()?;
    last.stop().await?;
    let resume = |more: &[&str]| {
        let home = last.home.display().to_string();
        Command::new(&last.executable).args(["signing", "resume", "--home", &home]).args(more).output()
    };
    ensure!(resume(&[])?.status.code() == Some(2), "the flag says what is promised");
    ensure!(resume(&["--no-later-state"])?.status.success());
    last.start()?;
    signs(last).await?;
    let warned = last.until("health", async |node| warnings(node).await).await?;
    ensure!(!warned.contains("another node"), "{warned}");
    let height = network.nodes[0].height().await?;
    network.reach(height + 5).await?;
    network.nodes.iter().try_for_each(is_clean).context("after the operator's word")
}
