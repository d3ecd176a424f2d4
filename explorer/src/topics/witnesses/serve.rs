//! The URL about witnesses.

use super::{page, read};
use crate::queries::PageQuery;
use crate::serve::{HttpResult, PageRequest, Site, ask};
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/witnesses", get(witnesses))
}

/// `GET /witnesses`.
async fn witnesses(asked: PageRequest) -> HttpResult {
    let query: PageQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let answer = read::witnesses(&asked.site.index, query.page.unwrap_or(0), page_size).await?;
    Ok(asked.answer(&answer, page::witnesses))
}
