//! The URLs about cases.

use super::query::CasesQuery;
use super::{page, read, section_of};
use crate::queries::Nothing;
use crate::serve::{HttpResult, PageRequest, Problem, Site, ask};
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use cases::CaseKind;
use primitives::CaseId;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/incidents", get(incidents))
        .route("/incidents/{id}", get(incident))
        .route("/reports", get(reports))
        .route("/reports/{id}", get(report))
        .route("/risks", get(risks))
        .route("/risks/{id}", get(risk))
        .route("/holds", get(holds))
        .route("/holds/{id}", get(hold))
}

/// `GET /incidents`.
async fn incidents(asked: PageRequest) -> HttpResult {
    list(asked, CaseKind::Incident).await
}

/// `GET /incidents/{id}`.
async fn incident(asked: PageRequest, Path(id): Path<String>) -> HttpResult {
    one(asked, CaseKind::Incident, &id).await
}

/// `GET /reports`.
async fn reports(asked: PageRequest) -> HttpResult {
    list(asked, CaseKind::Report).await
}

/// `GET /reports/{id}`.
async fn report(asked: PageRequest, Path(id): Path<String>) -> HttpResult {
    one(asked, CaseKind::Report, &id).await
}

/// `GET /risks`.
async fn risks(asked: PageRequest) -> HttpResult {
    list(asked, CaseKind::Risk).await
}

/// `GET /risks/{id}`.
async fn risk(asked: PageRequest, Path(id): Path<String>) -> HttpResult {
    one(asked, CaseKind::Risk, &id).await
}

/// `GET /holds`.
async fn holds(asked: PageRequest) -> HttpResult {
    list(asked, CaseKind::Hold).await
}

/// `GET /holds/{id}`.
async fn hold(asked: PageRequest, Path(id): Path<String>) -> HttpResult {
    one(asked, CaseKind::Hold, &id).await
}

async fn list(asked: PageRequest, kind: CaseKind) -> HttpResult {
    let query: CasesQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let answer = read::cases(&asked.site.index, kind, &query, page_size).await?;
    Ok(asked.answer(&answer, |frame, answer| page::cases(frame, &query, answer)))
}

async fn one(asked: PageRequest, kind: CaseKind, id: &str) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    let id: CaseId = ask::part("the number of a case", id)?;
    let unknown =
        || Problem::not_found(format!("there is no {kind} {id}; see {} for those there are", section_of(kind)));
    let answer = read::case(&asked.site.index, id).await?.ok_or_else(unknown)?;
    let is = answer.entry.kind;
    if is != kind {
        let place = section_of(is);
        return Err(Problem::not_found(format!("case {id} is no {kind}: it is a {is}; see {place}/{id}")));
    }
    Ok(asked.answer(&answer, page::case))
}
