//! Which values are possible: bounds of one key, and conflicts between two.

use super::{Config, ConfigMistake, Listen, WebSection, WitnessSection, mirror_url};
use multiaddr::{Multiaddr, Protocol};
use std::net::SocketAddr;
use tracing::level_filters::LevelFilter;

/// A request that proposes a release with every target and a full roster has to fit.
const SMALLEST_BODY: u32 = 64 * 1024;
/// The least that a node which serves artifacts gives to others, in bytes a second: one whole read of the overlay's protocol.
pub const LEAST_SERVED: u64 = 1 << 20;
/// The least memory of a store, in bytes.
pub const LEAST_STORE_MEMORY: u64 = 32 << 20;

/// The most plans of applications whose holds are asked for with every block.
const MOST_KEPT_PLANS: usize = 64;

impl Config {
    /// The keys whose value has the right type but is not possible, each with what it should be.
    pub(super) fn out_of_bounds(&self) -> Vec<(&'static str, String)> {
        let at_least_one = [
            ("rpc.max_connections", u64::from(self.rpc.max_connections)),
            ("rpc.max_connections_per_address", self.rpc.max_connections_per_address.into()),
            ("rpc.max_batch", self.rpc.max_batch.into()),
            ("rpc.max_heavy_requests", self.rpc.max_heavy_requests.into()),
            ("rpc.catch_up_bytes_per_second", self.rpc.catch_up_bytes_per_second),
            ("rpc.catch_up_bytes_per_address", self.rpc.catch_up_bytes_per_address),
            ("overlay.max_peers", self.overlay.max_peers.into()),
            ("artifacts.disk_budget_bytes", self.artifacts.disk_budget_bytes),
            ("artifacts.keep_activated", self.artifacts.keep_activated.into()),
            ("mempool.max_bytes", self.mempool.max_bytes),
            ("mempool.max_count", self.mempool.max_count.into()),
            ("mempool.max_per_account", self.mempool.max_per_account.into()),
            ("boot.least_ticket_minutes", self.boot.least_ticket_minutes),
            ("update.min_bytes_per_second", self.update.min_bytes_per_second),
            ("update.pace_window_s", self.update.pace_window_s),
            ("update.max_artifact_bytes", self.update.max_artifact_bytes),
            ("update.max_head_age_minutes", self.update.max_head_age_minutes),
            ("supervise.health_window_s", self.supervise.health_window_s),
            ("supervise.max_attempts", self.supervise.max_attempts.into()),
            ("validator.max_fee_multiple", self.validator.max_fee_multiple),
            ("web.max_streams", self.web.max_streams.into()),
            ("web.report_budget_ms", self.web.report_budget_ms),
        ];
        let mut found: Vec<(&'static str, String)> = at_least_one
            .into_iter()
            .filter(|(_, value)| *value == 0)
            .map(|(key, _)| (key, "at least 1".into()))
            .collect();
        let mut require = |key, holds: bool, what: &str| {
            if !holds {
                found.push((key, what.into()));
            }
        };
        require("rpc.max_body_bytes", self.rpc.max_body_bytes >= SMALLEST_BODY, "at least 65536 bytes");
        require(
            "rpc.cors_origins",
            self.rpc.cors_origins.iter().all(|o| is_origin(o)),
            "each is `*`, or http(s)://host[:port]",
        );
        require(
            "boot.ticket_sources",
            self.boot.ticket_sources.iter().all(|url| rpc::client::Node::open(url).is_ok()),
            "each is the URL of a node, such as http://127.0.0.1:26600",
        );
        require(
            "update.sources",
            self.update.sources.iter().all(|url| mirror_url(url).is_ok()),
            "each is the address of a mirror, such as https://releases.example.org/bin",
        );
        require(
            "supervise.pause_at_failed_percent",
            (1..=100).contains(&self.supervise.pause_at_failed_percent),
            "1 to 100",
        );
        require(
            "artifacts.max_bytes_per_second",
            self.artifacts.max_bytes_per_second >= LEAST_SERVED,
            "at least 1048576 bytes, or serve = false",
        );
        require(
            "storage.memory_bytes",
            self.storage.memory_bytes == 0 || self.storage.memory_bytes >= LEAST_STORE_MEMORY,
            "0 for a share of the memory there is, or at least 33554432 bytes",
        );
        require(
            "web.cors_origins",
            self.web.cors_origins.iter().all(|o| is_origin(o)),
            "each is `*`, or http(s)://host[:port]",
        );
        require("web.origin", self.web.has_origin(is_origin), "empty, or http(s)://host[:port]");
        require("web.plans", self.web.evaluated().len() <= WebSection::MOST_PLANS, "at most 64, with web.public_plans");
        let witnesses =
            self.witness.witnesses.len() <= WitnessSection::MOST_WITNESSES && self.witness.can_all_be_asked();
        require(
            "witness.witnesses",
            witnesses,
            "each is the address of a witness, such as https://witness.example.org/log, each once, and at most 16",
        );
        require("rollout.hold", self.rollout.holds_each_once(), "each gate once");
        require("storage.plans", self.storage.plans.len() <= MOST_KEPT_PLANS, "at most 64");
        require("storage.gov_db", !self.storage.gov_db.as_os_str().is_empty(), "a folder, relative to the home");
        require(
            "log.level",
            is_filter(&self.log.level),
            "off, error, warn, info, debug or trace, or module=level, comma separated",
        );
        let tcp = "an IP address or name and a TCP port, such as /ip4/127.0.0.1/tcp/26602";
        let are_sockets = |listen: &Listen<Multiaddr>| listen.all().all(|address| socket(address).is_some());
        require("consensus.listen", are_sockets(&self.consensus.listen), tcp);
        require("overlay.listen", are_sockets(&self.overlay.listen), tcp);
        require(
            "consensus.peers",
            self.consensus.peers.iter().all(names_peer),
            "each is an address with a peer id, such as /ip4/192.0.2.7/tcp/26602/p2p/ID, or /p2p/ID alone; a node shows its id \
             in net.overlay_status",
        );
        require("overlay.peers", self.overlay.peers.iter().all(has_tcp), tcp);
        found
    }

    /// Everything that is listened on, with its key.
    pub fn listeners(&self) -> Vec<(&'static str, Listener)> {
        let of =
            |key: &'static str, listeners: Vec<Listener>| listeners.into_iter().map(move |listener| (key, listener));
        of("rpc.listen", Listener::of_sockets(&self.rpc.listen))
            .chain(of("metrics.listen", Listener::of_sockets(&self.metrics.listen)))
            .chain(of("consensus.listen", Listener::of_swarm(&self.consensus.listen)))
            .chain(of("overlay.listen", Listener::of_swarm(&self.overlay.listen)))
            .chain(of("web.listen", Listener::of_sockets(&self.web.listen)))
            .collect()
    }

    /// Pairs of keys that exclude each other: two that name the same port of the same address, and a validator that takes strangers.
    pub(super) fn conflicts(&self) -> Vec<ConfigMistake> {
        let listeners = self.listeners();
        let mut found = Vec::new();
        if self.consensus.open && !self.validator.key.as_os_str().is_empty() {
            found.push(ConfigMistake::OpenValidator);
        }
        for (i, (first, a)) in listeners.iter().enumerate() {
            for (second, b) in listeners.iter().skip(i + 1) {
                if collide(a, b) {
                    found.push(ConfigMistake::SameAddress { first, second, address: b.address.to_string() });
                }
            }
        }
        found
    }
}

/// Where a node listens on TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listener {
    /// The address and port.
    pub address: SocketAddr,
    /// Whether one of IPv6 leaves IPv4 to others.
    pub v6_only: bool,
}

impl Listener {
    /// Where JSON-RPC or metrics are served. One of IPv6 alone takes IPv4 too where every address is listened on, as the system has it;
    /// beside one of IPv4 it does not.
    pub fn of_sockets(listen: &Listen<SocketAddr>) -> Vec<Self> {
        let v6_only = listen.all().any(SocketAddr::is_ipv4);
        listen.all().map(|address| Self { address: *address, v6_only }).collect()
    }

    /// Where a swarm listens, which takes one family at each address.
    pub fn of_swarm(listen: &Listen<Multiaddr>) -> Vec<Self> {
        listen.all().filter_map(socket).map(|address| Self { address, v6_only: true }).collect()
    }

    /// Whether something is heard here that comes by a family.
    fn takes(&self, v4: bool) -> bool {
        let is_dual = !self.v6_only && self.address.ip().is_unspecified();
        self.address.is_ipv4() == v4 || (v4 && is_dual)
    }

    /// The family of which none of these listeners hears, where every address of the other is listened on.
    pub fn unserved(listeners: &[Self]) -> Option<&'static str> {
        let everywhere = listeners.iter().any(|listener| listener.address.ip().is_unspecified());
        let served = |v4: bool| listeners.iter().any(|listener| listener.takes(v4));
        match (everywhere, served(true), served(false)) {
            (true, false, true) => Some("IPv4"),
            (true, true, false) => Some("IPv6"),
            _ => None,
        }
    }
}

/// Port 0 asks the system for any free port, so it collides with nothing.
fn collide(a: &Listener, b: &Listener) -> bool {
    let (at, other) = (a.address, b.address);
    let same_ip = at.ip() == other.ip() || at.ip().is_unspecified() || other.ip().is_unspecified();
    let share_a_family = [true, false].into_iter().any(|v4| a.takes(v4) && b.takes(v4));
    at.port() != 0 && at.port() == other.port() && same_ip && share_a_family
}

/// The address and TCP port at the start of a multiaddr.
pub fn socket(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    match (parts.next()?, parts.next()?) {
        (Protocol::Ip4(ip), Protocol::Tcp(port)) => Some((ip, port).into()),
        (Protocol::Ip6(ip), Protocol::Tcp(port)) => Some((ip, port).into()),
        _ => None,
    }
}

fn has_tcp(address: &Multiaddr) -> bool {
    address.iter().any(|part| matches!(part, Protocol::Tcp(port) if port != 0))
}

/// Whether it says whom to take, and where to connect to if anywhere.
fn names_peer(address: &Multiaddr) -> bool {
    let names = address.iter().last().is_some_and(|part| matches!(part, Protocol::P2p(_)));
    names && (address.iter().count() == 1 || has_tcp(address))
}

fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text == "*" || host.is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', '*']))
}

/// Every directive ends in a level; without that, a misspelled level would be taken for the name of a module.
fn is_filter(text: &str) -> bool {
    text.split(',').all(|directive| {
        directive
            .rsplit('=')
            .next()
            .is_some_and(|level| !level.is_empty() && level.trim().parse::<LevelFilter>().is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_a_level_and_not_a_module() {
        for good in ["info", "OFF", "warn,libp2p=debug", "the_block::boot=trace"] {
            assert!(is_filter(good), "{good}");
        }
        for bad in ["", "verbose", "info,", "libp2p=", "libp2p=loud"] {
            assert!(!is_filter(bad), "{bad}");
        }
    }

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        assert!(["*", "https://explorer.example", "http://localhost:8080"].iter().all(|o| is_origin(o)));
        assert!(!["", "explorer.example", "https://", "https://a/b", "https://*.example"].iter().any(|o| is_origin(o)));
    }

    #[test]
    fn the_same_port_collides_unless_it_is_any_port() {
        let at = |text: &str, v6_only: bool| Listener { address: text.parse().unwrap(), v6_only };
        let collides = |a: &str, b: &str| collide(&at(a, false), &at(b, false));
        assert!(collides("127.0.0.1:1", "127.0.0.1:1") && collides("0.0.0.0:1", "127.0.0.1:1"));
        assert!(!collides("127.0.0.1:0", "127.0.0.1:0") && !collides("127.0.0.1:1", "127.0.0.2:1"));
        assert!(
            collides("[::]:1", "127.0.0.1:1") && collides("[::]:1", "[::1]:1") && !collides("[::1]:1", "0.0.0.0:1")
        );
        assert!(!collide(&at("[::]:1", true), &at("0.0.0.0:1", true)));
    }
}
