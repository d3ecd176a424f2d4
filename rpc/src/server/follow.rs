//! Subscriptions: from any height that is kept to the newest block, and on with each new one.
//!
//! Items are read from the store when the subscriber has taken the one before, so a subscription holds one block and what
//! its connection buffers, however far behind it is. A subscriber that leaves the buffer full for too long is told what it
//! missed and dropped; it can subscribe again from there.

use super::answers::Answers;
use super::places::{Place, Serving};
use crate::chain_view::{ChainView, kept};
use crate::error::{ReadError, RpcRefusal};
use crate::views::Feed;
use http::Extensions;
use jsonrpsee::server::{PendingSubscriptionSink, SendTimeoutError, SubscriptionCloseResponse, SubscriptionSink};
use ledger::Head;
use primitives::Height;
use runtime::Record;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::sync::Arc;
use tokio::sync::watch;

/// Why a subscription ends.
pub(super) enum End {
    /// The subscriber left.
    Left,
    /// The subscriber is too slow.
    Slow,
    /// The node cannot go on.
    Failed(String),
}

/// What a subscription brings of a block, read from what the node keeps of it.
pub(super) type ItemsOf<T> = fn(&dyn ChainView, Height) -> Result<Vec<T>, RpcRefusal>;

/// Keeps the place of the connection that asked for a subscription, for as long as it is served.
pub(super) fn keep_place(asked: &Extensions) -> Option<Serving> {
    asked.get::<Arc<Place>>().map(Place::begin)
}

pub(super) async fn follow<T: Serialize + Send + 'static>(
    answers: &Answers,
    pending: PendingSubscriptionSink,
    asked: &Extensions,
    from: Option<Height>,
    items: ItemsOf<T>,
) -> SubscriptionCloseResponse {
    let _serving = keep_place(asked);
    let mut next = match start(answers, from).await {
        Ok(next) => next,
        Err(refusal) => {
            pending.reject(refusal).await;
            return SubscriptionCloseResponse::None;
        }
    };
    let heads = answers.source.heads();
    let Ok(sink) = pending.accept().await else { return SubscriptionCloseResponse::None };
    let end = send_from(answers, &sink, heads, &mut next, items).await;
    let newest = answers.source.head().at.height;
    let missed = newest.next().0.saturating_sub(next.0);
    match end {
        End::Left => SubscriptionCloseResponse::None,
        End::Slow => last(&Feed::<T>::Dropped { missed, resume_from: next }),
        End::Failed(reason) => last(&Feed::<T>::Failed { reason, resume_from: next }),
    }
}

/// Where to begin: with the next block, or with one that is kept or the next to come; genesis, at height 0, is a block too.
async fn start(answers: &Answers, from: Option<Height>) -> Result<Height, RpcRefusal> {
    let head = answers.source.head().at.height;
    let Some(from) = from else { return Ok(head.next()) };
    if from > head.next() {
        return Err(ReadError::NotYet { height: from, head }.into());
    }
    if from <= head {
        read::<Record>(answers, from, |view, height| Ok(vec![kept(view, height, view.record(height)?)?])).await?;
    }
    Ok(from)
}

async fn send_from<T: Serialize + Send + 'static>(
    answers: &Answers,
    sink: &SubscriptionSink,
    mut heads: watch::Receiver<Arc<Head>>,
    next: &mut Height,
    items: ItemsOf<T>,
) -> End {
    loop {
        let newest = heads.borrow_and_update().at.height;
        while *next <= newest {
            let found = match read(answers, *next, items).await {
                Ok(found) => found,
                Err(refusal) => return End::Failed(refusal.to_string()),
            };
            for item in found {
                if let Err(end) = send(answers, sink, &Feed::Item(item)).await {
                    return end;
                }
            }
            *next = next.next();
        }
        tokio::select! {
            changed = heads.changed() => if changed.is_err() { return End::Failed("the node is stopping".into()) },
            () = sink.closed() => return End::Left,
        }
    }
}

async fn read<T: Send + 'static>(answers: &Answers, height: Height, items: ItemsOf<T>) -> Result<Vec<T>, RpcRefusal> {
    let answers = answers.clone();
    let reading = tokio::task::spawn_blocking(move || answers.ask(|view| items(view, height)));
    reading.await.unwrap_or_else(|error| Err(ReadError::Failed(error.to_string()).into()))
}

/// Sends one message, or says why the subscription ends.
pub(super) async fn send<T: Serialize>(answers: &Answers, sink: &SubscriptionSink, message: &T) -> Result<(), End> {
    let json = encoded(message).map_err(End::Failed)?;
    match sink.send_timeout(json, answers.patience).await {
        Ok(()) => Ok(()),
        Err(SendTimeoutError::Timeout(_)) => Err(End::Slow),
        Err(SendTimeoutError::Closed(_)) => Err(End::Left),
    }
}

/// The last message waits in the connection's order, behind what the subscriber has not read.
fn last<T: Serialize>(message: &Feed<T>) -> SubscriptionCloseResponse {
    encoded(message).map_or(SubscriptionCloseResponse::None, |json| SubscriptionCloseResponse::Notif(json.into()))
}

fn encoded<T: Serialize>(message: &T) -> Result<Box<RawValue>, String> {
    to_raw_value(message).map_err(|error| error.to_string())
}
