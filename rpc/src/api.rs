//! The methods, one trait per namespace: `…Server` is what the node implements, `…Client` what a client calls.
//!
//! Parameters go by name (`{"hash": "…"}`); a list in the order given here is read too. Optional ones can be left out.
//! Methods that read the store run where blocking is allowed. Those that read much of it are told whether somebody still waits for
//! the answer. What acts on the node, or is what it is judged by, stands in traits of its own (`Operator…`), which the port does
//! not serve.
#![allow(clippy::too_many_arguments, reason = "a server is given the request beside what a method takes")]

use crate::error::RpcRefusal;
use crate::views::*;
use cases::CaseKind;
use flags::Audience;
use governance::{Ballot, Status};
use jsonrpsee::proc_macros::rpc;
use jsonrpsee::server::SubscriptionCloseResponse;
use light::{FactProof, FlagTicket, Ticket};
use primitives::{AccountId, BuildHash, CaseId, ChangeId, Epoch, Height, Name, Path, ProposalId, TransactionHash};
use releases::RosterRecord;
use rollouts::plan::ChangeKind;
use rollouts::queries::StatementPlace;
use rollouts::statement::StatementSubject;
use runtime::{Block, Call, Certificate, Genesis, Header, Lane, Record};

/// Governance of releases.
#[rpc(server, client, namespace = "gov", namespace_separator = ".")]
pub trait GovApi {
    /// The active release signers and how many must sign.
    #[method(name = "release_signers", param_kind = map)]
    fn release_signers(&self) -> Result<ReleaseSigners, RpcRefusal>;

    /// The approved builds, the latest first.
    #[method(name = "release_history", blocking, with_extensions, param_kind = map)]
    fn release_history(
        &self,
        page: Option<u64>,
        page_size: Option<u32>,
        proposer: Option<AccountId>,
        start_epoch: Option<Epoch>,
        end_epoch: Option<Epoch>,
    ) -> Result<PageOf<ReleaseView>, RpcRefusal>;

    /// One approved build, with how far the network has come with it, and the nodes that first spoke of it last.
    #[method(name = "release", blocking, param_kind = map)]
    fn release(&self, hash: BuildHash) -> Result<ReleaseDetail, RpcRefusal>;

    /// What nodes say about an approved build; those that first spoke of it last come first.
    #[method(name = "release_nodes", blocking, with_extensions, param_kind = map)]
    fn release_nodes(
        &self,
        hash: BuildHash,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<PageOf<NodeReport>, RpcRefusal>;

    /// Who says that they built a build from source, the first ones first.
    #[method(name = "rebuilds", blocking, with_extensions, param_kind = map)]
    fn rebuilds(
        &self,
        hash: BuildHash,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<PageOf<RebuildView>, RpcRefusal>;

    /// What each validator of a block last said about a build, with proofs; without a height, of the newest. It is what a
    /// supervisor asks before it changes to the build.
    #[method(name = "stage_proofs", blocking, with_extensions, param_kind = map)]
    fn stage_proofs(&self, hash: BuildHash, height: Option<Height>) -> Result<StageProofs, RpcRefusal>;

    /// Whether to go on running a build.
    #[method(name = "release_advice", blocking, param_kind = map)]
    fn release_advice(&self, hash: BuildHash) -> Result<ReleaseAdvice, RpcRefusal>;

    /// The proof that a build is approved, for a verifier that trusts the block at a height; without it, genesis.
    #[method(name = "release_proof", blocking, with_extensions, param_kind = map)]
    fn release_proof(&self, hash: BuildHash, from: Option<Height>) -> Result<Ticket, RpcRefusal>;

    /// The headers by which trust goes on from the block at a height, a page of them; without it, from genesis. Whoever follows
    /// them to the last page needs none in a ticket from there.
    #[method(name = "trust_path", blocking, with_extensions, param_kind = map)]
    fn trust_path(&self, from: Option<Height>) -> Result<TrustPath, RpcRefusal>;

    /// Every roster of release signers there ever was, the latest first.
    #[method(name = "roster_history", blocking, param_kind = map)]
    fn roster_history(&self, page: Option<u64>, page_size: Option<u32>) -> Result<PageOf<RosterRecord>, RpcRefusal>;

    /// The proposals, the latest first; with a status, those whose vote stands so. Of those that were carried out, each shows where
    /// what it approved stands since. What members of an application's roles are asked is among all, and not among the open ones.
    #[method(name = "proposals", blocking, with_extensions, param_kind = map)]
    fn proposals(
        &self,
        status: Option<Status>,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<PageOf<ProposalView>, RpcRefusal>;

    /// One proposal: its count against the rules, its latest voters, and who has not voted.
    #[method(name = "proposal", blocking, param_kind = map)]
    fn proposal(&self, id: ProposalId) -> Result<ProposalDetail, RpcRefusal>;

    /// The ballots on a proposal, the latest to vote for the first time first.
    #[method(name = "ballots", blocking, with_extensions, param_kind = map)]
    fn ballots(&self, id: ProposalId, page: Option<u64>, page_size: Option<u32>) -> Result<PageOf<Ballot>, RpcRefusal>;

    /// The rules that governance runs by.
    #[method(name = "params", blocking, param_kind = map)]
    fn params(&self) -> Result<ParamsView, RpcRefusal>;

    /// Every fact about proposals and releases, from a height on; without it, from the next block.
    #[subscription(name = "subscribe_events", unsubscribe = "unsubscribe_events", item = Feed<GovernanceEvent>, param_kind = map, with_extensions)]
    async fn subscribe_events(&self, from: Option<Height>) -> SubscriptionCloseResponse;
}

/// Blocks.
#[rpc(server, client, namespace = "chain", namespace_separator = ".")]
pub trait ChainApi {
    /// What a client needs to know before anything else.
    #[method(name = "status", blocking, param_kind = map)]
    fn status(&self) -> Result<ChainStatus, RpcRefusal>;

    /// The newest header.
    #[method(name = "head", param_kind = map)]
    fn head(&self) -> Result<WithHash<Header>, RpcRefusal>;

    /// A block.
    #[method(name = "block", blocking, with_extensions, param_kind = map)]
    fn block(&self, height: Height) -> Result<WithHash<Block>, RpcRefusal>;

    /// What came of a block: its facts.
    #[method(name = "record", blocking, with_extensions, param_kind = map)]
    fn record(&self, height: Height) -> Result<WithHash<Record>, RpcRefusal>;

    /// The precommits that decided a block.
    #[method(name = "certificate", blocking, param_kind = map)]
    fn certificate(&self, height: Height) -> Result<Certificate, RpcRefusal>;

    /// What the chain started from; the BLAKE3 of its SCALE encoding is `genesis_hash` of `chain.status`.
    #[method(name = "genesis", blocking, param_kind = map)]
    fn genesis(&self) -> Result<Genesis, RpcRefusal>;

    /// Every record with its certificate, from a height on; without it, from the next block.
    #[subscription(name = "subscribe_records", unsubscribe = "unsubscribe_records", item = Feed<CertifiedRecord>, param_kind = map, with_extensions)]
    async fn subscribe_records(&self, from: Option<Height>) -> SubscriptionCloseResponse;
}

/// Plans, what changes under them, and what that takes.
#[rpc(server, client, namespace = "rollout", namespace_separator = ".")]
pub trait RolloutApi {
    /// The plans that were ever installed, in the order in which they were.
    #[method(name = "plans", blocking, with_extensions, param_kind = map)]
    fn rollout_plans(
        &self,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<AtHeight<PageOf<PlanSummary>>, RpcRefusal>;

    /// All of a plan that is in force.
    #[method(name = "plan", blocking, with_extensions, param_kind = map)]
    fn rollout_plan(&self, plan: Name) -> Result<PlanDetail, RpcRefusal>;

    /// A plan at a glance: stages and flags, what stands, what is waited for, and what is late.
    #[method(name = "board", blocking, with_extensions, param_kind = map)]
    fn rollout_board(&self, plan: Name) -> Result<RolloutBoard, RpcRefusal>;

    /// The changes, the latest first; of a scope, those that move something there or below. Those of a plan, a state, a kind or a scope
    /// are looked for among so many at a time, and further down below `before`.
    #[method(name = "changes", blocking, with_extensions, param_kind = map)]
    fn rollout_changes(
        &self,
        plan: Option<Name>,
        state: Option<ChangeStateName>,
        kind: Option<ChangeKind>,
        scope: Option<Path>,
        page: Option<u64>,
        page_size: Option<u32>,
        before: Option<ChangeId>,
    ) -> Result<AtHeight<FoundPage<ChangeSummary>>, RpcRefusal>;

    /// All of a change: its list, judged now, what it moved or would, what it owes, its polls, and who acts next.
    #[method(name = "change", blocking, with_extensions, param_kind = map)]
    fn rollout_change(&self, id: ChangeId) -> Result<ChangeDetail, RpcRefusal>;

    /// Why a change can be carried out or closed, a stage be entered, or a phase be moved on, or not: every finding. Without any of
    /// these, the next stage; without a plan, that of this network.
    #[method(name = "explain", blocking, with_extensions, param_kind = map)]
    fn rollout_explain(
        &self,
        plan: Option<Name>,
        stage: Option<Name>,
        phase: Option<Name>,
        change: Option<ChangeId>,
    ) -> Result<RolloutExplanation, RpcRefusal>;

    /// What would come of a call in the next block, for an account; without it, for the first member of the acting role that may.
    #[method(name = "simulate", blocking, with_extensions, param_kind = map)]
    fn rollout_simulate(&self, call: Call, account: Option<AccountId>) -> Result<RolloutSimulation, RpcRefusal>;

    /// Who said what under a plan, the latest of each speaker on each key about each subject: in the order of these, from the place that
    /// `next` of an answer names on.
    #[method(name = "statements", blocking, with_extensions, param_kind = map)]
    fn rollout_statements(
        &self,
        plan: Name,
        key: Option<Name>,
        about: Option<StatementSubject>,
        from: Option<StatementPlace>,
        page_size: Option<u32>,
    ) -> Result<AtHeight<StatementPage>, RpcRefusal>;

    /// What nodes advertise, held against the stage that stands and the next one.
    #[method(name = "fleet", blocking, with_extensions, param_kind = map)]
    fn rollout_fleet(&self, plan: Name) -> Result<RolloutFleet, RpcRefusal>;

    /// The artifacts of a plan, the latest first, and what each is needed for: of a stage those that stood there and were not let go;
    /// otherwise all that were ever registered.
    #[method(name = "artifacts", blocking, with_extensions, param_kind = map)]
    fn rollout_artifacts(
        &self,
        plan: Name,
        stage: Option<Name>,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<AtHeight<PageOf<ArtifactView>>, RpcRefusal>;

    /// The phases of a plan: how far each has come, and what it takes to open and to lock it.
    #[method(name = "phases", blocking, with_extensions, param_kind = map)]
    fn rollout_phases(&self, plan: Name) -> Result<PhasesOfPlan, RpcRefusal>;

    /// The playbooks of a plan: who keeps each, and whether it is tried as often as it says.
    #[method(name = "playbooks", blocking, with_extensions, param_kind = map)]
    fn rollout_playbooks(&self, plan: Name) -> Result<PlaybooksOfPlan, RpcRefusal>;
}

/// Cases: reports, incidents, risks and holds.
#[rpc(server, client, namespace = "case", namespace_separator = ".")]
pub trait CaseApi {
    /// The cases, the latest first; of a scope, those that are there or below. Those of a plan, a kind, a state or a scope are looked for
    /// among so many at a time, and further down below `before`.
    #[method(name = "list", blocking, with_extensions, param_kind = map)]
    fn case_list(
        &self,
        plan: Option<Name>,
        kind: Option<CaseKind>,
        state: Option<CaseStateName>,
        scope: Option<Path>,
        page: Option<u64>,
        page_size: Option<u32>,
        before: Option<CaseId>,
    ) -> Result<AtHeight<FoundPage<CaseSummary>>, RpcRefusal>;

    /// All of a case: how far it has come, what was said about it, and what comes next.
    #[method(name = "get", blocking, param_kind = map)]
    fn case_get(&self, id: CaseId) -> Result<CaseDetail, RpcRefusal>;
}

/// Roles of plans.
#[rpc(server, client, namespace = "roles", namespace_separator = ".")]
pub trait RolesApi {
    /// The roles of a plan.
    #[method(name = "list", blocking, param_kind = map)]
    fn roles_list(&self, plan: Name) -> Result<RolesOfPlan, RpcRefusal>;

    /// A role with its members.
    #[method(name = "role", blocking, param_kind = map)]
    fn roles_role(&self, plan: Name, role: Name) -> Result<RoleDetail, RpcRefusal>;

    /// The roles that an account has, of all plans.
    #[method(name = "of", blocking, with_extensions, param_kind = map)]
    fn roles_of(
        &self,
        account: AccountId,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<AtHeight<PageOf<HeldRole>>, RpcRefusal>;
}

/// Flags of plans.
#[rpc(server, client, namespace = "flags", namespace_separator = ".")]
pub trait FlagsApi {
    /// The flags of a plan, with what they serve at a path; without one, at the root.
    #[method(name = "list", blocking, with_extensions, param_kind = map)]
    fn flags_list(
        &self,
        plan: Name,
        scope: Option<Path>,
        audience: Option<Audience>,
    ) -> Result<FlagsOfPlan, RpcRefusal>;

    /// A flag with everything that is set of it.
    #[method(name = "flag", blocking, with_extensions, param_kind = map)]
    fn flags_flag(&self, plan: Name, key: Name) -> Result<FlagDetail, RpcRefusal>;

    /// What a flag serves somebody at a path; without one, at the root.
    #[method(name = "evaluate", blocking, param_kind = map)]
    fn flags_evaluate(
        &self,
        plan: Name,
        key: Name,
        scope: Option<Path>,
        #[argument(rename = "context")] known: Option<EvaluationAttributes>,
    ) -> Result<FlagEvaluation, RpcRefusal>;

    /// The proof of what a flag serves at a path, for a verifier that trusts the block at `from`; without these, at the root, and genesis.
    #[method(name = "proof", blocking, with_extensions, param_kind = map)]
    fn flags_proof(
        &self,
        plan: Name,
        key: Name,
        scope: Option<Path>,
        from: Option<Height>,
    ) -> Result<FlagTicket, RpcRefusal>;

    /// Everything that it takes to evaluate the flags of a plan at a path and below; without one, everywhere.
    #[method(name = "snapshot", blocking, with_extensions, param_kind = map)]
    fn flags_snapshot(
        &self,
        plan: Name,
        scope: Option<Path>,
        audience: Option<Audience>,
    ) -> Result<FlagsSnapshot, RpcRefusal>;
}

/// The audit log, and the tree of blocks that proves what is in it.
#[rpc(server, client, namespace = "audit", namespace_separator = ".")]
pub trait AuditApi {
    /// Whether the audit log hangs together: by the last look at everything that the node keeps, and at every block since.
    #[method(name = "integrity", blocking, param_kind = map)]
    fn audit_integrity(&self) -> Result<AuditIntegrity, RpcRefusal>;

    /// The proof that a fact is on record: the one at a place of a block, from 0, for a verifier that trusts the block at `from`; without
    /// it, genesis.
    #[method(name = "proof", blocking, with_extensions, param_kind = map)]
    fn audit_proof(&self, height: Height, index: u64, from: Option<Height>) -> Result<FactProof, RpcRefusal>;

    /// The proof that a block is of the chain, also of one that the node does not keep any more. With the record of the block, which
    /// others may have, it proves what is in that.
    #[method(name = "block_proof", blocking, with_extensions, param_kind = map)]
    fn audit_block_proof(&self, height: Height, from: Option<Height>) -> Result<ProvenBlock, RpcRefusal>;

    /// What the tree of blocks was in the first block of an epoch, and who cosigned that; without one, the newest that there is.
    #[method(name = "checkpoint", blocking, param_kind = map)]
    fn audit_checkpoint(&self, epoch: Option<Epoch>) -> Result<LogCheckpoint, RpcRefusal>;

    /// Who vouches for the tree of blocks.
    #[method(name = "witnesses", blocking, param_kind = map)]
    fn audit_witnesses(&self) -> Result<WitnessesOfLog, RpcRefusal>;
}

/// Stake.
#[rpc(server, client, namespace = "staking", namespace_separator = ".")]
pub trait StakingApi {
    /// Whom the rule of a quorum elected for an epoch, beside who decides its blocks; without one, of the newest block's.
    #[method(name = "candidates", blocking, param_kind = map)]
    fn staking_candidates(&self, epoch: Option<Epoch>) -> Result<EpochCandidates, RpcRefusal>;

    /// Who was there in an epoch, and for how long; without one, in the one whose presence is counted now.
    #[method(name = "presence", blocking, with_extensions, param_kind = map)]
    fn staking_presence(&self, epoch: Option<Epoch>) -> Result<EpochPresence, RpcRefusal>;
}

/// What presence is paid.
#[rpc(server, client, namespace = "rewards", namespace_separator = ".")]
pub trait RewardsApi {
    /// What an epoch paid to whom, and what the pool has.
    #[method(name = "epoch", blocking, with_extensions, param_kind = map)]
    fn rewards_epoch(&self, epoch: Epoch) -> Result<EpochRewards, RpcRefusal>;

    /// What an account can collect of what its delegations have earned.
    #[method(name = "due", blocking, with_extensions, param_kind = map)]
    fn rewards_due(&self, account: AccountId) -> Result<RewardsDue, RpcRefusal>;
}

/// Raw state.
#[rpc(server, client, namespace = "state", namespace_separator = ".")]
pub trait StateApi {
    /// The value of a raw key after the newest block.
    #[method(name = "get", blocking, param_kind = map)]
    fn get(&self, key: StorageKey) -> Result<StateValue, RpcRefusal>;

    /// The value of a raw key after a block, with an ICS-23 proof; without a height, after the newest.
    #[method(name = "proof", blocking, param_kind = map)]
    fn proof(&self, key: StorageKey, height: Option<Height>) -> Result<StateProofAt, RpcRefusal>;
}

/// Transactions.
#[rpc(server, client, namespace = "tx", namespace_separator = ".")]
pub trait TxApi {
    /// A payload with nonce, fee and expiry filled in, the bytes to sign, and what they mean. It is in the wallet's lane, unless
    /// another is asked for.
    #[method(name = "prepare", blocking, param_kind = map)]
    fn prepare(&self, account: AccountId, call: Call, lane: Option<Lane>) -> Result<PreparedTransaction, RpcRefusal>;

    /// Takes a transaction into the pool; answers its hash.
    #[method(name = "submit", blocking, param_kind = map)]
    fn submit(&self, transaction: Submission) -> Result<TransactionHash, RpcRefusal>;

    /// What would come of a transaction in the next block. Nothing is kept.
    #[method(name = "dry_run", blocking, with_extensions, param_kind = map)]
    fn dry_run(&self, transaction: Submission) -> Result<DryRun, RpcRefusal>;

    /// What became of a transaction.
    #[method(name = "status", blocking, param_kind = map)]
    fn transaction_status(&self, hash: TransactionHash) -> Result<TransactionStatus, RpcRefusal>;

    /// What becomes of a transaction: how it stands now, then each change, looked for with each block. Ends after the first
    /// status that [is settled](TransactionStatus::is_settled), and when the node has not known the transaction for half a minute.
    #[subscription(name = "subscribe_status", unsubscribe = "unsubscribe_status", item = TransactionStatus, param_kind = map, with_extensions)]
    async fn subscribe_status(&self, hash: TransactionHash) -> SubscriptionCloseResponse;
}

/// Accounts.
#[rpc(server, client, namespace = "account", namespace_separator = ".")]
pub trait AccountApi {
    /// An account with its stake; one never seen is empty.
    #[method(name = "get", blocking, param_kind = map)]
    fn account(&self, account: AccountId) -> Result<AccountView, RpcRefusal>;
}

/// The node itself.
#[rpc(server, client, namespace = "node", namespace_separator = ".")]
pub trait NodeApi {
    /// What software runs.
    #[method(name = "version", param_kind = map)]
    fn version(&self) -> Result<NodeVersion, RpcRefusal>;

    /// Who it is connected to.
    #[method(name = "peers", blocking, param_kind = map)]
    fn peers(&self) -> Result<Vec<PeerView>, RpcRefusal>;
}

/// The node, as its operator asks it and acts on it: over the socket in its home alone.
#[rpc(server, client, namespace = "node", namespace_separator = ".")]
pub trait OperatorNodeApi {
    /// How the node is.
    #[method(name = "health", blocking, param_kind = map)]
    fn health(&self) -> Result<Health, RpcRefusal>;

    /// Changes what the node logs, until it stops; without a level, says what it logs.
    #[method(name = "log_level", blocking, param_kind = map)]
    fn log_level(&self, level: Option<String>) -> Result<LogLevel, RpcRefusal>;

    /// The release artifacts it holds, by hash, and what is pinned besides.
    #[method(name = "artifacts", blocking, param_kind = map)]
    fn artifacts(&self) -> Result<Vec<Artifact>, RpcRefusal>;

    /// Has it keep an artifact until it is unpinned, whatever else needs the place.
    #[method(name = "pin_artifact", blocking, param_kind = map)]
    fn pin_artifact(&self, hash: BuildHash, reason: String) -> Result<Pinned, RpcRefusal>;

    /// Has it keep an artifact no longer than any other.
    #[method(name = "unpin_artifact", blocking, param_kind = map)]
    fn unpin_artifact(&self, hash: BuildHash) -> Result<Unpinned, RpcRefusal>;
}

/// The overlay.
#[rpc(server, client, namespace = "net", namespace_separator = ".")]
pub trait NetApi {
    /// How the overlay is.
    #[method(name = "overlay_status", blocking, param_kind = map)]
    fn overlay_status(&self) -> Result<OverlayStatus, RpcRefusal>;
}

/// The overlay, as the operator acts on it: over the socket in the node's home alone.
#[rpc(server, client, namespace = "net", namespace_separator = ".")]
pub trait OperatorNetApi {
    /// Has the overlay stay connected with a peer until the node stops: a multiaddress, or `host:port`.
    #[method(name = "dial", blocking, param_kind = map)]
    fn dial(&self, address: String) -> Result<Dialling, RpcRefusal>;

    /// Disconnects a peer of the overlay and forgets its addresses.
    #[method(name = "forget", blocking, param_kind = map)]
    fn forget(&self, peer_id: String) -> Result<Forgotten, RpcRefusal>;
}

/// This document.
#[rpc(server, client, namespace = "rpc", namespace_separator = ".")]
pub trait RpcApi {
    /// The OpenRPC document of every method.
    #[method(name = "discover", param_kind = map)]
    fn discover(&self) -> Result<serde_json::Value, RpcRefusal>;
}
