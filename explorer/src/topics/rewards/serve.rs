//! The URL about rewards.

use super::query::RewardsQuery;
use super::{page, read};
use crate::serve::{HttpResult, PageRequest, Site, ask};
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/rewards", get(rewards))
}

/// `GET /rewards`.
async fn rewards(asked: PageRequest) -> HttpResult {
    let query: RewardsQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let answer = read::rewards(&asked.site.index, &query, page_size).await?;
    Ok(asked.answer(&answer, page::rewards))
}
