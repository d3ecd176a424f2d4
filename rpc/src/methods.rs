//! The one table of methods. `rpc.discover` is made from it, requests are checked against it, and a test holds it equal to
//! what is registered.

/// One method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// Its name, such as `gov.release`.
    pub name: &'static str,
    /// What it answers, in a line.
    pub summary: &'static str,
    /// Its parameters; the required ones first.
    pub params: &'static [Param],
    /// The schema of its answer.
    pub result: &'static str,
    /// For a subscription: the schema of what it brings.
    pub brings: Option<&'static str>,
    /// From where it is answered.
    pub access: MethodAccess,
}

/// From where a method is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodAccess {
    /// From wherever the port can be reached.
    Anywhere,
    /// Only to a program on the node's own machine that asks for itself: not to a page in a browser, nor through a proxy.
    Loopback,
}

/// One parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// Its schema.
    pub schema: &'static str,
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

const fn need(name: &'static str, schema: &'static str) -> Param {
    Param { name, required: true, schema }
}

const fn may(name: &'static str, schema: &'static str) -> Param {
    Param { name, required: false, schema }
}

const fn method(name: &'static str, params: &'static [Param], result: &'static str, summary: &'static str) -> Method {
    Method { name, summary, params, result, brings: None, access: MethodAccess::Anywhere }
}

/// A method that acts on the node.
const fn action(name: &'static str, params: &'static [Param], result: &'static str, summary: &'static str) -> Method {
    Method { access: MethodAccess::Loopback, ..method(name, params, result, summary) }
}

const fn subscription(
    name: &'static str,
    params: &'static [Param],
    brings: &'static str,
    summary: &'static str,
) -> Method {
    Method { brings: Some(brings), ..method(name, params, "SubscriptionId", summary) }
}

const PAGE: Param = may("page", "Number");
const PAGE_SIZE: Param = may("page_size", "PageSize");
const HASH: &[Param] = &[need("hash", "Hash")];
const HEIGHT: &[Param] = &[need("height", "Number")];
const FROM: &[Param] = &[may("from", "Number")];
const SUBMISSION: &[Param] = &[need("transaction", "Submission")];
const HISTORY: &[Param] =
    &[PAGE, PAGE_SIZE, may("proposer", "Hash"), may("start_epoch", "Number"), may("end_epoch", "Number")];
const UNSUBSCRIBE: &[Param] = &[need("subscription", "SubscriptionId")];

/// Every method.
pub const METHODS: &[Method] = &[
    method("gov.release_signers", &[], "ReleaseSigners", "The active release signers, and how many must sign."),
    method(
        "gov.release_history",
        HISTORY,
        "ReleasePage",
        "The approved builds, the latest first; epochs are inclusive.",
    ),
    method(
        "gov.release",
        HASH,
        "ReleaseDetail",
        "One approved build, with every install and how far the network has come with it.",
    ),
    method("gov.release_advice", HASH, "ReleaseAdvice", "Whether to go on running a build, and what to run instead."),
    method(
        "gov.release_proof",
        &[need("hash", "Hash"), may("from", "Number")],
        "Ticket",
        "The proof that a build is approved, for a verifier that trusts the block at a height; without it, genesis.",
    ),
    method(
        "gov.roster_history",
        &[PAGE, PAGE_SIZE],
        "RosterPage",
        "Every roster of release signers there ever was, the latest first.",
    ),
    method(
        "gov.proposals",
        &[may("status", "ProposalStatus"), PAGE, PAGE_SIZE],
        "ProposalPage",
        "The proposals, the latest first.",
    ),
    method(
        "gov.proposal",
        &[need("id", "Number")],
        "ProposalDetail",
        "One proposal: its count against the rules, its deadlines, every ballot with its reason, and who has not voted.",
    ),
    method("gov.params", &[], "GovernanceParams", "The rules that governance runs by."),
    subscription(
        "gov.subscribe_events",
        FROM,
        "EventFeed",
        "Every fact about proposals and releases, refusals included, from a height on; without it, from the next block.",
    ),
    method("gov.unsubscribe_events", UNSUBSCRIBE, "Boolean", "Ends a subscription."),
    method("chain.status", &[], "ChainStatus", "What a client needs to know before anything else."),
    method("chain.head", &[], "HashedHeader", "The newest header."),
    method("chain.block", HEIGHT, "HashedBlock", "A block: its header and transactions."),
    method("chain.record", HEIGHT, "HashedRecord", "What came of a block: its header and facts."),
    method("chain.certificate", HEIGHT, "Certificate", "The precommits that decided a block."),
    method(
        "chain.genesis",
        &[],
        "Genesis",
        "What the chain started from; the BLAKE3 of its SCALE encoding is genesis_hash of chain.status.",
    ),
    subscription(
        "chain.subscribe_records",
        FROM,
        "RecordFeed",
        "Every record from a height on; without it, from the next block.",
    ),
    method("chain.unsubscribe_records", UNSUBSCRIBE, "Boolean", "Ends a subscription."),
    method(
        "state.get",
        &[need("key", "StorageKey")],
        "StateValue",
        "The value of a raw storage key after the newest block.",
    ),
    method(
        "state.proof",
        &[need("key", "StorageKey"), may("height", "Number")],
        "StateProofAt",
        "The value of a raw storage key after a block, with its ICS-23 proof; without a height, after the newest.",
    ),
    method(
        "tx.prepare",
        &[need("account", "Hash"), need("call", "Call")],
        "Prepared",
        "A payload with nonce, fee and expiry filled in, the bytes to sign, and what a signature over them agrees to.",
    ),
    method("tx.submit", SUBMISSION, "Hash", "Takes a signed transaction into the pool; answers its hash."),
    method(
        "tx.dry_run",
        SUBMISSION,
        "DryRun",
        "What would come of a signed transaction in the next block; nothing is kept.",
    ),
    method("tx.status", HASH, "TransactionStatus", "What became of a transaction; one in a block is final."),
    subscription(
        "tx.subscribe_status",
        HASH,
        "TransactionStatus",
        "What becomes of a transaction: how it stands now, then each change; ends after included or dropped.",
    ),
    method("tx.unsubscribe_status", UNSUBSCRIBE, "Boolean", "Ends a subscription."),
    method(
        "account.get",
        &[need("account", "Hash")],
        "AccountView",
        "An account with its stake; one never seen is empty.",
    ),
    method("node.version", &[], "NodeVersion", "What software runs."),
    method("node.health", &[], "Health", "How the node is."),
    method("node.peers", &[], "Peers", "Who the node is connected to."),
    action(
        "node.log_level",
        &[may("level", "LogDirectives")],
        "LogLevel",
        "Changes what the node logs, until it stops; without a level, says what it logs.",
    ),
    action(
        "node.artifacts",
        &[],
        "Artifacts",
        "The release artifacts the node holds, by hash, and what is pinned besides.",
    ),
    action(
        "node.pin_artifact",
        &[need("hash", "Hash"), need("reason", "PinReason")],
        "Pinned",
        "Has the node keep a release artifact until it is unpinned, whatever else needs the place.",
    ),
    action("node.unpin_artifact", HASH, "Unpinned", "Has the node keep a release artifact no longer than any other."),
    method("net.overlay_status", &[], "OverlayStatus", "How the overlay is."),
    action(
        "net.dial",
        &[need("address", "PeerAddress")],
        "Dialling",
        "Has the overlay stay connected with a peer, as with those of the configuration, until the node stops.",
    ),
    action(
        "net.forget",
        &[need("peer_id", "PeerId")],
        "Forgotten",
        "Disconnects a peer of the overlay and forgets its addresses; it is not refused when it comes by itself.",
    ),
    method("rpc.discover", &[], "OpenRpc", "This document."),
];
