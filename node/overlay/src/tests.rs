//! Stories on loopback, through real sockets.

use super::*;
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};

/// Far above what anything here takes, even on a busy machine.
pub(super) const SOON: Duration = Duration::from_secs(60);

/// A directory that is removed again.
pub(super) struct Home(PathBuf);

impl Home {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("the-block-overlay-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn store(&self) -> PathBuf {
        self.0.join("overlay/peers.json")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running overlay that hands over what its checker accepts.
pub(super) struct Node {
    pub(super) overlay: OverlayHandle,
    inbox: mpsc::UnboundedReceiver<Vec<u8>>,
    seed: [u8; 32],
}

pub(super) fn config(home: &Home) -> OverlayConfig {
    testing::on_loopback(home.store(), ChainId::new("test-1").unwrap(), Digest([7; 32]), 4096)
}

impl Node {
    /// A node that rejects what begins with `bad` and ignores what begins with `old`.
    pub(super) async fn start(number: u8, config: OverlayConfig) -> Self {
        Self::judging(number, config, |message| match message.get(..3) {
            Some(b"bad") => MessageVerdict::Reject,
            Some(b"old") => MessageVerdict::Ignore(Cost::Nothing),
            _ => MessageVerdict::Accept,
        })
        .await
    }

    async fn judging(number: u8, config: OverlayConfig, judge: fn(&[u8]) -> MessageVerdict) -> Self {
        Self::counting(number, config, judge, OverlayMetrics::default()).await
    }

    pub(super) async fn counting(
        number: u8,
        config: OverlayConfig,
        judge: fn(&[u8]) -> MessageVerdict,
        metrics: OverlayMetrics,
    ) -> Self {
        let (arrived, inbox) = mpsc::unbounded_channel();
        let checker: MessageChecker = Arc::new(move |message: &[u8]| {
            let verdict = judge(message);
            if verdict == MessageVerdict::Accept {
                let _ = arrived.send(message.to_vec());
            }
            verdict
        });
        let seed = [number; 32];
        let overlay = start(config, seed, checker, metrics).await.unwrap();
        Self { overlay, inbox, seed }
    }

    pub(super) fn address(&self) -> Multiaddr {
        self.overlay.status().listen[0].parse().unwrap()
    }

    pub(super) fn id(&self) -> String {
        peer_id(&self.seed).to_base58()
    }

    pub(super) async fn until(&self, what: &str, holds: impl Fn(&OverlayStatus) -> bool) -> OverlayStatus {
        let mut status = self.overlay.watch_status();
        let met = timeout(SOON, status.wait_for(|status| holds(status))).await;
        match met {
            Ok(met) => met.unwrap().clone(),
            Err(_) => panic!("not in time: {what}; {:#?}", self.overlay.status()),
        }
    }

    pub(super) async fn connected_with(&self, others: &[&Node]) {
        for other in others {
            self.until("connected", |status| status.live_peers.iter().any(|peer| peer.peer_id == other.id())).await;
        }
    }

    pub(super) async fn receives(&mut self) -> Vec<u8> {
        timeout(SOON, self.inbox.recv()).await.expect("a message in time").expect("the overlay runs")
    }
}

#[tokio::test]
async fn two_nodes_gossip_even_what_was_published_before_they_met() {
    let (home, other_home) = (Home::new(), Home::new());
    let mut a = Node::start(1, config(&home)).await;
    a.overlay.publish(b"early".to_vec()).unwrap();
    let mut b = Node::start(2, OverlayConfig { peers: vec![a.address()], ..config(&other_home) }).await;
    assert_eq!(b.receives().await, b"early");
    b.overlay.publish(b"reply".to_vec()).unwrap();
    assert_eq!(a.receives().await, b"reply");
    let status = a.until("b is persisted", |status| status.persisted_peers == 1).await;
    assert_eq!((status.backend.as_str(), status.live_peers[0].direction), ("libp2p", Direction::Inbound));
    let json = serde_json::to_value(&status).unwrap();
    assert_eq!(json["live_peers"][0]["peer_id"], b.id());
    assert_eq!(serde_json::from_value::<OverlayStatus>(json).unwrap(), status);
}

#[tokio::test]
async fn o16_peers_come_by_each_address_that_is_listened_on() {
    let homes: Vec<Home> = (0..3).map(|_| Home::new()).collect();
    let also_listen = vec!["[::1]:0".parse().unwrap()];
    let a = Node::start(1, OverlayConfig { also_listen, ..config(&homes[0]) }).await;
    let listens = a.until("both are listened on", |status| status.listen.len() == 2).await.listen;
    for (number, (family, home)) in (2..).zip(["/ip4/127.0.0.1/", "/ip6/::1/"].iter().zip(&homes[1..])) {
        let address = listens.iter().find(|address| address.starts_with(family)).expect("an address of each family");
        let b = Node::start(number, OverlayConfig { peers: vec![address.parse().unwrap()], ..config(home) }).await;
        a.connected_with(&[&b]).await;
    }
}

#[tokio::test]
async fn four_nodes_that_all_dial_each_other_connect_once_and_gossip_to_all() {
    let homes: Vec<Home> = (0..4).map(|_| Home::new()).collect();
    // The ports have to be known before anyone starts.
    let reserved: Vec<_> = (0..4).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let sockets: Vec<SocketAddr> = reserved.iter().map(|socket| socket.local_addr().unwrap()).collect();
    drop(reserved);
    let mut nodes = Vec::new();
    for (number, home) in homes.iter().enumerate() {
        let peers = sockets.iter().map(|socket| address::of_socket(*socket)).collect();
        nodes.push(
            Node::start(number as u8 + 1, OverlayConfig { listen: sockets[number], peers, ..config(home) }).await,
        );
    }
    for node in &nodes {
        node.until("three peers", |status| status.live_peers.len() == 3).await;
    }
    for sender in 0..4 {
        let message = format!("from {sender}").into_bytes();
        nodes[sender].overlay.publish(message.clone()).unwrap();
        for receiver in (0..4).filter(|receiver| *receiver != sender) {
            assert_eq!(nodes[receiver].receives().await, message);
        }
    }
}

#[tokio::test]
async fn a_rejected_message_is_not_forwarded_and_its_sender_loses_score_until_it_is_refused() {
    let homes = [Home::new(), Home::new(), Home::new()];
    let middle = Node::start(2, config(&homes[1])).await;
    let peers = || vec![middle.address()];
    let sender = Node::start(1, OverlayConfig { peers: peers(), ..config(&homes[0]) }).await;
    let end = OverlayConfig { peers: peers(), ..config(&homes[2]) };
    let mut end = Node::judging(3, end, |_| MessageVerdict::Accept).await;
    middle.connected_with(&[&sender, &end]).await;

    sender.overlay.publish(b"first".to_vec()).unwrap();
    assert_eq!(end.receives().await, b"first");
    sender.overlay.publish(b"bad 1".to_vec()).unwrap();
    let score = |status: &OverlayStatus| {
        status.live_peers.iter().find(|peer| peer.peer_id == sender.id()).map(|peer| peer.score)
    };
    middle.until("the sender's score falls", |status| score(status).is_some_and(|score| score < 0.0)).await;
    sender.overlay.publish(b"old, and nobody's fault".to_vec()).unwrap();
    sender.overlay.publish(b"second".to_vec()).unwrap();
    assert_eq!(end.receives().await, b"second", "what was rejected or ignored does not travel on");
    sender.overlay.publish(b"third".to_vec()).unwrap();
    assert_eq!(end.receives().await, b"third", "nor does it later");

    for number in 2..8 {
        sender.overlay.publish(format!("bad {number}").into_bytes()).unwrap();
    }
    let status = middle.until("the sender is refused", |status| status.refused_peers.len() == 1).await;
    assert_eq!(status.refused_peers[0].peer_id, sender.id());
    assert!(status.refused_peers[0].reason.contains("score"), "{:?}", status.refused_peers);
    sender.until("the sender is disconnected", |status| status.live_peers.is_empty()).await;
    middle.connected_with(&[&end]).await;
}

#[tokio::test]
async fn a_node_of_a_foreign_chain_is_refused() {
    let (home, other_home) = (Home::new(), Home::new());
    let a = Node::start(1, config(&home)).await;
    let foreign = OverlayConfig { genesis_hash: Digest([8; 32]), peers: vec![a.address()], ..config(&other_home) };
    let b = Node::start(2, foreign).await;
    let status = b.until("refused", |status| !status.refused_peers.is_empty()).await;
    assert_eq!(status.refused_peers[0].peer_id, a.id());
    assert!(status.refused_peers[0].reason.contains(&Digest([7; 32]).to_string()), "{:?}", status.refused_peers);
    for node in [&a, &b] {
        let status = node.overlay.status();
        assert!(status.live_peers.is_empty() && status.persisted_peers == 0);
    }
}

#[tokio::test]
async fn peers_are_remembered_over_a_restart_without_configuration() {
    let (home, other_home) = (Home::new(), Home::new());
    let a = Node::start(1, config(&home)).await;
    let b = Node::start(2, OverlayConfig { peers: vec![a.address()], ..config(&other_home) }).await;
    a.connected_with(&[&b]).await;
    a.overlay.stop().await.unwrap();
    a.overlay.stop().await.unwrap();
    assert_eq!(a.overlay.publish(Vec::new()), Err(PublishError::Stopped));
    b.until("a is gone", |status| status.live_peers.is_empty()).await;

    let text = std::fs::read_to_string(home.store()).unwrap();
    assert!(text.contains(&b.id()) && text.contains("\"version\": 1"), "{text}");
    // Another port, so that b, who knows only the old one, cannot be the one that finds the other.
    let mut a = Node::start(1, config(&home)).await;
    a.connected_with(&[&b]).await;
    assert_eq!(a.overlay.status().live_peers[0].direction, Direction::Outbound);
    b.connected_with(&[&a]).await;
    b.overlay.publish(b"welcome back".to_vec()).unwrap();
    assert_eq!(a.receives().await, b"welcome back");
}

#[tokio::test]
async fn a_peer_that_goes_away_and_returns_is_dialled_again() {
    let (home, other_home) = (Home::new(), Home::new());
    let a = Node::start(1, config(&home)).await;
    let b = Node::start(2, OverlayConfig { peers: vec![a.address()], ..config(&other_home) }).await;
    b.connected_with(&[&a]).await;
    let socket =
        a.address().to_string().rsplit('/').next().unwrap().parse().map(|port| ([127, 0, 0, 1], port)).unwrap();
    a.overlay.stop().await.unwrap();
    b.until("a is gone", |status| status.live_peers.is_empty()).await;
    std::fs::remove_file(home.store()).unwrap();
    let a = Node::start(1, OverlayConfig { listen: socket.into(), ..config(&home) }).await;
    b.connected_with(&[&a]).await;
    assert_eq!(b.overlay.status().live_peers[0].direction, Direction::Outbound);
}

#[tokio::test]
async fn o24_a_cloned_node_key_is_named_by_both_and_by_a_third_until_each_has_its_own() {
    let homes = [Home::new(), Home::new(), Home::new()];
    // Each knows the other's place, as in a network whose files were copied: who is dialled need not learn who hung up.
    let reserved = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = reserved.local_addr().unwrap();
    drop(reserved);
    let peers = vec![address::of_socket(listen)];
    let copy = Node::start(1, OverlayConfig { peers, ..config(&homes[1]) }).await;
    let address = copy.address();
    let original = Node::start(1, OverlayConfig { listen, peers: vec![address.clone()], ..config(&homes[0]) }).await;
    let peers = vec![original.address(), address.clone()];
    let third = Node::start(3, OverlayConfig { peers, ..config(&homes[2]) }).await;
    let warned = |own: bool| move |status: &OverlayStatus| status.shared_keys.iter().any(|key| key.own == own);
    let status = original.until("the original says it", warned(true)).await;
    let [key] = &status.shared_keys[..] else { panic!("{status:?}") };
    for part in [original.id(), address.to_string(), "config/node.key".to_owned()] {
        assert!(key.warning.contains(&part), "{}", key.warning);
    }
    let place = homes[0].store().parent().expect("a folder").display().to_string();
    assert!(!key.warning.contains(&place), "strangers read it as well: {}", key.warning);
    let status = copy.until("the copy says it", warned(true)).await;
    assert!(status.shared_keys[0].warning.contains("/ip4/127.0.0.1"), "{status:?}");
    let status = third.until("a third says it", warned(false)).await;
    let [key] = &status.shared_keys[..] else { panic!("{status:?}") };
    for part in [original.id(), address.to_string(), original.address().to_string(), "node.key".to_owned()] {
        assert!(key.warning.contains(&part), "{}", key.warning);
    }

    // The copy comes back with a key of its own, at the same address, and dials nobody.
    copy.overlay.stop().await.unwrap();
    std::fs::remove_file(homes[1].store()).unwrap();
    let port: u16 = address.to_string().rsplit('/').next().unwrap().parse().unwrap();
    let listen = ([127, 0, 0, 1], port).into();
    let own = Node::start(2, OverlayConfig { listen, ..config(&homes[1]) }).await;
    original.connected_with(&[&own, &third]).await;
    third.connected_with(&[&own, &original]).await;
}

#[tokio::test]
async fn o24_a_node_that_meets_its_own_address_warns_of_nothing() {
    let home = Home::new();
    let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    // What is behind a translator meets itself at an address that it does not listen on.
    let peers = vec![address::of_socket(door.local_addr().unwrap())];
    let node = Node::start(1, OverlayConfig { peers, ..config(&home) }).await;
    let port: u16 = node.address().to_string().rsplit('/').next().unwrap().parse().unwrap();
    // The fourth dial is more than two seconds after the first: by then the first would have been told of.
    for _ in 0..4 {
        let (mut inside, _) = timeout(SOON, door.accept()).await.expect("it dials again").unwrap();
        tokio::spawn(async move {
            let mut outside = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            // Either end may hang up first.
            let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
        });
    }
    assert_eq!(node.overlay.status().shared_keys, []);
}

#[tokio::test]
async fn who_watches_the_status_is_woken_by_changes_alone() {
    let home = Home::new();
    let node = Node::start(1, config(&home)).await;
    let mut status = node.overlay.watch_status();
    status.mark_unchanged();
    // The status is renewed every second.
    timeout(Duration::from_millis(1_500), status.changed()).await.expect_err("nothing changed");
}

#[tokio::test]
async fn an_oversize_message_is_refused_here_and_punished_elsewhere() {
    let (home, other_home) = (Home::new(), Home::new());
    let mut small = Node::start(1, OverlayConfig { max_message_bytes: 1024, ..config(&home) }).await;
    assert_eq!(small.overlay.publish(vec![0; 1025]), Err(PublishError::TooLarge { have: 1025, max: 1024 }));
    let large = Node::start(2, OverlayConfig { peers: vec![small.address()], ..config(&other_home) }).await;
    small.connected_with(&[&large]).await;
    large.overlay.publish(vec![1; 1024]).unwrap();
    assert_eq!(small.receives().await.len(), 1024);
    // One just above the limit, and one above what the envelope could explain.
    for (bytes, rejected) in [(1025, -5.0), (4096, -30.0)] {
        large.overlay.publish(vec![2; bytes]).unwrap();
        small.until("score falls", |status| status.live_peers.first().is_some_and(|peer| peer.score < rejected)).await;
    }
    large.overlay.publish(vec![3; 10]).unwrap();
    assert_eq!(small.receives().await, [3; 10]);
}

#[tokio::test]
async fn a_port_in_use_and_a_limit_out_of_range_are_said_in_words() {
    let home = Home::new();
    let a = Node::start(1, config(&home)).await;
    let socket: SocketAddr =
        ([127, 0, 0, 1], a.address().to_string().rsplit('/').next().unwrap().parse().unwrap()).into();
    let ignores: MessageChecker = Arc::new(|_: &[u8]| MessageVerdict::Ignore(Cost::Nothing));
    let attempt = |config| start(config, [2; 32], ignores.clone(), OverlayMetrics::default());
    let error = attempt(OverlayConfig { listen: socket, ..config(&home) }).await.unwrap_err();
    assert!(matches!(error, OverlayError::PortInUse(port) if port == socket), "{error}");
    let error = attempt(OverlayConfig { max_peers: 0, ..config(&home) }).await.unwrap_err();
    assert_eq!(error.to_string(), "overlay configuration: max_peers is 0; it must be from 1 to 4096");
}

#[tokio::test]
async fn a_damaged_peer_store_is_an_error_that_names_it() {
    let home = Home::new();
    let id = peer_id(&[1; 32]).to_base58();
    let peer = |id: &str, rest: &str| {
        format!(
            "{{\"peer_id\": \"{id}\",\n\"addresses\": [\"/ip4/1.2.3.4/tcp/5\"],\n\"first_seen\": 1, \"last_seen\": 2, \"score\": 0.5{rest}}}"
        )
    };
    let store =
        |version: u32, peers: &[String]| format!("{{\"version\": {version},\n\"peers\": [\n{}\n]}}", peers.join(",\n"));
    for (text, line, reason) in [
        (String::new(), 1, "EOF"),
        (store(2, &[]), 1, "version 2"),
        (store(1, &[peer("nobody", "")]), 3, "not a peer id"),
        (store(1, &[peer(&id, ""), peer(&id, "")]), 6, "twice"),
        (store(1, &[peer(&id, ", \"colour\": 1")]), 5, "colour"),
        (store(1, &[peer(&id, "").replace("/tcp/5", "/udp/5")]), 4, "not a peer address"),
        (store(1, &[peer(&id, "").replace("\"first_seen\": 1", "\"first_seen\": 3")]), 3, "first seen at 3"),
        (store(1, &[peer(&id, "")]) + "x", 6, "trailing"),
    ] {
        write_store(&home.store(), &text);
        let checker: MessageChecker = Arc::new(|_: &[u8]| MessageVerdict::Ignore(Cost::Nothing));
        let error = start(config(&home), [1; 32], checker, OverlayMetrics::default()).await.unwrap_err().to_string();
        let place = format!("{}, line {line}:", home.store().display());
        assert!(error.contains(&place) && error.contains(reason) && error.contains("move the file away"), "{error}");
        assert_eq!(std::fs::read_to_string(home.store()).unwrap(), text, "the file is left for the operator");
    }
    write_store(&home.store(), &store(1, &[peer(&id, ", \"migrated_at\": 9")]));
    let loaded = PeerStore::load(&home.store()).unwrap();
    assert_eq!(loaded.peers().next().and_then(|record| record.migrated_at), Some(9));
    loaded.save().unwrap();
    assert_eq!(std::fs::read(home.store()).unwrap(), loaded.document());
}

#[test]
fn a_full_peer_store_drops_the_lowest_score_and_then_the_oldest() {
    let home = Home::new();
    let mut store = PeerStore::load(&home.store()).unwrap();
    let record = |seed: u64, score, last_seen| {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        PeerRecord {
            peer_id: peer_id(&bytes),
            addresses: Vec::new(),
            first_seen: last_seen,
            last_seen,
            score,
            migrated_at: None,
        }
    };
    let (bad, oldest) = (record(1000, -1.0, 900), record(1001, 0.0, 1));
    store.insert(bad.clone());
    store.insert(oldest.clone());
    for seed in 0..PeerStore::CAPACITY as u64 {
        store.insert(record(seed, 0.0, 100));
        assert!(store.peers().len() <= PeerStore::CAPACITY);
    }
    assert!(!store.peers().any(|peer| peer.peer_id == bad.peer_id || peer.peer_id == oldest.peer_id));
    store.save().unwrap();
    assert_eq!(PeerStore::load(&home.store()).unwrap().peers().len(), PeerStore::CAPACITY);
}

#[test]
fn h25_ids_of_today_push_out_nobody_who_is_known_for_long_and_is_there() {
    const DAY: u64 = 24 * 3600;
    let home = Home::new();
    let mut store = PeerStore::load(&home.store()).unwrap();
    let id = |number: u16| {
        let mut seed = [0; 32];
        seed[..2].copy_from_slice(&number.to_le_bytes());
        peer_id(&seed)
    };
    let (today, half) = (1_800_000_000, PeerStore::CAPACITY as u16 / 2);
    let (known, gone, bad) = (0..half - 1, half, half + 1);
    let record = |number, since, until, score| PeerRecord {
        peer_id: id(number),
        addresses: Vec::new(),
        first_seen: since,
        last_seen: until,
        score,
        migrated_at: None,
    };
    for number in known.clone() {
        // This node was off for two weeks, and has not met them since.
        store.insert(record(number, today - 44 * DAY, today - 14 * DAY, -1.0));
    }
    store.insert(record(gone, today - 300 * DAY, today - 200 * DAY, 0.0));
    store.insert(record(bad, today - 300 * DAY, today, -100.0));
    for number in half + 2..half + 1000 {
        store.seen(id(number), Vec::new(), today);
        store.rate(&id(number), 16.0, today + u64::from(number));
    }
    assert_eq!(store.peers().len(), PeerStore::CAPACITY);
    let there = |number| store.peers().any(|peer| peer.peer_id == id(number));
    for number in known {
        assert!(there(number), "whatever its score and however many came");
    }
    assert!(!there(gone) && !there(bad), "these keep no place");
}

#[test]
fn h25_a_clock_that_is_set_back_makes_nobody_known_for_longer_and_spoils_no_store() {
    let home = Home::new();
    let mut store = PeerStore::load(&home.store()).unwrap();
    let id = peer_id(&[1; 32]);
    store.seen(id, Vec::new(), 100);
    store.seen(id, Vec::new(), 50);
    store.rate(&id, 1.0, 60);
    store.save().unwrap();
    let loaded = PeerStore::load(&home.store()).unwrap();
    let times: Vec<_> = loaded.peers().map(|peer| (peer.first_seen, peer.last_seen)).collect();
    assert_eq!(times, [(100, 100)]);
}

fn write_store(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[tokio::test]
async fn what_was_cosigned_reaches_those_who_joined_its_topic_and_nobody_else() {
    let homes = [Home::new(), Home::new(), Home::new()];
    let a = Node::start(1, config(&homes[0])).await;
    let mut b = Node::start(2, OverlayConfig { peers: vec![a.address()], ..config(&homes[1]) }).await;
    let mut c = Node::start(3, OverlayConfig { peers: vec![a.address()], ..config(&homes[2]) }).await;
    a.connected_with(&[&b, &c]).await;
    for node in [&a, &b] {
        node.overlay.hear_cosignatures(true).unwrap();
    }
    // Until `a` knows that `b` joined, what it tells goes nowhere.
    let heard = async {
        for number in 0u32.. {
            a.overlay.publish([&[COSIGNATURE][..], &number.to_be_bytes()].concat()).unwrap();
            if let Ok(Some(heard)) = timeout(Duration::from_millis(100), b.inbox.recv()).await {
                return heard;
            }
        }
        Vec::new()
    };
    let heard = timeout(SOON, heard).await.expect("it is heard in time");
    assert_eq!((heard.len(), heard[0]), (5, COSIGNATURE));
    a.overlay.publish(b"a transaction".to_vec()).unwrap();
    assert_eq!(c.receives().await, b"a transaction", "nothing came before");
    let long = vec![COSIGNATURE; MOST_COSIGNATURE_BYTES + 1];
    let refused = a.overlay.publish(long).unwrap_err();
    assert_eq!(refused, PublishError::TooLarge { have: MOST_COSIGNATURE_BYTES + 1, max: MOST_COSIGNATURE_BYTES });
}
