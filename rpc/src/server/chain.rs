//! `chain.*` and `state.*`

use super::answers::Answers;
use super::follow::follow;
use crate::api::{ChainApiServer, StateApiServer};
use crate::chain_view::{ChainView, kept};
use crate::error::{ReadError, RpcRefusal};
use crate::views::*;
use http::Extensions;
use jsonrpsee::PendingSubscriptionSink;
use jsonrpsee::core::async_trait;
use jsonrpsee::server::SubscriptionCloseResponse;
use primitives::Height;
use runtime::{Block, Certificate, Genesis, Header, Record};
use state::Backend;

#[async_trait]
impl ChainApiServer for Answers {
    fn status(&self) -> Result<ChainStatus, RpcRefusal> {
        self.ask(|view| Ok(status(view, self.source.genesis().hash())?))
    }

    fn head(&self) -> Result<WithHash<Header>, RpcRefusal> {
        let head = self.source.head();
        Ok(WithHash { hash: head.hash, answer: head.header.clone() })
    }

    fn block(&self, asked: &Extensions, height: Height) -> Result<WithHash<Block>, RpcRefusal> {
        self.ask_much(asked, |view| {
            let block = kept(view, height, view.block(height)?)?;
            Ok(WithHash { hash: block.hash(), answer: block })
        })
    }

    fn record(&self, asked: &Extensions, height: Height) -> Result<WithHash<Record>, RpcRefusal> {
        self.ask_much(asked, |view| {
            let record = kept(view, height, view.record(height)?)?;
            Ok(WithHash { hash: record.header.hash(), answer: record })
        })
    }

    fn certificate(&self, height: Height) -> Result<Certificate, RpcRefusal> {
        if height == Height(0) {
            return Err(RpcRefusal::NoCertificate);
        }
        self.ask(|view| Ok(kept(view, height, view.certificate(height)?)?))
    }

    fn genesis(&self) -> Result<Genesis, RpcRefusal> {
        Ok(self.source.genesis().clone())
    }

    async fn subscribe_records(
        &self,
        pending: PendingSubscriptionSink,
        asked: &Extensions,
        from: Option<Height>,
    ) -> SubscriptionCloseResponse {
        follow(self, pending, asked, from, |feeds| &feeds.records).await
    }
}

impl StateApiServer for Answers {
    fn get(&self, key: StorageKey) -> Result<StateValue, RpcRefusal> {
        self.ask(|view| {
            let header = view.head()?.header;
            let value = Backend::read(view, &key.0).map(hex::encode);
            Ok(StateValue { key: key.clone(), value, height: header.height, state_root: header.state_root })
        })
    }

    fn proof(&self, key: StorageKey, height: Option<Height>) -> Result<StateProofAt, RpcRefusal> {
        if key.0.is_empty() {
            return Err(RpcRefusal::Parameter("key is empty; no key of state is".into()));
        }
        self.ask(|view| Ok(prove(view, &key, height)?))
    }
}

fn prove(view: &dyn ChainView, key: &StorageKey, height: Option<Height>) -> Result<StateProofAt, ReadError> {
    let head = view.head()?;
    let height = height.unwrap_or(head.at.height);
    let proof = kept(view, height, view.proof(&key.0, height)?)?;
    let header = if height == head.at.height { head.header } else { kept(view, height, view.header(height)?)? };
    Ok(StateProofAt { height, state_root: header.state_root, proof })
}
