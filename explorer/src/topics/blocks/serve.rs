//! The URLs about blocks.

use super::{page, read};
use crate::queries::{Nothing, PageQuery};
use crate::serve::{HttpResult, PageRequest, Problem, Site, ask};
use crate::topics::accounts;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use primitives::Height;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/blocks", get(blocks)).route("/blocks/{height}", get(block))
}

/// `GET /blocks`.
async fn blocks(asked: PageRequest) -> HttpResult {
    let query: PageQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let answer = read::blocks(&asked.site.index, query.page.unwrap_or(0), page_size).await?;
    let proposers = answer.entries.iter().map(|block| block.proposer).collect();
    let described = accounts::read::described(&asked.site.index, proposers).await?;
    Ok(asked.answer(&answer, |frame, answer| page::blocks(frame, &described, answer)))
}

/// `GET /blocks/{height}`.
async fn block(asked: PageRequest, Path(height): Path<String>) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    let height: Height = ask::part("a height", &height)?;
    let unknown = || Problem::not_found(format!("block {height} is not in the index; see /blocks for the newest"));
    let answer = read::block(&asked.site.index, height).await?.ok_or_else(unknown)?;
    Ok(asked.answer(&answer, page::block))
}
