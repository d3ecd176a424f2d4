//! A network that runs inside a test: a ledger in memory, whose every block is also held to the law of replay.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use ledger::{InMemory, Ledger};
use primitives::{AccountId, Amount, BuildHash, Digest, Epoch, Height, Moment, SecretKey, Signature, StateRoot};
pub use runtime::testing::*;
use runtime::{
    Call, Cause, Context, Error, Event, Executed, Fact, Genesis, Header, Lane, Motion, Payload, Transaction,
};
use runtime::{RUNNING, assemble, replay, testing};
use state::{Memory, State};
use std::collections::BTreeMap;

pub struct Network {
    pub genesis: Genesis,
    pub ledger: Ledger<InMemory>,
}

/// A block that was executed and committed.
pub struct Done {
    pub context: Context,
    pub transactions: Vec<Transaction>,
    pub executed: Executed,
    pub header: Header,
}

/// The lane of a call that is sent by who usually sends it.
fn lane_of(call: &Call) -> Lane {
    match call {
        Call::Releases(releases::Call::RecordInstall { .. } | releases::Call::Advertise(_))
        | Call::Staking(staking::Call::Evidence(_))
        | Call::Witnesses(witnesses::Call::Cosign { .. }) => Lane::Node,
        _ => Lane::Wallet,
    }
}

impl Done {
    /// What the transactions came to.
    pub fn outcomes(&self) -> Vec<Result<Event, Error>> {
        let by_transaction = |fact: &&Fact| matches!(fact.cause, Cause::Transaction { .. });
        self.executed.facts.iter().filter(by_transaction).map(|fact| fact.outcome.clone()).collect()
    }
}

impl Network {
    pub fn new(genesis: Genesis) -> Self {
        genesis.check().unwrap();
        Self { ledger: Ledger::in_memory(&genesis), genesis }
    }

    /// The state after the newest block, as it is stored.
    pub fn memory(&self) -> &Memory {
        &self.ledger.storage().state
    }

    pub fn state(&self) -> State<'_> {
        State::over(self.memory())
    }

    /// The root of that state.
    pub fn root(&self) -> StateRoot {
        self.ledger.head().header.state_root
    }

    /// The context of the next block.
    pub fn context(&self) -> Context {
        let next = testing::context(&self.genesis, self.ledger.head().at.height.0 + 1);
        let followed = self.ledger.head().followed_by(next.proposer, next.time);
        let missing = ledger::missing_blocks(self.ledger.storage(), followed.height).unwrap();
        Context { missing, ..followed }
    }

    /// The moment of the newest block.
    pub fn moment(&self) -> Moment {
        let (at, state) = (self.ledger.head().at, self.state());
        Moment::of(at, RUNNING.require(&state).ms, releases::queries::level_at(&state, at.epoch))
    }

    pub fn epoch(&self) -> Epoch {
        self.ledger.head().at.epoch
    }

    pub fn balance(&self, who: &AccountId) -> accounts::Account {
        accounts::queries::account(&self.state(), who)
    }

    /// What the account's wallet signs for a call, with the least fee.
    pub fn payload(&self, who: AccountId, nonce: u64, call: Call) -> Payload {
        let chain_id = self.genesis.chain.chain_id.clone();
        let expires_at = Height(self.ledger.head().at.height.0 + 5);
        let lane = Lane::Wallet;
        let payload = Payload { chain_id, account: who, lane, nonce, expires_at, fee: Amount::ZERO, call };
        let unsigned = Transaction { payload, signature: Signature([0; 64]) };
        Payload { fee: unsigned.least_fee(&self.state()), ..unsigned.payload }
    }

    /// The calls as transactions of the next block, with the right nonces and the least fees: in the node's lane what nodes send by
    /// themselves, in the wallet's all else.
    pub fn sign(&self, asked: &[(SecretKey, Call)]) -> Vec<Transaction> {
        let mut nonces: BTreeMap<(AccountId, Lane), u64> = BTreeMap::new();
        let mut sign = |(key, call): &(SecretKey, Call)| {
            let (account, lane) = (key.account(), lane_of(call));
            let nonce = nonces.entry((account, lane)).or_insert_with(|| self.balance(&account).nonce_in(lane));
            let payload = Payload { lane, ..self.payload(account, *nonce, call.clone()) };
            *nonce += 1;
            payload.sign(key)
        };
        asked.iter().map(&mut sign).collect()
    }

    /// Proposes a block of calls and commits it.
    pub fn block(&mut self, asked: &[(SecretKey, Call)]) -> Done {
        self.include(self.sign(asked))
    }

    /// The same with a block that takes as many of the calls as it may.
    pub fn full_block(&mut self, asked: &[(SecretKey, Call)]) -> Done {
        let (taken, _) = assemble(self.memory(), &self.context(), 0, self.sign(asked));
        self.include(taken)
    }

    /// Proposes a block of transactions and commits it. Holds every block to the law of replay.
    pub fn include(&mut self, transactions: Vec<Transaction>) -> Done {
        let (context, before) = (self.context(), self.memory().clone());
        let block = self.ledger.propose(0, context.time, context.proposer, transactions.clone()).unwrap();
        assert_eq!(block.transactions, transactions, "what may be executed is proposed");
        let header = block.header.clone();
        let decided = testing::certificate(&header, []);
        let executed = self.ledger.commit(block, decided).unwrap().executed;
        assert_eq!(replay(&before, &context, &executed.facts), executed.writes);
        Done { context, transactions, executed, header }
    }

    /// What a proposer builds from candidates in a round of the next height.
    pub fn propose(&mut self, round: u32, candidates: Vec<Transaction>) -> runtime::Block {
        let context = self.context();
        self.ledger.propose(round, context.time, context.proposer, candidates).unwrap()
    }

    /// Empty blocks up to and with the first of `epoch`; all that the clock brought.
    pub fn until(&mut self, epoch: u64) -> Vec<Fact> {
        let mut facts = Vec::new();
        while self.epoch() < Epoch(epoch) {
            facts.extend(self.block(&[]).executed.facts);
        }
        facts
    }
}

/// The call that proves that a validator prevoted two blocks of a height.
pub fn contradiction(network: &Network, index: u8, height: Height) -> Call {
    evidence(double_vote(&network.genesis.chain.chain_id, &validator(index), height))
}

/// What [`propose_sealed`] seals, signed by all that sign in the beginning.
pub fn secret(genesis: &Genesis, hash: BuildHash) -> releases::Manifest {
    let said = releases::Manifest { version: primitives::Text::new("1.4.1"), ..releases::Manifest::default() };
    signed_manifest(genesis, (hash, &platform()), said, &[0, 1, 2])
}

/// The call with which an account proposes a hash without saying what it is about.
pub fn propose_sealed(genesis: &Genesis, proposer: AccountId, hash: BuildHash, signers: u8, salt: Digest) -> Call {
    let mut vote = release_vote(genesis, hash, signers);
    vote.sealed = Some(secret(genesis, hash).seal(&proposer, &hash, &salt));
    testing::propose(vote)
}

/// The builds that a motion would approve, as far as it says.
pub fn builds_of(motion: &Motion) -> Vec<BuildHash> {
    match motion {
        Motion::Releases(releases::Motion::Approve(vote)) => vote.targets().map(|target| target.build_hash).collect(),
        _ => Vec::new(),
    }
}

/// The motion to approve a hash that some signers have signed.
pub fn approve_signed(genesis: &Genesis, hash: BuildHash, by: &[u8]) -> Motion {
    let signatures = attested(genesis, hash, &platform(), by);
    approve(releases::ReleaseVote { signatures, ..release_vote(genesis, hash, 0) })
}

/// The call to propose a motion on the routine track, which is voted on until an epoch and carried out so many epochs later.
pub fn propose_until(motion: Motion, voting_ends: u64, delay: u64) -> Call {
    propose_for(governance::TrackName::Routine, motion, Some(Epoch(voting_ends)), Some(delay))
}

/// The call to propose a motion on the expedited track.
pub fn propose_expedited(motion: Motion) -> Call {
    propose_on(governance::TrackName::Expedited, motion)
}

/// The call to propose a hash with the signatures of the first `signers` release signers.
pub fn propose(genesis: &Genesis, hash: BuildHash, signers: u8) -> Call {
    testing::propose(release_vote(genesis, hash, signers))
}
