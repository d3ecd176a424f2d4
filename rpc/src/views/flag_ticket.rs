//! The proof of what a flag serves, for whoever does not follow the chain.

use super::ticket::proof;
use super::trust::{Way, signed};
use crate::chain_view::{ChainView, state_of};
use crate::error::RpcRefusal;
use light::{FlagQuestion, FlagRows, FlagTicket};
use primitives::Height;
use runtime::Genesis;

/// The ticket of a flag at a path after the newest block, for a verifier that trusts the block at `from`, or genesis.
///
/// # Errors
/// [`RpcRefusal::NoCertificate`] before the first block, [`RpcRefusal::NoTrust`] when no headers kept here lead from `from` to the newest
/// block, or more than a ticket has, and a store that cannot be read.
pub fn flag_ticket(
    view: &dyn ChainView,
    genesis: &Genesis,
    asked: &FlagQuestion,
    from: Height,
) -> Result<FlagTicket, RpcRefusal> {
    let height = view.head()?.at.height;
    if height == Height(0) {
        return Err(RpcRefusal::NoCertificate);
    }
    let head = signed(view, genesis, height)?.trimmed();
    let hops = Way::from(view, genesis, from)?.to(&head)?;
    let rows = FlagRows::gather(&state_of(view), asked, |key| proof(view, key, height))?;
    Ok(FlagTicket { hops, head, rows })
}
