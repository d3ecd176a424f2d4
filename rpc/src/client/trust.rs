//! Tickets for whoever is far behind: the way there is fetched in pages, and each is verified before the next is asked for.

use super::patience::Patience;
use super::{CallError, Node};
use crate::api::GovApiClient as _;
use crate::error::RpcRefusal;
use light::{Anchor, Distrust, Ticket, Unreachable};
use primitives::{BuildHash, Height};

/// A ticket that is not verified yet, and what it is to be verified from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedTicket {
    /// The ticket.
    pub ticket: Ticket,
    /// What whoever asked trusts, moved along the way that was fetched and verified before.
    pub anchor: Anchor,
}

/// Why there is no ticket.
#[derive(Debug, thiserror::Error)]
pub enum TicketFetchError {
    /// The node did not answer, or refused.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The way that it answers cannot be trusted.
    #[error("the way to the ticket cannot be trusted: {0}; ask another node")]
    Distrust(#[from] Distrust),
    /// The way that it answers does not lead on.
    #[error("the way to the ticket does not lead on from height {0}; ask another node")]
    NoWay(Height),
}

impl Node {
    /// The ticket of a build for a verifier that trusts `anchor`. Where trust takes more headers than a ticket has, it is moved
    /// first. Whoever is told that the node is busy waits, and asks again a few times.
    ///
    /// # Errors
    /// When the node does not answer or has no ticket, and when the way there proves nothing.
    pub async fn ticket(&self, build: BuildHash, mut anchor: Anchor) -> Result<FetchedTicket, TicketFetchError> {
        let mut patience = Patience::default();
        loop {
            let error = match self.release_proof(build, Some(anchor.height())).await {
                Ok(ticket) => return Ok(FetchedTicket { ticket, anchor }),
                Err(error) => self.explain(error),
            };
            if is_too_far(&error) {
                anchor = self.follow_trust(anchor).await?;
            } else if !patience.waits_after(&error).await {
                return Err(error.into());
            }
        }
    }

    /// What whoever trusts `anchor` can trust at the end of the way.
    async fn follow_trust(&self, mut anchor: Anchor) -> Result<Anchor, TicketFetchError> {
        let mut patience = Patience::default();
        loop {
            let page = match self.trust_path(Some(anchor.height())).await.map_err(|error| self.explain(error)) {
                Ok(page) => page,
                Err(error) if patience.waits_after(&error).await => continue,
                Err(error) => return Err(error.into()),
            };
            let moved = anchor.follow(&page.hops)?;
            if moved.height() <= anchor.height() {
                return Err(TicketFetchError::NoWay(anchor.height()));
            }
            anchor = moved;
            if !page.more {
                return Ok(anchor);
            }
        }
    }
}

fn is_too_far(error: &CallError) -> bool {
    matches!(error.refusal(), Some(RpcRefusal::NoTrust(Unreachable::TooFar { .. })))
}
