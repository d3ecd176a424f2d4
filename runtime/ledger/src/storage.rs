//! What a ledger asks of whatever keeps it.

use primitives::{BlockHash, Height, StateRoot};
use runtime::{Block, Certificate, Fact};
use staking::ValidatorSet;
use state::{Backend, State, Writes, corrupt};

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

    /// The hash of the block of a height, from genesis to the newest: those that are missing in the tree of blocks are asked for, however old
    /// they are.
    ///
    /// # Errors
    /// The storage cannot be read.
    fn block_hash(&self, height: Height) -> Result<Option<BlockHash>, Self::Error>;

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

/// The blocks that are missing in the tree of blocks, as the block of a height after the newest one brings them
/// ([`Context::missing`](runtime::Context::missing)). One that the storage has not stops the node: it could follow the chain no further.
///
/// # Errors
/// The storage cannot be read.
pub fn missing_blocks<S: Storage>(storage: &S, height: Height) -> Result<Vec<BlockHash>, S::Error> {
    let heights = witnesses::queries::missing(&State::over(&*storage.state()), height);
    let mut missing = Vec::new();
    for height in heights {
        let kept = storage.block_hash(Height(height))?;
        missing.push(kept.unwrap_or_else(|| corrupt(&format!("the hash of block {height} is not kept"))));
    }
    Ok(missing)
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
