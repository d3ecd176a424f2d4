//! Subscriptions: from any height that is kept to the newest block, and on with each new one.
//!
//! A subscription holds a page of blocks and what its connection buffers, however far behind it is. Who is behind is given the next
//! page when it is its turn ([`Feeds`]), and whoever is at the head each block as it comes. A subscriber that leaves the buffer full for
//! too long, or whose connection gives its place to another, is told what it missed and dropped; it can subscribe again from there.

use super::answers::Answers;
use super::catch_up::off_the_async_threads;
use super::feeds::{Channel, Feeds};
use super::peer::{Payer, Share};
use super::places::{Place, Subscribed};
use crate::chain_view::kept;
use crate::error::{ReadError, RpcRefusal};
use crate::source::ask;
use crate::views::Feed;
use http::Extensions;
use jsonrpsee::server::{
    PendingSubscriptionSink, SendTimeoutError, SubscriptionCloseResponse, SubscriptionMessage, SubscriptionSink,
};
use ledger::Head;
use primitives::Height;
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
    /// Its connection gives its place to another.
    GivesWay,
    /// The node cannot go on.
    Failed(String),
}

/// Counts a subscription to the connection that asked for it, for as long as it is served.
pub(super) fn subscribed(asked: &Extensions) -> Option<Subscribed> {
    asked.get::<Arc<Place>>().map(Place::subscribe)
}

/// Returns when the connection of a subscription is to give way to another.
pub(super) async fn gives_way(subscribed: Option<&Subscribed>) -> End {
    match subscribed {
        Some(subscribed) => subscribed.gives_way().await,
        None => std::future::pending().await,
    }
    End::GivesWay
}

/// Serves one of the channels to a subscriber, until one of them ends it.
pub(super) async fn follow(
    answers: &Answers,
    pending: PendingSubscriptionSink,
    asked: &Extensions,
    from: Option<Height>,
    channel: fn(&Feeds) -> &Channel,
) -> SubscriptionCloseResponse {
    let subscribed = subscribed(asked);
    let mut next = match start(answers, from).await {
        Ok(next) => next,
        Err(refusal) => {
            pending.reject(refusal).await;
            return SubscriptionCloseResponse::None;
        }
    };
    let heads = answers.source.heads();
    let share = asked.get::<Payer>().map_or(Share::Operator, |payer| payer.share());
    let Ok(sink) = pending.accept().await else { return SubscriptionCloseResponse::None };
    let end = tokio::select! {
        end = send_from(answers, &sink, heads, &mut next, share, channel(&answers.feeds)) => end,
        end = gives_way(subscribed.as_ref()) => end,
    };
    let newest = answers.source.head().at.height;
    let missed = newest.next().0.saturating_sub(next.0);
    match end {
        End::Left => SubscriptionCloseResponse::None,
        End::Slow | End::GivesWay => last(&Feed::<()>::Dropped { missed, resume_from: next }),
        End::Failed(reason) => last(&Feed::<()>::Failed { reason, resume_from: next }),
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
        let source = answers.source.clone();
        let is_kept = move || {
            ask(source.as_ref(), |view| {
                let found = (from >= view.earliest()?).then_some(());
                Ok::<_, RpcRefusal>(kept(view, from, found)?)
            })
        };
        off_the_async_threads(is_kept).await?;
    }
    Ok(from)
}

async fn send_from(
    answers: &Answers,
    sink: &SubscriptionSink,
    mut heads: watch::Receiver<Arc<Head>>,
    next: &mut Height,
    share: Share,
    channel: &Channel,
) -> End {
    loop {
        let newest = heads.borrow_and_update().at.height;
        while *next <= newest {
            let blocks = tokio::select! {
                blocks = answers.feeds.next(&answers.source, channel, *next, share) => blocks,
                () = sink.closed() => return End::Left,
            };
            let blocks = match blocks {
                Ok(blocks) => blocks,
                Err(refusal) => return End::Failed(refusal.to_string()),
            };
            for told in blocks {
                for message in told.messages.iter() {
                    if let Err(end) = send(answers, sink, message).await {
                        return end;
                    }
                }
                *next = told.height.next();
            }
        }
        tokio::select! {
            changed = heads.changed() => if changed.is_err() { return End::Failed("the node is stopping".into()) },
            () = sink.closed() => return End::Left,
        }
    }
}

/// Sends one message, or says why the subscription ends.
pub(super) async fn send<T: Serialize>(answers: &Answers, sink: &SubscriptionSink, message: &T) -> Result<(), End> {
    let message = SubscriptionMessage::new(sink.method_name(), sink.subscription_id(), message);
    let message = message.map_err(|error| End::Failed(error.to_string()))?;
    match sink.send_timeout(message, answers.patience).await {
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
