//! An application fills its places and has all of it come due at once, and the network's own plan goes on to the block as if it were not
//! there (ROLLOUTS 2 and 7.4).

use crate::founding::Founding;
use crate::guest::{self, SHOP};
use crate::network::{DAY, HOUR, Network, PLAN, SECOND, name};
use crate::people::{Asked, commander, disables, member, passed, sets};
use governance::Choice;
use primitives::{ChangeId, Height};
use rollouts::Event;
use rollouts::queries;
use rollouts::statement::StatementSubject;
use runtime::Fact;

/// How many times the owner of the shop moves its flag in one block, to begin with; each time is a duty that ends a day later.
const FLIPS: usize = 60;
/// How many events of the clock all applications have in a block at most.
const MOST_OF_GUESTS: usize = 32;

/// What a block brought to the plan of the network.
#[derive(Debug, PartialEq)]
struct Brought {
    height: Height,
    kinds: Vec<&'static str>,
    gates: u64,
}

/// A network, with an application beside it that does what it can, or without.
struct Story {
    network: Network,
    is_loud: bool,
    told: Vec<Brought>,
    /// How many events the clock brought to the application in each block.
    of_guest: Vec<usize>,
}

impl Story {
    fn block(&mut self, after_ms: u64, asked: &[Asked]) {
        let mut all = if self.is_loud { self.noise() } else { Vec::new() };
        all.extend_from_slice(asked);
        let made = self.network.block(after_ms, &all);
        let kinds = of_plan(&made.facts, PLAN).into_iter().map(|(event, _)| <&'static str>::from(event)).collect();
        let by_clock = of_plan(&made.facts, SHOP).into_iter().filter(|(_, is_asked)| !is_asked).count();
        self.told.push(Brought { height: made.at.height, kinds, gates: self.network.gates().on });
        self.of_guest.push(by_clock);
    }

    /// Whatever the owner of the shop can do comes before what others ask.
    fn noise(&self) -> Vec<Asked> {
        if self.told.is_empty() {
            return [vec![guest::installs()], guest::flips(&self.network, FLIPS)].concat();
        }
        guest::flips(&self.network, 4)
    }

    /// The first change of the network's plan.
    fn change(&self) -> ChangeId {
        queries::changes_of(&self.network.state(), &name(PLAN), ChangeId(0)).next().unwrap()
    }
}

/// The events of a plan in a block, each with whether a transaction asked for it.
fn of_plan<'f>(facts: &'f [Fact], plan: &str) -> Vec<(&'f Event, bool)> {
    let of_rollouts = facts.iter().filter_map(|fact| match &fact.outcome {
        Ok(runtime::Event::Rollouts(event)) => Some((event, matches!(fact.cause, runtime::Cause::Transaction { .. }))),
        _ => None,
    });
    of_rollouts.filter(|(event, _)| plan_of(event) == plan).collect()
}

fn plan_of(event: &Event) -> &str {
    let plan = match event {
        Event::Installed { installation, .. } => &installation.plan.name,
        Event::Submitted { change, .. } => &change.plan,
        Event::Retired { plan, .. }
        | Event::Approved { plan, .. }
        | Event::Announced { plan, .. }
        | Event::Executed { plan, .. }
        | Event::Stepped { plan, .. }
        | Event::Closed { plan, .. }
        | Event::Stated { plan, .. }
        | Event::Met { plan, .. }
        | Event::Missed { plan, .. }
        | Event::Reverted { plan, .. }
        | Event::Ended { plan, .. }
        | Event::Thawed { plan, .. }
        | Event::Voided { plan, .. }
        | Event::Dropped { plan, .. }
        | Event::AmendmentAsked { plan, .. }
        | Event::AmendmentEnded { plan, .. } => plan,
    };
    plan.as_str()
}

/// An emergency that lapses in the very block in which all that the application owes is late, is ratified late and closed, while another
/// change waits for the council.
fn lapse(is_loud: bool) -> Story {
    let network = Founding::at("testnet").network();
    let mut story = Story { network, is_loud, told: Vec::new(), of_guest: Vec::new() };
    let other = sets(vec![story.network.setting("reconstruction", false)]);
    story.block(SECOND, &[commander().submits(disables(&["pruning"], "SAFETY")), commander().submits(other)]);
    let emergency = story.change();
    let end = story.network.progress(emergency).executed.unwrap().running + DAY;
    story.block(SECOND, &[]);
    let ratify = story.network.poll(emergency);
    while story.network.at.running + HOUR < end {
        story.block(HOUR, &[]);
    }
    story.block(end - 1 - story.network.at.running, &[]);
    story.block(1, &[]);
    let mitigated = passed("mitigation", StatementSubject::Change(emergency));
    let yes = |index: u8| member(index).votes(ratify, Choice::Yes);
    story.block(SECOND, &[yes(0), yes(1), member(2).states(mitigated)]);
    story.block(SECOND, &[]);
    story.block(SECOND, &[commander().closes(emergency)]);
    story
}

#[test]
fn p01_the_facts_of_the_network_are_the_same_whatever_an_application_does() {
    let (quiet, loud) = (lapse(false), lapse(true));
    assert!(
        loud.of_guest.iter().sum::<usize>() >= FLIPS,
        "all that the application owed was late: {:?}",
        loud.of_guest
    );
    assert_eq!(quiet.of_guest.iter().sum::<usize>(), 0);
    assert_eq!(loud.told, quiet.told);
    let missed = quiet.told.iter().filter(|told| told.kinds == ["rollouts.missed"; 2]);
    assert_eq!(missed.count(), 1, "{:?}", quiet.told);
}

#[test]
fn p01_applications_have_thirty_two_events_of_the_clock_in_a_block_and_the_rest_in_the_next_ones() {
    let mut network = Founding::at("testnet").network();
    network.all_granted(&[vec![guest::installs()], guest::flips(&network, FLIPS)].concat());
    let mut brought = Vec::new();
    let mut count = |network: &mut Network, after_ms: u64| {
        let made = network.block(after_ms, &[]);
        brought.push(of_plan(&made.facts, SHOP).len());
    };
    (0..24).for_each(|_| count(&mut network, HOUR));
    count(&mut network, SECOND);
    assert_eq!(brought.iter().sum::<usize>(), FLIPS, "each is late once: {brought:?}");
    assert_eq!(brought.iter().max(), Some(&MOST_OF_GUESTS), "{brought:?}");
}
