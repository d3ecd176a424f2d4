//! The URL about validators.

use super::{page, read};
use crate::queries::Nothing;
use crate::serve::{HttpResult, PageRequest, Site, ask};
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/validators", get(validators))
}

/// `GET /validators`.
async fn validators(asked: PageRequest) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    let answer = read::validators(&asked.site.index).await?;
    Ok(asked.answer(&answer, page::validators))
}
