//! Who asks: the other end of the connection, and whether it asks for somebody else.

use http::header::{FORWARDED, HeaderMap, HeaderName, ORIGIN};
use http::{Extensions, Request};
use std::fmt;
use std::net::IpAddr;

/// The headers that proxies add. They can grant nothing, because anybody can send them; they only take away.
const OF_PROXIES: [HeaderName; 4] =
    [FORWARDED, http::header::VIA, HeaderName::from_static("x-forwarded-for"), HeaderName::from_static("x-real-ip")];

/// For whom a program asks that has connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// For itself.
    Itself,
    /// For a page that it shows.
    Page,
    /// For whoever has connected to it.
    Client,
}

/// One request's origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caller {
    pub address: IpAddr,
    asks_for: For,
}

impl Caller {
    /// The caller of a request in whose HTTP request [`mark`] has left its word. Without one, nobody is trusted.
    pub fn of(address: IpAddr, extensions: &Extensions) -> Self {
        Self { address, asks_for: extensions.get().copied().unwrap_or(For::Client) }
    }

    /// Whether it is a program on this machine that asks for itself.
    pub fn is_local(&self) -> bool {
        self.address.to_canonical().is_loopback() && self.asks_for == For::Itself
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.asks_for {
            For::Itself => write!(f, "{}", self.address),
            For::Page => write!(f, "a page in a browser at {}", self.address),
            For::Client => write!(f, "a proxy at {}", self.address),
        }
    }
}

/// Notes for whom a request is made where the methods see it; a WebSocket's handshake speaks for all its messages.
pub(super) fn mark<B>(request: &mut Request<B>) {
    let asks_for = asks_for(request.headers());
    request.extensions_mut().insert(asks_for);
}

fn asks_for(headers: &HeaderMap) -> For {
    if OF_PROXIES.iter().any(|name| headers.contains_key(name)) {
        For::Client
    } else if headers.contains_key(ORIGIN) {
        For::Page
    } else {
        For::Itself
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(address: &str, header: Option<(&str, &str)>) -> Caller {
        let mut request = Request::builder();
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let mut request = request.body(()).unwrap();
        mark(&mut request);
        Caller::of(address.parse().unwrap(), request.extensions())
    }

    #[test]
    fn local_is_who_connects_from_loopback_and_asks_for_itself() {
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(caller(address, None).is_local(), "{address}");
        }
        for address in ["10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "0.0.0.0"] {
            assert!(!caller(address, None).is_local(), "{address}");
            assert!(!caller(address, Some(("x-forwarded-for", "127.0.0.1"))).is_local(), "{address}");
        }
        for name in ["x-forwarded-for", "forwarded", "via", "x-real-ip", "origin"] {
            assert!(!caller("127.0.0.1", Some((name, "127.0.0.1"))).is_local(), "{name}");
        }
        assert!(!Caller::of("127.0.0.1".parse().unwrap(), &Extensions::new()).is_local());
    }
}
