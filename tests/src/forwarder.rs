//! A name that moves: a port of loopback that leads to another one, and to a third when it is told so.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A forwarder; it ends when this is dropped.
pub struct Forwarder {
    /// Where it listens.
    pub port: u16,
    to: watch::Sender<u16>,
}

impl Forwarder {
    /// Leads to a port.
    ///
    /// # Errors
    /// No port is free.
    pub async fn to(port: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let own = listener.local_addr()?.port();
        let (to, led) = watch::channel(port);
        let mut dropped = led.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    taken = listener.accept() => {
                        let Ok((near, _)) = taken else { return };
                        tokio::spawn(forward(near, led.clone()));
                    }
                    // Whoever leads it is gone.
                    changed = dropped.changed() => if changed.is_err() { return },
                }
            }
        });
        Ok(Self { port: own, to })
    }

    /// Leads elsewhere from now on; what is connected is cut.
    pub fn lead(&self, port: u16) {
        self.to.send_replace(port);
    }
}

async fn forward(mut near: TcpStream, mut led: watch::Receiver<u16>) {
    let to = *led.borrow_and_update();
    let Ok(mut far) = TcpStream::connect(("127.0.0.1", to)).await else { return };
    tokio::select! {
        // Either end may hang up.
        _ = copy_bidirectional(&mut near, &mut far) => {}
        _ = led.changed() => {}
    }
}
