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
    /// Leads to a port, from a thread of its own: a test that waits for a process that is led here does not keep it from leading.
    ///
    /// # Errors
    /// No port is free.
    pub fn to(port: u16) -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let own = listener.local_addr()?.port();
        let (to, led) = watch::channel(Lead { to: port, cuts: true });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || runtime.block_on(serve(listener, led)));
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

/// Until whoever leads it is gone.
async fn serve(listener: std::net::TcpListener, led: watch::Receiver<Lead>) -> std::io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let mut dropped = led.clone();
    loop {
        tokio::select! {
            taken = listener.accept() => {
                tokio::spawn(forward(taken?.0, led.clone()));
            }
            changed = dropped.changed() => if changed.is_err() { return Ok(()) },
        }
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
