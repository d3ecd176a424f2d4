//! What `the-block` can be told. Exit codes: 0 done, 1 failed, 2 usage or configuration, 10 to 14 refused by the boot check,
//! 12 also a snapshot that no node is to start from.

mod altered;
mod check;
mod clock;
mod described;
mod export_state;
mod fetch;
mod governed;
mod import_state;
mod overlay_status;
mod panics;
mod plain;
mod self_check;
mod setup;
mod signing;
mod start;
mod supervise;
#[cfg(test)]
mod tests;
mod version;

use crate::boot::{self, BootError, Decision, Examined};
use crate::host_pattern::HostPattern;
use crate::network::NetworkPlan;
use crate::node::Identity;
use crate::{descriptors, logging};
use anyhow::{Context as _, anyhow};
use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Arg, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use described::DescribedArgs;
use governed::GovernedArgs;
use host::config::{Config, ConfigError, Home};
use host::keys::KeyFileError;
use host::provenance::SignersError;
use host::variables::{RPC_VARIABLE, unless_empty};
use host::{console, signals};
use primitives::{typed_number, typed_number16};
use rpc::client::dial;
use rpc::genesis_file::{self, GenesisFileError};
use runtime::Genesis;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::db::{Access, DbError};
use update::Releases;
use update::release_file::host_platform;

/// The exit code of `import-state` where the network lets no state be rebuilt: what was brought is not to be built on, as a store that is
/// not to be believed.
const RECONSTRUCTION_OFF: u8 = 12;

/// A node of a network whose governance decides which software it runs.
#[derive(Debug, Parser)]
#[command(
    name = "the-block",
    version,
    arg_required_else_help = true,
    mut_subcommands(asking),
    after_help = "Exit codes: 0 done, 1 failed, 2 usage or configuration; of start, check and supervise also 10 not approved, 11 no \
                  longer approved, 12 store or ticket damaged, 13 other sources or level, 14 not known now; of import-state also 12 \
                  reconstruction off."
)]
pub struct NodeArgs {
    #[command(subcommand)]
    command: Command,
    /// The node to ask, for commands that ask one; without it, the one of --home, else http://127.0.0.1:26600.
    #[arg(long, global = true, value_name = "URL", env = unless_empty(RPC_VARIABLE), hide_env_values = true)]
    rpc: Option<String>,
    /// Print JSON for scripts instead of text for people.
    #[arg(long, global = true)]
    json: bool,
    /// What to log, such as `debug` or `info,libp2p=warn`; goes before the configuration.
    #[arg(long, global = true, value_name = "LEVEL")]
    log: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the configuration, keys and genesis of a one-validator network.
    Init {
        /// The folder to write; nothing in it is overwritten.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: PathBuf,
        /// The network's name, part of everything that is signed.
        #[arg(long, value_name = "ID")]
        chain_id: primitives::ChainId,
        /// Use this validator key instead of a new one.
        #[arg(long, value_name = "FILE", value_parser = typed_path())]
        validator_key: Option<PathBuf>,
        /// What genesis says of this executable.
        #[command(flatten)]
        described: DescribedArgs,
        /// Which plan governs it.
        #[command(flatten)]
        governed: GovernedArgs,
    },
    /// Write the homes of a network of validators on this machine.
    Testnet {
        /// How many validators.
        #[arg(long, value_name = "N", value_parser = typed_number16, allow_negative_numbers = true)]
        nodes: u16,
        /// The folder that gets node0, node1 and so on, signers and holders, and of a network under a plan council.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: PathBuf,
        /// Node i listens on this port + 10 i and the three after it, ten higher from the node on that would take the explorer's. `dev`
        /// begins with the same port: run it beside with another `--rpc-port`.
        #[arg(long, value_name = "P", default_value_t = 26600, value_parser = typed_number16, allow_negative_numbers = true)]
        base_port: u16,
        /// The network's name.
        #[arg(long, value_name = "ID", default_value = "the-block-testnet")]
        chain_id: primitives::ChainId,
        /// Blocks in an epoch.
        #[arg(long, value_name = "BLOCKS", default_value_t = 10, value_parser = typed_number, allow_negative_numbers = true)]
        epoch_length: u64,
        /// Milliseconds from one block to the next; 0 is as fast as the network decides.
        #[arg(long, value_name = "MS", default_value_t = 1000, value_parser = typed_number, allow_negative_numbers = true)]
        block_time_ms: u64,
        /// The host of each node, a name or an IPv4 address with {} where its number goes, such as node{}: for containers, or a
        /// machine each. Every node then listens on all addresses, on P and the three ports after it.
        #[arg(long, value_name = "HOST")]
        host_pattern: Option<HostPattern>,
        /// What genesis says of this executable.
        #[command(flatten)]
        described: DescribedArgs,
        /// Which plan governs it.
        #[command(flatten)]
        governed: GovernedArgs,
    },
    /// Run one validator whose genesis approves this very executable.
    Dev {
        /// Where to keep the chain; without it, in a temporary folder that is removed at the end.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: Option<PathBuf>,
        /// The port of JSON-RPC; metrics, consensus and overlay take the three after it.
        #[arg(long, value_name = "P", default_value_t = 26600, value_parser = typed_number16, allow_negative_numbers = true)]
        rpc_port: u16,
    },
    /// Run the node of a home, if the chain's state approves this executable.
    Start {
        /// The node's folder.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: PathBuf,
        /// The proof that this executable is approved, from `contract gov ticket`; for a home that has not caught up.
        #[arg(long, value_name = "FILE", value_parser = typed_path())]
        ticket: Option<PathBuf>,
    },
    /// Say what start would come to on a home, and why; the exit code is that of start. As text on a terminal, else as JSON.
    Check {
        /// The node's folder.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: PathBuf,
        /// The proof that this executable is approved, from `contract gov ticket`; for a home that has not caught up.
        #[arg(long, value_name = "FILE", value_parser = typed_path())]
        ticket: Option<PathBuf>,
    },
    /// Run the node of a home, change it to the releases that the chain approves, and back when one does not come up.
    Supervise {
        /// The node's folder.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: PathBuf,
    },
    /// Fetch a release among the artifacts of a home, verified, and install nothing; what a supervisor has the node's user do.
    Fetch {
        /// The node's folder.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: PathBuf,
        /// The release.
        #[arg(long, value_name = "BLAKE3")]
        hash: primitives::BuildHash,
        /// What it runs on; this machine's platform when left out.
        #[arg(long, value_name = "PLATFORM")]
        platform: Option<releases::Platform>,
        /// Its size, where chain state names one.
        #[arg(long, value_name = "BYTES", value_parser = typed_number, allow_negative_numbers = true)]
        size: Option<u64>,
        /// Its SHA-256, where chain state names one.
        #[arg(long, value_name = "HEX")]
        sha256: Option<primitives::Digest>,
    },
    /// Say what this executable is, and that it runs here; asked by whoever installs it.
    SelfCheck,
    /// Write the state of a height into a file, from which a new home can start; works while the node runs.
    ExportState {
        /// The node's folder.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: PathBuf,
        /// The height; the newest block's when left out. It must be one that the node keeps.
        #[arg(long, value_name = "H", allow_negative_numbers = true)]
        height: Option<primitives::Height>,
        /// The file to write; it must not exist.
        #[arg(long, value_name = "FILE", value_parser = typed_path())]
        out: PathBuf,
    },
    /// Fill an empty home from such a file, after verifying it from the home's own genesis.
    ImportState {
        /// The node's folder, with configuration, genesis and keys, and without a store.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: PathBuf,
        /// The file that `export-state` wrote.
        #[arg(long, value_name = "FILE", value_parser = typed_path())]
        snapshot: PathBuf,
    },
    /// See to the clock that tickets and installations are judged by.
    #[command(subcommand)]
    Clock(Clock),
    /// See to whether the validator key of a home signs there.
    #[command(subcommand)]
    Signing(Signing),
    /// Ask about the network.
    #[command(subcommand)]
    Net(Net),
    /// Print the version, the source hash and the measured hash of this executable.
    Version,
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page, or write the page of every command to a folder.
    Man {
        /// The folder; without it, the first page is printed.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        out: Option<PathBuf>,
    },
}

impl Command {
    /// Whether it decides what may run, or runs it.
    fn is_about_running(&self) -> bool {
        matches!(self, Command::Dev { .. } | Command::Start { .. } | Command::Check { .. } | Command::Supervise { .. })
    }
}

#[derive(Debug, Subcommand)]
enum Clock {
    /// Confirm that this machine's clock is right, though a later time was seen here: it was wrong then. Until then nothing is
    /// installed, and no ticket is taken. It stands in the log of releases.
    Accept {
        /// The node's folder.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum Signing {
    /// Have the key sign in this home from the next start on, though the home is a copy, was restored, or another node had the key.
    Resume {
        /// The node's folder.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: PathBuf,
        /// Say that this home has the latest state in which the key signed, and that the key signs nowhere else. Where that is wrong,
        /// the validator contradicts itself, and loses stake.
        #[arg(long, required = true)]
        no_later_state: bool,
    },
}

#[derive(Debug, Subcommand)]
enum Net {
    /// Show the overlay's backend, peer database, and live and remembered peers.
    OverlayStatus {
        /// The node's folder, whose configuration has its address.
        #[arg(long, value_name = "DIR", value_parser = typed_path())]
        home: Option<PathBuf>,
    },
}

/// The command as its help shows it: with `--rpc` only where a node is asked. It is taken everywhere.
fn asking(command: clap::Command) -> clap::Command {
    match command.get_name() {
        "net" => command,
        _ => command.arg(Arg::new("rpc").long("rpc").global(true).hide(true)),
    }
}

/// How a command ended, when not well.
enum Failure {
    /// Exit code 1.
    Failed(anyhow::Error),
    /// Exit code 2.
    Usage(anyhow::Error),
    /// Exit code 12: by the state that it brings, no node is to start from a snapshot.
    ReconstructionOff(anyhow::Error),
    /// The exit code of the boot check's decision; the reason is already printed.
    Refused(Decision),
    /// The exit code of a node that a supervisor does not start any more; the reason is already printed.
    GivenUp(u8),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Failure::Failed(error)
    }
}

/// How a path is typed: it is settled here, as [`Home::at`] settles one to a home, and hangs on no working folder later.
fn typed_path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| files::settled(&path))
}

/// The arguments of this process. `--self-check` is the command of that name: whoever installs a build of any version asks for
/// it as a flag.
pub fn arguments() -> NodeArgs {
    let typed = std::env::args_os().map(|word| if word == "--self-check" { "self-check".into() } else { word });
    NodeArgs::parse_from(typed)
}

/// Runs a command to its exit code.
pub fn run(arguments: NodeArgs) -> ExitCode {
    console::tell_panics();
    let ended = match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Failed(error)) => fail(&arguments, &error, 1),
        Err(Failure::Usage(error)) => fail(&arguments, &error, 2),
        Err(Failure::ReconstructionOff(error)) => fail(&arguments, &error, RECONSTRUCTION_OFF),
        Err(Failure::Refused(decision)) => ExitCode::from(decision.exit_code()),
        Err(Failure::GivenUp(code)) => ExitCode::from(code),
    };
    console::finish();
    ended
}

fn dispatch(arguments: &NodeArgs) -> Result<(), Failure> {
    let json = arguments.json;
    // Before anything that takes time, and again in a process that is executed once more.
    signals::outlive().map_err(anyhow::Error::from)?;
    if arguments.command.is_about_running() {
        plain::require_plain()?;
    }
    match &arguments.command {
        Command::Init { home, chain_id, validator_key, described, governed } => {
            let (said, governed) = (described.read()?, governed.read()?);
            let plan = NetworkPlan { chain_id: chain_id.clone(), said, governed, ..NetworkPlan::default() };
            setup::init(&plan, home, validator_key.as_deref(), json)
        }
        Command::Testnet {
            nodes,
            home,
            base_port,
            chain_id,
            epoch_length,
            block_time_ms,
            host_pattern,
            described,
            governed,
        } => {
            let plan = NetworkPlan {
                chain_id: chain_id.clone(),
                nodes: *nodes,
                base_port: *base_port,
                epoch_length: *epoch_length,
                block_time_ms: *block_time_ms,
                hosts: host_pattern.clone(),
                said: described.read()?,
                governed: governed.read()?,
            };
            setup::testnet(&plan, home, json)
        }
        Command::Dev { home, rpc_port } => start::dev(home.as_deref(), *rpc_port, arguments.log.as_deref()),
        Command::Start { home, ticket } => start::start(home, ticket.as_deref(), arguments.log.as_deref()),
        Command::Check { home, ticket } => check::check(home, ticket.as_deref(), json),
        Command::Supervise { home } => supervise::supervise(home, arguments.log.as_deref()),
        Command::Fetch { home, hash, platform, size, sha256 } => {
            let platform = platform.clone().unwrap_or_else(host_platform);
            let target = releases::Target { platform, build_hash: *hash, sha256: *sha256, size: *size };
            fetch::fetch(home, &target, arguments.log.as_deref())
        }
        Command::SelfCheck => self_check::self_check(),
        Command::ExportState { home, height, out } => export_state::export_state(home, *height, out, json),
        Command::ImportState { home, snapshot } => import_state::import_state(home, snapshot, json),
        Command::Clock(Clock::Accept { home }) => clock::accept(home, json),
        Command::Signing(Signing::Resume { home, no_later_state: _ }) => signing::resume(home, json),
        Command::Net(Net::OverlayStatus { home }) => {
            overlay_status::overlay_status(&asked(arguments.rpc.as_deref(), home.as_deref())?, json)
        }
        Command::Version => version::version(json),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut NodeArgs::command(), "the-block", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
        Command::Man { out } => manual(out.as_deref(), json),
    }
}

/// The URL of the node that is asked.
fn asked(rpc: Option<&str>, home: Option<&Path>) -> Result<String, Failure> {
    if let Some(url) = rpc {
        return Ok(url.into());
    }
    let of_home =
        home.map(|home| Home::at(home).rpc_url()).transpose().map_err(|error| Failure::Usage(error.into()))?;
    Ok(of_home.flatten().unwrap_or_else(|| Config::default().rpc.url()))
}

fn manual(out: Option<&Path>, json: bool) -> Result<(), Failure> {
    let Some(folder) = out else {
        return print(&man::page(NodeArgs::command()).context("the manual page cannot be rendered")?);
    };
    let pages = man::write(NodeArgs::command(), folder)
        .with_context(|| format!("the pages cannot be written to {}; name a folder of yours", folder.display()))?;
    if json {
        return print_json(&serde_json::json!({ "pages": pages }));
    }
    print(&pages.iter().map(|page| format!("{}\n", page.display())).collect::<String>())
}

/// Prints an answer of whole lines.
fn print(answer: &str) -> Result<(), Failure> {
    console::print(answer).map_err(|error| Failure::Failed(error.into()))
}

/// Prints an answer for scripts.
fn print_json(answer: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(answer).context("an answer is always JSON")?;
    print(&format!("{json}\n"))
}

fn fail(arguments: &NodeArgs, error: &anyhow::Error, code: u8) -> ExitCode {
    let message = console::sentence(error.as_ref());
    if arguments.json {
        let told = serde_json::json!({ "error": { "code": code, "message": message, "data": null } });
        console::say(&format!("{told:#}"));
    } else {
        console::say(&format!("the-block: {message}"));
    }
    ExitCode::from(code)
}

/// Reads a home's configuration and genesis.
fn read_home(home: &Path) -> Result<(Home, Config, Genesis), Failure> {
    let home = Home::at(home);
    let config = Config::load(&home).map_err(unusable)?;
    let genesis = genesis_file::read(&home.genesis()).map_err(unusable)?;
    Ok((home, config, genesis))
}

/// Refuses a home whose node runs, with a sentence that says so.
fn require_stopped(home: &Home, runs: &'static str) -> Result<(), Failure> {
    if dial(&home.socket()).is_ok() { Err(Failure::Failed(anyhow!(runs))) } else { Ok(()) }
}

/// Takes what a node needs before its store is opened.
fn prepare(home: &Home, config: &Config) -> Result<Identity, Failure> {
    descriptors::take(config).map_err(|error| Failure::Failed(error.into()))?;
    Identity::read(home, config).map_err(unusable)
}

/// What a file of the home that cannot be used means for the command. What was read and is wrong is the operator's to mend; what could
/// not be read, such as on a disk that comes late, may be there at the next attempt.
fn unusable(error: impl Into<anyhow::Error>) -> Failure {
    let error = error.into();
    if was_read(&error) { Failure::Usage(error) } else { Failure::Failed(error) }
}

fn was_read(error: &anyhow::Error) -> bool {
    let by_the_system = match (
        error.downcast_ref::<ConfigError>(),
        error.downcast_ref::<GenesisFileError>(),
        error.downcast_ref::<KeyFileError>(),
        error.downcast_ref::<SignersError>(),
    ) {
        (Some(ConfigError::Unreadable { source, .. }), ..) => source,
        (_, Some(GenesisFileError::Unreadable { reason, .. }), ..) => reason,
        (.., Some(KeyFileError::Missing(_)), _) => return false,
        (.., Some(KeyFileError::Io { source, .. }), _) => source,
        (.., Some(SignersError::Unreadable { source, .. } | SignersError::OfHome { source, .. })) => source,
        _ => return true,
    };
    // Bytes that are no text were read.
    by_the_system.kind() == io::ErrorKind::InvalidData
}

/// Makes the boot check; a genesis that is not the database's is the operator's to mend, as mistakes in a file are. Of a build that
/// is not approved because its file was altered, it says that.
fn examine(
    home: &Home,
    config: &Config,
    genesis: &Genesis,
    access: Access,
    ticket: Option<&Path>,
) -> Result<Examined, Failure> {
    panics::end_the_process();
    let mut examined = boot::examine(home, config, genesis, access, ticket).map_err(|error| match error {
        BootError::Store(DbError::OtherGenesis { .. }) | BootError::Ticket { .. } => Failure::Usage(error.into()),
        error => Failure::Failed(anyhow::Error::from(error).context("the boot check cannot be made")),
    })?;
    let report = &mut examined.report;
    if report.decision == Decision::NotApproved
        && let Ok(live) = std::env::current_exe()
        && let Some(why) = altered::altered(&Releases::of(home), &live, report.build_bin_hash)
    {
        report.reason = why;
    }
    Ok(examined)
}

fn log_to_stderr(config: &Config, level: Option<&str>) -> Result<(), Failure> {
    logging::start(&config.log, level).map_err(Failure::Usage)
}
