//! From a call to its outcome: prepare, check, sign, send, wait.
//!
//! # Invariants
//! - The node's words are not trusted: the payload has to be for this account and this very call, and the bytes that are
//!   signed are encoded here.
//! - Nothing is signed for another chain or a higher fee than the user allows.

use crate::answer::Answer;
use crate::args::Writing;
use crate::escape;
use crate::failure::{Failure, failed, refused, usage};
use crate::render;
use crate::session::Session;
use crate::wait;
use primitives::{AccountId, SecretKey, TransactionHash};
use rpc::api::TxClient;
use rpc::client::Blocks;
use rpc::views::{DryRun, Prepared, TransactionStatus};
use runtime::{Call, Fact, Payload, Transaction};
use serde::Serialize;

/// What a command that sends a transaction answers.
#[derive(Debug, Serialize)]
struct Sent {
    /// The transaction.
    hash: TransactionHash,
    /// What became of it, as `tx.status` answers.
    #[serde(flatten)]
    status: TransactionStatus,
}

/// Sends a call in the name of a key's account.
///
/// # Errors
/// When the node asks for something else than the user did, when it does not take the transaction, and when the chain
/// refuses the call; the last two with their own sentences.
pub async fn send(session: &Session, key: &SecretKey, writing: &Writing, call: Call) -> Result<Answer, Failure> {
    let account = key.account();
    let prepared = session.node.prepare(account, call.clone()).await.map_err(|error| session.explain(error))?;
    let payload = checked(prepared, account, &call, writing)?;
    session.say(&rpc::views::meaning(&payload));
    let expires_at = payload.expires_at;
    let transaction = payload.sign(key);
    if writing.dry_run {
        return foresee(session, transaction).await;
    }
    // Subscribed before it is sent, so that no block is missed.
    let mut blocks = if writing.no_wait { None } else { Some(Blocks::subscribe(&session.node).await) };
    let hash = session.node.submit(transaction.into()).await.map_err(|error| session.explain(error))?;
    let Some(blocks) = &mut blocks else {
        return Answer::new(&Sent { hash, status: TransactionStatus::Pending }, format!("{hash}\n"));
    };
    session.say(&format!("Sent {hash}; waiting for a block to include it."));
    let status = wait::included(session, blocks, hash, expires_at, writing.timeout).await?;
    outcome(hash, status)
}

/// The payload, when it is what was asked for.
fn checked(prepared: Prepared, account: AccountId, call: &Call, writing: &Writing) -> Result<Payload, Failure> {
    let Prepared { payload, signing_bytes, .. } = prepared;
    if payload.account != account || payload.call != *call {
        return Err(failed(
            "the node prepared another transaction than was asked for; nothing is signed, use another node",
        ));
    }
    if hex_of(&payload.signing_bytes()) != signing_bytes.to_lowercase() {
        return Err(failed(
            "the node would sign other bytes than this tool encodes; nothing is signed, use a tool and a node of one version",
        ));
    }
    if let Some(wanted) = writing.chain_id.as_ref().filter(|wanted| **wanted != payload.chain_id) {
        let found = escape::line(payload.chain_id.as_str());
        return Err(usage(format!(
            "the node is on chain {found:?} and --chain-id names {wanted:?}; nothing is signed, \
             ask a node of that chain with --rpc, or correct --chain-id"
        )));
    }
    if payload.fee > writing.max_fee {
        return Err(failed(format!(
            "the node asks for a fee of {}, more than {}; nothing is signed, pass --max-fee {} if that is right",
            payload.fee, writing.max_fee, payload.fee
        )));
    }
    Ok(payload)
}

fn hex_of(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

async fn foresee(session: &Session, transaction: Transaction) -> Result<Answer, Failure> {
    let forecast = session.node.dry_run(transaction.into()).await.map_err(|error| session.explain(error))?;
    match &forecast {
        DryRun::Granted { event, .. } => {
            let text = format!("It would be granted. {}\n", escape::line(&render::outcome(event)));
            Answer::new(&forecast, text)
        }
        DryRun::Refused { error, .. } => Err(refused(error.clone())),
        DryRun::Invalid { code, refusal, .. } => {
            let data = serde_json::to_value(&forecast).map_err(failed)?;
            Err(Failure::Refused { code: *code, message: escape::line(refusal), data, next: None })
        }
    }
}

fn outcome(hash: TransactionHash, status: TransactionStatus) -> Result<Answer, Failure> {
    let TransactionStatus::Included { height, fact, .. } = &status else {
        return Err(failed(format!("transaction {hash} is in no block; follow it with `contract tx {hash}`")));
    };
    let happened = match fact {
        Some(Fact { outcome: Err(error), .. }) => return Err(refused(error.clone())),
        Some(Fact { outcome: Ok(event), .. }) => render::outcome(event),
        None => "Its outcome is no longer kept by this node; ask one that keeps the whole history.".into(),
    };
    let text = format!("{}\nTransaction {hash} is in block {height}.\n", escape::line(&happened));
    Answer::new(&Sent { hash, status }, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use primitives::{Amount, Height, Text};

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        writing: Writing,
    }

    fn writing(extra: &[&str]) -> Writing {
        Only::parse_from([&["test", "--key", "k"], extra].concat()).writing
    }

    fn call(amount: u64) -> Call {
        Call::Accounts(accounts::Call::Transfer { to: AccountId([9; 32]), amount: Amount(amount) })
    }

    fn prepared(account: AccountId, call: Call, fee: u64) -> Prepared {
        let chain_id = Text::new("the-block-test").unwrap();
        let payload = Payload { chain_id, account, nonce: 3, expires_at: Height(500), fee: Amount(fee), call };
        Prepared { signing_bytes: hex_of(&payload.signing_bytes()), meaning: "anything".into(), size: 200, payload }
    }

    #[test]
    fn what_the_node_prepared_has_to_be_what_was_asked_for() {
        let me = AccountId([1; 32]);
        let check = |prepared: Prepared, extra: &[&str]| checked(prepared, me, &call(5), &writing(extra));
        assert!(check(prepared(me, call(5), 10), &[]).is_ok());
        assert!(check(prepared(me, call(5), 10), &["--chain-id", "the-block-test", "--max-fee", "10"]).is_ok());

        let message = |result: Result<Payload, Failure>| result.unwrap_err().to_string();
        assert!(message(check(prepared(me, call(6), 10), &[])).contains("another transaction"));
        assert!(message(check(prepared(AccountId([2; 32]), call(5), 10), &[])).contains("another transaction"));
        assert!(message(check(prepared(me, call(5), 11), &["--max-fee", "10"])).contains("--max-fee 11"));
        let other = check(prepared(me, call(5), 10), &["--chain-id", "the-block-1"]).unwrap_err();
        assert!(other.to_string().contains("nothing is signed"));
        assert_eq!(other.exit_code(), 2);
        let mut forged = prepared(me, call(5), 10);
        forged.signing_bytes = "00".into();
        assert!(message(check(forged, &[])).contains("other bytes"));
    }

    #[test]
    fn a_refusal_on_chain_is_a_failure_with_its_own_sentence() {
        let error = runtime::Error::from(accounts::Error::InsufficientBalance { have: Amount(1), need: Amount(2) });
        let hash = TransactionHash([7; 32]);
        let cause = runtime::Cause::Transaction { hash, account: AccountId([1; 32]), fee: Amount(1) };
        let fact = Some(Fact { cause, outcome: Err(error.clone()) });
        let status = TransactionStatus::Included { height: Height(4), index: 0, fact, refusal: Some("forged".into()) };
        let failure = outcome(hash, status).unwrap_err();
        assert_eq!((failure.exit_code(), failure.to_string()), (1, error.to_string()));
    }
}
