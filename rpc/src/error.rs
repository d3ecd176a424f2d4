//! Every refusal, with a code of its own.
//!
//! A client tells refusals apart by `code`, shows `message`, and reads the facts from `data`, which is the typed error.
//! Codes do not change; a new refusal gets a new code. The standard ones are JSON-RPC 2.0 section 5.1, those from -32006 to
//! -32011 are jsonrpsee's.
//!
//! | codes            | what was refused                         |
//! |------------------|------------------------------------------|
//! | -32700 .. -32600 | what was sent is not a request           |
//! | -32006 .. -32019 | a bound of this node                     |
//! | -32020 .. -32039 | a transaction: it cannot be in a block   |
//! | -32040 .. -32059 | a transaction: this node does not take it|
//! | -32060 .. -32079 | a question about what is not there       |
//! | -32080 .. -32089 | the node cannot read its store           |
//! | -32090 .. -32099 | an action on the node                    |

use flags::Gate;
use jsonrpsee::types::ErrorObjectOwned;
use light::Unreachable;
use primitives::{AccountId, Amount, BuildHash, CaseId, ChangeId, Epoch, Height, Name, ProposalId};
use roles::RoleKey;
use runtime::{Lane, TxError};
use serde::{Deserialize, Serialize};
use witnesses::MOST_CHECKPOINTS;

/// One code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Code {
    /// The number in `error.code`.
    pub code: i32,
    /// A short name, for documents.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

macro_rules! codes {
    ($($constant:ident = $code:literal, $name:literal, $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $constant: i32 = $code;)*
        /// Every code, in order.
        pub const TABLE: &[Code] = &[$(Code { code: $code, name: $name, meaning: $meaning }),*];
    };
}
codes! {
    PARSE_ERROR = -32700, "parse_error", "The body is not JSON.";
    INTERNAL_ERROR = -32603, "internal_error", "The node failed; its log says why.";
    INVALID_PARAMS = -32602, "invalid_params", "A parameter is unknown, missing or malformed; the message says which and why.";
    METHOD_NOT_FOUND = -32601, "method_not_found", "There is no such method; `rpc.discover` lists them.";
    INVALID_REQUEST = -32600, "invalid_request", "The JSON is not a request, or it has no id by which to answer it: a whole number from 0 to 18446744073709551615, a string, or null.";
    TOO_MANY_SUBSCRIPTIONS = -32006, "too_many_subscriptions", "The connection has as many subscriptions as allowed.";
    OVERSIZED_REQUEST = -32007, "oversized_request", "The body has more bytes than allowed.";
    OVERSIZED_RESPONSE = -32008, "oversized_response", "The answer would have more bytes than allowed; ask for a smaller page.";
    SERVER_IS_BUSY = -32009, "server_is_busy", "The node has as many connections as allowed.";
    BATCH_TOO_LARGE = -32010, "batch_too_large", "The batch has more requests than allowed.";
    BATCH_ANSWER_TOO_LARGE = -32011, "batch_answer_too_large", "The answers of the batch together have more bytes than allowed.";
    RATE_LIMITED = -32012, "rate_limited", "More requests a second than this node answers one address.";
    WEBSOCKET_ONLY = -32013, "websocket_only", "A subscription was begun or ended over HTTP; it needs a WebSocket connection.";
    SOCKET_ONLY = -32014, "socket_only", "The method is the operator's to ask: it is answered over the socket in the node's home, and at no port.";
    BUSY = -32015, "busy", "The node makes as many answers of this kind at once as allowed; try again.";
    REPORT_BUDGET = -32016, "report_budget", "E_BUDGET: the report was not made within the time that this node has for one; nothing of it is answered.";
    TX_UNDECODABLE = -32020, "tx_undecodable", "The bytes are not exactly one transaction.";
    TX_TOO_LARGE = -32021, "tx_too_large", "The transaction has too many bytes.";
    TX_WRONG_CHAIN = -32022, "tx_wrong_chain", "The transaction is for another chain.";
    TX_BAD_SIGNATURE = -32023, "tx_bad_signature", "The signature is not the account's over this payload.";
    TX_EXPIRED = -32024, "tx_expired", "The last block it may be in has passed.";
    TX_EXPIRES_TOO_LATE = -32025, "tx_expires_too_late", "Its expiry lies too far ahead.";
    TX_NONCE_USED = -32026, "tx_nonce_used", "A transaction with this nonce is in the chain already.";
    TX_NONCE_TOO_HIGH = -32027, "tx_nonce_too_high", "Transactions that must come before are missing.";
    TX_FEE_TOO_LOW = -32028, "tx_fee_too_low", "The fee is below the schedule.";
    TX_CANNOT_PAY_FEE = -32029, "tx_cannot_pay_fee", "The account cannot pay the fee it offers.";
    TX_DORMANT = -32030, "tx_dormant", "It says something that came with a level which the network has not come up to.";
    TX_TOO_MANY_READS = -32031, "tx_too_many_reads", "Judging what it asks may read more rows of state than a block has room for.";
    POOL_FULL = -32040, "pool_full", "The pool has no room, and the fee does not make any.";
    POOL_ACCOUNT_FULL = -32041, "pool_account_full", "The account has as many transactions waiting as allowed.";
    POOL_REPLACEMENT_FEE = -32042, "pool_replacement_fee", "A waiting transaction has this nonce, and the fee is not enough to replace it.";
    POOL_KNOWN = -32043, "pool_known", "The transaction is waiting already.";
    POOL_PROVENANCE = -32044, "pool_provenance", "This node's operator trusts release signers that did not sign the release.";
    POOL_CLOSED = -32045, "pool_closed", "The node takes no transactions now.";
    POOL_WOULD_BE_REFUSED = -32046, "pool_would_be_refused", "The chain would refuse the proposal as things stand; nothing was stored and no fee is paid.";
    UNKNOWN_RELEASE = -32060, "unknown_release", "No build with this hash was ever approved.";
    UNKNOWN_PROPOSAL = -32061, "unknown_proposal", "There is no proposal with this number.";
    HEIGHT_NOT_YET = -32062, "height_not_yet", "The chain has not reached this height.";
    HEIGHT_PRUNED = -32063, "height_pruned", "This node does not keep this height any more.";
    NO_CERTIFICATE = -32064, "no_certificate", "Genesis was not voted on, so it has no certificate.";
    NO_TRUST = -32065, "no_trust", "No headers kept here lead trust from the height asked for to the newest block, or more than a ticket has.";
    UNKNOWN_PLAN = -32066, "unknown_plan", "There is no plan of this name in force.";
    UNKNOWN_CHANGE = -32067, "unknown_change", "There is no change with this number.";
    UNKNOWN_FLAG = -32068, "unknown_flag", "The plan has no flag of this key.";
    UNKNOWN_CASE = -32069, "unknown_case", "There is no case with this number.";
    UNKNOWN_ROLE = -32070, "unknown_role", "The plan has no role of this name.";
    GATE_OFF = -32071, "gate_off", "A gate of the network is off without which this node has no answer.";
    NO_LOG = -32072, "no_log", "There is no checkpoint of the tree of blocks, or none of this epoch any more.";
    RELEASE_READ_FAILED = -32080, "release_read_failed", "The node could not read a release from its store.";
    CHAIN_READ_FAILED = -32081, "chain_read_failed", "The node could not read its store.";
    ACTION_FAILED = -32090, "action_failed", "The node could not do what it was asked to; the message says why.";
}

/// Why the store has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ReadError {
    /// The height is ahead.
    #[error("height {height} is not there yet; the newest block is {head}")]
    NotYet {
        /// The height asked for.
        height: Height,
        /// The newest.
        head: Height,
    },
    /// The height is gone.
    #[error("this node keeps blocks from height {earliest} on, and {height} is before; ask a node that keeps all")]
    Pruned {
        /// The height asked for.
        height: Height,
        /// The first that is kept.
        earliest: Height,
    },
    /// The store failed.
    #[error("the node could not read its store: {0}")]
    Failed(String),
}

/// Why a node does not take a transaction. Nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum SubmitError {
    /// It cannot be in a block.
    #[error(transparent)]
    Invalid(#[from] TxError),
    /// No room.
    #[error("the pool is full; offer a fee above {least}, or try again after the next block")]
    PoolFull {
        /// What the cheapest of those that would have to give way pays, reckoned for as many bytes.
        least: Amount,
    },
    /// Too many of one account.
    #[error("account {account} has {most} transactions waiting, as many as allowed; wait until one is included")]
    AccountFull {
        /// The account.
        account: AccountId,
        /// The bound.
        most: u32,
    },
    /// Not enough to replace.
    #[error(
        "nonce {nonce} of this account is waiting already in the {lane}'s lane; a fee of at least {need} replaces it"
    )]
    ReplacementFee {
        /// The lane.
        lane: Lane,
        /// The nonce.
        nonce: u64,
        /// The least fee that replaces.
        need: Amount,
    },
    /// Already here.
    #[error("the transaction is waiting already")]
    Known,
    /// Not trusted by the operator.
    #[error("this node's operator does not trust the release's signatures: {0}")]
    Provenance(String),
    /// Not now.
    #[error("the node takes no transactions now: {0}")]
    Closed(String),
    /// A proposal that the chain would refuse as things stand.
    #[error(transparent)]
    WouldBeRefused(Box<runtime::Error>),
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum RpcRefusal {
    /// A parameter cannot be.
    #[error("invalid parameter: {0}")]
    Parameter(String),
    /// From the store.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// From the store, on the way to a release.
    #[error("release read failed: {0}")]
    ReleaseRead(ReadError),
    /// From the pool or the rules.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// Never approved.
    #[error("{hash} was never approved{}", .proposal.map(|id| format!("; proposal {id} asks for it")).unwrap_or_default())]
    UnknownRelease {
        /// The build.
        hash: BuildHash,
        /// The first of the live proposals that would approve it.
        proposal: Option<ProposalId>,
    },
    /// Not proposed.
    #[error("there is no proposal {0}")]
    UnknownProposal(ProposalId),
    /// Not installed, or retired.
    #[error("no plan {0} is in force")]
    UnknownPlan(Name),
    /// Not named, and there is none of this network.
    #[error("no plan governs this network; name the plan that is asked about")]
    NoPlan,
    /// Not submitted.
    #[error("there is no change {0}")]
    UnknownChange(ChangeId),
    /// Not defined, or retired.
    #[error("plan {plan} has no flag {key}")]
    UnknownFlag {
        /// The plan.
        plan: Name,
        /// The flag.
        key: Name,
    },
    /// Not opened.
    #[error("there is no case {0}")]
    UnknownCase(CaseId),
    /// Not of the plan.
    #[error("there is no role {0}")]
    UnknownRole(RoleKey),
    /// What the block was proven with is gone, and the tree of blocks that would do stands still.
    #[error(
        "{gate} is off, so the tree of blocks stands still and block {height} is proven by its own header; this node keeps blocks from \
         height {earliest} on; ask a node that keeps all"
    )]
    GateOff {
        /// The gate.
        gate: Gate,
        /// The block.
        height: Height,
        /// The first that is kept.
        earliest: Height,
    },
    /// The epoch did not begin while the tree grew, or is too old.
    #[error("{}", no_checkpoint(*epoch))]
    NoLog {
        /// The epoch that was asked about.
        epoch: Option<Epoch>,
    },
    /// Genesis.
    #[error("genesis was not voted on, so it has no certificate; blocks from height 1 on do")]
    NoCertificate,
    /// Too much history is gone for a ticket, or lies between.
    #[error(transparent)]
    NoTrust(#[from] Unreachable),
    /// The node was to do something, and could not.
    #[error("the node did not do it: {0}")]
    Action(String),
}

impl From<TxError> for RpcRefusal {
    fn from(error: TxError) -> Self {
        RpcRefusal::Submit(error.into())
    }
}

impl RpcRefusal {
    /// The code in [`TABLE`].
    pub fn code(&self) -> i32 {
        match self {
            RpcRefusal::Parameter(_) => INVALID_PARAMS,
            RpcRefusal::Read(error) => read_code(error),
            RpcRefusal::ReleaseRead(_) => RELEASE_READ_FAILED,
            RpcRefusal::Submit(error) => submit_code(error),
            RpcRefusal::UnknownRelease { .. } => UNKNOWN_RELEASE,
            RpcRefusal::UnknownProposal(_) => UNKNOWN_PROPOSAL,
            RpcRefusal::UnknownPlan(_) | RpcRefusal::NoPlan => UNKNOWN_PLAN,
            RpcRefusal::UnknownChange(_) => UNKNOWN_CHANGE,
            RpcRefusal::UnknownFlag { .. } => UNKNOWN_FLAG,
            RpcRefusal::UnknownCase(_) => UNKNOWN_CASE,
            RpcRefusal::UnknownRole(_) => UNKNOWN_ROLE,
            RpcRefusal::GateOff { .. } => GATE_OFF,
            RpcRefusal::NoLog { .. } => NO_LOG,
            RpcRefusal::NoCertificate => NO_CERTIFICATE,
            RpcRefusal::NoTrust(_) => NO_TRUST,
            RpcRefusal::Action(_) => ACTION_FAILED,
        }
    }

    /// A store that fails on the way to a release has a code of its own.
    pub(crate) fn of_release(self) -> Self {
        match self {
            RpcRefusal::Read(error @ ReadError::Failed(_)) => RpcRefusal::ReleaseRead(error),
            other => other,
        }
    }
}

fn no_checkpoint(epoch: Option<Epoch>) -> String {
    let of = epoch.map_or_else(
        || "there is no checkpoint of the tree of blocks".to_owned(),
        |epoch| format!("there is no checkpoint of the tree of blocks of epoch {epoch}"),
    );
    format!(
        "{of}: one is kept of each epoch that begins while recursive_proofs is on, and the newest {MOST_CHECKPOINTS} are"
    )
}

fn read_code(error: &ReadError) -> i32 {
    match error {
        ReadError::NotYet { .. } => HEIGHT_NOT_YET,
        ReadError::Pruned { .. } => HEIGHT_PRUNED,
        ReadError::Failed(_) => CHAIN_READ_FAILED,
    }
}

fn submit_code(error: &SubmitError) -> i32 {
    match error {
        SubmitError::Invalid(error) => transaction_code(error),
        SubmitError::PoolFull { .. } => POOL_FULL,
        SubmitError::AccountFull { .. } => POOL_ACCOUNT_FULL,
        SubmitError::ReplacementFee { .. } => POOL_REPLACEMENT_FEE,
        SubmitError::Known => POOL_KNOWN,
        SubmitError::Provenance(_) => POOL_PROVENANCE,
        SubmitError::Closed(_) => POOL_CLOSED,
        SubmitError::WouldBeRefused(_) => POOL_WOULD_BE_REFUSED,
    }
}

fn transaction_code(error: &TxError) -> i32 {
    match error {
        TxError::Undecodable(_) => TX_UNDECODABLE,
        TxError::TooLarge { .. } => TX_TOO_LARGE,
        TxError::WrongChain { .. } => TX_WRONG_CHAIN,
        TxError::BadSignature(_) => TX_BAD_SIGNATURE,
        TxError::Expired { .. } => TX_EXPIRED,
        TxError::ExpiresTooLate { .. } => TX_EXPIRES_TOO_LATE,
        TxError::NonceUsed { .. } => TX_NONCE_USED,
        TxError::NonceTooHigh { .. } => TX_NONCE_TOO_HIGH,
        TxError::FeeTooLow { .. } => TX_FEE_TOO_LOW,
        TxError::CannotPayFee { .. } => TX_CANNOT_PAY_FEE,
        TxError::Dormant { .. } => TX_DORMANT,
        TxError::TooManyReads { .. } => TX_TOO_MANY_READS,
    }
}

impl From<RpcRefusal> for ErrorObjectOwned {
    fn from(refusal: RpcRefusal) -> Self {
        ErrorObjectOwned::owned(refusal.code(), refusal.to_string(), Some(&refusal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_and_names_are_distinct_and_in_the_ranges_of_the_specification() {
        let codes: BTreeSet<_> = TABLE.iter().map(|code| code.code).collect();
        let names: BTreeSet<_> = TABLE.iter().map(|code| code.name).collect();
        assert_eq!((codes.len(), names.len()), (TABLE.len(), TABLE.len()));
        let standard = [-32700, -32600, -32601, -32602, -32603];
        for code in codes {
            assert!(standard.contains(&code) || (-32099..=-32000).contains(&code), "{code}");
        }
    }

    #[test]
    fn the_code_for_a_release_that_cannot_be_read_is_fixed_by_the_seed() {
        let refusal = RpcRefusal::from(ReadError::Failed("disk".into())).of_release();
        assert_eq!(refusal.code(), -32080);
        assert_eq!(refusal.to_string(), "release read failed: the node could not read its store: disk");
    }
}
