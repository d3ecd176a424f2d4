//! The server: which paths there are, and who may ask from a page of another origin.

use crate::connections::{BoundedListener, Connections, PeerAddress};
use crate::log::{checkpoint, tile};
use crate::ofrep::{bulk, single};
use crate::plane::EvaluationPlane;
use crate::preview::policy;
use crate::refusal::Refusal;
use crate::streams::stream;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use host::config::Listener;
use serde_json::json;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinHandle, JoinSet};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// For how long a browser remembers what it may ask.
const PREFLIGHT_FOR: Duration = Duration::from_secs(600);
/// How long requests that are under way are waited for when the server stops.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// The paths of the plane.
pub fn routes(plane: Arc<EvaluationPlane>) -> Router {
    let origins = cors(&plane.settings.cors_origins);
    Router::new()
        .route("/ofrep/v1/evaluate/flags", post(bulk).fallback(only_post))
        .route("/ofrep/v1/evaluate/flags/{*key}", post(single).fallback(only_post))
        .route("/ofrep/v1/evaluate/flags/", post(unnamed).fallback(only_post))
        .route("/ofrep/v1/stream", get(stream).fallback(only_get))
        .route("/policy/{plan}/{stage}", get(policy).fallback(only_get))
        .route("/log/checkpoint", get(checkpoint).fallback(only_get))
        .route("/log/tile/{*path}", get(tile).fallback(only_get))
        .route("/healthz", get(healthz).fallback(only_get))
        .fallback(nowhere)
        .layer(origins)
        .with_state(plane)
}

/// Serves the plane at some addresses, and compiles what blocks write, until its `stopped` says so.
///
/// # Errors
/// When an address is taken or not this machine's.
pub fn serve(listen: &[Listener], plane: Arc<EvaluationPlane>) -> io::Result<JoinHandle<()>> {
    let app = routes(plane.clone()).into_make_service_with_connect_info::<PeerAddress>();
    let connections = Connections::new(plane.settings.max_streams, &plane.settings.trusted_proxies);
    let mut servers = JoinSet::new();
    for Listener { address, v6_only } in listen {
        let listener = rpc::listen_on(*address, *v6_only)?;
        let listener = BoundedListener { listener, connections: connections.clone() };
        let until_stopped = until_stopped(plane.clone());
        servers.spawn(axum::serve(listener, app.clone()).with_graceful_shutdown(until_stopped).into_future());
    }
    let refreshing = tokio::spawn(keep_up(plane.clone()));
    Ok(tokio::spawn(async move {
        let all = async {
            while let Some(ended) = servers.join_next().await {
                if let Ok(Err(error)) = ended {
                    tracing::error!(%error, "the server of flags stopped");
                }
            }
        };
        let too_long = async {
            until_stopped(plane).await;
            // A request that never ends is waited for by nobody.
            tokio::time::sleep(LAST_ANSWERS).await;
        };
        tokio::select! {
            () = all => {}
            () = too_long => {}
        }
        refreshing.abort();
    }))
}

async fn until_stopped(plane: Arc<EvaluationPlane>) {
    let mut stopped = plane.stopped.clone();
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Compiles what blocks write, on a thread that may read state, so that no block waits for it.
async fn keep_up(plane: Arc<EvaluationPlane>) {
    let mut blocks = plane.source.writes().blocks();
    // What came between the first compilation and here is taken too.
    blocks.mark_changed();
    while blocks.changed().await.is_ok() {
        let refreshed = plane.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || refreshed.refresh()).await {
            tracing::error!(%error, "what a block wrote about flags was not compiled");
        }
    }
}

/// Who may ask from a page of another origin.
fn cors(origins: &[String]) -> CorsLayer {
    let origins = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH, HeaderName::from_static("x-api-key")])
        .expose_headers([ETAG, RETRY_AFTER])
        .max_age(PREFLIGHT_FOR)
}

/// `GET /healthz`: whether this node is worth asking; out of the rate of an address.
async fn healthz(State(plane): State<Arc<EvaluationPlane>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let asker = plane.asker(&parts);
    if let Err(refusal) = plane.take_of_address(asker.address) {
        return plane.refuse(&asker, &refusal, None);
    }
    let asked = plane.clone();
    let complaint = tokio::task::spawn_blocking(move || asked.source.complaint()).await;
    let complaint = complaint.unwrap_or_else(|_| Some("the node could not say how it is; its log says why".into()));
    let (height, _) = plane.source.newest();
    let body = json!({ "ok": complaint.is_none(), "height": height, "complaint": complaint });
    let mut response = Response::new(Body::from(body.to_string()));
    if complaint.is_some() {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn only_post(State(plane): State<Arc<EvaluationPlane>>, request: Request) -> Response {
    refused(&plane, request, &Refusal::Method { allowed: "POST" })
}

async fn only_get(State(plane): State<Arc<EvaluationPlane>>, request: Request) -> Response {
    refused(&plane, request, &Refusal::Method { allowed: "GET, HEAD" })
}

async fn unnamed(State(plane): State<Arc<EvaluationPlane>>, request: Request) -> Response {
    refused(&plane, request, &Refusal::FlagUnnamed)
}

async fn nowhere(State(plane): State<Arc<EvaluationPlane>>, request: Request) -> Response {
    refused(&plane, request, &Refusal::Nowhere)
}

fn refused(plane: &EvaluationPlane, request: Request, refusal: &Refusal) -> Response {
    let (parts, _) = request.into_parts();
    let key = parts.uri.path().strip_prefix("/ofrep/v1/evaluate/flags/");
    plane.refuse(&plane.asker(&parts), refusal, key)
}
