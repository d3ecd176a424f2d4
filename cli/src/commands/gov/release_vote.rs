//! From the arguments of `propose-release` to the motion that is proposed, with every check that needs no chain state.

use crate::args::description::Description;
use crate::args::gov::SignedBuild;
use crate::commands::release::inspect;
use crate::failure::{Failure, refused, usage};
use primitives::{BuildHash, List, PublicKey, Signature, Text};
use releases::{Attestations, Error, Manifest, Platform, ReleaseAttestation};
use std::collections::BTreeSet;
use std::fmt::Display;
use update::release_file::{ReleaseFile, host_platform};

/// A build, its signatures and its description, as the arguments have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The build.
    pub build_hash: BuildHash,
    /// What it runs on.
    pub platform: Platform,
    /// Valid signatures over it, by distinct keys.
    pub signatures: Attestations,
    /// What is said about it.
    pub manifest: Manifest,
}

/// Reads the files that the arguments name and puts everything together.
///
/// # Errors
/// Arguments that do not fit each other are a mistake in usage; signatures are refused with the chain's own sentences.
pub fn describe(arguments: &SignedBuild) -> Result<Described, Failure> {
    let pairs = paired(&arguments.signers, &arguments.signatures)?;
    let artifact = arguments.artifact.as_deref().map(inspect).transpose()?;
    let build_hash = hash(arguments.hash, artifact.as_ref())?;
    let platform = platform(arguments.platform.as_ref(), artifact.as_ref())?;
    let signatures = attested(build_hash, pairs)?;
    let manifest = manifest(&arguments.description, artifact.as_ref())?;
    Ok(Described { build_hash, platform, signatures, manifest })
}

/// What was named, else what the file runs on; where there is no file, the platform of this machine. A file that says nothing is
/// not taken for one of this machine.
fn platform(named: Option<&Platform>, artifact: Option<&ReleaseFile>) -> Result<Platform, Failure> {
    let Some(artifact) = artifact else { return Ok(named.cloned().unwrap_or_else(host_platform)) };
    let unknown = || usage("--artifact is no executable that this tool knows; name what it runs on with --platform");
    agreed("--platform", named.cloned(), artifact.platform.clone())?.ok_or_else(unknown)
}

/// Each signer with the signature in the same place.
///
/// # Errors
/// Not as many of the one as of the other.
pub fn paired(signers: &[PublicKey], signatures: &[Signature]) -> Result<Vec<ReleaseAttestation>, Failure> {
    if signers.len() != signatures.len() {
        return Err(usage(format!(
            "there are {} --signer and {} --signature; give each --signer its --signature, in the same order",
            signers.len(),
            signatures.len()
        )));
    }
    let pairs = signers.iter().zip(signatures);
    Ok(pairs.map(|(signer, signature)| ReleaseAttestation { signer: *signer, signature: *signature }).collect())
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

/// Refuses a signer named twice (the case of hex digits does not matter) and a signature that is not valid over the hash.
pub fn attested(build_hash: BuildHash, pairs: Vec<ReleaseAttestation>) -> Result<Attestations, Failure> {
    let message = build_hash.attestation_message();
    let mut seen = BTreeSet::new();
    for ReleaseAttestation { signer, signature } in &pairs {
        if !seen.insert(*signer) {
            return Err(refused(Error::DuplicateSigner(*signer)));
        }
        if !signer.verify(&message, signature) {
            return Err(refused(Error::BadSignature { signer: *signer, build_hash }));
        }
    }
    let have = pairs.len();
    List::try_from(pairs).map_err(|_| {
        usage(format!(
            "{have} signatures are more than the {} a release can bring; leave some out",
            releases::MAX_SIGNERS
        ))
    })
}

fn manifest(description: &Description, artifact: Option<&ReleaseFile>) -> Result<Manifest, Failure> {
    let said = description.manifest();
    Ok(Manifest {
        sha256: agreed("--sha256", said.sha256, artifact.map(|artifact| artifact.sha256))?,
        size: agreed("--size", said.size, artifact.map(|artifact| artifact.size))?,
        notes: notes(description)?,
        ..said
    })
}

/// What was said, else what the file says; both must say the same.
fn agreed<T: PartialEq + Display>(option: &str, said: Option<T>, found: Option<T>) -> Result<Option<T>, Failure> {
    match (said, found) {
        (Some(said), Some(found)) if said != found => {
            Err(usage(format!("{option} is {said} and --artifact has {found}; leave {option} out")))
        }
        (said, found) => Ok(said.or(found)),
    }
}

fn notes(description: &Description) -> Result<Option<Text<16384>>, Failure> {
    let Some(file) = &description.notes else { return Ok(None) };
    let text = std::fs::read_to_string(file)
        .map_err(|error| usage(format!("the notes {} cannot be read: {error}; name a text file", file.display())))?;
    let too_long = |reason| usage(format!("the notes {} are too long: {reason}; shorten them", file.display()));
    text.parse().map(Some).map_err(too_long)
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{Digest, SecretKey};

    const HASH: BuildHash = BuildHash([0xab; 32]);

    fn signed(seed: u8, hash: BuildHash) -> ReleaseAttestation {
        let key = SecretKey::from_seed(&[seed; 32]);
        ReleaseAttestation { signer: key.public(), signature: key.sign(&hash.attestation_message()) }
    }

    #[test]
    fn each_signer_has_its_signature() {
        let ReleaseAttestation { signer, signature } = signed(1, HASH);
        assert_eq!(paired(&[signer], &[signature]).unwrap().len(), 1);
        let error = paired(&[signer], &[]).unwrap_err();
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
        assert!(other.to_json()["error"]["data"]["releases"]["bad_signature"].is_object(), "{}", other.to_json());
        assert_eq!(attested(HASH, vec![signed(1, HASH), signed(2, HASH)]).unwrap().len(), 2);
    }

    #[test]
    fn what_is_said_has_to_be_what_the_file_says() {
        let artifact = ReleaseFile { build_hash: HASH, sha256: Digest([2; 32]), size: 5, platform: None };
        assert_eq!(hash(None, Some(&artifact)).unwrap(), HASH);
        assert_eq!(hash(Some(HASH), None).unwrap(), HASH);
        assert_eq!(hash(Some(BuildHash([1; 32])), Some(&artifact)).unwrap_err().exit_code(), 2);
        assert_eq!(agreed("--size", None, Some(5)).unwrap(), Some(5));
        assert_eq!(agreed("--size", Some(4), Some(5)).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn h10_every_build_is_proposed_for_a_platform() {
        let arm: Platform = "aarch64-linux".parse().unwrap();
        let file = |platform| ReleaseFile { build_hash: HASH, sha256: Digest([2; 32]), size: 5, platform };
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
