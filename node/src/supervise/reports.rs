//! What this node says on chain about the releases it tries.
//!
//! Reports wait in the journal until they are in a block: one about a node that went down is sent when a node runs again.

use primitives::{AccountId, Amount, BuildHash, SecretKey};
use releases::{InstallStage, StageReason};
use rpc::api::AccountApiClient as _;
use rpc::client::{CallError, Node, SendOutcome, Terms, Wallet};
use runtime::{Call, Genesis, Lane};
use std::time::Duration;
use update::UpdateError;

/// How long one report may take to come into a block.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of a reason at most.
const MOST_REASON: usize = 256;

/// Who reports, and to which node.
#[derive(Clone)]
pub struct Reporter {
    node: Node,
    writer: Option<(AccountId, Wallet)>,
    /// What it takes to be heard, for who is no validator.
    stake: Amount,
}

impl Reporter {
    /// Reports in the name of a key; without one, nothing is reported. A report is signed for the chain of this genesis alone,
    /// pays no more than the largest transaction does there, and takes no nonce that the operator's wallet has prepared.
    pub fn new(node: Node, key: Option<SecretKey>, genesis: &Genesis) -> Self {
        let chain = &genesis.chain;
        let most_fee = genesis.accounts.fees.least(u64::from(chain.limits.max_transaction_bytes));
        let terms = Terms { chain_id: Some(chain.chain_id.clone()), most_fee };
        let wallet = |key| Wallet::new(node.clone(), key, terms).in_lane(Lane::Node);
        let writer = key.map(|key| (key.account(), wallet(key)));
        Self { node, writer, stake: genesis.releases.params.reporter_stake }
    }

    /// Sends one report and waits until it is in a block. A refusal on chain is an end too: it was said already, or the
    /// build is no longer known. So is it that the account has not enough at stake to be heard: nothing is paid for that.
    ///
    /// # Errors
    /// When it is in no block yet.
    pub async fn send(&self, build_hash: BuildHash, stage: InstallStage) -> Result<(), String> {
        let Some((account, wallet)) = &self.writer else { return Ok(()) };
        if !self.is_heard(*account).await.map_err(|error| error.to_string())? {
            tracing::info!(%build_hash, %account, "no report: it takes {} bonded tokens to be heard", self.stake.grouped());
            return Ok(());
        }
        let call = Call::Releases(releases::Call::RecordInstall { build_hash, stage });
        match wallet.send(&call, PATIENCE).await.map_err(|error| error.to_string())? {
            SendOutcome::Included { fact, .. } => {
                if let Some(Err(refused)) = fact.map(|fact| fact.outcome) {
                    tracing::info!(%build_hash, "a report was refused: {refused}");
                }
                Ok(())
            }
            SendOutcome::Dropped { why } => Err(why.to_string()),
        }
    }

    /// Whether the chain takes the word of the account, as the node has it.
    async fn is_heard(&self, account: AccountId) -> Result<bool, CallError> {
        let view = self.node.account(account).await.map_err(|error| self.node.explain(error))?;
        Ok(view.validator || view.stake >= self.stake)
    }
}

/// Sends what waits in the journal, the oldest first, and takes out what is on chain.
///
/// # Errors
/// When the journal cannot be read or written; what cannot be sent stays.
pub async fn deliver(reporter: &Reporter, keeper: &super::ReleaseKeeper) -> Result<(), UpdateError> {
    while let Some(report) = keeper.journal()?.reports.first().cloned() {
        if let Err(why) = reporter.send(report.hash, report.stage.clone()).await {
            tracing::warn!(hash = %report.hash, "a report to the chain has to wait: {why}");
            return Ok(());
        }
        keeper.change(move |journal| journal.reports.retain(|waiting| *waiting != report)).await?;
    }
    Ok(())
}

/// As much of a reason as a report has room for.
pub fn shortened(reason: &str) -> StageReason {
    let mut end = reason.len().min(MOST_REASON);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    StageReason::new(&reason[..end]).unwrap_or_default()
}
