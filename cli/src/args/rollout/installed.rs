//! How a plan comes into force.

use crate::args::values::{listed_move, seat_of_role};
use clap::Args;
use primitives::Name;
use rollouts::install::ListedMove;
use std::path::PathBuf;

/// A profile whose plan is installed. Its version is the one after that in force, or the first.
#[derive(Debug, Clone, Args)]
pub struct InstallArgs {
    /// The profile, such as config/profiles/chain.toml
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The folder that the documents it names lie below
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
    /// The section that says why, below the same folder; every version after the first has one
    #[arg(long, value_name = "PATH#ANCHOR")]
    pub document: Option<String>,
    /// The stage that stands from then on; of a first version
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<Name>,
    /// A member of a role, and where it may act: everywhere where nothing is said. Of a first version; repeat it
    #[arg(long = "member", value_name = "ROLE=ACCOUNT[:SCOPE]", value_parser = seat_of_role)]
    pub members: Vec<(Name, roles::Seat)>,
    /// A flag that serves something else by it, and the variant that it serves then; repeat it
    #[arg(long = "moves", value_name = "FLAG=VARIANT", value_parser = listed_move)]
    pub moves: Vec<ListedMove>,
}
