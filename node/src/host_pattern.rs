//! The hosts of a network's nodes, where each has one of its own: a container, or a machine.

use multiaddr::Multiaddr;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// Where the number of a node goes.
const NUMBER: &str = "{}";

/// A name or an IPv4 address for each node of a network, with `{}` where its number goes: `node{}`, `10.0.0.1{}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern(String);

/// A text that comes to no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no host of a node: write a name or an IPv4 address, with {{}} where the node's number goes, such as node{{}}"
)]
pub struct HostPatternError(String);

impl HostPattern {
    /// Where others reach a node at a port.
    ///
    /// # Errors
    /// When the node's number makes a host of it that there cannot be.
    pub fn address(&self, node: usize, port: u16) -> Result<Multiaddr, HostPatternError> {
        let host = self.0.replace(NUMBER, &node.to_string());
        // Else an address with too large a number would be looked up as a name.
        let is_number = host.chars().all(|c| c.is_ascii_digit() || c == '.');
        if is_number && host.parse::<Ipv4Addr>().is_err() {
            return Err(HostPatternError(host));
        }
        overlay::parse_address(&format!("{host}:{port}")).map_err(|_| HostPatternError(host))
    }
}

impl FromStr for HostPattern {
    type Err = HostPatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.contains(NUMBER) {
            return Err(HostPatternError(text.to_owned()));
        }
        let pattern = Self(text.to_owned());
        pattern.address(0, 1).map_err(|_| HostPatternError(text.to_owned()))?;
        Ok(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_comes_to_a_host_for_each_node() {
        let at = |pattern: &str, node: usize| {
            let address = pattern.parse::<HostPattern>().unwrap().address(node, 26_602);
            address.map(|address| address.to_string()).map_err(|error| error.to_string())
        };
        assert_eq!(at("node{}", 3).unwrap(), "/dns/node3/tcp/26602");
        assert_eq!(at("{}.net.example.org", 0).unwrap(), "/dns/0.net.example.org/tcp/26602");
        assert_eq!(at("10.0.0.1{}", 3).unwrap(), "/ip4/10.0.0.13/tcp/26602");
        let too_far = at("10.0.0.9{}", 300).unwrap_err();
        assert!(too_far.contains("10.0.0.9300") && too_far.contains("node{}"), "{too_far}");
        for bad in ["", "node0", "node{}:26602", "no de{}", "/dns/node{}", "10.0.{}", "http://node{}"] {
            assert!(bad.parse::<HostPattern>().is_err(), "{bad}");
        }
    }
}
