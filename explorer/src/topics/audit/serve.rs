//! The URLs of the audit log.

use super::export::Export;
use super::query::{AuditQuery, ExportQuery};
use super::{page, proof, read};
use crate::queries::Nothing;
use crate::serve::{HttpAnswer, HttpResult, PageRequest, Problem, Site, ask};
use crate::topics::witnesses;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::response::Response;
use axum::routing::get;
use primitives::Height;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/audit", get(audit))
        .route("/audit/integrity", get(integrity))
        .route("/audit/export", get(export))
        .route("/audit/proof/{height}/{index}", get(fact_proof))
        .route("/audit/proof/{height}/{index}/file", get(fact_proof_file))
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
    let (newest, mut answer) = (witnesses::read::newest(&asked.site.index).await?, asked.site.audit.answer());
    let epoch = newest.as_ref().map(|newest| newest.epoch);
    if let (Some(anchor), Some(newest)) = (&mut answer.anchor_head, newest) {
        // Facts have no state: what is known of the tree is what witnesses signed of it.
        anchor.log_size = Some(newest.size);
        anchor.log_root = Some(newest.root);
        anchor.cosignatures = Some(newest.cosigned.len() as u64);
    }
    Ok(asked.answer(&answer, |frame, answer| page::integrity(frame, answer, epoch)))
}

/// `GET /audit/proof/{height}/{index}`: how it is shown that a fact is on record.
async fn fact_proof(asked: PageRequest, Path(place): Path<(String, String)>) -> HttpResult {
    let (height, index) = fact_place(&asked, &place)?;
    let (answer, _) = proof::asked(&asked.site, height, index).await?;
    Ok(asked.answer(&answer, proof::page))
}

/// `GET /audit/proof/{height}/{index}/file`: the proof itself.
async fn fact_proof_file(asked: PageRequest, Path(place): Path<(String, String)>) -> HttpResult {
    let (height, index) = fact_place(&asked, &place)?;
    let (_, proof) = proof::asked(&asked.site, height, index).await?;
    let name = format!("fact-{height}-{index}.proof");
    Ok(HttpAnswer::download("application/octet-stream", &name, proof.to_bytes()))
}

fn fact_place(asked: &PageRequest, (height, index): &(String, String)) -> Result<(Height, u64), Problem> {
    let Nothing {} = ask::query(&asked.uri)?;
    Ok((ask::part("a height", height)?, ask::part("the place of a fact", index)?))
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
