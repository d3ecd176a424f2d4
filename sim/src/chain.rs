//! The real chain, over memory: blocks are proposed, judged, committed, and held to the laws of the runtime.

use crate::keys::{Role, key};
use crate::network::Network;
use ledger::{Commit, Committed, Ledger, Storage, missing_blocks};
use primitives::{AccountId, Amount, BlockHash, Epoch, Fraction, Height, SecretKey, Signature, StateRoot, Timestamp};
use runtime::{Block, Call, Certificate, Context, Genesis, Header, Lane, Payload, Transaction, replay};
use staking::ValidatorSet;
use state::tree::{Nodes, TreeError, TreeNode, TreePlace, TreeUpdate, update};
use state::{Backend, Memory, State, Writes};
use std::collections::BTreeMap;
use std::time::Duration;

/// A chain that grows by a block whenever it is asked to.
#[derive(Debug)]
pub struct Chain {
    /// Whether every block is also judged by a ledger that did not build it, as by another validator. It executes each a second time.
    pub judged: bool,
    ledger: Ledger<Newest>,
    genesis: Genesis,
    keys: BTreeMap<AccountId, SecretKey>,
    /// The next nonce of those who signed since the last block, in each lane.
    nonces: BTreeMap<(AccountId, Lane), u64>,
    supply: Amount,
}

impl Chain {
    /// The chain of a network, at height 0.
    pub fn begin(network: &Network) -> Self {
        let genesis = network.genesis.clone();
        let (storage, header) = Newest::begin(&genesis);
        let ledger = Ledger::over(storage, &genesis, header);
        let keys = (0..network.validators.len() as u64).map(|index| key(Role::Validator, index));
        let keys = keys.map(|key| (key.account(), key)).collect();
        let mut chain = Self { judged: false, ledger, genesis, keys, nonces: BTreeMap::new(), supply: Amount::ZERO };
        chain.supply = chain.ask(rewards::queries::supply);
        chain
    }

    /// What it began with.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The newest block.
    pub fn head(&self) -> &ledger::Head {
        self.ledger.head()
    }

    /// The time of the newest block.
    pub fn time(&self) -> Timestamp {
        self.head().at.time
    }

    /// The number of the newest block.
    pub fn height(&self) -> Height {
        self.head().at.height
    }

    /// The epoch of the newest block.
    pub fn epoch(&self) -> Epoch {
        self.height().epoch(self.epoch_length())
    }

    /// How many blocks an epoch has.
    pub fn epoch_length(&self) -> u64 {
        self.genesis.chain.epoch_length
    }

    /// Asks something of the state after the newest block.
    pub fn ask<T>(&self, question: impl FnOnce(&State<'_>) -> T) -> T {
        question(&State::over(&self.ledger.storage().state))
    }

    /// Who decides the next block.
    pub fn validators(&self) -> ValidatorSet {
        self.ledger.validators(self.height().next()).unwrap_or_else(|| self.genesis.validators())
    }

    /// A call of a wallet, after those that it signed since the last block, for the least fee, and for as long as it may wait.
    pub fn sign(&mut self, key: &SecretKey, call: Call) -> Transaction {
        self.sign_in(Lane::Wallet, key, call)
    }

    /// The same in a lane that is given.
    pub fn sign_in(&mut self, lane: Lane, key: &SecretKey, call: Call) -> Transaction {
        let account = key.account();
        let nonce = match self.nonces.get(&(account, lane)) {
            Some(nonce) => *nonce,
            None => self.ask(|state| accounts::queries::account(state, &account).nonce_in(lane)),
        };
        self.nonces.insert((account, lane), nonce.saturating_add(1));
        let lifetime = self.genesis.chain.limits.max_transaction_lifetime;
        let expires_at = self.height().plus(lifetime);
        let chain_id = self.genesis.chain.chain_id.clone();
        let mut payload = Payload { chain_id, account, lane, nonce, expires_at, fee: Amount::ZERO, call };
        // What is asked for hangs on the size, which hangs on the fee: twice is enough.
        for _ in 0..2 {
            let draft = Transaction { payload: payload.clone(), signature: Signature([0; 64]) };
            payload.fee = self.ask(|state| draft.least_fee(state));
        }
        payload.sign(key)
    }

    /// The next block, so long after the newest one, by the validator of a number: of these transactions, what may be in it.
    ///
    /// # Errors
    /// Which law of the runtime is broken, in a sentence.
    pub fn block(
        &mut self,
        after: Duration,
        proposer: usize,
        transactions: Vec<Transaction>,
    ) -> Result<Committed, String> {
        self.nonces.clear();
        let after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX).max(1);
        let (time, proposer) = (self.time().plus(after_ms), key(Role::Validator, proposer as u64).account());
        let proposed = self.ledger.propose(0, time, proposer, transactions);
        let block = proposed.map_err(|error| format!("the state's tree cannot be read: {error}"))?;
        let height = block.header.height;
        if self.judged {
            self.require_judged(&block)?;
        }
        let certificate = runtime::testing::certificate(&block.header, self.deciding());
        let committed = self.ledger.commit(block, certificate);
        let committed = committed.map_err(|error| format!("block {height} is refused by who built it: {error}"))?;
        self.require_laws(committed)
    }

    /// What another validator says of a block, which has the state that this one has.
    fn require_judged(&self, block: &Block) -> Result<(), String> {
        let (state, head) = (self.ledger.storage().clone(), self.head().header.clone());
        let judged = Ledger::over(state, &self.genesis, head).judge(block);
        judged.map_err(|error| format!("block {} is refused by another validator: {error}", block.header.height))
    }

    /// So many validators as decide a block, the first ones of their set.
    fn deciding(&self) -> Vec<&SecretKey> {
        let set = self.validators();
        let (total, mut power, mut deciding) = (set.total_power(), Amount::ZERO, Vec::new());
        for validator in set.validators.iter() {
            if Fraction::TWO_THIRDS.is_exceeded(power, total) {
                break;
            }
            let Some(key) = self.keys.get(&validator.account) else { continue };
            power = power.saturating_add(validator.power);
            deciding.push(key);
        }
        deciding
    }

    fn require_laws(&self, committed: Committed) -> Result<Committed, String> {
        let height = committed.height;
        if self.ledger.storage().replayed_otherwise == Some(height) {
            return Err(format!("the facts of block {height} are replayed to another state than it wrote"));
        }
        let supply = self.ask(rewards::queries::supply);
        if supply != self.supply {
            return Err(format!("block {height} makes the supply {supply}, which was {}", self.supply));
        }
        Ok(committed)
    }
}

/// What keeps the newest state and its tree, and nothing before.
#[derive(Debug, Clone)]
struct Newest {
    state: Memory,
    tree: NewestTree,
    next: u64,
    /// The hash of every block, by height.
    hashes: Vec<BlockHash>,
    /// What decided the newest block.
    certificate: Option<Certificate>,
    /// The last height whose facts were replayed to something else than it wrote.
    replayed_otherwise: Option<Height>,
}

#[derive(Debug, Clone, Default)]
struct NewestTree(BTreeMap<TreePlace, TreeNode>);

impl Nodes for NewestTree {
    fn node(&self, place: &TreePlace) -> Result<Option<TreeNode>, TreeError> {
        Ok(self.0.get(place).cloned())
    }
}

impl NewestTree {
    fn take(&mut self, update: TreeUpdate) {
        self.0.extend(update.nodes);
        for place in update.stale {
            self.0.remove(&place);
        }
    }
}

impl Newest {
    fn begin(genesis: &Genesis) -> (Self, Header) {
        let (mut state, mut tree, writes) = (Memory::default(), NewestTree::default(), genesis.writes());
        let first = update(&tree, &writes, 0).unwrap_or_else(|error| state::corrupt(&error.to_string()));
        let root = first.root;
        tree.take(first);
        state.commit(writes);
        let header = genesis.header(root);
        let hashes = vec![header.hash()];
        (Self { state, tree, next: 1, hashes, certificate: None, replayed_otherwise: None }, header)
    }
}

impl Storage for Newest {
    type Prepared = (Writes, TreeUpdate);
    type Error = TreeError;

    fn state(&self) -> Box<dyn Backend + '_> {
        Box::new(&self.state)
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, TreeError> {
        Ok(self.certificate.clone().filter(|certificate| certificate.height == height))
    }

    fn block_hash(&self, height: Height) -> Result<Option<BlockHash>, TreeError> {
        Ok(usize::try_from(height.0).ok().and_then(|height| self.hashes.get(height)).copied())
    }

    fn prepare(&self, writes: Writes) -> Result<(StateRoot, Self::Prepared), TreeError> {
        let update = update(&self.tree, &writes, self.next)?;
        Ok((update.root, (writes, update)))
    }

    fn commit(&mut self, commit: Commit<'_, Self::Prepared>) -> Result<(), TreeError> {
        let Commit { block, certificate, facts, prepared: (writes, update), .. } = commit;
        self.certificate = Some(certificate.clone());
        // Before they are written: a replay begins with the state before the block.
        let missing = missing_blocks(&*self, block.header.height)?;
        if replay(&self.state, &Context { missing, ..Context::of(block) }, facts) != writes {
            self.replayed_otherwise = Some(block.header.height);
        }
        self.tree.take(update);
        self.state.commit(writes);
        self.hashes.push(block.hash());
        self.next += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_each_other_take_what_may_be_in_them_and_keep_the_laws() {
        let network = Network::small();
        let mut chain = Chain { judged: true, ..Chain::begin(&network) };
        assert_eq!((chain.height(), chain.validators().validators.len()), (Height(0), 7));
        let (from, to) = (key(Role::Validator, 0), key(Role::Stranger, 0).account());
        let pay = |amount| runtime::testing::transfer(to, amount);
        let payments = [chain.sign(&from, pay(5)), chain.sign(&from, pay(6))];
        let committed = chain.block(Duration::from_secs(1), 1, payments.to_vec()).unwrap();
        assert_eq!((committed.height, committed.executed.facts.len()), (Height(1), 2));
        assert_eq!(chain.ask(|state| accounts::queries::account(state, &to).free), Amount(11));
        assert_eq!(chain.time(), network.genesis.time.plus(1_000));
        // What is not for now is left out.
        assert_eq!(chain.block(Duration::ZERO, 2, payments.to_vec()).unwrap().executed.facts.len(), 0);
        let next = chain.sign(&from, pay(1));
        assert_eq!(next.payload.nonce, 2);
        for _ in 0..30 {
            chain.block(Duration::from_secs(1), 3, vec![]).unwrap();
        }
        assert_eq!(chain.epoch(), Epoch(3));
    }

    #[test]
    fn enough_keys_sign_and_no_more() {
        let chain = Chain::begin(&Network::small());
        let (set, deciding) = (chain.validators(), chain.deciding());
        let power = |keys: &[&SecretKey]| -> u64 {
            keys.iter().filter_map(|key| set.power_of(&key.account())).map(|power| power.0).sum()
        };
        let total = set.total_power().0;
        assert!(power(&deciding) * 3 > total * 2);
        assert!(power(&deciding[..deciding.len() - 1]) * 3 <= total * 2);
    }
}
