//! How many events a second are played, and how much memory that takes, with 100 nodes and with 10,000: each in a process of its own,
//! whose most resident memory the kernel keeps. Once the mirrors send as much for each node and nothing is wrong with the release, so that
//! a node goes through the same; and once the options are the default ones, with which many share what few did. No future is played once
//! more without its first mirror, which would count its nodes once and play them twice.
//!
//! Run with `cargo bench -p sim --bench lagging_release`.
#![allow(clippy::print_stdout, reason = "a bench prints what it measures")]
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "a bench reads the clock")]

use clap::Parser;
use sim::futures::play_one;
use sim::lagging_release::{LaggingRelease, Options};
use sim::network::Network;
use std::process::Command;
use std::time::Instant;

/// Names the number of nodes to the process that plays them, and says whether the other options are the default ones.
const NODES: &str = "SIM_NODES";
const DEFAULTS: &str = "SIM_DEFAULTS";
/// What two mirrors send for each node, in KiB a second.
const KIB_EACH: u64 = 100;
/// How many futures are played by the default options, which differ in what goes wrong.
const FUTURES: u64 = 4;

#[derive(Parser)]
struct Given {
    #[command(flatten)]
    options: Options,
}

/// What one process measured.
#[derive(Clone, Copy)]
struct Measured {
    /// Nodes of all futures together.
    nodes: u64,
    events: u64,
    micros: u64,
    kib: u64,
}

fn main() {
    if let Some(nodes) = std::env::var(NODES).ok().and_then(|text| text.parse().ok()) {
        let Measured { nodes, events, micros, kib } = play(nodes, std::env::var_os(DEFAULTS).is_some());
        println!("{nodes} {events} {micros} {kib}");
        return;
    }
    println!("     played      nodes       events   events/s   µs/node   peak memory");
    for (played, by_default) in [("as much each", false), ("by default", true)] {
        let (few, many) = (in_a_process(100, by_default), in_a_process(10_000, by_default));
        for Measured { nodes, events, micros, kib } in [few, many] {
            let (rate, each) = (events * 1_000_000 / micros.max(1), micros / nodes);
            println!("{played:>12} {nodes:>8} {events:>12} {rate:>10} {each:>9} {:>9} MiB", kib >> 10);
        }
        let growth = (many.micros as f64 / many.nodes as f64) / (few.micros as f64 / few.nodes as f64).max(1.0);
        println!("a node takes {growth:.2} times as long among 10,000 (at most 2); memory is to stay under 2048 MiB");
    }
}

fn in_a_process(nodes: u64, by_default: bool) -> Measured {
    let mut own = Command::new(std::env::current_exe().unwrap());
    own.env(NODES, nodes.to_string());
    if by_default {
        own.env(DEFAULTS, "yes");
    }
    let output = own.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<u64> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
    Measured { nodes: numbers[0], events: numbers[1], micros: numbers[2], kib: numbers[3] }
}

fn play(nodes: u64, by_default: bool) -> Measured {
    let (nodes_text, rate) = (nodes.to_string(), (KIB_EACH * nodes / 2).to_string());
    let mut words = vec!["lagging_release", "--nodes", nodes_text.as_str(), "--without-first", "0"];
    if !by_default {
        words.extend(["--mirror-kib-per-second", rate.as_str(), "--bad", "0", "--revoke", "0"]);
    }
    let options = Given::parse_from(words).options;
    let simulation = LaggingRelease::new(&options, Network::small(), None).unwrap();
    let futures = if by_default { FUTURES } else { 1 };
    let (began, mut events) = (Instant::now(), 0);
    for seed in 0..futures {
        let (future, ..) = play_one(&simulation, seed, false);
        assert!(future.broken.is_empty(), "seed {seed}: {:?}", future.broken);
        events += future.events;
    }
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap();
    Measured { nodes: nodes * futures, events, micros, kib: peak_kib() }
}

/// The most memory that was resident in this process, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
