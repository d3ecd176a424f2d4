//! `contract keys`.

use clap::{Args, Subcommand};
use host::variables::unless_empty;
use std::path::PathBuf;

/// Names the key file of whoever types, where a command names none.
pub const KEY_VARIABLE: &str = "TB_KEY";

/// The commands on key files.
#[derive(Debug, Subcommand)]
pub enum KeysArgs {
    /// Write a new key to a new file of mode 0600, and print its public key and account
    Generate {
        /// The file to write; an existing one is not replaced
        #[arg(value_name = "FILE", env = unless_empty(KEY_VARIABLE), hide_env_values = true)]
        file: PathBuf,
        /// Encrypt it with a passphrase
        #[arg(long)]
        encrypt: bool,
        /// Where the passphrase comes from.
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Print the public key and the account of a key file
    Show {
        /// The key file
        #[arg(value_name = "FILE", env = unless_empty(KEY_VARIABLE), hide_env_values = true)]
        file: PathBuf,
        /// Where the passphrase comes from.
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// List the key files (*.key, *.pem) of a folder; encrypted ones stay closed
    List {
        /// The folder
        #[arg(value_name = "DIR", default_value = ".")]
        folder: PathBuf,
    },
    /// Encrypt a key file where it lies; the disk and backups may still hold the plain one
    Encrypt {
        /// The key file
        #[arg(value_name = "FILE", env = unless_empty(KEY_VARIABLE), hide_env_values = true)]
        file: PathBuf,
        /// Where the passphrase comes from.
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Store an encrypted key file without its passphrase, where it lies
    Decrypt {
        /// The key file
        #[arg(value_name = "FILE", env = unless_empty(KEY_VARIABLE), hide_env_values = true)]
        file: PathBuf,
        /// Where the passphrase comes from.
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Change the passphrase of an encrypted key file, where it lies
    Passwd {
        /// The key file
        #[arg(value_name = "FILE", env = unless_empty(KEY_VARIABLE), hide_env_values = true)]
        file: PathBuf,
        /// Where the present passphrase comes from.
        #[command(flatten)]
        passphrase: PassphraseArgs,
        /// A file whose first line is the new passphrase; else it is asked for
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
}

/// Where the passphrase of an encrypted key comes from; never from an argument, which every user of the machine can read.
#[derive(Debug, Clone, Default, Args)]
pub struct PassphraseArgs {
    /// A file whose first line is the passphrase of an encrypted key; else TB_KEY_PASSPHRASE, else it is asked for
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}
