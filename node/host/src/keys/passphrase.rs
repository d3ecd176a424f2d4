//! What opens an encrypted key file, and where it comes from when nobody is there to type it.

use crate::secret::{Exposed, exposed};
use crate::variables::variable;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Holds the passphrase of encrypted key files.
pub const VARIABLE: &str = "TB_KEY_PASSPHRASE";
/// No passphrase is longer, in bytes; OpenSSL reads no longer ones.
const LONGEST: usize = 1023;

/// A passphrase. It is wiped from memory when it is dropped, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(Zeroizing<String>);

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    /// It has no characters.
    #[error("the passphrase is empty; choose one of several words, or leave the key file unencrypted")]
    Empty,
    /// It is longer than OpenSSL reads.
    #[error("the passphrase has {0} bytes and at most {LONGEST} are read; choose a shorter one")]
    TooLong(usize),
    /// The variable is not UTF-8.
    #[error("{VARIABLE} is not UTF-8 text; set it to the passphrase alone")]
    NotText,
    /// Somebody may read the file who must not, as with key files.
    #[error("the passphrase file {} is open to other users (mode {mode:04o}); {mend}", .path.display())]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What mends it.
        mend: String,
    },
    /// The file cannot be read as text.
    #[error("the passphrase file {} cannot be read: {source}; {}", .path.display(), files::remedy_or(.source, "name a text file whose first line is the passphrase"))]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl Passphrase {
    /// A passphrase as it was typed.
    ///
    /// # Errors
    /// An empty one protects nothing; one above the bound could not be given to OpenSSL.
    pub fn new(text: impl Into<Zeroizing<String>>) -> Result<Self, PassphraseError> {
        let text = text.into();
        match text.len() {
            0 => Err(PassphraseError::Empty),
            1..=LONGEST => Ok(Self(text)),
            bytes => Err(PassphraseError::TooLong(bytes)),
        }
    }

    /// What `TB_KEY_PASSPHRASE` holds; none when it is not set, or empty.
    ///
    /// # Errors
    /// When it is not UTF-8, or too long.
    pub fn from_environment() -> Result<Option<Self>, PassphraseError> {
        let told = variable(VARIABLE).map(OsString::into_string).transpose();
        told.map_err(|_| PassphraseError::NotText)?.map(Self::new).transpose()
    }

    /// The first line of a file that is kept from others, as OpenSSL's `file:` source has it.
    ///
    /// # Errors
    /// A file that is missing, open to others, not text, or whose first line is empty.
    pub fn from_file(path: &Path) -> Result<Self, PassphraseError> {
        let failed = |source| PassphraseError::File { path: path.into(), source };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        // Of what is no such file, it is not known that nobody else has to read it.
        if metadata.is_dir() || metadata.len() > super::LONGEST {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is a folder, or too long")));
        }
        if let Some(Exposed { mode, mend }) = exposed(path, &file).map_err(failed)? {
            return Err(PassphraseError::Permissions { path: path.into(), mode, mend });
        }
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(super::LONGEST).read_to_end(&mut bytes).map_err(failed)?;
        let text = files::text(&bytes).map_err(|error| failed(error.into()))?;
        Self::new(text.lines().next().unwrap_or_default().to_owned())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}
