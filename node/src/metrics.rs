//! What this node counts, in Prometheus' terms. Names are those of INTERFACES; `docs/metrics.md` lists them.

use crate::log_metrics::LogMetrics;
use crate::mempool::Mempool;
use consensus::Blame;
use flags::Gate;
use governance::Choice;
use host::console;
use primitives::{Amount, Epoch, Height};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram};
use prometheus_client::registry::Registry;
use runtime::{Cause, Event, Fact, Header};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

/// The counters of one node; clones count together.
#[derive(Clone)]
pub struct NodeMetrics {
    registry: Arc<Mutex<Registry>>,
    votes: Family<ChoiceLabel, Counter>,
    installs: Counter,
    quorum_failures: Counter,
    provenance_valid: Counter,
    provenance_invalid: Counter,
    height: Gauge,
    earliest: Gauge,
    clock_off: Gauge,
    block_seconds: Histogram,
    blocks_refused: Counter,
    signatures_known: Counter,
    signatures_unknown: Counter,
    blocks_whole: Counter,
    blocks_compact: Counter,
    blocks_lacking: Counter,
    parts_unheard: Counter,
    announcements_forged: Counter,
    peers_out: Counter,
    facts: Family<OutcomeLabel, Counter>,
    offences: Counter,
    evidence_waiting: Gauge,
    forked: Gauge,
    signs: Gauge,
    twin: Gauge,
    pool_count: Gauge,
    pool_bytes: Gauge,
    pool_apart: Gauge,
    rpc_seconds: Family<CallLabel, Histogram>,
    build_ends: Gauge,
    build_end_epoch: Gauge,
    gates: Family<GateLabel, Gauge>,
    rewards_pool: Gauge,
    presence: Gauge,
    log: LogMetrics,
    log_lines_lost: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChoiceLabel {
    choice: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabel {
    method: String,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GateLabel {
    gate: &'static str,
}

fn rpc_histogram() -> Histogram {
    Histogram::new([0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0])
}

impl NodeMetrics {
    /// Fresh counters in a registry of their own.
    pub fn new() -> Self {
        let metrics = Self {
            registry: Arc::default(),
            votes: Family::default(),
            installs: Counter::default(),
            quorum_failures: Counter::default(),
            provenance_valid: Counter::default(),
            provenance_invalid: Counter::default(),
            height: Gauge::default(),
            earliest: Gauge::default(),
            clock_off: Gauge::default(),
            block_seconds: Histogram::new([0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0]),
            blocks_refused: Counter::default(),
            signatures_known: Counter::default(),
            signatures_unknown: Counter::default(),
            blocks_whole: Counter::default(),
            blocks_compact: Counter::default(),
            blocks_lacking: Counter::default(),
            parts_unheard: Counter::default(),
            announcements_forged: Counter::default(),
            peers_out: Counter::default(),
            facts: Family::default(),
            offences: Counter::default(),
            evidence_waiting: Gauge::default(),
            forked: Gauge::default(),
            signs: Gauge::default(),
            twin: Gauge::default(),
            pool_count: Gauge::default(),
            pool_bytes: Gauge::default(),
            pool_apart: Gauge::default(),
            rpc_seconds: Family::new_with_constructor(rpc_histogram),
            build_ends: Gauge::default(),
            build_end_epoch: Gauge::default(),
            gates: Family::default(),
            rewards_pool: Gauge::default(),
            presence: Gauge::default(),
            log: LogMetrics::default(),
            log_lines_lost: Counter::default(),
        };
        for choice in [Choice::Yes, Choice::No, Choice::Abstain] {
            // A counter that exists from the start reads zero; one that appears with the first vote hides its first step.
            drop(metrics.votes.get_or_create(&ChoiceLabel { choice: choice.to_string() }));
        }
        metrics.with_registry(|registry| metrics.register(registry));
        metrics
    }

    fn register(&self, to: &mut Registry) {
        to.register("release_votes", "Ballots counted on proposals", self.votes.clone());
        to.register("release_installs", "Boots of an approved build by this node", self.installs.clone());
        to.register(
            "release_quorum_fail",
            "Releases refused for missing or invalid attestations",
            self.quorum_failures.clone(),
        );
        to.register(
            "build_provenance_valid",
            "Releases signed by the operator's trusted signers",
            self.provenance_valid.clone(),
        );
        to.register(
            "build_provenance_invalid",
            "Releases not signed by the operator's trusted signers",
            self.provenance_invalid.clone(),
        );
        to.register("chain_height", "The last committed height", self.height.clone());
        to.register("chain_earliest_height", "The first height whose block and proofs are kept", self.earliest.clone());
        to.register(
            "chain_clock_off_seconds",
            "How far this machine's clock is ahead of the times of blocks that come as they are proposed",
            self.clock_off.clone(),
        );
        to.register(
            "chain_block_interval_seconds",
            "Block time from one block to the next",
            self.block_seconds.clone(),
        );
        to.register(
            "chain_blocks_refused",
            "Blocks of the proposer whose turn it was that this node refused",
            self.blocks_refused.clone(),
        );
        to.register(
            "signatures_known",
            "Signatures of transactions that were not verified because this node had done so",
            self.signatures_known.clone(),
        );
        to.register(
            "signatures_unknown",
            "Signatures of transactions that had to be verified, on their way in or in a block",
            self.signatures_unknown.clone(),
        );
        to.register(
            "consensus_blocks_whole",
            "Proposed blocks that came in chunks, at once or after their ids",
            self.blocks_whole.clone(),
        );
        to.register(
            "consensus_blocks_compact",
            "Proposed blocks that came as ids of transactions",
            self.blocks_compact.clone(),
        );
        to.register(
            "consensus_blocks_lacking",
            "Proposed blocks that came as ids and of which this node lacked transactions",
            self.blocks_lacking.clone(),
        );
        to.register(
            "consensus_parts_unheard",
            "Parts of blocks passed over because their sender does not count or is out",
            self.parts_unheard.clone(),
        );
        to.register(
            "consensus_announcements_forged",
            "Announcements of blocks in the name of a validator that has not signed them",
            self.announcements_forged.clone(),
        );
        to.register(
            "consensus_peers_out",
            "Peers whose connection ended because they forged announcements",
            self.peers_out.clone(),
        );
        to.register("chain_facts", "Decisions on record, by outcome", self.facts.clone());
        to.register("chain_offences", "Punishments of validators that contradicted themselves", self.offences.clone());
        to.register(
            "chain_evidence_waiting",
            "Offences that are known here and not on chain yet",
            self.evidence_waiting.clone(),
        );
        to.register(
            "chain_forked",
            "1 while this node knows of two decisions of one height, else 0",
            self.forked.clone(),
        );
        to.register(
            "validator_signs",
            "1 while the validator's key of this node signs here, else 0",
            self.signs.clone(),
        );
        to.register(
            "validator_key_elsewhere",
            "1 once another node is known to have this node's validator key, else 0",
            self.twin.clone(),
        );
        to.register("mempool_transactions", "Transactions that blocks could take now", self.pool_count.clone());
        to.register("mempool_bytes", "Bytes of transactions that blocks could take now", self.pool_bytes.clone());
        to.register("mempool_apart", "Transactions that wait apart for their turn", self.pool_apart.clone());
        to.register(
            "build_ends",
            "1 when governance has set an end for the running build, else 0",
            self.build_ends.clone(),
        );
        to.register(
            "build_end_epoch",
            "The first epoch in which the running build may not run; 0 while build_ends is 0",
            self.build_end_epoch.clone(),
        );
        to.register(
            "feature_gate",
            "1 for each gate of the network that is on for this node, else 0",
            self.gates.clone(),
        );
        to.register("rewards_pool", "What presence is paid from", self.rewards_pool.clone());
        to.register(
            "validator_presence",
            "Thousandths of the epoch so far in which this node's validator was there; 0 while nothing is counted",
            self.presence.clone(),
        );
        self.log.register(to);
        to.register("log_lines_lost", "Lines of the log of this process that nobody took", self.log_lines_lost.clone());
        to.register("rpc_latency_seconds", "Time to answer a call, by method and result", self.rpc_seconds.clone());
    }

    /// Lets another module register what it counts.
    pub fn with_registry<T>(&self, register: impl FnOnce(&mut Registry) -> T) -> T {
        register(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything as Prometheus reads it.
    pub fn encode(&self) -> String {
        // Whoever logs knows no metrics.
        self.log_lines_lost.inner().store(console::lost_lines(), Ordering::Relaxed);
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.with_registry(|registry| text::encode(&mut out, registry));
        out
    }

    /// This node booted an approved build.
    pub fn installed(&self) {
        self.installs.inc();
    }

    /// A block of the proposer whose turn it was is refused.
    pub fn block_refused(&self) {
        self.blocks_refused.inc();
    }

    /// A block came in chunks.
    pub fn block_in_chunks(&self) {
        self.blocks_whole.inc();
    }

    /// A block came as ids, and all of its transactions wait at this node, or not.
    pub fn block_by_ids(&self, has_all: bool) {
        self.blocks_compact.inc();
        if !has_all {
            self.blocks_lacking.inc();
        }
    }

    /// The signature of a transaction is needed, and known to be good or to be verified.
    pub fn signature(&self, is_known: bool) {
        let counter = if is_known { &self.signatures_known } else { &self.signatures_unknown };
        counter.inc();
    }

    /// A sender on the consensus network is blamed.
    pub fn sender_blamed(&self, blame: Blame) {
        let counter = match blame {
            Blame::Unheard => &self.parts_unheard,
            Blame::Forged => &self.announcements_forged,
            Blame::Out => &self.peers_out,
        };
        counter.inc();
    }

    /// The end that governance has set for the running build.
    pub fn build_end(&self, epoch: Option<Epoch>) {
        self.build_ends.set(i64::from(epoch.is_some()));
        self.build_end_epoch.set(epoch.map_or(0, |epoch| i64::try_from(epoch.0).unwrap_or(i64::MAX)));
    }

    /// Which gates of the network are on for this node.
    pub fn gates(&self, is_on: impl Fn(Gate) -> bool) {
        for gate in Gate::ALL {
            self.gates.get_or_create(&GateLabel { gate: (*gate).into() }).set(i64::from(is_on(*gate)));
        }
    }

    /// What presence is paid from, and for how many thousandths of the epoch so far this node's validator was there.
    pub fn rewards(&self, pool: Amount, presence: u64) {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.rewards_pool.set(number(pool.0));
        self.presence.set(number(presence));
    }

    /// How the log of blocks stands.
    pub fn log(&self) -> &LogMetrics {
        &self.log
    }

    /// Whether the validator's key of this node signs here, and whether another node is known to have it.
    pub fn signing(&self, signs: bool, twin: bool) {
        self.signs.set(i64::from(signs));
        self.twin.set(i64::from(twin));
    }

    /// So many offences are known here and not on chain yet.
    pub fn evidence_waiting(&self, count: usize) {
        self.evidence_waiting.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Whether this node knows of two decisions of one height.
    pub fn forked(&self, known: bool) {
        self.forked.set(i64::from(known));
    }

    /// The chain as it was found at start.
    pub fn head(&self, header: &Header) {
        self.height.set(i64::try_from(header.height.0).unwrap_or(i64::MAX));
    }

    /// History goes back to this height.
    pub fn earliest(&self, height: Height) {
        self.earliest.set(i64::try_from(height.0).unwrap_or(i64::MAX));
    }

    /// This machine's clock is so many seconds ahead of the times of blocks, or behind where it is below zero.
    pub fn clock_off(&self, seconds: i64) {
        self.clock_off.set(seconds);
    }

    /// A block was committed.
    pub fn block(&self, parent: &Header, header: &Header, facts: &[Fact]) {
        self.head(header);
        if parent.height.0 > 0 {
            self.block_seconds.observe(header.time.0.saturating_sub(parent.time.0) as f64 / 1000.0);
        }
        facts.iter().for_each(|fact| self.fact(fact));
    }

    fn fact(&self, fact: &Fact) {
        let outcome = if fact.outcome.is_ok() { "granted" } else { "refused" };
        self.facts.get_or_create(&OutcomeLabel { outcome }).inc();
        match &fact.outcome {
            Ok(Event::Governance(governance::Event::Voted { ballot, .. })) => {
                self.votes.get_or_create(&ChoiceLabel { choice: ballot.choice.to_string() }).inc();
            }
            Ok(Event::Staking(staking::Event::Punished { .. })) => {
                self.offences.inc();
            }
            Err(error) if !matches!(fact.cause, Cause::Clock) => self.refused(error),
            _ => {}
        }
    }

    /// A call was refused, in a block or before.
    pub fn refused(&self, error: &runtime::Error) {
        use releases::Error as E;
        let lacks_attestation = matches!(
            error,
            runtime::Error::Releases(
                E::QuorumMissing { .. }
                    | E::UnknownSigner(_)
                    | E::DuplicateSigner(_)
                    | E::BadSignature { .. }
                    | E::BadSignatureFor { .. }
                    | E::ManifestQuorumMissing { .. }
                    | E::ManifestMixed { .. }
                    | E::BadManifestSignature { .. }
            )
        );
        if lacks_attestation {
            self.quorum_failures.inc();
        }
    }

    /// A release was held against the operator's trusted signers.
    pub fn provenance(&self, valid: bool) {
        if valid { &self.provenance_valid } else { &self.provenance_invalid }.inc();
    }

    /// The pool changed.
    pub fn pool(&self, pool: &Mempool) {
        let ready = pool.ready();
        self.pool_count.set(i64::try_from(ready.count).unwrap_or(i64::MAX));
        self.pool_bytes.set(i64::try_from(ready.bytes).unwrap_or(i64::MAX));
        self.pool_apart.set(i64::try_from(pool.apart().count).unwrap_or(i64::MAX));
    }

    /// A call was answered.
    pub fn rpc(&self, method: &str, seconds: f64, succeeded: bool) {
        let result = if succeeded { "ok" } else { "error" };
        self.rpc_seconds.get_or_create(&CallLabel { method: method.into(), result }).observe(seconds);
    }
}

impl Default for NodeMetrics {
    fn default() -> Self {
        Self::new()
    }
}
