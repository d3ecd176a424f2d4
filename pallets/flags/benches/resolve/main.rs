//! What it costs to say what a flag serves from a compiled plan, and to compile one; each beside its floor from the same run.
//!
//! `cargo bench -p flags --profile dev --bench resolve`. Other engines are measured beside it by `make bench-peers`, which also counts
//! that no answer takes memory.
#![allow(clippy::restriction, reason = "a bench may stop where it fails")]
#![expect(clippy::disallowed_types, reason = "a bench reads the clock")]

mod shop;

use flags::{FlagReader, Snapshot, TouchedFlags, Value, queries};
use primitives::Path;
use shop::{Shop, TENANT};
use state::State;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How many answers are asked for at a time, so that one is not lost in reading the clock.
const EACH: u32 = 20_000;
/// How often a mean is taken.
const MEANS: usize = 25;
/// How wide the names of rows are.
const NAMES: usize = 66;

fn main() {
    println!("{:<NAMES$} {:>12} {:>12} {:>8}", "what", "median", "best", "target");
    answers(&Shop::of(1_000));
    whole_plans(&Shop::of(10_000));
}

/// One answer at a time, of a plan that is as large as one may be.
fn answers(shop: &Shop) {
    let state = State::over(&shop.memory);
    let snapshot = Snapshot::compile(&state, &shop.plan);
    let context = snapshot.context(&shop::known());
    let (root, tenant) = (snapshot.scope(&Path::ROOT), snapshot.scope(&path(TENANT)));
    let find = |key: &str| snapshot.find(key).unwrap();

    let constants: Vec<bool> = (0..1_000).map(|number| number % 2 == 0).collect();
    let place = find("static").place();
    answer("floor: a constant, by its place", "", || constants.get(black_box(place)).copied());
    for (what, key, scope, target) in [
        ("a flag of which nothing is set", "plain", &root, "3 ns"),
        ("a flag set at the root", "static", &root, "3 ns"),
        ("the same, asked for by a tenant", "static", &tenant, ""),
        ("a flag disabled at the root", "disabled", &root, "3 ns"),
        ("a flag with one rule", "ruled", &root, "10 ns"),
        ("a flag of two levels of override", "nested", &tenant, "15 ns"),
        ("a flag with a segment of 256", "member", &root, ""),
        ("a flag with a share", "share", &root, ""),
        ("a flag with a rule of eight parts", "joined", &root, ""),
    ] {
        let flag = find(key);
        answer(what, target, || snapshot.resolve(black_box(flag), black_box(scope), black_box(&context)));
    }
    answer("a flag set at the root, by its name", "25 ns", || {
        let flag = snapshot.find(black_box("static"))?;
        snapshot.resolve(flag, &root, &context)
    });
    let flag = find("static");
    answer("a flag set at the root, and its value read", "", || {
        match snapshot.resolve(black_box(flag), &root, &context)?.value()? {
            Value::Bool(is) => Some(*is),
            _ => None,
        }
    });
    answer("what is known of whoever asks, made ready", "", || snapshot.context(black_box(&shop::known())));
}

/// Everything of a plan at once.
fn whole_plans(shop: &Shop) {
    let state = State::over(&shop.memory);
    let count = || queries::flags(&state, &shop.plan).count();
    println!("of a plan of {} flags, which is ten times what one may have:", count());
    once("  floor: the flags read from state", "", count);
    once("  compiled from state", "10 ms", || Snapshot::compile(&state, &shop.plan));
    let snapshot = Snapshot::compile(&state, &shop.plan);
    let touched = TouchedFlags::of(&shop.plan, [b"flags/settings/shop\0static\0\0".as_slice()]);
    once("  compiled after a block that touched one flag", "", || snapshot.following(&state, &touched));

    let shop = Shop::of(1_000);
    let state = State::over(&shop.memory);
    let snapshot = Snapshot::compile(&state, &shop.plan);
    let clients = snapshot.seen_by(FlagReader::Client);
    println!("of a plan of which clients see {} flags:", clients.len());
    once("  all of them for one client, with their values", "1 ms", || {
        let (scope, context) = (snapshot.scope(&path(TENANT)), snapshot.context(&shop::known()));
        let served = clients.iter().filter_map(|flag| snapshot.resolve(*flag, &scope, &context)?.value());
        served.fold(0usize, |sum, value| sum + usize::from(matches!(value, Value::Bool(true))))
    });
    // What is hashed of a flag is kept with it, so the first time is another matter.
    once("  what they are configured to be for a tenant, the first time", "", || {
        let snapshot = Snapshot::compile(&state, &shop.plan);
        snapshot.digest(&path(TENANT), FlagReader::Client)
    });
    once("  the same again", "", || snapshot.digest(&path(TENANT), FlagReader::Client));
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

/// One answer, by the mean of many.
fn answer<T>(what: &str, target: &str, work: impl Fn() -> T) {
    let mut nanoseconds: Vec<f64> = (0..MEANS)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..EACH {
                black_box(work());
            }
            start.elapsed().as_secs_f64() * 1e9 / f64::from(EACH)
        })
        .collect();
    nanoseconds.sort_by(f64::total_cmp);
    println!("{what:<NAMES$} {:>9.2} ns {:>9.2} ns {target:>8}", nanoseconds[MEANS / 2], nanoseconds[0]);
}

/// Something that takes long enough to be timed by itself.
fn once<T>(what: &str, target: &str, work: impl Fn() -> T) {
    let mut times: Vec<Duration> = (0..MEANS)
        .map(|_| {
            let start = Instant::now();
            let made = black_box(work());
            let took = start.elapsed();
            drop(made);
            took
        })
        .collect();
    times.sort();
    println!("{what:<NAMES$} {:>12.3?} {:>12.3?} {target:>8}", times[MEANS / 2], times[0]);
}
