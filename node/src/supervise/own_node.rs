//! Whether what answers over the socket of the home is the node that was started here.
//!
//! Somebody may have started another one on the same home by hand. It answers at the same socket, and how it is says nothing of the
//! build that this supervisor runs: neither that it is ready, nor that it passed its trial. The system knows which process listens.

use super::{AGAIN, Supervisor, notify};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::UnixStream;
use tokio::task::spawn_blocking;

/// The node that was started here last.
#[derive(Debug, Default)]
pub(super) struct OwnNode {
    /// Its process; 0 before there was one.
    process: AtomicU32,
    /// The other process of which it was said last that it answers; 0 before there was one.
    said: AtomicU32,
}

impl OwnNode {
    /// This process was started as the node; a process that has ended already has no number.
    pub fn is(&self, process: Option<u32>) {
        self.process.store(process.unwrap_or_default(), Ordering::Relaxed);
    }

    /// The other process of which it was said that it answers.
    #[cfg(test)]
    pub fn said(&self) -> u32 {
        self.said.load(Ordering::Relaxed)
    }

    /// Whether this is another process than the node that was started here.
    fn is_not(&self, listening: u32) -> bool {
        let own = self.process.load(Ordering::Relaxed);
        own != 0 && own != listening
    }

    /// Warns of another process, once.
    fn warn_of(&self, listening: u32, socket: &Path) {
        if self.said.swap(listening, Ordering::Relaxed) != listening {
            tracing::warn!("{}", warning(listening, socket));
        }
    }
}

/// What is so, and what to do about it.
fn warning(listening: u32, socket: &Path) -> String {
    let socket = socket.display();
    format!(
        "process {listening} answers at {socket} in the place of the node that this supervisor started, so nothing is known of that one: \
         somebody started another node on this home. Stop it, such as with `kill {listening}`; this supervisor's own is started again by \
         itself"
    )
}

impl Supervisor {
    /// Whether what answers at the socket of the home is the node that was started here. What is not is warned of, and so it is taken
    /// for while nobody can say which process listens.
    pub(super) async fn is_own_node(&self) -> bool {
        let socket = self.gate.home.socket();
        match self.listening().await {
            Ok(listening) if self.own.is_not(listening) => {
                self.own.warn_of(listening, &socket);
                notify::standing(&format!("process {listening} answers in the place of the node"));
                false
            }
            Ok(_) => true,
            Err(error) => {
                tracing::debug!(%error, "which process listens at {} cannot be told", socket.display());
                false
            }
        }
    }

    /// Waits until what answers is the node that was started here.
    pub(super) async fn wait_for_own_node(&self) {
        while !self.is_own_node().await {
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// The process that listens at the socket of the home.
    async fn listening(&self) -> io::Result<u32> {
        let gate = self.gate.clone();
        let dialled = spawn_blocking(move || gate.as_the_node(|| rpc::client::dial(&gate.home.socket())));
        let stream = dialled.await.map_err(io::Error::other)?.map_err(io::Error::other)??;
        stream.set_nonblocking(true)?;
        let process = UnixStream::from_std(stream)?.peer_cred()?.pid();
        process.and_then(|process| u32::try_from(process).ok()).ok_or_else(|| io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_process_than_the_one_that_was_started_is_named_with_what_to_do() {
        let own = OwnNode::default();
        assert!(!own.is_not(7), "nothing was started here, so nothing stands in its place");
        own.is(Some(7));
        assert!(own.is_not(8) && !own.is_not(7));
        own.warn_of(8, Path::new("/home/node0/run/node.sock"));
        assert_eq!(own.said(), 8);
        let said = warning(8, Path::new("/home/node0/run/node.sock"));
        assert!(
            said.contains("process 8") && said.contains("/home/node0/run/node.sock") && said.contains("kill 8"),
            "{said}"
        );
    }
}
