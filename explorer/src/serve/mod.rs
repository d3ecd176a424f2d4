//! The server's parts: what answers are made of, what is asked, what is sent, what is kept.
//!
//! Each topic has the handlers of its own URLs; [`router()`] puts a middleware around them, which knows kept answers, and adds
//! what belongs to no topic.

pub mod answer;
pub mod ask;
pub mod cache;
mod events;
mod health;
pub mod problem;
mod router;

pub use answer::{Form, HttpAnswer, HttpResult};
pub use problem::Problem;
pub use router::{router, serve};

use crate::answers::Position;
use crate::audited::IndexAudit;
use crate::feed::{BlockSource, LocalStore};
use crate::metrics::ExplorerMetrics;
use crate::pages::{self, Frame};
use crate::progress::IndexProgress;
use crate::store::Index;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use cache::AnswerCache;
use host::clock;
use maud::Markup;
use serde::Serialize;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// The most pages that are told of new blocks at once.
const MOST_LISTENERS: usize = 512;
/// The most exports at once: each reads the log for as long as it lasts.
const MOST_EXPORTS: usize = 2;

/// Everything that answers are made of.
pub struct Site {
    /// The index.
    pub index: Index,
    /// Other governance databases, by name.
    pub stores: BTreeMap<String, LocalStore>,
    /// Where proofs come from.
    pub source: BlockSource,
    /// How far the index is.
    pub progress: IndexProgress,
    /// What is counted.
    pub metrics: ExplorerMetrics,
    /// Whether the server is to stop.
    pub stopped: watch::Receiver<bool>,
    /// What was found of the index.
    pub audit: IndexAudit,
    answers: AnswerCache,
    listeners: Arc<Semaphore>,
    exports: Arc<Semaphore>,
}

impl Site {
    /// A site with nothing kept yet.
    pub fn new(
        index: Index,
        stores: BTreeMap<String, LocalStore>,
        source: BlockSource,
        progress: IndexProgress,
        metrics: ExplorerMetrics,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let (listeners, exports) = (Semaphore::new(MOST_LISTENERS), Semaphore::new(MOST_EXPORTS));
        Self {
            index,
            stores,
            source,
            progress,
            metrics,
            stopped,
            audit: IndexAudit::default(),
            answers: AnswerCache::default(),
            listeners: Arc::new(listeners),
            exports: Arc::new(exports),
        }
    }

    /// A place among those who export at once.
    ///
    /// # Errors
    /// All are taken.
    pub fn export_place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let busy = || {
            let detail = format!("{MOST_EXPORTS} exports are under way, as many as there can be; try again in a while");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        };
        self.exports.clone().try_acquire_owned().map_err(|_| busy())
    }

    fn position(&self) -> Position {
        let (head, chain) = (*self.progress.head.borrow(), &self.index.genesis().chain);
        Position {
            chain_id: chain.chain_id.clone(),
            genesis_hash: self.index.genesis_hash,
            at: head.at,
            hash: head.hash,
            epoch_length: chain.epoch_length,
            node_height: self.progress.node_height(),
        }
    }

    /// A page in its frame.
    pub fn framed(&self, uri: &Uri, page: impl FnOnce(&Frame) -> Markup) -> Markup {
        let position = self.position();
        page(&Frame {
            position: Some(&position),
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            now: clock::now(),
        })
    }

    fn failed(&self, uri: &Uri, form: Form, problem: &Problem) -> Response {
        answer::failed(problem, form, || {
            self.framed(uri, |frame| pages::problem(frame, problem.status, problem.title, &problem.detail))
        })
    }
}

/// A request that is understood as far as every URL needs it.
pub struct PageRequest {
    /// The site.
    pub site: Arc<Site>,
    /// The URL.
    pub uri: Uri,
    /// The form.
    pub form: Form,
}

impl PageRequest {
    /// A value in the form that was asked for.
    pub fn answer<T: Serialize>(&self, answer: &T, page: impl FnOnce(&Frame, &T) -> Markup) -> HttpAnswer {
        match self.form {
            Form::Json => HttpAnswer::json(answer),
            Form::Page => HttpAnswer::page(self.site.framed(&self.uri, |frame| page(frame, answer))),
        }
    }
}

impl FromRequestParts<Arc<Site>> for PageRequest {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        Ok(PageRequest { site: site.clone(), uri: parts.uri.clone(), form: Form::asked(&parts.headers) })
    }
}
