//! What becomes of one transaction, until it is in a block or dropped.
//!
//! The status is looked at with each block, so a subscription holds the last one it sent and nothing else, however long the
//! transaction waits. One that the node does not know is looked for as long as a request may take: it may never come.

use super::answers::Answers;
use super::follow::{End, gives_way, send, subscribed};
use crate::error::{ReadError, RpcRefusal};
use crate::source::{NodeSource, ask};
use crate::views::{TransactionStatus, inclusion};
use http::Extensions;
use jsonrpsee::core::SubscriptionError;
use jsonrpsee::server::{PendingSubscriptionSink, SubscriptionCloseResponse, SubscriptionSink};
use primitives::TransactionHash;
use tokio::time::{Instant, sleep_until};

pub(super) async fn watch(
    answers: &Answers,
    pending: PendingSubscriptionSink,
    asked: &Extensions,
    hash: TransactionHash,
) -> SubscriptionCloseResponse {
    let subscribed = subscribed(asked);
    let Ok(sink) = pending.accept().await else { return SubscriptionCloseResponse::None };
    let ended = tokio::select! {
        ended = send_changes(answers, &sink, hash) => ended,
        end = gives_way(subscribed.as_ref()) => Err(end),
    };
    match ended {
        Ok(()) | Err(End::Left | End::Slow) => SubscriptionCloseResponse::None,
        Err(End::GivesWay) => failed("the connection gave its place to another; ask again".into()),
        Err(End::Failed(reason)) => failed(reason),
    }
}

fn failed(reason: String) -> SubscriptionCloseResponse {
    SubscriptionCloseResponse::NotifErr(SubscriptionError::from(reason))
}

async fn send_changes(answers: &Answers, sink: &SubscriptionSink, hash: TransactionHash) -> Result<(), End> {
    let mut heads = answers.source.heads();
    let (mut sent, mut unknown_since) = (None, None);
    loop {
        heads.borrow_and_update();
        let status = read(answers, hash).await.map_err(|refusal| End::Failed(refusal.to_string()))?;
        if sent.as_ref() != Some(&status) {
            send(answers, sink, &status).await?;
        }
        if status.is_settled() {
            return Ok(());
        }
        unknown_since = (status == TransactionStatus::Unknown).then(|| unknown_since.unwrap_or_else(Instant::now));
        sent = Some(status);
        tokio::select! {
            changed = heads.changed() => changed.map_err(|_| End::Failed("the node is stopping".into()))?,
            () = sink.closed() => return Err(End::Left),
            () = unknown_for_long(answers, unknown_since) => {
                return Err(End::Failed("the node does not know this transaction; ask again once it was sent".into()));
            }
        }
    }
}

async fn unknown_for_long(answers: &Answers, since: Option<Instant>) {
    match since.and_then(|since| since.checked_add(answers.most_unknown)) {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

async fn read(answers: &Answers, hash: TransactionHash) -> Result<TransactionStatus, RpcRefusal> {
    let source = answers.source.clone();
    let reading = tokio::task::spawn_blocking(move || status_of(source.as_ref(), hash));
    reading.await.unwrap_or_else(|error| Err(ReadError::Failed(error.to_string()).into()))
}

/// What became of a transaction.
pub(super) fn status_of(source: &dyn NodeSource, hash: TransactionHash) -> Result<TransactionStatus, RpcRefusal> {
    // Before the snapshot: a block that takes it in between is then seen there, and the answer is never "unknown".
    let waiting = if source.pending(&hash) {
        TransactionStatus::Pending
    } else {
        source.dropped(&hash).map_or(TransactionStatus::Unknown, |why| {
            let reason = why.to_string();
            TransactionStatus::Dropped { why, reason }
        })
    };
    Ok(ask(source, |view| inclusion(view, hash))?.unwrap_or(waiting))
}
