//! The history as a running node tells it.

use crate::{EnactedMotion, History};
use governance::Status;
use rpc::api::{ChainApiClient, GovApiClient};
use rpc::client::{CallError, Node};
use rpc::views::{MOST_PER_PAGE, PageOf, ProposalView};
use runtime::Motion;

/// Why a node's history cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum HistoryReadError {
    /// The node did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// This machine cannot wait for answers.
    #[error("no asynchronous runtime can be started: {0}; are there threads and memory left?")]
    Runtime(#[from] std::io::Error),
}

impl History {
    /// Asks a node.
    ///
    /// # Errors
    /// [`HistoryReadError`].
    pub fn of_node(url: &str) -> Result<Self, HistoryReadError> {
        Ok(tokio::runtime::Runtime::new()?.block_on(ask(url))?)
    }
}

async fn ask(url: &str) -> Result<History, CallError> {
    let node = Node::open(url)?;
    let explain = |error| node.explain(error);
    let size = Some(MOST_PER_PAGE);
    let status = node.status().await.map_err(explain)?;
    let releases = all(async |page| node.release_history(Some(page), size, None, None, None).await).await;
    let rosters = all(async |page| node.roster_history(Some(page), size).await).await;
    // Releases are among what was carried out, and have a history of their own.
    let decisions = all(async |page| node.proposals(Some(Status::Activated), Some(page), size).await).await;
    let history = History {
        chain_id: status.chain_id,
        height: status.height,
        epoch: status.epoch,
        releases: releases.map_err(explain)?.into_iter().map(|view| view.release).collect(),
        rosters: rosters.map_err(explain)?,
        decisions: decisions.map_err(explain)?.into_iter().filter_map(decision).collect(),
    };
    Ok(history.in_order())
}

/// The entries of all pages.
async fn all<T, E>(mut read: impl AsyncFnMut(u64) -> Result<PageOf<T>, E>) -> Result<Vec<T>, E> {
    let mut entries = Vec::new();
    for number in 0.. {
        let page = read(number).await?;
        let ended = page.entries.is_empty();
        entries.extend(page.entries);
        if ended || entries.len() as u64 >= page.total {
            break;
        }
    }
    Ok(entries)
}

fn decision(proposal: ProposalView) -> Option<EnactedMotion> {
    let Motion::Releases(motion) = proposal.subject.into() else { return None };
    EnactedMotion::of(proposal.id, proposal.activation_epoch, motion)
}
