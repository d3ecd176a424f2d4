//! `tx.*` and `account.*`

use super::answers::Answers;
use super::watch::{status_of, watch};
use crate::api::{AccountApiServer, TxApiServer};
use crate::error::RpcRefusal;
use crate::views::*;
use http::Extensions;
use jsonrpsee::PendingSubscriptionSink;
use jsonrpsee::core::async_trait;
use jsonrpsee::server::SubscriptionCloseResponse;
use primitives::{AccountId, TransactionHash};
use runtime::{Call, Lane};

#[async_trait]
impl TxApiServer for Answers {
    fn prepare(&self, account: AccountId, call: Call, lane: Option<Lane>) -> Result<PreparedTransaction, RpcRefusal> {
        let lane = lane.unwrap_or_default();
        let pending = self.source.pending_nonce(&account, lane);
        self.ask(|view| Ok(prepare(view, account, call.clone(), lane, pending)?))
    }

    fn submit(&self, transaction: Submission) -> Result<TransactionHash, RpcRefusal> {
        Ok(self.source.submit(transaction.transaction()?)?)
    }

    fn dry_run(&self, asked: &Extensions, transaction: Submission) -> Result<DryRun, RpcRefusal> {
        let transaction = transaction.transaction()?;
        let now = self.source.now();
        self.ask_much(asked, |view| Ok(dry_run(view, now, &transaction)?))
    }

    fn transaction_status(&self, hash: TransactionHash) -> Result<TransactionStatus, RpcRefusal> {
        status_of(self.source.as_ref(), hash)
    }

    async fn subscribe_status(
        &self,
        pending: PendingSubscriptionSink,
        asked: &Extensions,
        hash: TransactionHash,
    ) -> SubscriptionCloseResponse {
        watch(self, pending, asked, hash).await
    }
}

impl AccountApiServer for Answers {
    fn account(&self, account: AccountId) -> Result<AccountView, RpcRefusal> {
        let pending = self.source.pending_nonce(&account, Lane::Wallet);
        self.ask_state(|state, at| Ok(crate::views::account(state, at.epoch, account, pending)))
    }
}
