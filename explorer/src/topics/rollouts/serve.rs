//! The URLs about rollouts.

use super::query::ChangesQuery;
use super::{page, read};
use crate::queries::Nothing;
use crate::serve::{HttpResult, PageRequest, Problem, Site, ask};
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use primitives::{ChangeId, Name};
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/rollouts", get(plans))
        .route("/rollouts/{plan}", get(board))
        .route("/changes", get(changes))
        .route("/changes/{id}", get(change))
        .route("/flags/{plan}", get(flags))
        .route("/flags/{plan}/{key}", get(flag))
        .route("/fleet/{plan}", get(fleet))
        .route("/phases/{plan}", get(phases))
        .route("/playbooks/{plan}", get(playbooks))
}

/// `GET /rollouts`.
async fn plans(asked: PageRequest) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    let answer = read::plans(&asked.site.index).await?;
    Ok(asked.answer(&answer, page::plans))
}

/// `GET /rollouts/{plan}`.
async fn board(asked: PageRequest, Path(plan): Path<String>) -> HttpResult {
    let (Nothing {}, plan) = (ask::query(&asked.uri)?, named(&plan)?);
    let answer = read::board(&asked.site.index, &plan).await?.ok_or_else(|| unknown(&plan))?;
    Ok(asked.answer(&answer, page::board))
}

/// `GET /changes`.
async fn changes(asked: PageRequest) -> HttpResult {
    let query: ChangesQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let answer = read::changes(&asked.site.index, &query, page_size).await?;
    Ok(asked.answer(&answer, |frame, answer| page::changes(frame, &query, answer)))
}

/// `GET /changes/{id}`.
async fn change(asked: PageRequest, Path(id): Path<String>) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    let id: ChangeId = ask::part("the number of a change", &id)?;
    let unknown = || Problem::not_found(format!("there is no change {id}; see /changes for those there are"));
    let answer = read::change(&asked.site.index, id).await?.ok_or_else(unknown)?;
    Ok(asked.answer(&answer, page::change))
}

/// `GET /flags/{plan}`.
async fn flags(asked: PageRequest, Path(plan): Path<String>) -> HttpResult {
    let (Nothing {}, plan) = (ask::query(&asked.uri)?, named(&plan)?);
    let answer = read::flags(&asked.site.index, &plan).await?.ok_or_else(|| unknown(&plan))?;
    Ok(asked.answer(&answer, page::flags))
}

/// `GET /flags/{plan}/{key}`.
async fn flag(asked: PageRequest, Path((plan, key)): Path<(String, String)>) -> HttpResult {
    let (Nothing {}, plan) = (ask::query(&asked.uri)?, named(&plan)?);
    let key: Name = ask::part("the key of a flag", &key)?;
    let unknown = || Problem::not_found(format!("plan {plan} has no flag {key}; see /flags/{plan} for those it has"));
    let answer = read::flag(&asked.site.index, &plan, &key).await?.ok_or_else(unknown)?;
    Ok(asked.answer(&answer, page::flag))
}

/// `GET /fleet/{plan}`.
async fn fleet(asked: PageRequest, Path(plan): Path<String>) -> HttpResult {
    let (Nothing {}, plan) = (ask::query(&asked.uri)?, named(&plan)?);
    let answer = read::fleet(&asked.site.index, &plan).await?.ok_or_else(|| unknown(&plan))?;
    Ok(asked.answer(&answer, page::fleet))
}

/// `GET /phases/{plan}`.
async fn phases(asked: PageRequest, Path(plan): Path<String>) -> HttpResult {
    let (Nothing {}, plan) = (ask::query(&asked.uri)?, named(&plan)?);
    let answer = read::phases(&asked.site.index, &plan).await?.ok_or_else(|| unknown(&plan))?;
    Ok(asked.answer(&answer, page::phases))
}

/// `GET /playbooks/{plan}`.
async fn playbooks(asked: PageRequest, Path(plan): Path<String>) -> HttpResult {
    let (Nothing {}, plan) = (ask::query(&asked.uri)?, named(&plan)?);
    let answer = read::playbooks(&asked.site.index, &plan).await?.ok_or_else(|| unknown(&plan))?;
    Ok(asked.answer(&answer, page::playbooks))
}

fn named(plan: &str) -> Result<Name, Problem> {
    ask::part("the name of a plan", plan)
}

fn unknown(plan: &Name) -> Problem {
    Problem::not_found(format!("there is no plan {plan}; see /rollouts for those there are"))
}
