//! `contract release`: what a release engineer does with a build; no node is asked.

use super::keys;
use crate::answer::Answer;
use crate::args;
use crate::args::release::Release;
use crate::failure::{Failure, usage};
use crate::render::Screen;
use primitives::BuildHash;
use releases::ReleaseAttestation;
use std::path::Path;
use the_block::release_file::{self, ReleaseFile};

/// Does what was asked of a build.
///
/// # Errors
/// When the build or the key cannot be read.
pub fn run(command: Release, screen: &Screen) -> Result<Answer, Failure> {
    match command {
        Release::Hash { file } => hash(&inspect(&file)?, screen),
        Release::Sign { hash, key, passphrase } => sign(hash, &key, &passphrase),
    }
}

/// Hashes a file that an argument names.
///
/// # Errors
/// When it cannot be read.
pub fn inspect(file: &Path) -> Result<ReleaseFile, Failure> {
    release_file::inspect(file)
        .map_err(|error| usage(format!("{} cannot be read: {error}; name the build's executable", file.display())))
}

fn hash(file: &ReleaseFile, screen: &Screen) -> Result<Answer, Failure> {
    let text = screen.fields(&[
        ("BLAKE3", file.build_hash.to_string()),
        ("SHA-256", file.sha256.to_string()),
        ("Size", format!("{} bytes", file.size)),
        ("Platform", file.platform.clone().unwrap_or_else(|| "not an executable that this tool knows".into())),
    ]);
    Answer::new(file, text)
}

fn sign(hash: BuildHash, key: &Path, passphrase: &args::keys::Passphrase) -> Result<Answer, Failure> {
    let key = keys::read(key, passphrase)?;
    let attestation = ReleaseAttestation { signer: key.public(), signature: key.sign(&hash.attestation_message()) };
    // One line each, never wrapped: they are copied and parsed.
    let text = format!("signer {}\nsignature {}\n", attestation.signer, attestation.signature);
    Answer::new(&attestation, text)
}
