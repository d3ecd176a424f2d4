//! Secret keys on disk: Ed25519, PKCS#8, PEM, mode 0600; the files that `openssl genpkey -algorithm ed25519` writes and
//! `openssl pkey` reads (RFC 8410), plain or encrypted with a passphrase.
//!
//! A key file that another user owns may be read by a group of this process (mode 0440), as secret volumes have it.
//!
//! Written files are PKCS#8 version 1, without the public key, because OpenSSL 3.0 does not read version 2. Both are read,
//! and a public key that is present has to be the secret key's own. Encrypted ones are PBES2 (RFC 8018) with AES-256-CBC,
//! written with scrypt, read with scrypt or PBKDF2; a line before them says the public key.

mod passphrase;
mod pem;
#[cfg(test)]
mod tests;

pub use passphrase::{Passphrase, PassphraseError, VARIABLE as PASSPHRASE_VARIABLE};
pub use pem::{Locked, StoredKey};

use crate::secret::{Exposed, exposed};
use primitives::{PublicKey, SecretKey};
use rand::RngCore;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The permission bits of a key file: its owner's alone.
const OWNER: u32 = 0o600;
/// No key file is longer, in bytes; a longer file is something else.
const LONGEST: u64 = 16 * 1024;

/// Why a key file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is no such file.
    #[error("there is no key file {}; create one with `contract keys generate`, or name another file", .0.display())]
    Missing(PathBuf),
    /// Somebody has a permission on the file who must not: all but its owner, and a group of this process that reads what another owns.
    #[error("the key file {} is open to other users (mode {mode:04o}); {mend}", .path.display())]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What mends it.
        mend: String,
    },
    /// It is a folder.
    #[error("{} is a folder and no key file; name a file in it, such as `contract keys list {}` lists", .0.display(), .0.display())]
    Folder(PathBuf),
    /// The file is not a PKCS#8 PEM file.
    #[error("{} is not a PKCS#8 PEM key ({reason}); name another file, or create one with `contract keys generate`", .path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        reason: String,
    },
    /// The file is no text that is read here.
    #[error("the key file {} is not read: {reason}; save it as UTF-8", .path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: files::NotText,
    },
    /// The key is of another algorithm, or is no key.
    #[error("{} is not an Ed25519 key ({reason}); create one with `openssl genpkey -algorithm ed25519`", .path.display())]
    NotEd25519 {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        reason: String,
    },
    /// The key is encrypted and nobody gave the passphrase.
    #[error("{} is encrypted and there is no passphrase; set {PASSPHRASE_VARIABLE}", .0.display())]
    PassphraseMissing(PathBuf),
    /// The key is encrypted with another passphrase.
    #[error("the passphrase does not open {}; type it again, or check what {PASSPHRASE_VARIABLE} or the passphrase file holds", .0.display())]
    WrongPassphrase(PathBuf),
    /// The key is encrypted in a way that is not read.
    #[error("{} is encrypted in a way that is not read here ({reason}); encrypt it again with `openssl pkcs8 -topk8 -v2 aes-256-cbc`", .path.display())]
    UnknownEncryption {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The passphrase cannot be used.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// Writing never replaces a file: the key in it may be the only copy.
    #[error("{} exists and is not overwritten; move it away first, or name another file", .0.display())]
    Exists(PathBuf),
    /// The file is mounted, and so cannot be replaced.
    #[error("the key file {} is mounted by itself, so that it cannot be replaced; change the file where it comes from, or mount its folder", .0.display())]
    Mounted(PathBuf),
    /// The file system refused.
    #[error("the key file {} cannot be used: {source}; check the disk and the permissions of its folder", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// A new key from the system's randomness.
pub fn generate() -> SecretKey {
    let mut seed = [0u8; 32];
    rand::rngs::OsRng.fill_bytes(&mut seed);
    SecretKey::from_seed(&seed)
}

/// Reads a key file that is kept from others; an encrypted one with the passphrase in `TB_KEY_PASSPHRASE`.
///
/// # Errors
/// See [`KeyFileError`]; the file is never changed.
pub fn read(path: &Path) -> Result<SecretKey, KeyFileError> {
    match open(path)? {
        StoredKey::Plain(key) => Ok(key),
        StoredKey::Encrypted(locked) => {
            let passphrase = Passphrase::from_environment()?;
            locked.unlock(&passphrase.ok_or_else(|| KeyFileError::PassphraseMissing(path.into()))?)
        }
    }
}

/// The public half of the key in a file: of an encrypted one what the file says beside it, else by the passphrase in
/// `TB_KEY_PASSPHRASE`. None where nobody can tell.
pub fn public(path: &Path) -> Option<PublicKey> {
    let stored = open(path).ok()?;
    stored.public().or_else(|| read(path).ok().map(|key| key.public()))
}

/// Reads a key file that is kept from others, and leaves an encrypted key locked.
///
/// # Errors
/// See [`KeyFileError`]; the file is never changed.
pub fn open(path: &Path) -> Result<StoredKey, KeyFileError> {
    let io_error = |source| KeyFileError::Io { path: path.into(), source };
    let file = File::open(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing(path.into()),
        _ => io_error(e),
    })?;
    // Of the open file, so that it cannot be exchanged between the question and the reading.
    let exposed = exposed(path, &file).map_err(io_error)?;
    if file.metadata().map_err(io_error)?.is_dir() {
        return Err(KeyFileError::Folder(path.into()));
    }
    let mut text = zeroize::Zeroizing::new(Vec::new());
    file.take(LONGEST).read_to_end(&mut text).map_err(io_error)?;
    let stored = pem::read(path, &text)?;
    // Only of a key file is it known that nobody else has to read it.
    if let Some(Exposed { mode, mend }) = exposed {
        return Err(KeyFileError::Permissions { path: path.into(), mode, mend });
    }
    Ok(stored)
}

/// Writes a key to a new file of mode 0600, and returns when it is on disk.
///
/// # Errors
/// [`KeyFileError::Exists`] when there is a file already. A half-written key, which would only be found when it is needed,
/// never has the name.
pub fn write(path: &Path, key: &SecretKey) -> Result<(), KeyFileError> {
    create(path, key, None)
}

/// As [`write`], encrypted.
///
/// # Errors
/// As [`write`].
pub fn write_encrypted(path: &Path, key: &SecretKey, passphrase: &Passphrase) -> Result<(), KeyFileError> {
    create(path, key, Some(passphrase))
}

fn create(path: &Path, key: &SecretKey, passphrase: Option<&Passphrase>) -> Result<(), KeyFileError> {
    let io_error = |source| KeyFileError::Io { path: path.into(), source };
    let text = pem::write(key, passphrase).map_err(|e| io_error(io::Error::other(e)))?;
    files::create_new(path, Some(OWNER), text.as_bytes()).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.into()),
        _ => io_error(e),
    })
}

/// Requires that a key file can be written anew, before anybody is asked for a passphrase.
///
/// # Errors
/// [`KeyFileError::Mounted`].
pub fn require_rewritable(path: &Path) -> Result<(), KeyFileError> {
    if files::is_mount_point(path) { Err(KeyFileError::Mounted(path.into())) } else { Ok(()) }
}

/// Writes a key that a file holds already in another form: encrypted, plain, or with another passphrase. At every moment the
/// file holds the key in the old form or in the new one. Blocks of the disk may keep the old form.
///
/// # Errors
/// When the folder cannot be written; the file is then as it was.
pub fn rewrite(path: &Path, key: &SecretKey, passphrase: Option<&Passphrase>) -> Result<(), KeyFileError> {
    require_rewritable(path)?;
    let io_error = |source| KeyFileError::Io { path: path.into(), source };
    // Where a link leads is rewritten, not the link.
    let path = std::fs::canonicalize(path).map_err(io_error)?;
    let text = pem::write(key, passphrase).map_err(|e| io_error(io::Error::other(e)))?;
    files::replace(&path, Some(OWNER), text.as_bytes()).map_err(io_error)
}
