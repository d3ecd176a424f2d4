//! What becomes of one transaction, until it is in a block or dropped.
//!
//! The status is looked at with each block, so a subscription holds the last one it sent and nothing else, however long the
//! transaction waits.

use super::answers::Answers;
use super::follow::{End, keep_place, send};
use crate::error::{ReadError, RpcRefusal};
use crate::source::{NodeSource, ask};
use crate::views::{TransactionStatus, inclusion};
use http::Extensions;
use jsonrpsee::core::SubscriptionError;
use jsonrpsee::server::{PendingSubscriptionSink, SubscriptionCloseResponse, SubscriptionSink};
use primitives::TransactionHash;

pub(super) async fn watch(
    answers: &Answers,
    pending: PendingSubscriptionSink,
    asked: &Extensions,
    hash: TransactionHash,
) -> SubscriptionCloseResponse {
    let _serving = keep_place(asked);
    let Ok(sink) = pending.accept().await else { return SubscriptionCloseResponse::None };
    match send_changes(answers, &sink, hash).await {
        Ok(()) | Err(End::Left | End::Slow) => SubscriptionCloseResponse::None,
        Err(End::Failed(reason)) => SubscriptionCloseResponse::NotifErr(SubscriptionError::from(reason)),
    }
}

async fn send_changes(answers: &Answers, sink: &SubscriptionSink, hash: TransactionHash) -> Result<(), End> {
    let mut heads = answers.source.heads();
    let mut sent = None;
    loop {
        heads.borrow_and_update();
        let status = read(answers, hash).await.map_err(|refusal| End::Failed(refusal.to_string()))?;
        if sent.as_ref() != Some(&status) {
            send(answers, sink, &status).await?;
        }
        if status.is_settled() {
            return Ok(());
        }
        sent = Some(status);
        tokio::select! {
            changed = heads.changed() => changed.map_err(|_| End::Failed("the node is stopping".into()))?,
            () = sink.closed() => return Err(End::Left),
        }
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
