//! The URL about release signers.

use super::{page, read};
use crate::queries::PageQuery;
use crate::serve::{HttpResult, PageRequest, Problem, Site, ask};
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/signers", get(signers))
}

/// `GET /signers`.
async fn signers(asked: PageRequest) -> HttpResult {
    let query: PageQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let answer = read::signers(&asked.site.index, query.page.unwrap_or(0), page_size).await?;
    let answer = answer.ok_or_else(|| Problem::not_found("no roster is in the index yet"))?;
    Ok(asked.answer(&answer, page::signers))
}
