//! A network that runs inside a test: a ledger in memory, whose every block is also held to the law of replay.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use ledger::{InMemory, Ledger};
use primitives::{AccountId, Amount, BuildHash, Digest, Epoch, Height, ProposalId, SecretKey, Signature, StateRoot};
use releases::InstallStage;
use runtime::{Call, Cause, Context, Error, Event, Executed, Fact, Genesis, Header, Motion, Payload, Transaction};
use runtime::{assemble, execute, replay, testing};
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
        self.ledger.head().followed_by(next.proposer, next.time)
    }

    pub fn epoch(&self) -> Epoch {
        self.ledger.head().at.epoch
    }

    pub fn balance(&self, who: &AccountId) -> accounts::Account {
        accounts::queries::account(&self.state(), who)
    }

    /// What the account signs for a call, with the least fee.
    pub fn payload(&self, who: AccountId, nonce: u64, call: Call) -> Payload {
        let chain_id = self.genesis.chain.chain_id.clone();
        let expires_at = Height(self.ledger.head().at.height.0 + 5);
        let payload = Payload { chain_id, account: who, nonce, expires_at, fee: Amount::ZERO, call };
        let unsigned = Transaction { payload, signature: Signature([0; 64]) };
        Payload { fee: unsigned.least_fee(&self.state()), ..unsigned.payload }
    }

    /// The calls as transactions of the next block, with the right nonces and the least fees.
    pub fn sign(&self, asked: &[(SecretKey, Call)]) -> Vec<Transaction> {
        let mut nonces: BTreeMap<AccountId, u64> = BTreeMap::new();
        let mut sign = |(key, call): &(SecretKey, Call)| {
            let nonce = nonces.entry(key.account()).or_insert_with(|| self.balance(&key.account()).nonce);
            let payload = self.payload(key.account(), *nonce, call.clone());
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
        let context = self.context();
        // The ledger keeps facts; the laws also ask what was written.
        let executed = execute(self.memory(), &context, &transactions).unwrap();
        assert_eq!(replay(self.memory(), &context, &executed.facts), executed.writes);
        let block = self.ledger.propose(0, context.time, context.proposer, transactions.clone()).unwrap();
        assert_eq!(block.transactions, transactions, "what may be executed is proposed");
        let header = block.header.clone();
        let decided = testing::certificate(&header, []);
        let committed = self.ledger.commit(block, decided).unwrap();
        assert_eq!(committed.facts, executed.facts, "what is committed is what execution gives");
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

pub fn transfer(to: &SecretKey, amount: u64) -> Call {
    Call::Accounts(accounts::Call::Transfer { to: to.account(), amount: Amount(amount) })
}

pub fn bond(amount: u64) -> Call {
    Call::Staking(staking::Call::Bond { amount: Amount(amount) })
}

pub fn delegate(validator: AccountId, amount: u64) -> Call {
    Call::Staking(staking::Call::Delegate { validator, amount: Amount(amount) })
}

pub fn unbond(validator: AccountId, amount: u64) -> Call {
    Call::Staking(staking::Call::Unbond { validator, amount: Amount(amount) })
}

/// The call that proves that a validator prevoted two blocks of a height.
pub fn double_vote(network: &Network, index: u8, height: Height) -> Call {
    prove(testing::double_vote(&network.genesis.chain.chain_id, &testing::validator(index), height))
}

/// The call that proves an offence.
pub fn prove(offence: staking::Offence) -> Call {
    Call::Staking(staking::Call::Evidence(Box::new(offence)))
}

pub fn unjail() -> Call {
    Call::Staking(staking::Call::Unjail)
}

pub fn vote(id: u64, choice: governance::Choice, reason: Option<&str>) -> Call {
    let reason = reason.and_then(governance::Reason::new);
    Call::Governance(governance::Call::Vote { proposal_id: ProposalId(id), choice, reason })
}

pub fn withdraw(id: u64) -> Call {
    Call::Governance(governance::Call::Withdraw { proposal_id: ProposalId(id) })
}

pub fn install(build_hash: BuildHash) -> Call {
    report(build_hash, InstallStage::Booted)
}

/// The call with which a node says how far a build has come on it.
pub fn report(build_hash: BuildHash, stage: InstallStage) -> Call {
    Call::Releases(releases::Call::RecordInstall { build_hash, stage })
}

/// What [`propose_sealed`] seals.
pub fn secret() -> releases::Manifest {
    releases::Manifest { version: primitives::Text::new("1.4.1"), ..releases::Manifest::default() }
}

/// The call with which an account proposes a hash without saying what it is about.
pub fn propose_sealed(genesis: &Genesis, proposer: AccountId, hash: BuildHash, signers: u8, salt: Digest) -> Call {
    let mut vote = testing::release_vote(genesis, hash, signers);
    vote.sealed = Some(secret().seal(&proposer, &hash, &salt));
    testing::propose(vote)
}

/// The call to say what the sealed proposal of an account is about.
pub fn reveal(proposer: AccountId, build_hash: BuildHash, salt: Digest) -> Call {
    Call::Releases(releases::Call::Reveal { build_hash, proposer, manifest: Box::new(secret()), salt })
}

/// The call with which an account says that it built a build from source.
pub fn attest_rebuild(build_hash: BuildHash) -> Call {
    Call::Releases(releases::Call::AttestRebuild { build_hash, source_hash: None, source_commit: None })
}

pub fn approve(vote: releases::ReleaseVote) -> Motion {
    Motion::Releases(releases::Motion::Approve(Box::new(vote)))
}

/// The motion to revoke builds.
pub fn revoke(hashes: &[BuildHash]) -> Motion {
    let (build_hashes, reason) = (primitives::List::truncate_from(hashes.to_vec()), Default::default());
    Motion::Releases(releases::Motion::Revoke { build_hashes, reason })
}

/// The call to propose an end of support on the routine track.
pub fn end_support(build_hash: BuildHash, epoch: u64) -> Call {
    let motion = releases::Motion::EndSupport { build_hash, epoch: Epoch(epoch) };
    testing::propose_on(governance::TrackName::Routine, Motion::Releases(motion))
}

/// The motion to let no release below a number run.
pub fn raise_minimum(minimum: u64) -> Motion {
    Motion::Releases(releases::Motion::RaiseMinimumSequence { minimum, reason: Default::default() })
}

/// The motion to stop a proposal.
pub fn cancel(id: u64) -> Motion {
    Motion::Governance(governance::Intervention::Cancel { proposal_id: ProposalId(id), reason: Default::default() })
}

/// The motion to replace the roster, approved by some signers.
pub fn set_roster(genesis: &Genesis, roster: releases::Roster, approving: &[u8]) -> Motion {
    Motion::Releases(releases::Motion::SetRoster(Box::new(testing::roster_change(genesis, roster, approving))))
}

/// A roster of some signers.
pub fn roster(version: u64, signers: &[u8], threshold: u32) -> releases::Roster {
    let keys = signers.iter().map(|index| testing::signer(*index).public()).collect();
    releases::Roster { version, signers: primitives::List::truncate_from(keys), threshold }
}

/// The call with which a signer takes its own key out of the roster.
pub fn leave_roster(genesis: &Genesis, index: u8, version: u64) -> Call {
    let (key, chain_id) = (testing::signer(index), &genesis.chain.chain_id);
    let signature = key.sign(&releases::leave_message(chain_id, key.public(), version));
    Call::Releases(releases::Call::LeaveRoster { signer: key.public(), version, signature })
}

/// The call to propose a motion on the expedited track.
pub fn propose_expedited(motion: Motion) -> Call {
    testing::propose_on(governance::TrackName::Expedited, motion)
}

/// The call to propose a hash with the signatures of the first `signers` release signers.
pub fn propose(genesis: &Genesis, hash: BuildHash, signers: u8) -> Call {
    testing::propose(testing::release_vote(genesis, hash, signers))
}
