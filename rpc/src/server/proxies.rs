//! Whose budget a request comes out of: that of the address from which it comes, or of the one for which a proxy speaks that the
//! operator has named. What a header says counts for that and for nothing else, and from nobody else.

use super::peer::{Payer, Peer};
use http::header::{self, HeaderMap, HeaderName};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// Where a proxy says for whom it speaks, after what it was told itself.
const FOR_WHOM: HeaderName = HeaderName::from_static("x-forwarded-for");
/// What shows that somebody speaks for another.
static MARKS: [HeaderName; 5] = [
    FOR_WHOM,
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

/// Addresses that begin with the same bits: one, such as `127.0.0.1`, or a network, such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange {
    first: IpAddr,
    /// How many bits are the same.
    bits: u32,
}

/// A text is no address and no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address and no network; write it like 127.0.0.1, 10.0.0.0/8 or fd00::/8")]
pub struct NoRange(String);

impl AddressRange {
    /// Whether an address is one of these.
    pub fn contains(&self, address: IpAddr) -> bool {
        let differing = match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => (first.to_bits() ^ address.to_bits()).leading_zeros(),
            (IpAddr::V6(first), IpAddr::V6(address)) => (first.to_bits() ^ address.to_bits()).leading_zeros(),
            _ => return false,
        };
        differing >= self.bits
    }
}

impl FromStr for AddressRange {
    type Err = NoRange;

    fn from_str(text: &str) -> Result<Self, NoRange> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let none = || NoRange(text.into());
        let written: IpAddr = address.parse().map_err(|_| none())?;
        let first = written.to_canonical();
        let bits = bits.map_or(Ok(all_bits(written)), str::parse::<u32>).map_err(|_| none())?;
        // IPv4 in IPv6's clothes is IPv4 with 96 bits before it, as it is for whoever comes from there.
        let bits = bits.checked_sub(all_bits(written) - all_bits(first));
        match bits {
            Some(bits) if bits <= all_bits(first) => Ok(Self { first, bits }),
            _ => Err(none()),
        }
    }
}

/// How many bits an address has.
fn all_bits(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.bits) {
            (IpAddr::V4(_), 32) | (IpAddr::V6(_), 128) => write!(f, "{}", self.first),
            (first, bits) => write!(f, "{first}/{bits}"),
        }
    }
}

impl TryFrom<String> for AddressRange {
    type Error = NoRange;
    fn try_from(text: String) -> Result<Self, NoRange> {
        text.parse()
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> String {
        range.to_string()
    }
}

/// The proxies whose word about an address counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Proxies(Vec<AddressRange>);

impl Proxies {
    pub fn new(named: &[AddressRange]) -> Self {
        Self(named.to_vec())
    }

    /// Whether this is one of them.
    pub fn has(&self, peer: Peer) -> bool {
        matches!(peer, Peer::At(address) if self.names(address))
    }

    fn names(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }

    /// Out of whose budget the requests come that somebody sends with these headers.
    pub fn payer(&self, peer: Peer, headers: &HeaderMap) -> Payer {
        let Peer::At(address) = peer else { return Payer::of(peer) };
        let is_forwarded = headers.keys().any(|name| MARKS.contains(name));
        match self.names(address).then(|| self.visitor(headers)).flatten() {
            Some(visitor) => Payer::of(Peer::At(visitor)),
            None if is_forwarded => Payer::of(peer),
            None => Payer::for_itself(peer),
        }
    }

    /// The last address that is none of these proxies'. What stands before it, whoever is there may have written; nobody can be told
    /// by what is no address.
    fn visitor(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let lines = headers.get_all(FOR_WHOM).iter().map(|line| String::from_utf8_lossy(line.as_bytes()).into());
        let lines: Vec<String> = lines.collect();
        let said = lines.iter().rev().flat_map(|line| line.rsplit(','));
        said.map(address_in).find(|said| said.is_none_or(|address| !self.names(address))).flatten()
    }
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
    use http::HeaderValue;

    fn named(texts: &[&str]) -> Proxies {
        Proxies(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn at(address: &str) -> Peer {
        Peer::At(address.parse().unwrap())
    }

    fn lines(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(FOR_WHOM, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn o15_a_range_is_an_address_or_a_network_and_says_so() {
        let holds =
            |range: &str, address: &str| range.parse::<AddressRange>().unwrap().contains(address.parse().unwrap());
        assert!(holds("127.0.0.1", "127.0.0.1") && holds("127.0.0.1", "::ffff:127.0.0.1"));
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("fd00::/8", "fdff::1") && !holds("fd00::/8", "fe80::1") && !holds("::/0", "10.0.0.1"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("::ffff:10.0.0.0/104", "10.9.9.9") && holds("::ffff:10.0.0.0/104", "::ffff:10.9.9.9"));
        assert!(!holds("::ffff:10.0.0.0/104", "11.0.0.1") && holds("::ffff:127.0.0.1/128", "127.0.0.1"));
        assert_eq!("::ffff:10.0.0.0/104".parse::<AddressRange>().unwrap().to_string(), "10.0.0.0/8");
        for text in ["10.0.0.0/8", "127.0.0.1", "fd00::/8", "::1"] {
            assert_eq!(text.parse::<AddressRange>().unwrap().to_string(), text);
        }
        for bad in ["", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "*", "::1/129", "::ffff:10.0.0.0/8"] {
            assert_eq!(bad.parse::<AddressRange>(), Err(NoRange(bad.into())));
        }
    }

    #[test]
    fn o15_a_named_proxy_speaks_for_whoever_came_to_it_and_what_others_wrote_before_counts_for_nothing() {
        let proxies = named(&["127.0.0.1", "10.0.0.0/8"]);
        let payer = |peer: &str, values: &[&str]| proxies.payer(at(peer), &lines(values));
        let visitor = Payer::of(at("203.0.113.9"));
        assert_eq!(payer("127.0.0.1", &["203.0.113.9"]), visitor);
        assert_eq!(payer("127.0.0.1", &["198.51.100.1, 127.0.0.1, 203.0.113.9"]), visitor, "forged");
        assert_eq!(payer("127.0.0.1", &["198.51.100.1", "203.0.113.9"]), visitor, "forged, in a line of its own");
        assert_eq!(payer("127.0.0.1", &["\u{fe}, 203.0.113.9"]), visitor, "forged, and no text");
        assert_eq!(payer("127.0.0.1", &["203.0.113.9, 10.1.2.3"]), visitor, "two proxies in line");
        assert_eq!(payer("10.9.9.9", &["203.0.113.9:4711"]), visitor);
        assert_eq!(payer("127.0.0.1", &["[2001:db8::1]:80"]), Payer::of(at("2001:db8::1")));
        for nobody in ["unknown", "", "203.0.113.9, unknown", "10.1.2.3"] {
            assert_eq!(payer("127.0.0.1", &[nobody]), Payer::of(at("127.0.0.1")), "{nobody:?}");
        }
    }

    #[test]
    fn o15_nobody_else_gains_by_a_header_and_who_asks_for_itself_here_has_a_budget_of_its_own() {
        let proxies = named(&["10.0.0.1"]);
        let stranger = proxies.payer(at("198.51.100.1"), &HeaderMap::new());
        assert_eq!(proxies.payer(at("198.51.100.1"), &lines(&["203.0.113.9"])).share(), stranger.share());
        let own = proxies.payer(at("127.0.0.1"), &HeaderMap::new());
        // A proxy on this machine that is not named has one budget for all whom it speaks for, and not that of the machine.
        let forwarded = proxies.payer(at("127.0.0.1"), &lines(&["203.0.113.9"]));
        assert_eq!(forwarded.share(), proxies.payer(at("127.0.0.1"), &lines(&["203.0.113.10"])).share());
        assert_ne!(forwarded.share(), own.share());
        // Nor has a visitor it, whoever says that it comes from here.
        assert_ne!(proxies.payer(at("10.0.0.1"), &lines(&["127.0.0.1"])).share(), own.share());
        for mark in &MARKS {
            let mut headers = HeaderMap::new();
            headers.insert(mark, HeaderValue::from_static("x"));
            assert_eq!(proxies.payer(at("127.0.0.1"), &headers).share(), forwarded.share(), "{mark}");
        }
    }
}
