//! How does the overlay come up? Configuration checked, store read, port bound, then the task runs.

use super::{
    Command, MessageChecker, OverlayConfig, OverlayError, OverlayHandle, OverlayMetrics, PUBLISH_QUEUE, PeerStore,
    address, behaviour::Behaviour, check::Checks, keypair, network::NetworkName, swarm::Overlay,
};
use libp2p::{
    Swarm, SwarmBuilder,
    futures::StreamExt,
    identity::Keypair,
    noise,
    swarm::{NetworkBehaviour, SwarmEvent},
    tcp, yamux,
};
use std::{io, iter::once, net::SocketAddr, time::Duration};
use tokio::sync::mpsc;

/// Connections at most, whatever the configuration says; each costs buffers.
const PEERS_LIMIT: u32 = 4096;

/// How long a new listener may take to name its address.
const LISTEN_WITHIN: Duration = Duration::from_secs(10);

/// Opens the overlay's port and runs the overlay on the current tokio runtime. `seed` is the Ed25519 seed of the
/// node's overlay identity (`config/node.key`, not the validator's key); `checker` judges what peers send; `metrics` is best registered before.
///
/// # Errors
/// [`OverlayError`]: a limit is out of range, the peer store is damaged, or the port cannot be opened.
pub async fn start(
    config: OverlayConfig,
    seed: [u8; 32],
    checker: MessageChecker,
    metrics: OverlayMetrics,
) -> Result<OverlayHandle, OverlayError> {
    in_range("max_peers", config.max_peers as usize, PEERS_LIMIT as usize)?;
    in_range("max_message_bytes", config.max_message_bytes, OverlayConfig::MESSAGE_BYTES_LIMIT)?;
    let store = PeerStore::load(&config.store_path)?;
    let network = NetworkName::new(&config.chain_id, &config.genesis_hash);
    let mut swarm = assemble(keypair(seed), &network, &config).map_err(OverlayError::Assembly)?;
    for address in once(&config.listen).chain(&config.also_listen) {
        listen(&mut swarm, *address).await?;
    }
    let (checks, verdicts) = Checks::start(checker).map_err(|error| OverlayError::Assembly(error.to_string()))?;
    let (commands, queue) = mpsc::channel::<Command>(PUBLISH_QUEUE);
    let max_message_bytes = config.max_message_bytes;
    let (overlay, status) = Overlay::new(swarm, network, &config, store, checks, metrics);
    tokio::spawn(overlay.run(queue, verdicts));
    Ok(OverlayHandle { commands, status, max_message_bytes })
}

fn in_range(name: &'static str, have: usize, max: usize) -> Result<(), OverlayError> {
    if (1..=max).contains(&have) { Ok(()) } else { Err(OverlayError::OutOfRange { name, have, max }) }
}

fn assemble(key: Keypair, network: &NetworkName, config: &OverlayConfig) -> Result<Swarm<Behaviour>, String> {
    let (serves, exchanges) = (config.mirror.is_some(), config.pool.is_some());
    let behaviour = Behaviour::new(&key, network, config.max_peers, config.max_message_bytes, serves, exchanges)?;
    swarm_of(key, behaviour)
}

/// A swarm over TCP, Noise and Yamux, as every side of the overlay speaks.
pub(super) fn swarm_of<B: NetworkBehaviour>(key: Keypair, behaviour: B) -> Result<Swarm<B>, String> {
    let swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(|error| error.to_string())?
        .with_behaviour(|_| behaviour)
        .map_err(|error| error.to_string())?
        // Peers outside the gossip mesh, and those that wait between two reads, have no stream of their own open, and are
        // wanted all the same.
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(u64::MAX)))
        .build();
    Ok(swarm)
}

async fn listen(swarm: &mut Swarm<Behaviour>, listen: SocketAddr) -> Result<(), OverlayError> {
    let refuse = |reason: String| OverlayError::Listen { listen, reason };
    // libp2p sets SO_REUSEPORT, with which two nodes would silently share one port; a plain socket tells the truth.
    match rpc::listen_on(listen, true) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(OverlayError::PortInUse(listen)),
        Err(error) => return Err(refuse(error.to_string())),
        Ok(_) => {}
    }
    swarm.listen_on(address::of_socket(listen)).map_err(|error| refuse(error.to_string()))?;
    let named = async {
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::NewListenAddr { .. } => return Ok(()),
                SwarmEvent::ListenerError { error, .. } => return Err(error.to_string()),
                SwarmEvent::ListenerClosed { reason, .. } => return Err(format!("the listener closed: {reason:?}")),
                _ => {}
            }
        }
    };
    tokio::time::timeout(LISTEN_WITHIN, named)
        .await
        .map_err(|_| refuse("no address within 10 s".into()))?
        .map_err(refuse)
}
