//! What is on record about a plan, as documents and files.

use clap::Args;
use primitives::{Name, Quarter};
use std::path::PathBuf;

/// Whose quarter is looked back on.
#[derive(Debug, Clone, Args)]
pub struct RetrospectiveArgs {
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// The quarter, in UTC, such as 2026Q1
    #[arg(long, value_name = "QUARTER")]
    pub quarter: Quarter,
    /// The explorer, such as http://127.0.0.1:26690
    #[arg(long, value_name = "URL")]
    pub explorer: String,
    /// As Markdown, also with --json; where neither is said, it is that as well
    #[arg(long)]
    pub markdown: bool,
    /// The file that the Markdown is written to, which must not be there yet; without it, it is printed
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Whose records are exported, and where they are to lie.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// The folder: one that is not there, is empty, or has an export of the same plan, which is replaced. A .git in it stays
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// An explorer, such as http://127.0.0.1:26690, for what a node does not remember: past drills, and retrospectives of quarters that
    /// are over
    #[arg(long, value_name = "URL")]
    pub explorer: Option<String>,
}
