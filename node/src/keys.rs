//! Secret keys on disk: Ed25519, PKCS#8, PEM, mode 0600; the files that `openssl genpkey -algorithm ed25519` writes and
//! `openssl pkey` reads (RFC 8410).
//!
//! Written files are PKCS#8 version 1, without the public key, because OpenSSL 3.0 does not read version 2. Both are read,
//! and a public key that is present has to be the secret key's own.

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{ALGORITHM_OID, EncodePrivateKey, KeypairBytes, PrivateKeyInfo, SecretDocument};
use primitives::SecretKey;
use rand::RngCore;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The PEM label of an unencrypted PKCS#8 key.
const LABEL: &str = "PRIVATE KEY";
/// The permission bits of group and others.
const NOT_OWNER: u32 = 0o077;
/// No key file is longer, in bytes; a longer file is something else.
const LONGEST: u64 = 16 * 1024;

/// Why a key file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is no such file.
    #[error("there is no key file {}; create one with `contract keys generate`, or name another file", .0.display())]
    Missing(PathBuf),
    /// Somebody other than the owner has a permission on the file.
    #[error("the key file {} is open to other users (mode {mode:04o}); run `chmod 600 {}`", .path.display(), .path.display())]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not an unencrypted PKCS#8 PEM file.
    #[error("{} is not an unencrypted PKCS#8 PEM key ({reason}); convert it with `openssl pkcs8 -topk8 -nocrypt`", .path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        reason: String,
    },
    /// The key is of another algorithm, or is no key.
    #[error("{} is not an Ed25519 key ({reason}); create one with `openssl genpkey -algorithm ed25519`", .path.display())]
    NotEd25519 {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        reason: String,
    },
    /// Writing never replaces a file: the key in it may be the only copy.
    #[error("{} exists and is not overwritten; move it away first, or name another file", .0.display())]
    Exists(PathBuf),
    /// The file system refused.
    #[error("the key file {} cannot be used: {source}", .path.display())]
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

/// Reads a key file that only its owner may read.
///
/// # Errors
/// See [`KeyFileError`]; the file is never changed.
pub fn read(path: &Path) -> Result<SecretKey, KeyFileError> {
    let io_error = |source| KeyFileError::Io { path: path.into(), source };
    let file = File::open(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing(path.into()),
        _ => io_error(e),
    })?;
    // The mode is the open file's, so that the file cannot be exchanged between the question and the reading.
    let mode = file.metadata().map_err(io_error)?.mode() & 0o7777;
    if mode & NOT_OWNER != 0 {
        return Err(KeyFileError::Permissions { path: path.into(), mode });
    }
    let mut text = Vec::new();
    file.take(LONGEST).read_to_end(&mut text).map_err(io_error)?;
    from_pem(path, &text)
}

/// Writes a key to a new file of mode 0600, and returns when it is on disk.
///
/// # Errors
/// [`KeyFileError::Exists`] when there is a file already; a file that could not be written completely is removed.
pub fn write(path: &Path, key: &SecretKey) -> Result<(), KeyFileError> {
    let io_error = |source| KeyFileError::Io { path: path.into(), source };
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.into()),
            _ => io_error(e),
        })?;
    to_pem(key).and_then(|text| file.write_all(text.as_bytes())).and_then(|()| file.sync_all()).map_err(|e| {
        // A half-written key would only be found when it is needed.
        let _ = std::fs::remove_file(path);
        io_error(e)
    })?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error)
}

fn to_pem(key: &SecretKey) -> io::Result<impl std::ops::Deref<Target = String> + use<>> {
    KeypairBytes { secret_key: key.seed(), public_key: None }
        .to_pkcs8_pem(pkcs8::LineEnding::LF)
        .map_err(|e| io::Error::other(e.to_string()))
}

fn from_pem(path: &Path, text: &[u8]) -> Result<SecretKey, KeyFileError> {
    let not_pem = |reason: String| KeyFileError::NotPem { path: path.into(), reason };
    let not_ed25519 = |reason: String| KeyFileError::NotEd25519 { path: path.into(), reason };

    let text = std::str::from_utf8(text).map_err(|_| not_pem("it is not text".into()))?;
    let (label, document) = SecretDocument::from_pem(text).map_err(|e| not_pem(e.to_string()))?;
    if label != LABEL {
        return Err(not_pem(format!("it holds a {label}")));
    }
    let info = PrivateKeyInfo::try_from(document.as_bytes()).map_err(|e| not_pem(e.to_string()))?;
    if info.algorithm.oid != ALGORITHM_OID {
        return Err(not_ed25519(format!("its algorithm is {}", info.algorithm.oid)));
    }
    let pair = KeypairBytes::try_from(info).map_err(|e| not_ed25519(e.to_string()))?;
    let key = SigningKey::try_from(pair).map_err(|_| not_ed25519("its public key is another key's".into()))?;
    Ok(SecretKey::from_seed(key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    /// A key that OpenSSL 3.0 wrote, and its public half.
    const FROM_OPENSSL: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
        -----END PRIVATE KEY-----\n";
    const ITS_PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    fn file(folder: &tempfile::TempDir, text: &str, mode: u32) -> PathBuf {
        let path = folder.path().join("some.key");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn openssl(arguments: &[&str]) -> std::process::Output {
        Command::new("openssl").args(arguments).output().expect("openssl is installed; run scripts/setup.sh")
    }

    #[test]
    fn a_written_key_is_read_back_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (path, key) = (folder.path().join("new.key"), generate());
        write(&path, &key).unwrap();
        assert_eq!(read(&path).unwrap().public(), key.public());
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert!(matches!(write(&path, &generate()), Err(KeyFileError::Exists(_))));
        assert_eq!(read(&path).unwrap().public(), key.public(), "the refused write changed nothing");
        assert_ne!(generate().public(), key.public());
    }

    #[test]
    fn a_key_of_openssl_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let key = read(&file(&folder, FROM_OPENSSL, 0o600)).unwrap();
        assert_eq!(key.public().to_string(), ITS_PUBLIC, "RFC 8032, test 1");
        assert_eq!(*to_pem(&key).unwrap(), FROM_OPENSSL, "the same bytes are written");
        assert_eq!(read(&file(&folder, FROM_OPENSSL, 0o400)).unwrap().public(), key.public());
    }

    #[test]
    fn openssl_reads_what_is_written_and_the_other_way_round() {
        let folder = tempfile::tempdir().unwrap();
        let ours = folder.path().join("ours.key");
        let key = generate();
        write(&ours, &key).unwrap();
        let shown = openssl(&["pkey", "-in", ours.to_str().unwrap(), "-noout", "-text"]);
        let text = String::from_utf8(shown.stdout).unwrap();
        let digits: String =
            text.split("pub:").nth(1).expect("openssl shows the key").split([' ', '\n', ':']).collect();
        assert_eq!(digits, key.public().to_string());

        let theirs = folder.path().join("theirs.key");
        openssl(&["genpkey", "-algorithm", "ed25519", "-out", theirs.to_str().unwrap()]);
        std::fs::set_permissions(&theirs, std::fs::Permissions::from_mode(0o600)).unwrap();
        read(&theirs).unwrap();
    }

    #[test]
    fn a_file_that_is_no_key_says_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |text: &str, mode| read(&file(&folder, text, mode)).unwrap_err();
        assert!(matches!(read(&folder.path().join("absent")), Err(KeyFileError::Missing(_))));
        for mode in [0o644, 0o640, 0o604, 0o620] {
            let error = refused(FROM_OPENSSL, mode).to_string();
            assert!(error.contains("chmod 600") && error.contains(&format!("{mode:04o}")), "{error}");
        }
        assert!(matches!(refused("", 0o600), KeyFileError::NotPem { .. }));
        assert!(matches!(refused("not a key", 0o600), KeyFileError::NotPem { .. }));
        let error = refused(&FROM_OPENSSL.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), 0o600);
        assert!(error.to_string().contains("it holds a ENCRYPTED PRIVATE KEY"), "{error}");
        // X25519 (1.3.101.110) differs from Ed25519 (1.3.101.112) in one byte of the same layout.
        let error = refused(&FROM_OPENSSL.replace("K2Vw", "K2Vu"), 0o600);
        assert!(matches!(error, KeyFileError::NotEd25519 { .. }), "{error}");
        // A seed of 31 bytes in a field of 32.
        let error = refused(&FROM_OPENSSL.replace("BCIEIJ1h", "BCIEH51h"), 0o600);
        assert!(matches!(error, KeyFileError::NotEd25519 { .. }), "{error}");
    }

    #[test]
    fn a_public_key_that_is_not_the_secret_keys_own_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let pair = |public: [u8; 32]| KeypairBytes {
            secret_key: [7; 32],
            public_key: Some(ed25519_dalek::pkcs8::PublicKeyBytes(public)),
        };
        let text = |public| pair(public).to_pkcs8_pem(pkcs8::LineEnding::LF).unwrap().to_string();
        let own = SecretKey::from_seed(&[7; 32]).public();
        assert_eq!(read(&file(&folder, &text(own.0), 0o600)).unwrap().public(), own);
        let other = SecretKey::from_seed(&[8; 32]).public();
        assert!(matches!(read(&file(&folder, &text(other.0), 0o600)), Err(KeyFileError::NotEd25519 { .. })));
    }
}
