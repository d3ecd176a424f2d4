//! `contract keys`.

use clap::Subcommand;
use std::path::PathBuf;

/// The commands on key files.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Write a new key to a new file of mode 0600, and print its public key and account
    Generate {
        /// The file to write; an existing one is not replaced
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print the public key and the account of a key file
    Show {
        /// The key file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// List the key files (*.key, *.pem) of a folder
    List {
        /// The folder
        #[arg(value_name = "DIR", default_value = ".")]
        folder: PathBuf,
    },
}
