//! `contract keys`: key files. Nothing secret is ever printed.

use crate::answer::CommandAnswer;
use crate::args;
use crate::args::keys::KeysArgs;
use crate::failure::{Failure, unusable, usage};
use crate::passphrase;
use crate::render::{Screen, TableCell};
use host::keys::{self, KeyFileError, Locked, StoredKey};
use primitives::{AccountId, PublicKey, SecretKey};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What is printed about a key file.
#[derive(Debug, Serialize)]
pub struct KeyFile {
    /// The file.
    pub file: PathBuf,
    /// Its public key.
    pub public_key: PublicKey,
    /// The account it signs for.
    pub account: AccountId,
    /// Whether a passphrase protects it.
    pub encrypted: bool,
}

/// A key file of a folder, readable or not.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Listed {
    /// It holds a key.
    Key(KeyFile),
    /// It holds a key that is not opened for a list.
    Encrypted {
        /// The file.
        file: PathBuf,
        /// True.
        encrypted: bool,
    },
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
pub fn run(command: KeysArgs, screen: &Screen) -> Result<CommandAnswer, Failure> {
    match command {
        KeysArgs::Generate { file, encrypt, passphrase } => generate(file, encrypt, &passphrase, screen),
        KeysArgs::Show { file, passphrase } => {
            let stored = open(&file)?;
            let encrypted = matches!(stored, StoredKey::Encrypted(_));
            let key = unlock(&file, stored, &passphrase)?;
            show(file, &key, encrypted, screen)
        }
        KeysArgs::List { folder } => list(&folder, screen),
        KeysArgs::Encrypt { file, passphrase } => encrypt(file, &passphrase, screen),
        KeysArgs::Decrypt { file, passphrase } => {
            let key = opened(&file, &require_encrypted(&file)?, &passphrase)?;
            rewritten(file, &key, None, screen)
        }
        KeysArgs::Passwd { file, passphrase, new_passphrase_file } => {
            let key = opened(&file, &require_encrypted(&file)?, &passphrase)?;
            let new = passphrase::changed(&file, new_passphrase_file.as_deref())?;
            rewritten(file, &key, Some(&new), screen)
        }
    }
}

/// Reads the key file that an argument names; the passphrase is asked for when it is encrypted.
///
/// # Errors
/// A file that is missing, open to others, or no Ed25519 key is a mistake in the configuration, as is a wrong or missing
/// passphrase; a failing disk is not.
pub fn read(file: &Path, from: &args::keys::PassphraseArgs) -> Result<SecretKey, Failure> {
    unlock(file, open(file)?, from)
}

fn open(file: &Path) -> Result<StoredKey, Failure> {
    keys::open(file).map_err(unusable)
}

fn unlock(file: &Path, stored: StoredKey, from: &args::keys::PassphraseArgs) -> Result<SecretKey, Failure> {
    match stored {
        StoredKey::Plain(key) => Ok(key),
        StoredKey::Encrypted(locked) => opened(file, &locked, from),
    }
}

fn opened(file: &Path, locked: &Locked, from: &args::keys::PassphraseArgs) -> Result<SecretKey, Failure> {
    locked.unlock(&passphrase::present(file, from)?).map_err(unusable)
}

fn generate(
    file: PathBuf,
    encrypt: bool,
    from: &args::keys::PassphraseArgs,
    screen: &Screen,
) -> Result<CommandAnswer, Failure> {
    if !encrypt && from.passphrase_file.is_some() {
        return Err(usage("--passphrase-file is given without --encrypt; add --encrypt, or leave it out"));
    }
    if file.exists() {
        // Before a passphrase is asked for.
        return Err(unusable(KeyFileError::Exists(file)));
    }
    let key = keys::generate();
    if encrypt {
        keys::write_encrypted(&file, &key, &passphrase::chosen(&file, from)?).map_err(unusable)?;
    } else {
        keys::write(&file, &key).map_err(unusable)?;
    }
    show(file, &key, encrypt, screen)
}

fn encrypt(file: PathBuf, from: &args::keys::PassphraseArgs, screen: &Screen) -> Result<CommandAnswer, Failure> {
    let StoredKey::Plain(key) = open(&file)? else {
        let name = file.display();
        return Err(usage(format!(
            "{name} is encrypted already; change its passphrase with `contract keys passwd {name}`"
        )));
    };
    keys::require_rewritable(&file).map_err(unusable)?;
    let passphrase = passphrase::chosen(&file, from)?;
    rewritten(file, &key, Some(&passphrase), screen)
}

/// An encrypted key that is about to be written in another form.
fn require_encrypted(file: &Path) -> Result<Locked, Failure> {
    match open(file)? {
        StoredKey::Encrypted(locked) => {
            keys::require_rewritable(file).map_err(unusable)?;
            Ok(locked)
        }
        StoredKey::Plain(_) => {
            let name = file.display();
            Err(usage(format!("{name} is not encrypted; give it a passphrase with `contract keys encrypt {name}`")))
        }
    }
}

fn rewritten(
    file: PathBuf,
    key: &SecretKey,
    passphrase: Option<&keys::Passphrase>,
    screen: &Screen,
) -> Result<CommandAnswer, Failure> {
    keys::rewrite(&file, key, passphrase).map_err(unusable)?;
    show(file, key, passphrase.is_some(), screen)
}

fn show(file: PathBuf, key: &SecretKey, encrypted: bool, screen: &Screen) -> Result<CommandAnswer, Failure> {
    let key = KeyFile { file, public_key: key.public(), account: key.account(), encrypted };
    let text = screen.fields(&[
        ("File", key.file.display().to_string()),
        ("Public key", key.public_key.to_string()),
        ("Account", key.account.to_string()),
        ("Encrypted", if encrypted { "yes" } else { "no" }.into()),
    ]);
    CommandAnswer::new(&key, text)
}

fn list(folder: &Path, screen: &Screen) -> Result<CommandAnswer, Failure> {
    let unreadable = |error| {
        usage(format!("the folder {} cannot be listed: {error}; name the folder of your key files", folder.display()))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "key" || extension == "pem") {
            files.push(path);
        }
    }
    files.sort();
    let listed: Vec<Listed> = files.into_iter().map(examine).collect();
    let rows: Vec<Vec<TableCell>> = listed.iter().map(row).collect();
    let none = format!("No key files (*.key, *.pem) in {}.", folder.display());
    CommandAnswer::new(&listed, screen.table(&["FILE", "PUBLIC KEY AND ACCOUNT"], &rows, &none))
}

fn examine(file: PathBuf) -> Listed {
    match keys::open(&file) {
        Ok(StoredKey::Plain(key)) => {
            Listed::Key(KeyFile { file, public_key: key.public(), account: key.account(), encrypted: false })
        }
        Ok(StoredKey::Encrypted(_)) => Listed::Encrypted { file, encrypted: true },
        Err(error) => Listed::Unusable { file, error: error.to_string() },
    }
}

fn row(listed: &Listed) -> Vec<TableCell> {
    let name = |file: &Path| TableCell::text(file.file_name().unwrap_or_default().to_string_lossy());
    match listed {
        Listed::Key(key) => vec![name(&key.file), TableCell::hash(key.public_key)],
        Listed::Encrypted { file, .. } => vec![name(file), TableCell::text("encrypted; `contract keys show` opens it")],
        Listed::Unusable { file, error } => vec![name(file), TableCell::text(error)],
    }
}
