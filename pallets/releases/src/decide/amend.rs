//! When what is said about an approved release is corrected.
//!
//! Which builds it has and for which machines stays, because by that they took the place of others; so do their number and their
//! standing. What the builds know stays, which no word changes. A date by which it is no longer installed stays too: to bring that nearer
//! has a bar of its own. And what many signers said, no fewer of them say otherwise.

use crate::{
    Amended, ApprovedRelease, Error, Event, Manifest, Motion, RosterRecord, Target, attestation, queries, storage::*,
};
use primitives::{BuildHash, Epoch, Mandate, Moment};
use state::State;

/// A release, and what would be said about each of its builds.
struct Amendment {
    first: ApprovedRelease,
    builds: Vec<(ApprovedRelease, Target)>,
}

pub(super) fn admit(state: &State, now: Epoch, hash: &BuildHash, manifest: &Manifest) -> Result<(), Error> {
    let Amendment { first, .. } = amendment(state, hash, manifest)?;
    let record = queries::roster_record(state);
    let need = quorum(&first, &record, now);
    let Some(signed) = &manifest.signed_root else {
        return Err(Error::ManifestQuorumMissing { build_hash: first.build_hash, have: 0, need });
    };
    let root = manifest.root(first.build_hash, &first.target.platform);
    attestation::require_root(first.build_hash, manifest, root)?;
    attestation::require_known(&signed.signatures, &record.roster.signers)?;
    attestation::require_valid_root(&queries::signing_domain(state), first.build_hash, signed)?;
    attestation::require_said(first.build_hash, manifest, &record.signing(now), need)
}

/// Carries it out with the signatures that it passed with. Of two that were voted on together the first holds: the other was
/// about what is no longer said.
pub(super) fn enact(
    state: &State,
    at: Moment,
    hash: &BuildHash,
    manifest: &Manifest,
    mandate: &Mandate,
) -> Result<Event, Error> {
    let Amendment { first, builds } = amendment(state, hash, manifest)?;
    let amended = first.amended.as_ref().map(|amended| amended.at);
    if let Some(since) = amended.filter(|since| mandate.proposed.height < since.height) {
        return Err(Error::ManifestMoved { build_hash: *hash, since: since.epoch });
    }
    let record = queries::signed_under(state, mandate.proposed).record;
    let (signing, need) = (record.signing(mandate.passed), quorum(&first, &record, mandate.passed));
    attestation::require_said(first.build_hash, manifest, &signing, need)?;
    let said = manifest.counted(&signing).brief();
    let long_parts = manifest.long_parts(first.build_hash, &first.target.platform);
    let amended = Amended {
        proposal_id: mandate.proposal_id,
        at: at.position(),
        signature_threshold: need,
        signer_set: record.roster.signers,
    };
    let described = |(build, target): (ApprovedRelease, Target)| ApprovedRelease {
        target,
        manifest: said.clone(),
        long_parts: long_parts.clone(),
        amended: Some(amended.clone()),
        ..build
    };
    Ok(Event::Amended { builds: builds.into_iter().map(described).collect() })
}

/// How many keys of a roster must have signed by an epoch what is said of a release: as many as the roster asks for, and no
/// fewer than the release was approved with while there are so many that sign.
fn quorum(release: &ApprovedRelease, record: &RosterRecord, epoch: Epoch) -> u32 {
    let signing = attestation::number(record.signing(epoch).len());
    record.roster.threshold.max(release.signature_threshold.min(signing))
}

/// Whether a motion is an amendment for which by an epoch fewer keys sign than its release needs.
pub(super) fn falls_short(state: &State, motion: &Motion, record: &RosterRecord, epoch: Epoch) -> bool {
    let Motion::Amend { build_hash, manifest } = motion else { return false };
    let have = manifest.signed_by(&record.signing(epoch)).unwrap_or(0);
    APPROVED.get(state, build_hash).is_some_and(|release| have < quorum(&release, record, epoch))
}

/// The release of a build, when a manifest says something about exactly its builds and leaves level and end of support as they were.
fn amendment(state: &State, hash: &BuildHash, manifest: &Manifest) -> Result<Amendment, Error> {
    let build = APPROVED.get(state, hash).ok_or(Error::NotApproved(*hash))?;
    let hashes = BUILDS.get(state, &build.sequence).unwrap_or_default();
    let builds: Vec<ApprovedRelease> = hashes.iter().filter_map(|hash| APPROVED.get(state, hash)).collect();
    let first = builds.first().cloned().unwrap_or(build);
    let targets: Vec<Target> = manifest.targets(first.build_hash, &first.target.platform).collect();
    let said = |build: ApprovedRelease| {
        let is_it =
            |target: &&Target| target.build_hash == build.build_hash && target.platform == build.target.platform;
        let target = targets.iter().find(is_it)?.clone();
        Some((build, target))
    };
    let count = builds.len();
    let builds: Vec<(ApprovedRelease, Target)> = builds.into_iter().filter_map(said).collect();
    if builds.len() != count || targets.len() != count {
        return Err(Error::TargetsDiffer(first.build_hash));
    }
    if manifest.level != first.manifest.level {
        return Err(Error::LevelNotAmended(first.build_hash));
    }
    if manifest.end_of_support_epoch != first.manifest.end_of_support_epoch {
        return Err(Error::SupportNotAmended(first.build_hash));
    }
    Ok(Amendment { first, builds })
}
