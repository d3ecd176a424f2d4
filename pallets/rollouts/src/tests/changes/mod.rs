//! Stories of changes, from being asked for to what came of them: in a network of which every block, ballot and clock is real.

mod chain;
mod classes;
mod emergencies;
mod freezes;
mod judged;
mod production;
mod quorum;
mod refusals;
mod steps;
mod told;
mod waiting;
mod walked;
mod wire;
