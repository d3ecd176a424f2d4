//! What RPC is answered from: this node's store, pool, overlay and build.

use crate::audit_watch::AuditWatch;
use crate::chain::Chain;
use crate::holdings::Holdings;
use crate::logging;
use crate::release_channel;
use crate::roll_call::{Halt, RollCall};
use crate::supervise::parent;
use crate::witness::WitnessTrouble;
use builds::ArtifactError;
use host::clock::{self, HomeClock};
use host::config::{Config, Home};
use host::owners;
use overlay::{OverlayHandle, parse_address};
use primitives::{AccountId, BuildHash, Height, Name, Timestamp, TransactionHash};
use releases::queries::{Verdict, verdict_now};
use rpc::error::RpcRefusal;
use rpc::views::{
    Artifact, AuditIntegrity, ChainHealth, Dialling, Dropped, Forgotten, Health, LogLevel, NodeVersion, OverlayStatus,
    PeerView, Pinned, Unpinned,
};
use rpc::{ChainView, Head, NodeSource, SubmitError};
use runtime::{Genesis, Lane, Transaction};
use state::State;
use std::ops::Range;
use std::sync::Arc;
use store::StoreView;
use tokio::sync::watch;

/// A running node, as far as it can be asked.
pub struct Service {
    chain: Arc<Chain>,
    overlay: OverlayHandle,
    artifacts: Holdings,
    build: NodeVersion,
    /// The build of the supervisor, when there is one.
    supervisor: Option<BuildHash>,
    consensus_peers: watch::Receiver<Vec<PeerView>>,
    clock: HomeClock,
    /// For whom the chain waits.
    roll: Arc<RollCall>,
    /// That this node, which is supervised, runs as the user that owns what its supervisor goes by (H20).
    one_user: Option<String>,
    /// The channel that the operator believes in.
    release_channel: Name,
    /// What was found of the audit log.
    audit: AuditWatch,
    /// By which key it signs checkpoints of the log of blocks.
    log_vkey: String,
    /// What keeps its witness from signing.
    witness: WitnessTrouble,
}

impl Service {
    /// The answers of a node; `consensus_peers` are kept up to date by the node.
    pub fn new(
        chain: Arc<Chain>,
        overlay: OverlayHandle,
        artifacts: Holdings,
        build: NodeVersion,
        consensus_peers: watch::Receiver<Vec<PeerView>>,
        roll: Arc<RollCall>,
        (home, config): (&Home, &Config),
    ) -> Self {
        let (supervisor, clock) = (parent::build(), HomeClock::of(home));
        let one_user = parent::is_supervised().then(|| owners::one_user_warning(home)).flatten();
        let release_channel = config.rollout.release_channel.clone();
        let service = Self {
            chain,
            overlay,
            artifacts,
            build,
            supervisor,
            consensus_peers,
            clock,
            roll,
            one_user,
            release_channel,
            audit: AuditWatch::default(),
            log_vkey: String::new(),
            witness: WitnessTrouble::default(),
        };
        for warning in service.supervisor_warning().iter().chain(&service.one_user) {
            tracing::warn!("{warning}");
        }
        service
    }

    /// The same, by what somebody finds who goes through its audit log.
    pub fn auditing(self, audit: AuditWatch) -> Self {
        Self { audit, ..self }
    }

    /// The same, of a node that signs checkpoints by a key, and whose witness may be in trouble.
    pub fn witnessing(self, log_vkey: String, witness: WitnessTrouble) -> Self {
        Self { log_vkey, witness, ..self }
    }

    /// That this node could not follow a network that takes up its tree of blocks (ROLLOUTS 9).
    fn hashes_warning(&self) -> Option<String> {
        let from = self.chain.store().view().log_from().ok().flatten().filter(|from| *from > Height(0))?;
        Some(format!(
            "this store lacks the hashes of the blocks before height {from}, so this node stops when the network turns recursive_proofs on; \
             start it anew from a snapshot of a node that has them, or from genesis"
        ))
    }

    /// That nobody vouches for some hashes of blocks which came with a snapshot (ROLLOUTS 9).
    fn unvouched_warning(&self) -> Option<String> {
        let view = self.chain.store().view();
        let Range { start, end } = view.unvouched().ok().flatten()?;
        // Nothing takes the tree up where no plan governs.
        flags::queries::node_plan(&State::over(&view))?;
        Some(format!(
            "this store began with a snapshot, and the state has no tree of blocks over the hashes from height {start} to {} yet: if \
             one of them is wrong, this node stops when the network takes the tree up, and has to be filled from another snapshot",
            end.saturating_sub(1)
        ))
    }

    /// That this machine's clock is not that of the others, whose blocks come on time.
    fn skew_warning(&self) -> Option<String> {
        let drift_ms = self.chain.genesis().chain.consensus.max_clock_drift_ms;
        let skew = self.chain.clock_skew().filter(|skew| skew.ms() > drift_ms)?;
        Some(format!("this machine's clock is {skew} the blocks, which come on time; set it"))
    }

    /// That this node forgets less than its operator wants, because the network has its nodes forget nothing (ROLLOUTS 11).
    fn history_warning(&self) -> Option<String> {
        self.chain.store().keeps_against_policy().then(|| {
            "storage.history is without effect: the gate pruning is off for this node, which therefore keeps every block from now on; \
             see to it that the disk has room"
                .into()
        })
    }

    /// That nothing is installed and no ticket taken by this machine's clock, because it is behind what was seen before (T3, T26).
    fn clock_warning(&self) -> Option<String> {
        let drift_ms = self.chain.genesis().chain.consensus.max_clock_drift_ms;
        let behind_ms = match self.clock.look() {
            Ok(reading) => reading.behind_ms(),
            Err(unknown) => return Some(unknown.to_string()),
        };
        (behind_ms > drift_ms).then(|| {
            format!(
                "this machine's clock is {} s behind the latest time that was seen here, so that nothing is installed; set it, or \
                 confirm it with `the-block clock accept`",
                behind_ms / 1000
            )
        })
    }

    /// What is wrong with who started this node (T29).
    pub fn supervisor_warning(&self) -> Option<String> {
        let view = self.chain.store().view();
        let state = State::over(&view);
        let epoch = self.chain.next_position().epoch;
        let running = releases::queries::release(&state, &self.build.build_bin_hash);
        let expected = running.and_then(|release| release.manifest.updater_hash);
        parent::warning(self.supervisor, expected, |hash| verdict_now(&state, hash, epoch) == Verdict::Approved)
    }
}

impl NodeSource for Service {
    fn genesis(&self) -> &Genesis {
        self.chain.genesis()
    }

    fn head(&self) -> Arc<Head> {
        self.chain.head()
    }

    fn heads(&self) -> watch::Receiver<Arc<Head>> {
        self.chain.heads()
    }

    fn view(&self, ask: &mut dyn FnMut(&dyn ChainView)) {
        ask(&StoreView::new(self.chain.store().view(), self.chain.genesis().chain.epoch_length));
    }

    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn submit(&self, transaction: Transaction) -> Result<TransactionHash, SubmitError> {
        self.chain.submit(transaction)
    }

    fn submit_all(&self, transactions: Vec<Transaction>) -> Vec<Result<TransactionHash, SubmitError>> {
        self.chain.submit_all(transactions)
    }

    fn pending(&self, transaction: &TransactionHash) -> bool {
        self.chain.pool().contains(transaction)
    }

    fn dropped(&self, transaction: &TransactionHash) -> Option<Dropped> {
        self.chain.pool().dropped(transaction).cloned()
    }

    fn pending_nonce(&self, account: &AccountId, lane: Lane) -> Option<u64> {
        let view = self.chain.store().view();
        let on_chain = accounts::queries::account(&State::over(&view), account).nonce_in(lane);
        self.chain.pool().next_nonce(account, lane, on_chain)
    }

    fn version(&self) -> NodeVersion {
        NodeVersion { log_vkey: self.log_vkey.clone(), ..self.build.clone() }
    }

    fn audit_integrity(&self) -> AuditIntegrity {
        self.audit.answer()
    }

    fn health(&self) -> Health {
        let ChainHealth { ok, height, block_time, block_age_ms, mut warnings } = self.chain_health();
        let overlay = self.overlay.status();
        let peers = overlay.live_peers.len();
        warnings.extend(self.roll.key_warning());
        let silence = self.chain.silence();
        let validating = silence.is_none() && self.chain.is_validator();
        warnings.extend(silence.map(|silence| silence.to_string()));
        let view = self.chain.store().view();
        let state = State::over(&view);
        let end = releases::queries::stop(&state, &self.build.build_bin_hash);
        warnings.extend(release_channel::warning(&state, &self.release_channel));
        warnings.extend(self.history_warning());
        warnings.extend(self.hashes_warning());
        warnings.extend(self.unvouched_warning());
        warnings.extend(self.witness.told());
        warnings.extend(self.skew_warning());
        warnings.extend(self.clock_warning());
        warnings.extend(self.supervisor_warning());
        warnings.extend(self.one_user.clone());
        warnings.extend(overlay.shared_keys.into_iter().map(|key| key.warning));
        warnings.extend(end.map(|end| update::end_warning(&self.build.build_bin_hash, &end)));
        Health {
            ok,
            height,
            block_time,
            block_age_ms,
            catching_up: !ok,
            validating,
            peers: u32::try_from(peers).unwrap_or(u32::MAX),
            pool_transactions: self.chain.pool().count() as u64,
            halt: self.roll.halt().map(|halt| halt.to_string()),
            warnings,
        }
    }

    fn chain_health(&self) -> ChainHealth {
        let (head, block_age_ms, stale) = (self.chain.head(), self.chain.block_age_ms(), self.chain.is_stale());
        let age = stale.then(|| {
            let why = self.roll.halt().unwrap_or(Halt::Unknown);
            format!("the newest block is {} s old: {why}", block_age_ms / 1000)
        });
        let fork = self.chain.fork().map(|fork| update::fork_warning(&fork));
        ChainHealth {
            ok: !stale,
            height: head.at.height,
            block_time: head.at.time,
            block_age_ms,
            warnings: age.into_iter().chain(fork).collect(),
        }
    }

    fn peers(&self) -> Vec<PeerView> {
        let overlay = self.overlay.status().live_peers.into_iter().map(|peer| PeerView {
            peer_id: peer.peer_id,
            address: peer.address,
            network: "overlay".into(),
            outbound: peer.direction == overlay::Direction::Outbound,
            score: peer.score as i64,
        });
        self.consensus_peers.borrow().iter().cloned().chain(overlay).collect()
    }

    fn overlay_status(&self) -> OverlayStatus {
        self.overlay.status()
    }

    fn log_level(&self, level: Option<&str>) -> Result<LogLevel, RpcRefusal> {
        let before = logging::level().map_err(|error| RpcRefusal::Action(error.to_string()))?;
        let Some(level) = level else { return Ok(LogLevel { level: before.clone(), before }) };
        logging::set_level(level).map_err(|error| RpcRefusal::Parameter(format!("{error:#}")))?;
        tracing::info!(before, level, "the log level was changed over RPC");
        Ok(LogLevel { before, level: level.to_owned() })
    }

    fn artifacts(&self) -> Result<Vec<Artifact>, RpcRefusal> {
        self.artifacts.list().map_err(undone)
    }

    fn pin_artifact(&self, hash: &BuildHash, reason: &str) -> Result<Pinned, RpcRefusal> {
        self.artifacts.pin(hash, reason).map_err(undone)
    }

    fn unpin_artifact(&self, hash: &BuildHash) -> Result<Unpinned, RpcRefusal> {
        self.artifacts.unpin(hash).map_err(undone)
    }

    fn dial(&self, address: &str) -> Result<Dialling, RpcRefusal> {
        let address = parse_address(address).map_err(|error| RpcRefusal::Parameter(error.to_string()))?;
        self.overlay.dial(address.clone()).map_err(|error| RpcRefusal::Action(error.to_string()))?;
        Ok(Dialling { address: address.to_string() })
    }

    fn forget(&self, peer_id: &str) -> Result<Forgotten, RpcRefusal> {
        let peer = peer_id
            .parse()
            .map_err(|_| RpcRefusal::Parameter(format!("{peer_id:?} is not a peer id; name that of a live peer")))?;
        let was_known = self.overlay.forget(peer).map_err(|error| RpcRefusal::Action(error.to_string()))?;
        Ok(Forgotten { peer_id: peer_id.to_owned(), was_known })
    }
}

/// What the caller wrote is told apart from what the node could not do.
fn undone(error: ArtifactError) -> RpcRefusal {
    match error {
        ArtifactError::Reason => RpcRefusal::Parameter(error.to_string()),
        error => RpcRefusal::Action(error.to_string()),
    }
}
