//! The URL about roles.

use super::{page, read};
use crate::queries::Nothing;
use crate::serve::{HttpResult, PageRequest, Problem, Site, ask};
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use primitives::Name;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/roles/{plan}", get(roles))
}

/// `GET /roles/{plan}`.
async fn roles(asked: PageRequest, Path(plan): Path<String>) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    let plan: Name = ask::part("the name of a plan", &plan)?;
    let unknown = || Problem::not_found(format!("there is no plan {plan}; see /rollouts for those there are"));
    let answer = read::roles_of_plan(&asked.site.index, &plan).await?.ok_or_else(unknown)?;
    Ok(asked.answer(&answer, page::roles))
}
