//! `contract rollout`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The commands on plans of rollouts.
#[derive(Debug, Subcommand)]
pub enum RolloutArgs {
    /// Read a profile as a chain would take it, and list every mistake at once; prints the hash of its bundle, as b3sum does
    Lint(ProfileArgs),
    /// Print the plan that a profile comes to, as a profile that holds its bundle, or as the page that people read
    Plan(PlanArgs),
}

/// A profile and where its documents are.
#[derive(Debug, Clone, Args)]
pub struct ProfileArgs {
    /// The profile, such as config/profiles/chain.toml
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The folder that the documents it names lie below
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
}

/// A profile, and how its plan is printed.
#[derive(Debug, Clone, Args)]
pub struct PlanArgs {
    /// The profile, such as config/profiles/chain.toml
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
    /// The folder that the documents it names lie below
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
    /// Print the page that docs/rollout_plan.md is
    #[arg(long)]
    pub markdown: bool,
}
