//! What a ledger asks of whatever keeps it.

use primitives::{Height, StateRoot};
use runtime::{Block, Certificate, Fact};
use staking::ValidatorSet;
use state::{Backend, Writes};

/// Keeps blocks and the state after the newest one.
pub trait Storage {
    /// A block's writes with the tree they make, computed on one head, to be committed on the same.
    type Prepared;
    /// Why it cannot read or write.
    type Error;

    /// The state after the newest block.
    fn state(&self) -> Box<dyn Backend + '_>;

    /// The precommits that decided the block of a height, as they were kept with it: at least those of the newest block. Nobody decided
    /// genesis.
    ///
    /// # Errors
    /// The storage cannot be read.
    fn certificate(&self, height: Height) -> Result<Option<Certificate>, Self::Error>;

    /// Computes what `writes` make of the state. Keeps nothing.
    ///
    /// # Errors
    /// The storage cannot be read.
    fn prepare(&self, writes: Writes) -> Result<(StateRoot, Self::Prepared), Self::Error>;

    /// Keeps the block after the newest one, durably where that means something, or changes nothing.
    ///
    /// # Errors
    /// The storage cannot be written.
    fn commit(&mut self, commit: Commit<'_, Self::Prepared>) -> Result<(), Self::Error>;
}

/// A decided block and what came of it.
#[derive(Debug)]
pub struct Commit<'a, P> {
    /// The block.
    pub block: &'a Block,
    /// The precommits that decided it.
    pub certificate: &'a Certificate,
    /// What came of it, in order.
    pub facts: &'a [Fact],
    /// Its writes, prepared on the head.
    pub prepared: P,
    /// The set that decided it, when it is the last of its epoch: kept for ever, because trust in what comes later rests on
    /// it.
    pub epoch_end: Option<ValidatorSet>,
}
