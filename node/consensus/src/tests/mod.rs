//! Whole nodes with a chain that lives in memory, on loopback.

mod by_ids;
mod one_key;

use super::*;
use crate::flood::Flood;
use arc_malachitebft_app::types::PeerId;
use parity_scale_codec::Encode;
use primitives::{
    AccountId, Amount, BlockHash, ChainId, Digest, Height, SecretKey, Signature, StateRoot, Timestamp, TransactionHash,
};
use runtime::{Block, Call, Certificate, Header, Lane, Limits, Payload, Transaction};
use staking::{Offence, Validator, ValidatorSet};
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(90);

/// Some peer of the network.
pub(super) fn peer(n: u8) -> PeerId {
    PeerId::from_bytes(&[&[0x12, 32][..], &[n; 32]].concat()).unwrap()
}

/// The same as an address that names nothing but who it is.
pub(super) fn peer_address(n: u8) -> Multiaddr {
    format!("/p2p/{}", peer(n)).parse().unwrap()
}

pub(super) fn secret(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

fn set(members: &[u8]) -> ValidatorSet {
    let validator = |n: &u8| Validator { account: secret(*n).account(), power: Amount(10) };
    ValidatorSet::strongest(members.iter().map(validator).collect(), 100)
}

/// A thousand of these make a block of several chunks.
fn transaction(nonce: u64) -> Transaction {
    let call = Call::Accounts(accounts::Call::Transfer { to: secret(1).account(), amount: Amount(1) });
    let (chain_id, account) = ("memory-1".parse().unwrap(), secret(1).account());
    let lane = Lane::Wallet;
    let payload = Payload { chain_id, account, lane, nonce, expires_at: Height(1), fee: Amount(1), call };
    Transaction { payload, signature: Signature([0; 64]) }
}

pub(super) fn waiting() -> impl Iterator<Item = Transaction> {
    (0..1_000).map(transaction)
}

/// What waits, encoded.
static WAITING: LazyLock<BTreeMap<TransactionHash, Vec<u8>>> =
    LazyLock::new(|| waiting().map(|transaction| (transaction.hash(), transaction.encode())).collect());

/// What waits fills a block to the byte.
fn limits() -> Limits {
    Limits {
        max_block_bytes: waiting().map(|transaction| transaction.encoded_size() as u32).sum(),
        max_block_transactions: 1_000,
        max_block_signatures: 288,
        max_block_reads: 1 << 18,
        max_transaction_bytes: 1_024,
        max_transaction_lifetime: 100,
    }
}

/// A chain that executes nothing, whose validators can change with the height.
pub(super) struct Memory {
    pub(super) me: AccountId,
    sets: BTreeMap<Height, ValidatorSet>,
    blocks: Mutex<Vec<(Block, Certificate)>>,
    built: Mutex<BTreeMap<(Height, u32), BlockHash>>,
    head: watch::Sender<Height>,
    /// When each block was committed.
    committed: Mutex<Vec<Instant>>,
    fail_commit: AtomicBool,
    /// Builds on top of nothing.
    build_badly: AtomicBool,
    /// What it proposes, and does not have when another proposes it.
    pub(super) lacks: Mutex<BTreeSet<TransactionHash>>,
    /// Refuses every block with this transaction.
    refuses: Mutex<Option<TransactionHash>>,
    /// How often it heard of a refused block.
    pub(super) refused: AtomicUsize,
    pub(super) validated: AtomicUsize,
    /// How many blocks came in chunks.
    pub(super) in_chunks: AtomicUsize,
    /// How often it looked up ids.
    pub(super) looked_up: AtomicUsize,
    /// How often it read a set.
    pub(super) sets_read: AtomicUsize,
    /// What it heard of senders.
    pub(super) blamed: Mutex<Vec<Blame>>,
    /// What it heard of validators that contradict themselves.
    offences: Mutex<Vec<Offence>>,
    /// What came of precommits for each height until the next one began.
    finalized: Mutex<Vec<Certificate>>,
    /// Whether its key signs.
    signing: Mutex<Signing>,
    /// What it heard of another node with its key.
    twins: watch::Sender<Vec<TwinSighting>>,
    /// A port that somebody else takes as soon as it is left.
    wanted: Mutex<Option<u16>>,
    taken: Mutex<Option<TcpListener>>,
}

impl Memory {
    pub(super) fn new(me: u8, sets: &[(u64, &[u8])]) -> Arc<Self> {
        Arc::new(Self {
            me: secret(me).account(),
            sets: sets.iter().map(|(from, members)| (Height(*from), set(members))).collect(),
            blocks: Mutex::default(),
            built: Mutex::default(),
            head: watch::channel(Height(0)).0,
            committed: Mutex::default(),
            fail_commit: AtomicBool::new(false),
            build_badly: AtomicBool::new(false),
            lacks: Mutex::default(),
            refuses: Mutex::default(),
            refused: AtomicUsize::new(0),
            validated: AtomicUsize::new(0),
            in_chunks: AtomicUsize::new(0),
            looked_up: AtomicUsize::new(0),
            sets_read: AtomicUsize::new(0),
            blamed: Mutex::default(),
            offences: Mutex::default(),
            finalized: Mutex::default(),
            signing: Mutex::new(Signing::ALWAYS),
            twins: watch::Sender::new(Vec::new()),
            wanted: Mutex::default(),
            taken: Mutex::default(),
        })
    }

    /// Has its key sign as told.
    pub(super) fn signs(&self, signing: Signing) {
        *self.signing.lock().unwrap() = signing;
    }

    /// Takes the wanted port if nobody has it. Whoever asks waits a little, for an engine that has ended may be leaving it just now.
    fn take_port(&self) {
        let Some(port) = *self.wanted.lock().unwrap() else { return };
        let mut taken = self.taken.lock().unwrap();
        let until = Instant::now() + Duration::from_millis(100);
        while taken.is_none() && Instant::now() < until {
            *taken = TcpListener::bind(("127.0.0.1", port)).ok();
            std::thread::yield_now();
        }
    }

    fn set_at(&self, height: Height) -> ValidatorSet {
        self.sets.range(..=height).next_back().unwrap().1.clone()
    }

    fn parent(&self) -> BlockHash {
        self.blocks.lock().unwrap().last().map_or(BlockHash::NONE, |(block, _)| block.hash())
    }

    async fn reaches(&self, height: u64) {
        let mut head = self.head.subscribe();
        let reached = timeout(PATIENCE, head.wait_for(|head| *head >= Height(height))).await;
        reached.unwrap_or_else(|_| panic!("height {height} not reached, only {}", self.head())).unwrap();
    }

    /// The hashes up to `height`, each with a certificate that a light client accepts.
    fn certified(&self, height: u64) -> Vec<BlockHash> {
        let certified = |(block, certificate): &(Block, Certificate)| {
            certificate.verify(&self.chain_id(), &self.set_at(block.header.height)).unwrap();
            assert_eq!((certificate.height, certificate.block), (block.header.height, block.hash()));
            block.hash()
        };
        self.blocks.lock().unwrap().iter().take(height as usize).map(certified).collect()
    }
}

impl Application for Memory {
    fn chain_id(&self) -> ChainId {
        "memory-1".parse().unwrap()
    }

    fn head(&self) -> Height {
        *self.head.borrow()
    }

    fn validators(&self, height: Height) -> Option<ValidatorSet> {
        self.sets_read.fetch_add(1, Ordering::SeqCst);
        (height <= self.head().next()).then(|| self.set_at(height))
    }

    fn propose(&self, height: Height, round: u32, set_aside: &BTreeSet<TransactionHash>) -> anyhow::Result<Block> {
        assert_eq!(height, self.head().next());
        let header = Header {
            chain_id: self.chain_id(),
            height,
            time: Timestamp(rand::random()),
            proposer: self.me,
            parent: if self.build_badly.load(Ordering::SeqCst) { BlockHash([9; 32]) } else { self.parent() },
            transactions_root: Digest([0; 32]),
            facts_root: Digest([0; 32]),
            state_root: StateRoot([0; 32]),
            validators_hash: self.set_at(height).hash(),
            next_validators_hash: self.set_at(height.next()).hash(),
            last_commit_hash: Digest([0; 32]),
        };
        let room = limits().room(round).transactions as usize;
        let kept = waiting().filter(|transaction| !set_aside.contains(&transaction.hash()));
        let block = Block { header, last_commit: None, transactions: kept.take(room).collect() };
        let before = self.built.lock().unwrap().insert((height, round), block.hash());
        assert_eq!(before, None, "asked to build twice for height {height} and round {round}");
        Ok(block)
    }

    fn validate(&self, block: &Block, _: Origin) -> Result<(), String> {
        assert_eq!(block.header.height, self.head().next());
        self.validated.fetch_add(1, Ordering::SeqCst);
        if block.header.parent != self.parent() {
            return Err("not on top of the head".into());
        }
        match *self.refuses.lock().unwrap() {
            Some(bad) if block.transactions.iter().any(|transaction| transaction.hash() == bad) => Err("bad".into()),
            _ => Ok(()),
        }
    }

    fn ids(&self, block: &Block) -> Vec<TransactionHash> {
        block.transactions.iter().map(Transaction::hash).collect()
    }

    fn transactions(&self, ids: &[TransactionHash], _: u32) -> Vec<Option<Vec<u8>>> {
        self.looked_up.fetch_add(1, Ordering::SeqCst);
        let lacks = self.lacks.lock().unwrap();
        ids.iter().map(|id| WAITING.get(id).filter(|_| !lacks.contains(id)).cloned()).collect()
    }

    fn came_in_chunks(&self) {
        self.in_chunks.fetch_add(1, Ordering::SeqCst);
    }

    fn refused(&self, _: Height, _: u32, _: AccountId, _: &str) {
        self.refused.fetch_add(1, Ordering::SeqCst);
    }

    fn blamed(&self, blame: Blame) {
        self.blamed.lock().unwrap().push(blame);
    }

    fn contradicted(&self, offences: &[Offence]) {
        self.offences.lock().unwrap().extend_from_slice(offences);
    }

    fn signing(&self) -> Signing {
        self.take_port();
        *self.signing.lock().unwrap()
    }

    fn has_twin(&self, shown: &TwinSighting) {
        self.signs(Signing { from: None, own_from: None, shows: false });
        self.twins.send_modify(|twins| twins.push(shown.clone()));
    }

    fn finalized(&self, precommits: Certificate) {
        self.finalized.lock().unwrap().push(precommits);
    }

    fn may_go_on(&self) -> anyhow::Result<()> {
        Ok(())
    }

    fn commit(&self, block: Block, certificate: Certificate) -> anyhow::Result<()> {
        anyhow::ensure!(!self.fail_commit.load(Ordering::SeqCst), "the disk is full");
        let height = block.header.height;
        self.committed.lock().unwrap().push(Instant::now());
        self.blocks.lock().unwrap().push((block, certificate));
        self.head.send_replace(height);
        Ok(())
    }

    fn decided(&self, height: Height) -> Option<(Block, Certificate)> {
        self.blocks.lock().unwrap().get(usize::try_from(height.0.checked_sub(1)?).ok()?).cloned()
    }

    fn earliest(&self) -> Height {
        Height(1)
    }
}

fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

fn address(port: u16) -> Multiaddr {
    format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()
}

fn node_key(n: u8) -> Keypair {
    Keypair::ed25519_from_bytes([n + 100; 32]).unwrap()
}

/// Where node `n` listens, and who it is.
fn known(n: u8, port: u16) -> Multiaddr {
    address(port).with(libp2p::multiaddr::Protocol::P2p(node_key(n).public().to_peer_id()))
}

/// Node `n` of those that listen on `ports`, the first of which is node 1.
pub(super) fn config(n: u8, dir: &Path, port: u16, ports: &[u16]) -> ConsensusConfig {
    let others = (1..).zip(ports).filter(|(other, _)| *other != n);
    ConsensusConfig {
        moniker: format!("node-{n}"),
        listen: address(port),
        peers: others.map(|(other, port)| known(other, *port)).collect(),
        open: false,
        dir: dir.join(n.to_string()),
        timeouts: LinearTimeouts::default(),
        target_block_time: Duration::from_millis(100),
        limits: limits(),
        max_connections_per_ip: 64,
    }
}

async fn node(n: u8, dir: &Path, port: u16, peers: &[u16], app: &Arc<Memory>) -> ConsensusHandle {
    // To see what the nodes do: `RUST_LOG=info cargo test -p consensus -- --nocapture`.
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
    start(config(n, dir, port, peers), secret(n), node_key(n), app.clone()).await.unwrap()
}

/// Those that run the first of `apps`, one after the other; each knows all of `ports`.
async fn nodes(dir: &Path, ports: &[u16], apps: &[Arc<Memory>]) -> Vec<ConsensusHandle> {
    let mut handles = Vec::new();
    for ((n, port), app) in (1..).zip(ports).zip(apps) {
        handles.push(node(n, dir, *port, ports, app).await);
    }
    handles
}

async fn stop(handle: ConsensusHandle) {
    timeout(PATIENCE, handle.stop()).await.expect("consensus stops").unwrap();
}

async fn stop_all(handles: impl IntoIterator<Item = ConsensusHandle>) {
    for handle in handles {
        stop(handle).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_validator_decides_alone_and_goes_on_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let app = Memory::new(1, &[(0, &[1])]);
    let handle = node(1, dir.path(), 0, &[], &app).await;
    app.reaches(5).await;
    stop(handle).await;
    let before = app.head();

    let handle = node(1, dir.path(), 0, &[], &app).await;
    app.reaches(before.0 + 5).await;
    stop(handle).await;
    assert_eq!(app.certified(before.0 + 5).len() as u64, before.0 + 5);
    assert!(metrics_text().contains("malachitebft_"));
    assert!(!metrics_text().contains("# EOF"));
}

#[test]
fn h07_blocks_are_decided_while_every_thread_of_whoever_started_it_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let app = Memory::new(1, &[(0, &[1])]);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let handle = runtime.block_on(node(1, dir.path(), 0, &[], &app));
    let done = Arc::new(AtomicBool::new(false));
    let taken = Arc::new(AtomicUsize::new(0));
    let take = || {
        let (done, taken) = (done.clone(), taken.clone());
        move || {
            taken.fetch_add(1, Ordering::SeqCst);
            while !done.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    };
    let (busy, work) = (take(), runtime.spawn_blocking(take()));
    let task = runtime.spawn(async move { busy() });
    let started = std::time::Instant::now();
    let until = |holds: &dyn Fn() -> bool| {
        while !holds() {
            assert!(started.elapsed() < PATIENCE, "at height {}", app.head());
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    until(&|| taken.load(Ordering::SeqCst) == 2);
    let before = app.head();
    until(&|| app.head() > before.plus(5));
    done.store(true, Ordering::SeqCst);
    runtime.block_on(async {
        task.await.unwrap();
        work.await.unwrap();
        stop(handle).await;
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_target_block_time_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let app = Memory::new(1, &[(0, &[1])]);
    let handle = node(1, dir.path(), 0, &[], &app).await;
    app.reaches(6).await;
    stop(handle).await;
    // However late the first one came: each of the others began when its time was over.
    let committed = app.committed.lock().unwrap();
    let took = committed[5] - committed[0];
    assert!(took >= Duration::from_millis(400), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_cannot_commit_stops_the_node_and_the_same_block_is_decided_after_it_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let app = Memory::new(1, &[(0, &[1])]);
    app.fail_commit.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let handle = node(1, dir.path(), 0, &[], &app).await;
        let error = timeout(PATIENCE, handle).await.expect("the node stops").unwrap_err();
        assert!(format!("{error:#}").contains("the disk is full"), "{error:#}");
    }
    let built = app.built.lock().unwrap().clone();
    assert_eq!(built.len(), 1, "one block was built for one round");

    app.fail_commit.store(false, Ordering::SeqCst);
    let handle = node(1, dir.path(), 0, &[], &app).await;
    app.reaches(2).await;
    stop(handle).await;
    assert_eq!(app.certified(1), built.into_values().collect::<Vec<_>>());
}

/// Four validators, the fourth from height 4 on; one of the others is away for a while; a full node follows.
#[tokio::test(flavor = "multi_thread")]
async fn validators_agree_while_the_set_changes_and_whoever_was_away_catches_up() {
    let dir = tempfile::tempdir().unwrap();
    let ports = free_ports::<5>();
    let sets: [(u64, &[u8]); 2] = [(0, &[1, 2, 3]), (4, &[1, 2, 3, 4])];
    let apps: Vec<Arc<Memory>> = (1..=5).map(|n| Memory::new(n, &sets)).collect();
    let mut handles = BTreeMap::new();
    for n in 1..=4u8 {
        let place = usize::from(n) - 1;
        handles.insert(n, node(n, dir.path(), ports[place], &ports, &apps[place]).await);
    }
    for app in &apps[..4] {
        app.reaches(6).await;
    }
    assert!(!handles[&1].peers().connected().await.is_empty());

    stop(handles.remove(&2).unwrap()).await;
    let away_since = apps[1].head().0;
    apps[0].reaches(away_since + 4).await;
    handles.insert(2, node(2, dir.path(), ports[1], &ports, &apps[1]).await);
    handles.insert(5, node(5, dir.path(), ports[4], &ports[..1], &apps[4]).await);
    let goal = apps[0].head().0 + 4;
    for app in &apps {
        app.reaches(goal).await;
    }

    let chain = apps[0].certified(goal);
    for app in &apps {
        assert_eq!(app.certified(goal), chain);
    }
    let proposers: BTreeSet<Vec<u8>> =
        apps[0].blocks.lock().unwrap().iter().map(|(block, _)| block.header.proposer.encode()).collect();
    assert!(proposers.len() > 1, "the turn goes round");
    stop_all(handles.into_values()).await;
}

/// Four validators, one of which builds blocks that are not valid.
#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_block_is_never_voted_for_and_the_next_round_has_another_proposer() {
    let dir = tempfile::tempdir().unwrap();
    let ports = free_ports::<4>();
    let apps: Vec<Arc<Memory>> = (1..=4).map(|n| Memory::new(n, &[(0, &[1, 2, 3, 4])])).collect();
    apps[3].build_badly.store(true, Ordering::SeqCst);
    let handles = nodes(dir.path(), &ports, &apps).await;
    // Its turn comes round, and the first of the others hears of what it built.
    while apps[0].refused.load(Ordering::SeqCst) == 0 {
        let height = apps[0].head().0;
        assert!(height < 60, "the chain does not hear of it");
        apps[0].reaches(height + 1).await;
    }
    let goal = apps[0].head().0 + 3;
    for app in &apps {
        app.reaches(goal).await;
    }
    let chain = apps[0].certified(goal);
    for app in &apps {
        assert_eq!(app.certified(goal), chain);
    }
    let bad = secret(4).account();
    assert!(apps[0].blocks.lock().unwrap().iter().all(|(block, _)| block.header.proposer != bad));
    stop_all(handles).await;
}

/// Four validators and a follower, where every block fills the limit to the byte.
#[tokio::test(flavor = "multi_thread")]
async fn h01_a_block_that_fills_the_limit_to_the_byte_is_decided_in_round_0_and_taken_by_followers() {
    for validators in [&[1u8, 2, 3, 4][..], &[1]] {
        let dir = tempfile::tempdir().unwrap();
        let ports = free_ports::<5>();
        let apps: Vec<Arc<Memory>> = (1..=5).map(|n| Memory::new(n, &[(0, validators)])).collect();
        let mut handles = Vec::new();
        for n in validators.iter().copied().chain([5]) {
            let place = usize::from(n) - 1;
            handles.push(node(n, dir.path(), ports[place], &ports, &apps[place]).await);
        }
        apps[0].reaches(4).await;
        apps[4].reaches(4).await;
        let full = |(block, certificate): &(Block, Certificate)| {
            let bytes: usize = block.transactions.iter().map(Encode::encoded_size).sum();
            assert!(block.encoded_size() <= limits().most_encoded_block() as usize);
            bytes == limits().max_block_bytes as usize && certificate.round == 0
        };
        assert!(apps[0].blocks.lock().unwrap().iter().filter(|block| full(block)).count() > 0);
        assert_eq!(apps[4].certified(4), apps[0].certified(4));
        stop_all(handles).await;
    }
}

/// Every validator would include it, and every one refuses each block with it.
#[tokio::test(flavor = "multi_thread")]
async fn h01_a_transaction_that_every_block_is_refused_for_holds_up_no_height() {
    let dir = tempfile::tempdir().unwrap();
    let ports = free_ports::<4>();
    let apps: Vec<Arc<Memory>> = (1..=4).map(|n| Memory::new(n, &[(0, &[1, 2, 3, 4])])).collect();
    for app in &apps {
        *app.refuses.lock().unwrap() = Some(transaction(0).hash());
    }
    let handles = nodes(dir.path(), &ports, &apps).await;
    for app in &apps {
        app.reaches(3).await;
    }
    let finalized = apps[0].finalized.lock().unwrap().iter().map(|heard| heard.height).collect::<Vec<_>>();
    assert_eq!(finalized[..2], [Height(1), Height(2)], "each height is finalized before the next one begins");
    for (block, certificate) in apps[0].blocks.lock().unwrap().iter().take(3) {
        assert!(certificate.round > 0, "the first round fails");
        assert!(certificate.round <= 3, "{} failed rounds", certificate.round);
        assert!(block.transactions.iter().all(|taken| taken.hash() != transaction(0).hash()));
    }
    stop_all(handles).await;
}

#[test]
fn h23_what_genesis_allows_consensus_carries_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let most = runtime::MOST_ENCODED_BLOCK;
    let beside = limits().most_encoded_block() - limits().max_block_bytes;
    let around = |bound: u32| (bound - 3)..=(bound + 3);
    for max_block_bytes in around(most - beside).chain(around(most)).chain(around(1_024)).chain([u32::MAX]) {
        let limits = Limits { max_block_bytes, max_transaction_bytes: 1_024, ..limits() };
        let mut genesis = runtime::testing::genesis();
        genesis.chain.limits = limits.clone();
        let config = ConsensusConfig { limits, ..config(1, dir.path(), 0, &[]) };
        let mistakes = genesis.check().err().map_or(Vec::new(), |mistakes| mistakes.0);
        let allowed = mistakes.iter().all(|mistake| mistake.field != "chain.limits.max_block_bytes");
        assert_eq!(config.check().is_ok(), allowed, "{max_block_bytes}: {mistakes:?}");
    }
}

/// A validator, a node that takes strangers, and two strangers: one goes to the open node, the other to the validator.
#[tokio::test(flavor = "multi_thread")]
async fn h16_a_stranger_catches_up_from_an_open_node_and_a_validator_takes_configured_peers_alone() {
    let dir = tempfile::tempdir().unwrap();
    let ports = free_ports::<4>();
    let apps: Vec<Arc<Memory>> = (1..=4).map(|n| Memory::new(n, &[(0, &[1])])).collect();
    let of = |n: u8, peers: Vec<Multiaddr>, open: bool| ConsensusConfig {
        peers,
        open,
        ..config(n, dir.path(), ports[usize::from(n) - 1], &[])
    };
    let at = |n: u8| known(n, ports[usize::from(n) - 1]);
    let configs =
        [of(1, vec![at(2)], false), of(2, vec![at(1)], true), of(3, vec![at(2)], false), of(4, vec![at(1)], false)];
    let mut handles = Vec::new();
    for (n, config) in (1..).zip(configs) {
        handles.push(start(config, secret(n), node_key(n), apps[usize::from(n) - 1].clone()).await.unwrap());
    }
    for app in &apps[..3] {
        app.reaches(30).await;
    }
    assert_eq!(apps[2].certified(30), apps[0].certified(30));
    // A stranger comes again every second, and is there for as long as it takes to say who it is.
    let (mut open, mut stranger) = (0, 0);
    for height in 31..=60 {
        apps[0].reaches(height).await;
        let connected = handles[0].peers().connected().await;
        let is_there = |n: u8| usize::from(connected.contains(&node_key(n).public().to_peer_id()));
        (open, stranger) = (open + is_there(2), stranger + is_there(4));
    }
    assert!(open == 30 && stranger < 10, "the open node was there {open} times of 30, the stranger {stranger} times");
    stop_all(handles).await;
}

/// Four validators and a peer of all of them that publishes what nobody signed, as fast as its engine can.
#[tokio::test(flavor = "multi_thread")]
async fn h16_a_configured_peer_that_floods_is_out_and_the_chain_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let ports = free_ports::<5>();
    let apps: Vec<Arc<Memory>> = (1..=4).map(|n| Memory::new(n, &[(0, &[1, 2, 3, 4])])).collect();
    let handles = nodes(dir.path(), &ports, &apps).await;
    apps[0].reaches(3).await;
    let victims = (1..=4).map(|n| known(n, ports[usize::from(n) - 1])).collect();
    let named = (1..=4).map(|n| secret(n).account()).collect();
    let flood = Flood::start(apps[0].chain_id(), node_key(5), address(ports[4]), victims, named).await.unwrap();
    let is_out = || apps.iter().all(|app| app.blamed.lock().unwrap().contains(&Blame::Out));
    let until = apps[0].head().0 + 300;
    while !is_out() {
        let height = apps[0].head();
        assert!(height < Height(until), "nobody is put out");
        flood.names(height.next());
        apps[0].reaches(height.0 + 1).await;
    }
    let goal = apps[0].head().0 + 10;
    for app in &apps {
        app.reaches(goal).await;
        let forged = app.blamed.lock().unwrap().iter().filter(|blame| **blame == Blame::Forged).count();
        assert_eq!(forged, 3);
    }
    // It comes again every second, and is there for as long as it takes to say who it is.
    let (hostile, mut there) = (node_key(5).public().to_peer_id(), 0);
    for height in goal + 1..=goal + 20 {
        apps[0].reaches(height).await;
        there += usize::from(handles[0].peers().connected().await.contains(&hostile));
    }
    assert!(there < 10, "{there} times of 20");
    flood.stop();
    stop_all(handles).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_cannot_be_listened_on_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let app = Memory::new(1, &[(0, &[1])]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = config(1, dir.path(), taken.local_addr().unwrap().port(), &[]);
    let nowhere = ConsensusConfig { listen: "/ip4/127.0.0.1".parse().unwrap(), ..taken.clone() };
    let key = || Keypair::ed25519_from_bytes([9; 32]).unwrap();
    let error = start(nowhere, secret(1), key(), app.clone()).await.unwrap_err();
    assert!(error.to_string().contains("not an address to listen on"), "{error:#}");
    let error =
        timeout(PATIENCE, start(taken, secret(1), key(), app.clone())).await.expect("it is noticed").unwrap_err();
    assert!(error.to_string().contains("is the port taken?"), "{error:#}");
}
