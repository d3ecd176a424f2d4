//! What an operator can set: `config/config.toml` in the node's home.
//!
//! Everything that all validators have to agree on (block time, epochs, fees, limits of a block) is in genesis instead.
//! Reading lists every unknown key and every invalid value at once; [`Config::to_text`] writes the commented file that
//! `init` and `testnet` leave behind.
//!
//! ```
//! use host::config::Config;
//! let error = Config::parse("[rpc]\nmax_conections = 5\n", "config.toml").unwrap_err();
//! assert!(error.to_string().contains("did you mean rpc.max_connections?"));
//! assert_eq!(Config::parse(&Config::default().to_text(), "config.toml").unwrap(), Config::default());
//! ```

mod bounds;
mod home;
mod listen;
mod mirror;
mod parse;
mod rollout;
#[cfg(test)]
mod tests;
mod text;
mod update;
mod web;
mod witness;

pub use crate::variables::GOV_DB_VARIABLE;
pub use bounds::{LEAST_SERVED, LEAST_STORE_MEMORY, Listener, socket};
pub use home::Home;
pub use listen::Listen;
pub use mirror::{MirrorError, mirror_url};
pub use parse::{ConfigError, ConfigMistake};
pub use rollout::{HeldGate, RolloutSection};
pub use update::{Pace, SuperviseSection, UpdateSection};
pub use web::WebSection;
pub use witness::WitnessSection;

use multiaddr::Multiaddr;
use primitives::Name;
use rpc::AddressRange;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

/// The whole file. A key that is left out has its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// JSON-RPC over HTTP and WebSocket.
    pub rpc: RpcSection,
    /// Prometheus metrics.
    pub metrics: MetricsSection,
    /// The swarm that decides blocks.
    pub consensus: ConsensusSection,
    /// The swarm that carries transactions and release artifacts.
    pub overlay: OverlaySection,
    /// The release artifacts that this node holds and gives to others.
    pub artifacts: ArtifactsSection,
    /// Transactions that wait for a block.
    pub mempool: MempoolSection,
    /// The governance store.
    pub storage: StorageSection,
    /// How a build is approved before this node has seen it itself.
    pub boot: BootSection,
    /// How releases are fetched and when they may be installed.
    pub update: UpdateSection,
    /// What `the-block supervise` does.
    pub supervise: SuperviseSection,
    /// What this node says of itself on chain, and which gates it declines.
    pub rollout: RolloutSection,
    /// What it answers applications that ask for the values of flags.
    pub web: WebSection,
    /// Whether it vouches for the log of blocks, and whom it asks to do so.
    pub witness: WitnessSection,
    /// What the node writes about itself.
    pub log: LogSection,
    /// Whether this node votes.
    pub validator: ValidatorSection,
}

/// Bounds on what strangers can ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RpcSection {
    /// Where HTTP and WebSocket are served.
    pub listen: Listen<SocketAddr>,
    /// Open connections; when all are taken, an idle one gives way, else one that is only subscribed, or whoever comes is refused.
    pub max_connections: u32,
    /// As many of them at most for one client address; of IPv6, for one /64.
    pub max_connections_per_address: u32,
    /// Bytes in a request or answer body.
    pub max_body_bytes: u32,
    /// Calls in a batch.
    pub max_batch: u32,
    /// Calls a second from one client address, on average; 0 sets no limit.
    pub requests_per_second: u32,
    /// Proxies whose word in `X-Forwarded-For` says whose budgets a call comes out of; each is an address or a network.
    pub trusted_proxies: Vec<AddressRange>,
    /// Calls at once that take much work, such as proofs, blocks and dry runs; a further one is told to try again.
    pub max_heavy_requests: u32,
    /// Subscriptions on one connection.
    pub max_subscriptions: u32,
    /// Bytes a second of old blocks for subscribers that are behind, all together.
    pub catch_up_bytes_per_second: u64,
    /// As many of them at most for those of one client address.
    pub catch_up_bytes_per_address: u64,
    /// Web origins whose pages may call; `*` allows all.
    pub cors_origins: Vec<String>,
}

impl RpcSection {
    /// The URL by which programs on this machine reach it: where every address is listened on, over loopback.
    pub fn url(&self) -> String {
        let listen = self.listen.first();
        let ip: IpAddr = match listen.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, listen.port()))
    }
}

/// Where metrics are read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricsSection {
    /// Where `GET /metrics` is served.
    pub listen: Listen<SocketAddr>,
}

/// Where the node takes part in consensus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsensusSection {
    /// Where other nodes connect.
    pub listen: Listen<Multiaddr>,
    /// The nodes that may connect, each with its peer id; to those with an address this node connects itself.
    pub peers: Vec<Multiaddr>,
    /// Whether all others may connect too, to catch up; then this node decides nothing.
    pub open: bool,
}

/// Where the node takes part in gossip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverlaySection {
    /// Where other nodes connect.
    pub listen: Listen<Multiaddr>,
    /// Nodes to connect to, besides those remembered in `overlay/peers.json`.
    pub peers: Vec<Multiaddr>,
    /// Connected peers.
    pub max_peers: u32,
}

/// Which release artifacts are kept, and what other nodes get of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArtifactsSection {
    /// Whether other nodes can fetch them here.
    pub serve: bool,
    /// Bytes on disk.
    pub disk_budget_bytes: u64,
    /// Activated artifacts; pinned ones are kept besides.
    pub keep_activated: u32,
    /// Bytes in a second that are given to other nodes.
    pub max_bytes_per_second: u64,
}

/// Bounds on what waits for a block and could be in one; a twentieth more waits apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MempoolSection {
    /// Bytes of encoded transactions.
    pub max_bytes: u64,
    /// Transactions.
    pub max_count: u32,
    /// Transactions of one account, in each of its lanes.
    pub max_per_account: u32,
}

/// What is kept, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StorageSection {
    /// The store's folder, relative to the home; `TB_GOV_DB_PATH` goes before it.
    pub gov_db: PathBuf,
    /// How far back blocks and proofs are kept.
    pub history: KeptHistory,
    /// Bytes of memory that the store takes; 0 is a share of what there is.
    pub memory_bytes: u64,
    /// The plans of applications whose holds and open incidents keep blocks here, beside those of the network's own plan.
    pub plans: Vec<Name>,
}

/// How far back blocks and proofs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptHistory {
    /// From the first block; written `"full"`.
    Full,
    /// The last heights, at least one; written as a number.
    Last(u64),
}

/// How a build is approved before this node has seen it itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BootSection {
    /// JSON-RPC addresses of nodes that are asked for the ticket of this build; none of them is trusted.
    pub ticket_sources: Vec<String>,
    /// How long a ticket is good for at least, by this machine's clock, in minutes; longer where a notice period is longer.
    pub least_ticket_minutes: u64,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogSection {
    /// A level, or directives by module such as `info,libp2p=warn`.
    pub level: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line, for collectors.
    Json,
}

/// Who this node is in consensus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValidatorSection {
    /// The key file, relative to the home; empty when this node follows the chain without voting.
    pub key: PathBuf,
    /// How many times the least fee this node pays at most for what it says by itself.
    pub max_fee_multiple: u64,
}

impl Default for RpcSection {
    fn default() -> Self {
        Self {
            listen: loopback(26600),
            max_connections: 256,
            max_connections_per_address: 16,
            max_body_bytes: 1 << 20,
            max_batch: 50,
            requests_per_second: 1000,
            trusted_proxies: Vec::new(),
            max_heavy_requests: 2,
            max_subscriptions: 32,
            catch_up_bytes_per_second: 16 << 20,
            catch_up_bytes_per_address: 4 << 20,
            cors_origins: Vec::new(),
        }
    }
}

impl Default for MetricsSection {
    fn default() -> Self {
        Self { listen: loopback(26601) }
    }
}

impl Default for ConsensusSection {
    fn default() -> Self {
        Self { listen: loopback_multiaddr(26602), peers: Vec::new(), open: false }
    }
}

impl Default for OverlaySection {
    fn default() -> Self {
        Self { listen: loopback_multiaddr(26603), peers: Vec::new(), max_peers: 32 }
    }
}

impl Default for ArtifactsSection {
    fn default() -> Self {
        Self { serve: true, disk_budget_bytes: 8 << 30, keep_activated: 30, max_bytes_per_second: 32 << 20 }
    }
}

impl Default for MempoolSection {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_count: 20_000, max_per_account: 64 }
    }
}

impl MempoolSection {
    /// Bytes of encoded transactions where there is so much memory: an eighth of it at most.
    pub fn bytes_within(&self, memory: u64) -> u64 {
        self.max_bytes.min(memory / 8)
    }
}

impl Default for StorageSection {
    fn default() -> Self {
        Self { gov_db: "governance_db".into(), history: KeptHistory::Full, memory_bytes: 0, plans: Vec::new() }
    }
}

impl Default for BootSection {
    fn default() -> Self {
        Self { ticket_sources: Vec::new(), least_ticket_minutes: 10 }
    }
}

impl Default for LogSection {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Text }
    }
}

impl Default for ValidatorSection {
    fn default() -> Self {
        Self { key: "config/validator.key".into(), max_fee_multiple: 1_000 }
    }
}

/// An address on this machine only, which is where a new node listens until its operator says otherwise; as it is, or as all that is
/// listened on.
pub fn loopback<A: From<SocketAddr>>(port: u16) -> A {
    SocketAddr::from(([127, 0, 0, 1], port)).into()
}

/// As [`loopback`], in the form that the swarms use.
pub fn loopback_multiaddr<A: From<Multiaddr>>(port: u16) -> A {
    Multiaddr::from(Ipv4Addr::LOCALHOST).with(multiaddr::Protocol::Tcp(port)).into()
}

impl Serialize for KeptHistory {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            KeptHistory::Full => serializer.serialize_str("full"),
            KeptHistory::Last(heights) => serializer.serialize_u64(*heights),
        }
    }
}

impl<'de> Deserialize<'de> for KeptHistory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Word(String),
        }
        match Written::deserialize(deserializer) {
            Ok(Written::Number(heights @ 1..)) => Ok(KeptHistory::Last(heights)),
            Ok(Written::Word(word)) if word == "full" => Ok(KeptHistory::Full),
            _ => Err(serde::de::Error::custom("expected \"full\" or the number of heights to keep, at least 1")),
        }
    }
}
