//! The URL of the search.

use super::query::SearchQuery;
use super::{page, read};
use crate::serve::{HttpResult, PageRequest, Problem, Site, ask};
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/search", get(search))
}

/// `GET /search`.
async fn search(asked: PageRequest) -> HttpResult {
    let query: SearchQuery = ask::query(&asked.uri)?;
    if query.q.chars().count() > 128 {
        return Err(Problem::bad_request("q may have 128 characters"));
    }
    let answer = read::search(&asked.site.index, &query.q).await?;
    Ok(asked.answer(&answer, page::search))
}
