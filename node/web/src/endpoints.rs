//! The endpoints: which there are, and what is the same for all of them, whatever they answer.
//!
//! One flag is asked so often that a table of routes would cost as much as the answer; so paths are compared here, its path first.

use crate::health::healthz;
use crate::log::{checkpoint, tile};
use crate::ofrep::{bulk, single};
use crate::plane::EvaluationPlane;
use crate::preview::policy;
use crate::refusal::Refusal;
use crate::streams::stream;
use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use futures::future::BoxFuture;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::Service;

/// The endpoints of a plane, for whoever asks on one connection.
#[derive(Debug, Clone)]
pub struct Endpoints {
    plane: Arc<EvaluationPlane>,
    /// From where the connection comes.
    peer: IpAddr,
}

impl Endpoints {
    /// Those of a plane, as this machine asks them.
    pub fn of(plane: Arc<EvaluationPlane>) -> Self {
        Self { plane, peer: Ipv4Addr::LOCALHOST.into() }
    }

    /// The same, as another machine asks them.
    pub(crate) fn asked_from(self, peer: IpAddr) -> Self {
        Self { peer, ..self }
    }
}

/// Each connection has its own.
impl<L: Listener<Addr = SocketAddr>> Service<IncomingStream<'_, L>> for Endpoints {
    type Response = Self;
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, connection: IncomingStream<'_, L>) -> Self::Future {
        ready(Ok(self.clone().asked_from(connection.remote_addr().ip())))
    }
}

impl Service<Request> for Endpoints {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Self { plane, peer } = self.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let mut response = if parts.method == Method::OPTIONS {
                plane.origins.preflight()
            } else {
                answer(&plane, peer, &parts, body).await
            };
            plane.origins.admit(&parts.headers, response.headers_mut());
            Ok(if parts.method == Method::HEAD { without_body(response) } else { response })
        })
    }
}

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint<'p> {
    /// One flag, by its key as it is sent.
    Flag(&'p str),
    /// All flags.
    Flags,
    /// What says that some have changed.
    Stream,
    /// The preview of a stage, both as they are sent.
    Policy { plan: &'p str, stage: &'p str },
    /// The checkpoint of the log of blocks.
    Checkpoint,
    /// A tile of that, by its path in the log as it is sent.
    Tile(&'p str),
    /// How the node is.
    Health,
}

impl<'p> Endpoint<'p> {
    /// What is at a path; none where nothing is.
    fn at(path: &'p str) -> Option<Self> {
        if let Some(key) = path.strip_prefix("/ofrep/v1/evaluate/flags/") {
            return Some(Self::Flag(key));
        }
        match path {
            "/ofrep/v1/evaluate/flags" => Some(Self::Flags),
            "/ofrep/v1/stream" => Some(Self::Stream),
            "/log/checkpoint" => Some(Self::Checkpoint),
            "/healthz" => Some(Self::Health),
            _ => Self::policy(path).or_else(|| Self::tile(path)),
        }
    }

    fn policy(path: &'p str) -> Option<Self> {
        let (plan, stage) = path.strip_prefix("/policy/")?.split_once('/')?;
        let is_named = !plan.is_empty() && !stage.is_empty() && !stage.contains('/');
        is_named.then_some(Self::Policy { plan, stage })
    }

    fn tile(path: &'p str) -> Option<Self> {
        let tile = path.strip_prefix("/log/")?;
        let is_named = tile.strip_prefix("tile/").is_some_and(|place| !place.is_empty());
        is_named.then_some(Self::Tile(tile))
    }

    /// Requires a method that it takes.
    fn require(self, method: &Method) -> Result<(), Refusal> {
        let (is_taken, allowed) = match self {
            Self::Flag(_) | Self::Flags => (*method == Method::POST, "POST"),
            _ => (*method == Method::GET || *method == Method::HEAD, "GET, HEAD"),
        };
        if is_taken { Ok(()) } else { Err(Refusal::Method { allowed }) }
    }

    /// The key of the flag that is asked, as it is sent, where it is one.
    fn key(self) -> Option<&'p str> {
        match self {
            Self::Flag(key) => Some(key),
            _ => None,
        }
    }
}

/// What is answered to a request that is no preflight.
async fn answer(plane: &Arc<EvaluationPlane>, peer: IpAddr, parts: &Parts, body: Body) -> Response {
    let mut asker = plane.asker(peer, &parts.headers);
    let Some(endpoint) = Endpoint::at(parts.uri.path()) else {
        return plane.refuse(&asker, &Refusal::Nowhere, None);
    };
    if let Err(refusal) = endpoint.require(&parts.method) {
        return plane.refuse(&asker, &refusal, endpoint.key());
    }
    match endpoint {
        Endpoint::Flag("") => plane.refuse(&asker, &Refusal::FlagUnnamed, Some("")),
        Endpoint::Flag(key) => single(plane, &mut asker, decoded(key), parts, body).await,
        Endpoint::Flags => bulk(plane, &mut asker, parts, body).await,
        Endpoint::Stream => stream(plane, &asker, parts),
        Endpoint::Policy { plan, stage } => {
            // What cannot be read names nothing that there is.
            let (plan, stage) = decoded(plan).zip(decoded(stage)).unwrap_or_default();
            // In memory of its own, so that what a flag is answered in stays small.
            Box::pin(policy(plane, &mut asker, (&plan, &stage), parts)).await
        }
        Endpoint::Checkpoint => checkpoint(plane, &asker, parts).await,
        Endpoint::Tile(path) => tile(plane, &asker, path).await,
        Endpoint::Health => healthz(plane, &asker).await,
    }
}

/// A part of a path, which is percent-encoded; none where that is no text.
fn decoded(part: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(part).decode_utf8().ok()
}

/// What is answered to `HEAD`: how long the body would be, and none. A 304 has none anyway, which is not the one that it would be.
fn without_body(mut response: Response) -> Response {
    let is_there = response.status() != StatusCode::NOT_MODIFIED;
    if let Some(length) = response.body().size_hint().exact().filter(|_| is_there) {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    *response.body_mut() = Body::empty();
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_is_one_endpoint_and_what_is_longer_or_shorter_is_none() {
        let one = [
            ("/ofrep/v1/evaluate/flags", Endpoint::Flags),
            ("/ofrep/v1/evaluate/flags/", Endpoint::Flag("")),
            ("/ofrep/v1/evaluate/flags/a", Endpoint::Flag("a")),
            ("/ofrep/v1/evaluate/flags/a/b%2Fc/", Endpoint::Flag("a/b%2Fc/")),
            ("/ofrep/v1/stream", Endpoint::Stream),
            ("/policy/pos/PROD", Endpoint::Policy { plan: "pos", stage: "PROD" }),
            ("/log/checkpoint", Endpoint::Checkpoint),
            ("/log/tile/0/000", Endpoint::Tile("tile/0/000")),
            ("/healthz", Endpoint::Health),
        ];
        for (path, endpoint) in one {
            assert_eq!(Endpoint::at(path), Some(endpoint), "{path}");
        }
        let none = [
            "",
            "*",
            "/",
            "/ofrep/v1/evaluate",
            "/ofrep/v1/evaluate/flagsa",
            "//ofrep/v1/evaluate/flags",
            "/Healthz",
            "/ofrep/v1/stream/",
            "/policy/pos",
            "/policy/pos/",
            "/policy//PROD",
            "/policy/pos/PROD/",
            "/policy/a/b/c",
            "/log",
            "/log/",
            "/log/tile",
            "/log/tile/",
            "/log/tiles/0",
            "/log/checkpoint/",
            "/healthz/",
        ];
        for path in none {
            assert_eq!(Endpoint::at(path), None, "{path}");
        }
    }

    #[test]
    fn a_head_says_how_long_the_body_is_and_has_none() {
        let response = without_body(Response::new(Body::from("twelve bytes")));
        assert_eq!(response.headers()[CONTENT_LENGTH], "12");
        assert_eq!(response.body().size_hint().exact(), Some(0));
        let mut known = Response::new(Body::empty());
        *known.status_mut() = StatusCode::NOT_MODIFIED;
        assert!(
            !without_body(known).headers().contains_key(CONTENT_LENGTH),
            "it says nothing of the body that is known"
        );
    }
}
