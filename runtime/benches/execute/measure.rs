//! How long something takes, and how that is printed.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How often a mean is taken.
const MEANS: u32 = 25;
/// How many pairs are compared.
const PAIRS: u32 = 31;
/// How wide the names of rows are.
const NAMES: usize = 66;

pub fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// Work that does one thing so many times: the mean of one of them, several times.
pub fn means<T>(count: u32, mut work: impl FnMut() -> T) -> Vec<Duration> {
    (0..MEANS).map(|_| timed(&mut work) / count).collect()
}

/// Work against its floor, in alternating pairs, so that what else the machine does meets both.
pub fn beside<F, W>(floor: (&str, impl Fn() -> F), work: (&str, impl Fn() -> W), target: &str) {
    let pairs: Vec<(Duration, Duration)> = (0..PAIRS).map(|_| (timed(&floor.1), timed(&work.1))).collect();
    let mut ratios: Vec<f64> = pairs.iter().map(|(floor, work)| work.as_secs_f64() / floor.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let (floors, works) = pairs.into_iter().unzip();
    row(floor.0, floors, "");
    row(work.0, works, "");
    let (ratio, best) = (ratios[ratios.len() / 2], ratios[0]);
    println!("{:<NAMES$} {ratio:>11.2}x {best:>11.2}x {target:>8}", "  ratio of each pair");
}

pub fn heading() {
    println!("{:<NAMES$} {:>12} {:>12} {:>8}", "what", "median", "best", "target");
}

pub fn row(what: &str, mut times: Vec<Duration>, target: &str) {
    times.sort();
    println!("{what:<NAMES$} {:>12.3?} {:>12.3?} {target:>8}", times[times.len() / 2], times[0]);
}
