//! A network of nodes on loopback.

use crate::explorer::repository;
use crate::{NodeProcess, binaries};
use anyhow::{Context as _, bail, ensure};
use consensus::Multiaddr;
use host::config::{Config, Home, loopback, loopback_multiaddr};
use primitives::SecretKey;
use runtime::Genesis;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};

/// Blocks follow each other fast and epochs are short: what most journeys want.
pub const QUICK: &[&str] = &["--block-time-ms", "200", "--epoch-length", "5"];

/// As [`QUICK`], but no epoch ends while a test runs, so that an empty block leaves the state as it was.
pub const QUIET: &[&str] = &["--block-time-ms", "200", "--epoch-length", "100000"];

/// How many peers beside the validators every node of a network takes.
const SPARES: usize = 4;

/// The homes of a network, and its nodes as far as they run. Nodes end when this is dropped.
pub struct Network {
    /// The folder that `the-block testnet` wrote.
    pub dir: PathBuf,
    /// The nodes, in order.
    pub nodes: Vec<NodeProcess>,
}

impl Network {
    /// Writes a network of `nodes` validators below `dir`, on ports that are free now.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(dir: &Path, nodes: u16, extra: &[&str]) -> anyhow::Result<Self> {
        let executable = binaries::copied("the-block", &dir.join("bin"))?;
        Self::write_with(&executable, dir, nodes, free_base_port(nodes)?, extra)
    }

    /// Writes a network of `nodes` validators that the plan of `config/profiles/chain.toml` governs, exactly as it is, where a stage
    /// stands.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn governed(dir: &Path, nodes: u16, stage: &str, extra: &[&str]) -> anyhow::Result<Self> {
        let root = repository().display().to_string();
        let profile = format!("{root}/config/profiles/chain.toml");
        let plan = ["--profile", &profile, "--root", &root, "--stage", stage];
        Self::write(dir, nodes, &[extra, &plan[..]].concat())
    }

    /// Writes a network with an executable, which its genesis then approves, from a port on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_with(
        executable: &Path,
        dir: &Path,
        nodes: u16,
        base_port: u16,
        extra: &[&str],
    ) -> anyhow::Result<Self> {
        let output = Command::new(executable)
            .args(["testnet", "--json", "--nodes", &nodes.to_string(), "--base-port", &base_port.to_string(), "--home"])
            .arg(dir)
            .args(extra)
            .output()
            .context("cannot run the-block testnet")?;
        ensure!(
            output.status.success(),
            "the-block testnet failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        let written: Value = serde_json::from_slice(&output.stdout).context("the-block testnet printed no JSON")?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("the-block testnet left a field out");
        let nodes = written["nodes"].as_array().context("the-block testnet printed no nodes")?;
        let nodes: Vec<NodeProcess> = nodes
            .iter()
            .map(|node| {
                let rpc: std::net::SocketAddr = text(&node["rpc"])?.parse()?;
                Ok(NodeProcess::new(executable, text(&node["home"])?.into(), rpc.port(), text(&node["account"])?))
            })
            .collect::<anyhow::Result<_>>()?;
        let spares: Vec<SecretKey> = (0..SPARES).map(|_| host::keys::generate()).collect();
        for node in &nodes {
            let ids = spares.iter().map(peer_alone).collect::<anyhow::Result<Vec<Multiaddr>>>()?;
            node.configure(|config| config.consensus.peers.extend(ids))?;
        }
        let network = Self { dir: dir.to_owned(), nodes };
        std::fs::create_dir_all(network.spares())?;
        for (number, key) in spares.iter().enumerate() {
            host::keys::write(&network.spares().join(format!("{number}.key")), key)?;
        }
        Ok(network)
    }

    /// The node keys of peers that every node was told of and that nobody is yet.
    fn spares(&self) -> PathBuf {
        self.dir.join("spares")
    }

    /// The node key of a further peer that every node takes in consensus.
    ///
    /// # Errors
    /// When there is no other left.
    pub fn spare(&self) -> anyhow::Result<SecretKey> {
        let files = std::fs::read_dir(self.spares())?.collect::<Result<Vec<_>, _>>()?;
        let file = files.first().context("no spare node key is left; raise SPARES")?.path();
        let key = host::keys::read(&file)?;
        std::fs::remove_file(file)?;
        Ok(key)
    }

    /// Where each node takes part in consensus, and who it is.
    ///
    /// # Errors
    /// When a node key cannot be read.
    pub fn consensus_peers(&self) -> anyhow::Result<Vec<Multiaddr>> {
        self.nodes
            .iter()
            .map(|node| consensus_peer(node.port, &host::keys::read(&node.home.join("config/node.key"))?))
            .collect()
    }

    /// Changes the genesis of every home; for numbers that `the-block testnet` has no option for.
    ///
    /// # Errors
    /// When a genesis file cannot be read or written.
    pub fn edit_genesis(&self, change: impl Fn(&mut Value)) -> anyhow::Result<()> {
        for node in &self.nodes {
            let file = node.home.join("config/genesis.json");
            let mut genesis: Value = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
            change(&mut genesis);
            std::fs::write(&file, serde_json::to_string_pretty(&genesis)?)?;
        }
        Ok(())
    }

    /// As [`edit_genesis`](Self::edit_genesis), by its type: for parts of which many are added. Gives what it becomes.
    ///
    /// # Errors
    /// When a genesis file cannot be read or written.
    pub fn change_genesis(&self, change: impl FnOnce(&mut Genesis)) -> anyhow::Result<Genesis> {
        let first = self.nodes.first().context("a network without nodes")?;
        let mut genesis: Genesis = serde_json::from_str(&std::fs::read_to_string(Home::at(&first.home).genesis())?)?;
        change(&mut genesis);
        let text = serde_json::to_string(&genesis)?;
        for node in &self.nodes {
            std::fs::write(Home::at(&node.home).genesis(), &text)?;
        }
        Ok(genesis)
    }

    /// A running network of one, whose state changes no more by itself: its install receipt is on chain. With [`QUIET`] no
    /// epoch ends either. `change` changes the genesis first.
    ///
    /// # Errors
    /// When it cannot be written or started.
    pub async fn settled(dir: &Path, extra: &[&str], change: impl Fn(&mut Value)) -> anyhow::Result<Self> {
        let mut network = Self::write(dir, 1, extra)?;
        network.edit_genesis(change)?;
        network.start_all()?;
        network.settle().await?;
        Ok(network)
    }

    /// Waits until the first node has said on chain what it runs, and so says nothing more by itself.
    ///
    /// # Errors
    /// When its process ends before, or time is over.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        let node = self.nodes.first_mut().context("a network without nodes")?;
        let account = node.account.clone();
        node.until("install receipt", async |node| {
            let account = node.call("account.get", serde_json::json!({ "account": account })).await.ok()?;
            (account["node_nonce"] == 1).then_some(())
        })
        .await
    }

    /// Lets rounds time out sooner than `the-block testnet` says, for networks in which a proposer is missing.
    ///
    /// # Errors
    /// When a genesis file cannot be read or written.
    pub fn hurry(&self) -> anyhow::Result<()> {
        self.edit_genesis(|genesis| {
            genesis["chain"]["consensus"]["propose_timeout_ms"] = 600.into();
            genesis["chain"]["consensus"]["vote_timeout_ms"] = 300.into();
        })
    }

    /// A further node with an empty database that follows the chain without voting.
    ///
    /// # Errors
    /// When its home cannot be written.
    pub fn follower(&self) -> anyhow::Result<NodeProcess> {
        self.follower_in("follower")
    }

    /// As [`follower`](Self::follower), in a folder of its own, for more than one.
    ///
    /// # Errors
    /// When its home cannot be written.
    pub fn follower_in(&self, folder: &str) -> anyhow::Result<NodeProcess> {
        let first = self.nodes.first().context("a network without nodes")?;
        let home = self.dir.join(folder);
        std::fs::create_dir_all(home.join("config"))?;
        std::fs::copy(first.home.join("config/genesis.json"), home.join("config/genesis.json"))?;
        let key = home.join("config/node.key");
        if !key.exists() {
            host::keys::write(&key, &self.spare()?)?;
        }
        let mut config = Config::default();
        let port = free_base_port(1)?;
        config.rpc.listen = loopback(port);
        config.metrics.listen = loopback(port + 1);
        config.consensus.listen = loopback_multiaddr(port + 2);
        config.overlay.listen = loopback_multiaddr(port + 3);
        config.web.listen = loopback(port + 4);
        config.consensus.peers = self.consensus_peers()?;
        config.overlay.peers = self.nodes.iter().map(|node| loopback_multiaddr(node.port + 3)).collect();
        config.validator.key = PathBuf::new();
        std::fs::write(home.join("config/config.toml"), config.to_text())?;
        Ok(NodeProcess::new(&first.executable, home, port, String::new()))
    }

    /// Starts every node that does not run.
    ///
    /// # Errors
    /// When a process cannot be started.
    pub fn start_all(&mut self) -> anyhow::Result<()> {
        self.nodes.iter_mut().filter(|node| !node.has_started()).try_for_each(NodeProcess::start)
    }

    /// Waits until every running node has reached a height.
    ///
    /// # Errors
    /// When one does not in time.
    pub async fn reach(&mut self, height: u64) -> anyhow::Result<()> {
        for node in self.nodes.iter_mut().filter(|node| node.has_started()) {
            node.reach(height).await?;
        }
        Ok(())
    }

    /// The key file of release signer `index`.
    pub fn signer(&self, index: usize) -> String {
        self.dir.join(format!("signers/signer{index}.key")).display().to_string()
    }

    /// The key file of a member of the council of a governed network, such as `sre_lead` or `member0`.
    pub fn council(&self, member: &str) -> String {
        self.dir.join(format!("council/{member}.key")).display().to_string()
    }

    /// The key file of token holder `index`.
    pub fn holder(&self, index: usize) -> String {
        self.dir.join(format!("holders/holder{index}.key")).display().to_string()
    }
}

/// Where a node on loopback takes part in consensus, by the first of its ports, and who it is, by its node key.
///
/// # Errors
/// Never.
pub fn consensus_peer(port: u16, key: &SecretKey) -> anyhow::Result<Multiaddr> {
    Ok(format!("/ip4/127.0.0.1/tcp/{}/p2p/{}", port + 2, overlay::peer_id(&key.seed())).parse()?)
}

fn peer_alone(key: &SecretKey) -> anyhow::Result<Multiaddr> {
    Ok(format!("/p2p/{}", overlay::peer_id(&key.seed())).parse()?)
}

/// Where test networks listen: below the ports that a network has which is given none, and those that the system gives out.
const FIRST_PORT: u16 = 10_000;

/// Ports of a range, which a network of five nodes at most has, and how many ranges there are.
const PORTS: u16 = 50;
const RANGES: u16 = 320;

/// A base port such that all ports of a network of `nodes` are free now, and stay so for this process until it ends: whoever asks elsewhere
/// is given others. It has them by turns, so that networks of one test share none.
///
/// # Errors
/// When no range is free.
pub fn free_base_port(nodes: u16) -> anyhow::Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % u32::from(RANGES)).unwrap_or_default();
    for _ in 0..RANGES {
        let range = (start * 7 + NEXT.fetch_add(1, Ordering::Relaxed)) % RANGES;
        let base = FIRST_PORT + range * PORTS;
        let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if is_ours(base)? && (0..nodes).all(|node| (0..5).all(|offset| free(base + node * 10 + offset))) {
            return Ok(base);
        }
    }
    bail!("no free ports from {FIRST_PORT} to {}", FIRST_PORT + RANGES * PORTS)
}

/// Whether the range that begins at a port is this process's, from now on if nobody has it. That its ports are free says too little: those of
/// nodes that are not started yet, or start again, are free as well.
fn is_ours(base: u16) -> anyhow::Result<bool> {
    // The system lets go of the names when this process ends, however it does.
    static OURS: Mutex<BTreeMap<u16, UnixDatagram>> = Mutex::new(BTreeMap::new());
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    if ours.contains_key(&base) {
        return Ok(true);
    }
    match UnixDatagram::bind_addr(&name_of(base)?) {
        Ok(held) => {
            ours.insert(base, held);
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(false),
        Err(error) => Err(error).context("cannot take a range of ports"),
    }
}

/// What whoever has a range of ports holds: a name that is no file, and is there for whoever has the same ports.
fn name_of(base: u16) -> std::io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(format!("the-block ports from {base}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_that_somebody_has_are_given_to_nobody_else_though_nobody_listens_there() {
        let (first, second) = (free_base_port(1).unwrap(), free_base_port(1).unwrap());
        assert_ne!(first, second);
        let other = UnixDatagram::bind_addr(&name_of(first).unwrap()).unwrap_err();
        assert_eq!(other.kind(), ErrorKind::AddrInUse);
    }
}
