//! Where can a peer be dialled? Reading, filtering and resolving multiaddresses, which all may come from strangers.

use super::Direction;
use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};
use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Addresses kept of one peer, at most.
pub const PEER_ADDRESSES: usize = 4;

/// How long a name may take to resolve.
const RESOLVE_WITHIN: Duration = Duration::from_secs(5);

/// Why a text is not a peer's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a peer address: {reason}; write host:port or /ip4/127.0.0.1/tcp/26603/p2p/<peer id>")]
pub struct AddressError {
    /// What was read.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A neighbourhood of addresses, of which one owner may well have all: the /24 of an IPv4 address, the /48 of an IPv6
/// address; a name has its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Subnet {
    V4([u8; 3]),
    V6([u8; 6]),
    Name(String),
}

impl Subnet {
    /// Where an address is. An IPv4 address that is written as an IPv6 address is an IPv4 address.
    pub(super) fn of(address: &Multiaddr) -> Self {
        match ip(address).map(|ip| ip.to_canonical()) {
            Some(IpAddr::V4(ip)) => {
                let [first, second, third, _] = ip.octets();
                Self::V4([first, second, third])
            }
            Some(IpAddr::V6(ip)) => {
                let mut prefix = [0; 6];
                prefix.iter_mut().zip(ip.octets()).for_each(|(byte, octet)| *byte = octet);
                Self::V6(prefix)
            }
            None => Self::Name(name(address).map_or_else(|| address.to_string(), |(name, _)| name)),
        }
    }
}

/// Reads a peer's address: a multiaddress, or `host:port` with an IP address or a DNS name.
///
/// # Errors
/// [`AddressError`] when the text is neither, or names no TCP port.
pub fn parse(text: &str) -> Result<Multiaddr, AddressError> {
    let refuse = |reason: String| AddressError { text: text.to_owned(), reason };
    let address = if text.starts_with('/') {
        text.parse().map_err(|error: libp2p::multiaddr::Error| refuse(error.to_string()))?
    } else if let Ok(socket) = text.parse::<SocketAddr>() {
        of_socket(socket)
    } else {
        let (host, port) = text.rsplit_once(':').ok_or_else(|| refuse("the port is missing".into()))?;
        let port = port.parse().map_err(|_| refuse(format!("{port:?} is not a port")))?;
        if host.is_empty() || !host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) {
            return Err(refuse(format!("{host:?} is not a host name")));
        }
        Multiaddr::empty().with(Protocol::Dns(host.into())).with(Protocol::Tcp(port))
    };
    if !is_tcp(&address) {
        return Err(refuse("it is not a TCP address with a port".into()));
    }
    Ok(address)
}

/// The multiaddress of a socket.
pub(super) fn of_socket(socket: SocketAddr) -> Multiaddr {
    Multiaddr::from(socket.ip()).with(Protocol::Tcp(socket.port()))
}

/// An address without its `/p2p/..` end, and the peer which that end names.
pub(super) fn split(address: &Multiaddr) -> (Multiaddr, Option<PeerId>) {
    let mut bare = address.clone();
    match bare.pop() {
        Some(Protocol::P2p(peer)) => (bare, Some(peer)),
        _ => (address.clone(), None),
    }
}

/// The addresses worth keeping of an identified peer: the one that was dialled, then what it advertises, those of the host
/// it was seen at first; loopback addresses only of a peer on this machine.
pub(super) fn worth_keeping(
    dialled: Option<&Multiaddr>,
    seen_at: &Multiaddr,
    advertised: &[Multiaddr],
) -> Vec<Multiaddr> {
    let seen_ip = ip(seen_at);
    let local = seen_ip.is_some_and(|ip| ip.is_loopback());
    let mut advertised: Vec<Multiaddr> =
        advertised.iter().map(|address| split(address).0).filter(|address| is_dialable(address, local)).collect();
    // A stable sort: among equals the peer's own order stays.
    advertised.sort_by_key(|address| ip(address) != seen_ip);
    let mut kept: Vec<Multiaddr> = Vec::with_capacity(PEER_ADDRESSES);
    for address in dialled.map(|address| split(address).0).into_iter().chain(advertised) {
        if kept.len() < PEER_ADDRESSES && !kept.contains(&address) {
            kept.push(address);
        }
    }
    kept
}

/// The names that were not found when they were last asked for. Each of them was said once.
fn unfound() -> MutexGuard<'static, BTreeSet<String>> {
    static UNFOUND: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    UNFOUND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where else a connected peer is, if its connection and what it advertises (`known`, with where it was dialled) show that the
/// address that was dialled is another node's. A node may have addresses that it does not know of, behind a translator: one that
/// came in by itself is elsewhere only if it listens on the same host, at another port; and whatever comes through a tunnel or the port
/// of a container comes from loopback, and is reached there, so there the operator has to have written down somebody else for the address.
pub(super) fn elsewhere(
    dialled: &Multiaddr,
    direction: Direction,
    connected: &Multiaddr,
    known: &[Multiaddr],
    expects_other: bool,
) -> Option<Multiaddr> {
    let (dialled, connected) = (split(dialled).0, split(connected).0);
    if known.contains(&dialled) || connected == dialled {
        return None;
    }
    match direction {
        Direction::Outbound => Some(connected),
        Direction::Inbound => {
            let host = ip(&dialled).filter(|host| expects_other || !host.is_loopback())?;
            known.iter().find(|address| ip(address) == Some(host)).cloned()
        }
    }
}

/// Replaces names by the IP addresses they resolve to; what does not resolve in time is left out.
pub(super) async fn resolve(addresses: Vec<Multiaddr>) -> Vec<Multiaddr> {
    let mut resolved = Vec::with_capacity(addresses.len());
    for address in addresses {
        let Some((name, port)) = name(&address) else {
            resolved.push(address);
            continue;
        };
        let lookup = tokio::net::lookup_host((name.as_str(), port));
        let found = tokio::time::timeout(RESOLVE_WITHIN, lookup).await;
        match found.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(sockets) => {
                resolved.extend(sockets.take(PEER_ADDRESSES).map(of_socket));
                unfound().remove(&name);
            }
            Err(error) if unfound().insert(name.clone()) => {
                tracing::warn!(host = %name, %error, "the name of a peer is not found, and asked for again; see to this machine's resolver");
            }
            Err(error) => tracing::debug!(host = %name, %error, "the name of a peer is still not found"),
        }
    }
    resolved
}

/// Whether an address is `/<ip or name>/tcp/<port>`, with or without `/p2p/<peer id>`.
pub(super) fn is_tcp(address: &Multiaddr) -> bool {
    let bare = split(address).0;
    let mut parts = bare.iter();
    let host = matches!(
        parts.next(),
        Some(Protocol::Ip4(_) | Protocol::Ip6(_) | Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_))
    );
    host && matches!(parts.next(), Some(Protocol::Tcp(port)) if port != 0) && parts.next().is_none()
}

fn is_dialable(address: &Multiaddr, local: bool) -> bool {
    is_tcp(address)
        && ip(address).is_some_and(|ip| !ip.is_unspecified() && !ip.is_multicast() && (local || !ip.is_loopback()))
}

fn ip(address: &Multiaddr) -> Option<IpAddr> {
    match address.iter().next()? {
        Protocol::Ip4(ip) => Some(ip.into()),
        Protocol::Ip6(ip) => Some(ip.into()),
        _ => None,
    }
}

fn name(address: &Multiaddr) -> Option<(String, u16)> {
    let mut parts = address.iter();
    match (parts.next()?, parts.next()?) {
        (Protocol::Dns(name) | Protocol::Dns4(name) | Protocol::Dns6(name), Protocol::Tcp(port)) => {
            Some((name.into_owned(), port))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_may_write_host_and_port() {
        assert_eq!(parse("127.0.0.1:26603").unwrap().to_string(), "/ip4/127.0.0.1/tcp/26603");
        assert_eq!(parse("[::1]:26603").unwrap().to_string(), "/ip6/::1/tcp/26603");
        assert_eq!(parse("node-1:26603").unwrap().to_string(), "/dns/node-1/tcp/26603");
        for bad in ["", "node", "node:", "a b:1", "node:99999", "/ip4/127.0.0.1", "/ip4/1.2.3.4/udp/5", "1.2.3.4:0"] {
            assert!(parse(bad).unwrap_err().to_string().contains("host:port"), "{bad}");
        }
    }

    #[test]
    fn a_remote_peer_cannot_make_us_dial_loopback_or_endless_addresses() {
        let seen_at = "/ip4/10.0.0.7/tcp/50000".parse().unwrap();
        let mut advertised: Vec<Multiaddr> = vec![
            "/ip4/127.0.0.1/tcp/1".parse().unwrap(),
            "/ip4/0.0.0.0/tcp/1".parse().unwrap(),
            "/ip4/192.168.1.1/tcp/2".parse().unwrap(),
            "/ip4/10.0.0.7/tcp/3".parse().unwrap(),
            "/dns/victim/tcp/4".parse().unwrap(),
        ];
        advertised.extend((5..50).map(|port| Multiaddr::from(IpAddr::from([10, 0, 0, 8])).with(Protocol::Tcp(port))));
        let kept = worth_keeping(None, &seen_at, &advertised);
        assert_eq!(kept.len(), PEER_ADDRESSES);
        assert_eq!(kept[0].to_string(), "/ip4/10.0.0.7/tcp/3");
        assert_eq!(kept[1].to_string(), "/ip4/192.168.1.1/tcp/2");
    }

    #[test]
    fn o24_a_peer_is_elsewhere_only_if_the_address_cannot_be_its_own() {
        let at = |text: &str| parse(text).unwrap();
        let (public, listens) = (at("203.0.113.7:26603"), [at("10.0.0.7:26603"), at("127.0.0.1:26603")]);
        let inbound =
            |dialled: &Multiaddr, from: &str| elsewhere(dialled, Direction::Inbound, &at(from), &listens, true);
        assert_eq!(inbound(&public, "203.0.113.7:50000"), None, "it does not know its public address");
        assert_eq!(inbound(&public, "203.0.113.9:50000"), None, "nor by which it goes out");
        assert_eq!(inbound(&listens[0], "203.0.113.7:50000"), None);
        assert_eq!(inbound(&at("127.0.0.1:26613"), "127.0.0.1:50000"), Some(listens[1].clone()));
        let outbound =
            |dialled: &Multiaddr, to: &str| elsewhere(dialled, Direction::Outbound, &at(to), &listens, false);
        assert_eq!(outbound(&listens[1], "203.0.113.7:26603"), None);
        assert_eq!(outbound(&public, "203.0.113.7:26603"), None);
        assert_eq!(outbound(&at("198.51.100.1:26603"), "203.0.113.7:26603"), Some(public));
    }

    #[test]
    fn o24_a_peer_on_both_sides_of_tunnels_is_one_node_unless_another_was_expected_there() {
        let at = |text: &str| parse(text).unwrap();
        // Reached by `ssh -L 9000:...`, it comes by `ssh -R` too, and says where it listens on its own machine.
        let (tunnel, from, listens) = (at("127.0.0.1:9000"), at("127.0.0.1:50000"), [at("127.0.0.1:26603")]);
        assert_eq!(elsewhere(&tunnel, Direction::Inbound, &from, &listens, false), None);
        assert_eq!(elsewhere(&tunnel, Direction::Inbound, &from, &listens, true), Some(listens[0].clone()));
        let (dialled, from, listens) = (at("10.0.0.7:9000"), at("10.0.0.7:50000"), [at("10.0.0.7:26603")]);
        assert_eq!(elsewhere(&dialled, Direction::Inbound, &from, &listens, false), Some(listens[0].clone()));
    }

    #[tokio::test]
    async fn a_name_resolves_and_an_unknown_one_is_left_out() {
        let resolved =
            resolve(vec!["/dns/localhost/tcp/9".parse().unwrap(), "/ip4/1.2.3.4/tcp/5".parse().unwrap()]).await;
        assert!(resolved.iter().any(|address| ip(address).is_some_and(|ip| ip.is_loopback())));
        assert!(resolved.contains(&"/ip4/1.2.3.4/tcp/5".parse().unwrap()));
    }
    #[test]
    fn neighbours_are_of_one_subnet_however_their_address_is_written() {
        let subnet = |text: &str| Subnet::of(&parse(text).unwrap());
        assert_eq!(subnet("10.0.7.1:1"), subnet("10.0.7.254:9"));
        assert_eq!(subnet("10.0.7.1:1"), subnet("[::ffff:10.0.7.9]:1"));
        assert_ne!(subnet("10.0.7.1:1"), subnet("10.0.8.1:1"));
        assert_eq!(subnet("[2001:db8:1:2::3]:1"), subnet("[2001:db8:1:ffff::]:1"));
        assert_ne!(subnet("[2001:db8:1::]:1"), subnet("[2001:db8:2::]:1"));
        assert_eq!(subnet("node-1:1"), subnet("node-1:2"));
        assert_ne!(subnet("node-1:1"), subnet("node-2:1"));
    }
}
