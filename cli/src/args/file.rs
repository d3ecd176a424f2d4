//! Any call and any motion, as the node takes them.

use clap::Args;
use std::path::PathBuf;

/// A call of any kind.
#[derive(Debug, Clone, Args)]
pub struct CallFile {
    /// A file of one call as JSON, at most 1 MiB; - reads standard input
    #[arg(long = "call", value_name = "FILE")]
    pub file: PathBuf,
}

/// A motion of any kind.
#[derive(Debug, Clone, Args)]
pub struct MotionFile {
    /// A file of one motion as JSON, at most 1 MiB; - reads standard input
    #[arg(long = "motion", value_name = "FILE")]
    pub file: PathBuf,
}
