//! Many futures, each from its seed; which threads play them makes no difference.

use crate::chance::Chance;
use crate::property::Broken;
use crate::run::{Ended, Run, Simulation};
use runtime::Fact;
use serde::Serialize;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// A future that was played.
#[derive(Clone, Debug, Serialize)]
pub struct Future<O> {
    /// From what it was drawn.
    pub seed: u64,
    /// What it came to.
    pub outcome: O,
    /// The first breaches of properties.
    pub broken: Vec<Broken>,
    /// What happened of what must sometimes.
    pub happened: BTreeSet<&'static str>,
    /// How many events there were.
    pub events: u64,
    /// The hash of its trace, in hex.
    pub trace: String,
}

/// The plan of a seed.
pub fn plan_of<S: Simulation>(simulation: &S, seed: u64) -> S::Plan {
    simulation.plan(&mut Chance::of(seed).fork("plan"))
}

/// Plays a plan with the chance of a seed, and keeps the trace where that is asked for.
pub fn play_plan<S: Simulation>(
    simulation: &S,
    seed: u64,
    plan: &S::Plan,
    traced: bool,
) -> (Future<S::Outcome>, Vec<String>) {
    let (future, lines, _) = play_to_its_end(simulation, seed, plan, Run::new(seed, traced));
    (future, lines)
}

/// The same, with what the chain of the future decided instead of the trace: the facts of its blocks from height 1 on.
pub fn facts_of<S: Simulation>(simulation: &S, seed: u64, plan: &S::Plan) -> (Future<S::Outcome>, Vec<Fact>) {
    let (future, _, facts) = play_to_its_end(simulation, seed, plan, Run::new(seed, false).keeping_facts());
    (future, facts)
}

fn play_to_its_end<S: Simulation>(
    simulation: &S,
    seed: u64,
    plan: &S::Plan,
    mut run: Run,
) -> (Future<S::Outcome>, Vec<String>, Vec<Fact>) {
    let outcome = simulation.run(plan, &mut run);
    let Ended { broken, happened, events, trace, lines, facts } = run.end();
    (Future { seed, outcome, broken, happened, events, trace }, lines, facts)
}

/// Plays the future of one seed; with its trace, where that is asked for, and its plan.
pub fn play_one<S: Simulation>(simulation: &S, seed: u64, traced: bool) -> (Future<S::Outcome>, Vec<String>, S::Plan) {
    let plan = plan_of(simulation, seed);
    let (future, lines) = play_plan(simulation, seed, &plan, traced);
    (future, lines, plan)
}

/// Plays the futures of many seeds on so many threads, and gives them by seed. `progress` is told how many are done.
pub fn play<S: Simulation>(
    simulation: &S,
    seeds: Range<u64>,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
) -> Vec<Future<S::Outcome>> {
    let (next, done) = (AtomicU64::new(seeds.start), AtomicU64::new(0));
    // It never counts past the end, so that no thread begins anew where the end is the last number there is.
    let following = |seed: u64| (seed < seeds.end).then(|| seed + 1);
    let work = || {
        let mut played = Vec::new();
        while let Ok(seed) = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, following) {
            played.push(play_one(simulation, seed, false).0);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
        played
    };
    let mut futures: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    futures.sort_by_key(|future| future.seed);
    futures
}

/// The hash over the traces of all of them, in hex.
pub fn trace_of<O>(futures: &[Future<O>]) -> String {
    let mut hasher = blake3::Hasher::new();
    for future in futures {
        hasher.update(future.trace.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
