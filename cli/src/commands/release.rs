//! `contract release`: what a release engineer and an independent builder do with a build.

use super::gov::{Said, attested, described};
use super::manifest_file::{ManifestFile, distinct, paired, signed};
use super::sending::ToCall;
use super::{file, keys};
use crate::answer::CommandAnswer;
use crate::args;
use crate::args::release::{Attest, ManifestArgs, VerifyArgs};
use crate::escape;
use crate::failure::{Failure, failed, usage};
use crate::render::Screen;
use crate::session::Session;
use builds::{ArtifactBounds, ArtifactStore, Part};
use primitives::{BuildHash, PublicKey, Signature};
use releases::{Call, Manifest, Platform};
use serde::Serialize;
use std::path::{Path, PathBuf};
use update::release_file::{self, ReleaseFile};

/// Hashes a file that an argument names.
///
/// # Errors
/// When it cannot be read.
pub fn inspect(file: &Path) -> Result<ReleaseFile, Failure> {
    release_file::inspect(file)
        .map_err(|error| usage(format!("{} cannot be read: {error}; name the build's executable", file.display())))
}

/// Prints what a build is known by.
///
/// # Errors
/// When it cannot be read.
pub fn hash(file: &Path, screen: &Screen) -> Result<CommandAnswer, Failure> {
    let file = &inspect(file)?;
    let platform = file.platform.as_ref().map(ToString::to_string);
    let text = screen.fields(&[
        ("BLAKE3", file.build_hash.to_string()),
        ("SHA-256", file.sha256.to_string()),
        ("Size", format!("{} bytes", file.size)),
        ("Platform", platform.unwrap_or_else(|| "not an executable that this tool knows".into())),
        ("Level", file.level.map_or_else(|| "it says none".into(), |level| level.to_string())),
    ]);
    CommandAnswer::new(file, text)
}

/// Prints what release signers are to sign.
///
/// # Errors
/// Files that cannot be read, arguments that do not fit each other, and no genesis to know the network by.
pub async fn describe(session: &Session, arguments: &ManifestArgs) -> Result<CommandAnswer, Failure> {
    let mut described = described(&arguments.build, arguments.release.as_deref())?;
    if let Some(said) = &arguments.said {
        if arguments.build.description.says_anything() {
            return Err(usage("--said says all there is to say; leave the options that describe the release out"));
        }
        described.manifest = Manifest { signed_root: None, ..file::manifest(said)? };
    }
    let Said { build_hash, platform, manifest } = described;
    let file = ManifestFile::of(&session.signing_domain().await?, build_hash, platform, manifest);
    if let (Some(_), Some(artifact)) = (&arguments.said, &arguments.build.artifact) {
        require_said(&file, &inspect(artifact)?)?;
    }
    let text = serde_json::to_string_pretty(&file).map_err(failed)?;
    CommandAnswer::new(&file, format!("{text}\n"))
}

/// What is signed about a build.
pub struct Signed<'a> {
    /// The build, unless a manifest names it.
    pub hash: Option<BuildHash>,
    /// Its platform, where the text has to name one.
    pub platform: Option<Platform>,
    /// The file with what is said of it.
    pub manifest: Option<&'a Path>,
}

/// What a release signer has signed.
#[derive(Serialize)]
struct SignedBuild {
    signer: PublicKey,
    /// Over the build.
    signature: Signature,
    /// Over everything that is said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest_signature: Option<Signature>,
}

/// Signs a build as a release signer, and what is said of it.
///
/// # Errors
/// When the key or the manifest cannot be read, or do not fit.
pub fn sign(asked: &Signed<'_>, key: &Path, passphrase: &args::keys::PassphraseArgs) -> Result<CommandAnswer, Failure> {
    let file = asked.manifest.map(ManifestFile::read).transpose()?;
    let text = match (&file, asked.hash, &asked.platform) {
        (Some(file), hash, _) => {
            file.require(hash)?;
            file.text.clone().into_bytes()
        }
        (None, Some(hash), Some(platform)) => hash.attestation_message_for(platform.as_str()),
        (None, Some(hash), None) => hash.attestation_message(),
        (None, None, _) => return Err(usage("name the build with --hash or --manifest")),
    };
    let key = keys::read(key, passphrase)?;
    let over_all = |file: &ManifestFile| key.sign(&releases::manifest_message(&file.chain_id, &file.root));
    let signed = SignedBuild {
        signer: key.public(),
        signature: key.sign(&text),
        manifest_signature: file.as_ref().map(over_all),
    };
    // One line each, never wrapped: they are copied and parsed.
    let mut text = format!("signer {}\nsignature {}\n", signed.signer, signed.signature);
    if let Some(signature) = &signed.manifest_signature {
        text += &format!("manifest_signature {signature}\n");
    }
    CommandAnswer::new(&signed, text)
}

/// What was found to be signed.
#[derive(Serialize)]
struct Verified {
    #[serde(flatten)]
    file: ManifestFile,
    /// Who signed both.
    signers: Vec<PublicKey>,
}

/// Checks signatures over a build and over what is said of it.
///
/// # Errors
/// A signature that is not valid, with the chain's own sentence, and a build that is another than the manifest says.
pub fn verify(arguments: &VerifyArgs, screen: &Screen) -> Result<CommandAnswer, Failure> {
    let file = ManifestFile::read(&arguments.manifest)?;
    let over_build = paired(&arguments.signers, &arguments.signatures, "--signature")?;
    let over_all = paired(&arguments.signers, &arguments.manifest_signatures, "--manifest-signature")?;
    attested(file.build_hash, &file.platform, over_build)?;
    signed(file.manifest.clone(), (file.build_hash, &file.platform), distinct(over_all)?, &file.chain_id)?;
    if let Some(artifact) = &arguments.artifact {
        require_said(&file, &inspect(artifact)?)?;
    }
    let signers = arguments.signers.clone();
    let mut fields = vec![
        ("Network", escape::line(file.chain_id.as_str())),
        ("Build", file.build_hash.to_string()),
        ("Platform", file.platform.to_string()),
        ("Root", file.root.to_string()),
    ];
    fields.extend(signers.iter().map(|signer| ("Signed by", signer.to_string())));
    let text = screen.fields(&fields);
    CommandAnswer::new(&Verified { file, signers }, text)
}

/// Refuses a file that is not what was said about it.
fn require_said(said: &ManifestFile, found: &ReleaseFile) -> Result<(), Failure> {
    let ManifestFile { build_hash, platform, manifest, .. } = said;
    let fits = [
        ("hash", found.build_hash == *build_hash),
        ("platform", found.platform.as_ref().is_none_or(|found| found == platform)),
        ("SHA-256", manifest.sha256.is_none_or(|sha256| sha256 == found.sha256)),
        ("size", manifest.size.is_none_or(|size| size == found.size)),
        ("level", manifest.level.zip(found.level).is_none_or(|(said, found)| said == found)),
    ];
    match fits.into_iter().find(|(_, fits)| !fits) {
        Some((what, _)) => Err(failed(format!(
            "--artifact has another {what} than the manifest says (E_MIXMATCH): it is of another release; do not propose it"
        ))),
        None => Ok(()),
    }
}

impl ToCall for Attest {
    /// Puts on record that somebody built the same bytes from source; refused when the rebuild is not the release.
    fn to_call(&self) -> Result<runtime::Call, Failure> {
        let build_hash = inspect(&self.rebuilt)?.build_hash;
        if let Some(wanted) = self.hash.filter(|wanted| *wanted != build_hash) {
            return Err(failed(format!(
                "the rebuilt file has the hash {build_hash}, so it is not release {wanted} and nothing is sent; build the \
                 release's own commit with its toolchain, or leave --hash out"
            )));
        }
        let (source_hash, source_commit) = (self.source_hash, self.source_commit.clone());
        Ok(runtime::Call::Releases(Call::AttestRebuild { build_hash, source_hash, source_commit }))
    }
}

/// What was published.
#[derive(Serialize)]
struct Published {
    #[serde(flatten)]
    release: ReleaseFile,
    /// The executable.
    file: PathBuf,
    /// Its hash tree.
    tree: PathBuf,
}

/// Writes a build into a folder as mirrors and nodes serve it.
///
/// # Errors
/// When the file cannot be read, or the folder not be written.
pub fn publish(file: &Path, dest: &Path, screen: &Screen) -> Result<CommandAnswer, Failure> {
    let release = inspect(file)?;
    let hash = release.build_hash;
    let unbounded = ArtifactBounds { disk_budget_bytes: u64::MAX, keep_activated: usize::MAX };
    let store = ArtifactStore::open(dest).map_err(failed)?.bounded(unbounded);
    store.hold(file, &hash).map_err(failed)?;
    let published =
        Published { release, file: store.path_of(&hash, Part::Data), tree: store.path_of(&hash, Part::Tree) };
    let text = screen.fields(&[
        ("Release", hash.to_string()),
        ("File", escape::line(&published.file.display().to_string())),
        ("Hash tree", escape::line(&published.tree.display().to_string())),
        ("Use", "serve the folder over HTTP, and name it in TB_RELEASE_SOURCE_URL".into()),
    ]);
    CommandAnswer::new(&published, text)
}
