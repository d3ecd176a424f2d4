//! What releases start from.

use crate::{
    ApprovedRelease, Event, LongParts, Manifest, ReleaseParams, Roster, RosterCause, RosterRecord, SigningDomain,
    Standing, Target,
};
use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, BuildHash, ChainId, Checker, Epoch, List};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// This pallet's part of a genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReleasesGenesis {
    /// The rules of releases.
    pub params: ReleaseParams,
    /// The release signers.
    pub roster: Roster,
    /// The builds that may run from the start.
    pub approved: Vec<Target>,
    /// What is said of them, at most once of each. Nobody signs it, because genesis itself is what all agree on; a build of which nothing
    /// is said may run all the same, and meets no check that asks what it was made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub manifests: Vec<FirstManifest>,
}

/// What genesis says of a build that it approves.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FirstManifest {
    /// Which build.
    pub build_hash: BuildHash,
    /// Its description, without [what stands elsewhere or comes by votes alone](Self::misplaced).
    pub manifest: Manifest,
}

impl FirstManifest {
    /// The first field of the description that is not for genesis to say, with what to do instead: length and SHA-256 stand with the
    /// build, further builds beside it, the level is that of the chain, and the rest comes by votes.
    pub fn misplaced(&self) -> Option<(&'static str, &'static str)> {
        let Manifest { sha256, size, other_targets, level, end_of_support_epoch, notes, signed_root, .. } =
            &self.manifest;
        let said = [
            ("sha256", sha256.is_some(), "say it where the build is approved"),
            ("size", size.is_some(), "say it where the build is approved"),
            ("other_targets", !other_targets.is_empty(), "approve those builds beside it"),
            ("level", level.is_some(), "the builds of genesis are of chain.level"),
            ("end_of_support_epoch", end_of_support_epoch.is_some(), "a vote sets it, once the network runs"),
            ("notes", notes.is_some(), "an amendment says them, once the network runs"),
            ("signed_root", signed_root.is_some(), "nobody signs what genesis says"),
        ];
        said.into_iter().find(|(_, is_said, _)| *is_said).map(|(field, _, instead)| (field, instead))
    }
}

impl ReleasesGenesis {
    /// What happens at height 0 of a network that begins with a level. The first builds need no vote and no signatures, because genesis
    /// itself is what all agree on, and count as of that level.
    pub fn events(&self, chain_id: &ChainId, level: u32) -> [Event; 3] {
        let (roster, threshold) = (self.roster.clone(), self.roster.threshold);
        let first = RosterRecord { roster, since: None, cause: RosterCause::Genesis, left: List::default() };
        [
            Event::ParamsSet { chain_id: chain_id.clone(), level, params: self.params.clone() },
            first.into(),
            Event::Approved {
                builds: self.approved.iter().map(|target| first_build(target, level, self.said_of(target))).collect(),
                superseded: Vec::new(),
                applied_threshold: threshold,
            },
        ]
    }

    /// What signatures over releases are bound to on a network of this name; none where no build is approved.
    pub fn signing_domain(&self, chain_id: &ChainId) -> Option<SigningDomain> {
        let first = self.approved.first()?;
        Some(SigningDomain { chain_id: chain_id.clone(), first_platform: first.platform.clone() })
    }

    /// What is said of a build; of one of which nothing is, the description that says nothing.
    fn said_of(&self, target: &Target) -> Manifest {
        let said = self.manifests.iter().find(|said| said.build_hash == target.build_hash);
        said.map(|said| said.manifest.clone()).unwrap_or_default()
    }

    /// Finds every mistake.
    pub fn check(&self, mut checker: Checker<'_>) {
        checker.require(self.params.notice_epochs >= 1, "params.notice_epochs", || {
            "is 0; operators would have no time to change a build that is revoked".into()
        });
        checker.require(self.params.reporter_stake > Amount::ZERO, "params.reporter_stake", || {
            "is 0; anybody could report on builds without end: name the least bond of a validator".into()
        });
        let some_needed = self.params.available_share.least(Amount(1_000_000)) > Amount::ZERO;
        checker.require(some_needed, "params.available_share", || {
            "is zero; a release would pass that nobody can fetch".into()
        });
        checker.require(!self.approved.is_empty(), "approved", || {
            "is empty; no node could boot: name the first build".into()
        });
        let hashes: BTreeSet<_> = self.approved.iter().map(|target| target.build_hash).collect();
        checker.require(hashes.len() == self.approved.len(), "approved", || "names a build twice".into());
        self.check_manifests(&hashes, &mut checker);
        self.check_roster(&mut checker);
    }

    fn check_manifests(&self, approved: &BTreeSet<BuildHash>, checker: &mut Checker<'_>) {
        let described: BTreeSet<_> = self.manifests.iter().map(|said| said.build_hash).collect();
        checker.require(described.len() == self.manifests.len(), "manifests", || "describe a build twice".into());
        for (index, said) in self.manifests.iter().enumerate() {
            let hash = said.build_hash;
            checker.require(approved.contains(&hash), &format!("manifests.{index}.build_hash"), || {
                format!("is {hash}, which is none of the approved builds; approve it, or leave its description out")
            });
            let misplaced = said.misplaced();
            let field = misplaced.map(|(field, _)| field).unwrap_or_default();
            checker.require(misplaced.is_none(), &format!("manifests.{index}.manifest.{field}"), || {
                let instead = misplaced.map(|(_, instead)| instead).unwrap_or_default();
                format!("is not for genesis to say here; leave it out: {instead}")
            });
        }
    }

    fn check_roster(&self, checker: &mut Checker<'_>) {
        let Roster { version, signers, threshold } = &self.roster;
        checker.require(*version == 1, "roster.version", || format!("is {version}; the first roster is 1"));
        let keys: BTreeSet<_> = signers.iter().collect();
        checker.require(keys.len() == signers.len(), "roster.signers", || "names a key twice".into());
        for (index, key) in signers.iter().enumerate() {
            checker.require(key.is_usable(), &format!("roster.signers.{index}"), || {
                format!("{key} is not a usable Ed25519 key")
            });
        }
        checker.require((1..=self.roster.size()).contains(threshold), "roster.threshold", || {
            format!("is {threshold}; it must be 1 to the number of signers ({})", signers.len())
        });
    }
}

fn first_build(target: &Target, level: u32, manifest: Manifest) -> ApprovedRelease {
    ApprovedRelease {
        build_hash: target.build_hash,
        proposal_id: None,
        proposer: None,
        activated_epoch: Epoch(0),
        activated: None,
        sequence: 1,
        level,
        standing: Standing::Active,
        target: target.clone(),
        manifest,
        signatures: Default::default(),
        signature_threshold: 0,
        signer_set: Default::default(),
        long_parts: LongParts::default(),
        support_end: None,
        amended: None,
    }
}
