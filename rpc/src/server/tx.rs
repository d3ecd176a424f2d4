//! `tx.*` and `account.*`

use super::answers::Answers;
use crate::api::{AccountServer, TxServer};
use crate::error::Refusal;
use crate::views::*;
use primitives::{AccountId, TransactionHash};
use runtime::Call;

impl TxServer for Answers {
    fn prepare(&self, account: AccountId, call: Call) -> Result<Prepared, Refusal> {
        let pending = self.source.pending_nonce(&account);
        self.ask(|view| Ok(prepare(view, account, call.clone(), pending)?))
    }

    fn submit(&self, transaction: Submission) -> Result<TransactionHash, Refusal> {
        Ok(self.source.submit(transaction.transaction()?)?)
    }

    fn dry_run(&self, transaction: Submission) -> Result<DryRun, Refusal> {
        let transaction = transaction.transaction()?;
        self.ask(|view| Ok(dry_run(view, self.source.as_ref(), &transaction)?))
    }

    fn transaction_status(&self, hash: TransactionHash) -> Result<TransactionStatus, Refusal> {
        // Before the snapshot: a block that takes it in between is then seen there, and the answer is never "unknown".
        let pending = self.source.pending(&hash);
        self.ask(|view| Ok(status_of(view, hash, pending)?))
    }
}

impl AccountServer for Answers {
    fn account(&self, account: AccountId) -> Result<AccountView, Refusal> {
        let pending = self.source.pending_nonce(&account);
        self.ask_state(|state, at| Ok(crate::views::account(state, at.epoch, account, pending)))
    }
}
