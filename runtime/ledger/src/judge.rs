//! What a block may be: proposed, judged and committed on the head.

use crate::{Commit, Head, Storage, missing_blocks};
use primitives::{AccountId, BlockHash, Height, StateRoot, Timestamp};
use runtime::{
    Block, BlockError, Certificate, Context, Executed, Genesis, Header, KnownSignatures, NoneKnown, Transaction,
    assemble, execute_knowing, is_last_commit_due,
};
use staking::ValidatorSet;
use state::State;
use std::collections::BTreeMap;

/// How many different blocks of one height are kept executed; a round that needs more executes again.
const EXECUTIONS_KEPT: usize = 16;

/// A chain over a storage.
#[derive(Debug)]
pub struct Ledger<S: Storage> {
    storage: S,
    head: Head,
    epoch_length: u64,
    executions: BTreeMap<BlockHash, Execution<S::Prepared>>,
    /// What came of precommits for the head after those that decided it.
    precommits: Option<Certificate>,
}

/// A block's outcome, kept between vote and commit.
#[derive(Debug)]
struct Execution<P> {
    executed: Executed,
    root: StateRoot,
    prepared: P,
}

/// A block that was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Its number.
    pub height: Height,
    /// What came of it.
    pub executed: Executed,
}

/// Why a block is not voted for.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError<E> {
    /// It is not valid by itself, or not what execution gives.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// Its proposer decides no blocks now.
    #[error("its proposer {0} is not in the validator set")]
    Stranger(AccountId),
    /// It is for another place.
    #[error("it stands on {parent} and does not follow this node's head {head} of height {height}")]
    Elsewhere {
        /// What it stands on.
        parent: BlockHash,
        /// The head.
        head: BlockHash,
        /// The head's height.
        height: Height,
    },
    /// The storage fails.
    #[error("{0}")]
    Storage(E),
}

impl<S: Storage> Ledger<S> {
    /// The ledger over a storage whose newest block has the header `head`.
    pub fn over(storage: S, genesis: &Genesis, head: Header) -> Self {
        let epoch_length = genesis.chain.epoch_length;
        let head = Head::new(head, epoch_length);
        Self { storage, head, epoch_length, executions: BTreeMap::new(), precommits: None }
    }

    /// The newest block.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// What keeps it.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// Who decides the block at `height`; none when that is not known.
    pub fn validators(&self, height: Height) -> Option<ValidatorSet> {
        let backend = self.storage.state();
        let set = staking::queries::validator_set(&State::over(&*backend), height.epoch(self.epoch_length));
        (!set.validators.is_empty()).then_some(set)
    }

    /// Takes what came of precommits for the head after those that decided it, for the next block that is built here. What does not decide
    /// the head is left, and so is what no block brings, and what is no more than was kept with the head: signatures are verified only
    /// where that gains something.
    pub fn finalized(&mut self, precommits: Certificate) {
        let Head { header, hash, at } = &self.head;
        let is_of_head = (precommits.height, precommits.block) == (at.height, *hash);
        let decides = |set: ValidatorSet| precommits.verify(&header.chain_id, &set).is_ok();
        let is_wanted = is_of_head && self.is_last_commit_due() && self.are_more_than_kept(&precommits);
        if is_wanted && self.validators(at.height).is_some_and(decides) {
            self.precommits = Some(precommits);
        }
    }

    /// Whether there are more of them than were kept with their block.
    fn are_more_than_kept(&self, precommits: &Certificate) -> bool {
        let kept = self.storage.certificate(precommits.height).ok().flatten();
        kept.is_none_or(|kept| kept.signatures.len() < precommits.signatures.len())
    }

    fn is_last_commit_due(&self) -> bool {
        is_last_commit_due(&State::over(&*self.storage.state()), self.head.at.height.next())
    }

    /// What the next block brings of the precommits for the head: as many as came, else those that were kept with it.
    fn last_commit(&self) -> Result<Option<Certificate>, S::Error> {
        if !self.is_last_commit_due() {
            return Ok(None);
        }
        let height = self.head.at.height;
        let came = match &self.precommits {
            Some(came) => Some(came.clone()),
            None => self.storage.certificate(height)?,
        };
        let validators = self.validators(height).unwrap_or_default();
        Ok(came.map(|came| came.of_members(&validators)))
    }

    /// Builds the next block for a round of its height, from candidates whose signatures are known to be good, and keeps its
    /// execution.
    ///
    /// # Errors
    /// The storage fails.
    pub fn propose(
        &mut self,
        round: u32,
        time: Timestamp,
        proposer: AccountId,
        candidates: impl IntoIterator<Item = Transaction>,
    ) -> Result<Block, S::Error> {
        let followed = self.head.followed_by(proposer, time.max(self.head.at.time.next()));
        let (last_commit, missing) = (self.last_commit()?, missing_blocks(&self.storage, followed.height)?);
        let context = Context { last_commit, missing, ..followed };
        let (transactions, executed) = assemble(&*self.storage.state(), &context, round, candidates);
        let execution = self.prepare(executed)?;
        let header = Header::over(&context, &transactions, &execution.executed, execution.root);
        self.remember(header.hash(), execution);
        Ok(Block { header, last_commit: context.last_commit, transactions })
    }

    /// Executes a block on the head, once, and compares every field of its header with what execution gives.
    ///
    /// # Errors
    /// Why it is not voted for.
    pub fn judge(&mut self, block: &Block) -> Result<(), JudgeError<S::Error>> {
        self.judge_knowing(block, &NoneKnown)
    }

    /// The same, but for the signatures of transactions that are `known` to be good, which are not verified again.
    ///
    /// # Errors
    /// Why it is not voted for.
    pub fn judge_knowing(&mut self, block: &Block, known: &dyn KnownSignatures) -> Result<(), JudgeError<S::Error>> {
        // The hash is the header's: what was executed under it counts only for the transactions that the header commits to.
        block.require_body()?;
        if self.executions.contains_key(&block.hash()) {
            return Ok(());
        }
        let (time, parent) = (block.header.time, self.head.at.time);
        if time <= parent {
            return Err(BlockError::TimeNotAfterParent { time, parent }.into());
        }
        let followed = self.head.followed_by(block.header.proposer, time);
        let context = Context { last_commit: block.last_commit.clone(), ..followed };
        if self.validators(context.height).is_none_or(|set| set.power_of(&context.proposer).is_none()) {
            return Err(JudgeError::Stranger(context.proposer));
        }
        // The cheap comparison first: a block for another place is not executed.
        if (block.header.height, block.header.parent) != (context.height, context.parent) {
            let (head, height) = (self.head.hash, self.head.at.height);
            return Err(JudgeError::Elsewhere { parent: block.header.parent, head, height });
        }
        let missing = missing_blocks(&self.storage, context.height).map_err(JudgeError::Storage)?;
        let context = Context { missing, ..context };
        let executed = execute_knowing(&*self.storage.state(), &context, &block.transactions, known)?;
        let execution = self.prepare(executed).map_err(JudgeError::Storage)?;
        let expected = Header::over(&context, &block.transactions, &execution.executed, execution.root);
        block.header.require(&expected)?;
        self.remember(block.hash(), execution);
        Ok(())
    }

    /// What came of a block that was executed on the head, as long as that is kept.
    pub fn executed(&self, block: &BlockHash) -> Option<&Executed> {
        self.executions.get(block).map(|execution| &execution.executed)
    }

    /// Keeps a decided block, and makes it the head. One that was not judged here is judged first.
    ///
    /// # Errors
    /// A block that may not follow the head, or a storage that fails.
    pub fn commit(&mut self, block: Block, certificate: Certificate) -> Result<Committed, JudgeError<S::Error>> {
        let (height, hash) = (block.header.height, block.hash());
        self.judge(&block)?;
        let Some(Execution { executed, prepared, .. }) = self.executions.remove(&hash) else {
            state::corrupt("the execution of a block was just kept and is gone");
        };
        let epoch_end = if height.ends_epoch(self.epoch_length) { self.validators(height) } else { None };
        let facts = &executed.facts;
        let commit = Commit { block: &block, certificate: &certificate, facts, prepared, epoch_end };
        self.storage.commit(commit).map_err(JudgeError::Storage)?;
        self.executions.clear();
        self.precommits = None;
        self.head = Head::new(block.header, self.epoch_length);
        Ok(Committed { height, executed })
    }

    fn prepare(&self, executed: Executed) -> Result<Execution<S::Prepared>, S::Error> {
        let (root, prepared) = self.storage.prepare(executed.writes.clone())?;
        Ok(Execution { executed, root, prepared })
    }

    fn remember(&mut self, hash: BlockHash, execution: Execution<S::Prepared>) {
        if self.executions.len() >= EXECUTIONS_KEPT {
            self.executions.pop_first();
        }
        self.executions.insert(hash, execution);
    }
}
