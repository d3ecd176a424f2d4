//! A small network that a plan governs. Ann commands, Ben answers for the operation, and both sit in the council with Cat; Dan has
//! tokens and nothing else. A validator with a key of its own has all the stake.

use super::found::nobody_is_passed_over;
use crate::change::{ChangeDraft, ChangeProgress, ChangeRequest, Effect, EffectTo, FlagSide};
use crate::genesis::RolloutsGenesis;
use crate::install::RoleSeats;
use crate::install::SegmentFill;
use crate::plan::{Nature, Plan};
use crate::queries::{ChangeLabel, label, progress};
use crate::statement::{Statement, StatementOutcome, StatementSubject};
use crate::tests::sample::{GATES, PROMOTE, SET, list, name, names, node, step, word};
use crate::tests::sample::{MAINNET, TESTNET};
use crate::{Call, Error, Event, Motion, check::Refs, due_of_guests, due_of_node, effects, polls};
use flags::Targeting;
use governance::{Choice, GovernanceGenesis, GovernanceParams, IndexKey, PollRules, Shortfall, Track, TrackName};
use parity_scale_codec::{Decode, Encode};
use primitives::{
    AccountId, Amount, ChainId, ChangeId, Digest, Epoch, Fraction, Height, List, Mandate, Moment, Path, ProposalId,
    Reason, ReleaseClass, ScopePattern, SecretKey, Span, Text, Timestamp,
};
use roles::{Grant, Member, RoleKey, Seat};
use state::{Apply as _, Decide as _, Enact, Memory, State};

pub(super) const ANN: AccountId = AccountId([1; 32]);
pub(super) const BEN: AccountId = AccountId([2; 32]);
pub(super) const CAT: AccountId = AccountId([3; 32]);
pub(super) const DAN: AccountId = AccountId([4; 32]);
pub(super) const HOUR: u64 = 3_600_000;
pub(super) const DAY: u64 = 24 * HOUR;
/// Noon of a Tuesday, in the window of every day.
const NOON: u64 = 1_699_963_200_000;
pub(super) const TOKENS: Amount = Amount(1_000_000);

/// The validator.
pub(super) fn validator() -> SecretKey {
    SecretKey::from_seed(&[9; 32])
}

/// A motion of this pallet, as a runtime has it.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub(super) struct Asked(pub Motion);

/// Why something is refused, as a runtime has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refused {
    Vote(governance::Error),
    Change(Error),
}

impl From<governance::Error> for Refused {
    fn from(error: governance::Error) -> Self {
        Self::Vote(error)
    }
}

impl Enact for Asked {
    type Event = Event;
    type Error = Refused;

    fn admit(&self, state: &State, at: Moment, activation: Epoch) -> Result<(), Refused> {
        self.0.admit(state, at, activation).map_err(Refused::Change)
    }

    fn votable(&self, state: &State, at: Moment, voter: AccountId) -> Result<(), Refused> {
        self.0.votable(state, at, voter).map_err(Refused::Change)
    }

    fn enact(&self, state: &State, at: Moment, mandate: &Mandate) -> Result<Event, Refused> {
        self.0.enact(state, at, mandate).map_err(Refused::Change)
    }

    fn tracks(&self, state: &State) -> &'static [TrackName] {
        self.0.tracks(state)
    }

    fn order(&self) -> u8 {
        self.0.order()
    }
}

impl governance::Motion for Asked {
    fn index_keys(&self) -> Vec<IndexKey> {
        Vec::new()
    }

    fn lacks(&self, _: &State, _: ProposalId, _: Moment, _: Epoch) -> Option<Shortfall> {
        None
    }
}

pub(super) struct Chain<'m> {
    pub state: State<'m>,
    pub at: Moment,
}

/// The sample with short lists: a promotion asks whether CI is green, and the council; and owes an audit in words.
pub(super) fn plan() -> Plan {
    let mut plan = node();
    let kinds = ["promote", "demote", "set", "disable", "freeze"];
    let actions = kinds.iter().flat_map(|kind| ["submit", "execute", "close"].map(|what| format!("{kind}.{what}")));
    let mut grants: Vec<Grant> =
        actions.map(|action| Grant { action: name(&action), scope: ScopePattern::everywhere() }).collect();
    grants.push(Grant { action: name("announce"), scope: ScopePattern::everywhere() });
    let commander = plan.roles.iter_mut().find(|(role, _)| role.as_str() == "commander").unwrap();
    commander.1.grants = list(grants);
    let audit = plan.checks.iter_mut().find(|check| check.key.as_str() == "audit").unwrap();
    audit.ask = word(Refs::Any);
    plan.stages[TESTNET].readiness = names(&["ci"]);
    plan.stages[TESTNET].leave = list([]);
    plan.stages[MAINNET].close = list([]);
    plan.stages[MAINNET].steps = list([step("deploy", &["deployed"]), step("look", &["ci"])]);
    plan.procedures[PROMOTE].approve = names(&["council"]);
    plan.procedures[PROMOTE].execute_within = Span::days(60);
    plan.procedures[SET].execute_within = Span::days(14);
    plan
}

fn track() -> Track {
    Track {
        deposit: Amount(10),
        least_window: 2,
        most_window: 5,
        least_delay: 1,
        most_delay: 4,
        quorum: Fraction::TWO_THIRDS,
        support: Fraction::TWO_THIRDS,
    }
}

fn seats(role: &str, accounts: &[AccountId]) -> RoleSeats {
    let seat = |account: &AccountId| Seat { account: *account, scopes: list([ScopePattern::everywhere()]) };
    RoleSeats { role: name(role), seats: list(accounts.iter().map(seat)) }
}

impl<'m> Chain<'m> {
    /// A network that the plan governs, where a stage stands.
    pub fn at_stage(memory: &'m Memory, plan: Plan, stage: &str) -> Self {
        let at = Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(NOON), running: 0, level: 0 };
        let mut chain = Self { state: State::over(memory), at };
        chain.begin_stake(stage == "development");
        let genesis = RolloutsGenesis {
            plan,
            members: list([seats("commander", &[ANN]), seats("council", &[ANN, BEN, CAT]), seats("sre", &[BEN])]),
            segments: list([SegmentFill {
                segment: name("cohort"),
                members: list([Text::new(CAT.to_string()).unwrap()]),
            }]),
            stage: Some(name(stage)),
            sealer: None,
        };
        genesis.events().for_each(|event| event.apply(&mut chain.state, at));
        chain
    }

    /// The plan of these stories, where testnet stands.
    pub fn begin(memory: &'m Memory) -> Self {
        Self::at_stage(memory, plan(), "testnet")
    }

    fn begin_stake(&mut self, is_sealed: bool) {
        let (state, at, validator) = (&mut self.state, self.at, validator().account());
        for account in [ANN, BEN, CAT, DAN, validator] {
            accounts::Event::Endowed { account, amount: TOKENS }.apply(state, at);
        }
        let params = staking::StakingParams {
            max_validators: 9,
            minimum_bond: Amount(10),
            minimum_delegation: Amount(1),
            unbonding_epochs: 3,
            remembered_epochs: 90,
            penalties: staking::PenaltyParams::default(),
        };
        let bonds = vec![staking::GenesisBond { account: validator, validator, amount: Amount(1_000) }];
        let stake = staking::StakingGenesis { params, bonds };
        let sealer = is_sealed.then_some(validator);
        stake.events(&ChainId::default(), 10, 9, sealer).for_each(|event| event.apply(state, at));
        let params = GovernanceParams {
            proposer_stake: Amount(100),
            max_live_proposals: 6,
            routine: track(),
            expedited: track(),
        };
        GovernanceGenesis { params }.events::<Asked>().for_each(|event| event.apply(state, at));
    }

    /// What comes of a call.
    pub fn call(&mut self, who: AccountId, call: &Call) -> Result<Event, Error> {
        let event = call.decide(&self.state, self.at, who)?;
        event.apply(&mut self.state, self.at);
        Ok(event)
    }

    /// The number of a change that Ann submits.
    pub fn submit(&mut self, draft: ChangeDraft) -> Result<ChangeId, Error> {
        match self.call(ANN, &submits("commander", draft))? {
            Event::Submitted { change, .. } => Ok(change.id),
            other => panic!("{other:?}"),
        }
    }

    pub fn execute(&mut self, change: ChangeId) -> Result<Event, Error> {
        self.call(ANN, &executes(change))
    }

    pub fn close(&mut self, change: ChangeId) -> Result<Event, Error> {
        self.call(ANN, &Call::Close { plan: name("chain"), acting: name("commander"), change })
    }

    /// Ben says that a check of a change passed.
    pub fn say(&mut self, key: &str, change: ChangeId) {
        self.call(BEN, &states(key, change, StatementOutcome::Passed)).unwrap();
    }

    pub fn vote(&mut self, who: AccountId, proposal_id: ProposalId, choice: Choice) -> Result<(), Refused> {
        let reason = Reason::new("it is well");
        let call = governance::Call::<Asked>::Vote { proposal_id, choice, reason };
        call.decide(&self.state, self.at, who)?.apply(&mut self.state, self.at);
        Ok(())
    }

    /// Ben and Cat vote alike on what a change waits for, and the next block counts it.
    pub fn council(&mut self, change: ChangeId, choice: Choice) -> Vec<Event> {
        let poll = self.open_poll(change);
        for who in [BEN, CAT] {
            self.vote(who, poll, choice).unwrap();
        }
        self.block()
    }

    /// The poll that a change waits for.
    pub fn open_poll(&self, change: ChangeId) -> ProposalId {
        let progress = self.progress(change);
        let of_duty = progress.owed().find_map(|duty| duty.poll);
        if progress.state.waits() { progress.poll.unwrap() } else { of_duty.unwrap() }
    }

    /// A change that is approved and may be carried out.
    pub fn approved(&mut self, draft: ChangeDraft) -> ChangeId {
        let change = self.submit(draft).unwrap();
        self.block();
        self.council(change, Choice::Yes);
        self.epochs(4);
        change
    }

    pub fn progress(&self, change: ChangeId) -> ChangeProgress {
        progress(&self.state, change).unwrap()
    }

    pub fn label(&self, change: ChangeId) -> ChangeLabel {
        label(&self.state, self.at, change).unwrap()
    }

    pub fn held(&self, who: AccountId) -> Amount {
        accounts::queries::account(&self.state, &who).held
    }

    pub fn is_on(&self, gate: flags::Gate) -> bool {
        flags::Gates::of(&self.state).is_on(gate)
    }

    /// The next block, at the same time.
    pub fn block(&mut self) -> Vec<Event> {
        self.later(0)
    }

    /// The next block, so many milliseconds later.
    pub fn later(&mut self, millis: u64) -> Vec<Event> {
        self.at.height = self.at.height.next();
        (self.at.time, self.at.running) = (self.at.time.plus(millis), self.at.running + millis);
        self.clock()
    }

    /// The first block so many epochs later.
    pub fn epochs(&mut self, count: u64) -> Vec<Event> {
        self.at.epoch = self.at.epoch.plus(count);
        self.block()
    }

    /// What the clock brings, in the order of a runtime.
    fn clock(&mut self) -> Vec<Event> {
        let (state, at, mut events) = (&mut self.state, self.at, Vec::new());
        for event in governance::due::<Asked>(state, at, 1_000) {
            event.apply(state, at);
        }
        for proposal in governance::activate::<Asked>(state, at, 1_000) {
            let (proposal_id, passed) = (proposal.id, proposal.vote_deadline_epoch);
            let mandate = Mandate { proposal_id, proposer: proposal.proposer, proposed: proposal.created, passed };
            match proposal.motion.enact(state, at, &mandate) {
                Ok(event) => {
                    event.apply(state, at);
                    events.push(event);
                    governance::Event::<Asked>::Activated { proposal_id }.apply(state, at);
                    crate::apply::carried_out(state, proposal_id);
                }
                Err(_) => cancel(state, at, proposal_id),
            }
        }
        for of_plans in [due_of_node, due_of_guests] {
            loop {
                nobody_is_passed_over(state, at);
                let next = of_plans(state, at, 1_000);
                if next.is_empty() {
                    break;
                }
                next.iter().for_each(|event| event.apply(state, at));
                events.extend(next);
            }
        }
        while let Some(polls::DuePoll { proposer, motion, rules }) = polls::next_poll(state, at) {
            let opened = governance::open(state, at, proposer, Asked(motion.clone()), rules);
            opened.apply(state, at);
            let poll = governance::queries::latest(state);
            crate::apply::opened(state, &motion, poll);
        }
        for poll in polls::needless_polls(state, 1_000) {
            cancel(state, at, poll);
        }
        events
    }

    /// From now on an account has a role within a pattern, and all are told that a runtime tells of it.
    pub fn seat(&mut self, key: &RoleKey, account: AccountId, scope: &str) {
        let (state, at) = (&mut self.state, self.at);
        let version = roles::queries::head(state, key).version + 1;
        let member = Member { scopes: list([scope.parse().unwrap()]), joined: version };
        roles::Event::MemberCame { key: key.clone(), version, account, member, by: None }.apply(state, at);
        governance::apply::recount(state, at, key);
        crate::apply::members_changed(state, key);
    }

    /// The rules of the poll that is opened next.
    pub fn next_rules(&self) -> Option<PollRules> {
        polls::next_poll(&self.state, self.at).map(|poll| poll.rules)
    }

    /// That a gate is set to a variant, against what stands now.
    pub fn setting(&self, gate: &str, variant: u8) -> Effect {
        let was = effects::side(&self.state, &name("chain"), &name(gate), &Path::ROOT).digest();
        let to = EffectTo::Setting(Targeting::constant(variant));
        Effect::Flag { flag: name(gate), path: Path::ROOT, to, was }
    }

    /// The effect that takes a disabling away.
    pub fn enabling(&self, gate: &str) -> Effect {
        let side: FlagSide = effects::side(&self.state, &name("chain"), &name(gate), &Path::ROOT);
        Effect::Flag { flag: name(gate), path: Path::ROOT, to: EffectTo::Enabled, was: side.digest() }
    }
}

pub(super) fn cancel(state: &mut State, at: Moment, proposal_id: ProposalId) {
    let cancelled = governance::Cancelled { proposal_id, deposit: None };
    governance::Event::<Asked>::from(cancelled).apply(state, at);
}

pub(super) fn draft(request: ChangeRequest) -> ChangeDraft {
    ChangeDraft {
        version: 1,
        bundle: Digest([1; 32]),
        request,
        class: ReleaseClass::Minor,
        nature: Nature::Feature,
        phase: None,
        sealer: None,
        ticket: None,
        reason: Reason::new("it is time").unwrap(),
        milestone: None,
        impact: Text::default(),
        features: List::new(),
    }
}

pub(super) fn promotes(to: &str) -> ChangeDraft {
    draft(ChangeRequest::Promote { to: name(to), artifact: None })
}

pub(super) fn sets(effects: impl IntoIterator<Item = Effect>) -> ChangeDraft {
    draft(ChangeRequest::Set { effects: list(effects) })
}

pub(super) fn disables(flags: &[&str]) -> ChangeDraft {
    draft(ChangeRequest::Disable { flags: names(flags), scope: Path::ROOT, cause: name("SAFETY") })
}

pub(super) fn pauses() -> ChangeDraft {
    draft(ChangeRequest::Freeze { scope: Path::ROOT, announcement: Text::new("we look").unwrap() })
}

pub(super) fn submits(acting: &str, draft: ChangeDraft) -> Call {
    Call::Submit { plan: name("chain"), acting: name(acting), change: Box::new(draft) }
}

pub(super) fn executes(change: ChangeId) -> Call {
    Call::Execute { plan: name("chain"), acting: name("commander"), change, sealer_proof: None }
}

pub(super) fn announces(change: ChangeId, from: Timestamp, until: Timestamp) -> Call {
    let (plan, acting, text) = (name("chain"), name("commander"), Text::new("hold on").unwrap());
    Call::Announce { plan, acting, change, from, until, text }
}

pub(super) fn takes(change: ChangeId, key: &str) -> Call {
    Call::Step { plan: name("chain"), acting: name("commander"), change, step: name(key) }
}

pub(super) fn states(key: &str, change: ChangeId, outcome: StatementOutcome) -> Call {
    let statement = Box::new(statement(key, change, outcome));
    Call::State { plan: name("chain"), acting: name("sre"), statement }
}

pub(super) fn statement(key: &str, change: ChangeId, outcome: StatementOutcome) -> Statement {
    let word = Statement::new(name(key), StatementSubject::Change(change), outcome);
    Statement { digest: Some(Digest([5; 32])), ..word }
}

/// The code of a refusal, or that it was none.
pub(super) fn code<T>(outcome: Result<T, Error>) -> &'static str {
    outcome.map_or_else(|error| error.code(), |_| "granted")
}

/// The names of events, in their order.
pub(super) fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| <&'static str>::from(event).trim_start_matches("rollouts.")).collect()
}

#[test]
fn the_network_begins_at_testnet_by_quorum() {
    let memory = Memory::default();
    let chain = Chain::begin(&memory);
    let standing = crate::queries::standing(&chain.state, &name("chain")).unwrap();
    assert_eq!(standing.0, name("testnet"));
    assert!(chain.is_on(flags::Gate::MalachiteConsensus) && !chain.is_on(flags::Gate::WitnessNetwork));
    assert_eq!(plan().mistakes(), [], "{} gates", GATES.len());
}
