//! The URLs about rollouts.

use super::answer::{MOST_ENTRIES, NotesAnswer, RetrospectiveAnswer};
use super::query::{ChangesQuery, NotesQuery};
use super::read::{FoundNotes, FoundRetrospective, MOST_NOTED};
use super::{notes, page, read, retrospective as document};
use crate::queries::Nothing;
use crate::serve::{HttpAnswer, HttpResult, PageRequest, Problem, Site, ask};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use primitives::{ChangeId, Name, Quarter};
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
        .route("/notes/{plan}", get(release_notes))
        .route("/notes/{plan}/markdown", get(notes_as_markdown))
        .route("/retrospectives/{plan}", get(retrospectives))
        .route("/retrospectives/{plan}/{quarter}", get(retrospective))
        .route("/retrospectives/{plan}/{quarter}/markdown", get(retrospective_as_markdown))
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

/// `GET /notes/{plan}`.
async fn release_notes(asked: PageRequest, Path(plan): Path<String>) -> HttpResult {
    let answer = notes_of(&asked, &plan).await?;
    Ok(asked.answer(&*answer, page::notes))
}

/// `GET /notes/{plan}/markdown`: the same, to be pasted into what users read.
async fn notes_as_markdown(asked: PageRequest, Path(plan): Path<String>) -> HttpResult {
    let answer = notes_of(&asked, &plan).await?;
    let milestone = answer.milestone.as_ref().map(|milestone| format!("-{milestone}")).unwrap_or_default();
    let name = format!("{}{milestone}.md", answer.plan);
    Ok(HttpAnswer::download("text/markdown; charset=utf-8", &name, notes::markdown(&answer).into_bytes()))
}

async fn notes_of(asked: &PageRequest, plan: &str) -> Result<Box<NotesAnswer>, Problem> {
    let (query, plan): (NotesQuery, Name) = (ask::query(&asked.uri)?, named(plan)?);
    let milestone = query.milestone.as_ref();
    match read::notes(&asked.site.index, &plan, milestone).await?.ok_or_else(|| unknown(&plan))? {
        FoundNotes::Notes(answer) => Ok(answer),
        FoundNotes::NoMilestone => Err(Problem::not_found(format!(
            "no change of plan {plan} is for that milestone; see /notes/{plan} for those there are"
        ))),
        FoundNotes::TooMany => {
            let detail = format!(
                "the milestone has more than {MOST_NOTED} changes, and notes are whole or none; list them with /changes?plan={plan}"
            );
            Err(over_budget(&detail))
        }
    }
}

/// `GET /retrospectives/{plan}`.
async fn retrospectives(asked: PageRequest, Path(plan): Path<String>) -> HttpResult {
    let (Nothing {}, plan) = (ask::query(&asked.uri)?, named(&plan)?);
    let answer = read::retrospectives(&asked.site.index, &plan).await?.ok_or_else(|| unknown(&plan))?;
    Ok(asked.answer(&answer, page::retrospectives))
}

/// `GET /retrospectives/{plan}/{year}-q{n}`.
async fn retrospective(asked: PageRequest, Path(of): Path<(String, String)>) -> HttpResult {
    let answer = looked_back(&asked, of).await?;
    Ok(asked.answer(&*answer, page::retrospective))
}

/// `GET /retrospectives/{plan}/{year}-q{n}/markdown`: the same, to be kept.
async fn retrospective_as_markdown(asked: PageRequest, Path(of): Path<(String, String)>) -> HttpResult {
    let answer = looked_back(&asked, of).await?;
    let name = format!("{}-{}.md", answer.plan, answer.quarter.quarter);
    Ok(HttpAnswer::download("text/markdown; charset=utf-8", &name, document::markdown(&answer).into_bytes()))
}

async fn looked_back(
    asked: &PageRequest,
    (plan, quarter): (String, String),
) -> Result<Box<RetrospectiveAnswer>, Problem> {
    let (Nothing {}, plan) = (ask::query(&asked.uri)?, named(&plan)?);
    let quarter: Quarter = ask::part("a quarter", &quarter)?;
    match read::retrospective(&asked.site.index, &plan, quarter).await?.ok_or_else(|| unknown(&plan))? {
        FoundRetrospective::Whole(answer) => Ok(answer),
        FoundRetrospective::NoQuarter => Err(Problem::not_found(format!(
            "plan {plan} was not there in {quarter}; see /retrospectives/{plan} for the quarters in which it was"
        ))),
        FoundRetrospective::TooMuch => {
            let detail = format!(
                "{quarter} has more than {MOST_ENTRIES} entries of a kind, and a retrospective is whole or none; read \
                 /changes?plan={plan} and /audit/export?plan={plan}"
            );
            Err(over_budget(&detail))
        }
    }
}

fn named(plan: &str) -> Result<Name, Problem> {
    ask::part("the name of a plan", plan)
}

fn unknown(plan: &Name) -> Problem {
    Problem::not_found(format!("there is no plan {plan}; see /rollouts for those there are"))
}

/// What would be whole is not given in part.
fn over_budget(detail: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, format!("E_BUDGET: {detail}"))
}
