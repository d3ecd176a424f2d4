//! The command `the-block-explorer`.

use clap::Parser as _;
use explorer::arguments::ExplorerArguments;
use explorer::run::Named;
use host::variables::variable;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = ExplorerArguments::parse();
    let filter = match EnvFilter::try_new(&arguments.log) {
        Ok(filter) => filter,
        Err(error) => {
            eprintln!(
                "error: --log {:?} is not a level: {error}; use error, warn, info, debug or trace",
                arguments.log
            );
            return ExitCode::from(2);
        }
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    lines.with_ansi(std::io::stderr().is_terminal()).init();
    let environment = variable("DATABASE_URL").map(|url| url.to_string_lossy().into_owned());
    let named = match Named::by(&arguments, environment) {
        Ok(named) => named,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::from(2);
        }
    };
    match explorer::run::run(arguments, named).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
