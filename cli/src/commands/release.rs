//! `contract release`: what a release engineer and an independent builder do with a build.

use super::keys;
use super::sending::ToCall;
use crate::answer::CommandAnswer;
use crate::args;
use crate::args::release::Attest;
use crate::escape;
use crate::failure::{Failure, failed, usage};
use crate::render::Screen;
use artifacts::{ArtifactBounds, ArtifactStore, Part};
use primitives::BuildHash;
use releases::{Call, ReleaseAttestation};
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
    ]);
    CommandAnswer::new(file, text)
}

/// Signs a build as a release signer.
///
/// # Errors
/// When the key cannot be read.
pub fn sign(hash: BuildHash, key: &Path, passphrase: &args::keys::PassphraseArgs) -> Result<CommandAnswer, Failure> {
    let key = keys::read(key, passphrase)?;
    let attestation = ReleaseAttestation { signer: key.public(), signature: key.sign(&hash.attestation_message()) };
    // One line each, never wrapped: they are copied and parsed.
    let text = format!("signer {}\nsignature {}\n", attestation.signer, attestation.signature);
    CommandAnswer::new(&attestation, text)
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
