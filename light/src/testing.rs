//! A chain in memory that makes tickets, for tests, benches, examples and simulators.

use crate::{Anchor, BlockProof, FactInBlock, FactProof, MAX_HOPS, SignedHeader, Ticket, route};
use accounts::Endowment;
use ledger::{InMemory, KeptBlock, Ledger};
use parity_scale_codec::Encode as _;
use primitives::{Amount, BuildHash, Digest, Height, List, SecretKey, StateRoot};
use releases::queries::{levels_key, minimum_sequence_key, release_key};
use runtime::{Call, Certificate, Fact, Genesis, Header, Lane, Payload, Record, Transaction, testing};
use staking::{GenesisBond, ValidatorSet};
use state::tree::{MemoryTree, prove};
use state::{State, StateProof, Writes, corrupt};
use tlog::testing::AllHashes;
use tlog::{BlockLeaf, Frontier, prove_inclusion};
use witnesses::BlockLog;
use witnesses::queries::log_key;

/// A network whose validators are those of [`runtime::testing`], or of given keys, and whose every block is kept.
pub struct TestChain {
    /// What it started from.
    pub genesis: Genesis,
    /// Every header since height 1.
    pub headers: Vec<SignedHeader>,
    ledger: Ledger<InMemory>,
    keys: Vec<SecretKey>,
}

impl TestChain {
    /// A chain of one block, whose validators are four of the testing keys.
    pub fn new(genesis: Genesis) -> Self {
        Self::with_keys(genesis, (0..16).map(testing::validator).collect())
    }

    /// A chain of one block; `keys` hold those of every validator there will be.
    pub fn with_keys(genesis: Genesis, keys: Vec<SecretKey>) -> Self {
        let ledger = Ledger::in_memory(&genesis);
        let mut chain = Self { genesis, headers: Vec::new(), ledger, keys };
        chain.block(&[]);
        chain
    }

    /// A chain of 25 blocks whose `count` validators have equal power; at most a hundred.
    pub fn of_validators(count: u8) -> Self {
        let keys: Vec<SecretKey> =
            (0..count).map(|index| SecretKey::from_seed(&[index.wrapping_add(100); 32])).collect();
        let mut genesis = testing::genesis();
        genesis.staking.params.max_validators = 100;
        let balance = Amount(2_000_000);
        genesis.accounts.balances.extend(keys.iter().map(|key| Endowment { account: key.account(), balance }));
        let bond = |who| GenesisBond { account: who, validator: who, amount: Amount(1_000_000) };
        genesis.staking.bonds = keys.iter().map(|key| bond(key.account())).collect();
        let mut chain = Self::with_keys(genesis, keys);
        chain.until(25);
        chain
    }

    /// The newest header.
    pub fn head(&self) -> &SignedHeader {
        self.headers.last().unwrap_or_else(|| corrupt("a chain has a block"))
    }

    /// The number of blocks.
    pub fn height(&self) -> Height {
        Height(self.headers.len() as u64)
    }

    /// Two chains of one genesis and the same validators, up to and with `height`, which differ from the second block on.
    pub fn forked(genesis: &Genesis, height: u64) -> [Self; 2] {
        let (mut one, mut other) = (Self::new(genesis.clone()), Self::new(genesis.clone()));
        let pay = accounts::Call::Transfer { to: testing::holder(1).account(), amount: Amount(1) };
        other.block(&[(testing::holder(0), Call::Accounts(pay))]);
        one.until(height);
        other.until(height);
        [one, other]
    }

    /// Blocks without transactions, up to and with `height`.
    pub fn until(&mut self, height: u64) {
        while self.height() < Height(height) {
            self.block(&[]);
        }
    }

    /// One more block, of calls that are paid for.
    pub fn block(&mut self, asked: &[(SecretKey, Call)]) -> Vec<Fact> {
        let mut transactions: Vec<Transaction> = Vec::new();
        for (key, call) in asked {
            let sent = transactions.iter().filter(|sent| sent.payload.account == key.account()).count();
            transactions.push(self.transaction(key, sent as u64, call));
        }
        // Some set has decided the chain's first block, though none of these keys need be in it.
        let validators = self.ledger.validators(self.height().next()).unwrap_or_default();
        let proposer = validators.validators.first().map_or_else(|| testing::validator(0).account(), |v| v.account);
        let at = testing::context(&self.genesis, self.height().next().0);
        let block = self.ledger.propose(0, at.time, proposer, transactions);
        let block = block.unwrap_or_else(|error| corrupt(&error.to_string()));
        let (header, certificate) = (block.header.clone(), self.certificate(&block.header, &validators));
        let committed = self.ledger.commit(block, certificate.clone());
        let facts = committed.unwrap_or_else(|error| corrupt(&error.to_string())).executed.facts;
        self.headers.push(SignedHeader { header, certificate, validators });
        facts
    }

    /// The blocks since height 1, as they are kept.
    pub fn blocks(&self) -> &[KeptBlock] {
        self.ledger.storage().blocks.get(1..).unwrap_or_default()
    }

    /// The state after the newest block.
    pub fn state(&self) -> State<'_> {
        State::over(&self.ledger.storage().state)
    }

    /// What came of a block, with the precommits that decided it; none when there is none at this height.
    pub fn record(&self, height: Height) -> Option<(Record, Certificate)> {
        let kept = self.ledger.storage().at(height)?;
        Some((kept.record.clone(), kept.certificate.clone()?))
    }

    /// The leaf that a block is in the tree of blocks, genesis among them; none when there is no block of this height.
    pub fn leaf(&self, height: Height) -> Option<BlockLeaf> {
        let block = self.ledger.storage().at(height)?.block.header.hash();
        Some(BlockLeaf { height, block })
    }

    /// A fact of a block under the block's own header, for a verifier that trusts genesis alone; none when there is no such fact.
    pub fn direct_proof(&self, height: Height, index: u64) -> Option<FactProof> {
        let (record, _) = self.record(height)?;
        let own = self.headers.iter().find(|signed| signed.height() == height)?.clone().trimmed();
        let proof = BlockProof::Direct { hops: self.hops_to(&own), head: own };
        Some(FactProof { fact: FactInBlock::of(&record, index)?, proof })
    }

    /// A fact of a block under a block beside the newest, whose state has little but the tree of all blocks before it; none when there is
    /// no such fact. For a verifier that trusts genesis alone.
    pub fn tree_proof(&self, height: Height, index: u64) -> Option<FactProof> {
        let log = self.log();
        let other = (b"example/other".to_vec(), Some(vec![1]));
        let writes = Writes::from([(log_key().to_vec(), Some(log.encode())), other]);
        let mut tree = MemoryTree::default();
        let root = tree.commit(&writes).unwrap_or_else(|error| corrupt(&error.to_string()));
        let proof = prove(&tree, log_key(), 0).unwrap_or_else(|error| corrupt(&error.to_string()));
        let head = self.beside_head(root).trimmed();
        let hashes = AllHashes::over(self.leaf_hashes());
        let inclusion = prove_inclusion(&hashes, height.0, log.frontier.size()).ok()??;
        let (record, _) = self.record(height)?;
        let proof = BlockProof::Tree { hops: self.hops_to(&head), head, log: proof, inclusion };
        Some(FactProof { fact: FactInBlock::of(&record, index)?, proof })
    }

    /// The tree of all blocks before the newest.
    pub fn log(&self) -> BlockLog {
        let mut frontier = Frontier::default();
        self.leaf_hashes().for_each(|leaf| frontier.append(leaf));
        BlockLog { frontier, last: self.height().minus(1) }
    }

    fn leaf_hashes(&self) -> impl Iterator<Item = Digest> {
        (0..self.height().0).filter_map(|height| self.leaf(Height(height))).map(|leaf| leaf.hash())
    }

    /// A block beside the newest, with the same height, whose state has this root and which every known key decides.
    pub fn beside_head(&self, state_root: StateRoot) -> SignedHeader {
        let SignedHeader { header, validators, .. } = self.head().clone();
        let header = Header { state_root, ..header };
        let certificate = self.certificate(&header, &validators);
        SignedHeader { header, certificate, validators }
    }

    /// The headers that lead trust from genesis to one of them.
    pub fn hops_to(&self, goal: &SignedHeader) -> List<SignedHeader, MAX_HOPS> {
        let ends =
            self.headers.iter().filter(|signed| signed.height().ends_epoch(self.genesis.chain.epoch_length)).cloned();
        let hops = route(&Anchor::genesis(&self.genesis), ends.map(SignedHeader::trimmed), goal);
        let hops = hops.unwrap_or_else(|error| corrupt(&error.to_string()));
        List::try_from(hops).unwrap_or_else(|_| corrupt("a ticket has fewer headers"))
    }

    /// The ticket of a build for a verifier that trusts genesis alone.
    pub fn ticket(&self, build: BuildHash) -> Ticket {
        let head = self.head().clone().trimmed();
        Ticket {
            hops: self.hops_to(&head),
            approval: self.proof(&release_key(&build)),
            minimum_sequence: self.proof(minimum_sequence_key()),
            levels: self.proof(levels_key()),
            head,
        }
    }

    /// The proof of a key after the newest block.
    pub fn proof(&self, key: &[u8]) -> StateProof {
        let proof = prove(&self.ledger.storage().tree, key, self.height().0);
        proof.unwrap_or_else(|error| corrupt(&error.to_string()))
    }

    /// Every precommit that the known keys give.
    pub fn certificate(&self, header: &Header, validators: &ValidatorSet) -> Certificate {
        let members = self.keys.iter().filter(|key| validators.power_of(&key.account()).is_some());
        testing::certificate(header, members)
    }

    fn transaction(&self, key: &SecretKey, sent: u64, call: &Call) -> Transaction {
        let account = key.account();
        let nonce = accounts::queries::account(&self.state(), &account).nonce.saturating_add(sent);
        let fee = Amount(1_000);
        let chain_id = self.genesis.chain.chain_id.clone();
        let expires_at = self.height().plus(5);
        Payload { chain_id, account, lane: Lane::Wallet, nonce, expires_at, fee, call: call.clone() }.sign(key)
    }
}
