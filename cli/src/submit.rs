//! From a call to its outcome, with what people are told on the way. What is signed, and when, is the wallet's business:
//! [`rpc::client::Wallet`]; what is not worth sending, that of [`crate::forecast`].

use crate::answer::CommandAnswer;
use crate::args::Writing;
use crate::escape;
use crate::failure::{Failure, failed, refused_so, usage};
use crate::forecast;
use crate::render::{self, Screen};
use crate::session::{Session, unanswered};
use crate::trust;
use primitives::{Amount, SecretKey, TransactionHash};
use rpc::api::GovApiClient;
use rpc::client::{SendOutcome, Terms, Wallet, WalletError};
use rpc::views::{Deadline, Dropped, TransactionStatus};
use runtime::{Call, Event, Fact, TxError};
use serde::Serialize;
use std::time::Duration;

/// What a command that sends a transaction answers.
#[derive(Debug, Serialize)]
struct Sent {
    /// The transaction.
    hash: TransactionHash,
    /// What it pays, whatever becomes of it in a block.
    fee: Amount,
    /// When voting on what it proposes ends; left out for all else.
    #[serde(skip_serializing_if = "Option::is_none")]
    vote_deadline: Option<Deadline>,
    /// What became of it, as `tx.status` answers.
    #[serde(flatten)]
    status: TransactionStatus,
}

/// Sends a call in the name of a key's account.
///
/// # Errors
/// When the operator's own signers did not sign a release, when the node asks for something else than the user did, when it
/// does not take the transaction, and when the chain refuses the call; the last two with their own sentences.
pub async fn send(session: &Session, key: &SecretKey, writing: &Writing, call: Call) -> Result<CommandAnswer, Failure> {
    trust::require(session, &call)?;
    let terms = Terms { chain_id: writing.chain_id.clone(), most_fee: writing.max_fee };
    let wallet = Wallet::new(session.node.clone(), key.clone(), terms);
    let payload = wallet.prepare(&call).await.map_err(explain)?;
    session.say(&rpc::views::meaning(&payload));
    let fee = payload.fee;
    let transaction = wallet.sign(payload);
    if !writing.force {
        let forecast = forecast::of(&wallet, &transaction).await.map_err(explain)?;
        if writing.dry_run {
            return forecast::answer(session, forecast, fee).await;
        }
        if let Some(unsent) = forecast::instead(session, forecast, transaction.payload.expires_at).await? {
            return Ok(unsent);
        }
    }
    let sent = wallet.submit(transaction).await.map_err(explain)?;
    let hash = sent.hash;
    if writing.no_wait {
        let sent = Sent { hash, fee, vote_deadline: None, status: TransactionStatus::Pending };
        return CommandAnswer::new(&sent, format!("{hash}\n"));
    }
    session.say(&format!("Sent {hash}; waiting for a block to include it."));
    let outcome = wallet.outcome(sent, Duration::from_secs(writing.timeout)).await.map_err(explain)?;
    let closing = closing(session, &outcome).await;
    answer(&session.screen, hash, fee, closing, outcome)
}

/// When voting ends on what was proposed. What came of the transaction is told also where the node does not say this any more.
async fn closing(session: &Session, outcome: &SendOutcome) -> Option<Deadline> {
    let SendOutcome::Included { fact: Some(fact), .. } = outcome else { return None };
    let Ok(Event::Governance(governance::Event::Proposed(proposal))) = &fact.outcome else { return None };
    session.node.proposal(proposal.id).await.ok().and_then(|detail| detail.vote_deadline)
}

/// What went wrong, with what this tool can do about it.
fn explain(error: WalletError) -> Failure {
    match error {
        WalletError::Call(error) => unanswered(error),
        WalletError::OtherChain { wanted, found } => {
            let (found, wanted) = (escape::line(found.as_str()), wanted.as_str());
            usage(format!(
                "the node is on chain {found:?} and --chain-id names {wanted:?}; nothing is signed, \
                 ask a node of that chain with --rpc, or correct --chain-id"
            ))
        }
        WalletError::FeeTooHigh { asked, most } => failed(format!(
            "the node asks for a fee of {asked}, more than {most}; nothing is signed, pass --max-fee {asked} if that is right"
        )),
        WalletError::StillWaiting { hash, expires_at, patience } => failed(format!(
            "transaction {hash} was sent and is in no block after {} s; it may still be until height {expires_at}: \
             follow it with `contract tx {hash}`",
            patience.as_secs()
        )),
        other => failed(escape::line(&other.to_string())),
    }
}

fn answer(
    screen: &Screen,
    hash: TransactionHash,
    fee: Amount,
    vote_deadline: Option<Deadline>,
    outcome: SendOutcome,
) -> Result<CommandAnswer, Failure> {
    let (height, happened) = match &outcome {
        SendOutcome::Included { height, fact, .. } => (*height, happened(fact.as_deref(), fee)?),
        SendOutcome::Dropped { why } => return Err(dropped(hash, why)),
    };
    let (happened, paid) = (escape::line(&happened), fee.grouped());
    let closes = vote_deadline.map(|deadline| format!("Voting ends at the {}.\n", render::start(&deadline, screen)));
    let closes = closes.unwrap_or_default();
    let text = format!("{happened}\n{closes}Transaction {hash} is in block {height}, for a fee of {paid}.\n");
    CommandAnswer::new(&Sent { hash, fee, vote_deadline, status: outcome.into() }, text)
}

fn happened(fact: Option<&Fact>, fee: Amount) -> Result<String, Failure> {
    match fact.map(|fact| &fact.outcome) {
        Some(Err(error)) => Err(refused_so(error.clone(), &format!("; the fee of {} is paid", fee.grouped()))),
        Some(Ok(event)) => Ok(render::outcome(event)),
        None => Ok("Its outcome is no longer kept by this node; ask one that keeps the whole history.".into()),
    }
}

fn dropped(hash: TransactionHash, why: &Dropped) -> Failure {
    match why {
        Dropped::Invalid(TxError::Expired { expires_at, .. }) => failed(format!(
            "transaction {hash} expired at height {expires_at} without being in a block; nothing was paid, send it again"
        )),
        why => failed(escape::line(&format!("the node dropped transaction {hash}: {why}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{AccountId, Height, Text};

    const HASH: TransactionHash = TransactionHash([7; 32]);

    fn answered(fee: Amount, outcome: SendOutcome) -> Result<CommandAnswer, Failure> {
        answer(&Screen::of_stdout(), HASH, fee, None, outcome)
    }

    #[test]
    fn what_the_terms_do_not_allow_is_said_with_the_option_that_would() {
        let wanted = Text::new("the-block-1").unwrap();
        let found = Text::new("the-\x1bblock-test").unwrap();
        let other = explain(WalletError::OtherChain { wanted, found });
        assert_eq!(other.exit_code(), 2);
        assert!(other.to_string().contains("nothing is signed"), "{other}");
        assert!(!other.to_string().contains('\x1b'), "{other:?}");
        let dear = explain(WalletError::FeeTooHigh { asked: Amount(11), most: Amount(10) });
        assert!(dear.to_string().contains("--max-fee 11"), "{dear}");
        let patience = Duration::from_secs(120);
        let late = explain(WalletError::StillWaiting { hash: HASH, expires_at: Height(9), patience });
        assert!(late.to_string().contains(&format!("`contract tx {HASH}`")), "{late}");
    }

    #[test]
    fn o43_a_refusal_on_chain_is_a_failure_with_its_own_sentence_and_names_the_fee() {
        let error = runtime::Error::from(accounts::Error::InsufficientBalance { have: Amount(1), need: Amount(2) });
        let (account, lane, fee) = (AccountId([1; 32]), runtime::Lane::Wallet, Amount(1));
        let cause = runtime::Cause::Transaction { hash: HASH, account, lane, fee, burned: fee };
        let fact = Some(Box::new(Fact { cause, outcome: Err(error.clone()) }));
        let refused = SendOutcome::Included { height: Height(4), index: 0, fact };
        let failure = answered(Amount(2500), refused).unwrap_err();
        assert_eq!((failure.exit_code(), failure.to_string()), (1, format!("{error}; the fee of 2,500 is paid")));
    }

    #[test]
    fn what_expired_can_be_sent_again_and_what_was_replaced_is_said_by_what() {
        let why = Dropped::Invalid(TxError::Expired { expires_at: Height(9), now: Height(10) });
        let expired = answered(Amount(1), SendOutcome::Dropped { why }).unwrap_err().to_string();
        assert!(expired.contains("expired at height 9") && expired.contains("send it again"), "{expired}");
        let by = TransactionHash([8; 32]);
        let replaced = SendOutcome::Dropped { why: Dropped::Replaced { by } };
        let replaced = answered(Amount(1), replaced).unwrap_err().to_string();
        assert!(replaced.contains(&HASH.to_string()) && replaced.contains(&by.to_string()), "{replaced}");
    }
}
