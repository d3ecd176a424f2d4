//! Every URL in one place: those of the topics, those that belong to none, and what all requests pass.

use super::problem::Problem;
use super::{Form, HttpAnswer, HttpResult, Site, events, health};
use crate::assets;
use axum::Router;
use axum::extract::{MatchedPath, Path, Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, LOCATION, PRAGMA};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// How long a server that stops waits for what has begun.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an answer may take that is made of the index (REQ-162): one that takes longer is refused, and no part of it is given.
const BUDGET: Duration = Duration::from_secs(5);
/// The paths whose answers a node makes, in the time that it takes for a proof.
const OF_A_NODE: [&str; 3] =
    ["/releases/{hash}/ticket", "/audit/proof/{height}/{index}", "/audit/proof/{height}/{index}/file"];

/// The routes: those that are given, whose answers are kept, and the others.
pub fn router(site: Arc<Site>, topics: Router<Arc<Site>>) -> Router {
    let kept = topics.layer(middleware::from_fn_with_state(site.clone(), keep));
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
    let is_of_node = request.extensions().get::<MatchedPath>().is_some_and(|path| OF_A_NODE.contains(&path.as_str()));
    let make = async { made(next.run(request).await) };
    let make = async { if is_of_node { make.await } else { within(BUDGET, make).await } };
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

/// What is made in time, or that it was not. What worked for it ends with it.
async fn within(
    budget: Duration,
    make: impl Future<Output = Result<HttpAnswer, Failure>>,
) -> Result<HttpAnswer, Failure> {
    tokio::time::timeout(budget, make).await.unwrap_or_else(|_| {
        let detail = format!(
            "E_BUDGET: the answer was not made within {} ms, and no part of it is given; ask for less, such as a smaller page, or try again",
            budget.as_millis()
        );
        Err(Failure::Problem(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)))
    })
}

enum Failure {
    Problem(Problem),
    /// What no handler made, such as the answer to another method.
    Other(Box<Response>),
}

fn made(mut response: Response) -> Result<HttpAnswer, Failure> {
    match response.extensions_mut().remove::<HttpResult>() {
        Some(answered) => answered.map_err(Failure::Problem),
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
            let answer = HttpAnswer::new(asset.content_type, asset.bytes.into());
            // Only the URL that names this very content is the same for ever.
            let is_named = uri.path_and_query().is_some_and(|asked| asked.as_str() == assets::url(asset.path));
            let answer = if is_named { answer.for_ever() } else { answer };
            answer.respond(&headers)
        }
        None => site.failed(&uri, Form::asked(&headers), &Problem::not_found(format!("there is no asset {name}"))),
    }
}

/// Serves the topics' routes until `stopped` says so, and then ends what has begun.
///
/// # Errors
/// The listener broke.
pub async fn serve(listener: TcpListener, site: Arc<Site>, topics: Router<Arc<Site>>) -> std::io::Result<()> {
    let (mut stopped, mut again) = (site.stopped.clone(), site.stopped.clone());
    let until_stopped = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let too_long = async move {
        let _ = again.wait_for(|stop| *stop).await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        served = axum::serve(listener, router(site, topics)).with_graceful_shutdown(until_stopped) => served,
        // Somebody who never finishes a request does not keep the server from stopping.
        () = too_long => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn req_162_a03_an_answer_that_is_not_made_in_time_is_refused_whole_and_one_that_is_is_given() {
        let answer = || HttpAnswer::json_text("{}".into());
        let slow = |time: Duration| async move {
            tokio::time::sleep(time).await;
            Ok(answer())
        };
        assert!(within(BUDGET, slow(BUDGET - Duration::from_millis(1))).await.is_ok());
        let Err(Failure::Problem(problem)) = within(BUDGET, slow(BUDGET + Duration::from_millis(1))).await else {
            panic!("it is given");
        };
        assert_eq!(problem.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(problem.detail.starts_with("E_BUDGET: "), "{}", problem.detail);
    }
}
