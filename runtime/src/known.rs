//! What whoever executes a block knows of the signatures in it before.

use primitives::TransactionHash;

/// The signatures that somebody has verified before a block is executed, and that are not verified again.
///
/// A transaction's hash is over all of its bytes, the signature among them ([`TransactionHash::of`]), so what is known of one
/// holds for nothing else. What is known changes no outcome, only how long it takes: it may be less than was verified, and never more.
pub trait KnownSignatures: Sync {
    /// Whether the signature of exactly this transaction was verified, and is good. It is asked on several threads at once.
    fn is_good(&self, transaction: &TransactionHash) -> bool;
}

/// That nothing is known: every signature is verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoneKnown;

impl KnownSignatures for NoneKnown {
    fn is_good(&self, _: &TransactionHash) -> bool {
        false
    }
}
