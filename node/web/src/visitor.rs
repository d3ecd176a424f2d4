//! From where somebody asks: the address of the connection, or the one for which a proxy speaks that the operator has named. It counts
//! for rates and places, and never for a right.

use axum::http::HeaderMap;
use rpc::AddressRange;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Where a proxy says for whom it speaks, after what it was told itself.
const FOR_WHOM: &str = "x-forwarded-for";

/// The address that shares a rate, as [`subscriber`] has it.
pub(crate) fn share(proxies: &[AddressRange], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let is_proxy = |address: IpAddr| proxies.iter().any(|range| range.contains(address));
    let visitor = if is_proxy(peer) { forwarded(headers, is_proxy) } else { None };
    subscriber(visitor.unwrap_or(peer))
}

/// What stands for everybody whom one subscriber lets in: an address of IPv4, or a /64 of IPv6.
pub(crate) fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// The last address that is none of the proxies'. What stands before it, whoever is there may have written.
fn forwarded(headers: &HeaderMap, is_proxy: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let lines = headers.get_all(FOR_WHOM).iter().map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
    let lines: Vec<String> = lines.collect();
    let said = lines.iter().rev().flat_map(|line| line.rsplit(','));
    said.map(address_in).find(|said| said.is_none_or(|address| !is_proxy(address))).flatten()
}

/// The address in an entry, which some proxies write with the port.
fn address_in(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let with_port = || entry.parse().ok().map(|at: SocketAddr| at.ip());
    entry.trim_matches(['[', ']']).parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(proxies: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let proxies: Vec<AddressRange> = proxies.iter().map(|range| range.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FOR_WHOM, HeaderValue::from_str(line).unwrap());
        }
        share(&proxies, peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn e07_only_a_named_proxy_says_for_whom_it_asks() {
        assert_eq!(of(&[], "127.0.0.1", &["203.0.113.9"]), "127.0.0.1");
        assert_eq!(of(&["127.0.0.1"], "127.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(of(&["127.0.0.1"], "127.0.0.1", &["198.51.100.1, 203.0.113.9"]), "203.0.113.9", "forged before");
        assert_eq!(of(&["127.0.0.1"], "127.0.0.1", &["198.51.100.1", "203.0.113.9:80"]), "203.0.113.9");
        assert_eq!(of(&["127.0.0.1"], "127.0.0.1", &["nobody"]), "127.0.0.1");
        assert_eq!(of(&["127.0.0.1"], "127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_address() {
        assert_eq!(of(&[], "2001:db8:1:2:3:4:5:6", &[]), "2001:db8:1:2::");
        assert_eq!(of(&[], "::ffff:203.0.113.9", &[]), "203.0.113.9");
    }
}
