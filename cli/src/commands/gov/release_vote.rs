//! From the arguments of `propose-release` to the motion that is proposed, with every check that needs no chain state.

use crate::args::description::{DescribedBuild, ReleaseDescription};
use crate::args::gov::SignedBuild;
use crate::commands::manifest_file::{ManifestFile, distinct, paired};
use crate::commands::release::inspect;
use crate::failure::{Failure, refused, usage};
use primitives::{BuildHash, ChainId, Text};
use releases::{Attestations, Error, Manifest, Platform, ReleaseAttestation};
use serde::Deserialize;
use std::fmt::Display;
use std::path::Path;
use update::release_file::{ReleaseFile, host_platform};

/// A build and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The build.
    pub build_hash: BuildHash,
    /// What it runs on.
    pub platform: Platform,
    /// What is said about it; nobody has signed it yet.
    pub manifest: Manifest,
}

/// A build, its signatures and its description, as the arguments have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The build, and what is said of it.
    pub said: Said,
    /// Valid signatures over the build, by distinct keys.
    pub signatures: Attestations,
    /// Signatures over all that is said, by the same keys in their order, or none. For which network they are is not known here.
    pub manifest_signatures: Attestations,
    /// The network that the manifest was made for, where a file says so.
    pub chain_id: Option<ChainId>,
}

/// The words of `release.json`, as the provenance scripts write them.
#[derive(Debug, Default, Deserialize)]
struct ReleaseFacts {
    build_hash: Option<BuildHash>,
    platform: Option<Platform>,
    #[serde(flatten)]
    manifest: FactsOfManifest,
}

/// Those of them that stand in a manifest.
#[derive(Debug, Default, Deserialize)]
struct FactsOfManifest {
    version: Option<Text<64>>,
    sha256: Option<primitives::Digest>,
    size: Option<u64>,
    level: Option<u32>,
    source_commit: Option<Text<64>>,
    source_hash: Option<primitives::Digest>,
    vendor_tree_hash: Option<primitives::Digest>,
    dependency_snapshot_hash: Option<primitives::Digest>,
    sbom_hash: Option<primitives::Digest>,
    provenance_hash: Option<primitives::Digest>,
}

/// Reads the files that the arguments name and puts everything together.
///
/// # Errors
/// Arguments that do not fit each other are a mistake in usage; signatures are refused with the chain's own sentences.
pub fn describe(arguments: &SignedBuild) -> Result<Described, Failure> {
    let SignedBuild { build, signers, signatures, manifest_signatures, .. } = arguments;
    let over_build = paired(signers, signatures, "--signature")?;
    let over_all = match manifest_signatures.as_slice() {
        [] => Vec::new(),
        some => paired(signers, some, "--manifest-signature")?,
    };
    let (said, chain_id) = match &arguments.manifest {
        Some(file) => said_by(&ManifestFile::read(file)?, build)?,
        None => (described(build, None)?, None),
    };
    // What is only read from the build is nothing to sign: it is left out where nobody signed it.
    let is_silent = arguments.manifest.is_none() && over_all.is_empty() && !build.description.says_anything();
    let said = if is_silent { Said { manifest: Manifest::default(), ..said } } else { said };
    let signatures = attested(said.build_hash, &said.platform, over_build)?;
    Ok(Described { said, signatures, manifest_signatures: distinct(over_all)?, chain_id })
}

/// What a file says, beside which nothing is said by options.
fn said_by(file: &ManifestFile, build: &DescribedBuild) -> Result<(Said, Option<ChainId>), Failure> {
    if build.description.says_anything() || build.platform.is_some() {
        return Err(usage("--manifest says all there is to say; leave the options that describe the release out"));
    }
    let artifact = build.artifact.as_deref().map(inspect).transpose()?;
    file.require(build.hash)?;
    file.require(artifact.map(|artifact| artifact.build_hash))?;
    let ManifestFile { chain_id, build_hash, platform, manifest, .. } = file.clone();
    Ok((Said { build_hash, platform, manifest }, Some(chain_id)))
}

/// A build with everything that arguments, the build itself and a `release.json` say of it; all of them have to say the same.
///
/// # Errors
/// Arguments that do not fit each other, and files that cannot be read.
pub fn described(arguments: &DescribedBuild, release: Option<&Path>) -> Result<Said, Failure> {
    let facts = release.map(facts).transpose()?.unwrap_or_default();
    let artifact = arguments.artifact.as_deref().map(inspect).transpose()?;
    let named = same("--hash", arguments.hash, facts.build_hash, "--release names")?;
    let build_hash = hash(named, artifact.as_ref())?;
    let named = same("--platform", arguments.platform.clone(), facts.platform, "--release names")?;
    let platform = platform(named.as_ref(), artifact.as_ref())?;
    let manifest = manifest(&arguments.description, facts.manifest, artifact.as_ref())?;
    Ok(Said { build_hash, platform, manifest })
}

fn facts(file: &Path) -> Result<ReleaseFacts, Failure> {
    let wrong = |error: &dyn Display| {
        usage(format!("{} is no release.json: {error}; name that of a release folder with --release", file.display()))
    };
    let text = files::read_text(file).map_err(|error| {
        let next = files::remedy_or(&error, "name that of a release folder with --release");
        usage(format!("{} cannot be read: {error}; {next}", file.display()))
    })?;
    serde_json::from_str(&text).map_err(|error| wrong(&error))
}

/// What was named, else what the file runs on; where there is no file, the platform of this machine. A file that says nothing is
/// not taken for one of this machine.
fn platform(named: Option<&Platform>, artifact: Option<&ReleaseFile>) -> Result<Platform, Failure> {
    let Some(artifact) = artifact else { return Ok(named.cloned().unwrap_or_else(host_platform)) };
    let unknown = || usage("--artifact is no executable that this tool knows; name what it runs on with --platform");
    agreed("--platform", named.cloned(), artifact.platform.clone())?.ok_or_else(unknown)
}

/// The hash that was named, which has to be that of the file that was named.
fn hash(named: Option<BuildHash>, artifact: Option<&ReleaseFile>) -> Result<BuildHash, Failure> {
    match (named, artifact.map(|artifact| artifact.build_hash)) {
        (Some(named), Some(found)) if named != found => Err(usage(format!(
            "--artifact has the hash {found} and --hash names {named}; leave --hash out, or name the build's own file"
        ))),
        (Some(hash), _) | (None, Some(hash)) => Ok(hash),
        (None, None) => Err(usage("name the build with --hash or --artifact")),
    }
}

/// Refuses a signer named twice and a signature that is valid neither over `release:<hash>` nor over the text with the platform;
/// which of the two a network asks for, the network says.
///
/// # Errors
/// The first of them, with the chain's own sentence.
pub fn attested(
    build_hash: BuildHash,
    platform: &Platform,
    pairs: Vec<ReleaseAttestation>,
) -> Result<Attestations, Failure> {
    let messages = [build_hash.attestation_message(), build_hash.attestation_message_for(platform.as_str())];
    let attestations = distinct(pairs)?;
    let is_bad =
        |pair: &&ReleaseAttestation| !messages.iter().any(|message| pair.signer.verify(message, &pair.signature));
    match attestations.iter().find(is_bad) {
        Some(bad) => Err(refused(Error::BadSignature { signer: bad.signer, build_hash })),
        None => Ok(attestations),
    }
}

fn manifest(
    description: &ReleaseDescription,
    facts: FactsOfManifest,
    artifact: Option<&ReleaseFile>,
) -> Result<Manifest, Failure> {
    let said = description.manifest();
    let sha256 = said_of_release("--sha256", said.sha256, facts.sha256)?;
    let size = said_of_release("--size", said.size, facts.size)?;
    let level = said_of_release("--level", said.level, facts.level)?;
    Ok(Manifest {
        version: said_of_release("--version", said.version, facts.version)?,
        sha256: agreed("--sha256", sha256, artifact.map(|artifact| artifact.sha256))?,
        size: agreed("--size", size, artifact.map(|artifact| artifact.size))?,
        level: agreed("--level", level, artifact.and_then(|artifact| artifact.level))?,
        source_commit: said_of_release("--source-commit", said.source_commit, facts.source_commit)?,
        source_hash: said_of_release("--source-hash", said.source_hash, facts.source_hash)?,
        vendor_tree_hash: said_of_release("--vendor-hash", said.vendor_tree_hash, facts.vendor_tree_hash)?,
        dependency_snapshot_hash: said_of_release(
            "--dependency-snapshot",
            said.dependency_snapshot_hash,
            facts.dependency_snapshot_hash,
        )?,
        sbom_hash: said_of_release("--sbom", said.sbom_hash, facts.sbom_hash)?,
        provenance_hash: said_of_release("--provenance", said.provenance_hash, facts.provenance_hash)?,
        notes: notes(description)?,
        ..said
    })
}

fn said_of_release<T: PartialEq + Display>(
    option: &str,
    said: Option<T>,
    found: Option<T>,
) -> Result<Option<T>, Failure> {
    same(option, said, found, "--release has")
}

/// What was said, else what the file says; both must say the same.
fn agreed<T: PartialEq + Display>(option: &str, said: Option<T>, found: Option<T>) -> Result<Option<T>, Failure> {
    same(option, said, found, "--artifact has")
}

fn same<T: PartialEq + Display>(
    option: &str,
    said: Option<T>,
    found: Option<T>,
    place: &str,
) -> Result<Option<T>, Failure> {
    match (said, found) {
        (Some(said), Some(found)) if said != found => {
            Err(usage(format!("{option} is {said} and {place} {found}; leave {option} out")))
        }
        (said, found) => Ok(said.or(found)),
    }
}

fn notes(description: &ReleaseDescription) -> Result<Option<Text<16384>>, Failure> {
    let Some(file) = &description.notes else { return Ok(None) };
    let text = files::read_text(file).map_err(|error| {
        let next = files::remedy_or(&error, "name a text file");
        usage(format!("the notes {} cannot be read: {error}; {next}", file.display()))
    })?;
    let too_long = |reason| usage(format!("the notes {} are too long: {reason}; shorten them", file.display()));
    text.parse().map(Some).map_err(too_long)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureCodes;
    use primitives::{Digest, SecretKey};

    const HASH: BuildHash = BuildHash([0xab; 32]);

    fn signed(seed: u8, hash: BuildHash) -> ReleaseAttestation {
        let key = SecretKey::from_seed(&[seed; 32]);
        ReleaseAttestation { signer: key.public(), signature: key.sign(&hash.attestation_message()) }
    }

    fn attested(build_hash: BuildHash, pairs: Vec<ReleaseAttestation>) -> Result<Attestations, Failure> {
        super::attested(build_hash, &host_platform(), pairs)
    }

    #[test]
    fn each_signer_has_its_signature() {
        let ReleaseAttestation { signer, signature } = signed(1, HASH);
        assert_eq!(paired(&[signer], &[signature], "--signature").unwrap().len(), 1);
        let error = paired(&[signer], &[], "--signature").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("1 --signer and 0 --signature"), "{error}");
    }

    #[test]
    fn a_signer_named_twice_and_a_signature_over_another_hash_are_refused_as_the_chain_would() {
        let twice = attested(HASH, vec![signed(1, HASH), signed(1, HASH)]).unwrap_err();
        assert_eq!(twice.to_string(), Error::DuplicateSigner(signed(1, HASH).signer).to_string());
        let other = attested(HASH, vec![signed(1, BuildHash([1; 32]))]).unwrap_err();
        assert!(other.to_string().contains("is not valid over \"release:abab"), "{other}");
        assert_eq!(other.exit_code(), 1);
        assert!(
            other.to_json(FailureCodes::Usual)["error"]["data"]["releases"]["bad_signature"].is_object(),
            "{other:?}"
        );
        assert_eq!(attested(HASH, vec![signed(1, HASH), signed(2, HASH)]).unwrap().len(), 2);
    }

    #[test]
    fn what_is_said_has_to_be_what_the_file_says() {
        let artifact = ReleaseFile { build_hash: HASH, sha256: Digest([2; 32]), size: 5, platform: None, level: None };
        assert_eq!(hash(None, Some(&artifact)).unwrap(), HASH);
        assert_eq!(hash(Some(HASH), None).unwrap(), HASH);
        assert_eq!(hash(Some(BuildHash([1; 32])), Some(&artifact)).unwrap_err().exit_code(), 2);
        assert_eq!(agreed("--size", None, Some(5)).unwrap(), Some(5));
        assert_eq!(agreed("--size", Some(4), Some(5)).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn h09_a_signature_may_name_the_platform_that_is_proposed_and_no_other() {
        let key = SecretKey::from_seed(&[1; 32]);
        let arm: Platform = "aarch64-linux".parse().unwrap();
        let signature = key.sign(&HASH.attestation_message_for("aarch64-linux"));
        let pairs = || vec![ReleaseAttestation { signer: key.public(), signature }];
        assert!(super::attested(HASH, &arm, pairs()).is_ok());
        assert!(super::attested(HASH, &"riscv64-linux".parse().unwrap(), pairs()).is_err());
    }

    #[test]
    fn what_a_release_folder_says_is_said_and_must_not_differ() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("release.json");
        let digest = Digest([4; 32]);
        let written = serde_json::json!({ "format": "the-block/release/1", "build_hash": HASH, "version": "1.4.0",
            "platform": "riscv64-linux", "sbom_hash": digest, "rustc": "rustc 1.95" });
        std::fs::write(&file, written.to_string()).unwrap();
        let facts = facts(&file).unwrap();
        let platform = facts.platform.map(|platform| platform.to_string());
        assert_eq!((facts.build_hash, platform.as_deref()), (Some(HASH), Some("riscv64-linux")));
        assert_eq!((facts.manifest.sbom_hash, facts.manifest.source_hash), (Some(digest), None));
        let differs = said_of_release("--sbom", Some(Digest([5; 32])), facts.manifest.sbom_hash).unwrap_err();
        assert!(differs.to_string().contains("--sbom is 0505"), "{differs}");
        std::fs::write(&file, "[]").unwrap();
        assert_eq!(super::facts(&file).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn h10_every_build_is_proposed_for_a_platform() {
        let arm: Platform = "aarch64-linux".parse().unwrap();
        let file = |platform| ReleaseFile { build_hash: HASH, sha256: Digest([2; 32]), size: 5, platform, level: None };
        let (for_arm, unknown) = (file(Some(arm.clone())), file(None));
        assert_eq!(platform(None, None).unwrap(), host_platform());
        assert_eq!(platform(Some(&arm), None).unwrap(), arm);
        assert_eq!(platform(None, Some(&for_arm)).unwrap(), arm);
        assert_eq!(platform(Some(&arm), Some(&unknown)).unwrap(), arm);
        let other = "riscv64-linux".parse().unwrap();
        assert_eq!(platform(Some(&other), Some(&for_arm)).unwrap_err().exit_code(), 2);
        let error = platform(None, Some(&unknown)).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("name what it runs on with --platform"), "{error}");
    }
}
