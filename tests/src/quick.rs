//! Benches with few samples, for `make bench QUICK=1`: enough to see that a number is where it was, too few to quote it.

/// Whether few samples are asked for, by `QUICK` in the environment.
pub fn is_quick() -> bool {
    std::env::var_os("QUICK").is_some_and(|quick| !quick.is_empty())
}

/// What a measure takes, or what it takes where few samples are asked for.
pub fn unless_quick<T>(whole: T, quick: T) -> T {
    if is_quick() { quick } else { whole }
}
