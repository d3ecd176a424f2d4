//! How many events a second are played, and how much memory that takes, with 100 nodes and with 10,000: each in a process of its own,
//! whose most resident memory the kernel keeps. The mirrors send as much for each node, so that a node goes through the same.
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

/// Names the number of nodes to the process that plays them.
const NODES: &str = "SIM_NODES";
/// What two mirrors send for each node, in KiB a second.
const KIB_EACH: u64 = 100;

#[derive(Parser)]
struct Given {
    #[command(flatten)]
    options: Options,
}

/// What one process measured.
#[derive(Clone, Copy)]
struct Measured {
    nodes: u64,
    events: u64,
    micros: u64,
    kib: u64,
}

fn main() {
    if let Some(nodes) = std::env::var(NODES).ok().and_then(|text| text.parse().ok()) {
        let Measured { events, micros, kib, .. } = play(nodes);
        println!("{events} {micros} {kib}");
        return;
    }
    let (few, many) = (in_a_process(100), in_a_process(10_000));
    println!("   nodes       events   events/s   µs/node   peak memory");
    for Measured { nodes, events, micros, kib } in [few, many] {
        let (rate, each) = (events * 1_000_000 / micros.max(1), micros / nodes);
        println!("{nodes:>8} {events:>12} {rate:>10} {each:>9} {:>9} MiB", kib >> 10);
    }
    let growth = (many.micros / many.nodes) as f64 / (few.micros / few.nodes).max(1) as f64;
    println!("a node takes {growth:.2} times as long among 10,000 (at most 2); memory is to stay under 2048 MiB");
}

fn in_a_process(nodes: u64) -> Measured {
    let own = std::env::current_exe().unwrap();
    let output = Command::new(own).env(NODES, nodes.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<u64> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
    Measured { nodes, events: numbers[0], micros: numbers[1], kib: numbers[2] }
}

fn play(nodes: u64) -> Measured {
    let (nodes_text, rate) = (nodes.to_string(), (KIB_EACH * nodes / 2).to_string());
    let given = Given::parse_from([
        "lagging_release",
        "--nodes",
        &nodes_text,
        "--mirror-kib-per-second",
        &rate,
        "--bad",
        "0",
        "--revoke",
        "0",
        "--without-first",
        "0",
    ]);
    let simulation = LaggingRelease::new(&given.options, Network::small(), None).unwrap();
    let began = Instant::now();
    let (future, ..) = play_one(&simulation, 0, false);
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap();
    assert!(future.broken.is_empty(), "{:?}", future.broken);
    Measured { nodes, events: future.events, micros, kib: peak_kib() }
}

/// The most memory that was resident in this process, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
