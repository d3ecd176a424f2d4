//! One validator's judgement, without a network: what it streams is handed to another by hand.

mod by_ids;
mod kept;

use super::*;
use crate::application::Application;
use crate::application::Blame;
use crate::connections::Connections;
use crate::signing::Signatory;
use crate::tests::peer_address;
use crate::tests::{Memory, config, peer, secret};
use crate::threads::workers;
use crate::undecided::Undecided;
use arc_malachitebft_app::engine::host::SyncedValueOutcome;
use arc_malachitebft_app::engine::network::PersistentPeersOp;
use arc_malachitebft_app_channel::{NetworkMsg, NetworkRequest};
use libp2p::Multiaddr;
use primitives::BlockHash;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use tokio::sync::mpsc;

type Part = StreamMessage<ProposalPart>;

struct Node {
    n: u8,
    app: Arc<Memory>,
    answers: AppLoop,
    published: mpsc::Receiver<NetworkMsg<ChainContext>>,
}

/// A node to which the peers of all validators, and one more, are configured.
fn node(n: u8, dir: &Path) -> Node {
    node_that_knows(n, dir, &[1, 2, 3, 4, 5])
}

fn node_that_knows(n: u8, dir: &Path, peers: &[u8]) -> Node {
    let app = Memory::new(n, &[(0, &[1, 2, 3, 4])]);
    let (network, published) = mpsc::channel(100);
    let mut config = config(n, dir, 0, &[]);
    config.peers = peers.iter().map(|peer| peer_address(*peer)).collect();
    let undecided = Undecided::open(&config.dir, app.head()).unwrap();
    let signatory = Signatory::new(app.chain_id(), secret(n));
    let answers =
        AppLoop::new(app.clone(), workers().unwrap(), signatory, peer(n), &config, undecided, network).unwrap();
    Node { n, app, answers, published }
}

impl Node {
    /// What the node streams when it proposes for a round of height 1.
    async fn proposes(&mut self, round: u32) -> (LocallyProposedValue<ChainContext>, Vec<Part>) {
        let (reply, value) = oneshot::channel();
        self.answers.propose(Height(1), Round::new(round), Duration::from_secs(9), reply).await.unwrap();
        (value.await.unwrap(), self.streamed())
    }

    async fn streams(&mut self, block: Arc<Block>, round: u32, pol_round: Round) -> Vec<Part> {
        self.answers.stream(block, Round::new(round), pol_round).await.unwrap();
        self.streamed()
    }

    fn streamed(&mut self) -> Vec<Part> {
        std::iter::from_fn(|| self.published.try_recv().ok())
            .map(|NetworkMsg::PublishProposalPart(part)| part)
            .collect()
    }

    /// The verdict after all parts, published by node `by`.
    async fn hears(&mut self, by: u8, parts: Vec<Part>) -> Option<ProposedValue<ChainContext>> {
        let mut verdict = None;
        for part in parts {
            let key = (peer(by), part.stream_id.clone());
            verdict = self.answers.receive(peer(by), key, part).await.unwrap().or(verdict);
        }
        verdict
    }

    /// The verdict after all parts, and after what their publisher answers where this node asks for something.
    async fn hears_out(&mut self, publisher: &mut Node, parts: Vec<Part>) -> Option<ProposedValue<ChainContext>> {
        let verdict = self.hears(publisher.n, parts).await;
        publisher.hears(self.n, self.streamed()).await;
        self.hears(publisher.n, publisher.streamed()).await.or(verdict)
    }

    fn validated(&self) -> usize {
        self.app.validated.load(Ordering::SeqCst)
    }

    /// How many blocks came in chunks.
    fn in_chunks(&self) -> usize {
        self.app.in_chunks.load(Ordering::SeqCst)
    }

    /// How often ids were looked up.
    fn looked_up(&self) -> usize {
        self.app.looked_up.load(Ordering::SeqCst)
    }

    /// Has the block of height 1 decided, and begins with height 2.
    async fn goes_on_after(&mut self, block: &Block) -> Vec<ProposedValue<ChainContext>> {
        let (height, round) = (Height(1), 0);
        let certificate = runtime::Certificate { height, round, block: block.hash(), signatures: Default::default() };
        self.app.commit(block.clone(), certificate).unwrap();
        self.answers.seen_before(Height(2)).await.unwrap()
    }

    /// The verdict after all parts that node `by` published and `through` delivered.
    async fn hears_through(
        &mut self,
        through: u8,
        by: PeerId,
        parts: Vec<Part>,
    ) -> Option<ProposedValue<ChainContext>> {
        let mut verdict = None;
        for part in parts {
            let key = (by, part.stream_id.clone());
            verdict = self.answers.receive(peer(through), key, part).await.unwrap().or(verdict);
        }
        verdict
    }

    /// How often it heard of a blame.
    fn blames(&self, blame: Blame) -> usize {
        self.app.blamed.lock().unwrap().iter().filter(|heard| **heard == blame).count()
    }

    /// From now on, how many signatures it checks, and how many of them on this thread.
    fn counted(&mut self) -> Arc<[AtomicUsize; 2]> {
        let (counts, here) = (Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]), thread::current().id());
        let (counting, check) = (counts.clone(), self.answers.is_announced.clone());
        self.answers.is_announced = Arc::new(move |of: &Announcement, key: &StreamKey, by: &Signature| {
            counting[0].fetch_add(1, Ordering::SeqCst);
            counting[1].fetch_add(usize::from(thread::current().id() == here), Ordering::SeqCst);
            check(of, key, by)
        });
        counts
    }
}

fn counted(counts: &[AtomicUsize; 2]) -> [usize; 2] {
    counts.each_ref().map(|count| count.load(Ordering::SeqCst))
}

/// The announcement in front of some parts, `count` times as somebody sends it who has not the proposer's key, each with a chunk.
fn forgeries(parts: &[Part], count: u32) -> Vec<Part> {
    let Some(ProposalPart::Announce(announcement, _)) = parts[0].content.as_data().cloned() else {
        panic!("{parts:?}")
    };
    let forged = |n: u32| {
        let id = StreamId::new(n.encode().into());
        let announced = ProposalPart::Announce(announcement.clone(), Signature([1; 64]));
        let chunk = ProposalPart::Chunk { bytes: vec![1; 10], last: false };
        [(0, announced), (1, chunk)].map(|(n, part)| Part::new(id.clone(), n, StreamContent::Data(part)))
    };
    (0..count).flat_map(forged).collect()
}

/// What the engine was asked to do with its peers, answered.
async fn asked_of_the_engine(requests: &mut mpsc::Receiver<NetworkRequest>) -> PersistentPeersOp {
    let Some(NetworkRequest::UpdatePersistentPeers(change, reply)) = requests.recv().await else {
        panic!("something else was asked")
    };
    reply.send(Ok(())).unwrap();
    change
}

#[tokio::test]
async fn h16_ten_thousand_bad_announcements_cost_three_verifications_and_none_on_the_loop() {
    let World { mut proposer, mut other, dir: _dir } = world();
    let (_, parts) = proposer.proposes(0).await;
    let hostile = (1..=5).find(|n| ![proposer.n, other.n].contains(n)).unwrap();
    let (requests, mut asked) = mpsc::channel(16);
    other.answers.connections = Some(Connections::new(requests));
    let counts = other.counted();

    let verdict = other.hears(hostile, forgeries(&parts, 10_000)).await;
    assert_eq!((verdict, counted(&counts)), (None, [3, 0]));
    assert_eq!((other.blames(Blame::Forged), other.blames(Blame::Out)), (3, 1));
    // Heard are three announcements, and the chunks behind the first two.
    assert_eq!(other.blames(Blame::Unheard), 2 * 10_000 - 5);
    assert_eq!(other.app.sets_read.load(Ordering::SeqCst), 1, "the set of the height is decoded once");

    // The proposal that came last is judged all the same, with one more verification.
    assert!(is_valid(other.hears(proposer.n, parts).await));
    assert_eq!(counted(&counts), [4, 0]);

    // The connection of the sender ends, and of nobody else.
    assert_eq!(asked_of_the_engine(&mut asked).await, PersistentPeersOp::Remove(peer_address(hostile)));
    assert!(!other.answers.senders.is_out(&Payer::Publisher(peer(proposer.n))));
    other.answers.forget_senders(Height(0));
    assert_eq!(other.answers.streams.held(), 0, "nothing of it is kept");
}

#[tokio::test]
async fn h16_invented_publishers_cost_no_more_and_the_neighbour_that_passes_them_on_is_not_blamed() {
    let dir = tempfile::tempdir().unwrap();
    let (proposer, other) = turns(&node(1, dir.path()), 1, 0);
    let (mut proposer, mut other) = (node(proposer, dir.path()), node_that_knows(other, dir.path(), &[5]));
    let (_, parts) = proposer.proposes(0).await;
    let (requests, mut asked) = mpsc::channel(16);
    other.answers.connections = Some(Connections::new(requests));
    let counts = other.counted();

    // The first time that a validator speaks through the neighbour, it is heard; that proves its peer.
    let (by, neighbour) = (peer(proposer.n), 5);
    assert!(is_valid(other.hears_through(neighbour, by, parts.clone()).await));
    assert!(other.answers.senders.counts(&by));
    for (n, part) in (0..).zip(forgeries(&parts, 1_000)) {
        let invented =
            PeerId::from_bytes(&[&[0x12, 32][..], &Digest::blake3(&u32::encode(&(n / 2))).0].concat()).unwrap();
        assert_eq!(other.hears_through(neighbour, invented, vec![part]).await, None);
    }
    assert_eq!(counted(&counts), [1 + 3, 0]);
    assert_eq!((other.blames(Blame::Forged), other.blames(Blame::Out)), (3, 0));
    assert_eq!(other.answers.streams.held(), 0, "chunks of strangers have no places");
    assert!(asked.try_recv().is_err(), "nobody's connection ends");

    // Through the same neighbour, who is proven is heard as before.
    let block = other.answers.undecided.at(Height(1)).next().unwrap().block.clone();
    let again = proposer.streams(block, 0, Round::Nil).await;
    assert!(is_valid(other.hears_through(neighbour, by, again).await));
}

#[tokio::test]
async fn h16_who_is_neither_configured_nor_proven_is_not_looked_at_and_sent_away() {
    let World { mut proposer, mut other, dir: _dir } = world();
    let (_, parts) = proposer.proposes(0).await;
    let (requests, mut asked) = mpsc::channel(16);
    other.answers.connections = Some(Connections::new(requests));
    let counts = other.counted();
    assert_eq!(other.hears(77, forgeries(&parts, 100)).await, None);
    assert_eq!((counted(&counts), other.blames(Blame::Unheard)), ([0, 0], 200));
    let stranger: Multiaddr = peer_address(77);
    assert_eq!(asked_of_the_engine(&mut asked).await, PersistentPeersOp::Add(stranger.clone()));
    assert_eq!(asked_of_the_engine(&mut asked).await, PersistentPeersOp::Remove(stranger));
}

/// The node whose turn it is in a round of a height, and one whose turn it is not.
fn turns(any: &Node, height: u64, round: u32) -> (u8, u8) {
    let members = any.answers.members(Height(1)).unwrap();
    let proposer = ChainContext.select_proposer(&members, BlockHeight(Height(height)), Round::new(round)).address();
    let is = |n: &u8| secret(*n).account() == proposer.0;
    ((1..=4).find(is).unwrap(), (1..=4).find(|n| !is(n)).unwrap())
}

struct World {
    dir: tempfile::TempDir,
    proposer: Node,
    other: Node,
}

/// The proposer of height 1, round 0, and another validator.
fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let (proposer, other) = turns(&node(1, dir.path()), 1, 0);
    World { proposer: node(proposer, dir.path()), other: node(other, dir.path()), dir }
}

fn is_valid(verdict: Option<ProposedValue<ChainContext>>) -> bool {
    verdict.expect("a verdict").validity.is_valid()
}

#[tokio::test]
async fn a_proposed_block_is_executed_once_however_often_it_comes() {
    let World { mut proposer, mut other, dir: _dir } = world();
    let (value, parts) = proposer.proposes(0).await;
    assert_eq!(parts.len(), 2, "the announcement and the ids");
    let verdict = other.hears(proposer.n, parts.clone()).await.unwrap();
    assert_eq!((verdict.value, verdict.round, verdict.valid_round), (value.value, Round::new(0), Round::Nil));
    assert!(verdict.validity.is_valid());
    let block = proposer.answers.undecided.find(Height(1), value.value.0).unwrap().block.clone();
    let again = proposer.streams(block.clone(), 0, Round::Nil).await;
    assert_ne!(again[0].stream_id, parts[0].stream_id);
    assert!(is_valid(other.hears(proposer.n, again).await));
    assert_eq!((proposer.validated(), other.validated()), (0, 1));

    // In a later round another proposer hands the block on.
    let next = turns(&other, 1, 1).0;
    let mut next = node(next, _dir.path());
    let parts = next.streams(block, 1, Round::new(0)).await;
    assert!(parts.len() > 2, "what a round failed with comes in chunks");
    let verdict = other.hears(next.n, parts).await.unwrap();
    assert_eq!((verdict.value, verdict.round, verdict.valid_round), (value.value, Round::new(1), Round::new(0)));
    assert_eq!(verdict.proposer, next.answers.signatory.address());
    assert_eq!((other.validated(), other.in_chunks()), (1, 0), "what is known is not put together again");
}

#[tokio::test]
async fn only_the_proposer_of_a_round_is_heard_in_it() {
    let World { mut proposer, mut other, dir } = world();
    let (value, _) = proposer.proposes(0).await;
    let block = proposer.answers.undecided.find(Height(1), value.value.0).unwrap().block.clone();
    let outsider_parts = node(9, dir.path()).streams(block.clone(), 0, Round::Nil).await;
    assert_eq!(other.hears(9, outsider_parts).await, None);
    let round = (1..4).find(|round| turns(&other, 1, *round).0 == proposer.n);
    assert_eq!(round, None, "four rounds, four proposers");
    let out_of_turn = proposer.streams(block.clone(), 1, Round::Nil).await;
    assert_eq!(other.hears(proposer.n, out_of_turn).await, None);
    let far_ahead = proposer.streams(block.clone(), 400, Round::Nil).await;
    assert_eq!(other.hears(proposer.n, far_ahead).await, None);
    let through_a_stranger = proposer.streams(block.clone(), 0, Round::Nil).await;
    assert_eq!(other.hears(77, through_a_stranger).await, None);
    assert_eq!(other.validated(), 0);

    // So late, whoever is locked on a block hands it on.
    other.answers.round = HIDDEN_LOCK_ROUND;
    let handed_on = proposer.streams(block, 1, Round::Nil).await;
    assert!(is_valid(other.hears(proposer.n, handed_on).await));
}

#[tokio::test]
async fn a_refused_block_gets_its_verdict_and_a_proposer_is_tried_twice_a_round() {
    let World { mut proposer, mut other, dir: _dir } = world();
    let (value, _) = proposer.proposes(0).await;
    let good = proposer.answers.undecided.find(Height(1), value.value.0).unwrap().block.clone();
    for n in 1..=4u8 {
        let mut bad = Block::clone(&good);
        bad.header.parent.0[0] = n;
        let parts = proposer.streams(Arc::new(bad), 0, Round::Nil).await;
        let verdict = other.hears_out(&mut proposer, parts).await;
        match n {
            1 | 2 => assert_eq!(verdict.unwrap().validity, Validity::Invalid),
            _ => assert_eq!(verdict, None),
        }
    }
    assert_eq!(other.validated(), 2);
    assert_eq!(other.answers.undecided.at(Height(1)).count(), 0);
}

#[tokio::test]
async fn a_block_under_another_name_is_refused_unexecuted() {
    let World { mut proposer, mut other, dir: _dir } = world();
    let (value, _) = proposer.proposes(0).await;
    let mut block = Block::clone(&proposer.answers.undecided.find(Height(1), value.value.0).unwrap().block);
    block.header.proposer = other.app.me;
    let parts = proposer.streams(Arc::new(block), 0, Round::Nil).await;
    assert!(!is_valid(other.hears(proposer.n, parts).await));
    assert_eq!(other.validated(), 0);
}

#[tokio::test]
async fn other_bytes_than_the_announced_block_say_nothing_about_it() {
    let World { mut proposer, mut other, dir: _dir } = world();
    let (value, _) = proposer.proposes(0).await;
    let block = proposer.answers.undecided.find(Height(1), value.value.0).unwrap().block.clone();
    let bytes = [block.encode(), vec![0]].concat();
    let id = StreamId::new(vec![1].into());
    let announced = announced(&proposer, &id, announcement(&proposer, block.hash(), &bytes));
    assert_eq!(other.hears(proposer.n, cut(id, announced, &bytes)).await, None);
    assert_eq!(other.validated(), 0);
}

/// A stream of sixteen bytes that are no block, announced for a height as so many.
fn false_parts(publisher: &Node, height: u64, length: u32) -> Vec<Part> {
    let bytes = vec![0; 16];
    let id = StreamId::new(vec![height as u8, length as u8].into());
    let height = BlockHeight(Height(height));
    let announcement = Announcement { height, length, ..announcement(publisher, BlockHash([7; 32]), &bytes) };
    let announced = announced(publisher, &id, announcement);
    cut(id, announced, &bytes)
}

/// These bytes as a block of round 0 of height 1.
fn announcement(publisher: &Node, block: BlockHash, bytes: &[u8]) -> Announcement {
    Announcement {
        height: BlockHeight(Height(1)),
        round: 0,
        pol_round: None,
        publisher: publisher.answers.signatory.address(),
        block,
        length: bytes.len() as u32,
        digest: Digest::blake3(bytes),
    }
}

/// What a stream of its publisher begins with.
fn announced(publisher: &Node, id: &StreamId, announcement: Announcement) -> ProposalPart {
    let signature = publisher.answers.signatory.announce(&announcement, &(peer(publisher.n), id.clone()));
    ProposalPart::Announce(announcement, signature)
}

#[tokio::test]
async fn h01_only_the_proposer_whose_turn_it_was_is_reported_for_a_refused_block() {
    let dir = tempfile::tempdir().unwrap();
    let (proposer, other) = turns(&node(1, dir.path()), 1, 0);
    let judge = (1..=4).find(|n| ![proposer, other].contains(n)).unwrap();
    let (proposer, other, mut judge) = (node(proposer, dir.path()), node(other, dir.path()), node(judge, dir.path()));
    let reported = |judge: &Node| judge.app.refused.load(Ordering::SeqCst);
    // Of the height after the next, whose turn it is is not known: no validator can set off the alarm of the others with it.
    for publisher in [&proposer, &other] {
        for length in [u32::MAX, 16] {
            assert_eq!(judge.hears(publisher.n, false_parts(publisher, 2, length)).await, None);
        }
    }
    assert_eq!(judge.hears(other.n, false_parts(&other, 1, u32::MAX)).await, None, "out of turn");
    assert_eq!(reported(&judge), 0);
    for (times, length) in (1..).zip([u32::MAX, 16]) {
        assert_eq!(judge.hears(proposer.n, false_parts(&proposer, 1, length)).await, None);
        assert_eq!(reported(&judge), times);
    }

    // So late others hand on what they are locked on, and are heard, but not reported.
    judge.answers.round = HIDDEN_LOCK_ROUND;
    assert_eq!(judge.hears(other.n, false_parts(&other, 1, u32::MAX)).await, None);
    assert_eq!(reported(&judge), 2);
}

/// A block of height 2 that a node proposes.
fn following(block: &Block, proposer: &Node) -> Block {
    let mut next = block.clone();
    next.header.height = Height(2);
    next.header.parent = block.hash();
    next.header.proposer = proposer.app.me;
    next
}

#[tokio::test]
async fn a_block_that_comes_before_its_height_waits_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let (first, other) = turns(&node(1, dir.path()), 1, 0);
    let second = turns(&node(1, dir.path()), 2, 0).0;
    let (mut first, mut second) = (node(first, dir.path()), node(second, dir.path()));
    let mut other = if other == second.n { node(5, dir.path()) } else { node(other, dir.path()) };
    let (value, _) = first.proposes(0).await;
    let block = first.answers.undecided.find(Height(1), value.value.0).unwrap().block.clone();
    let next = following(&block, &second);
    let hash = next.hash();
    let parts = second.streams(Arc::new(next), 0, Round::Nil).await;
    assert_eq!(other.hears(second.n, parts).await, None);
    assert_eq!(other.validated(), 0);

    let seen = other.goes_on_after(&block).await;
    assert_eq!(seen.iter().map(|seen| (seen.value.0, seen.validity)).collect::<Vec<_>>(), [(hash, Validity::Valid)]);
}

#[tokio::test]
async fn h16_a_block_that_is_whole_after_its_height_began_is_not_executed_out_of_turn() {
    let World { mut proposer, other: _, dir } = world();
    let (value, _) = proposer.proposes(0).await;
    let block = proposer.answers.undecided.find(Height(1), value.value.0).unwrap().block.clone();
    let (mut another, mut judge) = (node(turns(&proposer, 2, 1).1, dir.path()), node(5, dir.path()));
    let next = following(&block, &another);
    let mut parts = another.streams(Arc::new(next), 1, Round::Nil).await;
    let last = parts.split_off(parts.len() - 1);
    assert_eq!(judge.hears(another.n, parts).await, None);
    assert!(judge.goes_on_after(&block).await.is_empty());
    assert_eq!(judge.hears(another.n, last).await, None);
    assert_eq!((judge.validated(), judge.app.refused.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn a_synced_block_is_judged_and_what_is_no_block_is_the_peers_fault() {
    let World { mut proposer, mut other, dir: _dir } = world();
    let (value, _) = proposer.proposes(0).await;
    let block = proposer.answers.undecided.find(Height(1), value.value.0).unwrap().block.clone();
    let who = proposer.answers.signatory.address();
    let mut synced = async |height, bytes: Vec<u8>| {
        other.answers.synced(Height(height), Round::new(0), who, bytes.into()).await.unwrap()
    };
    use SyncedValueOutcome::{LocalTransientError, PeerFault, Verdict};
    assert!(matches!(synced(1, b"no block".to_vec()).await, PeerFault));
    assert!(matches!(synced(1, [block.encode(), vec![0]].concat()).await, PeerFault));
    assert!(matches!(synced(1, vec![0; 2 * 1024 * 1024]).await, PeerFault));
    assert!(matches!(synced(2, block.encode()).await, LocalTransientError));
    let mut bad = Block::clone(&block);
    bad.header.parent.0[0] = 1;
    let Verdict(refused) = synced(1, bad.encode()).await else { panic!("a verdict") };
    assert_eq!((refused.value.0, refused.validity), (bad.hash(), Validity::Invalid));
    let Verdict(accepted) = synced(1, block.encode()).await else { panic!("a verdict") };
    assert_eq!((accepted.value, accepted.validity), (value.value, Validity::Valid));
    let mut forged = Block::clone(&block);
    forged.transactions.pop();
    assert!(
        matches!(synced(1, forged.encode()).await, PeerFault),
        "the header of a known block over other transactions"
    );
    assert_eq!(other.answers.undecided.find(Height(1), block.hash()).unwrap().block, block);
}
