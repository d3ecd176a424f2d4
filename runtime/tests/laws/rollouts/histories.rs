//! Random histories of a network that a plan governs: scenes in which something is seen through, or left undone, and in between whatever
//! anybody thinks of.

use super::acts::{Act, Amended, Pushed, Wanted};
use crate::governed::plan::{HOUR, MINUTE, Shape, plan};
use crate::governed::{COMMANDER, COUNCIL, Governed, PEOPLE, SECOND_SRE, SRE, STRANGER, VALIDATORS, governed};
use ::rollouts::plan::Missed;
use ::rollouts::statement::StatementOutcome;
use flags::Gate;
use governance::Choice;
use proptest::prelude::*;
use runtime::Genesis;

/// What happens in one block, and how long after the one before.
#[derive(Debug, Clone)]
pub struct Beat {
    pub gap_ms: u64,
    pub acts: Vec<Act>,
}

/// A network from its beginning on.
#[derive(Debug, Clone)]
pub struct History {
    pub shape: Shape,
    /// The stage that stands in the beginning.
    pub stage: &'static str,
    pub beats: Vec<Beat>,
}

/// Blocks of an epoch.
const EPOCH: u64 = 3;
/// Blocks of a history at most.
const MOST_BEATS: usize = 80;

impl History {
    pub fn begin(&self) -> Governed {
        Governed::new(self.genesis())
    }

    pub fn genesis(&self) -> Genesis {
        governed(plan(self.shape), self.stage, &COUNCIL, EPOCH)
    }
}

pub fn history() -> impl Strategy<Value = History> {
    let stage = prop::sample::select(vec!["development", "testnet", "testnet", "mainnet"]);
    (shape(), stage, prop::collection::vec(scene(), 4..8)).prop_map(|(shape, stage, scenes)| {
        let beats = scenes.into_iter().flatten().take(MOST_BEATS).collect();
        History { shape, stage, beats }
    })
}

pub fn shape() -> impl Strategy<Value = Shape> {
    let lapse = prop_oneof![2 => Just(Missed::Hold), 1 => Just(Missed::Restore)];
    let yes = || any::<bool>();
    let rarely = prop_oneof![3 => Just(false), 1 => Just(true)];
    (rarely, yes(), lapse, yes(), yes(), yes(), yes()).prop_map(
        |(one_way, self_approval, lapse, by_epochs, tickets, announced, spares_expedited)| Shape {
            one_way,
            self_approval,
            lapse,
            by_epochs,
            tickets,
            announced,
            spares_expedited,
        },
    )
}

/// From one block to the next, in milliseconds: what a deadline is passed by, and a chain that stood.
fn gap() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => Just(1_000),
        3 => Just(10 * MINUTE),
        3 => Just(HOUR),
        2 => 1..2 * HOUR,
        1 => Just(30 * HOUR),
    ]
}

/// Blocks that follow so soon that nothing is missed meanwhile.
fn soon() -> impl Strategy<Value = u64> {
    prop_oneof![Just(1_000), Just(5 * MINUTE), Just(15 * MINUTE)]
}

fn choice() -> impl Strategy<Value = Choice> {
    prop::sample::select(vec![Choice::Yes, Choice::Yes, Choice::No, Choice::Abstain])
}

fn gate() -> impl Strategy<Value = Gate> {
    prop::sample::select(Gate::ALL.to_vec())
}

/// What emergencies may touch.
fn urgent_gate() -> impl Strategy<Value = Gate> {
    let gates = vec![Gate::Pruning, Gate::RecursiveProofs, Gate::TimetokeRewards, Gate::WitnessNetwork];
    prop::sample::select(gates)
}

fn outcome() -> impl Strategy<Value = StatementOutcome> {
    prop_oneof![
        3 => Just(StatementOutcome::Passed),
        1 => Just(StatementOutcome::Warned),
        2 => Just(StatementOutcome::Failed),
    ]
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop_oneof![
        3 => Just(Wanted::Promote),
        1 => (0usize..3).prop_map(Wanted::PromoteTo),
        1 => (0usize..3).prop_map(Wanted::Demote),
        3 => (gate(), any::<bool>()).prop_map(|(gate, on)| Wanted::Turn(gate, on)),
        1 => gate().prop_map(Wanted::Limit),
        3 => (0..VALIDATORS, any::<bool>()).prop_map(|(index, comes)| Wanted::Cohort(index, comes)),
        1 => Just(Wanted::Enable),
        1 => (0..VALIDATORS).prop_map(Wanted::Seal),
        2 => gate().prop_map(Wanted::Disable),
        1 => Just(Wanted::Pause),
    ]
}

fn amended() -> impl Strategy<Value = Amended> {
    prop::sample::select(vec![Amended::Document, Amended::Spans, Amended::Renamed, Amended::Falling, Amended::Earlier])
}

/// Whatever anybody thinks of.
fn act() -> impl Strategy<Value = Act> {
    let by = || prop_oneof![3 => Just(COMMANDER), 2 => Just(SRE), 3 => 0..PEOPLE];
    let back = || prop_oneof![4 => Just(0u64), 1 => 0u64..4];
    let key = || prop::sample::select(vec!["ci", "preflight", "deployed", "audit", "ticket"]);
    let votes = || prop_oneof![2 => Just(3u8), 1 => 0..=VALIDATORS];
    let speaker = || prop::sample::select(vec![SRE, SECOND_SRE, STRANGER]);
    let people = prop::sample::subsequence((0..PEOPLE).collect::<Vec<u8>>(), 2..=5);
    let role = prop::sample::select(vec!["council", "sre", "commander"]);
    let submit =
        (wanted(), by(), prop::bool::weighted(0.8)).prop_map(|(wanted, by, ticket)| Act::Submit { wanted, by, ticket });
    let pushed = prop_oneof![1 => back().prop_map(Pushed::Latest), 1 => Just(Pushed::All)];
    prop_oneof![
        5 => submit,
        4 => (pushed, choice()).prop_map(|(what, choice)| Act::Push { what, choice }),
        4 => (key(), back(), by(), outcome())
            .prop_map(|(key, back, by, outcome)| Act::Say { key, back, by, outcome }),
        1 => speaker().prop_map(|by| Act::Alert { by, outcome: StatementOutcome::Failed }),
        2 => speaker().prop_map(|by| Act::Alert { by, outcome: StatementOutcome::Passed }),
        1 => (back(), speaker()).prop_map(|(back, by)| Act::Waive { key: "ci", back, by }),
        3 => (back(), by(), choice()).prop_map(|(back, by, choice)| Act::Vote { back, by, choice }),
        3 => (back(), by()).prop_map(|(back, by)| Act::Execute { back, by }),
        2 => (back(), by()).prop_map(|(back, by)| Act::Close { back, by }),
        2 => (back(), by()).prop_map(|(back, by)| Act::Withdraw { back, by }),
        1 => (back(), 0u64..90, 0u64..300)
            .prop_map(|(back, notice, length)| Act::Announce { back, notice, length }),
        1 => (back(), votes()).prop_map(|(back, votes)| Act::Abort { back, votes }),
        1 => (back(), votes()).prop_map(|(back, votes)| Act::Stop { back, votes }),
        1 => (amended(), votes()).prop_map(|(how, votes)| Act::Amend { how, votes }),
        1 => (people, votes()).prop_map(|(people, votes)| Act::Seat { people, votes }),
        1 => (0..VALIDATORS).prop_map(Act::ProposeRoutine),
        1 => (role, by()).prop_map(|(role, by)| Act::Resign { role, by }),
        1 => speaker().prop_map(|who| Act::Appoint { who }),
        1 => speaker().prop_map(|who| Act::Dismiss { who }),
        1 => Just(Act::Advertise),
    ]
}

/// A block in which something is done, and now and then whatever anybody thinks of besides.
fn beat(gap: impl Strategy<Value = u64>, acts: Vec<Act>) -> impl Strategy<Value = Beat> {
    let besides = prop::option::weighted(0.15, act());
    (gap, besides)
        .prop_map(move |(gap_ms, besides)| Beat { gap_ms, acts: besides.into_iter().chain(acts.clone()).collect() })
}

/// So many of them.
fn beats<G: Strategy<Value = u64>>(gap: G, acts: Vec<Act>, count: usize) -> impl Strategy<Value = Vec<Beat>> {
    prop::collection::vec(beat(gap, acts), count)
}

fn all(choice: Choice) -> Vec<Act> {
    vec![Act::Push { what: Pushed::All, choice }]
}

/// Everybody does what is next, and those who would decide say that they are there.
fn all_there() -> Vec<Act> {
    [vec![Act::Advertise], all(Choice::Yes)].concat()
}

/// The commander asks for something with a ticket, and nobody is alarmed.
fn begun(wanted: Wanted) -> impl Strategy<Value = Vec<Beat>> {
    let well = Act::Alert { by: SRE, outcome: StatementOutcome::Passed };
    let asks = Act::Submit { wanted, by: COMMANDER, ticket: true };
    beats(soon(), vec![well, asks], 1)
}

/// The commander tries to carry the latest change out.
fn tries() -> Vec<Act> {
    vec![Act::Execute { back: 0, by: COMMANDER }]
}

/// An hour in which nobody does anything about what is asked.
fn idle(hours: usize) -> impl Strategy<Value = Vec<Beat>> {
    beats(Just(HOUR), Vec::new(), hours)
}

/// Something is asked for, and everybody does what is next about it, in so many blocks.
fn seen_through(wanted: Wanted, choice: Choice, blocks: usize) -> impl Strategy<Value = Vec<Beat>> {
    (begun(wanted), beats(soon(), all(choice), blocks)).prop_map(|(first, then)| [first, then].concat())
}

/// A promotion, some hours after the stage before was entered.
fn promoted() -> impl Strategy<Value = Vec<Beat>> {
    (idle(3), begun(Wanted::Promote), beats(soon(), all_there(), 14))
        .prop_map(|(soaked, first, then)| [soaked, first, then].concat())
}

/// A promotion that nobody looks after once it is carried out, while somebody asks for other things.
fn left_alone() -> impl Strategy<Value = Vec<Beat>> {
    let meanwhile = Act::Submit { wanted: Wanted::Turn(Gate::Reconstruction, false), by: COMMANDER, ticket: true };
    let first = (idle(3), seen_through(Wanted::Promote, Choice::Yes, 3));
    let then = (beats(soon(), tries(), 7), beats(soon(), vec![meanwhile], 2), idle(6));
    (first, then).prop_map(|((soaked, first), (tried, asked, idle))| [soaked, first, tried, asked, idle].concat())
}

/// A promotion about which somebody is alarmed once it is approved.
fn alarmed() -> impl Strategy<Value = Vec<Beat>> {
    let alarm = |outcome| vec![Act::Alert { by: SRE, outcome }];
    let first = (idle(3), seen_through(Wanted::Promote, Choice::Yes, 4));
    let then = (beats(soon(), alarm(StatementOutcome::Failed), 1), beats(soon(), tries(), 8));
    let well = (beats(soon(), alarm(StatementOutcome::Passed), 1), beats(soon(), all_there(), 3));
    (first, then, well)
        .prop_map(|((soaked, first), (alarm, tried), (well, then))| [soaked, first, alarm, tried, well, then].concat())
}

fn urgent() -> impl Strategy<Value = Wanted> {
    prop_oneof![3 => urgent_gate().prop_map(Wanted::Disable), 2 => Just(Wanted::Pause)]
}

/// An emergency that nobody decides for hours, and then somebody does.
fn lapsed() -> impl Strategy<Value = Vec<Beat>> {
    (urgent(), 4usize..8).prop_flat_map(|(wanted, hours)| {
        (begun(wanted), idle(hours), beats(soon(), all(Choice::Yes), 3))
            .prop_map(|(first, idle, late)| [first, idle, late].concat())
    })
}

/// An emergency that is decided in time, and what it disabled is enabled again.
fn decided() -> impl Strategy<Value = Vec<Beat>> {
    (urgent(), any::<bool>()).prop_flat_map(|(wanted, agreed)| {
        let choice = if agreed { Choice::Yes } else { Choice::No };
        (seen_through(wanted, choice, 3), seen_through(Wanted::Enable, Choice::Yes, 10))
            .prop_map(|(first, then)| [first, then].concat())
    })
}

/// What the council decides, and the stake ends.
fn aborted() -> impl Strategy<Value = Vec<Beat>> {
    let wanted = prop_oneof![2 => urgent_gate().prop_map(|gate| Wanted::Turn(gate, false)), 1 => Just(Wanted::Promote)];
    wanted.prop_flat_map(|wanted| {
        let end = beats(soon(), vec![Act::Abort { back: 0, votes: 3 }], 1);
        (seen_through(wanted, Choice::Yes, 2), end, beats(soon(), tries(), 8))
            .prop_map(|(first, end, then)| [first, end, then].concat())
    })
}

/// A version of the plan that the stake puts into force, while something waits that was written against the one before.
fn amending() -> impl Strategy<Value = Vec<Beat>> {
    amended().prop_flat_map(|how| {
        let first = beats(soon(), vec![Act::Amend { how, votes: 3 }], 1);
        (first, seen_through(Wanted::Turn(Gate::Pruning, false), Choice::Yes, 7))
            .prop_map(|(first, then)| [first, then].concat())
    })
}

/// A stage is entered, and gone back from.
fn there_and_back() -> impl Strategy<Value = Vec<Beat>> {
    (promoted(), seen_through(Wanted::Demote(1), Choice::Yes, 14)).prop_map(|(there, back)| [there, back].concat())
}

/// What is agreed to and nobody carries out, for longer than it may wait.
fn forgotten() -> impl Strategy<Value = Vec<Beat>> {
    let agreed = seen_through(Wanted::Turn(Gate::Reconstruction, false), Choice::Yes, 2);
    (agreed, idle(14)).prop_map(|(first, idle)| [first, idle].concat())
}

fn scene() -> impl Strategy<Value = Vec<Beat>> {
    let anything = (gap(), prop::collection::vec(act(), 0..4));
    let anything = anything.prop_map(|(gap_ms, acts)| Beat { gap_ms, acts });
    let choice = prop_oneof![3 => Just(Choice::Yes), 1 => Just(Choice::No)];
    let wanted_through = (wanted(), choice).prop_flat_map(|(wanted, choice)| seen_through(wanted, choice, 10));
    let joined = (1..VALIDATORS).prop_flat_map(|index| seen_through(Wanted::Cohort(index, true), Choice::Yes, 11));
    let sealed = (0..VALIDATORS).prop_flat_map(|index| seen_through(Wanted::Seal(index), Choice::Yes, 10));
    prop_oneof![
        6 => prop::collection::vec(anything, 1..6).boxed(),
        4 => promoted().boxed(),
        4 => left_alone().boxed(),
        2 => alarmed().boxed(),
        3 => lapsed().boxed(),
        4 => decided().boxed(),
        4 => wanted_through.boxed(),
        2 => aborted().boxed(),
        2 => amending().boxed(),
        2 => sealed.boxed(),
        2 => there_and_back().boxed(),
        2 => forgotten().boxed(),
        2 => joined.boxed(),
    ]
}
