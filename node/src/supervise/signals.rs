//! Signals: those that end the supervisor with its node, and those that are the node's.

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that a supervisor listens to.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    user_1: Signal,
    user_2: Signal,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            user_1: signal(SignalKind::user_defined1())?,
            user_2: signal(SignalKind::user_defined2())?,
        })
    }

    /// The next one that is the node's; none when everything is to stop.
    pub async fn next(&mut self) -> Option<SignalKind> {
        tokio::select! {
            _ = self.terminate.recv() => None,
            _ = self.interrupt.recv() => None,
            _ = self.hang_up.recv() => Some(SignalKind::hangup()),
            _ = self.user_1.recv() => Some(SignalKind::user_defined1()),
            _ = self.user_2.recv() => Some(SignalKind::user_defined2()),
        }
    }

    /// Returns when everything is to stop; there is no node to pass the others on to.
    pub async fn stop(&mut self) {
        while self.next().await.is_some() {}
    }
}
