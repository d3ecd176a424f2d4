//! `chain.*` and `state.*`

use super::answers::Answers;
use super::follow::follow;
use crate::api::{ChainServer, StateServer};
use crate::error::{ReadError, Refusal};
use crate::source::{View, kept};
use crate::views::*;
use jsonrpsee::PendingSubscriptionSink;
use jsonrpsee::core::async_trait;
use jsonrpsee::server::SubscriptionCloseResponse;
use primitives::Height;
use runtime::{Block, Certificate, Genesis, Header, Record};
use state::Backend;

#[async_trait]
impl ChainServer for Answers {
    fn status(&self) -> Result<ChainStatus, Refusal> {
        self.ask(|view| Ok(status(view, self.source.genesis().hash())?))
    }

    fn head(&self) -> Result<Answered<Header>, Refusal> {
        let head = self.source.head();
        Ok(Answered { hash: head.hash, answer: head.header.clone() })
    }

    fn block(&self, height: Height) -> Result<Answered<Block>, Refusal> {
        self.ask(|view| {
            let block = kept(view, height, view.block(height)?)?;
            Ok(Answered { hash: block.hash(), answer: block })
        })
    }

    fn record(&self, height: Height) -> Result<Answered<Record>, Refusal> {
        self.ask(|view| {
            let record = kept(view, height, view.record(height)?)?;
            Ok(Answered { hash: record.header.hash(), answer: record })
        })
    }

    fn certificate(&self, height: Height) -> Result<Certificate, Refusal> {
        if height == Height(0) {
            return Err(Refusal::NoCertificate);
        }
        self.ask(|view| Ok(kept(view, height, view.certificate(height)?)?))
    }

    fn genesis(&self) -> Result<Genesis, Refusal> {
        Ok(self.source.genesis().clone())
    }

    async fn subscribe_records(
        &self,
        pending: PendingSubscriptionSink,
        from: Option<Height>,
    ) -> SubscriptionCloseResponse {
        follow(self, pending, from, |record: Record| vec![record]).await
    }
}

impl StateServer for Answers {
    fn get(&self, key: StorageKey) -> Result<StateValue, Refusal> {
        self.ask(|view| {
            let header = view.head()?.header;
            let value = Backend::read(view, &key.0).map(hex::encode);
            Ok(StateValue { key: key.clone(), value, height: header.height, state_root: header.state_root })
        })
    }

    fn proof(&self, key: StorageKey, height: Option<Height>) -> Result<StateProofAt, Refusal> {
        if key.0.is_empty() {
            return Err(Refusal::Parameter("key is empty; no key of state is".into()));
        }
        self.ask(|view| Ok(prove(view, &key, height)?))
    }
}

fn prove(view: &dyn View, key: &StorageKey, height: Option<Height>) -> Result<StateProofAt, ReadError> {
    let head = view.head()?;
    let height = height.unwrap_or(head.at.height);
    let proof = kept(view, height, view.proof(&key.0, height)?)?;
    let header = if height == head.at.height { head.header } else { kept(view, height, view.header(height)?)? };
    Ok(StateProofAt { height, state_root: header.state_root, proof })
}
