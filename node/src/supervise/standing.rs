//! How the running node stands, as systemd is told: READY once its boot check has passed and it answers, and then what
//! there is of the chain and what is waited for. Whether a build on trial is well is another question ([`health`]).

use super::{Supervisor, health, notify};
use rollout::Seen;
use rpc::views::Health;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How often the node is asked, and for how long each time.
const LOOK: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells how the node stands that was just started and serves JSON-RPC at `listen`, for as long as it runs; never returns.
pub(super) async fn tell(supervisor: &Supervisor, listen: SocketAddr) -> Infallible {
    tell_by(supervisor, listen, notify::ready).await
}

/// The same, where `ready` tells that it is, until it says that this was told.
pub(super) async fn tell_by(
    supervisor: &Supervisor,
    listen: SocketAddr,
    mut ready: impl FnMut() -> bool,
) -> Infallible {
    notify::standing("the node starts and does not answer yet");
    let mut answered = false;
    loop {
        let seen = health::once(&supervisor.node, PATIENCE).await;
        let answers = matches!(seen, Seen::Health(_) | Seen::NoHealth);
        // What a stranger says of itself is not told as if it were this node's.
        if answers && !supervisor.is_own_node().await {
            sleep(LOOK).await;
            continue;
        }
        // One that does not say how it is answers as well. The port is opened after the socket in the home.
        if !answered && answers && is_open(listen).await {
            answered = ready();
        }
        match seen {
            Seen::Health(health) => notify::standing(&sentence(&health)),
            Seen::NoHealth => notify::standing("the node does not say how it is"),
            Seen::Silence | Seen::Unasked(_) if answered => notify::standing("the node does not answer"),
            Seen::Silence | Seen::Unasked(_) => {}
        }
        sleep(LOOK).await;
    }
}

async fn is_open(listen: SocketAddr) -> bool {
    timeout(LOOK, TcpStream::connect(listen)).await.is_ok_and(|connected| connected.is_ok())
}

/// What there is, and what is waited for.
fn sentence(health: &Health) -> String {
    let Health { ok, height, peers, block_age_ms, halt, .. } = health;
    if *ok {
        return format!("height {height}, {peers} peers");
    }
    let waits = halt.as_deref().unwrap_or("waiting for blocks, which others have decided");
    format!("height {height} for {} s, {peers} peers; {waits}", block_age_ms / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{Height, Timestamp};

    #[test]
    fn o04_what_is_waited_for_is_said_with_what_is_there_of_it() {
        let alone = Health {
            ok: false,
            height: Height(7),
            block_time: Timestamp(0),
            block_age_ms: 61_500,
            catching_up: true,
            validating: true,
            peers: 1,
            pool_transactions: 0,
            halt: None,
            warnings: Vec::new(),
        };
        let said = sentence(&alone);
        assert!(said.starts_with("height 7 for 61 s, 1 peers; waiting for blocks"), "{said}");
        let halted = Health { halt: Some("waiting for 2 more validators".into()), ..alone.clone() };
        assert_eq!(sentence(&halted), "height 7 for 61 s, 1 peers; waiting for 2 more validators");
        assert_eq!(sentence(&Health { ok: true, ..alone }), "height 7, 1 peers");
    }
}
