//! What an organisation lets change, in which order, when, and on whose word: the plan.
//!
//! A [`Plan`](plan::Plan) is a profile file as the chain holds it: stages in their order, each with the values that its flags
//! have there, the [checks](check::Check) that guard it, and what is done to enter and to leave it; procedures, which say how
//! each [kind of change](plan::ChangeKind) is approved and what it owes afterwards; windows, phases, playbooks, signals and
//! roles. Nothing of it is code: that a network goes from `development` to `mainnet`, and a shop from `DEV` to `PROD`, is a row
//! of a file each.
//!
//! A plan that contradicts itself is refused, with everything that is wrong at once:
//! [`Plan::mistakes`](plan::Plan::mistakes) is what whoever loads a profile, shows one or installs one asks.
//!
//! # Invariants
//! - No stage comes before another but by its place in the list.
//! - No check is without a role that owns it, and no blocker drops out of any class's list; of a plan of a node no vote does.
//! - No vote is met by anything but votes: no incident stands for one.
//! - No list that is judged asks of more than [`MOST_KEYS`](plan::MOST_KEYS) keys.
//! - No plan of a node has a way to end the quorum of its validators without a vote of the stake.
//! - No span is shorter than a minute, but in a plan that says it is for tests.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod check;
pub mod plan;
#[cfg(test)]
mod tests;
mod window;
