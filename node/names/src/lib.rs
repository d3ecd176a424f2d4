//! Dials peers that are named, by the addresses that the system has for the name at that time.
//!
//! The consensus engine has libp2p dial names, and libp2p's own crate for that reads `/etc/resolv.conf` when it is made: a machine whose
//! file is missing, empty or odd could not start a node, though it names all peers by address, and what is mended there later is never
//! read. This crate stands in its place and has as much of its face as libp2p uses. It asks the system (`getaddrinfo`), as everything
//! else in a node does, and only when there is a name to dial.
//!
//! # Invariants
//! - Nobody who is given addresses asks for names.
//! - Several addresses that stand one after the other in one are all listened on, because the engine has room for one: of IPv4 and IPv6.
//! - A name that is not found is said once, and asked for again each time it is dialled.

use futures::TryFutureExt as _;
use futures::future::{BoxFuture, FutureExt as _, MapErr};
use libp2p_core::multiaddr::{Multiaddr, Protocol};
use libp2p_core::transport::{DialOpts, ListenerId, TransportError, TransportEvent};
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// How long the system may take to find a name.
const WITHIN: Duration = Duration::from_secs(10);
/// As many addresses of a name are tried.
const MOST_ADDRESSES: usize = 16;

/// Where libp2p looks for the transport.
pub mod tokio {
    pub use crate::Transport;
}

/// Says nothing: it is the system that is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct ResolverConfig;

/// Says nothing: it is the system that is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct ResolverOpts;

/// A transport that dials names too.
#[derive(Debug)]
pub struct Transport<T> {
    inner: Arc<Mutex<T>>,
    names: Arc<Names>,
}

impl<T> Transport<T> {
    /// Dials by what the system says of names. Nothing is asked yet.
    ///
    /// # Errors
    /// None; libp2p's own reads a file here.
    pub fn system(inner: T) -> io::Result<Self> {
        Ok(Self::custom(inner, ResolverConfig, ResolverOpts))
    }

    /// The same.
    pub fn custom(inner: T, _: ResolverConfig, _: ResolverOpts) -> Self {
        Self { inner: Arc::new(Mutex::new(inner)), names: Arc::default() }
    }
}

/// Why a peer is not reached.
#[derive(Debug)]
pub enum DialFailure<E> {
    /// The transport under this one failed.
    Transport(E),
    /// The system has no address for the name.
    Name(io::Error),
    /// The transport under this one does not speak what the address asks for.
    MultiaddrNotSupported(Multiaddr),
    /// None of the name's addresses leads there.
    Dial(Vec<DialFailure<E>>),
}

impl<E: fmt::Display> fmt::Display for DialFailure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DialFailure::Transport(error) => error.fmt(f),
            DialFailure::Name(error) => error.fmt(f),
            DialFailure::MultiaddrNotSupported(address) => write!(f, "{address} is of no kind that can be dialled"),
            DialFailure::Dial(errors) => {
                write!(f, "no address leads there")?;
                errors.iter().try_for_each(|error| write!(f, "; {error}"))
            }
        }
    }
}

impl<E: std::error::Error> std::error::Error for DialFailure<E> {}

impl<T> libp2p_core::Transport for Transport<T>
where
    T: libp2p_core::Transport + Send + Unpin + 'static,
    T::Error: Send,
    T::Dial: Send,
{
    type Output = T::Output;
    type Error = DialFailure<T::Error>;
    type ListenerUpgrade = MapErr<T::ListenerUpgrade, fn(T::Error) -> Self::Error>;
    type Dial = BoxFuture<'static, Result<Self::Output, Self::Error>>;

    /// Of several addresses, one after the other in one, each is listened on.
    fn listen_on(&mut self, id: ListenerId, address: Multiaddr) -> Result<(), TransportError<Self::Error>> {
        let mut inner = lock(&self.inner);
        let mut listening = each(&address).into_iter().map(|address| inner.listen_on(id, address));
        listening.try_for_each(|listens| listens.map_err(|error| error.map(DialFailure::Transport)))
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        lock(&self.inner).remove_listener(id)
    }

    fn dial(&mut self, address: Multiaddr, options: DialOpts) -> Result<Self::Dial, TransportError<Self::Error>> {
        let (inner, names) = (self.inner.clone(), self.names.clone());
        let dialled = async move {
            let mut failed = Vec::new();
            for address in names.addresses(address).await.map_err(DialFailure::<T::Error>::Name)? {
                let begun = lock(&inner).dial(address, options);
                let ended = match begun {
                    Ok(dialling) => dialling.await.map_err(DialFailure::Transport),
                    Err(TransportError::MultiaddrNotSupported(it)) => Err(DialFailure::MultiaddrNotSupported(it)),
                    Err(TransportError::Other(error)) => Err(DialFailure::Transport(error)),
                };
                match ended {
                    Ok(connected) => return Ok(connected),
                    Err(error) => failed.push(error),
                }
            }
            Err(DialFailure::Dial(failed))
        };
        Ok(dialled.boxed())
    }

    fn poll(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, Self::Error>> {
        let mut inner = lock(&self.inner);
        libp2p_core::Transport::poll(Pin::new(&mut *inner), context).map(|event| {
            let event = event.map_upgrade(|upgrade| upgrade.map_err::<_, fn(_) -> _>(DialFailure::Transport));
            event.map_err(DialFailure::Transport)
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which addresses of a name are asked for.
type Wanted = fn(&IpAddr) -> bool;

/// The names that were not found when they were last asked for.
#[derive(Debug, Default)]
struct Names(Mutex<BTreeSet<String>>);

impl Names {
    /// An address for each that its name has; without a name, the address alone.
    async fn addresses(&self, address: Multiaddr) -> io::Result<Vec<Multiaddr>> {
        let Some((place, name, wanted)) = named(&address) else { return Ok(vec![address]) };
        let found = look_up(&name, wanted).await;
        match &found {
            Ok(_) if lock(&self.0).remove(&name) => tracing::info!(host = %name, "the name of a peer is found again"),
            Err(error) if lock(&self.0).insert(name.clone()) => {
                tracing::warn!(host = %name, %error, "the name of a peer is not found, and asked for again; see to this machine's resolver");
            }
            _ => {}
        }
        let with = |ip: IpAddr| address.replace(place, |_| Some(ip.into()));
        Ok(found?.into_iter().filter_map(with).collect())
    }
}

/// The addresses that stand one after the other in one; each begins with the one of a machine.
fn each(joined: &Multiaddr) -> Vec<Multiaddr> {
    let mut found: Vec<Multiaddr> = Vec::new();
    for part in joined.iter() {
        let begins = matches!(part, Protocol::Ip4(_) | Protocol::Ip6(_));
        match found.last_mut().filter(|_| !begins) {
            Some(last) => last.push(part),
            None => found.push(part.into()),
        }
    }
    found
}

fn any(_: &IpAddr) -> bool {
    true
}

async fn look_up(name: &str, wanted: Wanted) -> io::Result<Vec<IpAddr>> {
    let asked = tokio1::time::timeout(WITHIN, tokio1::net::lookup_host((name, 0)));
    let found = asked.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let found: Vec<IpAddr> = found.map(|at| at.ip()).filter(wanted).take(MOST_ADDRESSES).collect();
    if found.is_empty() { Err(io::Error::new(io::ErrorKind::NotFound, "it has no address")) } else { Ok(found) }
}

/// The name in an address, and where it stands.
fn named(address: &Multiaddr) -> Option<(usize, String, Wanted)> {
    address.iter().enumerate().find_map(|(place, part)| {
        let (name, wanted) = match part {
            Protocol::Dns(name) => (name, any as Wanted),
            Protocol::Dns4(name) => (name, IpAddr::is_ipv4 as Wanted),
            Protocol::Dns6(name) => (name, IpAddr::is_ipv6 as Wanted),
            _ => return None,
        };
        Some((place, name.into_owned(), wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use libp2p_core::Endpoint;
    use libp2p_core::transport::PortUse;
    use std::future::{Ready, ready};

    /// Reaches every address but those of one port, and says which.
    #[derive(Debug)]
    struct Reached;

    impl libp2p_core::Transport for Reached {
        type Output = Multiaddr;
        type Error = io::Error;
        type ListenerUpgrade = Ready<io::Result<Multiaddr>>;
        type Dial = Ready<io::Result<Multiaddr>>;

        fn listen_on(&mut self, _: ListenerId, _: Multiaddr) -> Result<(), TransportError<io::Error>> {
            Ok(())
        }

        fn remove_listener(&mut self, _: ListenerId) -> bool {
            false
        }

        fn dial(&mut self, address: Multiaddr, _: DialOpts) -> Result<Self::Dial, TransportError<io::Error>> {
            Ok(ready(if address.to_string().ends_with("/tcp/9") {
                Err(io::ErrorKind::ConnectionRefused.into())
            } else {
                Ok(address)
            }))
        }

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
            Poll::Pending
        }
    }

    /// What is reached.
    fn dialled(transport: &mut Transport<Reached>, address: &str) -> Result<String, DialFailure<io::Error>> {
        let options = DialOpts { role: Endpoint::Dialer, port_use: PortUse::Reuse };
        let dialling = libp2p_core::Transport::dial(transport, address.parse().unwrap(), options).unwrap();
        let reached = tokio1::runtime::Runtime::new().unwrap().block_on(dialling);
        reached.map(|reached| reached.to_string())
    }

    #[test]
    fn o12_an_address_is_dialled_as_it_is_and_a_name_by_what_the_system_has_for_it() {
        let mut transport = Transport::system(Reached).unwrap();
        assert_eq!(dialled(&mut transport, "/ip4/192.0.2.7/tcp/1").unwrap(), "/ip4/192.0.2.7/tcp/1");
        assert_eq!(dialled(&mut transport, "/dns4/localhost/tcp/1").unwrap(), "/ip4/127.0.0.1/tcp/1");
        assert_eq!(dialled(&mut transport, "/dns4/127.0.0.1/tcp/1").unwrap(), "/ip4/127.0.0.1/tcp/1");
        let refused = dialled(&mut transport, "/dns4/localhost/tcp/9").unwrap_err();
        assert!(matches!(&refused, DialFailure::Dial(each) if !each.is_empty()), "{refused}");
    }

    #[test]
    fn o16_addresses_that_stand_one_after_the_other_are_taken_apart() {
        let apart =
            |joined: &str| -> Vec<String> { each(&joined.parse().unwrap()).iter().map(Multiaddr::to_string).collect() };
        assert_eq!(apart("/ip4/0.0.0.0/tcp/5/ip6/::/tcp/5"), ["/ip4/0.0.0.0/tcp/5", "/ip6/::/tcp/5"]);
        assert_eq!(apart("/ip6/::1/tcp/5"), ["/ip6/::1/tcp/5"]);
    }

    #[test]
    fn o12_a_name_that_is_not_found_is_an_error_of_its_own_and_said_once() {
        let mut transport = Transport::system(Reached).unwrap();
        for _ in 0..2 {
            // So long a word is no name, whoever is asked.
            let refused = dialled(&mut transport, &format!("/dns4/{}/tcp/1", "x".repeat(64))).unwrap_err();
            assert!(matches!(refused, DialFailure::Name(_)), "{refused}");
            assert_eq!(lock(&transport.names.0).len(), 1);
        }
        let refused = dialled(&mut transport, "/dns6/127.0.0.1/tcp/1").unwrap_err();
        assert_eq!(refused.to_string(), "it has no address");
        lock(&transport.names.0).insert("localhost".into());
        dialled(&mut transport, "/dns4/localhost/tcp/1").unwrap();
        assert!(!lock(&transport.names.0).contains("localhost"), "it is found again");
    }
}
