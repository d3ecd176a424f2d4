//! Which headers a ticket has to bring.

use crate::{Anchor, MAX_HOPS, SignedHeader};
use primitives::Height;
use serde::{Deserialize, Serialize};

/// Why no headers lead from the anchor to the goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// There is a gap that no step crosses.
    #[error(
        "no trust leads from height {from} to height {to} through the headers kept here; ask a node that keeps more history, \
         or begin from a snapshot"
    )]
    Gap {
        /// Where trust ended.
        from: Height,
        /// Where it should go.
        to: Height,
    },
    /// They are more than a ticket has.
    #[error(
        "the {MAX_HOPS} headers that a ticket has at most lead trust to height {reached}, and it has to come to height {to}; \
         fetch the way with gov.trust_path, page by page, and then the ticket from where it ends"
    )]
    TooFar {
        /// How far they lead.
        reached: Height,
        /// Where trust should go.
        to: Height,
    },
}

/// The headers of `between`, which are ascending, that lead trust from `anchor` to `goal`: each step goes as far as it can.
/// Both they and the goal are to be [trimmed](SignedHeader::trimmed), because precommits that are cut off vouch for nothing.
///
/// # Errors
/// When there is a gap that no step crosses, or a header that does not verify.
pub fn route(
    anchor: &Anchor,
    between: impl IntoIterator<Item = SignedHeader>,
    goal: &SignedHeader,
) -> Result<Vec<SignedHeader>, Unreachable> {
    let mut here = anchor.clone();
    let mut taken = Vec::new();
    // Whoever gives all headers of a chain is asked for none beyond the goal.
    let ahead = between.into_iter().skip_while(|hop| hop.height() <= anchor.height());
    let mut candidates = ahead.take_while(|hop| hop.height() < goal.height()).peekable();
    while !here.reaches(goal) {
        let in_reach = std::iter::from_fn(|| candidates.next_if(|hop| here.reaches(hop)));
        let hop = in_reach.last();
        let stepped = hop.and_then(|hop| here.step(&hop).ok().map(|next| (hop, next)));
        let (hop, next) = stepped.ok_or(Unreachable::Gap { from: here.height(), to: goal.height() })?;
        here = next;
        taken.push(hop);
    }
    Ok(taken)
}
