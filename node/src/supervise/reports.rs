//! What this node says on chain about the releases it tries.
//!
//! Reports wait in the journal until they are in a block: one about a node that went down is sent when a node runs again.

use crate::update::UpdateError;
use parity_scale_codec::Encode as _;
use primitives::{BuildHash, SecretKey};
use releases::{InstallStage, StageReason};
use rpc::api::TxClient as _;
use rpc::client::{Blocks, Node};
use rpc::views::{Prepared, TransactionStatus};
use runtime::{Call, Fact};
use std::time::Duration;

/// How long one report may take to come into a block.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of a reason at most.
const MOST_REASON: usize = 256;

/// Who reports, and to which node.
#[derive(Clone)]
pub struct Reporter {
    node: Node,
    key: Option<SecretKey>,
}

impl Reporter {
    /// Reports in the name of a key; without one, nothing is reported.
    pub fn new(node: Node, key: Option<SecretKey>) -> Self {
        Self { node, key }
    }

    /// Sends one report and waits until it is in a block. A refusal on chain is an end too: it was said already, or the
    /// build is no longer known.
    ///
    /// # Errors
    /// When it is in no block yet.
    pub async fn send(&self, build_hash: BuildHash, stage: InstallStage) -> Result<(), String> {
        let Some(key) = &self.key else { return Ok(()) };
        let call = Call::Releases(releases::Call::RecordInstall { build_hash, stage });
        let explain = |error| self.node.explain(error).to_string();
        let mut blocks = Blocks::subscribe(&self.node).await;
        let prepared = self.node.prepare(key.account(), call.clone()).await.map_err(explain)?;
        let Prepared { payload, .. } = prepared;
        if payload.call.encode() != call.encode() || payload.account != key.account() {
            return Err("the node prepared another transaction than was asked for".into());
        }
        let hash = self.node.submit(payload.sign(key).into()).await.map_err(explain)?;
        let included = tokio::time::timeout(PATIENCE, async {
            loop {
                match self.node.transaction_status(hash).await.map_err(explain)? {
                    TransactionStatus::Included { fact, .. } => return Ok(fact),
                    TransactionStatus::Dropped { reason, .. } => return Err(reason),
                    TransactionStatus::Pending | TransactionStatus::Unknown => blocks.next().await,
                }
            }
        });
        let fact =
            included.await.unwrap_or_else(|_| Err(format!("it was in no block after {} s", PATIENCE.as_secs())))?;
        if let Some(Fact { outcome: Err(refused), .. }) = fact {
            tracing::info!(%build_hash, "a report was refused: {refused}");
        }
        Ok(())
    }
}

/// Sends what waits in the journal, the oldest first, and takes out what is on chain.
///
/// # Errors
/// When the journal cannot be read or written; what cannot be sent stays.
pub async fn deliver(reporter: &Reporter, desk: &super::Desk) -> Result<(), UpdateError> {
    while let Some(report) = desk.journal()?.reports.first().cloned() {
        if let Err(why) = reporter.send(report.hash, report.stage.clone()).await {
            tracing::warn!(hash = %report.hash, "a report to the chain has to wait: {why}");
            return Ok(());
        }
        desk.change(move |journal| journal.reports.retain(|waiting| *waiting != report)).await?;
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
