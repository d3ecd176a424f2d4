//! Connections: so many in all, and of these a quarter for one address (of IPv6: one /64) that is no proxy's. Whoever comes when all are
//! taken waits where the system has connections wait, so that strangers take no descriptor that the node needs. One on which nothing is
//! sent for a minute ends, so that nobody keeps a place by asking nothing, or ever so slowly.

use crate::visitor::subscriber;
use axum::serve::Listener;
use rpc::AddressRange;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep_until};

/// How many connections there are beside those of streams.
const BESIDE_STREAMS: u32 = 512;
/// After how long it is tried again when the system gives none.
const PAUSE: Duration = Duration::from_secs(1);
/// How long nothing may be sent on a connection. A request has its answer sooner, and a stream a comment; so this is one that asks
/// nothing, or has not finished asking, or does not read.
const SILENCE: Duration = Duration::from_secs(60);

/// How many connections whoever asks for flags may hold, and so how many descriptors.
pub fn most_connections(max_streams: u32) -> u32 {
    max_streams.saturating_add(BESIDE_STREAMS)
}

/// The places of all listeners.
#[derive(Debug)]
pub(crate) struct Connections {
    places: Arc<Semaphore>,
    most_of_one: usize,
    proxies: Vec<AddressRange>,
    of_each: Mutex<HashMap<IpAddr, usize>>,
}

impl Connections {
    /// For so many streams, and for whom these proxies speak.
    pub fn new(max_streams: u32, proxies: &[AddressRange]) -> Arc<Self> {
        let most = most_connections(max_streams) as usize;
        Arc::new(Self {
            places: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            most_of_one: most.div_ceil(4),
            proxies: proxies.to_vec(),
            of_each: Mutex::default(),
        })
    }

    /// Whether an address may hold one more.
    fn hold(&self, address: IpAddr) -> bool {
        let mut of_each = self.of_each.lock().unwrap_or_else(PoisonError::into_inner);
        let held = of_each.entry(subscriber(address)).or_default();
        let is_free = *held < self.most_of_one || self.proxies.iter().any(|range| range.contains(address));
        if is_free {
            *held += 1;
        }
        is_free
    }

    fn release(&self, address: IpAddr) {
        let address = subscriber(address);
        let mut of_each = self.of_each.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = of_each.get_mut(&address) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                of_each.remove(&address);
            }
        }
    }
}

/// A listener within them.
#[derive(Debug)]
pub(crate) struct BoundedListener {
    /// Where it listens.
    pub listener: TcpListener,
    /// The places.
    pub connections: Arc<Connections>,
}

/// A connection with its place.
#[derive(Debug)]
pub(crate) struct HeldStream {
    stream: TcpStream,
    address: IpAddr,
    connections: Arc<Connections>,
    /// When something was sent last; at first, when it came.
    sent: Instant,
    /// When that is looked at next.
    look: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl HeldStream {
    /// A write that wrote something gives the connection its time anew; whatever waits, waits within it.
    fn written(&mut self, polled: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(_)) = polled {
            self.sent = Instant::now();
        }
        self.waiting(polled, cx)
    }

    /// What waits for its peer waits until nothing was sent for too long, which is an error then.
    fn waiting<T>(&mut self, polled: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            return polled;
        }
        while self.look.as_mut().poll(cx).is_ready() {
            let until = self.sent + SILENCE;
            if until <= Instant::now() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.look.as_mut().reset(until);
        }
        Poll::Pending
    }
}

impl Drop for HeldStream {
    fn drop(&mut self) {
        self.connections.release(self.address);
    }
}

impl Listener for BoundedListener {
    type Io = HeldStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (HeldStream, SocketAddr) {
        loop {
            let Ok(place) = self.connections.places.clone().acquire_owned().await else {
                // Nobody closes it.
                std::future::pending::<()>().await;
                continue;
            };
            match self.listener.accept().await {
                Ok((stream, peer)) if self.connections.hold(peer.ip()) => {
                    // An announcement does not wait for more to send.
                    let _ = stream.set_nodelay(true);
                    let (connections, sent) = (self.connections.clone(), Instant::now());
                    let look = Box::pin(sleep_until(sent + SILENCE));
                    let held = HeldStream { stream, address: peer.ip(), connections, sent, look, _place: place };
                    return (held, peer);
                }
                // It has enough already; what is closed at once costs it as much as us.
                Ok(_) => {}
                Err(error) if is_of_peer(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection for flags can be taken");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Whether whoever came has gone again.
fn is_of_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}

impl AsyncRead for HeldStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let held = self.get_mut();
        let polled = Pin::new(&mut held.stream).poll_read(cx, buffer);
        held.waiting(polled, cx)
    }
}

impl AsyncWrite for HeldStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let held = self.get_mut();
        let polled = Pin::new(&mut held.stream).poll_write(cx, bytes);
        held.written(polled, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let held = self.get_mut();
        let polled = Pin::new(&mut held.stream).poll_write_vectored(cx, parts);
        held.written(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::time::timeout;

    fn from(number: u8) -> IpAddr {
        [10, 0, 0, number].into()
    }

    #[test]
    fn one_address_has_a_quarter_and_a_proxy_as_many_as_there_are() {
        let connections = Connections::new(8, &["10.0.0.9".parse().unwrap()]);
        let of_one = most_connections(8).div_ceil(4);
        assert!((0..of_one).all(|_| connections.hold(from(1))));
        assert!(!connections.hold(from(1)) && connections.hold(from(2)));
        assert!((0..2 * of_one).all(|_| connections.hold(from(9))));
        connections.release(from(1));
        assert!(connections.hold(from(1)));
        connections.release(from(2));
        assert!(!connections.of_each.lock().unwrap().contains_key(&from(2)));
    }

    #[test]
    fn a_subscriber_of_ipv6_has_one_quarter_with_all_of_its_addresses() {
        let connections = Connections::new(8, &[]);
        let of_one = most_connections(8).div_ceil(4);
        let at = |net: u128, host: u32| {
            IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) | (net << 64) | u128::from(host)))
        };
        assert!((0..of_one).all(|host| connections.hold(at(1, host))));
        assert!(!connections.hold(at(1, of_one)) && connections.hold(at(2, 0)));
        (0..of_one).for_each(|host| connections.release(at(1, host)));
        connections.release(at(2, 0));
        assert!(connections.of_each.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_ends_on_which_nothing_is_sent_for_a_minute_whatever_comes() {
        let bound = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = bound.local_addr().unwrap();
        let mut listener = BoundedListener { listener: bound, connections: Connections::new(8, &[]) };
        let mut asker = TcpStream::connect(at).await.unwrap();
        let (mut held, _) = Listener::accept(&mut listener).await;
        held.stream.writable().await.unwrap();
        held.write_all(b"an answer").await.unwrap();
        let mut one = [0];
        assert!(timeout(SILENCE - PAUSE, held.read(&mut one)).await.is_err(), "it has its time anew");
        asker.write_all(b"G").await.unwrap();
        held.stream.readable().await.unwrap();
        assert_eq!(held.read(&mut one).await.unwrap(), 1);
        let silent = held.read(&mut one).await.unwrap_err();
        assert_eq!(silent.kind(), io::ErrorKind::TimedOut);
        assert!(Instant::now() >= held.sent + SILENCE);
    }
}
