//! The proof that a build is approved, for a node or a wallet that does not follow the chain.

use super::trust::{Way, signed};
use crate::chain_view::{ChainView, kept};
use crate::error::{ReadError, RpcRefusal};
use light::Ticket;
use primitives::{BuildHash, Height};
use releases::queries::{levels_key, minimum_sequence_key, release_key};
use runtime::Genesis;
use state::StateProof;

/// The ticket of a build after the newest block, for a verifier that trusts the block at `from`, or genesis. Of a build that
/// was never approved, it proves that.
///
/// # Errors
/// [`RpcRefusal::NoCertificate`] before the first block, [`RpcRefusal::NoTrust`] when no headers kept here lead from `from` to
/// the newest block, or more than a ticket has, and a store that cannot be read.
pub fn release_ticket(
    view: &dyn ChainView,
    genesis: &Genesis,
    hash: BuildHash,
    from: Height,
) -> Result<Ticket, RpcRefusal> {
    let height = view.head()?.at.height;
    if height == Height(0) {
        return Err(RpcRefusal::NoCertificate);
    }
    let head = signed(view, genesis, height)?.trimmed();
    Ok(Ticket {
        hops: Way::from(view, genesis, from)?.to(&head)?,
        head,
        approval: proof(view, &release_key(&hash), height)?,
        minimum_sequence: proof(view, minimum_sequence_key(), height)?,
        levels: proof(view, levels_key(), height)?,
    })
}

/// What a key was after a block, with its proof.
pub(super) fn proof(view: &dyn ChainView, key: &[u8], height: Height) -> Result<StateProof, ReadError> {
    kept(view, height, view.proof(key, height)?)
}
