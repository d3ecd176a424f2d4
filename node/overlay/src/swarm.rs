//! What happens next? The overlay's one task: it owns the swarm, and everything that changes does so here.

use super::{
    Command, LivePeer, OverlayConfig, OverlayMetrics, OverlayStatus, PeerStore, PeerStoreError,
    artifacts::Serving,
    behaviour::{Behaviour, BehaviourEvent, REFUSE_BELOW},
    budget::Budgets,
    check::{Checked, Checks},
    dial::{Attempt, Dialer},
    doubts::Doubts,
    exchange::Exchange,
    network::NetworkName,
    peers::{Connection, IDENTIFY_WITHIN, Refusal, Refusals},
    status::{BACKEND, millis, shown, unix_now},
    store,
    twins::Twins,
};
use libp2p::{
    Multiaddr, PeerId, Swarm,
    futures::StreamExt,
    gossipsub, identify, ping,
    swarm::{ListenError, SwarmEvent},
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep_until},
};

/// How often scores are read, refusals lapse and the status is renewed.
const TICK: Duration = Duration::from_secs(1);

/// How often scores and times in the peer store reach the disk; new peers do with the next tick.
const SAVE_EVERY: Duration = Duration::from_secs(60);

/// The state of a running overlay.
pub(super) struct Overlay {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) network: NetworkName,
    pub(super) max_peers: usize,
    pub(super) max_message_bytes: usize,
    pub(super) dialer: Dialer,
    pub(super) connections: BTreeMap<PeerId, Connection>,
    pub(super) refusals: Refusals,
    pub(super) twins: Twins,
    pub(super) store: PeerStore,
    pub(super) checks: Checks,
    pub(super) budgets: Budgets,
    pub(super) doubts: Doubts,
    pub(super) serving: Serving,
    pub(super) exchange: Exchange,
    pub(super) unsent: VecDeque<Vec<u8>>,
    pub(super) resolving: JoinSet<Attempt>,
    pub(super) saving: JoinSet<Result<(), PeerStoreError>>,
    pub(super) peers_changed: bool,
    pub(super) saved: Instant,
    pub(super) metrics: OverlayMetrics,
    pub(super) status: watch::Sender<OverlayStatus>,
}

impl Overlay {
    pub(super) fn new(
        swarm: Swarm<Behaviour>,
        network: NetworkName,
        config: &OverlayConfig,
        store: PeerStore,
        checks: Checks,
        metrics: OverlayMetrics,
    ) -> (Self, watch::Receiver<OverlayStatus>) {
        let now = Instant::now();
        let local = *swarm.local_peer_id();
        let (mut dialer, twins) = (Dialer::new(local), Twins::new(local));
        for peer in &config.peers {
            dialer.configure(peer, now);
        }
        for record in store.peers() {
            dialer.remember(record.peer_id, record.addresses.clone(), now);
        }
        let (status, seen) = watch::channel(OverlayStatus {
            backend: BACKEND.to_owned(),
            local_peer_id: swarm.local_peer_id().to_base58(),
            listen: Vec::new(),
            peer_db_path: store.path().display().to_string(),
            live_peers: Vec::new(),
            persisted_peers: 0,
            refused_peers: Vec::new(),
            shared_keys: Vec::new(),
        });
        let overlay = Self {
            swarm,
            network,
            max_peers: config.max_peers as usize,
            max_message_bytes: config.max_message_bytes,
            dialer,
            connections: BTreeMap::new(),
            refusals: Refusals::default(),
            twins,
            store,
            checks,
            budgets: Budgets::default(),
            doubts: Doubts::default(),
            serving: Serving::new(config.mirror.clone()),
            exchange: Exchange::new(config.pool.clone(), now),
            unsent: VecDeque::new(),
            resolving: JoinSet::new(),
            saving: JoinSet::new(),
            peers_changed: false,
            saved: now,
            metrics,
            status,
        };
        overlay.show();
        (overlay, seen)
    }

    /// Runs until told to stop, or until no handle is left.
    pub(super) async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut verdicts: mpsc::UnboundedReceiver<Checked>,
    ) {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let done: Option<oneshot::Sender<_>> = loop {
            let room = self.connections.len() < self.max_peers;
            let due = self.dialer.due_at().filter(|_| room);
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Publish(message)) => self.publish(message),
                    Some(Command::HearCosignatures(hears)) => self.hear_cosignatures(hears),
                    Some(Command::Dial(address)) => self.dialer.configure(&address, Instant::now()),
                    // Whoever asked may have gone away meanwhile.
                    Some(Command::Forget(peer, done)) => drop(done.send(self.forget(&peer))),
                    Some(Command::Stop(done)) => break Some(done),
                    None => break None,
                },
                event = self.swarm.select_next_some() => self.observe(event),
                Some(checked) = verdicts.recv() => self.settle(checked),
                Some(Ok(ready)) = self.serving.ready() => self.give(ready),
                Some(Ok(step)) = self.exchange.step() => self.go_on(step),
                Some(Ok(attempt)) = self.resolving.join_next() => self.dial(attempt),
                Some(Ok(Err(error))) = self.saving.join_next() => tracing::warn!(%error, "known peers are not remembered"),
                () = until(due), if due.is_some() => self.dial_due(),
                _ = tick.tick() => self.tick(),
            }
        };
        let saved = self.stop().await;
        if let Some(done) = done {
            // Whoever asked may have gone away meanwhile.
            let _ = done.send(saved);
        } else if let Err(error) = saved {
            tracing::warn!(%error, "known peers are not remembered");
        }
    }

    async fn stop(mut self) -> Result<(), PeerStoreError> {
        // A write under way finishes first, so that it cannot overtake the last one.
        while self.saving.join_next().await.is_some() {}
        self.store.save()
    }

    fn observe(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.hear(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.connected(peer_id, connection_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, cause, .. } => {
                tracing::debug!(peer = %peer_id, ?cause, "connection closed");
                self.disconnected(&peer_id, connection_id);
            }
            SwarmEvent::OutgoingConnectionError { connection_id, peer_id, error } => {
                self.dial_failed(connection_id, peer_id, &error);
            }
            SwarmEvent::IncomingConnectionError { error: ListenError::LocalPeerId { address }, .. } => {
                self.twins.own_came(address, Instant::now());
            }
            SwarmEvent::NewListenAddr { .. } | SwarmEvent::ExpiredListenAddr { .. } => self.show(),
            SwarmEvent::ListenerClosed { reason, .. } => {
                tracing::error!(?reason, "the overlay no longer listens; restart the node");
                self.show();
            }
            SwarmEvent::ListenerError { error, .. } => tracing::warn!(%error, "the overlay's listener failed once"),
            _ => {}
        }
    }

    fn hear(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. }) => self.identify(peer_id, &info),
            BehaviourEvent::Gossip(gossipsub::Event::Message { propagation_source, message_id, message }) => {
                self.receive(propagation_source, message_id, message);
            }
            BehaviourEvent::Gossip(gossipsub::Event::Subscribed { .. }) => self.send_unsent(),
            BehaviourEvent::Artifacts(event) => self.serve(event),
            BehaviourEvent::Exchange(event) => self.hear_exchange(event),
            BehaviourEvent::Ping(ping::Event { peer, connection, result: Err(error) }) => {
                tracing::debug!(%peer, %error, "the peer does not answer");
                self.swarm.close_connection(connection);
            }
            _ => {}
        }
    }

    /// Refuses a connected peer whose score has fallen too low.
    pub(super) fn judge(&mut self, peer: PeerId) {
        let score = self.score(&peer);
        if score <= REFUSE_BELOW && self.connections.contains_key(&peer) && !self.refusals.contains(&peer) {
            self.refuse(peer, &Refusal::Misbehaved { score });
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        for peer in self.refusals.lapse(now) {
            self.release(&peer, now);
        }
        self.serving.forget_the_quiet(now);
        self.exchange.forget_the_quiet(now);
        for (peer, messages) in self.doubts.due(now) {
            self.checks.submit_again(peer, messages);
        }
        for (peer, overdraft) in self.budgets.refill(now) {
            self.swarm.behaviour_mut().gossip.set_application_score(&peer, overdraft);
        }
        let connected: Vec<PeerId> = self.connections.keys().copied().collect();
        for peer in connected {
            let Some(Connection { identified, opened, .. }) = self.connections.get(&peer) else { continue };
            if *identified {
                let score = self.score(&peer);
                self.store.rate(&peer, score, unix_now());
            } else if now.duration_since(*opened) > IDENTIFY_WITHIN && !self.refusals.contains(&peer) {
                self.refuse(peer, &Refusal::Unidentified);
            }
            self.judge(peer);
        }
        self.take_turns(now);
        let shared_keys = self.twins.look(now);
        self.change_status(|status| status.shared_keys = shared_keys);
        if self.saving.is_empty() && (self.peers_changed || now.duration_since(self.saved) >= SAVE_EVERY) {
            (self.peers_changed, self.saved) = (false, now);
            let (path, document) = (self.store.path().to_owned(), self.store.document());
            self.saving.spawn_blocking(move || store::write(&path, &document));
        }
        self.show();
    }

    fn score(&self, peer: &PeerId) -> f64 {
        self.swarm.behaviour().gossip.peer_score(peer).unwrap_or(0.0)
    }

    /// Changes the status, and wakes its watchers where that makes it another one.
    fn change_status(&self, change: impl FnOnce(&mut OverlayStatus)) {
        self.status.send_if_modified(|status| {
            let before = status.clone();
            change(status);
            *status != before
        });
    }

    /// Renews the status and the gauges.
    pub(super) fn show(&self) {
        let welcome = |(id, connection): &(&PeerId, &Connection)| connection.identified && !self.refusals.contains(id);
        let (guests, nodes): (Vec<_>, Vec<_>) =
            self.connections.iter().filter(welcome).partition(|(_, connection)| connection.guest);
        let mut live_peers: Vec<LivePeer> = nodes
            .into_iter()
            .map(|(id, connection)| LivePeer {
                peer_id: id.to_base58(),
                address: connection.address.to_string(),
                direction: connection.direction,
                score: shown(self.score(id)),
                connected_since: connection.since,
                connected_since_ms: millis(connection.since),
            })
            .collect();
        live_peers.sort_by(|a, b| a.peer_id.cmp(&b.peer_id));
        let (live, persisted) = (live_peers.len(), self.store.peers().len());
        self.change_status(|status| {
            status.listen = self.swarm.listeners().map(Multiaddr::to_string).collect();
            status.live_peers = live_peers;
            status.persisted_peers = persisted.try_into().unwrap_or(u32::MAX);
            status.refused_peers = self.refusals.shown();
        });
        // After the status, which then shows whoever is counted.
        self.metrics.count_peers(live, guests.len(), persisted);
    }
}

async fn until(due: Option<Instant>) {
    if let Some(due) = due {
        sleep_until(due.into()).await;
    }
}
