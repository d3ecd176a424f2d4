//! `contract status` and `contract tx`.

use crate::answer::CommandAnswer;
use crate::escape;
use crate::failure::{Failure, coded};
use crate::next_step;
use crate::render;
use crate::session::{Session, unanswered};
use host::clock;
use primitives::{Timestamp, TransactionHash};
use rpc::api::{ChainApiClient, OperatorNodeApiClient as _, TxApiClient};
use rpc::client::Changes;
use rpc::views::{ChainStatus, Health, TransactionStatus};
use runtime::Fact;
use serde::Serialize;

/// Blocks that may be missing before the newest one is said to be old, and the time that may pass in any case, in milliseconds.
const OLD: (u64, u64) = (10, 10_000);

/// The chain, as a node has it, and how the node of the home is that was named.
#[derive(Serialize)]
struct Status<'a> {
    #[serde(flatten)]
    chain: &'a ChainStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<&'a Health>,
}

/// Where the chain stands, and how the node of the home is that was named: strangers are not told.
///
/// # Errors
/// When the node does not answer.
pub async fn status(session: &Session) -> Result<CommandAnswer, Failure> {
    let view = session.node.status().await.map_err(|error| session.explain(error))?;
    let health = match &session.options.home {
        // A node that does not run there has no health, and the chain is still what was asked for.
        Some(_) => session.operated()?.health().await.ok(),
        None => None,
    };
    let mut text = render::status(&session.screen, &view);
    match &health {
        Some(health) => text += &format!("\n{}", render::health(&session.screen, health)),
        None => text += &old(&view, clock::now()).map(|warning| session.screen.line(&warning)).unwrap_or_default(),
    }
    CommandAnswer::new(&Status { chain: &view, health: health.as_ref() }, text)
}

/// That the newest block is old, by this machine's clock.
fn old(view: &ChainStatus, now: Timestamp) -> Option<String> {
    let age_ms = now.minus(view.time.0).0;
    let (blocks, least_ms) = OLD;
    (age_ms > view.consensus.block_time_ms.saturating_mul(blocks).max(least_ms)).then(|| {
        format!(
            "warning: the newest block is {} s old: the chain stands still, or this node is behind; `contract node health --home HOME` \
             says more",
            age_ms / 1000
        )
    })
}

/// What became of a transaction, or becomes of it when it is watched. A refusal is an answer here: the question was answered.
/// A transaction that the node does not know is none: exit code 1.
///
/// # Errors
/// When the node does not answer; ctrl-c is [`Failure::Interrupted`].
pub async fn transaction(session: &Session, hash: TransactionHash, watch: bool) -> Result<CommandAnswer, Failure> {
    let view = if watch {
        settled(session, hash).await?
    } else {
        session.node.transaction_status(hash).await.map_err(|error| session.explain(error))?
    };
    let text = match &view {
        TransactionStatus::Unknown => {
            "This node knows nothing of it: it was never here, it expired, or another one took its place; \
             check the hash, ask the node it was sent to with --rpc, or send it again."
                .into()
        }
        TransactionStatus::Pending => "It waits for a block to include it; --watch waits with it.".into(),
        TransactionStatus::Included { height, fact, .. } => {
            format!("It is in block {height}. {}", became(fact.as_ref()))
        }
        TransactionStatus::Dropped { reason, .. } => format!("This node dropped it: {reason}."),
    };
    let answer = CommandAnswer::new(&view, session.screen.line(&escape::line(&text)))?;
    Ok(answer.found(view != TransactionStatus::Unknown))
}

/// Waits for as long as a transaction waits at the node: until it is in a block, or will be in none.
async fn settled(session: &Session, hash: TransactionHash) -> Result<TransactionStatus, Failure> {
    tokio::select! {
        settled = until_settled(session, hash) => settled,
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted(format!(
            "stopped waiting; the transaction is not: see what became of it with `contract tx {hash}`"
        ))),
    }
}

async fn until_settled(session: &Session, hash: TransactionHash) -> Result<TransactionStatus, Failure> {
    let mut changes = Changes::of(&session.node, hash);
    let mut was_pending = false;
    loop {
        match changes.next().await.map_err(unanswered)? {
            TransactionStatus::Pending => was_pending = true,
            // It leaves the pool a moment before its block can be read, so it is looked for once more.
            TransactionStatus::Unknown if was_pending => was_pending = false,
            settled => return Ok(settled),
        }
    }
}

fn became(fact: Option<&Fact>) -> String {
    match fact.map(|fact| &fact.outcome) {
        None => "Its outcome is no longer kept by this node; ask one that keeps the whole history.".into(),
        Some(Ok(event)) => render::outcome(event),
        Some(Err(error)) => {
            let next = next_step::after(error).map(|next| format!("; {next}")).unwrap_or_default();
            format!("It was refused: {}{next}.", coded(error))
        }
    }
}
