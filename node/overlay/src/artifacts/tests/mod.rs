//! Stories on loopback, through real sockets: nodes that hold artifacts, and clients that fetch them.

mod raw;

use super::*;
use crate::tests::{Home, Node, SOON, config};
use crate::{MessageVerdict, OverlayConfig, OverlayMetrics, parse_address};
use builds::tree_size;
use libp2p::{Multiaddr, PeerId};
use primitives::Digest;
use prometheus_client::registry::Registry;
use raw::Raw;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;
use tokio::time::timeout;

/// Far above any answer on loopback, and short enough that what never answers does not hold a test up.
const WITHIN: Duration = Duration::from_secs(20);

fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8).collect()
}

fn hash_of(bytes: &[u8]) -> BuildHash {
    BuildHash(*blake3::hash(bytes).as_bytes())
}

/// A node with its folder, its counters, and what it may serve.
struct Server {
    node: Node,
    home: Home,
    metrics: OverlayMetrics,
    open: Arc<AtomicBool>,
}

fn store_in(dir: &Path, held: &[&[u8]]) -> ArtifactStore {
    let store = ArtifactStore::open(&dir.join("artifacts")).unwrap();
    for bytes in held {
        let file = dir.join("build");
        std::fs::write(&file, bytes).unwrap();
        store.hold(&file, &hash_of(bytes)).unwrap();
    }
    store
}

impl Server {
    /// A node that holds some builds and gives each to everyone, as fast as it can.
    async fn holding(number: u8, held: &[&[u8]]) -> Self {
        Self::with(number, held, |_, _| ()).await
    }

    async fn with(number: u8, held: &[&[u8]], change: impl FnOnce(&mut OverlayConfig, &Path)) -> Self {
        let (home, open) = (Home::new(), Arc::new(AtomicBool::new(true)));
        let dir = home.store().parent().unwrap().parent().unwrap().to_owned();
        let may_serve = open.clone();
        let mirror = ServedArtifacts {
            store: store_in(&dir, held),
            may_serve: Arc::new(move |_| may_serve.load(Ordering::SeqCst)),
            max_bytes_per_second: 1 << 40,
        };
        let mut config = OverlayConfig { mirror: Some(mirror), ..config(&home) };
        change(&mut config, &dir);
        let metrics = OverlayMetrics::default();
        let node = Node::counting(number, config, |_| MessageVerdict::Accept, metrics.clone()).await;
        Self { node, home, metrics, open }
    }

    fn id(&self) -> PeerId {
        self.node.id().parse().unwrap()
    }

    /// A metric as Prometheus reads it.
    fn count(&self, metric: &str) -> u64 {
        let mut registry = Registry::default();
        self.metrics.register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        let line = text.lines().find(|line| line.starts_with(metric));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
    }
}

async fn client(addresses: Vec<Multiaddr>) -> PeerClient {
    let config = config(&Home::new());
    PeerClient::connect((&config.chain_id, &config.genesis_hash), addresses, WITHIN).await.unwrap()
}

/// A whole part, a read after the other.
async fn fetch(client: &PeerClient, peer: PeerId, hash: &BuildHash, part: Part, size: u64) -> Vec<u8> {
    let mut fetched = Vec::new();
    while (fetched.len() as u64) < size {
        let offset = fetched.len() as u64;
        let length = u32::try_from(size - offset).unwrap_or(u32::MAX).min(MOST_READ);
        fetched.extend(client.read(peer, hash, part, offset, length).await.unwrap());
    }
    fetched
}

#[tokio::test]
async fn a_client_finds_who_holds_a_build_and_reads_it_whole() {
    let build = bytes(3_000_000);
    let hash = hash_of(&build);
    let (holder, other) = (Server::holding(1, &[&build]).await, Server::holding(2, &[]).await);
    let client = client(vec![holder.node.address(), other.node.address()]).await;
    assert_eq!(client.peers().await.len(), 2);
    assert_eq!(client.holders(&hash).await, [(holder.id(), 3_000_000)]);
    assert!(client.holders(&hash_of(b"unknown")).await.is_empty());

    let (tree, data) = (tree_size(3_000_000), 3_000_000);
    // Both at once, and each range for itself, as many tasks do.
    let (tree, data) = tokio::join!(
        fetch(&client, holder.id(), &hash, Part::Tree, tree),
        fetch(&client, holder.id(), &hash, Part::Data, data)
    );
    assert_eq!(data, build);
    let expected = bao_tree::io::outboard::PreOrderMemOutboard::create(&build, builds::BLOCK);
    assert_eq!(tree, expected.data, "which verifies every 16 KiB of it");

    assert_eq!(client.read(other.id(), &hash, Part::Data, 0, 1).await, Err(PeerReadError::NotHeld));
    for (offset, length) in [(3_000_000, 1), (2_999_999, 2), (u64::MAX, 1)] {
        let answer = client.read(holder.id(), &hash, Part::Data, offset, length).await;
        assert_eq!(answer, Err(PeerReadError::OutOfRange));
    }
    assert_eq!(holder.count("overlay_artifact_bytes_served_total"), 3_000_000 + tree.len() as u64);
    assert_eq!(holder.count("overlay_artifact_requests_total{backend=\"libp2p\",outcome=\"held\"}"), 1);
    assert_eq!(other.count("overlay_artifact_requests_total{backend=\"libp2p\",outcome=\"not_held\"}"), 3);

    let status = holder.node.overlay.status();
    assert!(status.live_peers.is_empty() && status.persisted_peers == 0, "who only fetches is no peer: {status:?}");
    holder.node.until("it is a guest", |_| holder.count("overlay_artifact_guests") == 1).await;
    client.stop().await;
    assert_eq!(client.read(holder.id(), &hash, Part::Data, 0, 1).await, Err(PeerReadError::Stopped));
}

#[tokio::test]
async fn t17_nothing_is_served_before_chain_state_lets_it_run() {
    let build = bytes(100);
    let hash = hash_of(&build);
    let server = Server::holding(1, &[&build]).await;
    server.open.store(false, Ordering::SeqCst);
    let client = client(vec![server.node.address()]).await;
    assert!(client.holders(&hash).await.is_empty());
    for part in [Part::Data, Part::Tree] {
        assert_eq!(client.read(server.id(), &hash, part, 0, 1).await, Err(PeerReadError::NotHeld));
    }
    assert_eq!(server.count("overlay_artifact_bytes_served_total"), 0);
    server.open.store(true, Ordering::SeqCst);
    assert_eq!(client.read(server.id(), &hash, Part::Data, 0, 100).await, Ok(build));
}

#[tokio::test]
async fn t10_dead_mute_and_foreign_addresses_leave_the_others_untouched() {
    let build = bytes(100);
    let server = Server::holding(1, &[&build]).await;
    let foreign = Server::with(2, &[&build], |config, _| config.genesis_hash = Digest([8; 32])).await;
    // One port that nobody listens on, and one where nobody says anything.
    let dead: SocketAddr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let text = [dead.to_string(), mute.local_addr().unwrap().to_string(), "no.such.host.invalid:1".into()];
    let mut addresses: Vec<Multiaddr> = text.iter().map(|text| parse_address(text).unwrap()).collect();
    addresses.extend([foreign.node.address(), server.node.address()]);
    let config = config(&Home::new());
    let network = (&config.chain_id, &config.genesis_hash);
    let client = PeerClient::connect(network, addresses, Duration::from_secs(5)).await.unwrap();
    assert_eq!(client.peers().await, [server.id()]);
    assert_eq!(client.holders(&hash_of(&build)).await, [(server.id(), 100)]);
    let error = client.read(foreign.id(), &hash_of(&build), Part::Data, 0, 1).await.unwrap_err();
    assert!(matches!(error, PeerReadError::Unreachable(_)), "{error}");
}

#[tokio::test]
async fn a_peer_that_goes_away_and_returns_is_read_from_again() {
    let build = bytes(100);
    let hash = hash_of(&build);
    let server = Server::holding(1, &[&build]).await;
    let address = server.node.address();
    let client = client(vec![address.clone()]).await;
    assert_eq!(client.read(server.id(), &hash, Part::Data, 0, 100).await, Ok(build.clone()));
    server.node.overlay.stop().await.unwrap();
    let error = client.read(server.id(), &hash, Part::Data, 0, 100).await.unwrap_err();
    assert!(matches!(error, PeerReadError::Unreachable(_)), "{error}");
    let port: u16 = address.to_string().rsplit('/').next().unwrap().parse().unwrap();
    let again = Server::with(1, &[&build], |config, _| config.listen = ([127, 0, 0, 1], port).into()).await;
    assert_eq!(client.read(again.id(), &hash, Part::Data, 0, 100).await, Ok(build));
}

#[tokio::test]
async fn more_than_the_rate_is_busy_and_is_given_a_little_later() {
    let build = bytes(2 << 20);
    let hash = hash_of(&build);
    let server = Server::with(1, &[&build], |config, _| {
        config.mirror.as_mut().unwrap().max_bytes_per_second = u64::from(MOST_READ);
    })
    .await;
    let client = client(vec![server.node.address()]).await;
    let read = || client.read(server.id(), &hash, Part::Data, 0, MOST_READ);
    // One read at once, and the next when its half of a second's worth has come twice.
    let (first, second) = tokio::join!(read(), read());
    let busy = [first, second].into_iter().filter(|read| *read == Err(PeerReadError::Busy)).count();
    assert_eq!(busy, 1);
    assert_eq!(server.count("overlay_artifact_requests_total{backend=\"libp2p\",outcome=\"busy\"}"), 1);
    let patient = async { while read().await == Err(PeerReadError::Busy) {} };
    timeout(SOON, patient).await.expect("time brings more");
}

#[tokio::test]
async fn a_length_that_no_read_may_have_is_refused_here_and_there() {
    let build = bytes(100);
    let hash = hash_of(&build);
    let server = Server::holding(1, &[&build]).await;
    let client = client(vec![server.node.address()]).await;
    for length in [0, MOST_READ + 1, u32::MAX] {
        let read = client.read(server.id(), &hash, Part::Data, 0, length).await;
        assert_eq!(read, Err(PeerReadError::Length(length)));
        let ask = ArtifactAsk::Read { hash, part: Part::Data, offset: 0, length };
        assert_eq!(client.ask(server.id(), ask).await, Ok(ArtifactAnswer::OutOfRange));
    }
    assert!(server.node.overlay.status().refused_peers.is_empty());
}

#[tokio::test]
async fn t28_bytes_that_are_no_request_get_their_sender_refused() {
    let server = Server::holding(1, &[]).await;
    let garbage: [&[u8]; 3] = [b"\xff\xff\xff\xff", b"\x02\x00\x00\x00\x09\x09", b"\x00\x00\x00\x00"];
    for (number, bytes) in garbage.into_iter().enumerate() {
        let mut raw = Raw::connect(&server.node.address()).await;
        raw.send(server.id(), bytes.to_vec());
        assert!(raw.answer().await.is_err());
        let refused = |status: &crate::OverlayStatus| status.refused_peers.len() == number + 1;
        let status = server.node.until("the sender is refused", refused).await;
        assert!(status.refused_peers.iter().all(|peer| peer.reason.contains("no request")), "{status:?}");
    }
    assert_eq!(server.count("overlay_artifact_requests_total{backend=\"libp2p\",outcome=\"garbled\"}"), 3);
    let mut raw = Raw::connect(&server.node.address()).await;
    // A request that ends early may have been cut off by the network.
    raw.send(server.id(), b"\x21\x00\x00\x00\x00".to_vec());
    assert!(raw.answer().await.is_err());
    raw.send(server.id(), Raw::frame(&ArtifactAsk::Have { hash: hash_of(b"x") }));
    assert_eq!(raw.answer().await.unwrap(), Raw::frame(&ArtifactAnswer::NotHeld));
    assert_eq!(server.node.overlay.status().refused_peers.len(), 3);
}

/// A door that those who ask wait at.
#[derive(Default)]
struct Door {
    waiting: Mutex<(usize, bool)>,
    changed: Condvar,
}

impl Door {
    fn pass(&self) {
        let mut state = self.waiting.lock().unwrap();
        state.0 += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |(_, open)| !*open).unwrap());
    }

    fn open_when(&self, waiting: usize) {
        let state = self.waiting.lock().unwrap();
        self.changed.wait_while(state, |(there, _)| *there < waiting).unwrap().1 = true;
        self.changed.notify_all();
    }
}

#[tokio::test]
async fn what_a_peer_asks_at_once_is_bounded_and_others_are_answered_meanwhile() {
    let build = bytes(100);
    let hash = hash_of(&build);
    let door = Arc::new(Door::default());
    let at_door = door.clone();
    let server = Server::with(1, &[&build], |config, _| {
        config.mirror.as_mut().unwrap().may_serve = Arc::new(move |hash| {
            if *hash == hash_of(b"slow") {
                at_door.pass();
            }
            true
        });
    })
    .await;
    let mut greedy = Raw::connect(&server.node.address()).await;
    let slow = Raw::frame(&ArtifactAsk::Have { hash: hash_of(b"slow") });
    (0..9).for_each(|_| greedy.send(server.id(), slow.clone()));
    assert_eq!(greedy.answer().await.unwrap(), Raw::frame(&ArtifactAnswer::Busy), "the ninth, at once");
    let client = client(vec![server.node.address()]).await;
    assert_eq!(client.holders(&hash).await, [(server.id(), 100)]);
    tokio::task::spawn_blocking(move || door.open_when(8)).await.unwrap();
    for _ in 0..8 {
        assert_eq!(greedy.answer().await.unwrap(), Raw::frame(&ArtifactAnswer::NotHeld));
    }
    greedy.send(server.id(), slow);
    assert_eq!(greedy.answer().await.unwrap(), Raw::frame(&ArtifactAnswer::NotHeld), "and it may ask again");
}

#[tokio::test]
async fn t16_those_who_only_fetch_leave_places_to_nodes() {
    let build = bytes(100);
    // Three of four places are for those who come by themselves; without a bound, clients would take them all.
    let server = Server::with(1, &[&build], |config, _| config.max_peers = 4).await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(client(vec![server.node.address()]).await);
    }
    let home = Home::new();
    let node = Node::start(2, OverlayConfig { peers: vec![server.node.address()], ..config(&home) }).await;
    server.node.connected_with(&[&node]).await;
    node.connected_with(&[&server.node]).await;
    assert_eq!(clients[0].holders(&hash_of(&build)).await, [(server.id(), 100)], "the first one keeps its place");
    assert_eq!(server.node.overlay.status().live_peers.len(), 1);
}

#[tokio::test]
async fn a_node_that_serves_nothing_has_nothing_to_give_and_is_a_peer_all_the_same() {
    let build = bytes(100);
    let server = Server::with(1, &[&build], |config, _| config.mirror = None).await;
    let client = client(vec![server.node.address()]).await;
    assert_eq!(client.peers().await, [server.id()]);
    assert!(client.holders(&hash_of(&build)).await.is_empty());
    assert!(server.home.store().parent().unwrap().parent().unwrap().join("artifacts").exists());
}
