//! What can be typed: one file per group of commands, one type per command.

pub mod account;
pub mod audit;
pub mod calls;
pub mod case;
pub mod description;
pub mod explorer;
pub mod fetch;
pub mod file;
pub mod flags;
pub mod gov;
pub mod keys;
pub mod motions;
pub mod node;
pub mod propose;
pub mod release;
pub mod rewards;
pub mod roles;
pub mod rollout;
pub mod roster;
pub mod staking;
pub(crate) mod values;
pub mod witness;
mod writing;

pub use propose::Propose;
pub use writing::{Send, Writing};

use clap::builder::ValueParser;
use clap::{Arg, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use clap_complete::Shell;
use host::variables::{RPC_VARIABLE, unless_empty};
use primitives::TransactionHash;
use std::ffi::OsString;
use std::path::PathBuf;

/// The options that say which node is asked.
const NODE: [&str; 2] = ["rpc", "home"];

/// Wallet and operator's tool for a chain that approves its own software.
#[derive(Debug, Parser)]
#[command(
    name = "contract",
    version,
    disable_help_subcommand = true,
    mut_subcommands(asking),
    after_help = "Exit codes: 0 done, 1 failed, refused or not found, 2 usage or configuration, 130 ended by ctrl-c while watching."
)]
pub struct ContractArgs {
    /// What every command takes.
    #[command(flatten)]
    pub options: Options,
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
}

impl ContractArgs {
    /// Reads a command line. A negative number behind an option is its value, so that it is refused as one, and not for an option
    /// that there is not.
    ///
    /// # Errors
    /// What is wrong with it, or the help or version that was asked for.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = with_negatives(Self::command());
        let matches = command.try_get_matches_from_mut(arguments)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// The command and those below it, where what takes a value takes a negative number too.
fn with_negatives(command: clap::Command) -> clap::Command {
    let taking = |argument: Arg| {
        let takes_values = argument.get_action().takes_values();
        if takes_values { argument.allow_negative_numbers(true) } else { argument }
    };
    command.mut_args(taking).mut_subcommands(with_negatives)
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The node to ask; without it, the one of the home that --home names, else http://127.0.0.1:26600
    #[arg(
        long,
        global = true,
        help_heading = "Everywhere",
        value_name = "URL",
        env = unless_empty(RPC_VARIABLE),
        hide_env_values = true
    )]
    pub rpc: Option<String>,
    /// Print the answer as JSON, and errors as {"error":{code,message,data}} on standard error
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// Log to standard error: off, error, warn, info, debug, trace, or directives such as jsonrpsee=debug
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "LEVEL", default_value = "off")]
    pub log: String,
    /// The node's folder: its address, its socket, its genesis, its trusted signers; else, but for the address, this folder, when
    /// it is one, else ~/.the_block
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "DIR")]
    pub home: Option<PathBuf>,
}

/// The command as its help shows it: with the options that say which node is asked only where one is.
fn asking(command: clap::Command) -> clap::Command {
    match command.get_name() {
        "keys" | "probe" | "completions" | "man" => without(command, &NODE),
        // It is asked over the socket in its home.
        "node" => without(command, &["rpc"]),
        "release" => command.mut_subcommands(|command| match command.get_name() {
            "attest" | "manifest" => command,
            _ => without(command, &NODE),
        }),
        "rollout" => command.mut_subcommands(|command| match command.get_name() {
            "lint" => without(command, &NODE),
            _ => command,
        }),
        _ => command,
    }
}

/// A command that makes no use of some options. It takes them all the same, so that whoever types for scripts can pass them
/// everywhere.
fn without(command: clap::Command, options: &[&'static str]) -> clap::Command {
    options.iter().fold(command, |command, option| {
        let parser = if *option == "home" { ValueParser::path_buf() } else { ValueParser::string() };
        command.arg(Arg::new(*option).long(*option).value_parser(parser).global(true).hide(true))
    })
}

/// The groups of commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Key files: PKCS#8 PEM, Ed25519, as openssl writes and reads them
    #[command(subcommand)]
    Keys(keys::KeysArgs),
    /// Hash and sign a build, and attest that one built it again
    #[command(subcommand)]
    Release(release::ReleaseArgs),
    /// Propose releases, vote on them, and read what was decided
    #[command(subcommand)]
    Gov(gov::GovArgs),
    /// Read what was decided so far, from a node or straight from a node's store
    #[command(subcommand)]
    Explorer(explorer::ExplorerCommand),
    /// Balances, transfers and stake
    #[command(subcommand)]
    Account(account::AccountArgs),
    /// Ask the running node of a home how it is, and act on it: its log, its peers, the releases it holds
    #[command(subcommand)]
    Node(node::NodeCommand),
    /// Validators: those that contradicted themselves, proven or back after it; and what they keep of what others earn with them
    #[command(subcommand)]
    Staking(staking::StakingArgs),
    /// What validators and those who delegate to them are paid for being there
    #[command(subcommand)]
    Rewards(rewards::RewardsArgs),
    /// Plans and changes: what may change, in which order and on whose word
    #[command(subcommand)]
    Rollout(rollout::RolloutArgs),
    /// Who may do what under a plan
    #[command(subcommand)]
    Roles(roles::RolesArgs),
    /// What flags are and what they serve: read them, define them, move them, and who may ask nodes for them
    #[command(subcommand)]
    Flags(flags::FlagsArgs),
    /// What went wrong, from the moment at which it is noticed until it is over; and what anybody reports
    #[command(subcommand)]
    Incident(case::incident::IncidentArgs),
    /// What could go wrong: the risk register
    #[command(subcommand)]
    Risk(case::risk::RiskArgs),
    /// What has records and artifacts kept, whatever their time is
    #[command(subcommand)]
    Hold(case::hold::HoldArgs),
    /// Whether the audit log hangs together, proofs of what is in it, and the log as a file
    #[command(subcommand)]
    Audit(audit::AuditArgs),
    /// Those who vouch for the tree of blocks: become one, cosign, and list them
    #[command(subcommand)]
    Witness(witness::WitnessArgs),
    /// Send any call there is, from a file
    Send(Box<Send<file::CallFile>>),
    /// Propose any motion there is, from a file
    Propose(Box<Propose<file::MotionFile>>),
    /// Where the chain and the node stand
    Status,
    /// What became of a transaction
    Tx {
        /// Its hash, as printed when it was submitted
        hash: TransactionHash,
        /// Wait until it is in a block, which is final, or known to come into none
        #[arg(long)]
        watch: bool,
    },
    /// Ask a URL with GET, as a balancer does, and fail unless the answer is 200; for health checks in containers
    Probe {
        /// Such as http://127.0.0.1:26600/ready of a node, or http://127.0.0.1:26690/healthz of an explorer
        url: String,
        /// How long an answer may take
        #[arg(long, value_name = "SECONDS", default_value_t = 6, value_parser = values::wait_seconds)]
        within: u32,
    },
    /// Print the completions of a shell
    Completions {
        /// Which shell
        #[arg(required_unless_present = "line")]
        shell: Option<Shell>,
        /// What may come after these words of a command line, as far as the node knows it; asked by those completions
        #[arg(long, hide = true, value_name = "WORD", num_args = 0.., allow_hyphen_values = true)]
        line: Option<Vec<String>>,
    },
    /// Print the manual page, or write the page of every command to a folder
    Man {
        /// The folder; without it, the first page is printed
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{AccountId, BuildHash, Digest, PublicKey, Signature};
    use std::any::TypeId;

    /// Every value that is typed behind a command or an option, with its command.
    fn values(command: &clap::Command, each: &mut impl FnMut(&str, &clap::Arg)) {
        command.get_arguments().for_each(|argument| each(command.get_name(), argument));
        command.get_subcommands().for_each(|inner| values(inner, each));
    }

    #[test]
    fn o31_every_hash_and_key_that_is_typed_is_read_by_its_type() {
        let hashes = [
            TypeId::of::<BuildHash>(),
            TypeId::of::<Digest>(),
            TypeId::of::<TransactionHash>(),
            TypeId::of::<PublicKey>(),
            TypeId::of::<AccountId>(),
            TypeId::of::<Signature>(),
        ];
        let mut found = 0;
        values(&ContractArgs::command(), &mut |command, argument| {
            let names = argument.get_value_names().unwrap_or_default();
            if names.iter().any(|name| ["HEX", "BLAKE3", "SHA256", "ACCOUNT"].contains(&name.as_str())) {
                let kind = argument.get_value_parser().type_id();
                assert!(hashes.iter().any(|hash| kind == *hash), "{command} {}", argument.get_id());
                found += 1;
            }
        });
        assert!(found >= 20, "{found}");
    }
}
