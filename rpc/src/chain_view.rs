//! What views are made from: the blocks and the state of a node at one moment.

use crate::error::ReadError;
use ledger::Head;
use light::SignedHeader;
use primitives::{BlockHash, Digest, Height, TransactionHash};
use runtime::{Block, CHAIN, Certificate, Header, Record};
use state::{Backend, State, StateEntry, StateProof};

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
    /// The last header of each epoch above `height`, ascending, with its certificate and validators; kept for ever. Each is read
    /// when it is asked for.
    fn epoch_ends(&self, height: Height) -> Box<dyn Iterator<Item = Result<SignedHeader, ReadError>> + '_>;
    /// The header of `height`, when it is the last of its epoch, with its certificate and validators; kept for ever.
    fn epoch_end(&self, height: Height) -> Result<Option<SignedHeader>, ReadError>;
    /// How many of them are hops ([`light::Trail`]).
    fn hops(&self) -> Result<u64, ReadError>;
    /// A hop by its number, from 1; ascending, and kept for ever.
    fn hop(&self, number: u64) -> Result<Option<SignedHeader>, ReadError>;
    /// The number of the first hop above `height`.
    fn hop_above(&self, height: Height) -> Result<Option<u64>, ReadError>;
    /// The hash of a block, also of one whose height was pruned; none of one that is ahead.
    fn block_hash(&self, height: Height) -> Result<Option<BlockHash>, ReadError>;
    /// The hash of the perfect subtree of the tree of blocks that has `2^level` leaves and is the `index`th of its level, from 0; kept for
    /// ever, and of all blocks there are, whatever state has of the tree. Fails where not all of those blocks are there.
    fn log_node(&self, level: u8, index: u64) -> Result<Digest, ReadError>;
    /// What a raw storage key was after the block at `height`, with its proof.
    fn proof(&self, key: &[u8], height: Height) -> Result<Option<StateProof>, ReadError>;
    /// The block that has a transaction, and its place in it from 0.
    fn locate(&self, transaction: &TransactionHash) -> Result<Option<(Height, u32)>, ReadError>;
    /// Fails when nobody waits for the answer any more; for whoever reads many rows of state, to ask at each.
    fn go_on(&self) -> Result<(), ReadError> {
        Ok(())
    }
}

/// What is asked at each row whether to go on.
pub type AtEachRow<'a> = dyn Fn() -> Result<(), ReadError> + Send + Sync + 'a;

/// A view that asks at each row whether to go on. State is read to the end of the row all the same, because there is no safe answer
/// to a read that ends.
pub struct WatchedView<'a> {
    view: &'a dyn ChainView,
    at_each_row: &'a AtEachRow<'a>,
}

impl<'a> WatchedView<'a> {
    /// Another view, watched.
    pub fn new(view: &'a dyn ChainView, at_each_row: &'a AtEachRow<'a>) -> Self {
        Self { view, at_each_row }
    }
}

impl Backend for WatchedView<'_> {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        let _ = self.go_on();
        self.view.read(key)
    }

    fn read_with(&self, key: &[u8], see: &mut dyn FnMut(&[u8])) {
        let _ = self.go_on();
        self.view.read_with(key, see);
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        Box::new(self.view.scan(prefix, from).inspect(|_| {
            let _ = self.go_on();
        }))
    }
}

impl ChainView for WatchedView<'_> {
    fn head(&self) -> Result<Head, ReadError> {
        self.go_on()?;
        self.view.head()
    }

    fn earliest(&self) -> Result<Height, ReadError> {
        self.go_on()?;
        self.view.earliest()
    }

    fn header(&self, height: Height) -> Result<Option<Header>, ReadError> {
        self.go_on()?;
        self.view.header(height)
    }

    fn block(&self, height: Height) -> Result<Option<Block>, ReadError> {
        self.go_on()?;
        self.view.block(height)
    }

    fn record(&self, height: Height) -> Result<Option<Record>, ReadError> {
        self.go_on()?;
        self.view.record(height)
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError> {
        self.go_on()?;
        self.view.certificate(height)
    }

    fn epoch_ends(&self, height: Height) -> Box<dyn Iterator<Item = Result<SignedHeader, ReadError>> + '_> {
        Box::new(self.view.epoch_ends(height).map(|end| self.go_on().and(end)))
    }

    fn epoch_end(&self, height: Height) -> Result<Option<SignedHeader>, ReadError> {
        self.go_on()?;
        self.view.epoch_end(height)
    }

    fn hops(&self) -> Result<u64, ReadError> {
        self.go_on()?;
        self.view.hops()
    }

    fn hop(&self, number: u64) -> Result<Option<SignedHeader>, ReadError> {
        self.go_on()?;
        self.view.hop(number)
    }

    fn hop_above(&self, height: Height) -> Result<Option<u64>, ReadError> {
        self.go_on()?;
        self.view.hop_above(height)
    }

    fn block_hash(&self, height: Height) -> Result<Option<BlockHash>, ReadError> {
        self.go_on()?;
        self.view.block_hash(height)
    }

    fn log_node(&self, level: u8, index: u64) -> Result<Digest, ReadError> {
        self.go_on()?;
        self.view.log_node(level, index)
    }

    fn proof(&self, key: &[u8], height: Height) -> Result<Option<StateProof>, ReadError> {
        self.go_on()?;
        self.view.proof(key, height)
    }

    fn locate(&self, transaction: &TransactionHash) -> Result<Option<(Height, u32)>, ReadError> {
        self.go_on()?;
        self.view.locate(transaction)
    }

    fn go_on(&self) -> Result<(), ReadError> {
        (self.at_each_row)()
    }
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
