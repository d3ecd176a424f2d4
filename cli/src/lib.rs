//! The `contract` command: a wallet and an operator's tool for a chain that approves its own software.
//!
//! A command is read ([`args`]), done ([`commands`]) and answered ([`answer`]): a view as the node serves it, printed as text
//! that fits the terminal ([`render`]) or as JSON. A command that writes goes through [`submit`], which signs only what was
//! asked for, sends nothing that would be paid for in vain ([`forecast`]), and waits for the outcome.
//!
//! ```
//! use clap::Parser;
//! let arguments = cli::args::ContractArgs::parse_from(["contract", "gov", "vote", "--id", "7", "--choice", "yes", "--key", "k"]);
//! assert!(matches!(arguments.command, cli::args::Command::Gov(cli::args::gov::GovArgs::Vote(_))));
//! ```
//!
//! # Invariants
//! - With `--json`, standard output holds one JSON value and nothing else, and an error is one JSON object on standard error.
//!   `--watch` and `fetch-release` print an object a line.
//! - Nothing that came from a node or a file of others reaches the terminal unescaped ([`escape`]).
//! - Nothing is signed but the bytes encoded here for the call that was asked for.
#![deny(missing_docs)]

pub mod answer;
pub mod args;
pub mod commands;
pub mod escape;
pub mod failure;
pub mod forecast;
pub mod next_step;
pub mod passphrase;
pub mod progress;
pub mod render;
pub mod session;
pub mod submit;
pub mod trust;
pub mod watch;

use answer::CommandAnswer;
use args::release::ReleaseArgs;
use args::{Command, ContractArgs};
use clap::CommandFactory;
use failure::{Failure, FailureCodes, failed, usage};
use host::{console, threads};
use render::Screen;
use session::Session;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Runs the command line, and prints the answer or the failure.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    console::tell_panics();
    let ended = answered(arguments.into_iter().collect());
    console::finish();
    ended
}

fn answered(arguments: Vec<OsString>) -> ExitCode {
    // Arguments that cannot be read may still say how they want to be told.
    let json = arguments.iter().any(|argument| argument == "--json");
    let codes = if is_explanation(&arguments) { FailureCodes::Explanation } else { FailureCodes::Usual };
    match ContractArgs::read(arguments) {
        Ok(arguments) => {
            let json = arguments.options.json;
            match run(arguments) {
                Ok(answer) => print(&answer.printed(json), answer.code),
                Err(failure) => report(&failure, codes, json),
            }
        }
        Err(error) if json && error.use_stderr() => {
            report(&usage(error.render().to_string().trim().trim_start_matches("error: ")), codes, true)
        }
        Err(error) => {
            let _ = error.print();
            ExitCode::from(if error.use_stderr() { codes.of(&usage("")) } else { 0 })
        }
    }
}

/// Whether a line asks for an explanation, whose exit codes 1 and 2 are answers; also where it cannot be read.
fn is_explanation(arguments: &[OsString]) -> bool {
    let words: Vec<_> = arguments.iter().filter(|word| !word.to_string_lossy().starts_with('-')).collect();
    words.windows(2).any(|pair| matches!(pair, [group, command] if *group == "rollout" && *command == "explain"))
}

/// Does what was asked.
///
/// # Errors
/// See [`Failure`].
pub fn run(arguments: ContractArgs) -> Result<CommandAnswer, Failure> {
    log(&arguments.options.log)?;
    let (options, screen) = (arguments.options, Screen::of_stdout());
    match arguments.command {
        Command::Keys(command) => commands::keys::run(command, &screen),
        Command::Release(ReleaseArgs::Hash { file }) => commands::release::hash(&file, &screen),
        Command::Release(ReleaseArgs::Sign { hash, platform, manifest, key, passphrase }) => {
            let signed = commands::release::Signed { hash, platform, manifest: manifest.as_deref() };
            commands::release::sign(&signed, &key, &passphrase)
        }
        Command::Release(ReleaseArgs::Verify(arguments)) => commands::release::verify(&arguments, &screen),
        Command::Release(ReleaseArgs::Publish { file, dest }) => commands::release::publish(&file, &dest, &screen),
        Command::Rollout(command) if command.is_offline() => commands::rollout::offline(command, &screen),
        Command::Completions { line: Some(words), .. } => commands::completing::line(options, screen, &words),
        Command::Completions { shell: Some(shell), .. } => commands::completing::script(shell),
        Command::Completions { .. } => Err(usage("name a shell, such as `contract completions bash`")),
        Command::Man { out } => manual(out.as_deref()),
        Command::Probe { url, within } => commands::probe::run(&url, Duration::from_secs(within.into()), &screen),
        command => {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let runtime = threads::given(runtime).map_err(failed)?;
            let session = match command {
                Command::Node(_) => Session::operating(options, screen)?,
                _ => Session::open(options, screen)?,
            };
            runtime.block_on(async {
                let node = session.node.clone();
                match ask(command, session).await {
                    Err(unread @ Failure::Unread(_)) => Err(session::reread(&node, unread).await),
                    answered => answered,
                }
            })
        }
    }
}

/// The commands that ask a node, or may.
async fn ask(command: Command, session: Session) -> Result<CommandAnswer, Failure> {
    match command {
        Command::Gov(command) => commands::gov::run(command, &session).await,
        Command::Explorer(command) => commands::explorer::run(command, &session).await,
        Command::Release(ReleaseArgs::Attest(arguments)) => commands::sending::send(&session, &arguments).await,
        Command::Release(ReleaseArgs::Manifest(arguments)) => commands::release::describe(&session, &arguments).await,
        Command::Account(command) => commands::account::run(command, &session).await,
        Command::Node(command) => commands::node::run(command, &session).await,
        Command::Staking(command) => commands::staking::run(command, &session).await,
        Command::Rewards(command) => commands::rewards::run(command, &session).await,
        Command::Rollout(command) => commands::rollout::run(command, &session).await,
        Command::Roles(command) => commands::roles::run(command, &session).await,
        Command::Flags(command) => commands::flags::run(command, &session).await,
        Command::Incident(command) => commands::case::incident::run(command, &session).await,
        Command::Risk(command) => commands::case::risk::run(command, &session).await,
        Command::Hold(command) => commands::case::hold::run(command, &session).await,
        Command::Witness(command) => commands::witness::run(command, &session).await,
        Command::Audit(command) => commands::audit::run(command, &session).await,
        Command::Send(arguments) => commands::sending::send(&session, &arguments).await,
        Command::Propose(arguments) => commands::sending::propose(&session, &arguments).await,
        Command::Status => commands::chain::status(&session).await,
        Command::Tx { hash, watch } => commands::chain::transaction(&session, hash, watch).await,
        Command::Keys(_)
        | Command::Release(_)
        | Command::Probe { .. }
        | Command::Completions { .. }
        | Command::Man { .. } => unreachable!("they need no node"),
    }
}

fn manual(out: Option<&Path>) -> Result<CommandAnswer, Failure> {
    let Some(folder) = out else {
        let page = man::page(ContractArgs::command()).map_err(failed)?;
        return CommandAnswer::new(&page.clone(), page);
    };
    let refused =
        |error| failed(format!("the pages cannot be written to {}: {error}; name a folder of yours", folder.display()));
    let pages = man::write(ContractArgs::command(), folder).map_err(refused)?;
    let text = pages.iter().map(|page| format!("{}\n", escape::line(&page.display().to_string()))).collect();
    CommandAnswer::new(&serde_json::json!({ "pages": pages }), text)
}

fn log(level: &str) -> Result<(), Failure> {
    let filter = EnvFilter::builder().parse(level).map_err(|error| {
        usage(format!(
            "--log {level} is neither a level nor a directive: {error}; pass one such as debug, or jsonrpsee=debug"
        ))
    })?;
    // A second run in one process keeps the first one's log.
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(console::log_lines);
    let _ = lines.with_ansi(console::is_coloured(&std::io::stderr())).try_init();
    Ok(())
}

/// Prints an answer, for the exit code that it has.
fn print(text: &str, code: u8) -> ExitCode {
    match console::print(text) {
        Err(error) => report(&failed(error), FailureCodes::Usual, false),
        Ok(()) => ExitCode::from(code),
    }
}

fn report(failure: &Failure, codes: FailureCodes, json: bool) -> ExitCode {
    if json {
        console::say(&escape::json(&failure.to_json(codes)));
    } else {
        let label = if matches!(failure, Failure::Interrupted(_)) { "" } else { "error: " };
        console::say(&format!("{label}{}", escape::lines(&failure.to_string())));
        if let Some(next) = failure.next_step() {
            console::say(&format!("next: {next}"));
        }
    }
    ExitCode::from(codes.of(failure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_is_known_by_its_words_wherever_options_stand() {
        let is = |line: &str| is_explanation(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>());
        assert!(is("contract rollout explain --change 7") && is("contract --json rollout --json explain --nonsense"));
        assert!(!is("contract rollout change 7") && !is("contract explain") && !is("contract"));
    }
}
