//! What many futures of one simulation came to, counted by property.

use crate::answer::Answer;
use crate::futures::{Future, trace_of};
use crate::property::{Broken, Kind, Property};
use crate::run::Simulation;
use std::ops::Range;

/// What many futures of one simulation came to.
pub struct Played<'a, S: Simulation> {
    /// What was played.
    pub simulation: &'a S,
    /// Where the network was taken from.
    pub source: &'a str,
    /// From which seeds.
    pub seeds: Range<u64>,
    /// The futures, by seed.
    pub futures: Vec<Future<S::Outcome>>,
}

impl<S: Simulation> Played<'_, S> {
    /// How many futures broke a property, or how many it happened in.
    pub fn count(&self, property: &Property) -> u64 {
        let counts = |future: &&Future<S::Outcome>| match property.kind {
            Kind::Never => future.broken.iter().any(|broken| broken.property == property.name),
            Kind::Sometimes => future.happened.contains(property.name),
        };
        self.futures.iter().filter(counts).count() as u64
    }

    /// The first breach, with the seed of its future.
    pub fn first_broken(&self) -> Option<(u64, &Broken)> {
        self.futures.iter().find_map(|future| Some((future.seed, future.broken.first()?)))
    }

    /// What must happen sometimes, and did in none.
    pub fn missing(&self) -> Vec<&'static Property> {
        let sometimes = self.simulation.properties().iter().filter(|property| property.kind == Kind::Sometimes);
        sometimes.filter(|property| self.count(property) == 0).copied().collect()
    }

    /// How many events there were.
    pub fn events(&self) -> u64 {
        self.futures.iter().map(|future| future.events).sum()
    }

    /// What the outcomes say.
    pub fn answer(&self) -> Answer {
        let outcomes: Vec<S::Outcome> = self.futures.iter().map(|future| future.outcome.clone()).collect();
        self.simulation.answer(&outcomes)
    }

    /// The hash over all traces, in hex.
    pub fn trace(&self) -> String {
        trace_of(&self.futures)
    }
}
