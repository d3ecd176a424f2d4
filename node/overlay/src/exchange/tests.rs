//! Stories on loopback, through real sockets: what waits at one node comes to wait at those that lack it.

use super::*;
use crate::tests::{Home, SOON, config};
use crate::{
    Cost, MessageChecker, MessageVerdict, OverlayConfig, OverlayHandle, OverlayMetrics, OverlayStatus, peer_id, start,
};
use libp2p::Multiaddr;
use tokio::{sync::watch, time::timeout};

/// A pool that takes everything but what begins with `bad` or `old`, and keeps it in the order in which it came.
#[derive(Clone)]
struct Pool(Arc<watch::Sender<Vec<Vec<u8>>>>);

impl Pool {
    fn of(messages: Vec<Vec<u8>>) -> Self {
        Self(Arc::new(watch::Sender::new(messages)))
    }

    fn all(&self) -> Vec<Vec<u8>> {
        self.0.borrow().clone()
    }

    fn find(&self, id: &TransactionHash) -> Option<Vec<u8>> {
        self.0.borrow().iter().find(|message| TransactionHash::of(message) == *id).cloned()
    }

    fn take(&self, message: &[u8]) -> MessageVerdict {
        match message.get(..3) {
            Some(b"bad") => return MessageVerdict::Reject,
            Some(b"old") => return MessageVerdict::Ignore(Cost::Much),
            _ => {}
        }
        let is_new = self.0.send_if_modified(|messages| {
            let is_new = !messages.iter().any(|known| known == message);
            if is_new {
                messages.push(message.to_vec());
            }
            is_new
        });
        if is_new { MessageVerdict::Accept } else { MessageVerdict::Ignore(Cost::Little) }
    }

    fn exchanged(&self) -> ExchangedPool {
        let (ready, lacks, read) = (self.clone(), self.clone(), self.clone());
        ExchangedPool {
            ready: Arc::new(move || ready.0.borrow().iter().map(|message| TransactionHash::of(message)).collect()),
            lacks: Arc::new(move |id| lacks.find(id).is_none()),
            read: Arc::new(move |id| read.find(id)),
        }
    }

    /// Waits until everything of another pool is here.
    async fn has(&self, other: &Pool) {
        let all = other.all();
        let mut messages = self.0.subscribe();
        let has = messages.wait_for(|messages| all.iter().all(|message| messages.contains(message)));
        timeout(SOON, has).await.expect("what waits there waits here in time").expect("the pool is there");
    }
}

struct Node {
    overlay: OverlayHandle,
    pool: Pool,
    _home: Home,
}

impl Node {
    async fn start(number: u8, messages: Vec<Vec<u8>>, peers: Vec<Multiaddr>) -> Self {
        let pool = Pool::of(messages);
        let exchanged = pool.exchanged();
        Self::with(number, pool, exchanged, peers).await
    }

    async fn with(number: u8, pool: Pool, exchanged: ExchangedPool, peers: Vec<Multiaddr>) -> Self {
        let home = Home::new();
        let config = OverlayConfig { peers, pool: Some(exchanged), ..config(&home) };
        let taking = pool.clone();
        let checker: MessageChecker = Arc::new(move |message: &[u8]| taking.take(message));
        let overlay = start(config, [number; 32], checker, OverlayMetrics::default()).await.unwrap();
        Self { overlay, pool, _home: home }
    }

    fn address(&self) -> Multiaddr {
        self.overlay.status().listen[0].parse().unwrap()
    }

    async fn until(&self, what: &str, holds: impl Fn(&OverlayStatus) -> bool) {
        let mut status = self.overlay.watch_status();
        let met = timeout(SOON, status.wait_for(|status| holds(status))).await;
        drop(met.unwrap_or_else(|_| panic!("not in time: {what}")).unwrap());
    }
}

fn messages(of: &str, count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| format!("{of} {number}").into_bytes()).collect()
}

#[test]
fn the_longest_asks_and_answers_are_within_their_bounds() {
    let id = TransactionHash::of(b"some");
    assert!(PoolAsk::Transactions { ids: vec![id; BATCH] }.encoded_size() <= ASK_BYTES);
    assert!(PoolAsk::Transactions { ids: vec![id; BATCH + 1] }.encoded_size() > ASK_BYTES);
    assert!(PoolAnswer::Ids { ids: vec![id; PAGE], more: true }.encoded_size() <= answer_bytes(1));
    for max_message_bytes in [1, 4096, 1 << 24] {
        let mut given = vec![vec![0; (ENOUGH_BYTES - 1) / (BATCH - 1)]; BATCH - 1];
        given.push(vec![0; max_message_bytes]);
        let answer = PoolAnswer::Transactions { given, looked_at: u32::MAX };
        assert!(answer.encoded_size() <= answer_bytes(max_message_bytes), "{max_message_bytes}");
    }
}

#[tokio::test]
async fn h26_nodes_that_meet_learn_of_each_other_what_waits() {
    let a = Node::start(1, messages("of a", 300), Vec::new()).await;
    let b = Node::start(2, messages("of b", 3), vec![a.address()]).await;
    b.pool.has(&a.pool).await;
    a.pool.has(&b.pool).await;
    assert_eq!(b.pool.all()[3..], messages("of a", 300), "in the order in which they wait");
}

#[tokio::test]
async fn h26_what_was_told_in_vain_reaches_those_who_lack_it() {
    let a = Node::start(1, messages("of a", 1), Vec::new()).await;
    let b = Node::start(2, Vec::new(), vec![a.address()]).await;
    b.pool.has(&a.pool).await;
    // Nobody gossips these, as a node does not that finds they were gossiped before.
    for message in messages("later", 5) {
        a.pool.take(&message);
    }
    b.pool.has(&a.pool).await;
}

#[tokio::test]
async fn h26_who_gives_what_no_node_gives_is_refused_and_others_are_asked() {
    let bad = Node::start(1, vec![b"bad".to_vec()], Vec::new()).await;
    let good = Node::start(3, messages("good", 10), Vec::new()).await;
    let node = Node::start(2, Vec::new(), vec![bad.address(), good.address()]).await;
    node.until("the liar is refused", |status| status.refused_peers.len() == 1).await;
    let refused = node.overlay.status().refused_peers.remove(0);
    assert_eq!(refused.peer_id, peer_id(&[1; 32]).to_base58());
    assert!(refused.reason.contains("no node of this network answers"), "{}", refused.reason);
    node.pool.has(&good.pool).await;
    assert_eq!(node.overlay.status().live_peers.len(), 1);
}

#[tokio::test]
async fn h22_who_gives_what_is_of_no_use_is_refused_once_that_was_reconsidered() {
    let useless = Node::start(1, messages("old", 700), Vec::new()).await;
    let node = Node::start(2, Vec::new(), vec![useless.address()]).await;
    node.until("it is refused", |status| status.refused_peers.len() == 1).await;
    assert!(node.pool.all().is_empty());
}

#[tokio::test]
async fn h26_who_names_what_it_does_not_give_holds_nobody_up() {
    let (good, waits) = (messages("good", 200), Pool::of(messages("good", 200)));
    let empty = ExchangedPool { read: Arc::new(|_| None), ..waits.exchanged() };
    let withholds = Node::with(1, waits, empty, Vec::new()).await;
    let node = Node::start(2, Vec::new(), vec![withholds.address()]).await;
    node.until("they are connected", |status| status.live_peers.len() == 1).await;
    let gives = Node::start(3, good, vec![node.address()]).await;
    node.pool.has(&gives.pool).await;
}
