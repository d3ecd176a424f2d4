//! The proof that a build is approved, for a node or a wallet that does not follow the chain.

use crate::chain_view::{ChainView, kept, state_of};
use crate::error::{ReadError, RpcRefusal};
use light::{Anchor, SignedHeader, Ticket, route};
use primitives::{BuildHash, Height, List};
use releases::queries::{minimum_sequence_key, release_key};
use runtime::Genesis;
use state::StateProof;

/// The ticket of a build after the newest block, for a verifier that trusts the block at `from`, or genesis. Of a build that
/// was never approved, it proves that.
///
/// # Errors
/// [`RpcRefusal::NoCertificate`] before the first block, [`RpcRefusal::NoTrust`] when no headers kept here lead from `from` to
/// the newest block, and a store that cannot be read.
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
    let anchor = anchor(view, genesis, from)?;
    let head = signed(view, genesis, height)?.trimmed();
    let mut failure = None;
    let ends = view.epoch_ends(from).map_while(|end| end.map_err(|error| failure = Some(error)).ok());
    let hops = route(&anchor, ends.map(SignedHeader::trimmed), &head);
    if let Some(error) = failure {
        return Err(error.into());
    }
    Ok(Ticket {
        hops: List::truncate_from(hops?),
        head,
        approval: proof(view, &release_key(&hash), height)?,
        minimum_sequence: proof(view, minimum_sequence_key(), height)?,
    })
}

fn anchor(view: &dyn ChainView, genesis: &Genesis, from: Height) -> Result<Anchor, RpcRefusal> {
    if from == Height(0) {
        Ok(Anchor::genesis(genesis))
    } else {
        Ok(Anchor::at(genesis, &signed(view, genesis, from)?))
    }
}

/// A header with its certificate and, as far back as state remembers them, the validators that decided it.
fn signed(view: &dyn ChainView, genesis: &Genesis, height: Height) -> Result<SignedHeader, ReadError> {
    let header = kept(view, height, view.header(height)?)?;
    let certificate = kept(view, height, view.certificate(height)?)?;
    let validators = staking::queries::validator_set(&state_of(view), height.epoch(genesis.chain.epoch_length));
    Ok(SignedHeader { header, certificate, validators })
}

fn proof(view: &dyn ChainView, key: &[u8], height: Height) -> Result<StateProof, ReadError> {
    kept(view, height, view.proof(key, height)?)
}
