//! This node's part in the log of blocks (ROLLOUTS 9, 11): what it serves of the log, signed with a key of its own; whose cosignatures it
//! collects, from peers and from witnesses that its operator names; and, where it has the key of a witness, vouching for the log itself.
//!
//! All but serving is the node's part in the gate `witness_network`: while that is off for it, or declined, it is on no topic, asks nobody
//! and signs nothing. What a witness signed last is kept outside of the store, and each checkpoint is held against it: an older store, or
//! another chain, does not have it vouch for a second log.
//!
//! # Invariants
//! - No cosignature leaves this node that is not on its disk, and none is of a log that does not go on where the last one stood.
//! - Nothing is collected that was not verified by a key that is registered on chain, and nothing of it grows without a bound.

mod ask;
mod cosigner;
mod duty;
mod latest;
mod log_key;
mod part;
mod served;
#[cfg(test)]
mod tests;
mod trouble;

pub use ask::ask_each;
pub use cosigner::Cosigner;
pub use duty::WitnessDuty;
pub use latest::{CosignRefusal, LatestCosigned};
pub use log_key::LogKey;
pub use part::LogPart;
pub use served::ServedLog;
pub use trouble::WitnessTrouble;

use flags::Gate;
use primitives::PublicKey;
use store::db::View;
use tlog::{NoteAlgorithm, VerifierKey};

/// Whether the network has witnesses as far as this node is concerned, and its operator takes part.
fn is_on(view: &View<'_>, declines: bool) -> bool {
    !declines && view.is_on_here(Gate::WitnessNetwork)
}

/// The key of a witness as notes are verified with it.
fn verifier_of(name: &str, key: PublicKey) -> VerifierKey {
    VerifierKey { name: name.to_owned(), algorithm: NoteAlgorithm::Cosignature, key }
}
