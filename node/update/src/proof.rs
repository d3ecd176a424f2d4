//! What chain state says about a build, from a node that need not be trusted: its tickets are verified, and trust moves along
//! with the chain.

use super::authorize::Approval;
use super::error::UpdateError;
use light::{Anchor, Distrust, Ticket, TicketError};
use primitives::{BuildHash, Height, StateRoot};
use rpc::client::{CallError, FetchedTicket, Node, TicketFetchError};
use rpc::error::UNKNOWN_RELEASE;
use staking::ValidatorSet;
use std::time::{Duration, Instant};

/// A node that is asked, and what is trusted so far.
pub struct Prover {
    node: Node,
    anchor: Anchor,
    newest: Option<Newest>,
}

/// What was proven about a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What chain state says about it.
    pub approval: Approval,
    /// The height under which it is proven.
    pub height: Height,
    /// The root of the state after that block.
    pub state_root: StateRoot,
    /// Who decided that block.
    pub validators: ValidatorSet,
}

/// The newest block that was proven, and when that was by a clock that nobody can set.
struct Newest {
    height: Height,
    since: Instant,
}

impl Prover {
    /// Asks `node`, trusting `anchor`.
    pub fn new(node: Node, anchor: Anchor) -> Self {
        Self { node, anchor, newest: None }
    }

    /// The node that is asked.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// What chain state says about a build.
    ///
    /// # Errors
    /// When the node does not answer, or what it answers proves nothing.
    pub async fn show(&mut self, hash: BuildHash) -> Result<Shown, UpdateError> {
        let unproven = |why: String| UpdateError::Unproven { hash, why };
        let fetched = self.node.ticket(hash, self.anchor.clone()).await.map_err(|error| match error {
            // Its word is enough for not installing.
            TicketFetchError::Call(CallError::Refused { code: UNKNOWN_RELEASE, message, .. }) => {
                UpdateError::NotAuthorized(message)
            }
            TicketFetchError::Distrust(Distrust::Forked(fork)) => UpdateError::Forked(fork),
            silent => unproven(silent.to_string()),
        })?;
        let FetchedTicket { ticket, anchor } = fetched;
        let proven = ticket.verify(&anchor, &hash).map_err(|error| match error {
            TicketError::Distrust(Distrust::Forked(fork)) => UpdateError::Forked(fork),
            nothing => unproven(nothing.to_string()),
        })?;
        self.follow(&anchor, &ticket);
        let (height, state_root) = (proven.header.height, proven.header.state_root);
        let unchanged_for = self.unchanged_for(height);
        let approval = Approval { unchanged_for, ..proven.into() };
        Ok(Shown { approval, height, state_root, validators: ticket.head.validators })
    }

    /// How long no block above `height` was proven here.
    fn unchanged_for(&mut self, height: Height) -> Duration {
        match &self.newest {
            Some(newest) if height <= newest.height => newest.since.elapsed(),
            _ => {
                self.newest = Some(Newest { height, since: Instant::now() });
                Duration::ZERO
            }
        }
    }

    /// Trusts what a ticket leads to that was verified from an anchor.
    fn follow(&mut self, from: &Anchor, ticket: &Ticket) {
        if let Ok(moved) = ticket.follow(from) {
            self.anchor = moved;
        }
    }
}
