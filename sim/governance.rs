//! What hostile accounts can do to votes: see [`sim::governance`].

fn main() -> std::process::ExitCode {
    sim::governance::main()
}
