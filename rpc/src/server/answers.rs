//! What all namespaces answer from.

use super::ServerConfig;
use super::feeds::Feeds;
use super::heavy::HeavyWork;
use crate::api::GovApiServer;
use crate::chain_view::{ChainView, state_of};
use crate::error::{ReadError, RpcRefusal};
use crate::source::{NodeSource, ask};
use http::Extensions;
use primitives::{BlockHash, ChainPosition};
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use state::State;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// Answers every method from the node. Clones share everything.
#[derive(Clone)]
pub(super) struct Answers {
    pub source: Arc<dyn NodeSource>,
    /// How long a subscriber may be slow.
    pub patience: Duration,
    /// How long a transaction is looked for that the node does not know.
    pub most_unknown: Duration,
    pub document: &'static Value,
    pub feeds: Arc<Feeds>,
    signers: Arc<RwLock<Option<(BlockHash, Ready)>>>,
}

/// An answer as the text it is sent as.
#[derive(Clone)]
pub(super) struct Ready(Arc<RawValue>);

impl Serialize for Ready {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Answers {
    pub fn new(source: Arc<dyn NodeSource>, config: &ServerConfig) -> Self {
        let feeds = Feeds::new(config.catch_up_bytes_per_second, config.catch_up_bytes_per_address);
        Self {
            source,
            patience: Duration::from_millis(config.slow_subscriber_ms),
            most_unknown: Duration::from_millis(config.request_timeout_ms),
            document: crate::openrpc::document(),
            feeds: Arc::new(feeds),
            signers: Arc::default(),
        }
    }

    /// Asks one snapshot.
    pub fn ask<T>(&self, question: impl FnMut(&dyn ChainView) -> Result<T, RpcRefusal>) -> Result<T, RpcRefusal> {
        ask(self.source.as_ref(), question)
    }

    /// Asks one snapshot what takes much work to answer, for as long as the request lasts that was `asked`.
    pub fn ask_much<T>(
        &self,
        asked: &Extensions,
        mut question: impl FnMut(&dyn ChainView) -> Result<T, RpcRefusal>,
    ) -> Result<T, RpcRefusal> {
        let work = asked.get::<HeavyWork>();
        self.ask(|view| match work {
            Some(work) => work.ask(view, &mut question),
            None => question(view),
        })
    }

    /// Asks the state of one snapshot.
    pub fn ask_state<T>(
        &self,
        mut question: impl FnMut(&State, ChainPosition) -> Result<T, RpcRefusal>,
    ) -> Result<T, RpcRefusal> {
        self.ask(|view| question(&state_of(view), view.head()?.at))
    }

    /// The answer to `gov.release_signers`, made once a block: every wallet and every signing tool asks for it.
    pub fn ready_signers(&self) -> Result<Ready, RpcRefusal> {
        // The head is read first: a block that comes in between makes the answer newer than its mark, which the next
        // question corrects, and never older.
        let newest = self.source.head().hash;
        let kept = self.signers.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, ready)) = kept.filter(|(at, _)| *at == newest) {
            return Ok(ready);
        }
        let text = to_raw_value(&self.release_signers()?).map_err(|error| ReadError::Failed(error.to_string()))?;
        let ready = Ready(text.into());
        *self.signers.write().unwrap_or_else(PoisonError::into_inner) = Some((newest, ready.clone()));
        Ok(ready)
    }
}
