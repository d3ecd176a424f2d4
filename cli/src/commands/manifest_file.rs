//! The file that release signers sign: what is said about a build, for which network, and the two messages that come of it.
//!
//! It has both messages as they are signed, so that any Ed25519 tool can sign them; nothing here signs or proposes a file in which
//! they do not fit what is said.

use crate::failure::{Failure, refused, usage};
use primitives::{BuildHash, ChainId, Digest, PublicKey, Signature};
use releases::{
    Attestations, Error, Manifest, Platform, ReleaseAttestation, SignedRoot, SigningDomain, manifest_message,
};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Bytes of a file at most; the longest manifest is far below.
const MOST_BYTES: u64 = 1 << 20;

/// What release signers sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// The network.
    pub chain_id: ChainId,
    /// The build that the release is named after.
    pub build_hash: BuildHash,
    /// What it runs on.
    pub platform: Platform,
    /// What a `--signature` is over.
    pub text: String,
    /// The root of the manifest.
    pub root: Digest,
    /// What a `--manifest-signature` is over, in hex.
    pub message: String,
    /// Everything that is said.
    pub manifest: Manifest,
}

impl ManifestFile {
    /// What is said about a build, to be signed on a network.
    pub fn of(domain: &SigningDomain, build_hash: BuildHash, platform: Platform, manifest: Manifest) -> Self {
        let root = manifest.root(build_hash, &platform);
        Self {
            chain_id: domain.chain_id.clone(),
            text: String::from_utf8_lossy(&domain.attestation_message(&build_hash, &platform)).into_owned(),
            message: hex(&domain.manifest_message(&root)),
            build_hash,
            platform,
            root,
            manifest,
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// A file that is none, and one whose messages do not fit what it says.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let shown = file.display();
        let unreadable = |error: std::io::Error| {
            let next = files::remedy_or(&error, "name what `contract release manifest` printed");
            usage(format!("{shown} cannot be read: {error}; {next}"))
        };
        if std::fs::metadata(file).map_err(unreadable)?.len() > MOST_BYTES {
            return Err(usage(format!("{shown} has more than {MOST_BYTES} bytes, and no manifest has as many")));
        }
        let text = files::read_text(file).map_err(unreadable)?;
        let read: Self = serde_json::from_str(&text).map_err(|error| {
            usage(format!("{shown} is no manifest to sign: {error}; name what `contract release manifest` printed"))
        })?;
        match read.misfit() {
            None => Ok(read),
            Some(what) => Err(usage(format!(
                "{shown} is changed: its {what} is not that of what it says (E_MIXMATCH); write it again with `contract release \
                 manifest`"
            ))),
        }
    }

    /// What in it does not fit the rest.
    fn misfit(&self) -> Option<&'static str> {
        let root = self.manifest.root(self.build_hash, &self.platform);
        let texts =
            [self.build_hash.attestation_message(), self.build_hash.attestation_message_for(self.platform.as_str())];
        let fits = [
            ("text", texts.iter().any(|text| text == self.text.as_bytes())),
            ("root", self.root == root),
            ("message", self.message == hex(&manifest_message(&self.chain_id, &root))),
        ];
        fits.into_iter().find(|(_, fits)| !fits).map(|(what, _)| what)
    }

    /// Refuses another build than the one that was named.
    ///
    /// # Errors
    /// When another was named.
    pub fn require(&self, hash: Option<BuildHash>) -> Result<(), Failure> {
        match hash.filter(|named| *named != self.build_hash) {
            Some(named) => Err(usage(format!(
                "the manifest is about build {}, and {named} is named as well; name one build",
                self.build_hash
            ))),
            None => Ok(()),
        }
    }
}

/// A manifest with signatures over its root, each of which has to be valid on a network.
///
/// # Errors
/// The first that is not, with the chain's own sentence.
pub fn signed(
    manifest: Manifest,
    (build_hash, platform): (BuildHash, &Platform),
    signatures: Attestations,
    chain_id: &ChainId,
) -> Result<Manifest, Failure> {
    let root = manifest.root(build_hash, platform);
    require_over_root(build_hash, &signatures, &manifest_message(chain_id, &root))?;
    Ok(Manifest { signed_root: Some(SignedRoot { root, signatures }), ..manifest })
}

/// Refuses a signature that is not over a message.
fn require_over_root(build_hash: BuildHash, signatures: &[ReleaseAttestation], message: &[u8]) -> Result<(), Failure> {
    let is_bad = |pair: &&ReleaseAttestation| !pair.signer.verify(message, &pair.signature);
    match signatures.iter().find(is_bad) {
        Some(bad) => Err(refused(Error::BadManifestSignature { signer: bad.signer, build_hash })),
        None => Ok(()),
    }
}

/// Each signer with the signature in the same place.
///
/// # Errors
/// Not as many of the one as of the other.
pub fn paired(
    signers: &[PublicKey],
    signatures: &[Signature],
    option: &str,
) -> Result<Vec<ReleaseAttestation>, Failure> {
    if signers.len() != signatures.len() {
        return Err(usage(format!(
            "there are {} --signer and {} {option}; give each --signer its {option}, in the same order",
            signers.len(),
            signatures.len()
        )));
    }
    let pairs = signers.iter().zip(signatures);
    Ok(pairs.map(|(signer, signature)| ReleaseAttestation { signer: *signer, signature: *signature }).collect())
}

/// Signatures as a release can bring them.
///
/// # Errors
/// More than that, and a signer named twice (the case of hex digits does not matter).
pub fn distinct(pairs: Vec<ReleaseAttestation>) -> Result<Attestations, Failure> {
    let mut seen = std::collections::BTreeSet::new();
    if let Some(again) = pairs.iter().find(|pair| !seen.insert(pair.signer)) {
        return Err(refused(Error::DuplicateSigner(again.signer)));
    }
    let have = pairs.len();
    Attestations::try_from(pairs).map_err(|_| {
        usage(format!(
            "{have} signatures are more than the {} a release can bring; leave some out",
            releases::MAX_SIGNERS
        ))
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::SecretKey;
    use serde_json::{Value, json};

    const HASH: BuildHash = BuildHash([0xab; 32]);

    fn domain() -> SigningDomain {
        runtime::testing::genesis().signing_domain().unwrap()
    }

    fn file() -> ManifestFile {
        let manifest = Manifest { version: "1.4.0".parse().ok(), ..Manifest::default() };
        ManifestFile::of(&domain(), HASH, runtime::testing::platform(), manifest)
    }

    #[test]
    fn h09_t04_a_file_whose_messages_are_of_something_else_is_neither_signed_nor_proposed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest.json");
        let read = |value: &Value| {
            std::fs::write(&path, value.to_string()).unwrap();
            ManifestFile::read(&path)
        };
        let whole = serde_json::to_value(file()).unwrap();
        assert_eq!(read(&whole).unwrap(), file());
        let changes = [
            ("/manifest/version", json!("1.4.1")),
            ("/build_hash", json!("cd".repeat(32))),
            ("/platform", json!("aarch64-linux")),
            ("/chain_id", json!("the-block-testnet")),
            ("/text", json!("release")),
            ("/root", json!("cd".repeat(32))),
            ("/message", json!("")),
        ];
        for (place, value) in changes {
            let mut changed = whole.clone();
            *changed.pointer_mut(place).unwrap() = value;
            let failure = read(&changed).unwrap_err();
            assert_eq!(failure.exit_code(), 2);
            assert!(failure.to_string().contains("E_MIXMATCH"), "{place}: {failure}");
        }
        assert!(read(&json!({})).unwrap_err().to_string().contains("is no manifest to sign"));
        assert!(ManifestFile::read(Path::new("/nowhere")).unwrap_err().to_string().contains("cannot be read"));
    }

    #[test]
    fn h09_what_is_signed_names_the_platform_where_it_is_not_the_first() {
        assert_eq!(file().text, format!("release:{HASH}"));
        let arm: Platform = "aarch64-linux".parse().unwrap();
        let elsewhere = ManifestFile::of(&domain(), HASH, arm, Manifest::default());
        assert_eq!(elsewhere.text, format!("release:{HASH}:aarch64-linux"));
        assert_eq!(elsewhere.misfit(), None);
        assert_eq!(file().require(Some(BuildHash([1; 32]))).unwrap_err().exit_code(), 2);
        assert!(file().require(Some(HASH)).is_ok() && file().require(None).is_ok());
    }

    #[test]
    fn h09_t14_a_signature_over_another_manifest_or_for_another_network_is_refused_as_the_chain_would() {
        let key = SecretKey::from_seed(&[7; 32]);
        let (file, platform) = (file(), runtime::testing::platform());
        let over = |message: &[u8]| {
            let pair = ReleaseAttestation { signer: key.public(), signature: key.sign(message) };
            let manifest = file.manifest.clone();
            signed(manifest, (HASH, &platform), distinct(vec![pair])?, &file.chain_id)
        };
        let good = over(&manifest_message(&file.chain_id, &file.root)).unwrap();
        assert_eq!(good.signed_root.unwrap().root, file.root);
        let foreign = manifest_message(&"the-block-testnet".parse().unwrap(), &file.root);
        for bad in [foreign, file.text.clone().into_bytes()] {
            let refused = over(&bad).unwrap_err().to_string();
            let expected = Error::BadManifestSignature { signer: key.public(), build_hash: HASH };
            assert_eq!(refused, expected.to_string());
        }
    }
}
