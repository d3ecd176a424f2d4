//! The smallest plan in which a property still breaks: what is left of it is what breaks it.

use crate::futures::play_plan;
use crate::run::Simulation;

/// Takes a plan of a seed apart, thing by thing, for as long as the same property breaks, in so many tries at most.
pub fn shrink<S: Simulation>(simulation: &S, seed: u64, plan: S::Plan, property: &str, most_tries: u32) -> S::Plan {
    let mut smallest = plan;
    let mut tries = 0;
    'smaller: loop {
        for simpler in simulation.simpler(&smallest) {
            if tries == most_tries {
                return smallest;
            }
            tries += 1;
            let (future, _) = play_plan(simulation, seed, &simpler, false);
            if future.broken.iter().any(|broken| broken.property == property) {
                smallest = simpler;
                continue 'smaller;
            }
        }
        return smallest;
    }
}
