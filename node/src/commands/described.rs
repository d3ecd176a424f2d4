//! What `the-block init` and `the-block testnet` are told of the executable that genesis approves.

use super::{Failure, typed_path};
use crate::described;
use clap::Args;
use releases::Manifest;
use std::path::PathBuf;

/// What genesis says of this executable.
#[derive(Debug, Clone, Args)]
pub(super) struct DescribedArgs {
    /// A manifest as JSON of what this executable was made of, such as its sbom_hash and source_commit, for genesis to say. Its version and
    /// its source hash are said without it.
    #[arg(long, value_name = "FILE", value_parser = typed_path())]
    manifest: Option<PathBuf>,
}

impl DescribedArgs {
    /// What is read of the file; nothing where none is named.
    pub(super) fn read(&self) -> Result<Manifest, Failure> {
        let Some(path) = &self.manifest else { return Ok(Manifest::default()) };
        described::read(path).map_err(Failure::Usage)
    }
}
