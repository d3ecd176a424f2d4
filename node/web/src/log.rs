//! `GET /log/checkpoint` and `GET /log/tile/..`: the log of blocks for whoever audits it (C2SP `tlog-tiles`, ROLLOUTS 9). It is for anybody,
//! out of the rate of an address. A tile never changes, so it is kept for as long as anybody likes; the checkpoint is asked for again.

use crate::etag;
use crate::plane::{Asker, EvaluationPlane};
use crate::refusal::Refusal;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use std::sync::Arc;
use tlog::Tile;

/// For how long a full tile is good: what is in it stands for ever.
const FULL: &str = "public, max-age=31536000, immutable";
/// For how long a partial one is; there are others beside it soon.
const PARTIAL: &str = "public, max-age=3600";
/// That a checkpoint is asked for again, by its tag.
const NEWEST: &str = "public, no-cache";

/// `GET /log/checkpoint`
pub(crate) async fn checkpoint(plane: &Arc<EvaluationPlane>, asker: &Asker, parts: &Parts) -> Response {
    match read_log(plane, asker, |plane| Ok(plane.source.log_checkpoint())).await {
        Ok(note) => tagged(parts, note),
        Err(refusal) => plane.refuse(asker, &refusal, None),
    }
}

/// `GET /log/tile/{level}/{number}`, `GET /log/tile/entries/{number}`; of a partial one with its width behind `.p/`. The path is that in the
/// log, as it was sent: one that is written in another way is none of a tile.
pub(crate) async fn tile(plane: &Arc<EvaluationPlane>, asker: &Asker, path: &str) -> Response {
    match tile_of(plane, asker, path).await {
        Ok(response) => response,
        Err(refusal) => plane.refuse(asker, &refusal, None),
    }
}

async fn tile_of(plane: &Arc<EvaluationPlane>, asker: &Asker, path: &str) -> Result<Response, Refusal> {
    let Ok(tile) = Tile::parse(path) else {
        plane.take_of_address(asker.address)?;
        return Err(Refusal::NotInLog);
    };
    let is_full = tile.is_full();
    let bytes = read_log(plane, asker, move |plane| {
        plane.source.log_tile(&tile).map_err(|error| {
            tracing::error!(%error, %tile, "a tile of the log of blocks cannot be read");
            Refusal::Broken
        })
    });
    let bytes = bytes.await?;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(if is_full { FULL } else { PARTIAL }));
    Ok(response)
}

/// What is read of the log, on a thread that may read the disk, by so many at once.
async fn read_log<T: Send + 'static>(
    plane: &Arc<EvaluationPlane>,
    asker: &Asker,
    read: impl FnOnce(&EvaluationPlane) -> Result<Option<T>, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    plane.take_of_address(asker.address)?;
    let place = plane.log_readers.clone().acquire_owned().await.map_err(|_| Refusal::Broken)?;
    let asked = plane.clone();
    let read = tokio::task::spawn_blocking(move || {
        let found = read(&asked);
        // Whoever asked may have gone, and the thread reads on: its place is free when that ends.
        drop(place);
        found
    });
    read.await.map_err(|_| Refusal::Broken)??.ok_or(Refusal::NotInLog)
}

/// A checkpoint, or that whoever asks has it.
fn tagged(parts: &Parts, note: String) -> Response {
    let tag = etag::of(note.as_bytes());
    let mut asked = parts.headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = asked.any(|asked| etag::matches(asked, &tag));
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(note) });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(NEWEST));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    if !is_known {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    response
}
