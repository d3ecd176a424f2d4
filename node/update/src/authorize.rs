//! Whether a release may be installed on this machine: what chain state proves about it, held against this machine's rules.

use super::error::UpdateError;
use super::journal::Journal;
use super::quorum::require_signed;
use crate::ending::end_warning;
use crate::release_file::host_platform;
use host::provenance::TrustedSigners;
use light::Proven;
use primitives::{BuildHash, Epoch, PublicKey, Signature, Timestamp};
use releases::queries::{Verdict, verdict};
use releases::{ApprovedRelease, MinimumSequence, SigningDomain, Stop, Target};
use std::time::Duration;

/// What chain state says about a build, proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The approval record; none when governance never approved the build.
    pub release: Option<ApprovedRelease>,
    /// The least sequence number that may run.
    pub minimum_sequence: MinimumSequence,
    /// The epoch in which it would run.
    pub epoch: Epoch,
    /// The time of the block under which it is proven, in milliseconds since 1970.
    pub time: Timestamp,
    /// How long no newer block was proven to this process, by a clock that nobody can set.
    pub unchanged_for: Duration,
}

/// The rules of this machine.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// What the signatures of release signers are bound to here; without it none of them counts.
    pub domain: Option<SigningDomain>,
    /// The release signers that this operator trusts.
    pub trusted: TrustedSigners,
    /// Signatures that were brought along beside those on record.
    pub signatures: Vec<(PublicKey, Signature)>,
    /// How old the newest proven block may be. None sets no bound: for looking, never for installing.
    pub most_age: Option<Duration>,
    /// How far the newest proven block may be ahead of the clock.
    pub drift: Duration,
    /// Whether a release older than the newest that was installed here is let through.
    pub allow_rollback: bool,
    /// Whether a build that failed here is let through.
    pub retry_bad: bool,
}

/// A release that may be installed here. There is no other way to get one than [`ensure_release_authorized`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized {
    target: Target,
    sequence: u64,
}

impl Rules {
    /// Holds the signatures on record, and those that were brought along, against the signers that this operator trusts.
    ///
    /// # Errors
    /// When one of them has not signed.
    pub fn require_trusted(&self, hash: BuildHash, release: Option<&ApprovedRelease>) -> Result<(), UpdateError> {
        let recorded = release.into_iter().flat_map(|release| release.signatures.iter());
        let recorded = recorded.map(|attestation| (attestation.signer, attestation.signature));
        let signatures: Vec<_> = recorded.chain(self.signatures.iter().copied()).collect();
        let platform = release.map_or_else(host_platform, |release| release.target.platform.clone());
        Ok(self.trusted.check(hash, platform.as_str(), &signatures)?)
    }
}

impl Authorized {
    /// The build.
    pub fn hash(&self) -> BuildHash {
        self.target.build_hash
    }

    /// What chain state says it is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The release's number.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }
}

impl From<Proven> for Approval {
    fn from(proven: Proven) -> Self {
        let Proven { header, epoch, release, minimum_sequence } = proven;
        Self { release, minimum_sequence, epoch, time: header.time, unchanged_for: Duration::ZERO }
    }
}

/// Decides whether a build may be installed here. `now` is this machine's clock; it can only make the answer stricter (T26).
///
/// # Errors
/// The first rule that is not met.
pub fn ensure_release_authorized(
    hash: BuildHash,
    approval: &Approval,
    rules: &Rules,
    journal: &Journal,
    now: Timestamp,
) -> Result<Authorized, UpdateError> {
    require_fresh(approval, rules, now)?;
    let release = require_approved(hash, approval)?;
    require_signed(hash, release, rules.domain.as_ref())?;
    rules.require_trusted(hash, Some(release))?;
    let (sequence, highest) = (release.sequence, journal.highest_sequence);
    if sequence < highest && !rules.allow_rollback {
        return Err(UpdateError::Rollback { hash, sequence, highest });
    }
    match journal.badness(&hash) {
        Some(bad) if !rules.retry_bad => Err(UpdateError::MarkedBad { hash, reason: bad.reason.clone() }),
        _ => Ok(Authorized { target: release.target.clone(), sequence }),
    }
}

impl Approval {
    /// Counts the signatures of the roster that the record brings, as far as there is a record.
    ///
    /// # Errors
    /// When they are too few, or the record says something else than they are over.
    pub fn require_signed(&self, hash: BuildHash, rules: &Rules) -> Result<(), UpdateError> {
        self.release.as_ref().map_or(Ok(()), |release| require_signed(hash, release, rules.domain.as_ref()))
    }

    /// How old this view of the chain is: by the block's time, and at least by how long it has not changed, so that a clock
    /// that is set back does not make it younger (T26).
    pub fn age(&self, now: Timestamp) -> Duration {
        Duration::from_millis(now.0.saturating_sub(self.time.0)).max(self.unchanged_for)
    }
}

/// Refuses a view of the chain that is not of the present (T3): old, or ahead of a clock that was set back.
fn require_fresh(approval: &Approval, rules: &Rules, now: Timestamp) -> Result<(), UpdateError> {
    let Some(most) = rules.most_age else { return Ok(()) };
    let age = approval.age(now);
    let ahead = Duration::from_millis(approval.time.0.saturating_sub(now.0));
    if age > most {
        return Err(UpdateError::Frozen { age_s: age.as_secs(), most_s: most.as_secs() });
    }
    if ahead > rules.drift { Err(UpdateError::ClockBehind { ahead_s: ahead.as_secs() }) } else { Ok(()) }
}

fn require_approved(hash: BuildHash, approval: &Approval) -> Result<&ApprovedRelease, UpdateError> {
    let judged = verdict(approval.release.as_ref(), &approval.minimum_sequence, approval.epoch);
    let refuse = |judged: Verdict| {
        let stop = Stop { epoch: approval.epoch, verdict: judged };
        Err(UpdateError::NotAuthorized(end_warning(&hash, &stop)))
    };
    let release = match (&approval.release, judged) {
        (Some(release), Verdict::Approved) if release.build_hash == hash => release,
        (
            Some(_),
            judged @ (Verdict::Revoked { .. } | Verdict::BelowMinimumSequence { .. } | Verdict::EndOfSupport { .. }),
        ) => {
            return refuse(judged);
        }
        _ => {
            let sentence = format!(
                "build {hash} is not approved by the chain state of epoch {}; list what is with `contract gov releases`",
                approval.epoch
            );
            return Err(UpdateError::NotAuthorized(sentence));
        }
    };
    // The date of a release stops installing; what runs goes on until governance ends its support.
    match release.installed_until() {
        Some(epoch) if approval.epoch >= epoch => Err(UpdateError::Expired { hash, epoch }),
        _ => Ok(release),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{HASH, approval, described, domain, key};
    use releases::{MinimumStep, ReleaseAttestation, Standing};

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    fn rules() -> Rules {
        let (most_age, drift) = (Some(Duration::from_secs(3600)), Duration::from_secs(10));
        Rules { domain: Some(domain()), most_age, drift, ..Rules::default() }
    }

    fn refused(change: impl FnOnce(&mut Approval, &mut Rules, &mut Journal)) -> &'static str {
        let (mut approval, mut rules, mut journal) = (approval(5, NOW), rules(), Journal::default());
        change(&mut approval, &mut rules, &mut journal);
        match ensure_release_authorized(HASH, &approval, &rules, &journal, NOW) {
            Ok(authorized) => {
                assert_eq!((authorized.hash(), authorized.sequence()), (HASH, 5));
                "granted"
            }
            Err(error) => error.code(),
        }
    }

    #[test]
    fn an_approved_signed_fresh_release_is_granted() {
        assert_eq!(refused(|_, _, _| {}), "granted");
    }

    #[test]
    fn t01_a_build_that_is_not_approved_is_refused() {
        assert_eq!(refused(|approval, _, _| approval.release = None), "E_NOT_APPROVED");
        let other = |approval: &mut Approval, _: &mut Rules, _: &mut Journal| {
            approval.release.as_mut().unwrap().build_hash = BuildHash([1; 32]);
        };
        assert_eq!(refused(other), "E_NOT_APPROVED");
    }

    #[test]
    fn t02_an_older_release_needs_an_explicit_word() {
        assert_eq!(refused(|_, _, journal| journal.highest_sequence = 6), "E_ROLLBACK");
        let allowed = refused(|_, rules, journal| {
            journal.highest_sequence = 6;
            rules.allow_rollback = true;
        });
        assert_eq!(allowed, "granted");
        assert_eq!(refused(|_, _, journal| journal.highest_sequence = 5), "granted", "the same one again");
    }

    #[test]
    fn t03_t26_neither_an_old_view_nor_a_clock_set_back_is_the_present() {
        assert_eq!(refused(|approval, _, _| approval.time = Timestamp(NOW.0 - 3_600_001)), "E_FREEZE");
        assert_eq!(refused(|approval, _, _| approval.time = Timestamp(NOW.0 - 3_600_000)), "granted");
        assert_eq!(refused(|approval, _, _| approval.time = Timestamp(NOW.0 + 10_001)), "E_CLOCK");
        let stuck = |approval: &mut Approval, _: &mut Rules, _: &mut Journal| {
            approval.unchanged_for = Duration::from_secs(3601);
        };
        assert_eq!(refused(stuck), "E_FREEZE", "whatever the clock says");
        let ten_years = 10 * 365 * 24 * 3_600_000;
        assert_eq!(refused(|approval, _, _| approval.time = Timestamp(NOW.0 + ten_years)), "E_CLOCK");
        assert_eq!(refused(|approval, _, _| approval.time = Timestamp(NOW.0 - ten_years)), "E_FREEZE");
    }

    #[test]
    fn t11_t13_too_few_foreign_and_repeated_signatures_do_not_count() {
        let with = |signatures: Vec<ReleaseAttestation>| {
            refused(|approval, _, _| {
                approval.release.as_mut().unwrap().signatures = signatures.try_into().unwrap();
            })
        };
        let signed = |seed: u8, hash: BuildHash| ReleaseAttestation {
            signer: key(seed).public(),
            signature: key(seed).sign(&hash.attestation_message()),
        };
        assert_eq!(with(vec![signed(1, HASH), signed(2, HASH)]), "granted");
        assert_eq!(with(vec![signed(1, HASH)]), "E_QUORUM");
        assert_eq!(with(vec![signed(1, HASH), signed(1, HASH)]), "E_QUORUM");
        assert_eq!(with(vec![signed(1, HASH), signed(9, HASH)]), "E_QUORUM");
        assert_eq!(with(vec![signed(1, HASH), signed(2, BuildHash([1; 32]))]), "E_QUORUM");
    }

    #[test]
    fn the_operators_own_signers_have_to_have_signed() {
        let trust = |seed: u8| TrustedSigners::parse("test", &key(seed).public().to_string()).unwrap();
        assert_eq!(refused(|_, rules, _| rules.trusted = trust(1)), "granted");
        assert_eq!(refused(|_, rules, _| rules.trusted = trust(8)), "E_PROVENANCE");
        let brought = refused(|_, rules, _| {
            rules.trusted = trust(8);
            rules.signatures = vec![(key(8).public(), key(8).sign(&HASH.attestation_message()))];
        });
        assert_eq!(brought, "granted");
    }

    #[test]
    fn t19_a_revoked_and_an_outlived_release_are_refused() {
        let revoked = refused(|approval, _, _| {
            let reason = "leaks keys".parse().unwrap();
            approval.release.as_mut().unwrap().standing = Standing::Revoked { reason, effective_epoch: approval.epoch };
        });
        assert_eq!(revoked, "E_NOT_APPROVED");
        let minimum = MinimumStep { sequence: 6, effective_epoch: Epoch(0) };
        assert_eq!(refused(|approval, _, _| approval.minimum_sequence = minimum.into()), "E_NOT_APPROVED");
        let ended = |approval: &mut Approval, _: &mut Rules, _: &mut Journal| {
            approval.release.as_mut().unwrap().support_end = Some(approval.epoch);
        };
        assert_eq!(refused(ended), "E_EXPIRED");
    }

    #[test]
    fn h09_t04_t14_what_is_said_is_authorised_as_it_was_signed() {
        let said = |change: fn(&mut ApprovedRelease)| {
            refused(|approval, _, _| {
                let mut release = described();
                change(&mut release);
                approval.release = Some(release);
            })
        };
        assert_eq!(said(|_| {}), "granted");
        assert_eq!(said(|release| release.manifest.source_hash = None), "E_MIXMATCH");
        assert_eq!(said(|release| release.target.size = Some(1)), "E_MIXMATCH");
        let elsewhere = refused(|approval, rules, _| {
            approval.release = Some(described());
            rules.domain.as_mut().unwrap().chain_id = "the-block-testnet".parse().unwrap();
        });
        assert_eq!(elsewhere, "E_DOMAIN");
    }

    #[test]
    fn t20_a_build_that_failed_here_is_not_tried_again_by_itself() {
        assert_eq!(refused(|_, _, journal| journal.mark_bad(HASH, "it crashed", NOW)), "E_MARKED_BAD");
        let again = refused(|_, rules, journal| {
            journal.mark_bad(HASH, "it crashed", NOW);
            rules.retry_bad = true;
        });
        assert_eq!(again, "granted");
    }
}
