//! Stories of changes, from being asked for to what came of them: in a network of which every block, ballot and clock is real.

mod amendments;
mod chain;
mod classes;
mod emergencies;
mod found;
mod freezes;
mod incidents;
mod judged;
mod kept;
mod phases;
mod polled;
mod production;
mod promoted;
mod quorum;
mod refusals;
mod rollbacks;
mod shares;
mod shop;
mod steps;
mod told;
mod waiting;
mod walked;
mod wire;
