//! What each URL answers. One question to the index each, in one of two forms.

use super::answer::{Answer, Form};
use super::problem::Problem;
use super::{Site, ask};
use crate::answers::ReleasesAnswer;
use crate::pages::{self, Frame};
use crate::queries::{AuditQuery, Nothing, PageQuery, ProposalsQuery, ReleasesQuery, SearchQuery};
use crate::store::read::{self, ReleaseFilter, cursor};
use axum::extract::{Path, State};
use axum::http::Uri;
use maud::Markup;
use primitives::{BuildHash, Height, ProposalId};
use rpc::views::{HistoryFilter, PageOf, PageRange, ReleaseView};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a handler gives.
pub type Answered = Result<Answer, Problem>;

/// A request that is understood as far as every handler needs it.
pub struct Asked {
    /// The site.
    pub site: Arc<Site>,
    /// The URL.
    pub uri: Uri,
    /// The form.
    pub form: Form,
}

impl Asked {
    fn answer<T: Serialize>(&self, answer: &T, page: impl FnOnce(&Frame, &T) -> Markup) -> Answer {
        match self.form {
            Form::Json => Answer::json(answer),
            Form::Page => Answer::page(self.site.framed(&self.uri, |frame| page(frame, answer))),
        }
    }
}

/// `GET /releases`.
pub async fn releases(asked: Asked) -> Answered {
    let query: ReleasesQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let page = query.page.unwrap_or(0);
    let text = match &query.store {
        Some(name) => other_store(&asked.site, name, &query).await?,
        None => {
            let filter = ReleaseFilter {
                list: query.proposer.map(|who| who.to_string()).unwrap_or_default(),
                start_epoch: query.start_epoch.unwrap_or_default().0,
                end_epoch: query.end_epoch.map_or(u64::MAX, |epoch| epoch.0),
                page,
                page_size,
            };
            read::history(&asked.site.index, &filter).await?
        }
    };
    if asked.form == Form::Json {
        return Ok(Answer::json_text(text));
    }
    let page: PageOf<ReleaseView> = crate::fold::work::parsed("a page of releases", &text)?;
    let timeline = match query.store {
        Some(_) => Vec::new(),
        None => read::timeline(&asked.site.index, &page).await?,
    };
    let answer = ReleasesAnswer { page, timeline };
    Ok(Answer::page(asked.site.framed(&asked.uri, |frame| pages::releases(frame, &query, &answer))))
}

/// The history of another governance database, by the name it was configured with; a path is never opened.
async fn other_store(site: &Site, name: &str, query: &ReleasesQuery) -> Result<String, Problem> {
    let store = site.stores.get(name).ok_or_else(|| {
        let names: Vec<&str> = site.stores.keys().map(String::as_str).collect();
        let known =
            if names.is_empty() { "none is configured".into() } else { format!("there is {}", names.join(", ")) };
        Problem::bad_request(format!("{name:?} is not the name of a store here ({known}); paths are not opened"))
    })?;
    let filter = HistoryFilter { proposer: query.proposer, start_epoch: query.start_epoch, end_epoch: query.end_epoch };
    let range = PageRange::new(query.page, query.page_size)?;
    let archive = store.open().await?;
    let read = tokio::task::spawn_blocking(move || archive.release_history(&filter, range)).await;
    let page = read.map_err(|error| Problem::bad_request(error.to_string()))??;
    Ok(crate::fold::work::json(&page))
}

/// `GET /releases/{hash}`.
pub async fn release(asked: Asked, Path(hash): Path<String>) -> Answered {
    let Nothing {} = ask::query(&asked.uri)?;
    let hash: BuildHash = ask::part("a build hash", &hash)?;
    let answer = read::release(&asked.site.index, &hash).await?.ok_or_else(|| unknown_build(&hash))?;
    Ok(asked.answer(&answer, pages::release))
}

fn unknown_build(hash: &BuildHash) -> Problem {
    Problem::not_found(format!(
        "build {hash} was never approved here; it may be in an open proposal, or of another network"
    ))
}

/// `GET /releases/{hash}/ticket`.
pub async fn ticket(asked: Asked, Path(hash): Path<String>) -> Answered {
    let Nothing {} = ask::query(&asked.uri)?;
    let hash: BuildHash = ask::part("a build hash", &hash)?;
    if !read::has_release(&asked.site.index, &hash).await? {
        return Err(unknown_build(&hash));
    }
    let ticket = asked.site.source.ticket(hash).await?;
    Ok(Answer::download(&format!("{hash}.ticket"), ticket.to_bytes()))
}

/// `GET /proposals`.
pub async fn proposals(asked: Asked) -> Answered {
    let query: ProposalsQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let answer = read::proposals(&asked.site.index, query.status, query.page.unwrap_or(0), page_size).await?;
    Ok(asked.answer(&answer, |frame, answer| pages::proposals(frame, &query, answer)))
}

/// `GET /proposals/{id}`.
pub async fn proposal(asked: Asked, Path(id): Path<String>) -> Answered {
    let Nothing {} = ask::query(&asked.uri)?;
    let id: ProposalId = ask::part("the number of a proposal", &id)?;
    let unknown = || Problem::not_found(format!("there is no proposal {id}; see /proposals for those there are"));
    let answer = read::proposal(&asked.site.index, id).await?.ok_or_else(unknown)?;
    Ok(asked.answer(&answer, pages::proposal))
}

/// `GET /signers`.
pub async fn signers(asked: Asked) -> Answered {
    let query: PageQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let answer = read::signers(&asked.site.index, query.page.unwrap_or(0), page_size).await?;
    let answer = answer.ok_or_else(|| Problem::not_found("no roster is in the index yet"))?;
    Ok(asked.answer(&answer, pages::signers))
}

/// `GET /validators`.
pub async fn validators(asked: Asked) -> Answered {
    let Nothing {} = ask::query(&asked.uri)?;
    let answer = read::validators(&asked.site.index).await?;
    Ok(asked.answer(&answer, pages::validators))
}

/// `GET /blocks`.
pub async fn blocks(asked: Asked) -> Answered {
    let query: PageQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let answer = read::blocks(&asked.site.index, query.page.unwrap_or(0), page_size).await?;
    Ok(asked.answer(&answer, pages::blocks))
}

/// `GET /blocks/{height}`.
pub async fn block(asked: Asked, Path(height): Path<String>) -> Answered {
    let Nothing {} = ask::query(&asked.uri)?;
    let height: Height = ask::part("a height", &height)?;
    let unknown = || Problem::not_found(format!("block {height} is not in the index; see /blocks for the newest"));
    let answer = read::block(&asked.site.index, height).await?.ok_or_else(unknown)?;
    Ok(asked.answer(&answer, pages::block))
}

/// `GET /audit`.
pub async fn audit(asked: Asked) -> Answered {
    let query: AuditQuery = ask::query(&asked.uri)?;
    let page_size = ask::page_size(query.page_size)?;
    let before = query.before.as_deref().map(|text| {
        let wrong =
            || Problem::bad_request(format!("before={text} is not height.index, as next of an answer names it"));
        cursor(text).ok_or_else(wrong)
    });
    let answer = read::audit(&asked.site.index, &query, before.transpose()?, page_size).await?;
    Ok(asked.answer(&answer, |frame, answer| pages::audit(frame, &query, answer)))
}

/// `GET /search`.
pub async fn search(asked: Asked) -> Answered {
    let query: SearchQuery = ask::query(&asked.uri)?;
    if query.q.chars().count() > 128 {
        return Err(Problem::bad_request("q may have 128 characters"));
    }
    let answer = read::search(&asked.site.index, &query.q).await?;
    Ok(asked.answer(&answer, pages::search))
}

/// `GET /openapi.json`: the document, with the names of this server's stores.
pub async fn openapi(asked: Asked) -> Answered {
    let Nothing {} = ask::query(&asked.uri)?;
    let mut document: Value = crate::fold::work::parsed("the OpenAPI document", crate::OPENAPI)?;
    let names: Vec<&str> = std::iter::once("").chain(asked.site.stores.keys().map(String::as_str)).collect();
    let parameters = document.pointer_mut("/paths/~1releases/get/parameters").and_then(Value::as_array_mut);
    let store = parameters.into_iter().flatten().find(|parameter| parameter["name"] == "store");
    if let Some(store) = store {
        store["schema"] = json!({ "type": "string", "enum": names });
    }
    Ok(Answer::json(&document))
}

/// `State` for handlers that need the site alone.
pub type OfSite = State<Arc<Site>>;
