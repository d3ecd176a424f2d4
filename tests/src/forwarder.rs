//! A name that moves: a port of loopback that leads to another one, and to a third when it is told so.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A forwarder; it ends when this is dropped.
pub struct Forwarder {
    /// Where it listens.
    pub port: u16,
    to: watch::Sender<Lead>,
}

/// Where it leads.
#[derive(Debug, Clone, Copy)]
struct Lead {
    to: u16,
    /// What becomes of whoever was led elsewhere: it is cut, or hears nothing any more.
    cuts: bool,
}

impl Forwarder {
    /// Leads to a port.
    ///
    /// # Errors
    /// No port is free.
    pub async fn to(port: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let own = listener.local_addr()?.port();
        let (to, led) = watch::channel(Lead { to: port, cuts: true });
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
        self.to.send_replace(Lead { to: port, cuts: true });
    }

    /// Leads elsewhere from now on; what is connected stays so and hears nothing any more, as of a machine that died.
    pub fn lead_silently(&self, port: u16) {
        self.to.send_replace(Lead { to: port, cuts: false });
    }
}

async fn forward(mut near: TcpStream, mut led: watch::Receiver<Lead>) {
    let to = led.borrow_and_update().to;
    let Ok(mut far) = TcpStream::connect(("127.0.0.1", to)).await else { return };
    tokio::select! {
        // Either end may hang up.
        _ = copy_bidirectional(&mut near, &mut far) => return,
        _ = led.changed() => {}
    }
    // Until it is cut all the same, or whoever leads it is gone.
    let _ = led.wait_for(|lead| lead.cuts).await;
}
