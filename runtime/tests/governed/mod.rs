//! A small network that a plan governs, the people who have its roles, and whatever they sign. Blocks come at any time, and each is
//! held to the law of replay.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod plan;
pub mod said;

use ::rollouts::RolloutsGenesis;
use ::rollouts::install::{RoleSeats, SegmentFill};
use accounts::Endowment;
use plan::{COHORT, HOUR, PLAN, list, name, text};
use primitives::{
    AccountId, Amount, ChangeId, Height, List, Moment, Name, ProposalId, ScopePattern, SecretKey, Signature, Timestamp,
};
use roles::{RoleKey, Seat};
use runtime::testing::{self, holder, validator};
use runtime::{Call, Context, Event, Fact, Genesis, Lane, Payload, Transaction, execute, moment_of, replay};
use state::{Memory, State};
use std::collections::BTreeMap;

/// Who submits changes and carries them out; it sits in the council too.
pub const COMMANDER: u8 = 0;
/// Who says how the network is; it sits in the council too.
pub const SRE: u8 = 1;
/// The council, where it has four members.
pub const COUNCIL: [u8; 4] = [COMMANDER, SRE, 2, 3];
/// Another who says how the network is.
pub const SECOND_SRE: u8 = 4;
/// Who has no role in the beginning.
pub const STRANGER: u8 = 5;
/// How many people there are.
pub const PEOPLE: u8 = 6;
/// How many validators there are, each with the same stake.
pub const VALIDATORS: u8 = 4;

pub fn person(index: u8) -> SecretKey {
    holder(index)
}

/// The key of one of the people.
pub fn key_behind(account: &AccountId) -> Option<SecretKey> {
    (0..PEOPLE).map(person).find(|key| key.account() == *account)
}

pub fn role_key(role: &str) -> RoleKey {
    RoleKey { plan: name(PLAN), role: name(role) }
}

pub fn seat(index: u8) -> Seat {
    Seat { account: person(index).account(), scopes: list([ScopePattern::everywhere()]) }
}

/// A network in which everybody has tokens, with epochs of so many blocks; a block adds an hour to the time that it ran, at most.
pub fn peopled(epoch_length: u64) -> Genesis {
    let mut genesis = testing::genesis();
    (genesis.chain.epoch_length, genesis.chain.most_block_ms) = (epoch_length, HOUR);
    let endowed = |index| Endowment { account: person(index).account(), balance: Amount(2_000_000) };
    let is_new = |new: &Endowment| !genesis.accounts.balances.iter().any(|old| old.account == new.account);
    let new: Vec<Endowment> = (0..PEOPLE).map(endowed).filter(is_new).collect();
    genesis.accounts.balances.extend(new);
    genesis
}

/// Who has the roles of the plan in the beginning.
pub fn seats(council: &[u8]) -> List<RoleSeats, 16> {
    let of = |role: &str, people: &[u8]| RoleSeats {
        role: name(role),
        seats: list(people.iter().map(|index| seat(*index))),
    };
    list([of("commander", &[COMMANDER]), of("council", council), of("sre", &[SRE, SECOND_SRE])])
}

/// Who is in the cohort in the beginning: the first validator.
pub fn cohort() -> List<SegmentFill, 64> {
    let members = list([text(&validator(0).account().to_string())]);
    list([SegmentFill { segment: name(COHORT), members }])
}

/// A network that a plan governs from its first block on, where a stage stands, with epochs of so many blocks.
pub fn governed(plan: ::rollouts::plan::Plan, stage: &str, council: &[u8], epoch_length: u64) -> Genesis {
    let sealer = (stage == "development").then(|| validator(0).account());
    let (members, segments, stage) = (seats(council), cohort(), Some(name(stage)));
    let rollouts = Some(Box::new(RolloutsGenesis { plan, members, segments, stage, sealer }));
    Genesis { rollouts, ..peopled(epoch_length) }
}

/// A chain in memory.
#[derive(Clone)]
pub struct Governed {
    pub genesis: Genesis,
    pub memory: Memory,
    pub height: Height,
    pub time: Timestamp,
}

/// A block that was made.
pub struct Made {
    /// What stood before it.
    pub before: Memory,
    pub context: Context,
    pub at: Moment,
    pub facts: Vec<Fact>,
}

impl Governed {
    pub fn new(genesis: Genesis) -> Self {
        genesis.check().unwrap();
        Self { memory: genesis.build(), height: Height(0), time: genesis.time, genesis }
    }

    pub fn state(&self) -> State<'_> {
        State::over(&self.memory)
    }

    /// The moment of the newest block.
    pub fn moment(&self) -> Moment {
        moment_of(&self.state(), self.height, self.time)
    }

    /// The moment of the next block, so many milliseconds later.
    pub fn next_moment(&self, gap_ms: u64) -> Moment {
        moment_of(&self.state(), self.height.next(), self.time.plus(gap_ms))
    }

    /// The number of a change of the plan that is so far back from its latest; none where there are fewer.
    pub fn change(&self, back: u64) -> Option<ChangeId> {
        let all: Vec<ChangeId> = ::rollouts::queries::changes_of(&self.state(), &name(PLAN), ChangeId(0)).collect();
        let back = usize::try_from(back).unwrap();
        all.iter().rev().nth(back).copied()
    }

    /// The keys of those who have a role, as far as they are people's.
    pub fn members(&self, role: &Name) -> Vec<SecretKey> {
        let key = RoleKey { plan: name(PLAN), role: role.clone() };
        let members = roles::queries::members(&self.state(), &key);
        members.iter().filter_map(|(account, _)| key_behind(account)).collect()
    }

    /// The number that the first proposal of an account has in the next block: what the clock opens there comes before it.
    pub fn next_proposal(&self, gap_ms: u64) -> ProposalId {
        let mut ahead = self.clone();
        ahead.block(gap_ms, &[]);
        governance::queries::next_id(&ahead.state())
    }

    /// Makes the next block, so many milliseconds later.
    pub fn block(&mut self, gap_ms: u64, asked: &[(SecretKey, Call)]) -> Made {
        self.block_with(gap_ms, &(0..VALIDATORS).map(validator).collect::<Vec<_>>(), asked)
    }

    /// The same with the precommits of some for the block before, where it brings them.
    pub fn block_with(&mut self, gap_ms: u64, present: &[SecretKey], asked: &[(SecretKey, Call)]) -> Made {
        let (height, time) = (self.height.next(), self.time.plus(gap_ms));
        let context = Context { height, time, ..testing::context(&self.genesis, height.0) };
        let context = testing::attended(&self.genesis, &self.state(), context, present);
        let transactions = signed(&self.genesis, &self.state(), height, asked);
        let before = self.memory.clone();
        let at = context.moment(&State::over(&before));
        let executed = execute(&before, &context, &transactions).unwrap();
        assert_eq!(replay(&before, &context, &executed.facts), executed.writes, "facts alone tell what was written");
        self.memory.commit(executed.writes);
        (self.height, self.time) = (height, time);
        Made { before, context, at, facts: executed.facts }
    }
}

impl Made {
    /// What stood once the first so many facts had happened.
    pub fn after(&self, facts: usize) -> Memory {
        let mut memory = self.before.clone();
        memory.commit(replay(&self.before, &self.context, &self.facts[..facts]));
        memory
    }

    /// What happened to plans and changes.
    pub fn of_changes(&self) -> impl Iterator<Item = &::rollouts::Event> {
        self.facts.iter().filter_map(|fact| match &fact.outcome {
            Ok(Event::Rollouts(event)) => Some(event),
            _ => None,
        })
    }
}

/// The calls as transactions of a block of some height, with the right nonces and the least fees.
pub fn signed(genesis: &Genesis, state: &State, height: Height, asked: &[(SecretKey, Call)]) -> Vec<Transaction> {
    let calls = asked.iter().map(|(key, call)| (key.account(), call.clone()));
    let drafts = unsigned(genesis, state, height, calls);
    asked.iter().zip(drafts).map(|((key, _), draft)| draft.payload.sign(key)).collect()
}

/// The same, signed by nobody: whoever builds a block takes what it knows to be signed.
pub fn unsigned(
    genesis: &Genesis,
    state: &State,
    height: Height,
    asked: impl IntoIterator<Item = (AccountId, Call)>,
) -> Vec<Transaction> {
    let mut nonces: BTreeMap<AccountId, u64> = BTreeMap::new();
    let mut draft = |(account, call)| {
        let next = nonces.entry(account).or_insert_with(|| accounts::queries::account(state, &account).nonce);
        let nonce = *next;
        *next += 1;
        let (chain_id, fee) = (genesis.chain.chain_id.clone(), Amount::ZERO);
        let (lane, expires_at) = (Lane::Wallet, height.plus(5));
        let payload = Payload { chain_id, account, lane, nonce, expires_at, fee, call };
        let mut draft = Transaction { payload, signature: Signature([0; 64]) };
        draft.payload.fee = draft.least_fee(state);
        draft
    };
    asked.into_iter().map(&mut draft).collect()
}
