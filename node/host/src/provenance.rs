//! The provenance signers that *this operator* trusts, whatever the chain's own roster says.
//!
//! They come from `TB_RELEASE_SIGNERS`, else from the file that `TB_RELEASE_SIGNERS_FILE` names, else from
//! `config/release_signers.txt` in the home when there is one. When any is configured, this node admits, and the command
//! line submits and installs, only releases that **every** one of them has signed: the seed says that submissions "must
//! include signatures from those signers", and the strict reading of a trust setting is the safe one. An operator who
//! trusts any two of three lists none here and relies on the chain's roster and threshold.
//!
//! # Invariants
//! - Nothing that looks configured is skipped: a malformed entry, a key listed twice (in any case), and a source that is
//!   named but holds no key are errors. Only the default file may be absent or hold no key. A variable that is empty names
//!   nothing.

pub use crate::variables::SIGNERS_FILE_VARIABLE;

use crate::config::Home;
use crate::variables::{self, variable};
use primitives::{BuildHash, HexError, PublicKey, Signature};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Holds the keys themselves, separated by commas or newlines.
pub const SIGNERS_VARIABLE: &str = "TB_RELEASE_SIGNERS";

/// What to do about a file that is not there to be read.
const CORRECT_IT: &str = "correct TB_RELEASE_SIGNERS_FILE or unset it";
/// What to do about a home that has something else in the place of that file.
const NAME_A_HOME: &str = "name a node's folder as the home, and mend what is wrong with the file";

/// Why the configured signers cannot be used. `place` is the variable or the file, lines count from 1.
#[derive(Debug, thiserror::Error)]
pub enum SignersError {
    /// The file that the environment names cannot be read.
    #[error("the release signers file {} cannot be read: {source}; {}", .path.display(), files::remedy_or(.source, CORRECT_IT))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file of the home is there, or something else in its place, and cannot be read.
    #[error("the release signers of the home cannot be read from {}: {source}; {}", .path.display(), files::remedy_or(.source, NAME_A_HOME))]
    OfHome {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// An entry is not a key in hex.
    #[error(
        "{place} line {line}: entry {entry:?} is not a release signer's key: {reason}; write 64 hex digits, or remove it"
    )]
    Malformed {
        /// Where it stands.
        place: String,
        /// On which line.
        line: usize,
        /// The entry, shortened.
        entry: String,
        /// What is wrong with it.
        reason: HexError,
    },
    /// An entry is hex, but no signature can be checked against it: not on the curve, or of small order.
    #[error(
        "{place} line {line}: {signer} is not a usable Ed25519 key (not on the curve, or of small order); remove it"
    )]
    Unusable {
        /// Where it stands.
        place: String,
        /// On which line.
        line: usize,
        /// The key.
        signer: PublicKey,
    },
    /// A key stands there twice, so there are fewer signers than it seems.
    #[error("{place} line {line}: {signer} is already on line {first}; remove one of the two")]
    Repeated {
        /// Where it stands.
        place: String,
        /// On which line.
        line: usize,
        /// Where it stands first.
        first: usize,
        /// The key.
        signer: PublicKey,
    },
    /// A variable is set, but names nobody.
    #[error("{place} names no release signer; list at least one key, or unset the variable")]
    Empty {
        /// The variable or the file it names.
        place: String,
    },
}

/// Why a release is refused by this operator's own rule, whatever the chain thinks of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProvenanceError {
    /// Signers that this operator trusts have not signed.
    #[error("release {hash} lacks the signature of {}, which this operator requires; get their signatures over \"release:{hash}\"", list(.signers))]
    Missing {
        /// The release.
        hash: BuildHash,
        /// Who has not signed, sorted.
        signers: Vec<PublicKey>,
    },
    /// A signature that names a trusted signer is not that signer's over this hash.
    #[error(
        "release {hash} carries a signature in the name of {signer} that is not valid over \"release:{hash}\"; it was made for another hash, or by another key"
    )]
    Invalid {
        /// The release.
        hash: BuildHash,
        /// In whose name it was made.
        signer: PublicKey,
    },
}

fn list(signers: &[PublicKey]) -> String {
    signers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The keys that this operator trusts; none means that only the chain's rules count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedSigners(BTreeMap<PublicKey, usize>);

impl TrustedSigners {
    /// The signers that the environment and the home name.
    ///
    /// # Errors
    /// See [`SignersError`]: the first malformed entry, with its place and line.
    pub fn from_env(home: &Home) -> Result<Self, SignersError> {
        let keys = variable(SIGNERS_VARIABLE).map(|text| text.to_string_lossy().into_owned());
        let file = variables::path(SIGNERS_FILE_VARIABLE);
        Self::from_sources(keys.as_deref(), file.as_deref(), &home.release_signers())
    }

    /// The rule of precedence: `keys`, else `file`, else `default_file` when it exists.
    fn from_sources(keys: Option<&str>, file: Option<&Path>, default_file: &Path) -> Result<Self, SignersError> {
        if let Some(keys) = keys {
            return Self::parse(SIGNERS_VARIABLE, keys)?.or_empty(SIGNERS_VARIABLE);
        }
        if let Some(file) = file {
            let text = files::read_text(file)
                .map_err(|source| SignersError::Unreadable { path: file.to_path_buf(), source })?;
            let place = file.display().to_string();
            return Self::parse(&place, &text)?.or_empty(&place);
        }
        let text = files::if_there(files::read_text(default_file))
            .map_err(|source| SignersError::OfHome { path: default_file.to_path_buf(), source })?;
        text.map_or_else(|| Ok(Self::default()), |text| Self::parse(&default_file.display().to_string(), &text))
    }

    /// Reads keys separated by commas or newlines; `#` begins a comment, blank entries separate.
    ///
    /// # Errors
    /// What is no usable key, or stands there twice; `place` names the source.
    pub fn parse(place: &str, text: &str) -> Result<Self, SignersError> {
        let mut signers = BTreeMap::new();
        for (line, content) in (1..).zip(text.lines()) {
            let entries = content.split('#').next().unwrap_or_default().split(',').map(str::trim);
            for entry in entries.filter(|entry| !entry.is_empty()) {
                let place = place.to_string();
                let signer: PublicKey = entry.parse().map_err(|reason| SignersError::Malformed {
                    place: place.clone(),
                    line,
                    entry: entry.chars().take(16).collect(),
                    reason,
                })?;
                if !signer.is_usable() {
                    return Err(SignersError::Unusable { place, line, signer });
                }
                if let Some(first) = signers.insert(signer, line) {
                    return Err(SignersError::Repeated { place, line, first, signer });
                }
            }
        }
        Ok(Self(signers))
    }

    fn or_empty(self, place: &str) -> Result<Self, SignersError> {
        if self.is_empty() { Err(SignersError::Empty { place: place.into() }) } else { Ok(self) }
    }

    /// Whether no signer is configured, so that [`check`](Self::check) accepts everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The configured keys, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.keys()
    }

    /// Accepts a build for a platform that every configured signer has signed, over `"release:<hash>"` or over
    /// `"release:<hash>:<platform>"`, whichever the network asks for, and that carries no invalid signature in the name of one
    /// of them. Signatures of other keys are not this rule's business: the chain's roster judges those.
    ///
    /// # Errors
    /// The first invalid signature, else all the signers whose signature is missing.
    pub fn check(
        &self,
        hash: BuildHash,
        platform: &str,
        signatures: &[(PublicKey, Signature)],
    ) -> Result<(), ProvenanceError> {
        let messages = [hash.attestation_message(), hash.attestation_message_for(platform)];
        let ours = || signatures.iter().filter(|(signer, _)| self.0.contains_key(signer));
        let is_valid = |signer: &PublicKey, signature: &Signature| {
            messages.iter().any(|message| signer.verify(message, signature))
        };
        if let Some((signer, _)) = ours().find(|(signer, signature)| !is_valid(signer, signature)) {
            return Err(ProvenanceError::Invalid { hash, signer: *signer });
        }
        let missing = |signer: &&PublicKey| !ours().any(|(present, _)| present == *signer);
        let signers: Vec<PublicKey> = self.iter().filter(missing).copied().collect();
        if signers.is_empty() { Ok(()) } else { Err(ProvenanceError::Missing { hash, signers }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::SecretKey;

    const HASH: BuildHash = BuildHash([0xab; 32]);
    const HERE: &str = "x86_64-linux";
    const NOWHERE: &str = "/nonexistent/release_signers.txt";

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32])
    }
    fn public(seed: u8) -> String {
        key(seed).public().to_string()
    }
    fn signed(seed: u8, hash: BuildHash) -> (PublicKey, Signature) {
        (key(seed).public(), key(seed).sign(&hash.attestation_message()))
    }
    fn keys(text: &str) -> Result<TrustedSigners, SignersError> {
        TrustedSigners::from_sources(Some(text), None, Path::new(NOWHERE))
    }

    #[test]
    fn commas_newlines_comments_and_case_are_read() {
        let text = format!("# ours\n{} , {},\n\n{} # the third\n", public(1), public(2).to_uppercase(), public(3));
        let signers = keys(&text).unwrap();
        assert!([1, 2, 3].iter().all(|seed| signers.iter().any(|signer| *signer == key(*seed).public())));
        assert_eq!(signers.iter().count(), 3);
    }

    #[test]
    fn the_environment_goes_before_the_file_and_the_file_before_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let (named, default) = (folder.path().join("named"), folder.path().join("default"));
        let sources = |keys: Option<&str>, file| TrustedSigners::from_sources(keys, file, &default);
        assert!(sources(None, None).unwrap().is_empty());
        std::fs::write(&default, "# nobody yet\n").unwrap();
        assert!(sources(None, None).unwrap().is_empty());
        std::fs::write(&default, public(1)).unwrap();
        std::fs::write(&named, public(2)).unwrap();
        let only = |signers: TrustedSigners, seed| signers.iter().eq([&key(seed).public()]);
        assert!(only(sources(None, None).unwrap(), 1));
        assert!(only(sources(None, Some(&named)).unwrap(), 2));
        assert!(only(sources(Some(&public(3)), Some(&named)).unwrap(), 3));
    }

    #[test]
    fn what_is_named_but_cannot_be_used_is_an_error() {
        assert!(matches!(keys(" ,\n# none"), Err(SignersError::Empty { .. })));
        let missing = TrustedSigners::from_sources(None, Some(Path::new(NOWHERE)), Path::new(NOWHERE));
        assert!(matches!(missing, Err(SignersError::Unreadable { .. })));
    }

    #[test]
    fn o45_a_home_that_is_a_file_is_no_matter_of_a_variable() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let of_home = file.path().join("config/release_signers.txt");
        let error = TrustedSigners::from_sources(None, None, &of_home).unwrap_err();
        assert!(matches!(error, SignersError::OfHome { .. }), "{error}");
        assert!(!error.to_string().contains("TB_"), "{error}");
    }

    #[test]
    fn o30_a_list_is_read_as_any_editor_saves_it_or_the_encoding_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("release_signers.txt");
        let text = format!("{}\n# the second\n{}\n", public(1), public(2));
        let named = || TrustedSigners::from_sources(None, Some(&file), Path::new(NOWHERE));
        std::fs::write(&file, &text).unwrap();
        let expected = named().unwrap();
        for saved in [format!("\u{feff}{text}"), text.replace('\n', "\r\n")] {
            std::fs::write(&file, saved).unwrap();
            assert_eq!(named().unwrap(), expected);
            assert_eq!(TrustedSigners::from_sources(None, None, &file).unwrap(), expected);
        }
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            std::fs::write(&file, text.encode_utf16().flat_map(order).collect::<Vec<u8>>()).unwrap();
            let said = named().unwrap_err().to_string();
            assert!(said.contains("UTF-16") && said.ends_with("save it as UTF-8"), "{said}");
        }
    }

    #[test]
    fn o31_keys_are_taken_as_people_have_them() {
        let text = format!("0x{}\n 0X{} , {}\r\n", public(1), public(2).to_uppercase(), public(3));
        let mut expected = [1, 2, 3].map(|seed| key(seed).public());
        expected.sort();
        assert!(keys(&text).unwrap().iter().eq(&expected));
        let error = keys(&format!("{}\n0x{}", public(1), public(1))).unwrap_err();
        assert!(matches!(error, SignersError::Repeated { line: 2, first: 1, .. }), "one key in two spellings: {error}");
    }

    #[test]
    fn a_malformed_entry_is_an_error_that_names_its_line() {
        for bad in ["abcd".to_string(), format!("{}00", public(2)), "z".repeat(64), format!("0x0x{}", public(2))] {
            let error = keys(&format!("{}\n\n{bad}", public(1))).unwrap_err();
            assert!(matches!(error, SignersError::Malformed { line: 3, .. }), "{error}");
            assert!(error.to_string().starts_with("TB_RELEASE_SIGNERS line 3"), "{error}");
        }
    }

    #[test]
    fn a_key_listed_twice_in_any_case_and_a_small_order_key_are_errors() {
        let error = keys(&format!("{}\n{}", public(1), public(1).to_uppercase())).unwrap_err();
        assert!(matches!(error, SignersError::Repeated { line: 2, first: 1, .. }), "{error}");
        let identity = format!("01{}", "00".repeat(31));
        assert!(matches!(keys(&identity), Err(SignersError::Unusable { line: 1, .. })));
    }

    #[test]
    fn every_configured_signer_has_to_have_signed() {
        assert_eq!(TrustedSigners::default().check(HASH, HERE, &[]), Ok(()), "nobody configured, nothing required");
        let signers = keys(&format!("{},{}", public(1), public(2))).unwrap();
        assert_eq!(signers.check(HASH, HERE, &[signed(1, HASH), signed(2, HASH)]), Ok(()));
        assert_eq!(
            signers.check(HASH, HERE, &[signed(9, HASH), signed(2, HASH), signed(1, HASH)]),
            Ok(()),
            "any order, others too"
        );
        let missing = |seeds: &[u8]| {
            let mut signers: Vec<_> = seeds.iter().map(|seed| key(*seed).public()).collect();
            signers.sort();
            Err(ProvenanceError::Missing { hash: HASH, signers })
        };
        assert_eq!(signers.check(HASH, HERE, &[signed(1, HASH)]), missing(&[2]));
        assert_eq!(signers.check(HASH, HERE, &[signed(9, HASH)]), missing(&[1, 2]));
    }

    #[test]
    fn a_signature_over_another_hash_or_by_another_key_is_invalid() {
        let signers = keys(&public(1)).unwrap();
        let invalid = Err(ProvenanceError::Invalid { hash: HASH, signer: key(1).public() });
        assert_eq!(signers.check(HASH, HERE, &[signed(1, BuildHash([1; 32]))]), invalid);
        assert_eq!(signers.check(HASH, HERE, &[(key(1).public(), signed(2, HASH).1)]), invalid);
        assert_eq!(signers.check(HASH, HERE, &[signed(1, HASH), (key(1).public(), signed(2, HASH).1)]), invalid);
        let named = (key(1).public(), key(1).sign(&HASH.attestation_message_for(HERE)));
        assert_eq!(signers.check(HASH, HERE, &[named]), Ok(()), "the platform may be named");
        assert_eq!(signers.check(HASH, "aarch64-linux", &[named]), invalid, "and is then the one that was named");
        let unrelated = (key(2).public(), signed(1, HASH).1);
        assert_eq!(signers.check(HASH, HERE, &[signed(1, HASH), unrelated]), Ok(()), "the roster judges other keys");
    }
}
