//! The URL of the audit log.

use super::query::AuditQuery;
use super::{page, read};
use crate::serve::{HttpResult, PageRequest, Problem, Site, ask};
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/audit", get(audit))
}

/// `GET /audit`.
async fn audit(asked: PageRequest) -> HttpResult {
    let query: AuditQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let before = query.before.as_deref().map(|text| {
        let wrong =
            || Problem::bad_request(format!("before={text} is not height.index, as next of an answer names it"));
        read::cursor(text).ok_or_else(wrong)
    });
    let answer = read::audit(&asked.site.index, &query, before.transpose()?, page_size).await?;
    Ok(asked.answer(&answer, |frame, answer| page::audit(frame, &query, answer)))
}
