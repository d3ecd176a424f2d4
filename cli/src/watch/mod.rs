//! Watching a proposal until it is concluded: asked again at every block that the node pushes.
//!
//! What is shown is always the node's whole view, never a sum of events, so nothing is missed while a connection is down.

mod change;
mod display;

use crate::answer::CommandAnswer;
use crate::failure::{Failure, failed};
use crate::session::Session;
use display::Display;
use primitives::ProposalId;
use rpc::api::{ChainApiClient, GovApiClient};
use rpc::client::BlockWatch;
use rpc::views::{DecisionStatus, ProposalDetail};
use std::io;

/// Shows a proposal until it is concluded, whatever the conclusion.
///
/// # Errors
/// When the node does not answer at first, or knows no such proposal; ctrl-c is [`Failure::Interrupted`].
pub async fn proposal(session: &Session, id: ProposalId) -> Result<CommandAnswer, Failure> {
    tokio::select! {
        ended = follow(session, id) => ended,
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted(format!(
            "stopped watching; see where proposal {id} stands with `contract gov proposal {id}`"
        ))),
    }
}

async fn follow(session: &Session, id: ProposalId) -> Result<CommandAnswer, Failure> {
    let asked = session.node.status().await.map_err(|error| session.explain(error))?;
    let mut display = Display::new(session, asked.epoch_length);
    let mut watch = BlockWatch::open(&session.node).await;
    let mut seen: Option<ProposalDetail> = None;
    loop {
        match session.node.proposal(id).await.map_err(|error| session.explain(error)) {
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
                if ended(shown)? || is_concluded(now.proposal.status) {
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

/// Whether nothing will happen to a proposal any more. What its release goes through later is the release's own story.
fn is_concluded(status: DecisionStatus) -> bool {
    !matches!(status, DecisionStatus::Open | DecisionStatus::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_open_and_passed_proposals_go_on() {
        use DecisionStatus::*;
        assert!([Open, Passed].iter().all(|status| !is_concluded(*status)));
        let concluded = [Activated, Rejected, Withdrawn, Cancelled, Superseded, Revoked, Expired];
        assert!(concluded.iter().all(|status| is_concluded(*status)));
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_failure() {
        assert!(!ended(Ok(())).unwrap());
        assert!(ended(Err(io::ErrorKind::BrokenPipe.into())).unwrap());
        assert_eq!(ended(Err(io::ErrorKind::StorageFull.into())).unwrap_err().exit_code(), 1);
    }
}
