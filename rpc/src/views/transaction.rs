//! A transaction before, while and after it is on its way.

use crate::chain_view::{ChainView, epoch_length, kept, state_of};
use crate::error::{ReadError, RpcRefusal};
use parity_scale_codec::Encode;
use primitives::{AccountId, Amount, ChainPosition, Height, Signature, Timestamp, TransactionHash};
use runtime::{BlockError, Call, Cause, Context, Error, Event, Fact, Lane, Payload, Transaction, TxError};
use runtime::{CHAIN, is_last_commit_due};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A transaction as it is sent: a JSON object, or the hex of its SCALE encoding.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub enum Submission {
    /// The object.
    Json(Box<Transaction>),
    /// The hex, with or without `0x`.
    Scale(String),
}

/// A payload with everything filled in, to be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Prepared")]
pub struct PreparedTransaction {
    /// What is signed.
    pub payload: Payload,
    /// The bytes to sign, as hex: Ed25519 over exactly these.
    #[schemars(with = "primitives::Hex")]
    pub signing_bytes: String,
    /// What a signature over them agrees to, in words.
    pub meaning: String,
    /// The size of the signed transaction, in bytes.
    pub size: u64,
    /// The level in force on the network: a wallet that knows less signs nothing for it.
    #[serde(default)]
    pub level: u32,
}

/// What would come of a transaction in the next block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "forecast", rename_all = "snake_case")]
pub enum DryRun {
    /// It would be included and granted.
    Granted {
        /// Its hash.
        hash: TransactionHash,
        /// Where the next block stands.
        at: ChainPosition,
        /// What would happen.
        event: Event,
    },
    /// It would be included, pay its fee, and be refused.
    Refused {
        /// Its hash.
        hash: TransactionHash,
        /// Where the next block stands.
        at: ChainPosition,
        /// Why.
        error: Error,
        /// Why, as a sentence.
        refusal: String,
    },
    /// It could not be in the block.
    Invalid {
        /// Its hash.
        hash: TransactionHash,
        /// Where the next block stands.
        at: ChainPosition,
        /// The code with which `tx.submit` would refuse it.
        code: i32,
        /// Why, as a sentence.
        refusal: String,
    },
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one exists at a time, on its way into an answer")]
pub enum TransactionStatus {
    /// This node knows nothing of it: never seen, or dropped long ago.
    Unknown,
    /// It waits in this node's pool.
    Pending,
    /// It is in a block. That is final: a decided block never changes.
    Included {
        /// The block.
        height: Height,
        /// Its place in the block, from 0.
        index: u32,
        /// What came of it; null when this node does not keep the record of that height any more.
        fact: Option<Fact>,
        /// The refusal as a sentence; null when it was granted.
        refusal: Option<String>,
    },
    /// This node's pool dropped it lately. Another node may still have it, until it expires.
    Dropped {
        /// What made the pool drop it.
        why: Dropped,
        /// The same as a sentence.
        reason: String,
    },
}

impl TransactionStatus {
    /// Whether nothing more is expected of this node: it is in a block, or was dropped.
    pub fn is_settled(&self) -> bool {
        matches!(self, TransactionStatus::Included { .. } | TransactionStatus::Dropped { .. })
    }
}

/// What made a pool drop a transaction that it had taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Dropped {
    /// It can be in no block any more: it expired, its nonce is used, or its account cannot pay.
    #[error(transparent)]
    Invalid(#[from] TxError),
    /// Another of the same lane, with the same nonce and a higher fee, took its place.
    #[error("transaction {by} replaced it, with the same nonce and a higher fee; follow that one")]
    Replaced {
        /// The other.
        by: TransactionHash,
    },
    /// The pool was full, and others pay more.
    #[error("the pool was full and others pay more; sign it again with a higher fee, or send it again later")]
    Outbid,
}

impl Submission {
    /// The transaction.
    ///
    /// # Errors
    /// Text that is not hex, and bytes that are not exactly one transaction.
    pub fn transaction(self) -> Result<Transaction, RpcRefusal> {
        let text = match self {
            Submission::Json(transaction) => return Ok(*transaction),
            Submission::Scale(text) => text,
        };
        let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(&text))
            .map_err(|error| RpcRefusal::Parameter(format!("transaction is not hex: {error}")))?;
        Ok(Transaction::from_bytes(&bytes)?)
    }
}

impl From<Transaction> for Submission {
    fn from(transaction: Transaction) -> Self {
        Submission::Json(Box::new(transaction))
    }
}

impl Serialize for Submission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Submission::Json(transaction) => transaction.serialize(serializer),
            Submission::Scale(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Submission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Submission;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a transaction: an object with payload and signature, or the hex of its SCALE encoding")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Submission, E> {
                Ok(Submission::Scale(text.into()))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Submission, A::Error> {
                Transaction::deserialize(de::value::MapAccessDeserializer::new(map)).map(Submission::from)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Fills in chain, nonce, fee and expiry. The expiry is half of the longest lifetime ahead, so that a signature can take
/// its time and the node's height need not be exact.
pub(crate) fn prepare(
    view: &dyn ChainView,
    account: AccountId,
    call: Call,
    lane: Lane,
    pending_nonce: Option<u64>,
) -> Result<PreparedTransaction, ReadError> {
    let (head, state) = (view.head()?, state_of(view));
    let chain = CHAIN.require(&state);
    let on_chain = accounts::queries::account(&state, &account).nonce_in(lane);
    let nonce = on_chain.max(pending_nonce.unwrap_or(0));
    let expires_at = head.at.height.next().plus(chain.limits.max_transaction_lifetime / 2);
    let payload = Payload { chain_id: chain.chain_id, account, lane, nonce, expires_at, fee: Amount::ZERO, call };
    let mut unsigned = Transaction { payload, signature: Signature([0; 64]) };
    let size = unsigned.encoded_size() as u64;
    // The fee has a fixed width, so filling it in does not change the size it was reckoned from.
    unsigned.payload.fee = unsigned.least_fee(&state);
    let payload = unsigned.payload;
    Ok(PreparedTransaction {
        signing_bytes: hex::encode(payload.signing_bytes()),
        meaning: super::meaning(&payload),
        size,
        level: releases::queries::level_at(&state, head.at.height.next().epoch(chain.epoch_length)),
        payload,
    })
}

/// Executes the transaction alone over head state, as the next block would.
pub(crate) fn dry_run(view: &dyn ChainView, now: Timestamp, transaction: &Transaction) -> Result<DryRun, ReadError> {
    let context = next_block(view, now)?;
    let at = ChainPosition::of(context.height, context.time, epoch_length(&state_of(view)));
    let hash = transaction.hash();
    let invalid = |code, refusal| DryRun::Invalid { hash, at, code, refusal };
    Ok(match runtime::execute(view, &context, std::slice::from_ref(transaction)) {
        Ok(executed) => match executed.facts.into_iter().next_back().map(|fact| fact.outcome) {
            Some(Ok(event)) => DryRun::Granted { hash, at, event },
            Some(Err(error)) => DryRun::Refused { hash, at, refusal: error.to_string(), error },
            None => invalid(crate::error::INTERNAL_ERROR, "execution gave no fact".into()),
        },
        Err(BlockError::Transaction { error, .. }) => {
            invalid(RpcRefusal::from(error.clone()).code(), error.to_string())
        }
        Err(other) => invalid(RpcRefusal::from(too_large(&other, transaction)).code(), other.to_string()),
    })
}

/// Where the next block stands, with the precommits for the newest one where it has to bring them, and the blocks that are missing in the
/// tree of blocks.
fn next_block(view: &dyn ChainView, now: Timestamp) -> Result<Context, ReadError> {
    let (head, state) = (view.head()?, state_of(view));
    let next = head.next(now);
    let mut missing = Vec::new();
    for height in witnesses::queries::missing(&state, next.height).map(Height) {
        missing.push(view.block_hash(height)?.ok_or(ReadError::NotYet { height, head: head.at.height })?);
    }
    let context = Context { missing, ..next };
    if !is_last_commit_due(&state, context.height) {
        return Ok(context);
    }
    let validators = staking::queries::validator_set(&state, head.at.epoch);
    let decided = view.certificate(head.at.height)?;
    Ok(Context { last_commit: decided.map(|decided| decided.of_members(&validators)), ..context })
}

/// A block of one transaction can only be too large because of it.
fn too_large(error: &BlockError, transaction: &Transaction) -> TxError {
    let most = if let BlockError::TooLarge { most, .. } = error { *most } else { 0 };
    TxError::TooLarge { have: transaction.encoded_size() as u64, most }
}

/// The block that has a transaction, and what came of it there; none when no block has it.
pub(crate) fn inclusion(view: &dyn ChainView, hash: TransactionHash) -> Result<Option<TransactionStatus>, ReadError> {
    let Some((height, index)) = view.locate(&hash)? else { return Ok(None) };
    let fact = match kept(view, height, view.record(height)?) {
        Ok(record) => record.facts.into_iter().find(|fact| is_of(&fact.cause, hash)),
        Err(ReadError::Pruned { .. }) => None,
        Err(error) => return Err(error),
    };
    let refusal = fact.as_ref().and_then(|fact| fact.outcome.as_ref().err()).map(ToString::to_string);
    Ok(Some(TransactionStatus::Included { height, index, fact, refusal }))
}

fn is_of(cause: &Cause, transaction: TransactionHash) -> bool {
    matches!(cause, Cause::Transaction { hash, .. } if *hash == transaction)
}
