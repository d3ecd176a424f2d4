//! Whether the release signers signed what a record says, asked again on this machine (T4, T11, T13, T14).
//!
//! The chain has asked the same. Asked again, a record that was mixed or changed on its way is found out, and so is one whose
//! signatures are for another network. Which keys are the roster's, and how many must sign, the record says itself: a rotation
//! leaves no proof behind that reaches back to genesis, so whoever decides blocks alone could name other keys. Against those the
//! signers that an operator names itself stand ([`Rules::trusted`]). What needs no signatures no record says: that stands in
//! genesis.

use super::authorize::Rules;
use super::error::UpdateError;
use primitives::{BuildHash, PublicKey};
use releases::{ApprovedRelease, Attestations, SignedRoot, SigningDomain, Target};
use std::collections::BTreeSet;

/// Counts the signatures on record, each key once: over the build and what it runs on, and over everything that is said of the
/// release. Builds of genesis have none, because genesis is what all agree on; of any other build, no record is taken that asks for
/// none. Where no network is known nothing counts that was signed for one.
///
/// # Errors
/// Too few signatures, some that are not for this network, and a record that says anything else than its signers signed.
pub(super) fn require_signed(hash: BuildHash, release: &ApprovedRelease, rules: &Rules) -> Result<(), UpdateError> {
    let domain = rules.domain.as_ref();
    let message = domain.map(|domain| domain.attestation_message(&release.build_hash, &release.target.platform));
    let have = message.map_or(0, |message| valid(&release.signatures, &release.signer_set, &message));
    let is_it = |first: &&Target| first.build_hash == hash && first.platform == release.target.platform;
    let first = rules.of_genesis.iter().find(is_it);
    require(hash, have, release.signature_threshold.max(u32::from(first.is_none())))?;
    match &release.manifest.signed_root {
        Some(signed) => require_said(hash, release, signed, domain),
        None => require_nothing_said(hash, release, first, rules),
    }
}

/// The record gives the root that was signed, on this network and by enough.
fn require_said(
    hash: BuildHash,
    release: &ApprovedRelease,
    signed: &SignedRoot,
    domain: Option<&SigningDomain>,
) -> Result<(), UpdateError> {
    if release.manifest_root() != Some(signed.root) {
        return Err(UpdateError::MixedRecord(hash));
    }
    let (signers, named) = release.manifest_quorum();
    let need = named.max(1);
    let there: BTreeSet<PublicKey> = signed.signatures.iter().map(|attestation| attestation.signer).collect();
    let there = there.iter().filter(|signer| signers.contains(signer)).count() as u32;
    let message = domain.map(|domain| domain.manifest_message(&signed.root));
    let have = message.map_or(0, |message| valid(&signed.signatures, signers, &message));
    // They would be enough, and are not over this here.
    if have < need && there >= need { Err(UpdateError::OtherDomain(hash)) } else { require(hash, have, need) }
}

/// A record that nobody signed as a whole says no more than hash and platform; of a build of genesis, exactly what genesis says.
fn require_nothing_said(
    hash: BuildHash,
    release: &ApprovedRelease,
    first: Option<&Target>,
    rules: &Rules,
) -> Result<(), UpdateError> {
    let is_of_genesis = first == Some(&release.target);
    let said = rules.said_in_genesis.iter().find(|said| first.is_some() && said.build_hash == hash);
    let is_as_said = said.map_or(release.manifest.is_bare(), |said| release.manifest == said.manifest);
    let is_bare = is_as_said && release.long_parts.notes.is_none();
    let is_silent = release.target.sha256.is_none() && release.target.size.is_none();
    let is_its_own = release.target.build_hash == release.build_hash;
    if is_bare && is_its_own && (is_of_genesis || is_silent) { Ok(()) } else { Err(UpdateError::MixedRecord(hash)) }
}

/// How many of these keys have a valid signature over a message.
fn valid(signatures: &Attestations, signers: &[PublicKey], message: &[u8]) -> u32 {
    let valid: BTreeSet<PublicKey> = signatures
        .iter()
        .filter(|attestation| signers.contains(&attestation.signer))
        .filter(|attestation| attestation.signer.verify(message, &attestation.signature))
        .map(|attestation| attestation.signer)
        .collect();
    valid.len() as u32
}

fn require(hash: BuildHash, have: u32, need: u32) -> Result<(), UpdateError> {
    if have < need { Err(UpdateError::QuorumMissing { hash, have, need }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{HASH, approval, described, domain, key, signatures};
    use primitives::{ChainPosition, Epoch, Height, ProposalId, Timestamp};
    use releases::{Amended, manifest_message};
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    fn bare() -> ApprovedRelease {
        approval(5, NOW).release.unwrap()
    }

    fn rules() -> Rules {
        Rules { domain: Some(domain()), ..Rules::default() }
    }

    fn refused(release: &ApprovedRelease) -> &'static str {
        refused_by(&rules(), release)
    }

    fn refused_by(rules: &Rules, release: &ApprovedRelease) -> &'static str {
        require_signed(HASH, release, rules).map_or_else(|error| error.code(), |()| "granted")
    }

    /// The record of a build that needs no signatures, as genesis approves it.
    fn unsigned() -> ApprovedRelease {
        ApprovedRelease {
            signatures: Default::default(),
            signature_threshold: 0,
            signer_set: Default::default(),
            ..bare()
        }
    }

    /// Every place in a value where something else could stand.
    fn places(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, inner)| places(inner, &format!("{at}/{name}"), found));
            }
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(index, inner)| places(inner, &format!("{at}/{index}"), found));
            }
            _ => found.push(at.to_owned()),
        }
    }

    #[test]
    fn what_is_signed_is_granted_with_and_without_a_description() {
        assert_eq!(refused(&bare()), "granted");
        assert_eq!(refused(&described()), "granted");
    }

    #[test]
    fn h09_only_what_stands_in_genesis_needs_no_signatures() {
        let forged = unsigned();
        assert_eq!(refused(&forged), "E_QUORUM", "whatever the record says of its threshold and its proposal");
        let with = |of_genesis: Target| Rules { of_genesis: vec![of_genesis], ..rules() };
        let genuine = with(forged.target.clone());
        assert_eq!(refused_by(&genuine, &forged), "granted");
        assert_eq!(refused_by(&Rules { domain: None, ..genuine.clone() }, &forged), "granted", "it is for no network");
        let other = Target { build_hash: BuildHash([1; 32]), ..forged.target.clone() };
        assert_eq!(refused_by(&with(other), &forged), "E_QUORUM", "another build of genesis");
        let elsewhere = Target { platform: "riscv64-linux".parse().unwrap(), ..forged.target.clone() };
        assert_eq!(refused_by(&with(elsewhere), &forged), "E_QUORUM", "for another machine");
        let mut sized = forged.clone();
        sized.target.size = Some(7);
        assert_eq!(refused_by(&genuine, &sized), "E_MIXMATCH", "genesis does not say that");
        assert_eq!(refused_by(&with(sized.target.clone()), &sized), "granted");
        let mut told = forged.clone();
        told.manifest.sbom_hash = Some(primitives::Digest([3; 32]));
        assert_eq!(refused_by(&genuine, &told), "E_MIXMATCH", "nor that");
        let said = releases::FirstManifest { build_hash: told.build_hash, manifest: told.manifest.clone() };
        let telling = Rules { said_in_genesis: vec![said], ..genuine.clone() };
        assert_eq!(refused_by(&telling, &told), "granted");
        assert_eq!(refused_by(&telling, &forged), "E_MIXMATCH", "a record that leaves out what genesis says");

        // What is said of it since, signers have signed, also where a record asks for none of them.
        let root =
            described().manifest.signed_root.map(|signed| SignedRoot { signatures: Default::default(), ..signed });
        let manifest = releases::Manifest { signed_root: root, ..described().manifest };
        let said = ApprovedRelease {
            signatures: Default::default(),
            signature_threshold: 0,
            signer_set: Default::default(),
            manifest,
            ..described()
        };
        assert_eq!(refused_by(&genuine, &said), "E_QUORUM");
    }

    #[test]
    fn h09_t04_a_record_of_which_anything_was_changed_is_refused() {
        let whole = serde_json::to_value(described()).unwrap();
        let mut found = Vec::new();
        for part in ["manifest", "target", "long_parts"] {
            places(&whole[part], &format!("/{part}"), &mut found);
        }
        found.retain(|place| !place.starts_with("/manifest/signed_root/signatures"));
        assert!(found.len() >= 22, "{found:?}");
        let instead = [Value::Null, json!(7), json!("x"), json!("major"), json!("low"), json!("5e".repeat(32))];
        for place in found {
            let put = |value: &Value| {
                let mut changed = whole.clone();
                *changed.pointer_mut(&place)? = value.clone();
                serde_json::from_value::<ApprovedRelease>(changed).ok().filter(|changed| *changed != described())
            };
            let changed: Vec<ApprovedRelease> = instead.iter().filter_map(put).collect();
            assert!(!changed.is_empty(), "nothing else can stand at {place}");
            for release in changed {
                let code = refused(&release);
                // What it runs on is also in what was signed about the build.
                assert!(code == "E_MIXMATCH" || (place == "/target/platform" && code == "E_QUORUM"), "{place}: {code}");
            }
        }
    }

    #[test]
    fn h09_t04_a_description_that_nobody_signed_is_refused() {
        let mut said = described();
        said.manifest.signed_root = None;
        assert_eq!(refused(&said), "E_MIXMATCH");
        let mut sized = bare();
        sized.target.size = Some(7);
        assert_eq!(refused(&sized), "E_MIXMATCH", "whether or not a proposal is named");
    }

    #[test]
    fn h09_t14_signatures_of_another_network_or_purpose_are_of_another_domain() {
        let with = |message: &[u8]| {
            let mut release = described();
            release.manifest.signed_root.as_mut().unwrap().signatures = signatures(&[1, 2], message);
            refused(&release)
        };
        let root = described().manifest_root().unwrap();
        assert_eq!(with(&domain().manifest_message(&root)), "granted");
        assert_eq!(with(&manifest_message(&"the-block-testnet".parse().unwrap(), &root)), "E_DOMAIN");
        assert_eq!(with(&HASH.attestation_message()), "E_DOMAIN");
        let elsewhere = SigningDomain { chain_id: "the-block-testnet".parse().unwrap(), ..domain() };
        let on = |domain| Rules { domain, ..Rules::default() };
        assert_eq!(refused_by(&on(Some(elsewhere)), &described()), "E_DOMAIN");
        assert_eq!(refused_by(&on(None), &described()), "E_QUORUM", "of no network");
    }

    #[test]
    fn h09_t11_t13_too_few_foreign_and_repeated_signatures_over_what_is_said_do_not_count() {
        let with = |by: &[u8]| {
            let mut release = described();
            let signed = release.manifest.signed_root.as_mut().unwrap();
            signed.signatures = signatures(by, &domain().manifest_message(&signed.root));
            refused(&release)
        };
        assert_eq!(with(&[2, 3]), "granted", "others than signed the build");
        assert_eq!(with(&[1]), "E_QUORUM");
        assert_eq!(with(&[1, 9]), "E_QUORUM");
        assert_eq!(with(&[]), "E_QUORUM");
        assert_eq!(with(&[1, 1]), "E_QUORUM");
    }

    #[test]
    fn h09_what_was_amended_counts_by_the_signers_of_the_amendment() {
        let amended = |signer_set: &[u8]| {
            let amended = Amended {
                proposal_id: ProposalId(8),
                at: ChainPosition { height: Height(70), epoch: Epoch(7), time: NOW },
                signature_threshold: 2,
                signer_set: signer_set.iter().map(|seed| key(*seed).public()).collect::<Vec<_>>().try_into().unwrap(),
            };
            refused(&ApprovedRelease { amended: Some(amended), ..described() })
        };
        assert_eq!(amended(&[1, 2, 7]), "granted");
        assert_eq!(amended(&[2, 7, 8]), "E_QUORUM", "those who signed the build sign no more");
    }

    #[test]
    fn h09_a_text_without_a_platform_is_about_no_build_for_another_one() {
        let here = bare();
        let first: releases::Platform = "riscv64-linux".parse().unwrap();
        let elsewhere = SigningDomain { first_platform: first, ..domain() };
        let there = Rules { domain: Some(elsewhere.clone()), ..Rules::default() };
        assert_eq!(refused_by(&there, &here), "E_QUORUM");
        let message = elsewhere.attestation_message(&HASH, &here.target.platform);
        let named = ApprovedRelease { signatures: signatures(&[1, 2], &message), ..here };
        assert_eq!(refused_by(&there, &named), "granted");
        assert_eq!(refused(&named), "E_QUORUM");
    }
}
