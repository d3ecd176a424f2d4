//! The chain of this node: the store, the runtime over it, and the transactions that wait.
//!
//! Consensus calls it to build, judge and commit blocks ([`Application`](consensus::Application), in `produce`);
//! transactions come in through `admission`, what peers have decided through `forks`, what they know against validators through `offences`,
//! and what witnesses cosigned through `cosignatures`. One writer, which is consensus; readers take views of the store and
//! never hold it up.
//!
//! # Invariants
//! - No signature that was verified on its way in is verified again in a block that is proposed, and whatever was decided is verified whole.
//! - What readers see is committed: header, state and record of a height appear together.

mod admission;
mod cosignatures;
mod forks;
mod holders;
mod lately;
pub(crate) mod offences;
mod produce;
pub(crate) mod pulse;
mod standing;
#[cfg(test)]
pub(crate) mod tests;
mod tip;
mod verified;

pub use admission::AdmissionRefusal;
pub use cosignatures::{CollectedCosignatures, CosignatureWord};
pub use holders::{Heard, Holders};
pub use pulse::Skew;
pub use standing::{KeyStanding, Silence};

use crate::lifetime::Lifetime;
use crate::mempool::{Mempool, MempoolBounds};
use crate::metrics::NodeMetrics;
use flags::Gates;
use host::clock;
use host::provenance::TrustedSigners;
use lately::Lately;
use ledger::Ledger;
use light::Fork;
use primitives::{AccountId, BuildHash, ChainPosition, Height, Moment, TransactionHash};
use pulse::Pulse;
use rpc::Head;
use runtime::{Certificate, Genesis, Transaction};
use state::State;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::db::{DbError, Store};
use store::{EvidenceFolder, begin};
use tip::Tip;
use tlog::LogOrigin;
use tokio::sync::{broadcast, watch};
use verified::VerifiedTransactions;
use web::FlagWrites;

/// A newest block older than this many block times (and than ten seconds) is stale.
const STALE_BLOCKS: u64 = 10;
/// No newest block is stale before, in milliseconds.
const STALE_MS: u64 = 10_000;

/// The chain of this node.
pub struct Chain {
    store: Store,
    genesis: Genesis,
    account: AccountId,
    tip: Tip,
    /// What the last blocks have changed of what transactions are judged by.
    lately: Lately,
    /// When it was opened.
    begun: Instant,
    /// Whether it moves here.
    pulse: Mutex<Pulse>,
    /// Held by consensus alone, for one block after the other.
    ledger: Mutex<Ledger<Store>>,
    pool: Mutex<Mempool>,
    /// What became ready.
    ready: broadcast::Sender<TransactionHash>,
    verify: admission::Verify,
    /// Whose signatures were verified on their way in.
    verified: VerifiedTransactions,
    trusted: TrustedSigners,
    metrics: NodeMetrics,
    /// The life of the build that runs; none where no build is judged, as in tests.
    lifetime: Option<Lifetime>,
    /// Where what is known against validators is kept; none where nothing outlives the process, as in tests.
    evidence: Option<EvidenceFolder>,
    /// Whether the key of this node signs; none where there is none, and in tests.
    standing: Option<KeyStanding>,
    /// Who else has a validator's key, as far as that is heard.
    holders: Holders,
    /// What witnesses say of the log of blocks, as it was collected.
    cosignatures: CollectedCosignatures,
    /// Two decisions of one height, as long as some are known.
    fork: watch::Sender<Option<Arc<Fork>>>,
    /// What peers have decided at the end of this epoch, before this node.
    ahead: Mutex<Option<Certificate>>,
    /// What blocks wrote about flags and roles, for whoever evaluates flags.
    flag_writes: FlagWrites,
}

impl Chain {
    /// Opens the chain over a store; writes genesis into an empty one. `account` proposes blocks and earns what their
    /// transactions offer above the least fees.
    ///
    /// # Errors
    /// When the store fails, or holds the chain of another genesis.
    pub fn open(
        store: Store,
        genesis: Genesis,
        account: AccountId,
        bounds: MempoolBounds,
        trusted: TrustedSigners,
        metrics: NodeMetrics,
    ) -> Result<Self, DbError> {
        let head = begin(&store, &genesis)?;
        metrics.head(&head.header);
        metrics.earliest(store.view().earliest()?);
        metrics.log().begins(store.view().log_from()?.unwrap_or_default());
        let ledger = Ledger::over(store.clone(), &genesis, head.header.clone());
        let tip = Tip::at(head, &State::over(&store.view()));
        let chain = Self {
            store,
            genesis,
            account,
            lately: Lately::begin(&tip.next(), Instant::now()),
            tip,
            begun: Instant::now(),
            pulse: Mutex::new(Pulse::begin(Instant::now())),
            ledger: Mutex::new(ledger),
            verified: VerifiedTransactions::beside(&bounds, metrics.clone()),
            pool: Mutex::new(Mempool::new(bounds)),
            ready: broadcast::Sender::new(admission::UNTOLD),
            verify: Arc::new(Transaction::check_signature),
            trusted,
            metrics,
            lifetime: None,
            evidence: None,
            standing: None,
            holders: Holders::none(),
            cosignatures: CollectedCosignatures::default(),
            fork: watch::Sender::new(None),
            ahead: Mutex::default(),
            flag_writes: FlagWrites::default(),
        };
        chain.count_gates(&State::over(&chain.store.view()));
        Ok(chain)
    }

    /// Says in the metrics which gates are on for this node, what its presence comes to, and how the log of blocks stands.
    fn count_gates(&self, state: &State) {
        let gates = Gates::of(state);
        self.metrics.gates(|gate| gates.is_on_for(state, gate, &self.account));
        self.metrics.rewards(rewards::queries::pool(state), rewards::queries::presence(state, &self.account));
        let newest = witnesses::queries::newest_checkpoint(state).map(|(epoch, _)| epoch);
        let cosigned = newest.map(|epoch| (epoch, witnesses::queries::cosignatures(state, epoch).len()));
        self.metrics.log().stands(witnesses::queries::log(state).map_or(0, |log| log.frontier.size()), cosigned);
    }

    /// The chain of a node that runs `build`, and goes on only while governance lets that build run.
    pub fn run_by(self, build: BuildHash) -> Self {
        Self { lifetime: Some(Lifetime::new(build, self.metrics.clone())), ..self }
    }

    /// The chain of a node that keeps in a folder what it learns against validators, and knows of the fork that lies there.
    pub fn keeping(self, evidence: EvidenceFolder) -> Self {
        let chain = Self { evidence: Some(evidence), ..self };
        chain.recall_fork();
        chain
    }

    /// The chain of a node whose key signs as far as its home is known to be the one where it signed last.
    pub fn signing_by(self, standing: Option<KeyStanding>) -> Self {
        let chain = Self { standing, ..self };
        chain.tell_silence();
        chain
    }

    /// The chain of a node that listens for others with its key.
    pub fn calling(self, holders: Holders) -> Self {
        Self { holders, ..self }
    }

    /// Why this node's key signs nothing; none where it signs, or where there is none.
    pub fn silence(&self) -> Option<Silence> {
        self.standing.as_ref().and_then(KeyStanding::silence)
    }

    /// The chain of a test that looks on while signatures are checked.
    #[cfg(test)]
    pub(crate) fn verifying_by(self, verify: admission::Verify) -> Self {
        Self { verify, ..self }
    }

    /// What the log of blocks is called in what is signed.
    ///
    /// # Errors
    /// When the store does not have the hash of its first block.
    pub fn log_origin(&self) -> Result<LogOrigin, DbError> {
        let first = self.store.view().block_hash(Height(0))?.ok_or(DbError::NoGenesis)?;
        Ok(LogOrigin::of(&self.genesis.chain.chain_id, &first))
    }

    /// The genesis this chain began with.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The last committed block.
    pub fn head(&self) -> Arc<Head> {
        self.tip.head()
    }

    /// Changes with each committed block, after the store has it.
    pub fn heads(&self) -> watch::Receiver<Arc<Head>> {
        self.tip.heads()
    }

    /// Where the next block stands, as far as it is known: its time is at least one after the head's. Reads no state.
    pub fn next_position(&self) -> ChainPosition {
        let at = self.head().at;
        ChainPosition::of(at.height.next(), at.time.next(), self.epoch_length())
    }

    /// The moment of the next block, for who judges by it; where it stands is [`next_position`](Self::next_position). Reads no state.
    pub fn next_moment(&self) -> Moment {
        self.tip.next_moment()
    }

    /// Blocks in an epoch.
    pub fn epoch_length(&self) -> u64 {
        self.genesis.chain.epoch_length
    }

    /// What blocks have written about flags and roles since this node opened its chain.
    pub fn flag_writes(&self) -> &FlagWrites {
        &self.flag_writes
    }

    /// What this node counts.
    pub fn metrics(&self) -> &NodeMetrics {
        &self.metrics
    }

    /// How old the newest block is, in milliseconds: since it came, where it was new then, whatever this machine's clock says.
    pub fn block_age_ms(&self) -> u64 {
        let age = self.pulse().age(Instant::now(), clock::now(), self.head().at.time);
        u64::try_from(age.as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether the newest block is so old that this node is catching up, or the chain stands still here.
    pub fn is_stale(&self) -> bool {
        self.pulse().is_stale(Instant::now(), clock::now(), self.head().at.time, self.longest_pause())
    }

    /// Whether no block came for so long that the chain stands still here.
    pub fn stands_still(&self) -> bool {
        self.pulse().idle(Instant::now()) > self.longest_pause()
    }

    /// How long no block may come.
    fn longest_pause(&self) -> Duration {
        let block_time_ms = self.genesis.chain.consensus.block_time_ms;
        Duration::from_millis(block_time_ms.saturating_mul(STALE_BLOCKS).max(STALE_MS))
    }

    /// The chain of a test that was opened so much earlier.
    #[cfg(test)]
    pub(crate) fn opened_before(self, longer: Duration) -> Self {
        Self { begun: self.begun.checked_sub(longer).expect("this machine has run for longer"), ..self }
    }

    /// Lets the head of a test be so much older.
    #[cfg(test)]
    pub(crate) fn stood_for(&self, longer: Duration) {
        self.pulse().stood_for(longer);
    }

    /// How far this machine's clock is off the times of blocks that come as they are proposed; none while none has come.
    pub fn clock_skew(&self) -> Option<Skew> {
        self.pulse().skew(Instant::now(), clock::now())
    }

    fn pulse(&self) -> MutexGuard<'_, Pulse> {
        self.pulse.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store underneath.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether this node's account decides the next block.
    pub fn is_validator(&self) -> bool {
        let view = self.store.view();
        let set = staking::queries::validator_set(&State::over(&view), self.next_position().epoch);
        set.power_of(&self.account).is_some()
    }

    /// The transactions that wait.
    pub fn pool(&self) -> MutexGuard<'_, Mempool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
