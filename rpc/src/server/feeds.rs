//! What subscriptions bring of each block: encoded once for everybody who is at the head, and read in pages for those who are behind.

use super::catch_up::{CatchUp, off_the_async_threads};
use super::peer::Share;
use crate::chain_view::{ChainView, kept};
use crate::error::{ReadError, RpcRefusal};
use crate::source::{NodeSource, ask};
use crate::views::{CertifiedRecord, Feed, governance_events};
use primitives::Height;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Blocks that make the head: whoever is no further behind waits for nobody.
const AT_THE_HEAD: u64 = 16;
/// Bytes of the newest blocks that are kept encoded, beside the newest of all.
const MOST_NEWEST: usize = 16 << 20;
/// Blocks in a page.
const MOST_PAGE_BLOCKS: u64 = 64;
/// Bytes in a page, about: it ends with the block that reaches them.
const MOST_PAGE_BYTES: usize = 64 << 10;

/// What there is to say of one block, each message as the text it is sent as.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub height: Height,
    pub messages: Arc<[Box<RawValue>]>,
}

/// What there is to say of a block.
type Tell = fn(&dyn ChainView, Height) -> Result<Vec<Box<RawValue>>, RpcRefusal>;

/// One kind of subscription.
pub(super) struct Channel {
    tell: Tell,
    newest: Mutex<BTreeMap<Height, Told>>,
    /// Held while a new block is read, so that it is read once.
    reading: tokio::sync::Mutex<()>,
}

/// All kinds of subscriptions to blocks.
pub(super) struct Feeds {
    pub records: Channel,
    pub events: Channel,
    catch_up: CatchUp,
}

impl Feeds {
    /// With so many bytes a second for those who are behind, in all and for one address.
    pub fn new(in_all: u64, of_one: u64) -> Self {
        Self { records: Channel::new(records), events: Channel::new(events), catch_up: CatchUp::new(in_all, of_one) }
    }

    /// The next blocks of a channel from a height on, one at least, for somebody who counts to a share.
    pub async fn next(
        &self,
        source: &Arc<dyn NodeSource>,
        channel: &Channel,
        from: Height,
        share: Share,
    ) -> Result<Vec<Told>, RpcRefusal> {
        let head = source.head().at.height;
        if head.0.saturating_sub(from.0) < AT_THE_HEAD {
            return Ok(vec![channel.newest(source, from).await?]);
        }
        let (source, tell) = (source.clone(), channel.tell);
        self.catch_up.page(share, move || page(source.as_ref(), tell, from, head)).await
    }
}

impl Channel {
    fn new(tell: Tell) -> Self {
        Self { tell, newest: Mutex::default(), reading: tokio::sync::Mutex::default() }
    }

    /// What there is to say of one of the newest blocks.
    async fn newest(&self, source: &Arc<dyn NodeSource>, height: Height) -> Result<Told, RpcRefusal> {
        if let Some(told) = self.find(height) {
            return Ok(told);
        }
        let _reading = self.reading.lock().await;
        // Somebody may have read it meanwhile.
        if let Some(told) = self.find(height) {
            return Ok(told);
        }
        let (source, tell) = (source.clone(), self.tell);
        let read = move || ask(source.as_ref(), |view| told(view, tell, height));
        let told = off_the_async_threads(read).await?;
        self.keep(told.clone());
        Ok(told)
    }

    fn find(&self, height: Height) -> Option<Told> {
        self.lock().get(&height).cloned()
    }

    fn keep(&self, told: Told) {
        let mut newest = self.lock();
        newest.insert(told.height, told);
        let mut bytes: usize = newest.values().map(Told::bytes).sum();
        while newest.len() > 1 && (bytes > MOST_NEWEST || newest.len() as u64 > AT_THE_HEAD) {
            bytes -= newest.pop_first().map_or(0, |(_, oldest)| oldest.bytes());
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Height, Told>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    fn bytes(&self) -> usize {
        self.messages.iter().map(|message| message.get().len()).sum()
    }
}

/// A page from a height on, up to the head, and its bytes.
fn page(source: &dyn NodeSource, tell: Tell, from: Height, head: Height) -> Result<(Vec<Told>, usize), RpcRefusal> {
    ask(source, |view| {
        let (mut page, mut bytes) = (Vec::new(), 0);
        let last = head.min(from.plus(MOST_PAGE_BLOCKS - 1));
        for height in (from.0..=last.0).map(Height) {
            let told = told(view, tell, height)?;
            bytes += told.bytes();
            page.push(told);
            if bytes >= MOST_PAGE_BYTES {
                break;
            }
        }
        Ok((page, bytes))
    })
}

fn told(view: &dyn ChainView, tell: Tell, height: Height) -> Result<Told, RpcRefusal> {
    Ok(Told { height, messages: tell(view, height)?.into() })
}

/// The block's record with its certificate.
fn records(view: &dyn ChainView, height: Height) -> Result<Vec<Box<RawValue>>, RpcRefusal> {
    let record = kept(view, height, view.record(height)?)?;
    items([CertifiedRecord { record, certificate: view.certificate(height)? }])
}

/// The block's facts about governance.
fn events(view: &dyn ChainView, height: Height) -> Result<Vec<Box<RawValue>>, RpcRefusal> {
    items(governance_events(kept(view, height, view.record(height)?)?))
}

fn items<T: Serialize>(items: impl IntoIterator<Item = T>) -> Result<Vec<Box<RawValue>>, RpcRefusal> {
    let encoded = |item| to_raw_value(&Feed::Item(item)).map_err(|error| ReadError::Failed(error.to_string()).into());
    items.into_iter().map(encoded).collect()
}
