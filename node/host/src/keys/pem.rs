//! Keys as text: PKCS#8 (RFC 5958) in PEM (RFC 7468), plain or encrypted with PBES2 (RFC 8018).

use super::{KeyFileError, Passphrase};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{ALGORITHM_OID, EncodePrivateKey, KeypairBytes, PrivateKeyInfo, SecretDocument};
use pkcs8::EncryptedPrivateKeyInfo;
use pkcs8::pkcs5::{self, pbes2, scrypt};
use primitives::{PublicKey, SecretKey};
use rand::RngCore;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The PEM label of an unencrypted key.
const PLAIN: &str = "PRIVATE KEY";
/// The PEM label of an encrypted key.
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// How the line before an encrypted key begins that says its public half, for whoever has no passphrase and holds a signature against
/// it. OpenSSL passes over it, as RFC 7468 wants.
const PUBLIC: &str = "Public key: ";

/// The cost of a guess: scrypt with N = 2^14, r = 8, p = 5, which takes 16 MiB. Of the settings that OWASP's password storage
/// guide holds equal it is the largest that OpenSSL reads, which allows itself 32 MiB.
const SCRYPT: (u8, u32, u32) = (14, 8, 5);

/// What a key file holds.
#[derive(Debug)]
pub enum StoredKey {
    /// A key that anybody who reads the file can use.
    Plain(SecretKey),
    /// A key behind a passphrase.
    Encrypted(Locked),
}

/// An encrypted key.
#[derive(Debug)]
pub struct Locked {
    path: PathBuf,
    document: SecretDocument,
    /// What the file says beside it.
    public: Option<PublicKey>,
}

impl StoredKey {
    /// Its public half, as far as the file says it to whoever has no passphrase.
    pub fn public(&self) -> Option<PublicKey> {
        match self {
            StoredKey::Plain(key) => Some(key.public()),
            StoredKey::Encrypted(locked) => locked.public,
        }
    }
}

impl Locked {
    /// Opens it.
    ///
    /// # Errors
    /// [`KeyFileError::WrongPassphrase`], [`KeyFileError::UnknownEncryption`], or what is wrong with the key inside.
    pub fn unlock(&self, passphrase: &Passphrase) -> Result<SecretKey, KeyFileError> {
        let unknown = |reason: String| KeyFileError::UnknownEncryption { path: self.path.clone(), reason };
        let info = EncryptedPrivateKeyInfo::try_from(self.document.as_bytes()).map_err(|e| unknown(e.to_string()))?;
        match info.decrypt(passphrase.as_bytes()) {
            Ok(plain) => {
                let key = key_of(&self.path, &plain)?;
                match self.public {
                    Some(public) if public != key.public() => Err(of_another(&self.path)),
                    _ => Ok(key),
                }
            }
            // Bad padding is reported as either failure. One wrong passphrase of 256 leaves good padding, and bytes that are
            // no document.
            Err(
                pkcs8::Error::EncryptedPrivateKey(pkcs5::Error::DecryptFailed | pkcs5::Error::EncryptFailed)
                | pkcs8::Error::Asn1(_),
            ) => Err(KeyFileError::WrongPassphrase(self.path.clone())),
            Err(error) => Err(unknown(error.to_string())),
        }
    }
}

/// Reads the text of a key file; `path` is for what is said about it.
pub(super) fn read(path: &Path, text: &[u8]) -> Result<StoredKey, KeyFileError> {
    let not_pem = |reason: String| KeyFileError::NotPem { path: path.into(), reason };
    let text = match files::text(text) {
        // Of bytes that are text nowhere, such as a key in DER, no encoding is to be changed.
        Err(files::NotText::NotUtf8 { .. }) => return Err(not_pem("it is not text".into())),
        read => read.map_err(|reason| KeyFileError::NotText { path: path.into(), reason })?,
    };
    let (label, document) = SecretDocument::from_pem(text).map_err(|e| not_pem(e.to_string()))?;
    match label {
        PLAIN => key_of(path, &document).map(StoredKey::Plain),
        ENCRYPTED => Ok(StoredKey::Encrypted(Locked { path: path.into(), document, public: said(text) })),
        other => Err(not_pem(format!("it holds a {other}"))),
    }
}

/// What a file says before its key.
fn said(text: &str) -> Option<PublicKey> {
    let before = text.lines().take_while(|line| !line.starts_with("-----"));
    before.filter_map(|line| line.strip_prefix(PUBLIC)).find_map(|public| public.trim().parse().ok())
}

fn of_another(path: &Path) -> KeyFileError {
    KeyFileError::NotEd25519 { path: path.into(), reason: "its public key is another key's".into() }
}

fn key_of(path: &Path, document: &SecretDocument) -> Result<SecretKey, KeyFileError> {
    let not_ed25519 = |reason: String| KeyFileError::NotEd25519 { path: path.into(), reason };
    let info = PrivateKeyInfo::try_from(document.as_bytes())
        .map_err(|e| KeyFileError::NotPem { path: path.into(), reason: e.to_string() })?;
    if info.algorithm.oid != ALGORITHM_OID {
        return Err(not_ed25519(format!("its algorithm is {}", info.algorithm.oid)));
    }
    let pair = KeypairBytes::try_from(info).map_err(|e| not_ed25519(e.to_string()))?;
    let key = SigningKey::try_from(pair).map_err(|_| of_another(path))?;
    Ok(SecretKey::from_seed(key.as_bytes()))
}

/// Writes a key as text, encrypted when there is a passphrase.
pub(super) fn write(key: &SecretKey, passphrase: Option<&Passphrase>) -> pkcs8::Result<Zeroizing<String>> {
    let pair = KeypairBytes { secret_key: key.seed(), public_key: None };
    let document = pair.to_pkcs8_der()?;
    let Some(passphrase) = passphrase else { return Ok(document.to_pem(PLAIN, pkcs8::LineEnding::LF)?) };
    let text = encrypted(&document, passphrase)?.to_pem(ENCRYPTED, pkcs8::LineEnding::LF)?;
    Ok(Zeroizing::new(format!("{PUBLIC}{}\n{}", key.public(), *text)))
}

fn encrypted(document: &SecretDocument, passphrase: &Passphrase) -> pkcs8::Result<SecretDocument> {
    let (mut salt, mut iv) = ([0u8; 16], [0u8; 16]);
    rand::rngs::OsRng.fill_bytes(&mut salt);
    rand::rngs::OsRng.fill_bytes(&mut iv);
    let (log_n, r, p) = SCRYPT;
    let cost = scrypt::Params::new(log_n, r, p, scrypt::Params::RECOMMENDED_LEN)
        .map_err(|_| pkcs8::Error::ParametersMalformed)?;
    let scheme = pbes2::Parameters::scrypt_aes256cbc(cost, &salt, &iv)?;
    PrivateKeyInfo::try_from(document.as_bytes())?.encrypt_with_params(scheme, passphrase.as_bytes())
}
