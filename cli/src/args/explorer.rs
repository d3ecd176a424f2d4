//! `contract explorer`.

use super::gov::ReleasesArgs;
use clap::Subcommand;
use std::path::PathBuf;

/// The commands on what was decided so far.
#[derive(Debug, Subcommand)]
pub enum ExplorerCommand {
    /// List the approved releases, the latest first, from a node or straight from a node's store
    ReleaseHistory {
        /// Read this store instead of asking a node: a governance_db, or a home that has one; its node may run meanwhile
        #[arg(long, value_name = "DIR")]
        state: Option<PathBuf>,
        /// Which releases.
        #[command(flatten)]
        releases: ReleasesArgs,
    },
}
