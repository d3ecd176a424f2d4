//! The command `the-block-explorer`.

use clap::Parser as _;
use explorer::arguments::ExplorerArguments;
use explorer::run::Named;
use host::{console, signals, threads};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    console::tell_panics();
    let ended = run(ExplorerArguments::parse());
    console::finish();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(code) => ExitCode::from(code),
    }
}

/// Follows and serves until it is told to stop; otherwise its exit code, when why it ended is said.
fn run(arguments: ExplorerArguments) -> Result<(), u8> {
    let failed = |error: anyhow::Error| said(1, &console::sentence(error.as_ref()));
    signals::outlive().map_err(|error| said(1, &error.to_string()))?;
    log(&arguments.log)?;
    let named = Named::by(&arguments).map_err(|error| said(2, &console::sentence(error.as_ref())))?;
    let runtime = threads::given(tokio::runtime::Runtime::new()).map_err(|error| said(1, &error.to_string()))?;
    runtime.block_on(explorer::run::run(arguments, named)).map_err(failed)
}

fn log(level: &str) -> Result<(), u8> {
    let refused =
        |error| said(2, &format!("--log {level:?} is not a level: {error}; use error, warn, info, debug or trace"));
    let filter = EnvFilter::try_new(level).map_err(refused)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(console::log_lines);
    lines.with_ansi(console::is_coloured(&std::io::stderr())).init();
    Ok(())
}

/// Says why it ends, and gives the exit code.
fn said(code: u8, why: &str) -> u8 {
    console::say(&format!("error: {why}"));
    code
}
