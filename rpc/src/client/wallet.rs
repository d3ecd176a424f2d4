//! From a call to its outcome: prepare, check, sign, foresee, send, wait.
//!
//! # Invariants
//! - The node's words are not trusted: the payload has to be for this account, this lane and this very call, and the bytes
//!   that are signed are encoded here.
//! - Nothing is signed for another chain or a higher fee than the [`Terms`] allow, and nothing for a network whose level is above that of
//!   this software.
//! - What is signed expires at most [`MOST_TRANSACTION_LIFETIME`] blocks after the newest one, which no genesis exceeds. Which
//!   block is the newest is the node's word: a wallet follows no headers. A node that lies about it gets a signature that no
//!   block takes before that height is near.
//! - What is foreseen is signed: the node that is asked has it, and could send it on until it expires, whatever it answered.

use super::patience::Patience;
use super::{CallError, Changes, Node};
use crate::api::{ChainApiClient as _, TxApiClient as _};
use crate::views::{Dropped, DryRun, PreparedTransaction, TransactionStatus};
use primitives::{AccountId, Amount, ChainId, Height, SecretKey, TransactionHash};
use runtime::{Call, Fact, LEVEL, Lane, MOST_TRANSACTION_LIFETIME, Payload, Transaction, TxError};
use std::time::Duration;

/// Under which terms a wallet signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The chain it signs for. Without one it signs for the node's, which only somebody who reads what is signed should do.
    pub chain_id: Option<ChainId>,
    /// The highest fee of one transaction.
    pub most_fee: Amount,
}

/// A key that signs what it was asked for and nothing else, and the node to which that is sent.
#[derive(Debug, Clone)]
pub struct Wallet {
    node: Node,
    key: SecretKey,
    lane: Lane,
    terms: Terms,
}

/// A transaction that a node took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Its hash.
    pub hash: TransactionHash,
    /// The last block it may be in.
    pub expires_at: Height,
}

/// What became of a transaction that was sent, as the node says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// It is in a block. That is final: a decided block never changes.
    Included {
        /// The block.
        height: Height,
        /// Its place in the block, from 0.
        index: u32,
        /// What came of it; none when the node does not keep the record of that height any more.
        fact: Option<Box<Fact>>,
    },
    /// The node dropped it, or it expired there. Another node may still have it, until it expires.
    Dropped {
        /// What made the node drop it.
        why: Dropped,
    },
}

/// Why nothing was signed, or why it is not known what became of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WalletError {
    /// The node did not answer, or refused.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The node asks for a signature of another account, in another lane, or under another call.
    #[error("the node prepared another transaction than was asked for; nothing is signed, use another node")]
    OtherTransaction {
        /// What it prepared.
        prepared: Box<Payload>,
    },
    /// The node encodes the payload otherwise.
    #[error(
        "the node would sign other bytes than this tool encodes; nothing is signed, use a tool and a node of one version"
    )]
    OtherBytes {
        /// The bytes that are encoded here, as hex.
        here: String,
        /// Those of the node.
        there: String,
    },
    /// The network has come up to a level of which this software knows nothing.
    #[error(
        "the network is at level {needs}, and this tool knows levels up to {have}; nothing is signed, use a newer one"
    )]
    NewerLevel {
        /// The level in force, as the node says.
        needs: u32,
        /// The highest level that is known here.
        have: u32,
    },
    /// The node is on another chain.
    #[error("the node is on chain {:?} and not on {:?}; nothing is signed, ask a node of that chain", .found.as_str(), .wanted.as_str())]
    OtherChain {
        /// The chain of the [`Terms`].
        wanted: ChainId,
        /// The chain of the payload.
        found: ChainId,
    },
    /// The node wants more than may be paid.
    #[error("the node asks for a fee of {asked}, more than {most}; nothing is signed, allow more if that is right")]
    FeeTooHigh {
        /// The fee of the payload.
        asked: Amount,
        /// The highest fee of the [`Terms`].
        most: Amount,
    },
    /// It could be in no block any more, or still in one long after.
    #[error(
        "the node prepared a transaction that expires at height {expires_at}, and {earliest} to {latest} makes sense; nothing is signed, try again or use another node"
    )]
    Expiry {
        /// The expiry of the payload.
        expires_at: Height,
        /// The next block.
        earliest: Height,
        /// The latest expiry that is signed.
        latest: Height,
    },
    /// It is in no block yet.
    #[error(
        "transaction {hash} was sent and is in no block after {} s; it may still be until height {expires_at}",
        .patience.as_secs()
    )]
    StillWaiting {
        /// The transaction.
        hash: TransactionHash,
        /// The last block it may be in.
        expires_at: Height,
        /// How long was waited.
        patience: Duration,
    },
}

impl Wallet {
    /// A wallet that sends to a node, in the lane of wallets. Nothing is sent yet.
    pub fn new(node: Node, key: SecretKey, terms: Terms) -> Self {
        Self { node, key, lane: Lane::Wallet, terms }
    }

    /// The same in another lane: for what a machine says by itself in the name of a key that people sign with too.
    #[must_use]
    pub fn in_lane(self, lane: Lane) -> Self {
        Self { lane, ..self }
    }

    /// The account it signs for.
    pub fn account(&self) -> AccountId {
        self.key.account()
    }

    /// Asks the node for what remains to be filled in of a call, and checks the answer; it can be signed as it is.
    ///
    /// # Errors
    /// When the node does not answer, or with something else than was asked for.
    pub async fn prepare(&self, call: &Call) -> Result<Payload, WalletError> {
        let (head, account, lane) = (self.head().await?, self.account(), self.lane);
        let prepared = self.node.prepare(account, call.clone(), Some(lane)).await;
        let prepared = prepared.map_err(|error| self.node.explain(error))?;
        checked(prepared, (account, lane), call, head, &self.terms)
    }

    /// Signs a payload.
    pub fn sign(&self, payload: Payload) -> Transaction {
        payload.sign(&self.key)
    }

    /// Asks the node what would come of a transaction in the next block; none waits there because of it. Whoever is told that the
    /// node is busy waits, and asks again a few times.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn foresee(&self, transaction: &Transaction) -> Result<DryRun, WalletError> {
        let mut patience = Patience::default();
        loop {
            match self.node.dry_run(transaction.clone().into()).await.map_err(|error| self.node.explain(error)) {
                Ok(forecast) => return Ok(forecast),
                Err(error) if patience.waits_after(&error).await => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Hands a transaction to the node.
    ///
    /// # Errors
    /// When the node does not take it.
    pub async fn submit(&self, transaction: Transaction) -> Result<Sent, WalletError> {
        // By its own hash, whatever the node calls it.
        let sent = Sent { hash: transaction.hash(), expires_at: transaction.payload.expires_at };
        self.node.submit(transaction.into()).await.map_err(|error| self.node.explain(error))?;
        Ok(sent)
    }

    /// Waits until a transaction is in a block, was dropped, or `patience` is over.
    ///
    /// # Errors
    /// When it is neither in a block nor dropped by then, or the node does not answer; it may still come into a block.
    pub async fn outcome(&self, sent: Sent, patience: Duration) -> Result<SendOutcome, WalletError> {
        let Sent { hash, expires_at } = sent;
        let settled = tokio::time::timeout(patience, self.settled(sent));
        settled.await.unwrap_or(Err(WalletError::StillWaiting { hash, expires_at, patience }))
    }

    /// Prepares, checks, signs and sends a call, and waits for its outcome.
    ///
    /// # Errors
    /// As each of the steps.
    pub async fn send(&self, call: &Call, patience: Duration) -> Result<SendOutcome, WalletError> {
        let payload = self.prepare(call).await?;
        let sent = self.submit(self.sign(payload)).await?;
        self.outcome(sent, patience).await
    }

    async fn settled(&self, sent: Sent) -> Result<SendOutcome, WalletError> {
        let mut changes = Changes::of(&self.node, sent.hash);
        let mut is_over = false;
        loop {
            match changes.next().await? {
                TransactionStatus::Included { height, index, fact, .. } => {
                    return Ok(SendOutcome::Included { height, index, fact: fact.map(Box::new) });
                }
                TransactionStatus::Dropped { why, .. } => return Ok(SendOutcome::Dropped { why }),
                TransactionStatus::Pending => {}
                // The head was read before the status: what is in no block after its last one is in none ever.
                TransactionStatus::Unknown if is_over => return Ok(expired(sent.expires_at)),
                TransactionStatus::Unknown => is_over = self.head().await? >= sent.expires_at,
            }
        }
    }

    async fn head(&self) -> Result<Height, CallError> {
        let head = self.node.head().await.map_err(|error| self.node.explain(error))?;
        Ok(head.answer.height)
    }
}

fn expired(expires_at: Height) -> SendOutcome {
    SendOutcome::Dropped { why: TxError::Expired { expires_at, now: expires_at.next() }.into() }
}

/// The payload, when it is what was asked for.
fn checked(
    prepared: PreparedTransaction,
    signer: (AccountId, Lane),
    call: &Call,
    head: Height,
    terms: &Terms,
) -> Result<Payload, WalletError> {
    let PreparedTransaction { payload, signing_bytes: there, level: needs, .. } = prepared;
    if needs > LEVEL {
        return Err(WalletError::NewerLevel { needs, have: LEVEL });
    }
    if (payload.account, payload.lane) != signer || payload.call != *call {
        return Err(WalletError::OtherTransaction { prepared: Box::new(payload) });
    }
    let here = hex::encode(payload.signing_bytes());
    if !here.eq_ignore_ascii_case(&there) {
        return Err(WalletError::OtherBytes { here, there });
    }
    if let Some(wanted) = terms.chain_id.clone().filter(|wanted| *wanted != payload.chain_id) {
        return Err(WalletError::OtherChain { wanted, found: payload.chain_id });
    }
    if payload.fee > terms.most_fee {
        return Err(WalletError::FeeTooHigh { asked: payload.fee, most: terms.most_fee });
    }
    let (expires_at, earliest, latest) = (payload.expires_at, head.next(), head.plus(MOST_TRANSACTION_LIFETIME));
    if !(earliest..=latest).contains(&expires_at) {
        return Err(WalletError::Expiry { expires_at, earliest, latest });
    }
    Ok(payload)
}

impl From<SendOutcome> for TransactionStatus {
    /// As `tx.status` answers it; a refusal is told by the fact, whatever the node said of it.
    fn from(outcome: SendOutcome) -> Self {
        match outcome {
            SendOutcome::Included { height, index, fact } => {
                let refusal = fact.as_ref().and_then(|fact| fact.outcome.as_ref().err()).map(ToString::to_string);
                TransactionStatus::Included { height, index, fact: fact.map(|fact| *fact), refusal }
            }
            SendOutcome::Dropped { why } => {
                let reason = why.to_string();
                TransactionStatus::Dropped { why, reason }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::Text;

    const ME: AccountId = AccountId([1; 32]);
    const HEAD: Height = Height(400);

    fn call(amount: u64) -> Call {
        runtime::testing::transfer(AccountId([9; 32]), amount)
    }

    fn terms() -> Terms {
        Terms { chain_id: Text::new("the-block-test"), most_fee: Amount(10) }
    }

    /// What an honest node prepares, changed.
    fn prepared(change: impl FnOnce(&mut Payload)) -> PreparedTransaction {
        let chain_id = Text::new("the-block-test").unwrap();
        let (account, lane, expires_at, fee) = (ME, Lane::Wallet, Height(900), Amount(10));
        let mut payload = Payload { chain_id, account, lane, nonce: 3, expires_at, fee, call: call(5) };
        change(&mut payload);
        let signing_bytes = hex::encode(payload.signing_bytes()).to_uppercase();
        PreparedTransaction { signing_bytes, meaning: "anything".into(), size: 200, level: LEVEL, payload }
    }

    fn check(prepared: PreparedTransaction) -> Result<Payload, WalletError> {
        checked(prepared, (ME, Lane::Wallet), &call(5), HEAD, &terms())
    }

    #[test]
    fn what_the_node_prepared_has_to_be_what_was_asked_for() {
        assert_eq!(check(prepared(|_| {})).unwrap().call, call(5));
        for other in [
            prepared(|payload| payload.call = call(6)),
            prepared(|payload| payload.account.0[0] = 2),
            prepared(|payload| payload.lane = Lane::Node),
        ] {
            let found = other.payload.clone();
            assert_eq!(check(other), Err(WalletError::OtherTransaction { prepared: Box::new(found) }));
        }
        let mut forged = prepared(|_| {});
        forged.signing_bytes = "00".into();
        assert!(matches!(check(forged), Err(WalletError::OtherBytes { there, .. }) if there == "00"));
    }

    #[test]
    fn nothing_is_signed_for_a_network_above_the_level_of_this_software() {
        let newer = PreparedTransaction { level: LEVEL + 1, ..prepared(|_| {}) };
        let error = check(newer).unwrap_err();
        assert_eq!(error, WalletError::NewerLevel { needs: LEVEL + 1, have: LEVEL });
        assert!(error.to_string().ends_with("nothing is signed, use a newer one"), "{error}");
    }

    #[test]
    fn nothing_is_signed_for_another_chain_or_a_higher_fee_than_the_terms_allow() {
        let other = prepared(|payload| payload.chain_id = Text::new("the-block-1").unwrap());
        let error = check(other.clone()).unwrap_err();
        assert!(matches!(&error, WalletError::OtherChain { found, .. } if found.as_str() == "the-block-1"));
        assert!(error.to_string().contains("on chain \"the-block-1\" and not on \"the-block-test\""), "{error}");
        let anywhere = Terms { chain_id: None, ..terms() };
        assert!(checked(other, (ME, Lane::Wallet), &call(5), HEAD, &anywhere).is_ok());

        let dear = check(prepared(|payload| payload.fee = Amount(11)));
        assert_eq!(dear, Err(WalletError::FeeTooHigh { asked: Amount(11), most: Amount(10) }));
    }

    #[test]
    fn what_has_expired_or_could_be_kept_for_years_is_not_signed() {
        let (earliest, latest) = (HEAD.next(), HEAD.plus(MOST_TRANSACTION_LIFETIME));
        let until = |expires_at: Height| check(prepared(|payload| payload.expires_at = expires_at));
        assert!(until(earliest).is_ok() && until(latest).is_ok());
        for expires_at in [Height(0), HEAD, latest.next(), Height(u64::MAX)] {
            assert_eq!(until(expires_at), Err(WalletError::Expiry { expires_at, earliest, latest }));
        }
    }
}
