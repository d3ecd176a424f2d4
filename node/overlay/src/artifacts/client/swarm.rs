//! The client's one task: it owns the swarm, and knows who was reached and what each was asked.

use super::{Command, Reply, asking::Peer};
use crate::{
    address,
    artifacts::{ArtifactCodec, behaviour},
    network::NetworkName,
    start::swarm_of,
};
use libp2p::{
    Multiaddr, PeerId, Swarm,
    connection_limits::{self, ConnectionLimits},
    futures::StreamExt,
    identify,
    identity::Keypair,
    ping,
    request_response::{self, OutboundRequestId, ProtocolSupport},
    swarm::{ConnectionId, NetworkBehaviour, SwarmEvent, dial_opts::DialOpts},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

/// What the client speaks: enough that a node takes it for one of its network, and nothing that a node gossips with.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    limits: connection_limits::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    pub(super) artifacts: request_response::Behaviour<ArtifactCodec>,
}

/// The state of a client.
pub(super) struct Client {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) timeout: Duration,
    version: String,
    resolving: JoinSet<Vec<Multiaddr>>,
    /// Dials and connections that have not said who they are.
    unsettled: HashSet<ConnectionId>,
    settled: Option<oneshot::Sender<()>>,
    /// Where each peer was met, so that it can be dialled again.
    pub(super) addresses: HashMap<PeerId, Multiaddr>,
    /// Who is of this network.
    pub(super) peers: BTreeMap<PeerId, Peer>,
    pub(super) asked: HashMap<OutboundRequestId, (PeerId, Reply)>,
}

impl Client {
    /// A client that tells `settled` when all that it dialled has been reached or has failed.
    pub(super) fn new(network: &NetworkName, timeout: Duration, settled: oneshot::Sender<()>) -> Result<Self, String> {
        let key = Keypair::generate_ed25519();
        let version = network.identify_version();
        let agent = concat!("the-block-fetch/", env!("CARGO_PKG_VERSION")).to_owned();
        let identify =
            identify::Config::new(version.clone(), key.public()).with_agent_version(agent).with_cache_size(0);
        let behaviour = Behaviour {
            limits: connection_limits::Behaviour::new(
                ConnectionLimits::default().with_max_established_per_peer(Some(1)),
            ),
            identify: identify::Behaviour::new(identify),
            ping: ping::Behaviour::new(ping::Config::new()),
            artifacts: behaviour(network, Some(ProtocolSupport::Outbound), timeout)?,
        };
        let swarm = swarm_of(key, behaviour)?;
        Ok(Self {
            swarm,
            timeout,
            version,
            resolving: JoinSet::new(),
            unsettled: HashSet::new(),
            settled: Some(settled),
            addresses: HashMap::new(),
            peers: BTreeMap::new(),
            asked: HashMap::new(),
        })
    }

    /// Runs until told to stop, or until no handle is left.
    pub(super) async fn run(mut self, addresses: Vec<Multiaddr>, mut commands: mpsc::Receiver<Command>) {
        for address in addresses {
            self.resolving.spawn(address::resolve(vec![address]));
        }
        self.settle(None);
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Ask(peer, ask, reply)) => self.queue(peer, ask, reply),
                    // Whoever asked may have gone away meanwhile.
                    Some(Command::Peers(reply)) => drop(reply.send(self.peers.keys().copied().collect())),
                    Some(Command::Stop) | None => return,
                },
                Some(resolved) = self.resolving.join_next() => self.dial(resolved.unwrap_or_default()),
                event = self.swarm.select_next_some() => self.observe(event),
            }
        }
    }

    fn dial(&mut self, addresses: Vec<Multiaddr>) {
        for address in addresses {
            let dial = match address::split(&address) {
                (address, Some(peer)) => DialOpts::peer_id(peer).addresses(vec![address]).build(),
                (address, None) => DialOpts::unknown_peer_id().address(address).build(),
            };
            let connection = dial.connection_id();
            match self.swarm.dial(dial) {
                Ok(()) => drop(self.unsettled.insert(connection)),
                Err(error) => tracing::debug!(%address, %error, "a peer was not dialled"),
            }
        }
        self.settle(None);
    }

    /// Notes that a dial came to its end, good or bad, and tells who waits for all of them.
    fn settle(&mut self, connection: Option<ConnectionId>) {
        if let Some(connection) = connection {
            self.unsettled.remove(&connection);
        }
        if self.unsettled.is_empty() && self.resolving.is_empty() {
            // Whoever waited may have given up.
            let _ = self.settled.take().map(|settled| settled.send(()));
        }
    }

    fn observe(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received {
                peer_id,
                connection_id,
                info,
            })) => self.identify(peer_id, connection_id, &info),
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Error { peer_id, error, .. })) => {
                tracing::debug!(peer = %peer_id, %error, "a peer does not say who it is");
                self.part_from(peer_id);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Artifacts(event)) => self.hear(event),
            SwarmEvent::ConnectionEstablished { peer_id, endpoint, .. } => {
                self.addresses.insert(peer_id, address::split(endpoint.get_remote_address()).0);
            }
            SwarmEvent::ConnectionClosed { connection_id, .. } => self.settle(Some(connection_id)),
            SwarmEvent::OutgoingConnectionError { connection_id, peer_id, error } => {
                tracing::debug!(peer = ?peer_id, %error, "a peer cannot be reached");
                self.settle(Some(connection_id));
            }
            _ => {}
        }
    }

    fn identify(&mut self, peer: PeerId, connection: ConnectionId, info: &identify::Info) {
        if info.protocol_version == self.version {
            self.peers.entry(peer).or_default();
        } else {
            tracing::debug!(%peer, "a peer is of another network");
            self.part_from(peer);
        }
        self.settle(Some(connection));
    }

    fn part_from(&mut self, peer: PeerId) {
        self.peers.remove(&peer);
        // It may have gone already.
        let _ = self.swarm.disconnect_peer_id(peer);
    }
}
