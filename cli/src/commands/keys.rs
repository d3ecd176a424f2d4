//! `contract keys`: key files. Nothing secret is ever printed.

use crate::answer::Answer;
use crate::args::keys::Keys;
use crate::failure::{Failure, failed, usage};
use crate::render::{Cell, Screen};
use primitives::{AccountId, PublicKey, SecretKey};
use serde::Serialize;
use std::path::{Path, PathBuf};
use the_block::keys::{self, KeyFileError};

/// What is printed about a key file.
#[derive(Debug, Serialize)]
pub struct KeyFile {
    /// The file.
    pub file: PathBuf,
    /// Its public key.
    pub public_key: PublicKey,
    /// The account it signs for.
    pub account: AccountId,
}

/// A key file of a folder, readable or not.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Listed {
    /// It holds a key.
    Key(KeyFile),
    /// It cannot be used.
    Unusable {
        /// The file.
        file: PathBuf,
        /// Why not.
        error: String,
    },
}

/// Does what was asked of key files.
///
/// # Errors
/// When a file cannot be read or written; see [`KeyFileError`].
pub fn run(command: Keys, screen: &Screen) -> Result<Answer, Failure> {
    match command {
        Keys::Generate { file } => {
            let key = keys::generate();
            keys::write(&file, &key).map_err(unusable)?;
            show(file, &key, screen)
        }
        Keys::Show { file } => {
            let key = read(&file)?;
            show(file, &key, screen)
        }
        Keys::List { folder } => list(&folder, screen),
    }
}

/// Reads the key file that an argument names.
///
/// # Errors
/// A file that is missing, open to others, or no Ed25519 key is a mistake in the configuration; a failing disk is not.
pub fn read(file: &Path) -> Result<SecretKey, Failure> {
    keys::read(file).map_err(unusable)
}

fn unusable(error: KeyFileError) -> Failure {
    match error {
        KeyFileError::Io { .. } => failed(error),
        _ => usage(error),
    }
}

fn show(file: PathBuf, key: &SecretKey, screen: &Screen) -> Result<Answer, Failure> {
    let key = KeyFile { file, public_key: key.public(), account: key.account() };
    let text = screen.fields(&[
        ("File", key.file.display().to_string()),
        ("Public key", key.public_key.to_string()),
        ("Account", key.account.to_string()),
    ]);
    Answer::new(&key, text)
}

fn list(folder: &Path, screen: &Screen) -> Result<Answer, Failure> {
    let unreadable = |error| usage(format!("the folder {} cannot be listed: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "key" || extension == "pem") {
            files.push(path);
        }
    }
    files.sort();
    let listed: Vec<Listed> = files.into_iter().map(examine).collect();
    let rows: Vec<Vec<Cell>> = listed.iter().map(row).collect();
    let none = format!("No key files (*.key, *.pem) in {}.", folder.display());
    Answer::new(&listed, screen.table(&["FILE", "PUBLIC KEY AND ACCOUNT"], &rows, &none))
}

fn examine(file: PathBuf) -> Listed {
    match keys::read(&file) {
        Ok(key) => Listed::Key(KeyFile { file, public_key: key.public(), account: key.account() }),
        Err(error) => Listed::Unusable { file, error: error.to_string() },
    }
}

fn row(listed: &Listed) -> Vec<Cell> {
    let name = |file: &Path| Cell::text(file.file_name().unwrap_or_default().to_string_lossy());
    match listed {
        Listed::Key(key) => vec![name(&key.file), Cell::hash(key.public_key)],
        Listed::Unusable { file, error } => vec![name(file), Cell::text(error)],
    }
}
