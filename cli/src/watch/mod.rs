//! Watching a proposal or a change until it is concluded: asked again at every block that the node pushes.
//!
//! What is shown is always the node's whole view, never a sum of events, so nothing is missed while a connection is down.

mod change;
mod display;
mod proposal;

use crate::answer::CommandAnswer;
use crate::failure::{Failure, failed};
use crate::render::Screen;
use crate::session::Session;
use display::Display;
use primitives::{ChangeId, ProposalId};
use rpc::api::ChainApiClient as _;
use rpc::client::BlockWatch;
use rpc::views::{ChangeDetail, ProposalDetail};
use serde::Serialize;
use std::io;

/// A view that is asked for again and again, until nothing happens to what it shows.
trait Watched: Clone + Serialize {
    /// What it is asked for by.
    type Id: Copy;

    /// What a node says of it now.
    async fn asked(session: &Session, id: Self::Id) -> Result<Self, Failure>;

    /// Whether nothing will happen to it any more.
    fn is_concluded(&self) -> bool;

    /// What is different from before, a sentence each; how it stands, when nothing was seen before. Not yet escaped.
    fn sentences(&self, screen: &Screen, before: Option<&Self>) -> Vec<String>;

    /// Whether anything is different but the estimates.
    fn is_different(&self, before: Option<&Self>) -> bool;

    /// The same drawn, with a line at its foot.
    fn drawn(&self, screen: &Screen, epoch_length: u64, foot: &str) -> String;

    /// How it ended, as a sentence.
    fn conclusion(&self) -> String;
}

/// Shows a proposal until it is concluded, whatever the conclusion.
///
/// # Errors
/// When the node does not answer at first, or knows no such proposal; ctrl-c is [`Failure::Interrupted`].
pub async fn proposal(session: &Session, id: ProposalId) -> Result<CommandAnswer, Failure> {
    let again = format!("stopped watching; see where proposal {id} stands with `contract gov proposal {id}`");
    until_interrupted(follow::<ProposalDetail>(session, id), again).await
}

/// Shows a change until it is closed, undone or ended.
///
/// # Errors
/// When the node does not answer at first, or knows no such change; ctrl-c is [`Failure::Interrupted`].
pub async fn change(session: &Session, id: ChangeId) -> Result<CommandAnswer, Failure> {
    let again = format!("stopped watching; see where change {id} stands with `contract rollout change {id}`");
    until_interrupted(follow::<ChangeDetail>(session, id), again).await
}

async fn until_interrupted(
    followed: impl Future<Output = Result<CommandAnswer, Failure>>,
    again: String,
) -> Result<CommandAnswer, Failure> {
    tokio::select! {
        ended = followed => ended,
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted(again)),
    }
}

async fn follow<W: Watched>(session: &Session, id: W::Id) -> Result<CommandAnswer, Failure> {
    let asked = session.node.status().await.map_err(|error| session.explain(error))?;
    let mut display = Display::<W>::new(session, asked.epoch_length);
    let mut watch = BlockWatch::open(&session.node).await;
    let mut seen: Option<W> = None;
    loop {
        match W::asked(session, id).await {
            // What was never there is not waited for.
            Err(failure) if seen.is_none() => return Err(failure),
            Err(failure) => {
                let pause = watch.lost();
                let shown = display.lost(&failure, pause);
                if ended(shown)? {
                    return Ok(CommandAnswer::told());
                }
                watch.again(pause).await;
            }
            Ok(now) => {
                let shown = display.show(seen.as_ref(), &now);
                if ended(shown)? || now.is_concluded() {
                    return Ok(CommandAnswer::told());
                }
                seen = Some(now);
                watch.next().await;
            }
        }
    }
}

/// Whether nobody reads any more, which is no failure.
fn ended(shown: io::Result<()>) -> Result<bool, Failure> {
    match shown {
        Ok(()) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(true),
        Err(error) => Err(failed(format!("standard output cannot be written: {error}; check where it leads"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_has_seen_enough_is_no_failure() {
        assert!(!ended(Ok(())).unwrap());
        assert!(ended(Err(io::ErrorKind::BrokenPipe.into())).unwrap());
        assert_eq!(ended(Err(io::ErrorKind::StorageFull.into())).unwrap_err().exit_code(), 1);
    }
}
