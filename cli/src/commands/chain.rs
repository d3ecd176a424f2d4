//! `contract status` and `contract tx`.

use crate::answer::CommandAnswer;
use crate::escape;
use crate::failure::Failure;
use crate::next_step;
use crate::render;
use crate::session::{Session, unanswered};
use primitives::TransactionHash;
use rpc::api::{ChainApiClient, TxApiClient};
use rpc::client::Changes;
use rpc::views::TransactionStatus;
use runtime::Fact;

/// Where the chain stands.
///
/// # Errors
/// When the node does not answer.
pub async fn status(session: &Session) -> Result<CommandAnswer, Failure> {
    let view = session.node.status().await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::status(&session.screen, &view))
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
            format!("It was refused: {error}{next}.")
        }
    }
}
