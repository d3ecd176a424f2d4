//! All nodes of a network, their mirrors and their chain.

use super::authority::Answers;
use super::blocks::approve_the_first;
use super::happens::Happens;
use super::looks::Looks;
use super::node::{Node, Process, Role, Scout, State};
use super::outcome::{Counts, Outcome};
use super::over::GLANCE;
use super::pipe::Pipe;
use super::plan::Plan;
use super::power::{Power, Uptake};
use super::properties::LAWS;
use super::scout::Turns;
use super::setting::{BETWEEN_BLOCKS, Setting};
use super::sources::Line;
use super::view::{View, builds};
use super::votes::Votes;
use crate::chance::Chance;
use crate::property::Property;
use crate::run::Run;
use crate::world::{Moment, World};
use primitives::Timestamp;
use rollout::{Before, Judge};
use std::collections::BTreeMap;
use std::time::Duration;

/// All nodes, and what is around them.
pub(super) struct Fleet<'r> {
    pub setting: &'r Setting,
    pub plan: &'r Plan,
    pub run: &'r mut Run,
    pub chance: Chance,
    pub world: World<Happens>,
    pub nodes: Vec<Node>,
    pub mirrors: Vec<Line>,
    pub uplinks: BTreeMap<usize, Pipe>,
    pub votes: Votes,
    pub view: View,
    /// The turns for each release, by the number of the build; none of the first one, and none before it is approved.
    pub turns: Vec<Option<Turns>>,
    pub power: Power,
    pub counts: Counts,
    /// Block time when the future began.
    pub origin: Timestamp,
    /// Whether nothing new begins any more.
    pub is_over: bool,
    /// Since when that is so.
    pub over_since: Option<Moment>,
    /// How many nodes run the release.
    pub of_nodes: Uptake,
    /// How much of the power does.
    pub of_stake: Uptake,
    /// Proposals that are still to be made.
    pub to_come: usize,
    /// For how long the chain has stood still, in seconds; 0 while it goes on.
    pub stall_s: u64,
    /// What was answered about installations since the newest block.
    pub answers: Answers,
    serial: u64,
}

impl<'r> Fleet<'r> {
    /// The nodes of a plan, on a chain that has just approved the first release; none where it does not.
    pub fn begin(setting: &'r Setting, plan: &'r Plan, mut chance: Chance, run: &'r mut Run) -> Option<Self> {
        let mut votes = Votes::begin(setting, &mut chance.fork("votes"));
        let builds = builds(setting.first_build, plan.releases.len());
        approve_the_first(&mut votes, setting, run)?;
        let view = View::of(&votes, setting, &builds);
        if view.builds.get(1).is_none_or(|known| known.release.is_none()) {
            run.broken(&LAWS, Moment::BEGIN, "all voted for a release, and it is not approved");
            return None;
        }
        let mut machines = chance.fork("machines");
        let nodes = (0..plan.nodes).map(|number| Node::new(number, setting, plan, &mut machines)).collect();
        let power = Power::new(votes.powers());
        let mut fleet = Self {
            origin: view.time,
            of_nodes: Uptake::of(plan.nodes as u64),
            of_stake: Uptake::of(power.total()),
            turns: vec![None; builds.len()],
            chance: chance.fork("happens"),
            world: World::new(),
            mirrors: Vec::new(),
            uplinks: BTreeMap::new(),
            counts: Counts::default(),
            is_over: false,
            serial: 0,
            to_come: 0,
            over_since: None,
            stall_s: 0,
            answers: Answers::default(),
            setting,
            plan,
            run,
            nodes,
            votes,
            view,
            power,
        };
        fleet.give_turns();
        fleet.settle_all();
        fleet.plan_ahead(chance.below(u64::MAX));
        Some(fleet)
    }

    /// All nodes have run the first build for long, and some hold the release from its vote on.
    fn settle_all(&mut self) {
        let first = self.view.height;
        for (n, node) in self.nodes.iter_mut().enumerate() {
            let judge = Judge::new(Before::default(), None);
            let role = Role::Current { judge, is_proven: true };
            let (began, answers) = (Moment::BEGIN, Moment::BEGIN);
            node.state = State::Runs(Box::new(Process { build: 0, began, answers, has_booted: true, first, role }));
            if node.validator.is_some() && self.votes.holds(n) {
                node.held |= 1 << 1;
            }
        }
    }

    fn plan_ahead(&mut self, phases: u64) {
        self.open_mirrors();
        let mut phases = Chance::of(phases);
        for n in 0..self.nodes.len() {
            // By the microsecond, so that scouts hardly ever look at one moment, at which the order is that of asking.
            let first = Moment::BEGIN.plus(Duration::from_micros(phases.below(self.setting.options.poll * 1_000_000)));
            self.nodes[n].looks = Looks::begin(first);
            self.world.at(first, Happens::Look(n));
        }
        for (number, release) in (1..).zip(&self.plan.releases).skip(1) {
            self.to_come += 1;
            self.world.after(Duration::from_secs(release.proposed_s), Happens::Propose(number));
        }
        if let Some(revoke) = self.plan.revoke {
            self.to_come += 1;
            self.world.after(Duration::from_secs(revoke.proposed_s), Happens::Revoke);
        }
        self.world.after(BETWEEN_BLOCKS, Happens::Block);
        self.world.after(GLANCE, Happens::Glance);
    }

    /// Plays it to its end.
    pub fn play(mut self) -> Outcome {
        while let Some(happens) = self.world.next() {
            if matches!(happens, Happens::Glance) && self.glance() {
                break;
            }
            if !self.happens(happens) {
                break;
            }
        }
        self.run.add_events(self.world.events());
        self.end()
    }

    /// The present moment.
    pub fn now(&self) -> Moment {
        self.world.now()
    }

    /// A number that nothing else has.
    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Says what happened.
    pub fn tell(&mut self, what: impl FnOnce() -> String) {
        let now = self.world.now();
        self.run.tell(now, what);
    }

    /// What must never happen did.
    pub fn broken(&mut self, property: &'static Property, what: String) {
        let now = self.world.now();
        self.run.broken(property, now, what);
    }

    /// Whatever goes on at a node ends, and something else does from now on.
    pub fn leave(&mut self, n: usize, state: State) {
        self.stop_fetching(n);
        self.stop_serving(n);
        let node = &mut self.nodes[n];
        node.scout = Scout::default();
        node.life += 1;
        node.state = state;
        self.look_soon(n);
    }

    /// A node goes on after a while, if it is still in the same life.
    pub fn wake_after(&mut self, n: usize, after: Duration) {
        let life = self.nodes[n].life;
        self.world.after(after, Happens::Wakes(n, life));
    }
}
