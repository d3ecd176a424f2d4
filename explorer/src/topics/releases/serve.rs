//! The URLs about releases.

use super::answer::ReleasesAnswer;
use super::query::ReleasesQuery;
use super::read::ReleaseFilter;
use super::{page, read};
use crate::queries::Nothing;
use crate::serve::{Form, HttpAnswer, HttpResult, PageRequest, Problem, Site, ask};
use crate::store::QueryError;
use crate::store::column::{json, parsed};
use crate::topics::accounts;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use primitives::BuildHash;
use rpc::views::{Descriptions, HistoryFilter, PageOf, PageRange, ReleaseView};
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/releases", get(releases))
        .route("/releases/{hash}", get(release))
        .route("/releases/{hash}/ticket", get(ticket))
}

/// `GET /releases`.
async fn releases(asked: PageRequest) -> HttpResult {
    let query: ReleasesQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let page = query.page.unwrap_or(0);
    let text = match &query.store {
        Some(name) => other_store(&asked.site, name, &query).await?,
        None => {
            let filter = ReleaseFilter {
                list: query.proposer.map(|who| who.to_string()).unwrap_or_default(),
                start_epoch: query.start_epoch.unwrap_or_default().0,
                end_epoch: query.end_epoch.map_or(u64::MAX, |epoch| epoch.0),
                page,
                page_size,
            };
            read::history(&asked.site.index, &filter).await?
        }
    };
    if asked.form == Form::Json {
        return Ok(HttpAnswer::json_text(text));
    }
    let page: PageOf<ReleaseView> = parsed("a page of releases", &text).map_err(QueryError::from)?;
    let proposers = page.entries.iter().filter_map(|entry| entry.release.proposer).collect();
    let (timeline, described) = match query.store {
        // Another database may be of another network, where the same key is somebody else's.
        Some(_) => (Vec::new(), Descriptions::default()),
        None => (
            read::timeline(&asked.site.index, &page).await?,
            accounts::read::described(&asked.site.index, proposers).await?,
        ),
    };
    let answer = ReleasesAnswer { page, timeline, described };
    Ok(HttpAnswer::page(asked.site.framed(&asked.uri, |frame| page::releases(frame, &query, &answer))))
}

/// The history of another governance database, by the name it was configured with; a path is never opened.
async fn other_store(site: &Site, name: &str, query: &ReleasesQuery) -> Result<String, Problem> {
    let store = site.stores.get(name).ok_or_else(|| {
        let names: Vec<&str> = site.stores.keys().map(String::as_str).collect();
        let known =
            if names.is_empty() { "none is configured".into() } else { format!("there is {}", names.join(", ")) };
        Problem::bad_request(format!("{name:?} is not the name of a store here ({known}); paths are not opened"))
    })?;
    let filter = HistoryFilter { proposer: query.proposer, start_epoch: query.start_epoch, end_epoch: query.end_epoch };
    let range = PageRange::new(query.page, query.page_size)?;
    let archive = store.open().await?;
    let read = tokio::task::spawn_blocking(move || archive.release_history(&filter, range)).await;
    let page = read.map_err(|error| Problem::bad_request(error.to_string()))??;
    Ok(json(&page))
}

/// `GET /releases/{hash}`.
async fn release(asked: PageRequest, Path(hash): Path<String>) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    let hash: BuildHash = ask::part("a build hash", &hash)?;
    let answer = read::release(&asked.site.index, &hash).await?.ok_or_else(|| unknown_build(&hash))?;
    Ok(asked.answer(&answer, page::release))
}

fn unknown_build(hash: &BuildHash) -> Problem {
    Problem::not_found(format!(
        "build {hash} was never approved here; it may be in an open proposal, or of another network"
    ))
}

/// `GET /releases/{hash}/ticket`.
async fn ticket(asked: PageRequest, Path(hash): Path<String>) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    let hash: BuildHash = ask::part("a build hash", &hash)?;
    if !read::has_release(&asked.site.index, &hash).await? {
        return Err(unknown_build(&hash));
    }
    let ticket = asked.site.source.ticket(hash).await?;
    Ok(HttpAnswer::download("application/octet-stream", &format!("{hash}.ticket"), ticket.to_bytes()))
}
