//! A node in memory that executes real blocks: for tests and benches of servers and clients.

use crate::chain_view::{AtEachRow, ChainView, WatchedView};
use crate::error::{ReadError, RpcRefusal, SubmitError};
use crate::source::NodeSource;
use crate::views::{
    Artifact, AuditIntegrity, AuditWalk, ChainHealth, Dialling, Dropped, Forgotten, Health, LogLevel, NodeVersion,
    OverlayStatus, PeerView, Pinned, Unpinned,
};
use ledger::{Head, InMemory, KeptBlock, Ledger};
use light::{Anchor, SignedHeader, Trail};
use primitives::{AccountId, BlockHash, BuildHash, Digest, Height, Moment, Timestamp, TransactionHash};
use runtime::{Block, Call, Certificate, Genesis, Header, Lane, Payload, Record, Transaction};
use state::tree::prove;
use state::{Backend, Memory, State, StateEntry, StateProof};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tlog::testing::AllHashes;
use tlog::{BlockLeaf, Hashes as _};
use tokio::sync::watch;

/// The chain of one validator set whose keys are those of [`runtime::testing`]. It makes a block when it is told to.
pub struct MemoryNode {
    genesis: Genesis,
    chain: RwLock<Chain>,
    heads: watch::Sender<Arc<Head>>,
    at_each_row: RwLock<Option<Arc<AtEachRow<'static>>>>,
    /// Why the chain is not well here.
    warning: RwLock<Option<String>>,
    /// What its operator should know besides.
    operators: RwLock<Option<String>>,
}

struct Chain {
    ledger: Ledger<InMemory>,
    places: BTreeMap<TransactionHash, (Height, u32)>,
    pool: Vec<Transaction>,
    earliest: Height,
    refusal: Option<SubmitError>,
    dropped: BTreeMap<TransactionHash, Dropped>,
    log_level: String,
    /// The reasons of what is pinned. No artifact is ever held.
    pins: BTreeMap<BuildHash, String>,
    epoch_length: u64,
    trail: Trail,
    hops: Vec<SignedHeader>,
}

impl MemoryNode {
    /// The chain at height 0.
    pub fn new(genesis: Genesis) -> Self {
        let ledger = Ledger::in_memory(&genesis);
        let (head, epoch_length) = (ledger.head().clone(), genesis.chain.epoch_length);
        let chain = Chain {
            ledger,
            places: BTreeMap::new(),
            pool: Vec::new(),
            earliest: Height(0),
            refusal: None,
            dropped: BTreeMap::new(),
            log_level: "info".into(),
            pins: BTreeMap::new(),
            epoch_length,
            trail: Trail::resume(Anchor::genesis(&genesis), None),
            hops: Vec::new(),
        };
        let heads = watch::Sender::new(Arc::new(head));
        let (at_each_row, warning, operators) = (RwLock::default(), RwLock::default(), RwLock::default());
        Self { genesis, chain: RwLock::new(chain), heads, at_each_row, warning, operators }
    }

    /// What the chain started from.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Signs a call with the next nonce of the key's account in the wallet's lane, after what waits in the pool.
    pub fn sign(&self, key: &primitives::SecretKey, call: Call) -> Transaction {
        let chain = self.chain();
        let nonce = accounts::queries::account(&State::over(chain.state()), &key.account()).nonce;
        let nonce = chain.pending_nonce(&key.account(), Lane::Wallet).unwrap_or(nonce);
        let expires_at = chain.head().at.height.plus(100);
        let chain_id = self.genesis.chain.chain_id.clone();
        let fee = self.genesis.accounts.fees.base;
        Payload { chain_id, account: key.account(), lane: Lane::Wallet, nonce, expires_at, fee, call }.sign(key)
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

    /// Asks from now on at each row that somebody reads whether to go on.
    pub fn watch_rows(&self, at_each_row: impl Fn() -> Result<(), ReadError> + Send + Sync + 'static) {
        *self.at_each_row.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(at_each_row));
    }

    /// Is behind the chain from now on, and says why.
    pub fn warn(&self, why: &str) {
        *self.warning.write().unwrap_or_else(PoisonError::into_inner) = Some(why.into());
    }

    /// Has something to say to its operator from now on.
    pub fn warn_operator(&self, what: &str) {
        *self.operators.write().unwrap_or_else(PoisonError::into_inner) = Some(what.into());
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
    fn head(&self) -> &Head {
        self.ledger.head()
    }

    fn state(&self) -> &Memory {
        &self.ledger.storage().state
    }

    fn pending_nonce(&self, account: &AccountId, lane: Lane) -> Option<u64> {
        let is_of = |payload: &Payload| payload.account == *account && payload.lane == lane;
        let of_account = self.pool.iter().filter(|waiting| is_of(&waiting.payload));
        of_account.map(|waiting| waiting.payload.nonce.saturating_add(1)).max()
    }

    /// The moment of the next block: one second after the one before.
    fn next_moment(&self, genesis: &Genesis) -> Moment {
        runtime::testing::context(genesis, self.head().at.height.next().0).moment(&State::over(self.state()))
    }

    /// A block of what waits, proposed by the first validator and signed by all whose keys are known.
    fn advance(&mut self, genesis: &Genesis) -> Head {
        let (time, keys) =
            (self.next_moment(genesis).time, (0..4).map(runtime::testing::validator).collect::<Vec<_>>());
        let proposer = runtime::testing::validator(0).account();
        let block = self.ledger.propose(0, time, proposer, std::mem::take(&mut self.pool));
        let block = block.unwrap_or_else(|error| state::corrupt(&error.to_string()));
        for (index, transaction) in (0u32..).zip(&block.transactions) {
            self.places.insert(transaction.hash(), (block.header.height, index));
        }
        let certificate = runtime::testing::certificate(&block.header, &keys);
        self.ledger.commit(block, certificate).unwrap_or_else(|error| state::corrupt(&error.to_string()));
        let end = self.end(self.head().at.height);
        self.hops.extend(end.and_then(|end| self.trail.extend(&end)));
        self.head().clone()
    }

    /// The header of a height that ends its epoch.
    fn end(&self, height: Height) -> Option<SignedHeader> {
        let kept = self.ledger.storage().at(height).filter(|_| height.ends_epoch(self.epoch_length))?;
        let (header, validators) = (kept.block.header.clone(), kept.validators.clone());
        Some(SignedHeader { header, certificate: kept.certificate.clone()?, validators })
    }

    fn kept(&self, height: Height) -> Option<&KeptBlock> {
        self.ledger.storage().at(height).filter(|_| height >= self.earliest)
    }
}

impl Backend for Chain {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.state().read(key)
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        self.state().scan(prefix, from)
    }
}

impl ChainView for Chain {
    fn head(&self) -> Result<Head, ReadError> {
        Ok(Chain::head(self).clone())
    }

    fn earliest(&self) -> Result<Height, ReadError> {
        Ok(self.earliest)
    }

    fn header(&self, height: Height) -> Result<Option<Header>, ReadError> {
        Ok(self.ledger.storage().at(height).map(|kept| kept.block.header.clone()))
    }

    fn block(&self, height: Height) -> Result<Option<Block>, ReadError> {
        Ok(self.kept(height).map(|kept| kept.block.clone()))
    }

    fn record(&self, height: Height) -> Result<Option<Record>, ReadError> {
        Ok(self.kept(height).map(|kept| kept.record.clone()))
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError> {
        Ok(self.kept(height).and_then(|kept| kept.certificate.clone()))
    }

    fn epoch_ends(&self, height: Height) -> Box<dyn Iterator<Item = Result<SignedHeader, ReadError>> + '_> {
        let above = (height.next().0..=Chain::head(self).at.height.0).map(Height);
        Box::new(above.filter_map(|height| self.end(height)).map(Ok))
    }

    fn epoch_end(&self, height: Height) -> Result<Option<SignedHeader>, ReadError> {
        Ok(self.end(height))
    }

    fn hops(&self) -> Result<u64, ReadError> {
        Ok(self.hops.len() as u64)
    }

    fn hop(&self, number: u64) -> Result<Option<SignedHeader>, ReadError> {
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        Ok(place.and_then(|place| self.hops.get(place)).cloned())
    }

    fn hop_above(&self, height: Height) -> Result<Option<u64>, ReadError> {
        let below = self.hops.partition_point(|hop| hop.height() <= height);
        Ok((below < self.hops.len()).then_some(below as u64 + 1))
    }

    fn block_hash(&self, height: Height) -> Result<Option<BlockHash>, ReadError> {
        Ok(self.ledger.storage().at(height).map(|kept| kept.block.header.hash()))
    }

    fn log_node(&self, level: u8, index: u64) -> Result<Digest, ReadError> {
        let headers = self.ledger.storage().blocks.iter().map(|kept| &kept.block.header);
        let leaves = headers.map(|header| BlockLeaf { height: header.height, block: header.hash() }.hash());
        let ahead = |_| ReadError::Failed(format!("not all blocks below node {index} of level {level} are there"));
        AllHashes::over(leaves).node(level, index).map_err(ahead)
    }

    fn proof(&self, key: &[u8], height: Height) -> Result<Option<StateProof>, ReadError> {
        if self.kept(height).is_none() {
            return Ok(None);
        }
        let tree = &self.ledger.storage().tree;
        prove(tree, key, height.0).map(Some).map_err(|error| ReadError::Failed(error.to_string()))
    }

    fn locate(&self, transaction: &TransactionHash) -> Result<Option<(Height, u32)>, ReadError> {
        Ok(self.places.get(transaction).copied())
    }
}

impl NodeSource for MemoryNode {
    fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    fn head(&self) -> Arc<Head> {
        self.heads.borrow().clone()
    }

    fn heads(&self) -> watch::Receiver<Arc<Head>> {
        self.heads.subscribe()
    }

    fn view(&self, ask: &mut dyn FnMut(&dyn ChainView)) {
        let at_each_row = self.at_each_row.read().unwrap_or_else(PoisonError::into_inner).clone();
        match at_each_row {
            Some(at_each_row) => ask(&WatchedView::new(&*self.chain(), &*at_each_row)),
            None => ask(&*self.chain()),
        }
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
        let at = chain.next_moment(&self.genesis);
        transaction.check(&State::over(chain.state()), at)?;
        transaction.check_signature()?;
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

    fn pending_nonce(&self, account: &AccountId, lane: Lane) -> Option<u64> {
        self.chain().pending_nonce(account, lane)
    }

    fn version(&self) -> NodeVersion {
        NodeVersion {
            version: "0.0.0-memory".into(),
            build_bin_hash: BuildHash([0xaa; 32]),
            build_source_hash: Digest([0xcc; 32]),
            target: "memory".into(),
            rustc: "none".into(),
            profile: "dev".into(),
            level: runtime::LEVEL,
            log_vkey: String::new(),
        }
    }

    fn health(&self) -> Health {
        let ChainHealth { ok, height, block_time, block_age_ms, mut warnings } = self.chain_health();
        warnings.extend(self.operators.read().unwrap_or_else(PoisonError::into_inner).clone());
        Health {
            ok,
            height,
            block_time,
            block_age_ms,
            catching_up: false,
            validating: false,
            peers: 0,
            pool_transactions: self.chain().pool.len() as u64,
            halt: None,
            warnings,
        }
    }

    fn chain_health(&self) -> ChainHealth {
        let head = self.head();
        let warning = self.warning.read().unwrap_or_else(PoisonError::into_inner).clone();
        ChainHealth {
            ok: warning.is_none(),
            height: head.at.height,
            block_time: head.at.time,
            block_age_ms: 1_000,
            warnings: warning.into_iter().collect(),
        }
    }

    /// Everything is looked at whenever it is asked.
    fn audit_integrity(&self) -> AuditIntegrity {
        let mut walk = AuditWalk::default();
        // A chain in memory is read without errors.
        while walk.step(&*self.chain(), 256).unwrap_or_default() {}
        walk.answer()
    }

    fn peers(&self) -> Vec<PeerView> {
        Vec::new()
    }

    fn overlay_status(&self) -> OverlayStatus {
        OverlayStatus {
            backend: "none".into(),
            peer_db_path: "/nowhere/peers.json".into(),
            local_peer_id: String::new(),
            live_peers: Vec::new(),
            refused_peers: Vec::new(),
            shared_keys: Vec::new(),
            persisted_peers: 0,
            listen: Vec::new(),
        }
    }

    fn log_level(&self, level: Option<&str>) -> Result<LogLevel, RpcRefusal> {
        let mut chain = self.chain_mut();
        let before = chain.log_level.clone();
        chain.log_level = level.unwrap_or(&before).to_owned();
        Ok(LogLevel { before, level: chain.log_level.clone() })
    }

    fn artifacts(&self) -> Result<Vec<Artifact>, RpcRefusal> {
        let chain = self.chain();
        let artifact = |(hash, reason): (&BuildHash, &String)| {
            let release = releases::queries::release(&State::over(chain.state()), hash);
            let activated_epoch = release.map(|release| release.activated_epoch);
            let pinned = Some(reason.clone());
            Artifact { hash: *hash, size: None, held_since: None, pinned, activated_epoch, served: false }
        };
        Ok(chain.pins.iter().map(artifact).collect())
    }

    fn pin_artifact(&self, hash: &BuildHash, reason: &str) -> Result<Pinned, RpcRefusal> {
        self.chain_mut().pins.insert(*hash, reason.to_owned());
        Ok(Pinned { hash: *hash, reason: reason.to_owned(), held: false })
    }

    fn unpin_artifact(&self, hash: &BuildHash) -> Result<Unpinned, RpcRefusal> {
        let was_pinned = self.chain_mut().pins.remove(hash).is_some();
        Ok(Unpinned { hash: *hash, was_pinned })
    }

    fn dial(&self, address: &str) -> Result<Dialling, RpcRefusal> {
        Ok(Dialling { address: address.into() })
    }

    fn forget(&self, peer_id: &str) -> Result<Forgotten, RpcRefusal> {
        Ok(Forgotten { peer_id: peer_id.into(), was_known: false })
    }
}
