//! A model checker walks every way a small network can go: the real runtime, each block one of the things that matter. What must never
//! happen does not; what should be possible is found.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

mod elections;
#[path = "../governed/mod.rs"]
mod governed;
#[path = "../network/mod.rs"]
mod network;
mod overlay;
mod releases;
mod rollouts;
