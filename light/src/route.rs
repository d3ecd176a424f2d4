//! Which headers a ticket has to bring.

use crate::{Anchor, SignedHeader};
use primitives::Height;

/// No choice of the headers at hand leads from the anchor to the goal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no trust leads from height {from} to height {to} through the headers kept here; ask a node that keeps more history, or \
     begin from a snapshot"
)]
pub struct Unreachable {
    /// Where trust ended.
    pub from: Height,
    /// Where it should go.
    pub to: Height,
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
    let inside = |hop: &SignedHeader| hop.height() > anchor.height() && hop.height() < goal.height();
    let mut candidates = between.into_iter().filter(inside).peekable();
    while !here.reaches(goal) {
        let in_reach = std::iter::from_fn(|| candidates.next_if(|hop| here.reaches(hop)));
        let hop = in_reach.last();
        let stepped = hop.and_then(|hop| here.step(&hop).ok().map(|next| (hop, next)));
        let (hop, next) = stepped.ok_or(Unreachable { from: here.height(), to: goal.height() })?;
        here = next;
        taken.push(hop);
    }
    Ok(taken)
}
