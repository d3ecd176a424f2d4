//! What the state machine costs, each number beside its floor from the same run.
//!
//! `cargo bench -p runtime --profile dev --bench execute`; with `-- votes` the votes on stake one by one alone, and so with `block`,
//! `plans`, `flags` and `log`.
#![allow(clippy::restriction, reason = "a bench may stop where it fails")]
#![expect(clippy::disallowed_types, reason = "a bench reads the clock")]

mod busy;
mod council;
#[path = "../../tests/governed/mod.rs"]
mod governed;
mod lists;
mod log;
mod measure;
mod resolving;
mod rows;
mod scene;
mod votes;

use scene::Scene;

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_asked = |part: &str| asked.is_empty() || asked.iter().any(|other| other == part);
    measure::heading();
    if is_asked("block") {
        votes::block(1_000);
    }
    if is_asked("votes") {
        votes::one_by_one();
    }
    if is_asked("plans") {
        for validators in [4, 128] {
            under_a_plan(&Scene::with(validators));
        }
    }
    if is_asked("flags") {
        resolving::measure();
    }
    if is_asked("log") {
        log::measure();
    }
}

fn under_a_plan(scene: &Scene) {
    println!("under a plan, with {} validators and a council of {}:", scene.validators, scene.council.len());
    council::measure(scene);
    lists::measure(scene);
    busy::measure(scene);
}
