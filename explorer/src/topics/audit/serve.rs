//! The URLs of the audit log.

use super::export::Export;
use super::query::{AuditQuery, ExportQuery};
use super::{page, read};
use crate::queries::Nothing;
use crate::serve::{HttpResult, PageRequest, Problem, Site, ask};
use axum::Router;
use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/audit", get(audit))
        .route("/audit/integrity", get(integrity))
        .route("/audit/export", get(export))
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
    let integrity = asked.site.audit.answer();
    Ok(asked.answer(&answer, |frame, answer| page::audit(frame, &query, answer, &integrity)))
}

/// `GET /audit/integrity`: what was found by the last look at the whole index, and at every block since.
async fn integrity(asked: PageRequest) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    Ok(asked.answer(&asked.site.audit.answer(), page::integrity))
}

/// `GET /audit/export`: a file, which is made while it is sent, and is never kept.
async fn export(asked: PageRequest) -> Result<Response, Problem> {
    let query: ExportQuery = ask::query(&asked.uri)?;
    let place = asked.site.export_place()?;
    let export = Export::of(&asked.site.index, &query, place).await?;
    let mut response = Response::new(Body::from_stream(export.stream()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(query.format.content_type()));
    let name = format!("attachment; filename=\"audit.{}\"", query.format.extension());
    headers.extend(HeaderValue::from_str(&name).ok().map(|value| (CONTENT_DISPOSITION, value)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}
