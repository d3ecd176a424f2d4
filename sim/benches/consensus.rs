//! How long futures of fifty blocks take, and how many events a second that is: of four, seven and forty validators.
//!
//! The goal: 1,000 futures of four validators in under ten minutes on two cores, which is 1.2 seconds of one core for each.
//! Run with `cargo bench -p sim --bench consensus`. `SEEDS` changes how many futures of four validators are played.
#![allow(clippy::print_stdout, reason = "a bench prints what it measures")]

use clap::Parser;
use sim::consensus::{HostileNetwork, HostileOptions};
use sim::futures::play;
use sim::network::Network;
use std::time::Instant;

/// What stands behind the name of the program.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: HostileOptions,
}

fn main() {
    let seeds: u64 = std::env::var("SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    for (validators, heights, seeds) in [(4, 50, seeds), (7, 50, seeds.div_ceil(4)), (40, 10, 1)] {
        let line = format!("consensus --validators {validators} --heights {heights}");
        let options = Line::parse_from(line.split_whitespace()).options;
        let simulation = HostileNetwork::new(&options, Network::small(), None).unwrap();
        let begun = Instant::now();
        let futures = play(&simulation, 0..seeds, 1, &|_| {});
        let took = begun.elapsed();
        let events: u64 = futures.iter().map(|future| future.events).sum();
        let blocks: u64 = futures.iter().map(|future| future.outcome.heights).sum();
        let each = took / u32::try_from(seeds).unwrap_or(u32::MAX).max(1);
        let rate = u128::from(events) * 1_000_000 / took.as_micros().max(1);
        println!(
            "{validators} validators, {seeds} futures of {heights} blocks: {each:?} each, {rate} events a second, {blocks} blocks"
        );
    }
}
