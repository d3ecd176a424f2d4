//! One future: it is drawn from a seed, told step by step, and held to the properties of its simulation.

use crate::answer::Answer;
use crate::chance::Chance;
use crate::property::{Broken, Property};
use crate::world::Moment;
use runtime::Fact;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Debug;

/// How many breaches of one future are kept; what follows from the first ones says little.
const KEPT: usize = 8;

/// What plays futures: what can happen in them, and what is to be learned from them.
pub trait Simulation: Sync {
    /// What happens in one future, faults included: all of it but chance.
    type Plan: Clone + Debug + Serialize + Send + Sync;
    /// What a future came to: numbers that answers are made of.
    type Outcome: Clone + Debug + Serialize + Send;

    /// The program's name.
    fn name(&self) -> &'static str;
    /// What is asked of futures.
    fn properties(&self) -> &'static [&'static Property];
    /// Draws what happens.
    fn plan(&self, chance: &mut Chance) -> Self::Plan;
    /// Plays it.
    fn run(&self, plan: &Self::Plan, run: &mut Run) -> Self::Outcome;
    /// Plans that are simpler by one thing each, the much simpler ones first.
    fn simpler(&self, plan: &Self::Plan) -> Vec<Self::Plan>;
    /// What the outcomes say to who runs the program.
    fn answer(&self, outcomes: &[Self::Outcome]) -> Answer;
}

/// A future while it is played.
#[derive(Debug)]
pub struct Run {
    /// All chance in it.
    pub chance: Chance,
    hasher: blake3::Hasher,
    lines: Option<Vec<String>>,
    broken: Vec<Broken>,
    is_broken: bool,
    happened: BTreeSet<&'static str>,
    events: u64,
    /// What its chain decided, where that is kept.
    facts: Option<Vec<Fact>>,
}

impl Run {
    /// The future of a seed; its trace is kept where that is asked for.
    pub fn new(seed: u64, traced: bool) -> Self {
        Self {
            chance: Chance::of(seed).fork("run"),
            hasher: blake3::Hasher::new(),
            lines: traced.then(Vec::new),
            broken: Vec::new(),
            is_broken: false,
            happened: BTreeSet::new(),
            events: 0,
            facts: None,
        }
    }

    /// Keeps what its chain decides, for whoever compares that with another chain.
    pub fn keeping_facts(self) -> Self {
        Self { facts: Some(Vec::new()), ..self }
    }

    /// Its chain decided a block more, from which this came. Where each validator has a chain of its own, it is told once.
    pub fn decided(&mut self, facts: &[Fact]) {
        if let Some(kept) = &mut self.facts {
            kept.extend_from_slice(facts);
        }
    }

    /// Tells what happens. All of it makes the hash by which two futures are the same.
    pub fn tell(&mut self, at: Moment, what: impl FnOnce() -> String) {
        let line = format!("{at} {}", what());
        self.hasher.update(line.as_bytes()).update(b"\n");
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    /// A property is broken; how, in a sentence.
    pub fn broken(&mut self, property: &'static Property, at: Moment, what: impl Into<String>) {
        let what = what.into();
        self.tell(at, || format!("BROKEN: {}: {what}", property.name));
        self.is_broken = true;
        if self.broken.len() < KEPT {
            self.broken.push(Broken { property: property.name, at, what });
        }
    }

    /// Something has happened that must happen sometimes.
    pub fn happened(&mut self, property: &'static Property) {
        self.happened.insert(property.name);
    }

    /// Whether any property is broken.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Counts events, for what a second of a machine gets through.
    pub fn add_events(&mut self, count: u64) {
        self.events = self.events.saturating_add(count);
    }

    /// The hash of all that was told.
    pub fn trace_hash(&self) -> [u8; 32] {
        *self.hasher.finalize().as_bytes()
    }

    /// What came of it: what is broken, what happened, how many events, and trace and facts as far as they were kept.
    pub fn end(self) -> Ended {
        let trace = hex::encode(self.trace_hash());
        let Self { broken, happened, events, lines, facts, .. } = self;
        let (lines, facts) = (lines.unwrap_or_default(), facts.unwrap_or_default());
        Ended { broken, happened, events, trace, lines, facts }
    }
}

/// A future that was played.
#[derive(Debug)]
pub struct Ended {
    /// The first breaches.
    pub broken: Vec<Broken>,
    /// What happened of what must sometimes.
    pub happened: BTreeSet<&'static str>,
    /// How many events.
    pub events: u64,
    /// The hash of the trace.
    pub trace: String,
    /// The trace, where it was kept.
    pub lines: Vec<String>,
    /// What its chain decided, from height 1 on, where that was kept.
    pub facts: Vec<Fact>,
}
