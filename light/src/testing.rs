//! A chain in memory that makes tickets, for tests, benches, examples and simulators.

use crate::{Anchor, SignedHeader, Ticket, route};
use accounts::Endowment;
use primitives::{Amount, BlockHash, BuildHash, Height, List, SecretKey};
use releases::storage::{APPROVED, MINIMUM_SEQUENCE};
use runtime::{Call, Certificate, Context, Fact, Genesis, Header, Payload, Record, Transaction};
use runtime::{VoteKind, execute, testing, vote_payload};
use staking::GenesisBond;
use staking::ValidatorSet;
use state::tree::{MemoryTree, prove};
use state::{Memory, State, StateProof, corrupt};

/// A network whose validators are those of [`runtime::testing`], or of given keys, and whose every block is kept.
pub struct Chain {
    /// What it started from.
    pub genesis: Genesis,
    /// Its state after the newest block.
    pub memory: Memory,
    /// Every header since height 1.
    pub headers: Vec<SignedHeader>,
    /// The transactions of each block.
    pub bodies: Vec<Vec<Transaction>>,
    /// What came of each block.
    pub facts: Vec<Vec<Fact>>,
    first_parent: BlockHash,
    tree: MemoryTree,
    keys: Vec<SecretKey>,
}

impl Chain {
    /// A chain of one block, whose validators are four of the testing keys.
    pub fn new(genesis: Genesis) -> Self {
        Self::with_keys(genesis, (0..16).map(testing::validator).collect())
    }

    /// A chain of one block; `keys` hold those of every validator there will be.
    pub fn with_keys(genesis: Genesis, keys: Vec<SecretKey>) -> Self {
        let memory = genesis.build();
        let mut tree = MemoryTree::default();
        let root = tree.commit(&genesis.writes()).unwrap_or_else(|error| corrupt(&error.to_string()));
        let first_parent = genesis.header(root).hash();
        let (headers, bodies, facts) = Default::default();
        let mut chain = Self { genesis, memory, headers, bodies, facts, first_parent, tree, keys };
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
        let parent = self.headers.last().map_or(self.first_parent, |signed| signed.header.hash());
        let context = Context { parent, ..testing::context(&self.genesis, self.height().next().0) };
        let executed =
            execute(&self.memory, &context, &transactions).unwrap_or_else(|error| corrupt(&error.to_string()));
        let validators = staking::queries::validator_set(
            &State::over(&self.memory),
            context.height.epoch(self.genesis.chain.epoch_length),
        );
        let root = self.tree.commit(&executed.writes).unwrap_or_else(|error| corrupt(&error.to_string()));
        let header = Header::over(&context, &transactions, &executed, root);
        let certificate = self.certificate(&header, &validators);
        self.headers.push(SignedHeader { header, certificate, validators });
        self.memory.commit(executed.writes);
        self.bodies.push(transactions);
        self.facts.push(executed.facts.clone());
        executed.facts
    }

    /// What came of a block, with the precommits that decided it; none when there is none at this height.
    pub fn record(&self, height: Height) -> Option<(Record, Certificate)> {
        let index = usize::try_from(height.0.checked_sub(1)?).ok()?;
        let SignedHeader { header, certificate, .. } = self.headers.get(index)?.clone();
        Some((Record { header, facts: self.facts.get(index)?.clone() }, certificate))
    }

    /// The ticket of a build for a verifier that trusts genesis alone.
    pub fn ticket(&self, build: BuildHash) -> Ticket {
        let head = self.head().clone().trimmed();
        let ends = self.headers.iter().filter(|signed| self.ends_an_epoch(signed.height())).cloned();
        let hops = route(&Anchor::genesis(&self.genesis), ends.map(SignedHeader::trimmed), &head);
        Ticket {
            hops: List::truncate_from(hops.unwrap_or_else(|error| corrupt(&error.to_string()))),
            approval: self.proof(&APPROVED.key(&build)),
            minimum_sequence: self.proof(MINIMUM_SEQUENCE.key()),
            head,
        }
    }

    /// The proof of a key after the newest block.
    pub fn proof(&self, key: &[u8]) -> StateProof {
        prove(&self.tree, key, self.height().0).unwrap_or_else(|error| corrupt(&error.to_string()))
    }

    /// Every precommit that the known keys give.
    pub fn certificate(&self, header: &Header, validators: &ValidatorSet) -> Certificate {
        let (height, block) = (header.height, header.hash());
        let payload = vote_payload(&header.chain_id, VoteKind::Precommit, height, 0, Some(block));
        let members = self.keys.iter().filter(|key| validators.power_of(&key.account()).is_some());
        let signatures = members.map(|key| (key.account(), key.sign(&payload))).collect();
        Certificate { height, round: 0, block, signatures: List::truncate_from(signatures) }
    }

    fn ends_an_epoch(&self, height: Height) -> bool {
        let length = self.genesis.chain.epoch_length;
        height.epoch(length) != height.next().epoch(length)
    }

    fn transaction(&self, key: &SecretKey, sent: u64, call: &Call) -> Transaction {
        let state = State::over(&self.memory);
        let account = key.account();
        let nonce = accounts_nonce(&state, &account).saturating_add(sent);
        let fee = Amount(1_000);
        let chain_id = self.genesis.chain.chain_id.clone();
        let expires_at = self.height().plus(5);
        Payload { chain_id, account, nonce, expires_at, fee, call: call.clone() }.sign(key)
    }
}

fn accounts_nonce(state: &State, account: &primitives::AccountId) -> u64 {
    accounts::queries::account(state, account).nonce
}
