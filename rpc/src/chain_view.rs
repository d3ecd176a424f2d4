//! What views are made from: the blocks and the state of a node at one moment.

use crate::error::ReadError;
use ledger::Head;
use light::SignedHeader;
use primitives::{Height, TransactionHash};
use runtime::{Block, CHAIN, Certificate, Header, Record};
use state::{Backend, State, StateProof};

/// The node's store at one moment: as a [`Backend`] the state after [`head`](Self::head), and the blocks up to it.
///
/// A height that is not kept answers `None`. Each method may read the disk.
pub trait ChainView: Backend {
    /// The newest block.
    fn head(&self) -> Result<Head, ReadError>;
    /// The first height whose block, record and proofs are kept.
    fn earliest(&self) -> Result<Height, ReadError>;
    /// A header; 0 is genesis.
    fn header(&self, height: Height) -> Result<Option<Header>, ReadError>;
    /// A block.
    fn block(&self, height: Height) -> Result<Option<Block>, ReadError>;
    /// What came of a block.
    fn record(&self, height: Height) -> Result<Option<Record>, ReadError>;
    /// What decided a block; genesis has none.
    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError>;
    /// The last header of each epoch after the one of `height`, ascending, with its certificate and validators; kept for
    /// ever.
    fn epoch_ends(&self, height: Height) -> Box<dyn Iterator<Item = Result<SignedHeader, ReadError>> + '_>;
    /// What a raw storage key was after the block at `height`, with its proof.
    fn proof(&self, key: &[u8], height: Height) -> Result<Option<StateProof>, ReadError>;
    /// The block that has a transaction, and its place in it from 0.
    fn locate(&self, transaction: &TransactionHash) -> Result<Option<(Height, u32)>, ReadError>;
}

/// The state of a view; chain rules are in every state.
pub(crate) fn state_of<'a>(view: &'a dyn ChainView) -> State<'a> {
    State::over(view)
}

/// The epoch length that state has.
pub(crate) fn epoch_length(state: &State) -> u64 {
    CHAIN.require(state).epoch_length
}

/// Names why a height has no answer, or gives the answer.
pub(crate) fn kept<T>(view: &dyn ChainView, height: Height, found: Option<T>) -> Result<T, ReadError> {
    if let Some(found) = found {
        return Ok(found);
    }
    let (head, earliest) = (view.head()?.at.height, view.earliest()?);
    if height > head {
        Err(ReadError::NotYet { height, head })
    } else if height < earliest {
        Err(ReadError::Pruned { height, earliest })
    } else {
        Err(ReadError::Failed(format!("height {height} is missing from the store")))
    }
}
