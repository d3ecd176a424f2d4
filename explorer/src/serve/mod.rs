//! The server: the API and the pages, over HTTP without TLS, which is left to a proxy in front of it.
//!
//! A request passes one middleware, which knows kept answers, and then the handler of its route.

pub mod answer;
pub mod ask;
pub mod cache;
mod events;
mod handlers;
mod health;
pub mod problem;

use crate::answers::Position;
use crate::assets;
use crate::follow::Progress;
use crate::follow::feed::{LocalStore, Source};
use crate::metrics::Metrics;
use crate::pages::{self, Frame};
use crate::store::read::Index;
use answer::{Answer, Form};
use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, Path, Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, LOCATION, PRAGMA};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cache::Answers;
use handlers::Asked;
use maud::Markup;
use problem::Problem;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use the_block::clock;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// How long a server that stops waits for what has begun.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most pages that are told of new blocks at once.
const MOST_LISTENERS: usize = 512;

/// Everything that answers are made of.
pub struct Site {
    /// The index.
    pub index: Index,
    /// Other governance databases, by name.
    pub stores: BTreeMap<String, LocalStore>,
    /// Where proofs come from.
    pub source: Source,
    /// How far the index is.
    pub progress: Progress,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether the server is to stop.
    pub stopped: watch::Receiver<bool>,
    answers: Answers,
    listeners: Arc<Semaphore>,
}

impl Site {
    /// A site with nothing kept yet.
    pub fn new(
        index: Index,
        stores: BTreeMap<String, LocalStore>,
        source: Source,
        progress: Progress,
        metrics: Metrics,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let listeners = Arc::new(Semaphore::new(MOST_LISTENERS));
        Self { index, stores, source, progress, metrics, stopped, answers: Answers::default(), listeners }
    }

    fn position(&self) -> Position {
        let (head, chain) = (*self.progress.head.borrow(), &self.index.genesis().chain);
        Position {
            chain_id: chain.chain_id.clone(),
            genesis_hash: self.index.genesis_hash,
            at: head.at,
            hash: head.hash,
            epoch_length: chain.epoch_length,
            node_height: self.progress.node_height(),
        }
    }

    /// A page in its frame.
    fn framed(&self, uri: &Uri, page: impl FnOnce(&Frame) -> Markup) -> Markup {
        let position = self.position();
        page(&Frame {
            position: Some(&position),
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            now: clock::now(),
        })
    }

    fn failed(&self, uri: &Uri, form: Form, problem: &Problem) -> Response {
        answer::failed(problem, form, || {
            self.framed(uri, |frame| pages::problem(frame, problem.status, problem.title, &problem.detail))
        })
    }
}

impl FromRequestParts<Arc<Site>> for Asked {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        Ok(Asked { site: site.clone(), uri: parts.uri.clone(), form: Form::asked(&parts.headers) })
    }
}

/// What a handler gave travels to the middleware beside the response.
#[derive(Clone)]
struct Made(handlers::Answered);

impl IntoResponse for Made {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// The routes.
pub fn router(site: Arc<Site>) -> Router {
    macro_rules! answered {
        ($handler:path) => {
            get(async |asked: Asked| Made($handler(asked).await))
        };
        ($handler:path, $part:ident) => {
            get(async |asked: Asked, $part: Path<String>| Made($handler(asked, $part).await))
        };
    }
    let kept = Router::new()
        .route("/releases", answered!(handlers::releases))
        .route("/releases/{hash}", answered!(handlers::release, hash))
        .route("/releases/{hash}/ticket", answered!(handlers::ticket, hash))
        .route("/proposals", answered!(handlers::proposals))
        .route("/proposals/{id}", answered!(handlers::proposal, id))
        .route("/signers", answered!(handlers::signers))
        .route("/validators", answered!(handlers::validators))
        .route("/blocks", answered!(handlers::blocks))
        .route("/blocks/{height}", answered!(handlers::block, height))
        .route("/audit", answered!(handlers::audit))
        .route("/search", answered!(handlers::search))
        .route("/openapi.json", answered!(handlers::openapi))
        .layer(middleware::from_fn_with_state(site.clone(), keep));
    kept.route("/", get(async || (StatusCode::SEE_OTHER, [(LOCATION, "/releases")])))
        .route("/favicon.ico", get(async || (StatusCode::SEE_OTHER, [(LOCATION, "/assets/favicon.svg")])))
        .route("/assets/{*name}", get(asset))
        .route("/events", get(events::events))
        .route("/healthz", get(health::health))
        .route("/metrics", get(health::metrics))
        .fallback(async |State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap| {
            let problem =
                Problem::not_found(format!("there is nothing at {}; /openapi.json lists what there is", uri.path()));
            site.failed(&uri, Form::asked(&headers), &problem)
        })
        .method_not_allowed_fallback(async |State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap| {
            let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this is only read, with GET or HEAD");
            let mut response = site.failed(&uri, Form::asked(&headers), &problem);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            response
        })
        .layer(middleware::from_fn_with_state(site.clone(), count))
        .with_state(site)
}

/// Gives the kept answer, or has it made and keeps it.
async fn keep(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        // What was kept answers no other question.
        return next.run(request).await;
    }
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    let form = Form::asked(&headers);
    let key =
        format!("{}{}", if form == Form::Page { 'p' } else { 'j' }, uri.path_and_query().map_or("", |p| p.as_str()));
    let head = site.progress.head.borrow().at.height;
    let make = async { made(next.run(request).await) };
    match site.answers.answer(&key, wants_fresh(&headers), head, make).await {
        Ok((kept, was_kept)) => {
            let counter = if was_kept { &site.metrics.cache_hits } else { &site.metrics.cache_misses };
            counter.inc();
            kept.respond(&headers)
        }
        Err(Failure::Problem(problem)) => site.failed(&uri, form, &problem),
        Err(Failure::Other(response)) => *response,
    }
}

enum Failure {
    Problem(Problem),
    /// What no handler made, such as the answer to another method.
    Other(Box<Response>),
}

fn made(mut response: Response) -> Result<Answer, Failure> {
    match response.extensions_mut().remove::<Made>() {
        Some(Made(answered)) => answered.map_err(Failure::Problem),
        None => Err(Failure::Other(Box::new(response))),
    }
}

/// Whether the asker does not want what is kept: a browser says so when its user reloads, and a live page when a block came.
fn wants_fresh(headers: &HeaderMap) -> bool {
    let said = [CACHE_CONTROL, PRAGMA].map(|name| headers.get(name).and_then(|value| value.to_str().ok()));
    said.iter().flatten().any(|said| said.contains("no-cache") || said.contains("max-age=0"))
}

async fn count(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = path.as_ref().map_or("none", |path| path.as_str());
    site.metrics.answered(route, response.status().as_u16(), begun.elapsed());
    response
}

async fn asset(State(site): State<Arc<Site>>, Path(name): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    match assets::find(&name) {
        Some(asset) => {
            let answer = Answer::new(asset.content_type, asset.bytes.into());
            // Only the URL that names this very content is the same for ever.
            let is_named = uri.path_and_query().is_some_and(|asked| asked.as_str() == assets::url(asset.path));
            let answer = if is_named { answer.for_ever() } else { answer };
            answer.respond(&headers)
        }
        None => site.failed(&uri, Form::asked(&headers), &Problem::not_found(format!("there is no asset {name}"))),
    }
}

/// Serves until `stopped` says so, and then ends what has begun.
///
/// # Errors
/// The listener broke.
pub async fn serve(listener: TcpListener, site: Arc<Site>) -> std::io::Result<()> {
    let (mut stopped, mut again) = (site.stopped.clone(), site.stopped.clone());
    let until_stopped = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let too_long = async move {
        let _ = again.wait_for(|stop| *stop).await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        served = axum::serve(listener, router(site)).with_graceful_shutdown(until_stopped) => served,
        // Somebody who never finishes a request does not keep the server from stopping.
        () = too_long => Ok(()),
    }
}
