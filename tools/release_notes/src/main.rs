//! `release_notes`: what governance approved in a cycle, for the notes of a release.

use clap::Parser;
use host::console;
use primitives::{Epoch, ProposalId};
use release_notes::{History, Notes, Since};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// Summarise what governance approved: backend switches, releases, signers, builds taken out of use.
#[derive(Parser)]
#[command(name = "release_notes", version)]
#[command(group(clap::ArgGroup::new("from").required(true).args(["state_dir", "history", "rpc"])))]
struct Arguments {
    /// Read a node's home, or its governance store; the node may run meanwhile
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// Read a history that --export wrote
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Ask a node, such as http://127.0.0.1:26600
    #[arg(long, value_name = "URL")]
    rpc: Option<String>,
    /// Only what took effect in this epoch or later
    #[arg(long, value_name = "EPOCH")]
    since_epoch: Option<u64>,
    /// Only what this proposal or a later one decided
    #[arg(long, value_name = "ID")]
    since_proposal: Option<u64>,
    /// Print JSON for scripts instead of Markdown for people
    #[arg(long)]
    json: bool,
    /// Write the whole history to a new file, for --history elsewhere, instead of notes
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

fn main() -> ExitCode {
    console::tell_panics();
    let printed = run(&Arguments::parse()).and_then(|text| Ok(console::print(&text)?));
    if let Err(error) = &printed {
        console::say(&format!("release_notes: {error}"));
    }
    console::finish();
    if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(arguments: &Arguments) -> Result<String, Box<dyn Error>> {
    let history = match (&arguments.state_dir, &arguments.history, &arguments.rpc) {
        (Some(folder), _, _) => History::of_store(folder)?,
        (_, Some(file), _) => History::of_file(file)?,
        (_, _, Some(url)) => History::of_node(url)?,
        // The group of the arguments lets none of this through.
        (None, None, None) => return Err("name one of --state-dir, --history and --rpc".into()),
    };
    if let Some(file) = &arguments.export {
        history.export(file)?;
        return Ok(format!("wrote {}\n", file.display()));
    }
    let since = Since { epoch: arguments.since_epoch.map(Epoch), proposal: arguments.since_proposal.map(ProposalId) };
    let notes = Notes::of(&history, since);
    Ok(if arguments.json { format!("{}\n", serde_json::to_string_pretty(&notes)?) } else { notes.markdown() })
}
