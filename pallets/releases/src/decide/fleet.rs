//! When the word of a node about itself is taken.

use crate::queries::require_reporter;
use crate::{Error, storage::*};
use primitives::{AccountId, Moment};
use state::State;

/// Whoever may report on builds may advertise, once an epoch. Nothing that is said is held against anything: it is what the node says,
/// and whoever asks for more asks whether it is so.
pub(super) fn require_to_advertise(state: &State, at: Moment, node: AccountId) -> Result<(), Error> {
    require_reporter(state, at.epoch, node)?;
    if FLEET.get(state, &node).is_some_and(|(epoch, _)| epoch == at.epoch) {
        return Err(Error::AlreadyAdvertised { node, epoch: at.epoch });
    }
    Ok(())
}
