//! A plan, played in its simulation over a network of the rules that the processes have.

use anyhow::ensure;
use clap::Args;
use runtime::{Fact, Genesis};
use sim::futures::facts_of;
use sim::network::Network;
use sim::run::Simulation;

/// What chance there is in a plan whose facts are always the same: how long machines and links take, and whose turn it is.
const SEED: u64 = 0;

/// The network of a genesis, with keys that simulations have.
pub fn network(genesis: &Genesis) -> anyhow::Result<Network> {
    Network::of(genesis, "a network of four processes".into())
}

/// The options of a program, as they stand behind its name.
pub fn options<A: Args>(line: &str) -> anyhow::Result<A> {
    let command = A::augment_args(clap::Command::new("simulation").no_binary_name(true));
    Ok(A::from_arg_matches(&command.try_get_matches_from(line.split_whitespace())?)?)
}

/// What the chain of a plan decides. No property may be broken by it.
pub fn facts<S: Simulation>(simulation: &S, plan: &S::Plan) -> anyhow::Result<Vec<Fact>> {
    let (future, facts) = facts_of(simulation, SEED, plan);
    ensure!(future.broken.is_empty(), "{}: {:?}", simulation.name(), future.broken);
    Ok(facts)
}
