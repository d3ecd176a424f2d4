//! A chain in memory under the plan of `config/profiles/chain.toml`, whose blocks come when a story says so, and every one of which is held
//! to the law of replay.
//!
//! Four validators have a key each and equal stake; whoever has a role of the plan has another ([`people`](crate::people)). An epoch has
//! ten blocks, and one block adds an hour to the time that the chain has run, at most: so two days are 48 blocks, and a chain that
//! [stands](Network::stand) for thirty hours runs for one. The network begins on a Monday at midnight, in UTC.
#![allow(dead_code, reason = "each story uses a part of it")]

use crate::founding::accounts_of;
use crate::made::{MadeBlock, code};
use crate::people::{Asked, member};
use flags::{Gate, Gates, Targeting};
use governance::{Choice, TrackName};
use primitives::{
    AccountId, Amount, BlockHash, ChangeId, Epoch, Height, List, Moment, Name, Path, ProposalId, SecretKey, Timestamp,
};
use profiles::Loaded;
use roles::RoleKey;
use rollouts::change::{ChangeProgress, Effect, EffectTo, FlagSide, digest_of_members};
use rollouts::queries::{self, ChangeLabel};
use rollouts::verdict::ListVerdict;
use runtime::testing::{CountedRows, attended, propose_for, validator, vote};
use runtime::{Context, Error, Event, Fact, Genesis, Lane, Motion, Payload, Transaction, execute, replay};
use state::{Memory, State};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tests::explorer::repository;

/// What the plan is called.
pub const PLAN: &str = "chain";
/// Milliseconds.
pub const SECOND: u64 = 1_000;
/// Milliseconds.
pub const MINUTE: u64 = 60 * SECOND;
/// Milliseconds, and how much one block adds to the running time at most.
pub const HOUR: u64 = 60 * MINUTE;
/// Milliseconds.
pub const DAY: u64 = 24 * HOUR;
/// When the network begins: Monday, 1 January 2024, 00:00 in UTC.
pub const MONDAY: u64 = 1_704_067_200_000;
/// How many validators bond in genesis.
pub const VALIDATORS: u8 = 4;
/// How many more accounts have tokens to become one, behind those.
pub const NEWCOMERS: u8 = 4;
/// Who decides blocks alone where the network begins without a quorum.
pub const SEALER: u8 = 1;

/// The plan of `config/profiles/chain.toml`, read once.
pub fn chain_plan() -> &'static Loaded {
    static LOADED: LazyLock<Loaded> = LazyLock::new(|| {
        let root = repository();
        profiles::load(&root.join("config/profiles/chain.toml"), &root).unwrap()
    });
    &LOADED
}

/// A name that is one.
pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// The chain.
pub struct Network {
    /// What it started from.
    pub genesis: Genesis,
    /// Where its newest block stands.
    pub at: Moment,
    /// Whose precommits come in time, as far as they decide blocks.
    pub present: Vec<SecretKey>,
    memory: Memory,
}

/// Blocks, and the time in which they come.
impl Network {
    /// One that begins with a genesis without a mistake.
    pub fn new(genesis: Genesis) -> Self {
        genesis.check().unwrap();
        let at =
            Moment { height: Height(0), epoch: Epoch(0), time: genesis.time, running: 0, level: genesis.chain.level };
        let present = (0..VALIDATORS + NEWCOMERS).map(validator).collect();
        Self { memory: genesis.build(), genesis, at, present }
    }

    /// The state after the newest block.
    pub fn state(&self) -> State<'_> {
        State::over(&self.memory)
    }

    /// The same as something to read from, which counts how much is read.
    pub fn counted(&self) -> CountedRows<'_> {
        CountedRows::of(&self.memory)
    }

    /// The same as it is stored.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Where a block stands that comes so many milliseconds after the newest one.
    pub fn next_context(&self, after_ms: u64) -> Context {
        let context = Context {
            chain_id: self.genesis.chain.chain_id.clone(),
            height: self.at.height.next(),
            time: self.at.time.plus(after_ms),
            proposer: validator(SEALER).account(),
            parent: BlockHash::NONE,
            last_commit: None,
            missing: Vec::new(),
        };
        attended(&self.genesis, &self.state(), context, &self.present)
    }

    /// A block so many milliseconds after the one before, with what is asked in it.
    pub fn block(&mut self, after_ms: u64, asked: &[Asked]) -> MadeBlock {
        assert!(after_ms > 0, "a block is later than the one before");
        let context = self.next_context(after_ms);
        let (transactions, at) = (self.sign(asked), context.moment(&self.state()));
        let executed = execute(&self.memory, &context, &transactions).unwrap();
        let replayed = replay(&self.memory, &context, &executed.facts);
        assert_eq!(replayed, executed.writes, "its facts give what it wrote");
        self.memory.commit(executed.writes);
        self.at = at;
        MadeBlock { at, facts: executed.facts, next_validators_hash: executed.next_validators_hash }
    }

    fn sign(&self, asked: &[Asked]) -> Vec<Transaction> {
        let state = self.state();
        let mut nonces: BTreeMap<AccountId, u64> = BTreeMap::new();
        let sign = |(key, call): &Asked| {
            let account = key.account();
            let next = nonces.entry(account).or_insert_with(|| accounts::queries::account(&state, &account).nonce);
            let nonce = *next;
            *next += 1;
            let (chain_id, expires_at) = (self.genesis.chain.chain_id.clone(), self.at.height.plus(5));
            Payload { chain_id, account, lane: Lane::Wallet, nonce, expires_at, fee: Amount(1_000), call: call.clone() }
                .sign(key)
        };
        asked.iter().map(sign).collect()
    }

    /// What comes of one call, in a block a second later.
    #[allow(clippy::result_large_err, reason = "it is what the fact has")]
    pub fn ask(&mut self, asked: Asked) -> Result<Event, Error> {
        self.ask_after(SECOND, asked)
    }

    /// What comes of one call, in a block so many milliseconds later.
    #[allow(clippy::result_large_err, reason = "it is what the fact has")]
    pub fn ask_after(&mut self, after_ms: u64, asked: Asked) -> Result<Event, Error> {
        self.block(after_ms, &[asked]).outcomes().remove(0)
    }

    /// The same, which has to be granted.
    pub fn granted(&mut self, asked: Asked) -> Event {
        self.ask(asked).unwrap_or_else(|refusal| panic!("refused: {refusal}"))
    }

    /// Calls in a block a second later, each of which has to be granted.
    pub fn all_granted(&mut self, asked: &[Asked]) -> MadeBlock {
        let block = self.block(SECOND, asked);
        let refused: Vec<String> =
            block.outcomes().iter().filter_map(|outcome| Some(outcome.as_ref().err()?.to_string())).collect();
        assert_eq!(refused, Vec::<String>::new());
        block
    }

    /// The refusal of a call in a block a second later, which has to be of that code.
    pub fn refused(&mut self, asked: Asked, expected: &str) -> Error {
        let outcome = self.ask(asked);
        assert_eq!(code(&outcome), expected, "{outcome:?}");
        outcome.unwrap_err()
    }

    /// Empty blocks for exactly so long, an hour apart where that is possible: everything that came of it.
    pub fn wait(&mut self, ms: u64) -> Vec<Fact> {
        let (mut facts, mut left) = (Vec::new(), ms);
        while left > 0 {
            let step = left.min(HOUR);
            facts.extend(self.block(step, &[]).facts);
            left -= step;
        }
        facts
    }

    /// Empty blocks until one stands at a block time; none when one does.
    pub fn wait_until(&mut self, time: Timestamp) -> Vec<Fact> {
        self.wait(time.0.checked_sub(self.at.time.0).expect("that moment is over"))
    }

    /// Empty blocks until the chain has run for so many milliseconds since genesis.
    pub fn run_until(&mut self, running: u64) -> Vec<Fact> {
        self.wait(running.checked_sub(self.at.running).expect("it has run for longer"))
    }

    /// One empty block, before which the chain stood for so long.
    pub fn stand(&mut self, ms: u64) -> MadeBlock {
        self.block(ms, &[])
    }

    /// Empty blocks, a second apart, up to and with the first of an epoch that has not begun.
    pub fn begin(&mut self, epoch: u64) -> Vec<Fact> {
        assert!(self.at.epoch < Epoch(epoch), "epoch {epoch} has begun");
        let mut facts = Vec::new();
        while self.at.epoch < Epoch(epoch) {
            facts.extend(self.block(SECOND, &[]).facts);
        }
        facts
    }

    /// Empty blocks until the next one is the last before an epoch.
    pub fn wait_before(&mut self, epoch: u64) -> Vec<Fact> {
        let length = self.genesis.chain.epoch_length;
        let mut facts = Vec::new();
        while self.at.height.plus(2).epoch(length) < Epoch(epoch) {
            facts.extend(self.block(SECOND, &[]).facts);
        }
        facts
    }

    /// Empty blocks, a second apart, up to and with the first that is so many epochs later.
    pub fn epochs(&mut self, count: u64) -> Vec<Fact> {
        self.begin(self.at.epoch.0 + count)
    }

    /// When the next window begins on one of some days, counted from Monday as 0, at a full hour in UTC. It is more than two hours ahead,
    /// so that something can be done before.
    pub fn next_window(&self, days: &[u64], hour: u64) -> Timestamp {
        let soonest = self.at.time.0 + 2 * HOUR;
        let week = (soonest - MONDAY) / (7 * DAY);
        let begins = |week: u64| days.iter().map(move |day| MONDAY + (week * 7 + day) * DAY + hour * HOUR);
        let later = begins(week).chain(begins(week + 1)).filter(|begin| *begin > soonest);
        Timestamp(later.min().unwrap())
    }
}

/// What can be asked of it.
impl Network {
    /// Where a change stands.
    pub fn progress(&self, change: ChangeId) -> ChangeProgress {
        queries::progress(&self.state(), change).unwrap()
    }

    /// The word for that.
    pub fn label(&self, change: ChangeId) -> ChangeLabel {
        queries::label(&self.state(), self.at, change).unwrap()
    }

    /// What all that a change asks before it is carried out comes to.
    pub fn list(&self, change: ChangeId) -> ListVerdict {
        queries::list_of(&self.state(), self.at, change).unwrap()
    }

    /// What all that a change owes comes to.
    pub fn duties(&self, change: ChangeId) -> ListVerdict {
        queries::duties_of(&self.state(), self.at, change).unwrap()
    }

    /// The keys of what keeps a change from being carried out.
    pub fn unmet(&self, change: ChangeId) -> Vec<String> {
        self.list(change).unmet().map(|finding| finding.key.to_string()).collect()
    }

    /// The keys of what a change still owes.
    pub fn owed(&self, change: ChangeId) -> Vec<String> {
        self.duties(change).unmet().map(|finding| finding.key.to_string()).collect()
    }

    /// The poll that a change waits for: on its approval, or the first on what it owes.
    pub fn poll(&self, change: ChangeId) -> ProposalId {
        let progress = self.progress(change);
        let of_duty = progress.owed().find_map(|duty| duty.poll);
        if progress.state.waits() { progress.poll.unwrap() } else { of_duty.unwrap() }
    }

    /// The gates that are on.
    pub fn gates(&self) -> Gates {
        Gates::of(&self.state())
    }

    /// Whether a gate is on for anybody.
    pub fn is_on(&self, gate: Gate) -> bool {
        self.gates().is_on(gate)
    }

    /// The change that freezes the network, if one does.
    pub fn frozen(&self) -> Option<ChangeId> {
        queries::frozen(&self.state(), self.at, &name(PLAN)).map(|(change, _)| change)
    }

    /// The change that pauses others, if one does.
    pub fn paused(&self) -> Option<ChangeId> {
        queries::paused(&self.state(), self.at, &name(PLAN), &Path::ROOT).map(|(change, _)| change)
    }

    /// The last stage that stands, by what change.
    pub fn standing(&self) -> (String, ChangeId) {
        let (stage, standing) = queries::standing(&self.state(), &name(PLAN)).unwrap();
        (stage.to_string(), standing.change)
    }

    /// How a gate stands.
    pub fn side(&self, gate: &str) -> FlagSide {
        let (state, plan, gate) = (self.state(), name(PLAN), name(gate));
        FlagSide {
            targeting: flags::queries::setting(&state, &plan, &gate, &Path::ROOT).map(|setting| setting.targeting),
            disabled: flags::queries::disabled(&state, &plan, &gate, &Path::ROOT).is_some(),
        }
    }

    /// Who decides blocks in an epoch that is elected.
    pub fn deciding(&self, epoch: Epoch) -> Vec<AccountId> {
        let set = staking::queries::validator_set(&self.state(), epoch);
        set.validators.iter().map(|member| member.account).collect()
    }

    /// The effect that lifts a disabling, written against what stands.
    pub fn enabling(&self, gate: &str) -> Effect {
        self.moving(gate, EffectTo::Enabled)
    }

    /// The effect that has a gate on or off for everybody, written against what stands.
    pub fn setting(&self, gate: &str, on: bool) -> Effect {
        let defined = flags::queries::flag(&self.state(), &name(PLAN), &name(gate)).unwrap();
        let place = defined.flag.place_of(&name(if on { "on" } else { "off" })).unwrap();
        self.moving(gate, EffectTo::Setting(Targeting::constant(place)))
    }

    fn moving(&self, gate: &str, to: EffectTo) -> Effect {
        Effect::Flag { flag: name(gate), path: Path::ROOT, to, was: self.side(gate).digest() }
    }

    /// The effect that has validators come into a segment, written against who is in it.
    pub fn joining(&self, segment: &str, nodes: &[u8]) -> Effect {
        let members = flags::queries::segment(&self.state(), &name(PLAN), &name(segment)).unwrap();
        let nodes: Vec<AccountId> = nodes.iter().map(|index| validator(*index).account()).collect();
        let (add, remove) = (accounts_of(&nodes), List::new());
        Effect::Segment { name: name(segment), add, remove, was: digest_of_members(&members) }
    }
}

/// Those who decide.
impl Network {
    /// The number of a change that is submitted, and whose poll is open if it has one.
    pub fn submitted(&mut self, asked: Asked) -> ChangeId {
        let id = match self.granted(asked) {
            Event::Rollouts(rollouts::Event::Submitted { change, .. }) => change.id,
            other => panic!("it submits nothing: {other:?}"),
        };
        self.block(SECOND, &[]);
        id
    }

    /// Members of the council, the first ones, vote alike on what a change waits for, in one block; the next one counts them.
    pub fn council(&mut self, change: ChangeId, members: u8, choice: Choice) -> MadeBlock {
        let poll = self.poll(change);
        let ballots: Vec<Asked> = (0..members).map(|index| member(index).votes(poll, choice)).collect();
        self.all_granted(&ballots);
        self.block(SECOND, &[])
    }

    /// How many members of the council are two thirds of it, rounded up.
    pub fn two_thirds(&self) -> u8 {
        let key = RoleKey { plan: name(PLAN), role: name("governance_council") };
        let members = u64::from(roles::queries::head(&self.state(), &key).count);
        u8::try_from((2 * members).div_ceil(3)).unwrap()
    }

    /// All validators propose something on the expedited track and vote for it; everything that comes up to the block that carries it out.
    pub fn stake_decides(&mut self, motion: Motion) -> Vec<Fact> {
        let activation = self.stake_asks(motion);
        self.begin(activation)
    }

    /// The same without the wait: the epoch in whose first block it is carried out.
    pub fn stake_asks(&mut self, motion: Motion) -> u64 {
        let poll = governance::queries::latest(&self.state()).next();
        let mut asked = vec![(validator(0), propose_for(TrackName::Expedited, motion, None, None))];
        asked.extend((0..VALIDATORS).map(|index| (validator(index), vote(poll.0, Choice::Yes, None))));
        self.all_granted(&asked);
        governance::queries::poll(&self.state(), poll).activation_epoch.0
    }
}
