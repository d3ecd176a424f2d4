//! Whether what somebody else shows contradicts what this store has decided (T30).

use crate::db::{DbError, View};
use light::{Anchor, Distrust, Fork, SignedHeader, Ticket};
use primitives::Height;
use runtime::Genesis;
use state::State;

/// What a store knows to be decided at a height, and by whom; none where that is ahead, or forgotten.
///
/// # Errors
/// When the store cannot be read.
pub fn decided_at(view: &View<'_>, genesis: &Genesis, height: Height) -> Result<Option<SignedHeader>, DbError> {
    let end = view.epoch_end(height)?;
    if end.is_some() {
        return Ok(end);
    }
    let decided = view.header(height)?.zip(view.certificate(height)?);
    let validators = staking::queries::validator_set(&State::over(view), height.epoch(genesis.chain.epoch_length));
    let known = decided.map(|(header, certificate)| SignedHeader { header, certificate, validators });
    // The state remembers the sets of some epochs only.
    Ok(known.filter(|known| known.validators.hash() == known.header.validators_hash))
}

/// The fork that a ticket shows: a block of its own at a height that this store has decided otherwise.
///
/// # Errors
/// When the store cannot be read.
pub fn fork_in(view: &View<'_>, genesis: &Genesis, ticket: &Ticket) -> Result<Option<Fork>, DbError> {
    for shown in ticket.headers() {
        let Some(known) = decided_at(view, genesis, shown.height())? else { continue };
        // Mostly it is the same block, which needs no signature to tell.
        if known.certificate.block == shown.certificate.block {
            continue;
        }
        if let Err(Distrust::Forked(fork)) = Anchor::at(genesis, &known).step(shown) {
            return Ok(Some(*fork));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anchor::tests::store_of;
    use light::testing::TestChain;
    use runtime::testing::genesis;

    #[test]
    fn t30_a_ticket_is_held_against_every_height_that_the_store_has_decided() {
        let dir = tempfile::tempdir().unwrap();
        let genesis = genesis();
        let build = genesis.releases.approved[0].build_hash;
        let [mut ours, mut theirs] = TestChain::forked(&genesis, 5);
        let early = ours.ticket(build);
        ours.until(25);
        let store = store_of(&ours, &dir.path().join("db"));
        let shown = |ticket: &Ticket| fork_in(&store.view(), &genesis, ticket).unwrap();
        assert_eq!(shown(&early), None, "the same block");
        assert_eq!(shown(&ours.ticket(build)), None);
        // In the middle of an epoch, at its end, and at the head.
        for height in [5, 9, 25] {
            theirs.until(height);
            let fork = shown(&theirs.ticket(build)).expect("two blocks of one height");
            assert_eq!(fork.height(), Height(height));
            assert_eq!(fork.offences().len(), 3, "each that signed both");
        }
        theirs.until(26);
        assert_eq!(shown(&theirs.ticket(build)), None, "what is ahead is told by the next ones");
        let known = decided_at(&store.view(), &genesis, Height(9)).unwrap().unwrap();
        assert_eq!(known.header, ours.headers[8].header);
        for ahead_or_genesis in [26, 0] {
            assert_eq!(decided_at(&store.view(), &genesis, Height(ahead_or_genesis)).unwrap(), None);
        }
    }
}
