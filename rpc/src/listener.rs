//! Listening on TCP.

use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpSocket};

/// Connections that wait to be accepted.
const WAITING: u32 = 1024;

/// Takes an address, without listening there yet; needs no runtime. One of IPv6 that is `v6_only` leaves IPv4 to others; else it takes that too where
/// every address is listened on and the system has it so.
///
/// # Errors
/// The system's.
pub fn take_address(address: SocketAddr, v6_only: bool) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if address.is_ipv6() && v6_only {
        rustix::net::sockopt::set_ipv6_v6only(&socket, true)?;
    }
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Listens at an address as [`take_address`] takes it, on the current tokio runtime.
///
/// # Errors
/// The system's.
pub fn listen_on(address: SocketAddr, v6_only: bool) -> io::Result<TcpListener> {
    take_address(address, v6_only)?.listen(WAITING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};
    use tokio::net::TcpStream;

    #[tokio::test]
    async fn o16_both_families_are_listened_on_at_one_port_when_each_leaves_the_other_alone() {
        let v4 = listen_on((Ipv4Addr::UNSPECIFIED, 0).into(), true).unwrap();
        let port = v4.local_addr().unwrap().port();
        let v6 = listen_on((Ipv6Addr::UNSPECIFIED, port).into(), true).unwrap();
        let by_v4 = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
        let by_v6 = TcpStream::connect((Ipv6Addr::LOCALHOST, port));
        let (by_v4, by_v6, at_v4, at_v6) = tokio::join!(by_v4, by_v6, v4.accept(), v6.accept());
        assert!(by_v4.is_ok() && by_v6.is_ok() && at_v4.unwrap().1.is_ipv4() && at_v6.unwrap().1.is_ipv6());
        drop(v6);
        let both = listen_on((Ipv6Addr::UNSPECIFIED, port).into(), false).unwrap_err();
        assert_eq!(both.kind(), io::ErrorKind::AddrInUse);
    }
}
