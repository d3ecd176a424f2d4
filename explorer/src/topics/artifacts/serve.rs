//! The URL about artifacts.

use super::query::ArtifactsQuery;
use super::{page, read};
use crate::serve::{HttpResult, PageRequest, Problem, Site, ask};
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use primitives::Name;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/artifacts/{plan}", get(artifacts))
}

/// `GET /artifacts/{plan}`.
async fn artifacts(asked: PageRequest, Path(plan): Path<String>) -> HttpResult {
    let query: ArtifactsQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let plan: Name = ask::part("the name of a plan", &plan)?;
    let unknown = || Problem::not_found(format!("there is no plan {plan}; see /rollouts for those there are"));
    let answer = read::artifacts(&asked.site.index, &plan, &query, page_size).await?.ok_or_else(unknown)?;
    Ok(asked.answer(&answer, |frame, answer| page::artifacts(frame, &query, answer)))
}
