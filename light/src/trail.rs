//! Which headers lead trust from genesis to whatever comes later.

use crate::{Anchor, SignedHeader};

/// Follows the last headers of epochs and names the hops among them: those that trust steps on when each step goes as far as it
/// can. Whether a header is one is settled by the one after it, and by nothing later, so hops are a function of the past: they can
/// be kept as they are taken, and are the same for everybody.
#[derive(Debug, Clone)]
pub struct Trail {
    /// Where trust stands: at genesis, or at the last hop.
    here: Anchor,
    /// The last header that it reaches from there; none before the first.
    reached: Option<SignedHeader>,
}

impl Trail {
    /// Goes on from where trust stands, and the last header that it is known to reach from there.
    pub fn resume(here: Anchor, reached: Option<SignedHeader>) -> Self {
        Self { here, reached: reached.map(SignedHeader::trimmed) }
    }

    /// Takes the last header of the next epoch, which was decided. Gives the hop that it takes trust to come to it, if there is one:
    /// the header before it, or itself where those before it are not known.
    pub fn extend(&mut self, end: &SignedHeader) -> Option<SignedHeader> {
        // Precommits that a ticket leaves out vouch for nothing.
        let end = end.clone().trimmed();
        if self.here.reaches(&end) {
            self.reached = Some(end);
            return None;
        }
        let before = self.reached.take();
        self.reached = before.is_some().then(|| end.clone());
        let hop = before.unwrap_or(end);
        self.here = self.here.knowing(&hop);
        Some(hop)
    }
}
