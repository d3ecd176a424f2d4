//! What came of a block, as stories ask about it.
#![allow(dead_code, reason = "each story uses a part of it")]

use primitives::{Digest, Moment};
use runtime::{Cause, Error, Event, Fact};

/// A block that was made: what came of it.
pub struct MadeBlock {
    /// Where it stands.
    pub at: Moment,
    /// Every decision in it, in order.
    pub facts: Vec<Fact>,
    /// The hash of the set that decides the next block, as its header has it.
    pub next_validators_hash: Digest,
}

impl MadeBlock {
    /// What its transactions came to, in their order.
    pub fn outcomes(&self) -> Vec<Result<Event, Error>> {
        let asked = self.facts.iter().filter(|fact| matches!(fact.cause, Cause::Transaction { .. }));
        asked.map(|fact| fact.outcome.clone()).collect()
    }

    /// The codes of those: see [`code`].
    pub fn codes(&self) -> Vec<&'static str> {
        self.outcomes().iter().map(code).collect()
    }

    /// What the clock and votes brought to changes.
    pub fn brought(&self) -> Vec<rollouts::Event> {
        brought(&self.facts)
    }
}

/// Of some facts, what the clock and votes brought to changes.
pub fn brought(facts: &[Fact]) -> Vec<rollouts::Event> {
    let unasked = facts.iter().filter(|fact| !matches!(fact.cause, Cause::Transaction { .. }));
    let of_changes = unasked.filter_map(|fact| match &fact.outcome {
        Ok(Event::Rollouts(event)) => Some(event.clone()),
        _ => None,
    });
    of_changes.collect()
}

/// The names of those, such as `missed`.
pub fn kinds(facts: &[Fact]) -> Vec<&'static str> {
    let name = |event: &rollouts::Event| <&'static str>::from(event).trim_start_matches("rollouts.");
    brought(facts).iter().map(name).collect()
}

/// The code of a refusal as tools know it, `granted` where it was none, and nothing for one of those from before there were codes.
pub fn code(outcome: &Result<Event, Error>) -> &'static str {
    match outcome {
        Ok(_) => "granted",
        Err(error) => error.code().unwrap_or_default(),
    }
}
