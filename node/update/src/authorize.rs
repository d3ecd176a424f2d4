//! Whether a release may be installed on this machine: what chain state proves about it, held against this machine's rules.

use super::error::UpdateError;
use super::journal::Journal;
use super::quorum::require_signed;
use crate::ending::end_warning;
use crate::release_file::host_platform;
use host::provenance::TrustedSigners;
use light::{Fork, Proven};
use primitives::{BuildHash, Digest, Epoch, PublicKey, Reading, Signature, Timestamp};
use releases::queries::{Verdict, verdict};
use releases::{ApprovedRelease, FirstManifest, MinimumSequence, SigningDomain, Stop, Target};
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
    /// The builds that genesis approves, which need no signatures; without them every build does.
    pub of_genesis: Vec<Target>,
    /// What genesis says of them, which nobody signed either.
    pub said_in_genesis: Vec<FirstManifest>,
    /// The release signers that this operator trusts.
    pub trusted: TrustedSigners,
    /// Signatures that were brought along beside those on record.
    pub signatures: Vec<(PublicKey, Signature)>,
    /// How old the newest proven block may be. None sets no bound: for looking, never for installing.
    pub most_age: Option<Duration>,
    /// How far the newest proven block may be ahead of the clock, and the clock behind what was seen here before.
    pub drift: Duration,
    /// Whether a release older than the newest that was installed here is let through.
    pub allow_rollback: bool,
    /// Whether a build that failed here is let through.
    pub retry_bad: bool,
    /// The fork of the network that is known here (T30).
    pub fork: Option<Fork>,
}

/// A release that may be installed here. There is no other way to get one than [`ensure_release_authorized`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized {
    target: Target,
    source: Option<Digest>,
    level: Option<u32>,
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

    /// The digest of the sources that it was built from, as far as that is said.
    pub fn source(&self) -> Option<Digest> {
        self.source
    }

    /// The level that it knows, as far as that is said.
    pub fn level(&self) -> Option<u32> {
        self.level
    }

    /// The release's number.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }
}

impl From<Proven> for Approval {
    fn from(proven: Proven) -> Self {
        let Proven { header, epoch, release, minimum_sequence, .. } = proven;
        Self { release, minimum_sequence, epoch, time: header.time, unchanged_for: Duration::ZERO }
    }
}

/// Decides whether a build may be installed here. The reading of this machine's clock can only make the answer stricter (T26).
///
/// # Errors
/// The first rule that is not met.
pub fn ensure_release_authorized(
    hash: BuildHash,
    approval: &Approval,
    rules: &Rules,
    journal: &Journal,
    reading: Reading,
) -> Result<Authorized, UpdateError> {
    if let Some(fork) = &rules.fork {
        return Err(UpdateError::Forked(Box::new(fork.clone())));
    }
    require_fresh(approval, rules, reading)?;
    let release = require_approved(hash, approval)?;
    require_signed(hash, release, rules)?;
    rules.require_trusted(hash, Some(release))?;
    let (sequence, highest) = (release.sequence, journal.highest_sequence);
    if sequence < highest && !rules.allow_rollback {
        return Err(UpdateError::Rollback { hash, sequence, highest });
    }
    match journal.badness(&hash) {
        Some(bad) if !rules.retry_bad => Err(UpdateError::MarkedBad { hash, reason: bad.reason.clone() }),
        _ => {
            let (target, manifest) = (release.target.clone(), &release.manifest);
            Ok(Authorized { target, source: manifest.source_hash, level: manifest.level, sequence })
        }
    }
}

impl Approval {
    /// Counts the signatures of the roster that the record brings, as far as there is a record.
    ///
    /// # Errors
    /// When they are too few, or the record says something else than they are over.
    pub fn require_signed(&self, hash: BuildHash, rules: &Rules) -> Result<(), UpdateError> {
        self.release.as_ref().map_or(Ok(()), |release| require_signed(hash, release, rules))
    }

    /// How old this view of the chain is: by the block's time and the latest that was seen here, and at least by how long it has
    /// not changed, so that a clock that is set back does not make it younger (T26).
    pub fn age(&self, reading: Reading) -> Duration {
        Duration::from_millis(reading.age_ms(self.time)).max(self.unchanged_for)
    }

    /// What is said at half of the allowed age: the chain may be held back (T3).
    pub fn freeze_warning(&self, reading: Reading, most: Duration) -> Option<String> {
        let age = self.age(reading);
        (age > most / 2).then(|| {
            format!(
                "the newest proven block is {} s old; nothing is installed once it is {} s: check the peers and the clock",
                age.as_secs(),
                most.as_secs()
            )
        })
    }
}

/// Refuses a view of the chain that is not of the present (T3): old, or ahead of the clock; and a clock that was set back.
fn require_fresh(approval: &Approval, rules: &Rules, reading: Reading) -> Result<(), UpdateError> {
    let Some(most) = rules.most_age else { return Ok(()) };
    let age = approval.age(reading);
    if age > most {
        return Err(UpdateError::Frozen { age_s: age.as_secs(), most_s: most.as_secs() });
    }
    let ahead = Duration::from_millis(reading.ahead_ms(approval.time));
    if ahead > rules.drift {
        return Err(UpdateError::ClockBehind { ahead_s: ahead.as_secs() });
    }
    let behind = Duration::from_millis(reading.behind_ms());
    if behind > rules.drift { Err(UpdateError::ClockSetBack { behind_s: behind.as_secs() }) } else { Ok(()) }
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
    use host::clock::HomeClock;
    use host::config::Home;
    use primitives::{BlockHash, Height, List};
    use proptest::prelude::*;
    use releases::{MinimumStep, ReleaseAttestation, Standing};
    use runtime::Certificate;

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    fn rules() -> Rules {
        let (most_age, drift) = (Some(Duration::from_secs(3600)), Duration::from_secs(10));
        Rules { domain: Some(domain()), most_age, drift, ..Rules::default() }
    }

    fn refused(change: impl FnOnce(&mut Approval, &mut Rules, &mut Journal)) -> &'static str {
        let (mut approval, mut rules, mut journal) = (approval(5, NOW), rules(), Journal::default());
        change(&mut approval, &mut rules, &mut journal);
        decided(&approval, &rules, &journal, Reading::alone(NOW))
    }

    fn decided(approval: &Approval, rules: &Rules, journal: &Journal, reading: Reading) -> &'static str {
        match ensure_release_authorized(HASH, approval, rules, journal, reading) {
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
    fn h12_t03_t26_a_clock_that_was_set_back_installs_nothing_until_an_operator_confirms_it() {
        let dir = tempfile::tempdir().unwrap();
        let clock = HomeClock::of(&Home::at(dir.path()));
        // A view that stands still, asked about by one process after the other.
        let view = approval(5, NOW);
        let decide = |now: Timestamp| {
            decided(&view, &rules(), &Journal::default(), clock.read_at(now, Some(view.time)).unwrap())
        };
        assert_eq!(decide(NOW.plus(3_600_000)), "granted");
        assert_eq!(decide(NOW.plus(3_600_001)), "E_FREEZE");
        assert_eq!(decide(NOW), "E_FREEZE", "the clock set to the very time of the view");
        assert_eq!(decide(NOW.minus(3_600_000)), "E_FREEZE");
        // A view that moves does not help either: only whoever runs this machine knows which of the times was right.
        let fresh = approval(5, NOW.plus(1_000));
        let later = |now: Timestamp| {
            decided(&fresh, &rules(), &Journal::default(), clock.read_at(now, Some(fresh.time)).unwrap())
        };
        assert_eq!(later(NOW.plus(1_000)), "E_CLOCK");
        assert_eq!(later(NOW.plus(3_590_001)), "granted", "it is no further behind than clocks drift");
        assert_eq!(later(NOW.plus(3_590_000)), "E_CLOCK");
        clock.accept(NOW.plus(1_000)).unwrap();
        assert_eq!(later(NOW.plus(1_000)), "granted");
    }

    #[test]
    fn h12_t03_at_half_of_the_allowed_age_it_is_said() {
        let (view, hour) = (approval(5, NOW), Duration::from_secs(3600));
        let at = |passed: u64| view.freeze_warning(Reading::alone(NOW.plus(passed)), hour);
        assert_eq!(at(1_800_000), None);
        assert!(at(1_801_000).unwrap().contains("1801 s old; nothing is installed once it is 3600 s"));
        let seen = Reading { clock: NOW, latest: NOW.plus(1_801_000) };
        assert!(view.freeze_warning(seen, hour).is_some(), "whatever the clock says since");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn h12_t26_setting_a_clock_back_installs_nothing_that_was_refused(
            steps in prop::collection::vec((0..120_000u64, 0..120_000u64), 1..10),
            most in 0..60_000u64, drift in 0..10_000u64,
        ) {
            let dir = tempfile::tempdir().unwrap();
            let home = Home::at(dir.path());
            let rules = Rules {
                most_age: Some(Duration::from_millis(most)),
                drift: Duration::from_millis(drift),
                ..Rules::default()
            };
            let view = approval(5, NOW.plus(60_000));
            let mut refused_at: Option<Timestamp> = None;
            for (clock, block) in steps {
                let clock = NOW.plus(clock);
                // Other blocks are proven meanwhile, and each reading is that of a new process.
                let reading = HomeClock::of(&home).read_at(clock, Some(NOW.plus(block))).unwrap();
                if decided(&view, &rules, &Journal::default(), reading) == "granted" {
                    prop_assert!(refused_at.is_none_or(|at| clock > at), "at {}, refused at {:?}", clock, refused_at);
                } else {
                    refused_at = refused_at.max(Some(clock));
                }
            }
        }
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
    fn t30_nothing_is_installed_while_the_network_is_known_to_have_forked() {
        let decided = |block: u8| {
            let (block, signatures) = (BlockHash([block; 32]), List::default());
            Certificate { height: Height(9), round: 0, block, signatures }
        };
        let forked = refused(|_, rules, _| rules.fork = Fork::of(decided(1), decided(2)));
        assert_eq!(forked, "E_FORK");
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
