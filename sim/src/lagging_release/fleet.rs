//! All nodes of a network, their mirrors and their chain: what happens next, and to whom.

use super::fetch::{Line, Source};
use super::home::Content;
use super::node::{Node, Process, Role, Scout, State};
use super::outcome::{Counts, Outcome};
use super::pipe::Pipe;
use super::plan::{How, Plan};
use super::power::{Power, Uptake, Why};
use super::properties::{LAWS, STRANDED, THIRD_DOWN, UNAPPROVED};
use super::scout::{PEERS, Turns};
use super::setting::{BETWEEN_BLOCKS, Setting};
use super::view::{View, builds};
use super::votes::{Votes, Word};
use crate::chance::Chance;
use crate::property::Property;
use crate::run::Run;
use crate::world::{Moment, World};
use primitives::Timestamp;
use releases::InstallStage;
use rollout::{Before, Ended, Judge, Seen, Vitals};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often it is asked again whether enough validators are up for a block.
const STALLED: Duration = Duration::from_secs(1);
/// How often it is looked whether all is over.
const GLANCE: Duration = Duration::from_secs(120);
/// How long after nothing new begins any more everybody has to come to rest.
const MOST_UNREST: Duration = Duration::from_secs(6 * 60 * 60);
/// The most blocks until the first release is approved.
const MOST_BLOCKS_BEFORE: usize = 200;

/// What happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Happens {
    /// A block is due.
    Block,
    /// A scout looks at the chain.
    Look(usize),
    /// Something is over that a node waits for, in a life of it.
    Wakes(usize, u32),
    /// A build that crashes does so, in a life of its node.
    Ends(usize, u32),
    /// A step of staging is done.
    Staged(usize, u64),
    /// A source has sent a piece.
    Sent(Source, u32),
    /// A node has taken in a piece, in a lane.
    Taken(usize, usize, u64),
    /// The window of a piece is over.
    Window(usize, usize, u64),
    /// A mirror begins to do what it does, or ends it.
    Mirror(usize, bool),
    /// A machine is there again.
    Back(usize),
    /// A release is proposed.
    Propose(usize),
    /// A revocation is proposed.
    Revoke,
    /// It is looked whether all is over.
    Glance,
}

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
    of_nodes: Uptake,
    of_stake: Uptake,
    serial: u64,
    /// Proposals that are still to be made.
    to_come: usize,
    over_since: Option<Moment>,
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
            let phase = Duration::from_millis(phases.below(self.setting.options.poll * 1_000));
            self.world.after(phase, Happens::Look(n));
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

    /// One thing happens. False where a law of the chain is broken, after which nothing means anything.
    fn happens(&mut self, happens: Happens) -> bool {
        match happens {
            Happens::Block => return self.block(),
            Happens::Look(n) => self.look(n),
            Happens::Wakes(n, life) if self.nodes[n].life == life => self.wakes(n),
            Happens::Ends(n, life) if self.nodes[n].life == life => self.crashes_by_itself(n),
            Happens::Wakes(..) | Happens::Ends(..) | Happens::Glance => {}
            Happens::Staged(n, serial) => self.staged(n, serial),
            Happens::Sent(source, turn) => self.has_sent(source, turn),
            Happens::Taken(n, lane, serial) => self.has_taken(n, lane, serial),
            Happens::Window(n, lane, serial) => self.window_is_over(n, lane, serial),
            Happens::Mirror(number, begins) => self.mirror_changes(number, begins),
            Happens::Back(n) => self.come_back(n),
            Happens::Propose(number) => {
                self.to_come -= 1;
                self.votes.approve(self.setting, number);
            }
            Happens::Revoke => {
                self.to_come -= 1;
                if let Some(revoke) = self.plan.revoke {
                    self.votes.revoke(self.view.builds[revoke.build].hash);
                }
            }
        }
        true
    }

    fn wakes(&mut self, n: usize) {
        match &self.nodes[n].state {
            State::Waits => self.decide(n),
            State::Runs(_) => self.look_at_process(n),
            State::Moves(moves) => {
                let moves = (**moves).clone();
                self.go_on_moving(n, moves);
            }
            State::Away | State::Still => {}
        }
    }

    /// A block, if more than two thirds of the power are up; what follows from it at once.
    fn block(&mut self) -> bool {
        if !self.power.decides() {
            self.counts.stalled_s += STALLED.as_secs();
            self.world.after(STALLED, Happens::Block);
            return true;
        }
        let words = self.words();
        let (now, height) = (self.now(), self.view.height.0 as usize);
        let count = self.votes.accounts().len();
        let up = |validator: &usize| self.power.why(*validator) == Why::Up;
        let proposer = (0..count).map(|step| (height + step) % count).find(up).unwrap_or_default();
        let passed = self.clock().0.saturating_sub(self.view.time.0).max(1);
        if !self.votes.block(now, Duration::from_millis(passed), proposer, &words, self.run) {
            return false;
        }
        self.are_said(&words);
        let hashes: Vec<_> = self.view.builds.iter().map(|known| known.hash).collect();
        let before: Vec<bool> = (0..hashes.len()).map(|build| self.view.lets_run(build)).collect();
        self.view = View::of(&self.votes, self.setting, &hashes);
        self.give_turns();
        for (build, might) in before.into_iter().enumerate() {
            if might && !self.view.lets_run(build) {
                self.stop_all(build);
            }
        }
        self.world.after(BETWEEN_BLOCKS, Happens::Block);
        true
    }

    /// What validators say with the next block: each the first thing that waits in its journal, or that it has started.
    fn words(&self) -> Vec<Word> {
        let (now, window) = (self.now(), self.setting.trial.window);
        let mut words = Vec::new();
        for (validator, node) in self.nodes.iter().enumerate().take(self.setting.validators()) {
            let follows = node.process().is_some_and(|process| node.ailment(process.build) != Some(How::StandsStill));
            if !follows || !node.answers(now) {
                continue;
            }
            if let Some(build) = node.receipt_due {
                let build = self.view.builds[build].hash;
                words.push(Word { validator, build, stage: InstallStage::Booted });
            }
            let report = node.home.journal.read().reports.first();
            if let Some(report) = report.filter(|_| node.is_scouting(now, window)) {
                words.push(Word { validator, build: report.hash, stage: report.stage.clone() });
            }
        }
        words
    }

    /// They are on chain, whatever came of them.
    fn are_said(&mut self, words: &[Word]) {
        for word in words {
            let node = &mut self.nodes[word.validator];
            if word.stage == InstallStage::Booted {
                node.receipt_due = None;
            } else {
                node.home.change(|journal| {
                    journal.reports.retain(|waits| waits.hash != word.build || waits.stage != word.stage);
                });
            }
        }
    }

    /// A build may run no more: all nodes that run it end.
    fn stop_all(&mut self, build: usize) {
        self.tell(|| format!("build {build} may run no more"));
        let now = self.now();
        let is_run = |node: &Node| node.process().is_some_and(|process| process.build == build);
        let running: Vec<usize> = (0..self.nodes.len()).filter(|n| is_run(&self.nodes[*n])).collect();
        let ended = Ended::refused_with(self.view.exit_code(build));
        for n in running {
            // What has not answered yet ends by its own boot check, as soon as it would.
            if self.nodes[n].process().is_some_and(|process| now >= process.answers) {
                self.is_kept(n, Why::Retires);
                self.has_ended(n, ended);
            }
        }
        let goes_on =
            |node: &Node| node.process().is_some_and(|process| now >= process.answers && process.build == build);
        if let Some(n) = self.nodes.iter().position(goes_on) {
            self.broken(&UNAPPROVED, format!("n{n} goes on with build {build}, which may run no more"));
        }
    }

    /// Whose turn it is to change to what has just been approved.
    fn give_turns(&mut self) {
        for (number, known) in self.view.builds.iter().enumerate().skip(1) {
            let activated = known.release.as_ref().and_then(|release| release.activated);
            if let Some(moment) = activated.filter(|_| self.turns[number].is_none()) {
                let set = self.votes.chain.validators();
                let (accounts, distance) = (self.votes.accounts(), self.setting.distance);
                self.turns[number] = Some(Turns::of(&set, accounts, &known.hash, moment.time, distance));
            }
        }
    }

    /// Whether all is over: nothing more is to come, or the time is, and everybody has come to rest.
    fn glance(&mut self) -> bool {
        let now = self.now();
        let time_is_over = now >= Moment::BEGIN.plus(Duration::from_secs(self.plan.until_s));
        if !self.is_over && (time_is_over || self.power.has_stopped() || self.is_quiet()) {
            self.is_over = true;
            self.over_since = Some(now);
        }
        let is_late = self.over_since.is_some_and(|since| now >= since.plus(MOST_UNREST));
        let has_stopped = self.is_over && self.power.has_stopped();
        let at_rest = |node: &Node| matches!(node.state, State::Still) || node.is_proven();
        let all_rest = || self.nodes.iter().all(at_rest);
        let nobody_is_away = || !self.nodes.iter().any(|node| matches!(node.state, State::Away | State::Moves(_)));
        if self.is_over && (is_late || all_rest() || (has_stopped && nobody_is_away())) {
            return true;
        }
        self.world.after(GLANCE, Happens::Glance);
        false
    }

    /// Whether nobody has anything left to do.
    fn is_quiet(&self) -> bool {
        let has_what_it_wants = |node: &Node| {
            let Some(process) = node.process() else { return matches!(node.state, State::Still) };
            let is_bad = |next: usize| node.home.journal.read().badness(&self.view.builds[next].hash).is_some();
            node.is_proven() && self.view.builds[process.build].next.is_none_or(is_bad)
        };
        self.to_come == 0
            && self.votes.are_over()
            && !self.view.a_stop_is_to_come()
            && self.nodes.iter().all(has_what_it_wants)
    }

    /// What it came to.
    fn end(mut self) -> Outcome {
        for n in 0..self.nodes.len() {
            let home = &self.nodes[n].home;
            let content = home.content(home.live());
            let is_whole = matches!(content, Content::Whole(build) if self.view.lets_run(build));
            let is_away = matches!(self.nodes[n].state, State::Away);
            if !matches!(self.nodes[n].state, State::Still) && (is_away || !is_whole) {
                self.broken(&STRANDED, format!("n{n} ends with {content:?}"));
            }
        }
        for n in 0..self.nodes.len() {
            self.stop_fetching(n);
        }
        let from_peers = self.uplinks.values().map(Pipe::sent).sum::<u64>() + self.counts.from_peers;
        let power = &self.power;
        Outcome {
            nodes: self.nodes.len() as u64,
            of_nodes: self.of_nodes.reached,
            of_stake: self.of_stake.reached,
            most_changing_permille: power.thousandths(power.most_changing),
            most_away_permille: power.thousandths(power.most_away),
            bytes_of_mirrors: self.mirrors.iter().map(|line| line.pipe.sent()).collect(),
            is_bad: self.plan.releases.first().is_some_and(|release| release.bad.is_some()),
            is_revoked: self.plan.revoke.is_some(),
            network_stopped: power.has_stopped(),
            counts: Counts { from_peers, ..self.counts },
            without_first: None,
        }
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
    }

    /// A node goes on after a while, if it is still in the same life.
    pub fn wake_after(&mut self, n: usize, after: Duration) {
        let life = self.nodes[n].life;
        self.world.after(after, Happens::Wakes(n, life));
    }

    /// What keeps the validator of a node from deciding blocks, if it has one.
    pub fn is_kept(&mut self, n: usize, why: Why) {
        let Some(validator) = self.nodes[n].validator else { return };
        self.power.set(validator, why);
        if self.power.has_a_third_changing() {
            let most = self.power.thousandths(self.power.most_changing);
            self.broken(&THIRD_DOWN, format!("{most} thousandths of the power change at one time"));
        }
    }

    /// Counts a node as one that runs the release, once.
    pub fn count_if_new(&mut self, n: usize) {
        let now = self.now();
        let node = &mut self.nodes[n];
        let runs_it = node.process().is_some_and(|process| process.build > 0);
        if !runs_it || std::mem::replace(&mut node.is_counted, true) {
            return;
        }
        self.of_nodes.add(1, now);
        if let Some(validator) = node.validator {
            self.of_stake.add(self.power.of(validator), now);
        }
    }

    /// What is seen of the node that runs.
    pub fn seen(&self, n: usize) -> Seen {
        let (node, now) = (&self.nodes[n], self.now());
        let Some(process) = node.process().filter(|_| node.answers(now)) else { return Seen::Silence };
        let block_age_ms = self.clock().0.saturating_sub(self.view.time.0);
        let stands = node.ailment(process.build) == Some(How::StandsStill);
        let is_recent = Duration::from_millis(block_age_ms) <= 3 * BETWEEN_BLOCKS;
        let height = if stands { process.first } else { self.view.height };
        Seen::Health(Vitals { ok: is_recent && !stands, height, peers: PEERS, block_age_ms })
    }
}

/// All validators say what they run, and vote for the first release, until it is approved. None where a law is broken.
fn approve_the_first(votes: &mut Votes, setting: &Setting, run: &mut Run) -> Option<()> {
    let (build, stage) = (setting.first_build, InstallStage::Booted);
    let first = (0..setting.validators()).map(|validator| Word { validator, build, stage: stage.clone() });
    let mut words: Vec<Word> = first.collect();
    votes.approve(setting, 1);
    for _ in 0..MOST_BLOCKS_BEFORE {
        if !votes.block(Moment::BEGIN, BETWEEN_BLOCKS, 0, &std::mem::take(&mut words), run) {
            return None;
        }
        if votes.are_over() {
            break;
        }
    }
    Some(())
}
