//! The laws of what is said about releases (T4).

use crate::arbitrary;
use crate::network::*;
use parity_scale_codec::Encode;
use primitives::{BuildHash, Epoch, List, PublicKey};
use proptest::prelude::*;
use releases::{ApprovedRelease, Manifest, ReleaseVote, Target};
use runtime::Event;
use serde_json::{Value, json};
use state::{Apply, Enact, Memory, State};
use std::collections::BTreeSet;

const NEW: BuildHash = BuildHash([1; 32]);

/// Follows a block's facts one by one: what is said about each build after it, its signers signed for this network, and an
/// amendment leaves hash, number, standing and all else as they were.
pub fn h09_what_is_said_is_signed_and_an_amendment_changes_nothing_else(
    network: &Network,
    before: &Memory,
    done: &Done,
) {
    let mut state = State::over(before);
    let at = done.context.moment(&state);
    for fact in &done.executed.facts {
        let Ok(Event::Releases(event)) = &fact.outcome else { continue };
        if let releases::Event::Amended { builds } = event {
            builds.iter().for_each(|build| nothing_but_words_changes(&state, build));
        }
        event.apply(&mut state, at);
    }
    releases::queries::releases(&state).for_each(|build| is_signed(network, &build));
}

fn nothing_but_words_changes(state: &State, amended: &ApprovedRelease) {
    let was = releases::queries::release(state, &amended.build_hash).expect("what is amended was approved");
    let Target { sha256, size, .. } = was.target;
    let same = ApprovedRelease {
        target: Target { sha256, size, ..amended.target.clone() },
        manifest: was.manifest.clone(),
        long_parts: was.long_parts.clone(),
        amended: was.amended.clone(),
        ..amended.clone()
    };
    assert_eq!(same, was);
    assert_eq!(amended.manifest.end_of_support_epoch, was.manifest.end_of_support_epoch);
    assert_eq!(amended.manifest.level, was.manifest.level);
}

fn is_signed(network: &Network, build: &ApprovedRelease) {
    let Some(signed) = &build.manifest.signed_root else {
        return assert_eq!(build.manifest, Manifest::default(), "{} is described by nobody", build.build_hash);
    };
    assert_eq!(build.manifest_root(), Some(signed.root));
    let message = (b"the-block/manifest/v1", &network.genesis.chain.chain_id, signed.root).encode();
    let valid: BTreeSet<PublicKey> = signed
        .signatures
        .iter()
        .filter(|attestation| attestation.signer.verify(&message, &attestation.signature))
        .map(|attestation| attestation.signer)
        .collect();
    assert_eq!(valid.len(), signed.signatures.len());
    let in_force = |roster: releases::Roster| {
        valid.iter().all(|key| roster.signers.contains(key)) && valid.len() >= roster.threshold as usize
    };
    assert!(releases::queries::rosters(&network.state()).any(|record| in_force(record.roster)));
}

/// The manifest with signatures of its own for each further build.
fn attestable(network: &Network, mut manifest: Manifest) -> Manifest {
    let mut others = manifest.other_targets.into_inner();
    for other in &mut others {
        let Target { build_hash, platform, .. } = &other.target;
        other.signatures = attested(&network.genesis, *build_hash, platform, &[0, 1]);
    }
    manifest.other_targets = List::truncate_from(others);
    manifest
}

fn admitted(network: &Network, vote: &ReleaseVote) -> Result<(), releases::Error> {
    let motion = releases::Motion::Approve(Box::new(vote.clone()));
    motion.admit(&network.state(), network.moment(), Epoch(2))
}

/// Every place in a value where something else could stand.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| places(inner, &format!("{at}/{name}"), found)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, inner)| places(inner, &format!("{at}/{index}"), found));
            found.push(at.to_owned());
        }
        _ => found.push(at.to_owned()),
    }
}

/// The same with something else in one place, in every way that can be read.
fn others(manifest: &Manifest, place: &str) -> Vec<Manifest> {
    let whole = serde_json::to_value(manifest).unwrap();
    let instead = [
        Value::Null,
        json!([]),
        json!([{ "target": examples::target(), "signatures": [] }]),
        json!(7),
        json!("x"),
        json!("major"),
        json!("patch"),
        json!("low"),
        json!("critical"),
        json!("riscv64-linux"),
        json!("5e".repeat(32)),
    ];
    let put = |value: Value| {
        let mut changed = whole.clone();
        *changed.pointer_mut(place)? = value;
        serde_json::from_value::<Manifest>(changed).ok().filter(|changed| changed != manifest)
    };
    instead.into_iter().filter_map(put).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn h09_t04_a_signed_manifest_with_any_part_changed_is_refused(said in arbitrary::manifest()) {
        let network = Network::new(genesis());
        let said = attestable(&network, Manifest { signed_root: None, ..said });
        let vote = described(&network.genesis, release_vote(&network.genesis, NEW, 2), said.clone(), &[0, 1]);
        prop_assert_eq!(admitted(&network, &vote), Ok(()));
        let mut found = Vec::new();
        places(&serde_json::to_value(&said).unwrap(), "", &mut found);
        let is_said = |place: &String| !place.contains("/signature") && place != "/signed_root";
        let places: Vec<_> = found.into_iter().filter(is_said).collect();
        prop_assert!(places.len() >= 17, "{places:?}");
        for place in &places {
            let changed = others(&said, place);
            prop_assert!(!changed.is_empty(), "nothing else can stand at {place}");
            for other in changed {
                // Whoever changes it brings signatures over the builds that it names then, and those over all it said.
                let signed_root = vote.manifest.signed_root.clone();
                let manifest = Manifest { signed_root, ..attestable(&network, other) };
                let refused = admitted(&network, &ReleaseVote { manifest, ..vote.clone() });
                let mixed = matches!(
                    refused,
                    // Two builds of one hash, and an end of support that leaves no notice, are refused before.
                    Err(releases::Error::ManifestMixed { .. }
                        | releases::Error::DuplicateTarget(_)
                        | releases::Error::SupportEndsTooSoon { .. })
                );
                prop_assert!(mixed, "{place}: {refused:?}");
            }
        }
    }

    /// What is proven about a build is its record alone.
    #[test]
    fn h09_the_record_of_each_target_gives_the_root_that_was_signed(said in arbitrary::manifest()) {
        let network = Network::new(genesis());
        let vote = described(&network.genesis, release_vote(&network.genesis, NEW, 2), said, &[0, 1]);
        for target in vote.targets() {
            let record = ApprovedRelease {
                build_hash: target.build_hash,
                target,
                manifest: vote.manifest.brief(),
                long_parts: vote.manifest.long_parts(vote.build_hash, &vote.platform),
                ..examples::approved(releases::Standing::Active)
            };
            prop_assert_eq!(record.manifest_root(), Some(vote.manifest_root()));
        }
    }
}
