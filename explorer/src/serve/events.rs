//! Telling pages that a block came, so that they look again.

use super::problem::Problem;
use super::{Form, Site};
use crate::store::IndexHead;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::watch;

/// One listener.
struct Listener {
    head: watch::Receiver<IndexHead>,
    stopped: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

/// `GET /events`: `event: block` with the height, as each block comes into the index; the newest one at once.
pub async fn events(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let Ok(place) = site.listeners.clone().try_acquire_owned() else {
        let problem =
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many pages are open; this one does not update");
        return site.failed(&uri, Form::asked(&headers), &problem);
    };
    Sse::new(listen(&site, place)).keep_alive(KeepAlive::default()).into_response()
}

fn listen(
    site: &Arc<Site>,
    place: OwnedSemaphorePermit,
) -> impl stream::Stream<Item = Result<Event, Infallible>> + use<> {
    let mut head = site.progress.head.clone();
    head.mark_changed();
    let listener = Listener { head, stopped: site.stopped.clone(), _place: place };
    stream::unfold(listener, |mut listener| async move {
        let changed = tokio::select! {
            // The server stops: it does not wait for listeners.
            _ = listener.stopped.wait_for(|stop| *stop) => return None,
            changed = listener.head.changed() => changed,
        };
        changed.ok()?;
        let height = listener.head.borrow_and_update().at.height;
        let event = Event::default().event("block").data(format!("{{\"height\":{height}}}"));
        Some((Ok(event), listener))
    })
}
