//! One future, from genesis to the last block of its plan, or to a breach after which there is nothing more to see.

use super::checker::Checker;
use super::hazards::{BondChange, Hazards, StakeMove};
use super::home::Home;
use super::machine::Machine;
use super::oracle::Oracle;
use super::outcome::ConsensusOutcome;
use super::scene::{Happens, Scene};
use super::setting::Setting;
use super::standing::Standing;
use crate::keys::{Role, key};
use crate::links::{Links, Place};
use crate::run::Run;
use crate::world::{Moment, World};
use ::consensus::{Address, Signatory};
use ledger::Ledger;
use primitives::{AccountId, Height, SecretKey};
use runtime::{Call, Lane, testing};
use std::time::Duration;

/// How often everything is looked at.
const WATCH: Duration = Duration::from_secs(1);
/// How much a payment moves.
const PAID: u64 = 1;

/// Plays a future.
pub(super) fn play(setting: &Setting, plan: &Hazards, run: &mut Run) -> ConsensusOutcome {
    let links = Links::new(plan.links.clone(), plan.partitions.clone(), run.chance.fork("links"));
    let scene = Scene {
        setting,
        plan,
        world: World::new(),
        links,
        chance: run.chance.fork("machines"),
        checker: Checker::new(setting.genesis.chain.chain_id.clone()),
        oracle: Oracle::new(setting, plan),
        run,
    };
    let machines = (0..setting.places()).map(|place| machine(setting, plan, place)).collect();
    let mut play = Play { scene, machines };
    play.plans();
    play.begins();
    play.goes_on();
    play.ends()
}

/// A machine that is still down.
fn machine(setting: &Setting, plan: &Hazards, place: Place) -> Machine {
    let key = setting.keys[place].clone();
    Machine {
        place,
        signatory: Signatory::new(setting.genesis.chain.chain_id.clone(), key.clone()),
        key,
        nobody: Address(self::key(Role::Stranger, place as u64).account()),
        dishonest: plan.dishonest.iter().find(|dishonest| dishonest.place == place).cloned(),
        ledger: Ledger::in_memory(&setting.genesis),
        home: Home::default(),
        clock: plan.clocks[place].clone(),
        standing: Standing::Signs,
        lives: 0,
        life: None,
        fall: None,
        live_blocks: 0,
        moved: Moment::BEGIN,
        catching_up: None,
    }
}

struct Play<'r> {
    scene: Scene<'r>,
    machines: Vec<Machine>,
}

impl Play<'_> {
    /// Puts what the plan says into time.
    fn plans(&mut self) {
        let (plan, world) = (self.scene.plan, &mut self.scene.world);
        for (index, crash) in plan.crashes.iter().enumerate() {
            world.at(crash.at, Happens::Crash(index));
            world.at(crash.back(), Happens::Back(index));
        }
        for (index, jump) in plan.jumps.iter().enumerate() {
            world.at(jump.at, Happens::Jump(index));
        }
        for (index, changed) in plan.moves.iter().enumerate() {
            world.at(changed.at, Happens::Move(index));
        }
        world.after(self.scene.setting.block_time(), Happens::Pay);
        world.after(WATCH, Happens::Watch);
    }

    fn begins(&mut self) {
        for machine in &mut self.machines {
            machine.starts(Height(0), &mut self.scene);
        }
    }

    fn goes_on(&mut self) {
        while !self.scene.oracle.is_over()
            && !self.is_done()
            && let Some(happens) = self.scene.world.next()
        {
            self.lets(happens);
        }
        let events = self.scene.world.events();
        self.scene.run.add_events(events);
    }

    /// Whether every honest machine is up and has come as far as the plan says.
    fn is_done(&self) -> bool {
        let heights = Height(self.scene.plan.heights);
        let mut honest = self.machines.iter().filter(|machine| machine.is_honest());
        honest.all(|machine| machine.is_up() && machine.fall.is_none() && machine.height() >= heights)
    }

    fn lets(&mut self, happens: Happens) {
        let Self { scene, machines } = self;
        let plan = scene.plan;
        match happens {
            Happens::Hear { to, from, letter } => {
                let Some(machine) = machines.get_mut(to).filter(|machine| machine.is_up()) else { return };
                scene.hand_on(to, &letter);
                machine.hears(from, &letter, scene);
            }
            Happens::Timer { place, life, id } => machines[place].is_timed_out(life, id, scene),
            Happens::Crash(index) => machines[plan.crashes[index].place].falls(&plan.crashes[index], scene),
            Happens::Back(index) => {
                let newest = machines.iter().filter(|machine| machine.is_honest()).map(Machine::height).max();
                machines[plan.crashes[index].place].starts(newest.unwrap_or_default(), scene);
            }
            Happens::Jump(index) => machines[plan.jumps[index].place].clock.jump(plan.jumps[index].ms),
            Happens::Move(index) => self.moves(&plan.moves[index]),
            Happens::Pay => self.pays(),
            Happens::Watch => self.watches(),
        }
    }

    /// Has a bond changed by a real call.
    fn moves(&mut self, changed: &StakeMove) {
        let setting = self.scene.setting;
        match changed.what {
            BondChange::Bond { place, amount } => {
                self.submits_at(Some(place), &setting.keys[place], testing::bond(amount));
            }
            BondChange::Unbond { place, amount } => {
                let validator = setting.keys[place].account();
                self.submits_at(Some(place), &setting.keys[place], testing::unbond(validator, amount));
            }
            BondChange::Delegate { holder, to, amount } => {
                let validator = setting.keys[to].account();
                self.submits_at(None, &setting.holders[holder], testing::delegate(validator, amount));
            }
        }
    }

    /// Somebody pays somebody else.
    fn pays(&mut self) {
        let setting = self.scene.setting;
        if self.scene.chance.happens(self.scene.plan.payments_per_million) {
            let to: AccountId = setting.keys[0].account();
            let holders = &setting.holders;
            if let Some(from) = self.scene.chance.pick(holders) {
                self.submits_at(None, from, testing::transfer(to, PAID));
            }
        }
        self.scene.world.after(setting.block_time(), Happens::Pay);
    }

    /// Submits at a machine, or at any honest one that is up. What is refused is told of, and its sender's to worry about.
    fn submits_at(&mut self, place: Option<Place>, key: &SecretKey, call: Call) {
        let Self { scene, machines } = self;
        let up = machines.iter().filter(|machine| machine.is_up() && machine.is_honest());
        let up: Vec<Place> = up.map(|machine| machine.place).collect();
        let place = place.filter(|place| up.contains(place)).or_else(|| scene.chance.pick(&up).copied());
        if let Some(machine) = place.and_then(|place| machines.get_mut(place)) {
            let _ = machine.submits(key, Lane::Wallet, call, scene);
        }
    }

    /// Looks whether the chain goes on, and has machines look around.
    fn watches(&mut self) {
        let Self { scene, machines } = self;
        let now = scene.now();
        if let Some(calm) = scene.plan.calm_since(now) {
            scene.oracle.watches_progress(calm, now, scene.run);
            for machine in machines.iter() {
                let who = (machine.place, machine.height());
                if machine.is_up() {
                    scene.oracle.watches_straggler(who, machine.moved, calm, now, scene.run);
                } else {
                    scene.oracle.misses(who, now, scene.run);
                }
            }
        }
        for machine in machines.iter_mut().filter(|machine| machine.is_up()) {
            machine.looks_around(scene);
            if !machine.is_honest() {
                machine.comes_back(scene);
            }
        }
        scene.world.after(WATCH, Happens::Watch);
    }

    fn ends(self) -> ConsensusOutcome {
        let Self { scene, machines } = self;
        let Scene { run, oracle, world, .. } = scene;
        let now = world.now();
        for machine in &machines {
            let has = |height: Height| machine.ledger.storage().at(height).map(|kept| kept.block.hash());
            oracle.compares(machine.place, has, now, run);
        }
        oracle.ends(now, run)
    }
}
