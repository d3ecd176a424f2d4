//! Streams that say *that* flags have changed, and never which (ROLLOUTS 12.3): what a page then asks for is answered by its own token.

mod feed;

use crate::channels;
use crate::plane::{Asker, EvaluationPlane};
use crate::query::AskedQuery;
use crate::refusal::Refusal;
use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::Response;
use feed::Feed;
use futures::stream;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

/// What a page is told for which there is no room: that it come again in a minute. To providers that is a passing fault.
const NO_ROOM: &str = "retry: 60000\n\n";
/// By which a client says what it heard last.
const LAST_EVENT: &str = "last-event-id";

/// `GET /ofrep/v1/stream?channel=..`
pub(crate) fn stream(plane: &Arc<EvaluationPlane>, asker: &Asker, parts: &Parts) -> Response {
    match opened(plane, asker.address, parts) {
        Ok(body) => events(body),
        Err(refusal) => plane.refuse(asker, &refusal, None),
    }
}

fn opened(plane: &Arc<EvaluationPlane>, address: IpAddr, parts: &Parts) -> Result<Body, Refusal> {
    let channel = AskedQuery::read(&parts.uri)?.channel;
    let channel =
        channel.ok_or_else(|| Refusal::Unreadable("the query names no channel; take that of eventStreams".into()))?;
    let plan = channels::plan_in(&channel)
        .ok_or_else(|| Refusal::Unreadable("the channel is none; take that of eventStreams as it is".into()))?;
    plane.plans.get(&plan).ok_or(Refusal::PlanUnknown)?;
    // A refusal would end the stream of a page for good; so who opens too many has no room.
    if plane.take_of_address(address).is_err() {
        return Ok(Body::from(NO_ROOM));
    }
    let named = plane.channels.named(&channel);
    let is_known = named.as_ref().is_some_and(|named| named.by_token);
    let Some(place) = plane.places.take(address, is_known) else { return Ok(Body::from(NO_ROOM)) };
    let last = parts.headers.get(LAST_EVENT).and_then(|last| last.to_str().ok());
    let subject = named.map(|named| (named.scope, named.reader));
    let feed = Feed::open(plane.clone(), plan, subject, last, place);
    let events = stream::unfold(feed, |mut feed| async move {
        let text = feed.next().await?;
        Some((Ok::<_, Infallible>(text), feed))
    });
    Ok(Body::from_stream(events))
}

fn events(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather what they pass on would hold announcements back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
