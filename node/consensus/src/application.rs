//! What consensus asks of the chain.

use primitives::{AccountId, ChainId, Height, TransactionHash};
use runtime::{Block, Certificate};
use staking::{Offence, ValidatorSet};
use std::collections::BTreeSet;
use std::fmt;

/// How a block reached this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Proposed for the height being decided; it can still be refused.
    Proposal,
    /// Handed over by a peer as decided, while catching up. Only the rules that compare the block with this node's clock
    /// are left out, because the moment they speak of has passed.
    Sync,
}

/// What a sender on the consensus network is blamed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// It is neither configured nor proven, or it is out: a part of a block is passed over.
    Unheard,
    /// It announced a block in a validator's name that this validator has not signed.
    Forged,
    /// It did so for the third time: nothing of it is heard for ten minutes, and its connection ends.
    Out,
}

/// Whether this node's key signs, and which of its signatures must be this node's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signing {
    /// The first height that it may sign for; none while it must not sign.
    pub from: Option<Height>,
    /// From this height on, what the key has signed was signed by this process, or by another node that has the key as well. None
    /// where that is not known.
    pub own_from: Option<Height>,
    /// Whether peers are shown that the key is here, and counted as twins when they show the same.
    pub shows: bool,
}

impl Signing {
    /// Of a key that signs whenever it is asked, whoever else has it.
    pub const ALWAYS: Self = Self { from: Some(Height(0)), own_from: None, shows: false };

    /// Whether the key may sign for a height.
    pub fn may_sign(&self, height: Height) -> bool {
        self.from.is_some_and(|from| height >= from)
    }
}

/// What showed that another node has this node's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwinSighting {
    /// A peer has proven it.
    Proof {
        /// Who.
        peer: String,
    },
    /// A node that is no peer here has answered with it.
    Answered,
    /// Something was signed with it that this node has not signed.
    Signed {
        /// What, with its article.
        what: &'static str,
        /// For which height.
        height: Height,
    },
}

impl fmt::Display for TwinSighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proof { peer } => write!(f, "peer {peer} has proven that it has the key"),
            Self::Answered => write!(f, "a node has answered this one with the key, over gossip"),
            Self::Signed { what, height } => {
                write!(f, "{what} for height {height} is signed with the key, and not by this node")
            }
        }
    }
}

/// The chain, as consensus sees it. Every method may block; consensus calls them off the async threads, one at a time. Beside
/// another come only [`has_twin`](Self::has_twin), as soon as one is seen, and what is said to answer from memory.
pub trait Application: Send + Sync + 'static {
    /// The network this chain belongs to; part of everything that is signed.
    fn chain_id(&self) -> ChainId;

    /// The last committed height; 0 when only genesis is there.
    fn head(&self) -> Height;

    /// Who decides the block at `height`. Known at least for the height after the head, and never empty there.
    fn validators(&self, height: Height) -> Option<ValidatorSet>;

    /// Builds and executes a block on top of the head, for this node to propose: with none of the transactions that are set
    /// aside, because a round of this height failed with them, and within the room of the round
    /// ([`Limits::room`](runtime::Limits::room)), so that no height hangs on what its blocks hold. It is asked once for a
    /// height and round: the answer is kept on disk before anyone sees it.
    fn propose(&self, height: Height, round: u32, set_aside: &BTreeSet<TransactionHash>) -> anyhow::Result<Block>;

    /// The ids of the transactions of a block that this node built or accepted, in their order: its execution came to them, and only where
    /// that is not kept are they hashed again.
    fn ids(&self, block: &Block) -> Vec<TransactionHash>;

    /// Of each transaction of a block that came as ids, the encoding, if it waits at this node, ready or not. The ids are a peer's, the
    /// same many times if it likes: there is nothing behind the first with which they have more than `most_bytes` together. Asked once
    /// for each such block that this node puts together, so the application can count them.
    fn transactions(&self, ids: &[TransactionHash], most_bytes: u32) -> Vec<Option<Vec<u8>>>;

    /// Hears that a proposed block has come in chunks, at once or after its ids, to count it.
    fn came_in_chunks(&self);

    /// Hears that a block of the proposer whose turn it was is refused: the proposer's build or this one is at fault.
    fn refused(&self, height: Height, round: u32, proposer: AccountId, reason: &str);

    /// Hears that a sender is blamed, to count it.
    fn blamed(&self, blame: Blame);

    /// Hears what validators did that contradicted themselves in the height that was decided last. When this returns, it is on disk
    /// or can be kept nowhere: the next height empties the write-ahead log, from which it would be known after a crash.
    fn contradicted(&self, offences: &[Offence]);

    /// Whether this node's key signs. Asked before each height and each signature, so it answers from memory.
    fn signing(&self) -> Signing;

    /// Hears that another node has this node's key. When this returns, [`signing`](Self::signing) lets it sign nothing more, and a
    /// later process is told the same, or it can be kept nowhere.
    fn has_twin(&self, shown: &TwinSighting);

    /// Executes a block on top of the head and says why it is refused. A refused block is never voted for.
    ///
    /// A rule that reads the clock may refuse only blocks from the future: what is valid once must stay valid, because a
    /// block that two thirds hold to be valid is proposed again in later rounds.
    fn validate(&self, block: &Block, origin: Origin) -> Result<(), String>;

    /// Makes a decided block the head, in one synced write: all of it or nothing. The block was accepted by
    /// [`validate`](Self::validate) or built by [`propose`](Self::propose), possibly by a process that has died since, so
    /// the outcome of its execution may have to be computed again. An error stops the node.
    fn commit(&self, block: Block, certificate: Certificate) -> anyhow::Result<()>;

    /// Hears of all precommits for the head that came until the next height began: those that decided it, and the later ones.
    fn finalized(&self, precommits: Certificate);

    /// Whether this node may take part in the height after the head; asked before each. An error stops the node.
    fn may_go_on(&self) -> anyhow::Result<()>;

    /// A committed block and why it is final, for peers that catch up.
    fn decided(&self, height: Height) -> Option<(Block, Certificate)>;

    /// The lowest height that [`decided`](Self::decided) answers for; 1 on an unpruned chain, even an empty one.
    fn earliest(&self) -> Height;
}
