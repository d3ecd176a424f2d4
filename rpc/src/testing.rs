//! A node in memory that executes real blocks: for tests and benches of servers and clients.

use crate::error::{ReadError, Refusal, SubmitError};
use crate::source::{Head, Source, View};
use crate::views::{
    Artifact, Dialling, Dropped, Forgotten, Health, LogLevel, NodeVersion, OverlayStatus, Peer, Pinned, Unpinned,
};
use light::SignedHeader;
use primitives::{AccountId, BuildHash, Digest, Epoch, Height, List, Moment, StateRoot, Timestamp, TransactionHash};
use runtime::{
    Block, Call, Certificate, Context, Genesis, Header, Payload, Record, Transaction, VoteKind, vote_payload,
};
use state::tree::{MemoryTree, prove};
use state::{Backend, Entry, Memory, State, StateProof};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::watch;

/// The chain of one validator set whose keys are those of [`runtime::testing`]. It makes a block when it is told to.
pub struct MemoryNode {
    genesis: Genesis,
    chain: RwLock<Chain>,
    heads: watch::Sender<Arc<Head>>,
}

struct Chain {
    state: Memory,
    tree: MemoryTree,
    /// By height; genesis has no transactions and no certificate.
    blocks: Vec<(Block, Record, Option<Certificate>)>,
    places: BTreeMap<TransactionHash, (Height, u32)>,
    pool: Vec<Transaction>,
    earliest: Height,
    refusal: Option<SubmitError>,
    dropped: BTreeMap<TransactionHash, Dropped>,
    log_level: String,
    /// The reasons of what is pinned. No artifact is ever held.
    pins: BTreeMap<BuildHash, String>,
    epoch_length: u64,
}

fn root(tree: &mut MemoryTree, writes: &state::Writes) -> StateRoot {
    tree.commit(writes).unwrap_or_else(|error| state::corrupt(&error.to_string()))
}

impl MemoryNode {
    /// The chain at height 0.
    pub fn new(genesis: Genesis) -> Self {
        let mut tree = MemoryTree::default();
        let record = genesis.record(root(&mut tree, &genesis.writes()));
        let header = record.header.clone();
        let epoch_length = genesis.chain.epoch_length;
        let head = Head::new(header.clone(), epoch_length);
        let first = Block { header, transactions: Vec::new() };
        let chain = Chain {
            state: genesis.build(),
            tree,
            blocks: vec![(first, record, None)],
            places: BTreeMap::new(),
            pool: Vec::new(),
            earliest: Height(0),
            refusal: None,
            dropped: BTreeMap::new(),
            log_level: "info".into(),
            pins: BTreeMap::new(),
            epoch_length,
        };
        Self { genesis, chain: RwLock::new(chain), heads: watch::Sender::new(Arc::new(head)) }
    }

    /// What the chain started from.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Signs a call with the next nonce of the key's account, after what waits in the pool.
    pub fn sign(&self, key: &primitives::SecretKey, call: Call) -> Transaction {
        let chain = self.chain();
        let nonce = accounts::queries::account(&State::over(&chain.state), &key.account()).nonce;
        let nonce = chain.pending_nonce(&key.account()).unwrap_or(nonce);
        let expires_at = chain.head().at.height.plus(100);
        let chain_id = self.genesis.chain.chain_id.clone();
        let fee = self.genesis.accounts.fees.base;
        Payload { chain_id, account: key.account(), nonce, expires_at, fee, call }.sign(key)
    }

    /// Takes a call into the pool, signed.
    pub fn send(&self, key: &primitives::SecretKey, call: Call) -> TransactionHash {
        let transaction = self.sign(key, call);
        let hash = transaction.hash();
        self.chain_mut().pool.push(transaction);
        hash
    }

    /// Makes a block of what waits in the pool, and tells subscribers.
    pub fn make_block(&self) -> Arc<Head> {
        let head = Arc::new(self.chain_mut().advance(&self.genesis));
        self.heads.send_replace(head.clone());
        head
    }

    /// Makes blocks until `height` is the newest.
    pub fn make_blocks_to(&self, height: u64) {
        while self.head().at.height.0 < height {
            self.make_block();
        }
    }

    /// Forgets the blocks, records and proofs before a height.
    pub fn prune_to(&self, earliest: Height) {
        self.chain_mut().earliest = earliest;
    }

    /// Refuses every transaction from now on.
    pub fn refuse_with(&self, refusal: SubmitError) {
        self.chain_mut().refusal = Some(refusal);
    }

    /// Drops a transaction from the pool.
    pub fn drop_waiting(&self, transaction: TransactionHash, why: Dropped) {
        let mut chain = self.chain_mut();
        chain.pool.retain(|waiting| waiting.hash() != transaction);
        chain.dropped.insert(transaction, why);
    }

    /// Resolves when nobody follows the newest block.
    pub async fn unfollowed(&self) {
        self.heads.closed().await;
    }

    fn chain(&self) -> RwLockReadGuard<'_, Chain> {
        self.chain.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn chain_mut(&self) -> RwLockWriteGuard<'_, Chain> {
        self.chain.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chain {
    fn head(&self) -> Head {
        let newest = self.blocks.last().map(|(block, ..)| block.header.clone());
        Head::new(newest.unwrap_or_else(|| state::corrupt("a chain without genesis")), self.epoch_length)
    }

    fn pending_nonce(&self, account: &AccountId) -> Option<u64> {
        let of_account = self.pool.iter().filter(|waiting| waiting.payload.account == *account);
        of_account.map(|waiting| waiting.payload.nonce.saturating_add(1)).max()
    }

    fn next_moment(&self, genesis: &Genesis) -> (Context, Moment) {
        let context = self.next_context(genesis);
        let at = Moment::of(context.height, context.time, self.epoch_length);
        (context, at)
    }

    /// One second after the one before.
    fn next_context(&self, genesis: &Genesis) -> Context {
        let head = self.head();
        Context { parent: head.hash, ..runtime::testing::context(genesis, head.at.height.next().0) }
    }

    fn advance(&mut self, genesis: &Genesis) -> Head {
        let context = self.next_context(genesis);
        let (transactions, executed) = runtime::assemble(&self.state, &context, std::mem::take(&mut self.pool));
        let state_root = root(&mut self.tree, &executed.writes);
        let header = Header::over(&context, &transactions, &executed, state_root);
        self.state.commit(executed.writes);
        for (index, transaction) in (0u32..).zip(&transactions) {
            self.places.insert(transaction.hash(), (context.height, index));
        }
        let certificate = certificate(genesis, &header);
        let record = Record { header: header.clone(), facts: executed.facts };
        self.blocks.push((Block { header, transactions }, record, Some(certificate)));
        self.head()
    }

    fn kept(&self, height: Height) -> Option<&(Block, Record, Option<Certificate>)> {
        self.blocks.get(usize::try_from(height.0).ok()?).filter(|_| height >= self.earliest)
    }
}

/// Signed by all validators whose keys are known.
fn certificate(genesis: &Genesis, header: &Header) -> Certificate {
    let block = header.hash();
    let payload = vote_payload(&genesis.chain.chain_id, VoteKind::Precommit, header.height, 0, Some(block));
    let keys = (0..4).map(runtime::testing::validator);
    let signatures = keys.map(|key| (key.account(), key.sign(&payload))).collect();
    Certificate { height: header.height, round: 0, block, signatures: List::truncate_from(signatures) }
}

impl Backend for Chain {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.state.read(key)
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = Entry> + 'a> {
        self.state.scan(prefix, from)
    }
}

impl View for Chain {
    fn head(&self) -> Result<Head, ReadError> {
        Ok(Chain::head(self))
    }

    fn earliest(&self) -> Result<Height, ReadError> {
        Ok(self.earliest)
    }

    fn header(&self, height: Height) -> Result<Option<Header>, ReadError> {
        Ok(self.blocks.get(height.0 as usize).map(|(block, ..)| block.header.clone()))
    }

    fn block(&self, height: Height) -> Result<Option<Block>, ReadError> {
        Ok(self.kept(height).map(|(block, ..)| block.clone()))
    }

    fn record(&self, height: Height) -> Result<Option<Record>, ReadError> {
        Ok(self.kept(height).map(|(_, record, _)| record.clone()))
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError> {
        Ok(self.kept(height).and_then(|(.., certificate)| certificate.clone()))
    }

    fn epoch_ends(&self, height: Height) -> Box<dyn Iterator<Item = Result<SignedHeader, ReadError>> + '_> {
        let epochs = height.epoch(self.epoch_length).next().0..Chain::head(self).at.epoch.next().0;
        Box::new(epochs.filter_map(|epoch| {
            let end = Epoch(epoch).first_height(self.epoch_length).minus(1);
            let (block, _, certificate) = self.blocks.get(end.0 as usize)?;
            let validators = staking::queries::validator_set(&State::over(&self.state), end.epoch(self.epoch_length));
            let (header, certificate) = (block.header.clone(), certificate.clone()?);
            Some(Ok(SignedHeader { header, certificate, validators }))
        }))
    }

    fn proof(&self, key: &[u8], height: Height) -> Result<Option<StateProof>, ReadError> {
        if self.kept(height).is_none() {
            return Ok(None);
        }
        prove(&self.tree, key, height.0).map(Some).map_err(|error| ReadError::Failed(error.to_string()))
    }

    fn locate(&self, transaction: &TransactionHash) -> Result<Option<(Height, u32)>, ReadError> {
        Ok(self.places.get(transaction).copied())
    }
}

impl Source for MemoryNode {
    fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    fn head(&self) -> Arc<Head> {
        self.heads.borrow().clone()
    }

    fn heads(&self) -> watch::Receiver<Arc<Head>> {
        self.heads.subscribe()
    }

    fn view(&self, ask: &mut dyn FnMut(&dyn View)) {
        ask(&*self.chain());
    }

    /// One second after the newest block, so that answers can be foretold.
    fn now(&self) -> Timestamp {
        Timestamp(self.head().at.time.0.saturating_add(1_000))
    }

    fn submit(&self, transaction: Transaction) -> Result<TransactionHash, SubmitError> {
        let mut chain = self.chain_mut();
        if let Some(refusal) = &chain.refusal {
            return Err(refusal.clone());
        }
        transaction.check_signature()?;
        let (_, at) = chain.next_moment(&self.genesis);
        transaction.check(&State::over(&chain.state), at)?;
        let hash = transaction.hash();
        chain.pool.push(transaction);
        Ok(hash)
    }

    fn pending(&self, transaction: &TransactionHash) -> bool {
        self.chain().pool.iter().any(|waiting| waiting.hash() == *transaction)
    }

    fn dropped(&self, transaction: &TransactionHash) -> Option<Dropped> {
        self.chain().dropped.get(transaction).cloned()
    }

    fn pending_nonce(&self, account: &AccountId) -> Option<u64> {
        self.chain().pending_nonce(account)
    }

    fn version(&self) -> NodeVersion {
        NodeVersion {
            version: "0.0.0-memory".into(),
            build_bin_hash: BuildHash([0xaa; 32]),
            build_source_hash: Digest([0xcc; 32]),
            target: "memory".into(),
            rustc: "none".into(),
            profile: "dev".into(),
        }
    }

    fn health(&self) -> Health {
        let head = self.head();
        Health {
            ok: true,
            height: head.at.height,
            block_time: head.at.time,
            block_age_ms: 1_000,
            catching_up: false,
            validating: false,
            peers: 0,
            pool_transactions: self.chain().pool.len() as u64,
            warnings: Vec::new(),
        }
    }

    fn peers(&self) -> Vec<Peer> {
        Vec::new()
    }

    fn overlay_status(&self) -> OverlayStatus {
        OverlayStatus {
            backend: "none".into(),
            peer_db_path: "/nowhere/peers.json".into(),
            local_peer_id: String::new(),
            live_peers: Vec::new(),
            refused_peers: Vec::new(),
            persisted_peers: 0,
            listen: Vec::new(),
        }
    }

    fn log_level(&self, level: Option<&str>) -> Result<LogLevel, Refusal> {
        let mut chain = self.chain_mut();
        let before = chain.log_level.clone();
        chain.log_level = level.unwrap_or(&before).to_owned();
        Ok(LogLevel { before, level: chain.log_level.clone() })
    }

    fn artifacts(&self) -> Result<Vec<Artifact>, Refusal> {
        let chain = self.chain();
        let artifact = |(hash, reason): (&BuildHash, &String)| {
            let release = releases::storage::APPROVED.get(&State::over(&chain.state), hash);
            let activated_epoch = release.map(|release| release.activated_epoch);
            let pinned = Some(reason.clone());
            Artifact { hash: *hash, size: None, held_since: None, pinned, activated_epoch, served: false }
        };
        Ok(chain.pins.iter().map(artifact).collect())
    }

    fn pin_artifact(&self, hash: &BuildHash, reason: &str) -> Result<Pinned, Refusal> {
        self.chain_mut().pins.insert(*hash, reason.to_owned());
        Ok(Pinned { hash: *hash, reason: reason.to_owned(), held: false })
    }

    fn unpin_artifact(&self, hash: &BuildHash) -> Result<Unpinned, Refusal> {
        let was_pinned = self.chain_mut().pins.remove(hash).is_some();
        Ok(Unpinned { hash: *hash, was_pinned })
    }

    fn dial(&self, address: &str) -> Result<Dialling, Refusal> {
        Ok(Dialling { address: address.into() })
    }

    fn forget(&self, peer_id: &str) -> Result<Forgotten, Refusal> {
        Ok(Forgotten { peer_id: peer_id.into(), was_known: false })
    }
}
