//! A ledger in memory: for tests, benches and simulators.

use crate::{Commit, Ledger, Storage};
use primitives::{BlockHash, Height, StateRoot};
use runtime::{Block, Certificate, Genesis, Record};
use staking::ValidatorSet;
use state::tree::{MemoryTree, TreeError, TreeUpdate, update};
use state::{Backend, Memory, State, Writes, corrupt};

/// Everything since genesis: the state after the newest block, the tree of each height, and the blocks.
#[derive(Debug)]
pub struct InMemory {
    /// The state after the newest block.
    pub state: Memory,
    /// The tree of every height.
    pub tree: MemoryTree,
    /// By height; genesis is the first.
    pub blocks: Vec<KeptBlock>,
    epoch_length: u64,
}

/// A block as it is kept.
#[derive(Debug, Clone)]
pub struct KeptBlock {
    /// The block.
    pub block: Block,
    /// What came of it.
    pub record: Record,
    /// What decided it; genesis has none.
    pub certificate: Option<Certificate>,
    /// Who decided it.
    pub validators: ValidatorSet,
}

impl Ledger<InMemory> {
    /// A chain at height 0. Call [`Genesis::check`] first.
    pub fn in_memory(genesis: &Genesis) -> Self {
        let (mut tree, mut state, writes) = (MemoryTree::default(), Memory::default(), genesis.writes());
        let root = tree.commit(&writes).unwrap_or_else(|error| corrupt(&error.to_string()));
        state.commit(writes);
        let record = genesis.record(root);
        let header = record.header.clone();
        let block = Block { header: header.clone(), last_commit: None, transactions: Vec::new() };
        let first = KeptBlock { block, record, certificate: None, validators: genesis.validators() };
        let epoch_length = genesis.chain.epoch_length;
        let storage = InMemory { state, tree, blocks: vec![first], epoch_length };
        Ledger::over(storage, genesis, header)
    }
}

impl InMemory {
    /// The block of a height.
    pub fn at(&self, height: Height) -> Option<&KeptBlock> {
        self.blocks.get(usize::try_from(height.0).ok()?)
    }
}

impl Storage for InMemory {
    type Prepared = (Writes, TreeUpdate);
    type Error = TreeError;

    fn state(&self) -> Box<dyn Backend + '_> {
        Box::new(&self.state)
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, TreeError> {
        Ok(self.at(height).and_then(|kept| kept.certificate.clone()))
    }

    fn block_hash(&self, height: Height) -> Result<Option<BlockHash>, TreeError> {
        Ok(self.at(height).map(|kept| kept.block.hash()))
    }

    fn prepare(&self, writes: Writes) -> Result<(StateRoot, Self::Prepared), TreeError> {
        let update = update(&self.tree, &writes, self.tree.next_version())?;
        Ok((update.root, (writes, update)))
    }

    fn commit(&mut self, commit: Commit<'_, Self::Prepared>) -> Result<(), TreeError> {
        let Commit { block, certificate, facts, prepared: (writes, update), .. } = commit;
        let epoch = block.header.height.epoch(self.epoch_length);
        let validators = staking::queries::validator_set(&State::over(&self.state), epoch);
        self.tree.take(update, &writes);
        self.state.commit(writes);
        let record = Record { header: block.header.clone(), facts: facts.to_vec() };
        self.blocks.push(KeptBlock {
            block: block.clone(),
            record,
            certificate: Some(certificate.clone()),
            validators,
        });
        Ok(())
    }
}
