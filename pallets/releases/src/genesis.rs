//! What releases start from.

use crate::{
    ApprovedRelease, Event, LongParts, Manifest, ReleaseParams, Roster, RosterCause, RosterRecord, SigningDomain,
    Standing, Target,
};
use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, ChainId, Checker, Epoch, List};
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
}

impl ReleasesGenesis {
    /// What happens at height 0 of a network that begins with a level. The first builds need no vote and no signatures, because genesis
    /// itself is what all agree on, and count as of that level.
    pub fn events(&self, chain_id: &ChainId, level: u32) -> [Event; 3] {
        let (roster, threshold) = (self.roster.clone(), self.roster.threshold);
        let first = RosterRecord { roster, since: None, cause: RosterCause::Genesis, left: List::default() };
        [
            Event::ParamsSet { chain_id: chain_id.clone(), level, params: self.params.clone() },
            Event::RosterSet(first),
            Event::Approved {
                builds: self.approved.iter().map(|target| first_build(target, level)).collect(),
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
        self.check_roster(&mut checker);
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

fn first_build(target: &Target, level: u32) -> ApprovedRelease {
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
        manifest: Manifest::default(),
        signatures: Default::default(),
        signature_threshold: 0,
        signer_set: Default::default(),
        long_parts: LongParts::default(),
        support_end: None,
        amended: None,
    }
}
