//! What does the swarm speak, and how does it judge its peers? Limits, identify, ping and gossip in one behaviour.

use super::{
    MOST_COSIGNATURE_BYTES,
    artifacts::{self, ANSWER_WITHIN, ArtifactCodec},
    exchange::{self, PoolCodec},
    network::NetworkName,
};
use libp2p::{
    allow_block_list::{self, BlockedPeers},
    connection_limits::{self, ConnectionLimits},
    gossipsub::{
        self, DataTransform, IdentTopic, IdentityTransform, Message, MessageAuthenticity, MessageId, PeerScoreParams,
        PeerScoreThresholds, RawMessage, TopicHash, TopicScoreParams, ValidationMode, WhitelistSubscriptionFilter,
        score_parameter_decay,
    },
    identify,
    identity::Keypair,
    ping,
    request_response::{self, ProtocolSupport},
    swarm::NetworkBehaviour,
};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

/// The score at which a peer's gossip is no longer read, and it is disconnected and refused for a while. Invalid messages
/// count squared, 10 points: the third within minutes reaches it from zero.
pub(super) const REFUSE_BELOW: f64 = -80.0;

/// How long a disconnected peer's score is kept; shorter than a refusal, so that a refusal ends with a clean slate.
pub(super) const SCORE_KEPT: Duration = Duration::from_secs(10 * 60);

/// What gossipsub adds to a message: topic and tags, with room to spare.
const ENVELOPE_BYTES: usize = 512;

/// The smallest frame, so that control messages fit whatever the message size.
const FRAME_BYTES_MIN: usize = 64 * 1024;

/// A message id in a control message: 32 bytes, its tag and its length, rounded up.
const ID_BYTES: usize = 40;

/// Handshakes under way at once, each way.
const PENDING_CONNECTIONS: u32 = 32;

/// Messages read from one gossip frame at most; a sender puts one in each.
const MESSAGES_PER_FRAME: usize = 64;

pub(super) type Gossip = gossipsub::Behaviour<ContentAlone, WhitelistSubscriptionFilter>;

/// What is taken of a message: its content, with nothing beside it. Whoever passes one on could add a key, which proves nothing and may be
/// as long as a message, and nobody would take it for another one: so everybody would pass on the key as well.
#[derive(Debug, Default)]
pub(super) struct ContentAlone;

impl DataTransform for ContentAlone {
    fn inbound_transform(&self, message: RawMessage) -> io::Result<Message> {
        if message.key.is_some() {
            return Err(io::Error::other("a key is beside what the message says"));
        }
        IdentityTransform.inbound_transform(message)
    }

    fn outbound_transform(&self, topic: &TopicHash, content: Vec<u8>) -> io::Result<Vec<u8>> {
        IdentityTransform.outbound_transform(topic, content)
    }
}

/// The protocols of the overlay. Refusals stand first: what they deny, the others never see.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    pub(super) refused: allow_block_list::Behaviour<BlockedPeers>,
    limits: connection_limits::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    pub(super) gossip: Gossip,
    pub(super) artifacts: request_response::Behaviour<ArtifactCodec>,
    pub(super) exchange: request_response::Behaviour<PoolCodec>,
}

impl Behaviour {
    /// Everything for one network; `max_message_bytes` bounds the content of a gossiped message, without `serves` no release
    /// artifacts can be asked for, and without `exchanges` nobody is told or asked what waits.
    pub(super) fn new(
        key: &Keypair,
        network: &NetworkName,
        max_peers: u32,
        max_message_bytes: usize,
        serves: bool,
        exchanges: bool,
    ) -> Result<Self, String> {
        let identify = identify::Config::new(network.identify_version(), key.public())
            .with_agent_version(concat!("the-block/", env!("CARGO_PKG_VERSION")).to_owned())
            .with_push_listen_addr_updates(true)
            .with_cache_size(0);
        // Short enough that a peer whose machine vanished without a word is noticed before its operator is.
        let ping = ping::Config::new().with_interval(Duration::from_secs(5)).with_timeout(Duration::from_secs(10));
        Ok(Self {
            refused: allow_block_list::Behaviour::default(),
            limits: connection_limits::Behaviour::new(connection_limits(max_peers)),
            identify: identify::Behaviour::new(identify),
            ping: ping::Behaviour::new(ping),
            gossip: gossip(network, max_message_bytes)?,
            artifacts: artifacts::behaviour(network, serves.then_some(ProtocolSupport::Inbound), ANSWER_WITHIN)?,
            exchange: exchange::behaviour(network, exchanges, max_message_bytes)?,
        })
    }
}

fn connection_limits(max_peers: u32) -> ConnectionLimits {
    ConnectionLimits::default()
        .with_max_pending_incoming(Some(PENDING_CONNECTIONS))
        .with_max_pending_outgoing(Some(PENDING_CONNECTIONS))
        .with_max_established_incoming(Some(max_peers - max_peers / 4))
        .with_max_established(Some(max_peers))
        .with_max_established_per_peer(Some(1))
}

fn gossip(network: &NetworkName, max_message_bytes: usize) -> Result<Gossip, String> {
    scored_by(network, max_message_bytes, score([&network.messages(), &network.cosignatures()]))
}

fn scored_by(network: &NetworkName, max_message_bytes: usize, score: PeerScoreParams) -> Result<Gossip, String> {
    let (topic, cosignatures) = (network.messages(), network.cosignatures());
    let message_bytes = max_message_bytes.saturating_add(ENVELOPE_BYTES);
    let frame_bytes = message_bytes.saturating_add(ENVELOPE_BYTES).max(FRAME_BYTES_MIN);
    let config = gossipsub::ConfigBuilder::default()
        .protocol_id(network.gossip_protocol(), gossipsub::Version::V1_1)
        // What is told proves itself, and who passes it on answers for it: who told it first is nobody's business.
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(|message| MessageId::new(blake3::hash(&message.data).as_bytes()))
        // A peer may rightly bring our own message back, of which it knows no author; without this it would be punished for it.
        .allow_self_origin(true)
        .max_transmit_size(frame_bytes)
        .max_transmit_size_for_topic(message_bytes, topic.hash())
        .max_transmit_size_for_topic(MOST_COSIGNATURE_BYTES.saturating_add(ENVELOPE_BYTES), cosignatures.hash())
        .max_messages_per_rpc(Some(MESSAGES_PER_FRAME))
        // An announcement of this many ids still fits a frame.
        .max_ihave_length((frame_bytes / 2 / ID_BYTES).min(5000))
        .heartbeat_initial_delay(Duration::from_secs(1))
        .connection_handler_queue_len(1024)
        .build()
        .map_err(|error| error.to_string())?;
    let only_ours = WhitelistSubscriptionFilter([topic.hash(), cosignatures.hash()].into());
    let mut gossip = Gossip::new_with_subscription_filter(MessageAuthenticity::Anonymous, config, only_ours)?;
    gossip.with_peer_score(score, thresholds())?;
    gossip.subscribe(&topic).map_err(|error| error.to_string())?;
    Ok(gossip)
}

/// The scores of gossipsub 1.1: up to 16 points for being useful, and penalties that outweigh them quickly. Mesh delivery
/// quotas (P3) are off, because on a quiet network every honest peer would miss them.
fn score(topics: [&IdentTopic; 2]) -> PeerScoreParams {
    let messages = TopicScoreParams {
        topic_weight: 1.0,
        time_in_mesh_weight: 0.02,
        time_in_mesh_quantum: Duration::from_secs(1),
        time_in_mesh_cap: 300.0,
        first_message_deliveries_weight: 0.1,
        first_message_deliveries_decay: score_parameter_decay(Duration::from_secs(10 * 60)),
        first_message_deliveries_cap: 100.0,
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        invalid_message_deliveries_weight: -10.0,
        invalid_message_deliveries_decay: score_parameter_decay(Duration::from_secs(10 * 60)),
        ..TopicScoreParams::default()
    };
    PeerScoreParams {
        topics: topics.map(|topic| (topic.hash(), messages.clone())).into(),
        // What a peer has sent beyond its budget: a point a message.
        app_specific_weight: 1.0,
        topic_score_cap: 16.0,
        // Validators may share a machine in development, and an address behind a NAT in production.
        ip_colocation_factor_threshold: 16.0,
        ip_colocation_factor_whitelist: [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)].into(),
        // Who is busy brings late what it said it has, and takes late what it is sent: hundreds of messages at once in a flood, of which a
        // stranger can make any. Counted squared, as gossipsub does, honest peers refused each other then. An id is asked for where there is
        // room, and a full queue takes nothing more; neither costs more than that.
        behaviour_penalty_weight: 0.0,
        slow_peer_weight: 0.0,
        retain_score: SCORE_KEPT,
        ..PeerScoreParams::default()
    }
}

fn thresholds() -> PeerScoreThresholds {
    PeerScoreThresholds {
        gossip_threshold: -20.0,
        publish_threshold: -40.0,
        graylist_threshold: REFUSE_BELOW,
        accept_px_threshold: 10.0,
        opportunistic_graft_threshold: 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{start::swarm_of, tests::SOON};
    use libp2p::{
        Swarm,
        futures::StreamExt as _,
        gossipsub::{ConfigBuilder, Event},
        swarm::SwarmEvent,
    };
    use primitives::{ChainId, Digest};
    use std::{future::poll_fn, task::Poll};
    use tokio::time::timeout;

    fn network() -> NetworkName {
        NetworkName::new(&ChainId::new("test-1").unwrap(), &Digest([7; 32]))
    }

    /// Our gossip, and that of a peer which takes whatever comes, and says so much of who wrote its messages.
    fn ours_and_theirs(key: &Keypair, author: MessageAuthenticity) -> (Swarm<Gossip>, Swarm<gossipsub::Behaviour>) {
        let mut ours = swarm_of(Keypair::generate_ed25519(), gossip(&network(), 4096).unwrap()).unwrap();
        ours.listen_on("/ip4/127.0.0.1/tcp/0".parse().unwrap()).unwrap();
        let config = ConfigBuilder::default()
            .protocol_id(network().gossip_protocol(), gossipsub::Version::V1_1)
            .validation_mode(ValidationMode::None)
            // To it none is one that it has had.
            .message_id_fn(|_| MessageId::new(&rand::random::<[u8; 8]>()))
            .build()
            .unwrap();
        (ours, swarm_of(key.clone(), gossipsub::Behaviour::new(author, config).unwrap()).unwrap())
    }

    /// A peer that announces what it never gives.
    fn late() -> Swarm<gossipsub::Behaviour> {
        let config = ConfigBuilder::default()
            .protocol_id(network().gossip_protocol(), gossipsub::Version::V1_1)
            .validation_mode(ValidationMode::None)
            // It announces ids of its own, of which nobody has any.
            .message_id_fn(|_| MessageId::new(&rand::random::<[u8; 8]>()))
            .gossip_retransimission(0)
            .heartbeat_initial_delay(Duration::from_millis(100))
            // Announced is what is not passed on at once: to nobody that is taken into a mesh.
            .mesh_outbound_min(0)
            .mesh_n_low(0)
            .mesh_n(0)
            .mesh_n_high(0)
            .build()
            .unwrap();
        let mut late = gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config).unwrap();
        late.subscribe(&network().messages()).unwrap();
        swarm_of(Keypair::generate_ed25519(), late).unwrap()
    }

    /// Whether a message is taken that says so much of who wrote it; if it is not, its sender is blamed.
    async fn is_taken(author: fn(&Keypair) -> MessageAuthenticity) -> bool {
        let key = Keypair::generate_ed25519();
        let (sender, (mut ours, mut theirs)) = (key.public().to_peer_id(), ours_and_theirs(&key, author(&key)));
        let judged = poll_fn(|cx| {
            while let Poll::Ready(Some(event)) = ours.poll_next_unpin(cx) {
                match event {
                    SwarmEvent::NewListenAddr { address, .. } => theirs.dial(address).unwrap(),
                    SwarmEvent::Behaviour(Event::Message { .. }) => return Poll::Ready(true),
                    _ => {}
                }
            }
            while let Poll::Ready(Some(event)) = theirs.poll_next_unpin(cx) {
                if let SwarmEvent::Behaviour(Event::Subscribed { topic, .. }) = event {
                    theirs.behaviour_mut().publish(topic, b"a message".to_vec()).unwrap();
                }
            }
            let is_blamed = ours.behaviour().peer_score(&sender).is_some_and(|score| score < 0.0);
            if is_blamed { Poll::Ready(false) } else { Poll::Pending }
        });
        timeout(SOON, judged).await.expect("it is judged in time")
    }

    /// How peers are scored here, and how they are where nothing is said of being late and full.
    fn scores() -> [PeerScoreParams; 2] {
        let ours = score([&network().messages(), &network().cosignatures()]);
        let PeerScoreParams { behaviour_penalty_weight, slow_peer_weight, .. } = PeerScoreParams::default();
        [ours.clone(), PeerScoreParams { behaviour_penalty_weight, slow_peer_weight, ..ours }]
    }

    fn scoring(score: PeerScoreParams) -> Swarm<Gossip> {
        swarm_of(Keypair::generate_ed25519(), scored_by(&network(), 4096, score).unwrap()).unwrap()
    }

    /// The score below zero of a peer that is late with what it announced, while it may be counted.
    async fn blamed_for_being_late(score: PeerScoreParams) -> Option<f64> {
        let (mut ours, mut theirs) = (scoring(score), late());
        theirs.listen_on("/ip4/127.0.0.1/tcp/0".parse().unwrap()).unwrap();
        let (late, mut told) = (*theirs.local_peer_id(), 0);
        let blamed = poll_fn(|cx| {
            while let Poll::Ready(Some(event)) = ours.poll_next_unpin(cx) {
                told += u32::from(matches!(event, SwarmEvent::Behaviour(Event::Message { .. })));
            }
            while let Poll::Ready(Some(event)) = theirs.poll_next_unpin(cx) {
                match event {
                    SwarmEvent::NewListenAddr { address, .. } => ours.dial(address).unwrap(),
                    SwarmEvent::Behaviour(Event::Subscribed { topic, .. }) if topic == network().messages().hash() => {
                        for number in 0..50 {
                            theirs.behaviour_mut().publish(topic.clone(), format!("{number}")).unwrap();
                        }
                    }
                    _ => {}
                }
            }
            let score = ours.behaviour().peer_score(&late).filter(|score| *score < 0.0);
            score.map_or(Poll::Pending, Poll::Ready)
        });
        // It announces within a heartbeat, what is not brought in time is missed, and that is counted with the next heartbeat.
        let counted = ConfigBuilder::default().build().unwrap().iwant_followup_time() + Duration::from_secs(5);
        let blamed = timeout(counted, blamed).await.ok();
        assert_eq!(told, 50, "it told them, and announced others");
        blamed
    }

    #[tokio::test]
    async fn h16_a_peer_that_is_late_with_what_it_announced_is_not_blamed() {
        let [ours, others] = scores();
        let (ours, others) = tokio::join!(blamed_for_being_late(ours), blamed_for_being_late(others));
        assert_eq!(ours, None);
        assert!(others.is_some(), "it was late");
    }

    /// The score of a peer that reads nothing, once there is no room for what it is sent.
    async fn score_of_who_reads_nothing(score: PeerScoreParams) -> f64 {
        let (mut ours, topic) = (scoring(score), network().messages());
        let (_, mut theirs) = ours_and_theirs(&Keypair::generate_ed25519(), MessageAuthenticity::Anonymous);
        ours.listen_on("/ip4/127.0.0.1/tcp/0".parse().unwrap()).unwrap();
        theirs.behaviour_mut().subscribe(&topic).unwrap();
        loop {
            tokio::select! {
                event = ours.select_next_some() => match event {
                    SwarmEvent::NewListenAddr { address, .. } => theirs.dial(address).unwrap(),
                    SwarmEvent::Behaviour(Event::Subscribed { .. }) => break,
                    _ => {}
                },
                _ = theirs.select_next_some() => {}
            }
        }
        // From here on it reads nothing, and gets far more than there are places for.
        for number in 0..8_000_u32 {
            let message = [&number.to_be_bytes()[..], &[0; 4000]].concat();
            let _ = ours.behaviour_mut().publish(topic.clone(), message);
        }
        loop {
            if let SwarmEvent::Behaviour(Event::SlowPeer { peer_id, .. }) = ours.select_next_some().await {
                assert_eq!(peer_id, *theirs.local_peer_id());
                return ours.behaviour().peer_score(&peer_id).expect("it is connected");
            }
        }
    }

    #[tokio::test]
    async fn h16_a_peer_that_reads_slower_than_others_write_is_not_blamed() {
        let [ours, others] = scores().map(score_of_who_reads_nothing);
        let both = async { tokio::join!(ours, others) };
        let (ours, others) = timeout(SOON, both).await.expect("they are full in time");
        assert!(ours >= 0.0, "{ours}");
        assert!(others < 0.0, "it was slow: {others}");
    }

    #[tokio::test]
    async fn a_message_that_names_an_author_is_not_taken_and_its_sender_is_blamed() {
        assert!(is_taken(|_| MessageAuthenticity::Anonymous).await);
        let named: [fn(&Keypair) -> MessageAuthenticity; 3] = [
            |key| MessageAuthenticity::Signed(key.clone()),
            |key| MessageAuthenticity::Author(key.public().to_peer_id()),
            |_| MessageAuthenticity::RandomAuthor,
        ];
        for (number, author) in named.into_iter().enumerate() {
            assert!(!is_taken(author).await, "{number}");
        }
    }

    #[test]
    fn a_message_with_a_key_beside_what_it_says_is_not_taken() {
        let taken = |key: Option<Vec<u8>>| {
            ContentAlone.inbound_transform(RawMessage {
                source: None,
                data: b"a message".to_vec(),
                sequence_number: None,
                topic: network().messages().hash(),
                signature: None,
                key,
                validated: false,
            })
        };
        assert_eq!(taken(None).unwrap().data, b"a message");
        for key in [Vec::new(), vec![7; 4096], Keypair::generate_ed25519().public().encode_protobuf()] {
            assert!(taken(Some(key)).is_err());
        }
    }

    #[tokio::test]
    async fn a_peer_that_brings_our_own_message_back_is_not_blamed_for_it() {
        let (mut ours, mut theirs) = ours_and_theirs(&Keypair::generate_ed25519(), MessageAuthenticity::Anonymous);
        theirs.behaviour_mut().subscribe(&network().messages()).unwrap();
        let told = async {
            loop {
                tokio::select! {
                    event = ours.select_next_some() => match event {
                        SwarmEvent::NewListenAddr { address, .. } => theirs.dial(address).unwrap(),
                        SwarmEvent::Behaviour(Event::Subscribed { topic, .. }) => {
                            ours.behaviour_mut().publish(topic, b"ours".to_vec()).unwrap();
                        }
                        SwarmEvent::Behaviour(Event::Message { message, .. }) => break message.data,
                        _ => {}
                    },
                    event = theirs.select_next_some() => {
                        if let SwarmEvent::Behaviour(Event::Message { message, .. }) = event {
                            for content in [message.data, b"theirs".to_vec()] {
                                theirs.behaviour_mut().publish(message.topic.clone(), content).unwrap();
                            }
                        }
                    }
                }
            }
        };
        assert_eq!(timeout(SOON, told).await.expect("it is told in time"), b"theirs");
        let score = ours.behaviour().peer_score(theirs.local_peer_id());
        assert!(score.is_some_and(|score| score >= 0.0), "{score:?}");
    }
}
