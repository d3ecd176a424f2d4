//! The one table of methods. `rpc.discover` is made from it, requests are checked against it, and a test holds it equal to
//! what is registered.

use crate::shapes::Shape;
use crate::views::*;
use crate::wire::*;
use cases::CaseKind;
use flags::Audience;
use governance::{Ballot, Status};
use light::{FactProof, FlagTicket, Ticket};
use primitives::{AccountId, BuildHash, CaseId, ChangeId, Epoch, Height, Name, Path, ProposalId, TransactionHash};
use releases::RosterRecord;
use rollouts::plan::ChangeKind;
use rollouts::queries::StatementPlace;
use rollouts::statement::StatementSubject;
use runtime::{Block, Call, Certificate, Genesis, Header, Lane, Record};

/// One method.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// Its name, such as `gov.release`.
    pub name: &'static str,
    /// What it answers, in a line.
    pub summary: &'static str,
    /// Its parameters; the required ones first.
    pub params: &'static [Param],
    /// The shape of its answer.
    pub result: Shape,
    /// For a subscription: the shape of what it brings.
    pub brings: Option<Shape>,
    /// Whether it is answered over WebSocket alone: it begins or ends a subscription.
    pub websocket: bool,
    /// Where it is answered.
    pub access: MethodAccess,
    /// Whether it takes much work: its answer is made of many rows, or a block is executed for it. Few are worked for at once, and who hangs
    /// up ends the work.
    pub heavy: bool,
    /// Whether its answer is a report, which is made in so much time or refused.
    pub report: bool,
}

/// Where a method is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodAccess {
    /// At the port, to whoever reaches it, and over the operator's socket too.
    Anywhere,
    /// Only over the operator's socket in the node's home: it acts on the node, or is what the node is judged by.
    Socket,
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// Its shape.
    pub shape: Shape,
}

impl Method {
    /// Its parameters as a phrase, for messages.
    pub fn takes(&self) -> String {
        let shown: Vec<String> = self
            .params
            .iter()
            .map(|param| format!("{}{}", param.name, if param.required { "" } else { "?" }))
            .collect();
        if shown.is_empty() { "it takes no parameters".into() } else { format!("it takes {}", shown.join(", ")) }
    }
}

const fn need(name: &'static str, shape: Shape) -> Param {
    Param { name, required: true, shape }
}

const fn may(name: &'static str, shape: Shape) -> Param {
    Param { name, required: false, shape }
}

const fn method(name: &'static str, params: &'static [Param], result: Shape, summary: &'static str) -> Method {
    let access = MethodAccess::Anywhere;
    Method { name, summary, params, result, brings: None, websocket: false, access, heavy: false, report: false }
}

/// A method that takes much work.
const fn heavy(name: &'static str, params: &'static [Param], result: Shape, summary: &'static str) -> Method {
    Method { heavy: true, ..method(name, params, result, summary) }
}

/// A method whose answer is a report, made of many rows.
const fn report(name: &'static str, params: &'static [Param], result: Shape, summary: &'static str) -> Method {
    Method { report: true, ..heavy(name, params, result, summary) }
}

/// A method that is the operator's to ask.
const fn operators(name: &'static str, params: &'static [Param], result: Shape, summary: &'static str) -> Method {
    Method { access: MethodAccess::Socket, ..method(name, params, result, summary) }
}

const fn subscription(name: &'static str, params: &'static [Param], brings: Shape, summary: &'static str) -> Method {
    Method { brings: Some(brings), websocket: true, ..method(name, params, Shape::of::<SubscriptionId>(), summary) }
}

const fn unsubscription(name: &'static str) -> Method {
    Method { websocket: true, ..method(name, UNSUBSCRIBE, Shape::of::<Unsubscribed>(), "Ends a subscription.") }
}

const PAGE: Param = may("page", Shape::of::<PageNumber>());
const PAGE_SIZE: Param = may("page_size", Shape::of::<PageSize>());
const BUILD: &[Param] = &[need("hash", Shape::of::<BuildHash>())];
const TRANSACTION: &[Param] = &[need("hash", Shape::of::<TransactionHash>())];
const HEIGHT: &[Param] = &[need("height", Shape::of::<Height>())];
const FROM: &[Param] = &[may("from", Shape::of::<Height>())];
const SUBMISSION: &[Param] = &[need("transaction", Shape::of::<Submission>())];
const HISTORY: &[Param] = &[
    PAGE,
    PAGE_SIZE,
    may("proposer", Shape::of::<AccountId>()),
    may("start_epoch", Shape::of::<Epoch>()),
    may("end_epoch", Shape::of::<Epoch>()),
];
const PLAN: Param = need("plan", Shape::of::<Name>());
const SCOPE: Param = may("scope", Shape::of::<Path>());
const CHANGES: &[Param] = &[
    may("plan", Shape::of::<Name>()),
    may("state", Shape::of::<ChangeStateName>()),
    may("kind", Shape::of::<ChangeKind>()),
    SCOPE,
    PAGE,
    PAGE_SIZE,
    may("before", Shape::of::<ChangeId>()),
];
const EXPLAINED: &[Param] = &[
    may("plan", Shape::of::<Name>()),
    may("stage", Shape::of::<Name>()),
    may("phase", Shape::of::<Name>()),
    may("change", Shape::of::<ChangeId>()),
];
const STATED: &[Param] = &[
    PLAN,
    may("key", Shape::of::<Name>()),
    may("about", Shape::of::<StatementSubject>()),
    may("from", Shape::of::<StatementPlace>()),
    PAGE_SIZE,
];
const EVALUATED: &[Param] =
    &[PLAN, need("key", Shape::of::<Name>()), SCOPE, may("context", Shape::of::<EvaluationAttributes>())];
const CASES: &[Param] = &[
    may("plan", Shape::of::<Name>()),
    may("kind", Shape::of::<CaseKind>()),
    may("state", Shape::of::<CaseStateName>()),
    SCOPE,
    PAGE,
    PAGE_SIZE,
    may("before", Shape::of::<CaseId>()),
];
const UNSUBSCRIBE: &[Param] = &[need("subscription", Shape::of::<SubscriptionId>())];

/// Every method.
pub const METHODS: &[Method] = &[
    method(
        "gov.release_signers",
        &[],
        Shape::of::<ReleaseSigners>(),
        "The active release signers, and how many must sign.",
    ),
    heavy(
        "gov.release_history",
        HISTORY,
        Shape::of::<PageOf<ReleaseView>>(),
        "The approved builds, the latest first; epochs are inclusive.",
    ),
    method(
        "gov.release",
        BUILD,
        Shape::of::<ReleaseDetail>(),
        "One approved build, with how far the network has come with it, and the nodes that first spoke of it last.",
    ),
    heavy(
        "gov.release_nodes",
        &[need("hash", Shape::of::<BuildHash>()), PAGE, PAGE_SIZE],
        Shape::of::<PageOf<NodeReport>>(),
        "What nodes say about an approved build; those that first spoke of it last come first.",
    ),
    heavy(
        "gov.rebuilds",
        &[need("hash", Shape::of::<BuildHash>()), PAGE, PAGE_SIZE],
        Shape::of::<PageOf<RebuildView>>(),
        "Who says that they built a build from source, the first ones first.",
    ),
    heavy(
        "gov.stage_proofs",
        &[need("hash", Shape::of::<BuildHash>()), may("height", Shape::of::<Height>())],
        Shape::of::<StageProofs>(),
        "What each validator of a block last said about a build, with ICS-23 proofs; without a height, of the newest.",
    ),
    method(
        "gov.release_advice",
        BUILD,
        Shape::of::<ReleaseAdvice>(),
        "Whether to go on running a build, and what to run instead.",
    ),
    heavy(
        "gov.release_proof",
        &[need("hash", Shape::of::<BuildHash>()), may("from", Shape::of::<Height>())],
        Shape::of::<Ticket>(),
        "The proof that a build is approved, for a verifier that trusts the block at a height; without it, genesis.",
    ),
    heavy(
        "gov.trust_path",
        FROM,
        Shape::of::<TrustPath>(),
        "The headers by which trust goes on from the block at a height, a page of them; without it, from genesis.",
    ),
    method(
        "gov.roster_history",
        &[PAGE, PAGE_SIZE],
        Shape::of::<PageOf<RosterRecord>>(),
        "Every roster of release signers there ever was, the latest first.",
    ),
    heavy(
        "gov.proposals",
        &[may("status", Shape::of::<Status>()), PAGE, PAGE_SIZE],
        Shape::of::<PageOf<ProposalView>>(),
        "The proposals, the latest first; with a status, those whose vote stands so.",
    ),
    method(
        "gov.proposal",
        &[need("id", Shape::of::<ProposalId>())],
        Shape::of::<ProposalDetail>(),
        "One proposal: its count against the rules, its deadlines, its latest voters with their reasons, and who has not voted.",
    ),
    heavy(
        "gov.ballots",
        &[need("id", Shape::of::<ProposalId>()), PAGE, PAGE_SIZE],
        Shape::of::<PageOf<Ballot>>(),
        "The ballots on a proposal, the latest to vote for the first time first.",
    ),
    method("gov.params", &[], Shape::of::<ParamsView>(), "The rules that governance runs by."),
    subscription(
        "gov.subscribe_events",
        FROM,
        Shape::of::<Feed<GovernanceEvent>>(),
        "Every fact about proposals and releases, refusals included, from a height on; without it, from the next block.",
    ),
    unsubscription("gov.unsubscribe_events"),
    method("chain.status", &[], Shape::of::<ChainStatus>(), "What a client needs to know before anything else."),
    method("chain.head", &[], Shape::of::<WithHash<Header>>(), "The newest header."),
    heavy("chain.block", HEIGHT, Shape::of::<WithHash<Block>>(), "A block: its header and transactions."),
    heavy("chain.record", HEIGHT, Shape::of::<WithHash<Record>>(), "What came of a block: its header and facts."),
    method("chain.certificate", HEIGHT, Shape::of::<Certificate>(), "The precommits that decided a block."),
    method(
        "chain.genesis",
        &[],
        Shape::of::<Genesis>(),
        "What the chain started from; the BLAKE3 of its SCALE encoding is genesis_hash of chain.status.",
    ),
    subscription(
        "chain.subscribe_records",
        FROM,
        Shape::of::<Feed<CertifiedRecord>>(),
        "Every record with its certificate (none at genesis) from a height on; without it, from the next block.",
    ),
    unsubscription("chain.unsubscribe_records"),
    report(
        "rollout.plans",
        &[PAGE, PAGE_SIZE],
        Shape::of::<AtHeight<PageOf<PlanSummary>>>(),
        "The plans that were ever installed, in the order in which they were: what stands in each, and what is live.",
    ),
    report("rollout.plan", &[PLAN], Shape::of::<PlanDetail>(), "All of a plan that is in force."),
    report(
        "rollout.board",
        &[PLAN],
        Shape::of::<RolloutBoard>(),
        "A plan at a glance: stages and flags, what stands, soaks, freezes, emergencies, and what is late.",
    ),
    report(
        "rollout.changes",
        CHANGES,
        Shape::of::<AtHeight<FoundPage<ChangeSummary>>>(),
        "The changes, the latest first; of a scope, those that move something there or below.",
    ),
    report(
        "rollout.change",
        &[need("id", Shape::of::<ChangeId>())],
        Shape::of::<ChangeDetail>(),
        "All of a change: its list judged now, what it moved or would, what it owes, its polls, and who acts next.",
    ),
    report(
        "rollout.explain",
        EXPLAINED,
        Shape::of::<RolloutExplanation>(),
        "Why a change can be carried out or closed, a stage entered or a phase moved on, or not; by default the next stage.",
    ),
    report(
        "rollout.simulate",
        &[need("call", Shape::of::<Call>()), may("account", Shape::of::<AccountId>())],
        Shape::of::<RolloutSimulation>(),
        "What would come of a call about a change in the next block; nothing is kept.",
    ),
    report(
        "rollout.statements",
        STATED,
        Shape::of::<AtHeight<StatementPage>>(),
        "Who said what under a plan, the latest of each speaker on each key about each subject; from a place on.",
    ),
    report(
        "rollout.fleet",
        &[PLAN],
        Shape::of::<RolloutFleet>(),
        "What nodes advertise, held against the stage that stands and the next one.",
    ),
    report(
        "rollout.artifacts",
        &[PLAN, may("stage", Shape::of::<Name>()), PAGE, PAGE_SIZE],
        Shape::of::<AtHeight<PageOf<ArtifactView>>>(),
        "The artifacts of a plan, and what each is needed for; of a stage, those that stood there and were not let go.",
    ),
    report(
        "rollout.phases",
        &[PLAN],
        Shape::of::<PhasesOfPlan>(),
        "The phases of a plan: how far each has come, and what it takes to open and to lock it.",
    ),
    report(
        "rollout.playbooks",
        &[PLAN],
        Shape::of::<PlaybooksOfPlan>(),
        "The playbooks of a plan: who keeps each, and whether it is tried as often as it says.",
    ),
    report(
        "case.list",
        CASES,
        Shape::of::<AtHeight<FoundPage<CaseSummary>>>(),
        "The reports, incidents, risks and holds, the latest first; of a scope, those that are there or below.",
    ),
    method(
        "case.get",
        &[need("id", Shape::of::<CaseId>())],
        Shape::of::<CaseDetail>(),
        "All of a case: how far it has come, what was said about it, and what comes next.",
    ),
    method("roles.list", &[PLAN], Shape::of::<RolesOfPlan>(), "The roles of a plan, and how their members stand."),
    method(
        "roles.role",
        &[PLAN, need("role", Shape::of::<Name>())],
        Shape::of::<RoleDetail>(),
        "A role of a plan, with its members and since when each is one.",
    ),
    report(
        "roles.of",
        &[need("account", Shape::of::<AccountId>()), PAGE, PAGE_SIZE],
        Shape::of::<AtHeight<PageOf<HeldRole>>>(),
        "The roles that an account has, of all plans.",
    ),
    report(
        "flags.list",
        &[PLAN, SCOPE, may("audience", Shape::of::<Audience>())],
        Shape::of::<FlagsOfPlan>(),
        "The flags of a plan, with what they serve at a path; without one, at the root.",
    ),
    report(
        "flags.flag",
        &[PLAN, need("key", Shape::of::<Name>())],
        Shape::of::<FlagDetail>(),
        "A flag, with what is set where and by which change.",
    ),
    method(
        "flags.evaluate",
        EVALUATED,
        Shape::of::<FlagEvaluation>(),
        "What a flag serves somebody at a path; without one, at the root.",
    ),
    heavy(
        "flags.proof",
        &[PLAN, need("key", Shape::of::<Name>()), SCOPE, may("from", Shape::of::<Height>())],
        Shape::of::<FlagTicket>(),
        "The proof of what a flag serves at a path, for a verifier that trusts the block at a height; by default the root, and genesis.",
    ),
    report(
        "flags.snapshot",
        &[PLAN, SCOPE, may("audience", Shape::of::<Audience>())],
        Shape::of::<FlagsSnapshot>(),
        "Everything that it takes to evaluate the flags of a plan at a path and below; without one, everywhere.",
    ),
    method(
        "audit.integrity",
        &[],
        Shape::of::<AuditIntegrity>(),
        "Whether the audit log hangs together: by the last look at all that is kept here, and at every block since.",
    ),
    heavy(
        "audit.proof",
        &[
            need("height", Shape::of::<Height>()),
            need("index", Shape::of::<FactIndex>()),
            may("from", Shape::of::<Height>()),
        ],
        Shape::of::<FactProof>(),
        "The proof that a fact is on record, for a verifier that trusts the block at a height; without it, genesis.",
    ),
    heavy(
        "audit.block_proof",
        &[need("height", Shape::of::<Height>()), may("from", Shape::of::<Height>())],
        Shape::of::<ProvenBlock>(),
        "The proof that a block is of the chain, also of one that is pruned; with its record, it proves what is in that.",
    ),
    method(
        "audit.checkpoint",
        &[may("epoch", Shape::of::<Epoch>())],
        Shape::of::<LogCheckpoint>(),
        "What the tree of blocks was in the first block of an epoch, and who cosigned that; without one, the newest.",
    ),
    method("audit.witnesses", &[], Shape::of::<WitnessesOfLog>(), "Who vouches for the tree of blocks."),
    method(
        "staking.candidates",
        &[may("epoch", Shape::of::<Epoch>())],
        Shape::of::<EpochCandidates>(),
        "Whom the rule of a quorum elected for an epoch, beside who decides; without one, of the newest block's.",
    ),
    heavy(
        "staking.presence",
        &[may("epoch", Shape::of::<Epoch>())],
        Shape::of::<EpochPresence>(),
        "Who was there in an epoch, and for how long; without one, in the one whose presence is counted now.",
    ),
    heavy(
        "rewards.epoch",
        &[need("epoch", Shape::of::<Epoch>())],
        Shape::of::<EpochRewards>(),
        "What an epoch paid to whom, and what the pool has.",
    ),
    heavy(
        "rewards.due",
        &[need("account", Shape::of::<AccountId>())],
        Shape::of::<RewardsDue>(),
        "What an account can collect of what its delegations have earned.",
    ),
    method(
        "state.get",
        &[need("key", Shape::of::<StorageKey>())],
        Shape::of::<StateValue>(),
        "The value of a raw storage key after the newest block.",
    ),
    method(
        "state.proof",
        &[need("key", Shape::of::<StorageKey>()), may("height", Shape::of::<Height>())],
        Shape::of::<StateProofAt>(),
        "The value of a raw storage key after a block, with its ICS-23 proof; without a height, after the newest.",
    ),
    method(
        "tx.prepare",
        &[
            need("account", Shape::of::<AccountId>()),
            need("call", Shape::of::<Call>()),
            may("lane", Shape::of::<Lane>()),
        ],
        Shape::of::<PreparedTransaction>(),
        "A payload with nonce, fee and expiry filled in, the bytes to sign, and what a signature over them agrees to; without a \
         lane, in the wallet's.",
    ),
    method(
        "tx.submit",
        SUBMISSION,
        Shape::of::<TransactionHash>(),
        "Takes a signed transaction into the pool; answers its hash.",
    ),
    heavy(
        "tx.dry_run",
        SUBMISSION,
        Shape::of::<DryRun>(),
        "What would come of a signed transaction in the next block; nothing is kept.",
    ),
    method(
        "tx.status",
        TRANSACTION,
        Shape::of::<TransactionStatus>(),
        "What became of a transaction; one in a block is final.",
    ),
    subscription(
        "tx.subscribe_status",
        TRANSACTION,
        Shape::of::<TransactionStatus>(),
        "What becomes of a transaction: how it stands now, then each change; ends once settled, or unknown for long.",
    ),
    unsubscription("tx.unsubscribe_status"),
    method(
        "account.get",
        &[need("account", Shape::of::<AccountId>())],
        Shape::of::<AccountView>(),
        "An account with its stake; one never seen is empty.",
    ),
    method("node.version", &[], Shape::of::<NodeVersion>(), "What software runs."),
    operators("node.health", &[], Shape::of::<Health>(), "How the node is."),
    method("node.peers", &[], Shape::of::<Peers>(), "Who the node is connected to."),
    operators(
        "node.log_level",
        &[may("level", Shape::of::<LogDirectives>())],
        Shape::of::<LogLevel>(),
        "Changes what the node logs, until it stops; without a level, says what it logs.",
    ),
    operators(
        "node.artifacts",
        &[],
        Shape::of::<HeldArtifacts>(),
        "The release artifacts the node holds, by hash, and what is pinned besides.",
    ),
    operators(
        "node.pin_artifact",
        &[need("hash", Shape::of::<BuildHash>()), need("reason", Shape::of::<PinReason>())],
        Shape::of::<Pinned>(),
        "Has the node keep a release artifact until it is unpinned, whatever else needs the place.",
    ),
    operators(
        "node.unpin_artifact",
        BUILD,
        Shape::of::<Unpinned>(),
        "Has the node keep a release artifact no longer than any other.",
    ),
    method("net.overlay_status", &[], Shape::of::<OverlayStatus>(), "How the overlay is."),
    operators(
        "net.dial",
        &[need("address", Shape::of::<PeerAddress>())],
        Shape::of::<Dialling>(),
        "Has the overlay stay connected with a peer, as with those of the configuration, until the node stops.",
    ),
    operators(
        "net.forget",
        &[need("peer_id", Shape::of::<PeerId>())],
        Shape::of::<Forgotten>(),
        "Disconnects a peer of the overlay and forgets its addresses; it is not refused when it comes by itself.",
    ),
    method("rpc.discover", &[], Shape::of::<OpenRpcDocument>(), "This document."),
];
