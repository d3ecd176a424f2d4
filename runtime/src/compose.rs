//! The pallets that this runtime is made of, and the order in which the clock comes to them. No other file lists them.
//!
//! The numbers are part of every encoding, and none is ever used for another. A new pallet gets the next one (ROLLOUTS 3.4).

use crate::{CHAIN, ChainEvent, Context, RUNNING, genesis::Genesis, migrate};
use flags::{Gate, Gates};
use governance::{IndexKey, Shortfall};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Checker, Epoch, Height, Mistake, Moment, ProposalId};
use serde::{Deserialize, Serialize};
use staking::Election;
use state::State;
use strum::VariantNames;

/// What a transaction can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Balances.
    #[codec(index = 0)]
    Accounts(accounts::Call),
    /// Bonds and delegations.
    #[codec(index = 1)]
    Staking(staking::Call),
    /// Proposals and votes.
    #[codec(index = 2)]
    Governance(governance::Call<Motion>),
    /// What nodes, builders and signers say about releases.
    #[codec(index = 3)]
    Releases(releases::Call),
    /// Who has the roles of plans.
    #[codec(index = 4)]
    #[level(1)]
    Roles(roles::Call),
    /// What flags are.
    #[codec(index = 5)]
    #[level(1)]
    Flags(flags::Call),
    /// What can be promoted.
    #[codec(index = 6)]
    #[level(1)]
    Artifacts(artifacts::Call),
    /// What is open.
    #[codec(index = 7)]
    #[level(1)]
    Cases(cases::Call),
    /// Plans, changes and what is said about them.
    #[codec(index = 8)]
    #[level(1)]
    Rollouts(rollouts::Call),
    /// What presence is paid from, and what delegators collect of it.
    #[codec(index = 9)]
    #[level(1)]
    Rewards(rewards::Call),
    /// Who vouches for the log of blocks.
    #[codec(index = 10)]
    #[level(1)]
    Witnesses(witnesses::Call),
}

/// What only governance can do.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Motion {
    /// To releases.
    #[codec(index = 0)]
    Releases(releases::Motion),
    /// To its own proposals.
    #[codec(index = 1)]
    Governance(governance::Intervention),
    /// To those who have roles.
    #[codec(index = 2)]
    #[level(1)]
    Roles(roles::Motion),
    /// To plans and changes.
    #[codec(index = 3)]
    #[level(1)]
    Rollouts(rollouts::Motion),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// To balances.
    #[codec(index = 0)]
    Accounts(accounts::Event),
    /// To stake.
    #[codec(index = 1)]
    Staking(staking::Event),
    /// To proposals.
    #[codec(index = 2)]
    Governance(governance::Event<Motion>),
    /// To releases.
    #[codec(index = 3)]
    Releases(releases::Event),
    /// To those who have roles.
    #[codec(index = 4)]
    Roles(roles::Event),
    /// To flags.
    #[codec(index = 5)]
    Flags(flags::Event),
    /// To what can be promoted.
    #[codec(index = 6)]
    Artifacts(artifacts::Event),
    /// To what is open.
    #[codec(index = 7)]
    Cases(cases::Event),
    /// To plans and changes.
    #[codec(index = 8)]
    Rollouts(rollouts::Event),
    /// To the pool of rewards, and to what is paid from it.
    #[codec(index = 9)]
    Rewards(rewards::Event),
    /// To those who vouch for the log of blocks.
    #[codec(index = 10)]
    Witnesses(witnesses::Event),
    /// To the chain itself, which is no pallet and stands at the other end.
    #[codec(index = 255)]
    Chain(ChainEvent),
}

/// Why a call was refused, or a motion not carried out.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Refusal"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", suffix = ".refused")]
pub enum Error {
    /// By the rules of balances.
    #[codec(index = 0)]
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    /// By the rules of stake.
    #[codec(index = 1)]
    #[error(transparent)]
    Staking(#[from] staking::Error),
    /// By the rules of proposals.
    #[codec(index = 2)]
    #[error(transparent)]
    Governance(#[from] governance::Error),
    /// By the rules of releases.
    #[codec(index = 3)]
    #[error(transparent)]
    Releases(#[from] releases::Error),
    /// By the rules of roles.
    #[codec(index = 4)]
    #[error(transparent)]
    Roles(#[from] roles::Error),
    /// By the rules of flags.
    #[codec(index = 5)]
    #[error(transparent)]
    Flags(#[from] flags::Error),
    /// By the rules of artifacts.
    #[codec(index = 6)]
    #[error(transparent)]
    Artifacts(#[from] artifacts::Error),
    /// By the rules of cases.
    #[codec(index = 7)]
    #[error(transparent)]
    Cases(#[from] cases::Error),
    /// By the rules of plans.
    #[codec(index = 8)]
    #[error(transparent)]
    Rollouts(#[from] rollouts::Error),
    /// By the rules of rewards.
    #[codec(index = 9)]
    #[error(transparent)]
    Rewards(#[from] rewards::Error),
    /// By the rules of witnesses.
    #[codec(index = 10)]
    #[error(transparent)]
    Witnesses(#[from] witnesses::Error),
}

/// What comes, at most so much; the rest comes in the next blocks.
pub(crate) type Serve = fn(&State, Moment, usize) -> Vec<Event>;

/// The same, where it hangs on what was given before the block.
pub(crate) type Due = fn(&State, Moment, &BlockEnvironment<'_>, usize) -> Vec<Event>;

/// What is given before a block: what it says of itself, and what the state that it stands on says once, whatever the block does to it.
pub(crate) struct BlockEnvironment<'c> {
    /// Where it stands.
    pub context: &'c Context,
    /// Which gates are on.
    pub gates: Gates,
    /// How long the chain has run by its parent, in milliseconds.
    pub ran: u64,
}

impl<'c> BlockEnvironment<'c> {
    /// What is given before a block that stands there, in the state that it stands on.
    pub(crate) fn before(state: &State, context: &'c Context) -> Self {
        Self { context, gates: Gates::of(state), ran: RUNNING.require(state).ms }
    }
}

/// What the clock brings by itself at the start of an epoch, in this order; each sees what the one before did. What is left of a
/// migration goes on in the blocks after it. Motions whose epoch has come follow, and then those who [wait in line](IN_LINE).
pub(crate) const DUE: [Due; 4] = [
    |state, at, given, most| begin_epoch(state, at, &given.gates).take(most).map(Event::Staking).collect(),
    |state, at, given, most| reward(state, at, given).into_iter().take(most).map(Event::Rewards).collect(),
    |state, at, _, most| governance::due(state, at, most).into_iter().map(Event::Governance).collect(),
    |state, at, _, most| migrate::due(state, at).into_iter().take(most).map(Event::Chain).collect(),
];

/// What the clock brings to the changes of the node's plan, behind motions: what was decided in the last block before a deadline counts
/// before that is missed. Served like those in line, with half of what is left beside these of the block's part.
pub(crate) const OF_CHANGES: Serve =
    |state, at, most| rollouts::due_of_node(state, at, most).into_iter().map(Event::Rollouts).collect();

/// What it brings to the changes of applications; served like that of the node's plan, behind it, with no more than
/// [`MOST_OF_GUESTS`](rollouts::MOST_OF_GUESTS) in a block.
pub(crate) const OF_GUESTS: Serve =
    |state, at, most| rollouts::due_of_guests(state, at, most).into_iter().map(Event::Rollouts).collect();

/// The flags whose day has come; asked once a block.
pub(crate) const OF_FLAGS: Serve =
    |state, at, most| flags::due(state, at, most).into_iter().map(Event::Flags).collect();

/// The holds that are over, what is open of plans that are retired, and what was said about cases that are over for long; asked once a
/// block, before the artifacts that they have kept.
pub(crate) const OF_CASES: Serve =
    |state, at, most| cases::due(state, at, most).into_iter().map(Event::Cases).collect();

/// The artifacts that are let go; asked once a block, behind the changes whose end leaves them over.
pub(crate) const OF_ARTIFACTS: Serve =
    |state, _, most| artifacts::due(state, most).into_iter().map(Event::Artifacts).collect();

/// Whose advertisements are kept no longer, in the first block of an epoch and behind all else: what finds no place there has the next
/// epoch. At level 0 nobody advertises, so nobody leaves.
pub(crate) const OF_FLEET: Serve = |state, at, most| {
    let begins = at.height == at.epoch.first_height(CHAIN.require(state).epoch_length);
    let left = if begins && most > 0 { releases::left_fleet(state, at) } else { None };
    left.into_iter().map(Event::Releases).collect()
};

/// The polls that changes wait for, one at a time, because each has the number after the one before; and then the end of those that can
/// decide nothing any more. Served like those in line, with half of what is left beside these of the block's part.
pub(crate) const OF_POLLS: Serve = |state, at, most| match rollouts::polls::next_poll(state, at).filter(|_| most > 0) {
    Some(poll) => {
        vec![Event::Governance(governance::open(state, at, poll.proposer, Motion::Rollouts(poll.motion), poll.rules))]
    }
    None => rollouts::polls::needless_polls(state, most)
        .into_iter()
        .map(|proposal_id| Event::Governance(governance::Cancelled { proposal_id, deposit: None }.into()))
        .collect(),
};

/// The witnesses whose bond fell below the least, in the first block of an epoch and behind all else, like who left the fleet. At level 0
/// there are none.
pub(crate) const OF_WITNESSES: Serve = |state, at, most| {
    let begins = is_first_of_epoch(at, CHAIN.require(state).epoch_length);
    let short = if begins { witnesses::due(state, most) } else { Vec::new() };
    short.into_iter().map(Event::Witnesses).collect()
};

/// Whether a block is the first of its epoch that validators decide: nobody decides genesis, so that the first epoch begins with the block
/// after it.
fn is_first_of_epoch(at: Moment, epoch_length: u64) -> bool {
    at.height == at.epoch.first_height(epoch_length).max(Height(1))
}

/// What a block does to the tree of blocks while its gate is on: its parent is appended, behind what is missing (ROLLOUTS 9).
pub(crate) fn grow_log(state: &mut State, at: Moment, context: &Context, gates: &Gates) {
    if !gates.is_on(Gate::RecursiveProofs) {
        return;
    }
    let begins_epoch = is_first_of_epoch(at, CHAIN.require(state).epoch_length);
    let Context { chain_id, missing, parent, .. } = context;
    witnesses::apply::grow(state, at, &witnesses::apply::Grown { chain_id, missing, parent: *parent, begins_epoch });
}

/// For how many epochs before an election the node of a candidate may last have advertised, to take the place of a sealer before
/// stronger ones.
const HEARD_EPOCHS: u64 = 2;

/// What presence comes to: that of the parent in every block that brings its precommits, and that of an epoch in the first block of the
/// next one. Segments are read as they stand before anything else in the block but the election, which moves none (ROLLOUTS 11).
fn reward(state: &State, at: Moment, given: &BlockEnvironment<'_>) -> Vec<rewards::Event> {
    let BlockEnvironment { context, gates, ran } = given;
    let epoch_length = CHAIN.require(state).epoch_length;
    rewards::due(
        state,
        at,
        &rewards::Brought {
            is_on: gates.is_on(Gate::TimetokeRewards),
            begins_epoch: is_first_of_epoch(at, epoch_length),
            last_commit: context.last_commit.as_ref().map(|brought| (brought.height.epoch(epoch_length), brought)),
            proposer: context.proposer,
            ms: at.running.saturating_sub(*ran),
            is_paid: &|who| gates.is_on_for(state, Gate::TimetokeRewards, who),
            has_cosigned: &|epoch, who| witnesses::queries::has_cosigned(state, epoch, who),
        },
    )
}

/// What an epoch begins with: the election of the next one, and whether what validators sign in it is punished.
fn begin_epoch(state: &State, at: Moment, gates: &Gates) -> impl Iterator<Item = staking::Event> + use<> {
    let is_enforced = gates.is_on(Gate::ConsensusEnforcement);
    elect(state, at, gates).into_iter().chain(staking::unenforced(state, at, is_enforced))
}

/// The election of an epoch: of a quorum, or of a sealer where the network decides by none (ROLLOUTS 11).
fn elect(state: &State, at: Moment, gates: &Gates) -> Option<staking::Event> {
    let since = at.epoch.minus(HEARD_EPOCHS);
    let was_heard = |who: &AccountId| releases::queries::has_advertised_since(state, who, since);
    let by_quorum = gates.is_on(Gate::MalachiteConsensus);
    staking::due(state, at, if by_quorum { Election::Quorum } else { Election::Sealer(&was_heard) })
}

/// What the clock brings of offences and of those who stood still for one. It has half of what the block's part still holds, so that
/// whoever makes much of it keeps nobody waiting in the other lines.
pub(crate) const OF_OFFENCES: Serve =
    |state, at, most| staking::sweep(state, at, most).into_iter().map(Event::Staking).collect();

/// What the clock brings of those who stand in lines, the first in line first and so many at most; the others wait for the next
/// blocks. Like that of offences, a line is served until it brings nothing more, or its part is full: what it brings may depend on what
/// it brought before.
pub(crate) const IN_LINE: Serve =
    |state, at, most| staking::ripe(state, at, most).into_iter().map(Event::Staking).collect();

impl Genesis {
    /// What happens at height 0, in this order.
    pub(crate) fn events(&self) -> Vec<Event> {
        let chain = &self.chain;
        let began = Event::Chain(ChainEvent::Began(chain.clone()));
        let stake = self.staking.events(&chain.chain_id, chain.epoch_length, self.freed_an_epoch(), self.sealer());
        std::iter::once(began)
            .chain(self.accounts.events().map(Event::Accounts))
            .chain(stake.map(Event::Staking))
            .chain(self.governance.events().map(Event::Governance))
            .chain(self.releases.events(&chain.chain_id, chain.level).map(Event::Releases))
            .chain(self.rewards.events().map(Event::Rewards))
            .chain(self.rollouts.iter().flat_map(|rollouts| rollouts.events()).map(Event::Rollouts))
            .chain(self.unenforced().map(Event::Staking))
            .collect()
    }

    /// Every mistake of every part.
    pub(crate) fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        self.chain.check(Checker::within("chain", &mut mistakes));
        self.accounts.check(Checker::within("accounts", &mut mistakes));
        self.staking.check(&self.accounts.balances(), Checker::within("staking", &mut mistakes));
        let remembered = self.staking.params.remembered_epochs;
        self.governance.check(remembered, Checker::within("governance", &mut mistakes));
        self.releases.check(Checker::within("releases", &mut mistakes));
        self.rewards.check(self.accounts.endowed(), Checker::within("rewards", &mut mistakes));
        if let Some(rollouts) = &self.rollouts {
            rollouts.check(self.time, Checker::within("rollouts", &mut mistakes));
        }
        if let Some(sealer) = self.sealer() {
            self.staking.check_sealer(&sealer, "sealer", &mut Checker::within("rollouts", &mut mistakes));
        }
        self.check_level(Checker::within("chain", &mut mistakes));
        self.check_bounds(Checker::within("chain.limits", &mut mistakes));
        self.check_first_record(Checker::within("accounts", &mut mistakes));
        mistakes
    }
}

/// Asks the pallet that a call, motion, event or error belongs to: `forward!(self, Call, call => ..)`. With
/// `=> Event::of(..)` the answer is a pallet's event, and becomes the runtime's.
macro_rules! forward {
    (@ $of:expr, $($variant:ident)+, $inner:ident => Event::of($answer:expr)) => {
        match $of { $(Self::$variant($inner) => Event::$variant($answer.into())),+ }
    };
    (@ $of:expr, $($variant:ident)+, $inner:ident => $answer:expr) => {
        match $of { $(Self::$variant($inner) => $answer),+ }
    };
    ($of:expr, Call, $($asked:tt)+) => {
        forward!(@ $of, Accounts Staking Governance Releases Roles Flags Artifacts Cases Rollouts Rewards Witnesses, $($asked)+)
    };
    ($of:expr, Motion, $($asked:tt)+) => { forward!(@ $of, Releases Governance Roles Rollouts, $($asked)+) };
    ($of:expr, Event, $($asked:tt)+) => {
        forward!(@ $of, Accounts Staking Governance Releases Roles Flags Artifacts Cases Rollouts Rewards Witnesses Chain, $($asked)+)
    };
    ($of:expr, Error, $($asked:tt)+) => {
        forward!(@ $of, Accounts Staking Governance Releases Roles Flags Artifacts Cases Rollouts Rewards Witnesses, $($asked)+)
    };
}
pub(crate) use forward;

impl Motion {
    /// Whether no freeze stops that it is proposed, on whatever track: what ends something, and what gives roles that lost their keys to
    /// others.
    pub(crate) fn is_never_frozen(&self) -> bool {
        match self {
            Motion::Governance(governance::Intervention::Cancel { .. })
            | Motion::Roles(roles::Motion::SetMembers { .. }) => true,
            Motion::Releases(motion) => matches!(motion, releases::Motion::Revoke { .. }),
            Motion::Rollouts(motion) => matches!(motion, rollouts::Motion::Abort { .. }),
        }
    }
}

impl governance::Motion for Motion {
    fn index_keys(&self) -> Vec<IndexKey> {
        match self {
            Motion::Releases(motion) => motion.index_keys(),
            Motion::Governance(motion) => motion.index_keys(),
            // Nothing depends on whether somebody proposes other members, and a change itself says which polls are on it.
            Motion::Roles(roles::Motion::SetMembers { .. }) | Motion::Rollouts(_) => Vec::new(),
        }
    }

    fn lacks(&self, state: &State, id: ProposalId, made: Moment, voting_ends: Epoch) -> Option<Shortfall> {
        match self {
            Motion::Releases(motion) => motion.lacks(state, id, made, voting_ends),
            Motion::Governance(governance::Intervention::Cancel { .. })
            | Motion::Roles(roles::Motion::SetMembers { .. })
            | Motion::Rollouts(_) => None,
        }
    }
}

/// The kind of every fact there can be: of each event, and of the refusals of each pallet.
pub fn kinds() -> Vec<&'static str> {
    const OF_EVENTS: [&[&str]; 12] = [
        ChainEvent::VARIANTS,
        accounts::Event::VARIANTS,
        staking::Event::VARIANTS,
        governance::Event::<Motion>::VARIANTS,
        releases::Event::VARIANTS,
        roles::Event::VARIANTS,
        flags::Event::VARIANTS,
        artifacts::Event::VARIANTS,
        cases::Event::VARIANTS,
        rollouts::Event::VARIANTS,
        rewards::Event::VARIANTS,
        witnesses::Event::VARIANTS,
    ];
    let mut kinds: Vec<_> = OF_EVENTS.concat();
    kinds.extend(Error::VARIANTS);
    kinds.sort_unstable();
    kinds
}
