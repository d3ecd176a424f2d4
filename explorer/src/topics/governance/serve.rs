//! The URLs about proposals.

use super::query::ProposalsQuery;
use super::{page, read};
use crate::queries::Nothing;
use crate::serve::{HttpResult, PageRequest, Problem, Site, ask};
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use primitives::ProposalId;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/proposals", get(proposals)).route("/proposals/{id}", get(proposal))
}

/// `GET /proposals`.
async fn proposals(asked: PageRequest) -> HttpResult {
    let query: ProposalsQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let answer = read::proposals(&asked.site.index, query.status, query.page.unwrap_or(0), page_size).await?;
    Ok(asked.answer(&answer, |frame, answer| page::proposals(frame, &query, answer)))
}

/// `GET /proposals/{id}`.
async fn proposal(asked: PageRequest, Path(id): Path<String>) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    let id: ProposalId = ask::part("the number of a proposal", &id)?;
    let unknown = || Problem::not_found(format!("there is no proposal {id}; see /proposals for those there are"));
    let answer = read::proposal(&asked.site.index, id).await?.ok_or_else(unknown)?;
    Ok(asked.answer(&answer, page::proposal))
}
