//! Who has connected, and with whom it shares what one may have.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who is at the other end of a connection. An address has no privilege, wherever it is: the way by which one came says what
/// may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// Somebody who came to the port, from an address.
    At(IpAddr),
    /// The node's operator, who came to the socket in its home.
    Operator,
}

impl Peer {
    /// What stands for everybody who shares a rate and places with it. One household has a whole /64 of IPv6, and so counts as
    /// one address; the operator shares with nobody at the port.
    pub fn share(self) -> Option<IpAddr> {
        self.first_bits(32, 64)
    }

    /// What stands for everybody whose addresses one hand is likely to have: one /48 of IPv6, one /24 of IPv4.
    pub fn network(self) -> Option<IpAddr> {
        self.first_bits(24, 48)
    }

    /// The first bits of the address, so many of IPv4 and of IPv6, at least one.
    fn first_bits(self, of_v4: u32, of_v6: u32) -> Option<IpAddr> {
        let Peer::At(address) = self else { return None };
        Some(match address.to_canonical() {
            IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & (u32::MAX << (32 - of_v4))).into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - of_v6))).into(),
        })
    }
}

/// Who shares a budget of requests, or of old blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Share {
    /// The operator, with nobody.
    Operator,
    /// The programs of this machine that ask for themselves, from one of its own addresses.
    Machine(IpAddr),
    /// Everybody else at one address.
    Address(IpAddr),
}

/// Out of whose budget a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Payer {
    peer: Peer,
    /// Whether nobody speaks for it.
    is_itself: bool,
}

impl Payer {
    /// Somebody for whom another may speak.
    pub fn of(peer: Peer) -> Self {
        Self { peer, is_itself: false }
    }

    /// Somebody who asks for itself, by all that can be seen.
    pub fn for_itself(peer: Peer) -> Self {
        Self { peer, is_itself: true }
    }

    /// With whom it shares its budget. Strangers behind a proxy never do with the programs of this machine.
    pub fn share(self) -> Share {
        match (self.peer, self.peer.share()) {
            (Peer::At(address), Some(share)) if self.is_itself && address.to_canonical().is_loopback() => {
                Share::Machine(share)
            }
            (_, Some(share)) => Share::Address(share),
            (_, None) => Share::Operator,
        }
    }
}

impl fmt::Display for Payer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.peer.fmt(f)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Peer::At(address) => write!(f, "{address}"),
            Peer::Operator => write!(f, "the operator"),
        }
    }
}
