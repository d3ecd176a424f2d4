//! What `the-block init` and `the-block testnet` are told of the plan that governs a new network.

use super::{Failure, typed_path};
use crate::governed_start::GovernedStart;
use clap::Args;
use primitives::{Name, typed_number16};
use std::path::{Path, PathBuf};

/// The plan that governs a new network from its first block on, if one does.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "A network under a plan")]
pub(super) struct GovernedArgs {
    /// A profile, such as config/profiles/chain.toml, whose plan governs the network from its first block on. Those who have its roles
    /// get keys, with tokens, in council; each home gets the bundle.
    #[arg(long, value_name = "FILE", value_parser = typed_path())]
    profile: Option<PathBuf>,
    /// The stage that stands from the first block on; without it none does, and the first promotion is to the first stage.
    #[arg(long, value_name = "STAGE", requires = "profile")]
    stage: Option<Name>,
    /// The folder that the documents which the profile names lie below; the working folder when left out.
    #[arg(long, value_name = "DIR", value_parser = typed_path(), requires = "profile")]
    root: Option<PathBuf>,
    /// The number of the validator that decides blocks alone, counted from 0, where the stage has no quorum decide them; without it, the
    /// first.
    #[arg(long, value_name = "N", value_parser = typed_number16, allow_negative_numbers = true, requires = "profile")]
    sealer: Option<u16>,
}

impl GovernedArgs {
    /// What is read of the profile; nothing where none is named.
    pub(super) fn read(&self) -> Result<Option<GovernedStart>, Failure> {
        let Some(profile) = &self.profile else { return Ok(None) };
        let root = self.root.as_deref().unwrap_or(Path::new("."));
        GovernedStart::read(profile, root, self.stage.clone(), self.sealer).map(Some).map_err(Failure::Usage)
    }
}
